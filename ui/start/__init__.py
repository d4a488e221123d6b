"""The start page: five ways into a session or a recording."""
