"""The page of a study: its dyads in a table, and the run that scores them."""
