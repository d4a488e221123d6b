"""Rendered people who move by a known script: the demo, and ground truth for validation."""
