"""Threads, clocks, optional imports, atomic files: nothing about movement."""
