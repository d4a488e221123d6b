"""For the trainer who coaches live: one meter across the room, and a tone."""
