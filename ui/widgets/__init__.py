"""Widgets that show values they are given."""
