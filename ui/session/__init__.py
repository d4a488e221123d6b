"""The session page: a running session and its controls."""
