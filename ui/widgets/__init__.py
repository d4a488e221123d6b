"""Widgets that show one thing each: they are given values, and know not where from."""
