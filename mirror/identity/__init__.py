"""Two people in one picture: who is where, and who is who."""
