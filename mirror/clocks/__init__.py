"""Two clocks made one: two videos by their sound, two cameras by one person's movement."""
