"""Goals and exercises in the window."""
