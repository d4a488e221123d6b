"""Drawn figures of a report, by matplotlib."""
