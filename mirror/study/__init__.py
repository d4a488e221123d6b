"""A corpus of dyads from one table: checked, scored in parallel, tested, reported and exported."""
