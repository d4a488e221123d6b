"""The replay page: a recording shown again, marked, scored again and exported."""
