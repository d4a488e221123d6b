"""Feedback for a trainer during a session: a full-screen meter and a tone."""
