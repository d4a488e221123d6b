"""The summary page: figures of a session, and of the pair's earlier ones."""
