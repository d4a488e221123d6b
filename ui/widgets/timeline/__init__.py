"""The timeline widget: axes, data, painting, flags and interaction."""
