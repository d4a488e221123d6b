"""Goals and exercises: what two people set out to do, and for how long they did it."""
