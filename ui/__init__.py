"""The Qt window: displays and controls sessions and recordings of `mirror`; computes nothing."""
