"""Afterwards: surrogates, relative phase, shared rhythms, published methods."""
