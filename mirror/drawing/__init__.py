"""What rendered people are made of: looks, paint, and the painted parts."""
