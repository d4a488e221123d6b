"""Threads, garbage collection, exceptions and signals under Qt."""
