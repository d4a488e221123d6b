"""The start page: choose sources and options for a session, or a recording to open."""
