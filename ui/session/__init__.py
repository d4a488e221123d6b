"""The session page: what two people's movement is like right now, and what to do about it."""
