"""Rendered people with a known script: the demo, and ground truth for tests and validation."""
