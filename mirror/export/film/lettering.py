"""Text in the film."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from mirror.colours import Rgb
from mirror.export.film.fonts import file_for
from mirror.export.film.layout import Box


def font(text: str, size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """The typeface for a text, so many pixels high."""
    return _loaded(file_for(text, bold=bold), size)


@lru_cache(maxsize=32)
def _loaded(file: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(file, size)


def fitting(text: str, width: float, size: int, *, bold: bool = False) -> str:
    """The text, cut with an ellipsis where it is wider than so many pixels."""
    # One line: a name may hold anything.
    whole = " ".join(text.split())
    measure = font(whole, size, bold=bold).getlength
    shown = whole
    while shown and measure(shown if shown == whole else f"{shown}…") > width:
        shown = shown[:-1]
    return shown if shown == whole else f"{shown}…"


def write(
    image: NDArray[np.uint8],
    box: Box,
    text: str,
    size: int,
    colour: Rgb,
    *,
    bold: bool = False,
    align: float = 0.0,
) -> None:
    """Write a line of text into a box; its height is centred.

    Parameters
    ----------
    image : ndarray, uint8 [height, width, 3]
    box : Box
    text : str
        Cut where it is too long.
    size : int
        Of the type, pixels.
    colour : (int, int, int)
    bold : bool
    align : float
        0 for left, 0.5 for centred, 1 for right.
    """
    text = fitting(text, box.width, size, bold=bold)
    face = font(text, size, bold=bold)
    x = align * (box.width - face.getlength(text))
    patch = Image.fromarray(image[box.part])
    ImageDraw.Draw(patch).text((x, box.height / 2), text, colour, face, anchor="lm")
    image[box.part] = np.asarray(patch)
