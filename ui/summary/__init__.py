"""The summary page: what a session was like, in figures, and beside the pair's earlier ones."""
