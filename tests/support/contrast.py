"""The contrast of two colours, for tests of what can be read and told apart."""

from __future__ import annotations


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, after WCAG 2.

    Parameters
    ----------
    first, second : str
        "#rrggbb", in either order.

    Returns
    -------
    float
        1 (equal luminance) to 21 (black and white). Text needs 4.5, large shapes 3.
    """
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Return the relative luminance of an sRGB colour, 0…1."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    """Undo the transfer curve of sRGB."""
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
