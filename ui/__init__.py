"""The Qt window: it shows what `mirror` finds and sends it commands, and computes nothing."""
