"""A live or offline run, from sources to outputs."""
