"""Text in the film: matplotlib's own font, or a system font for other scripts.

With matplotlib's font films look the same on every computer, but it has no letters for Chinese,
Thai and many other scripts, in which names may be written.
"""

from __future__ import annotations

import string
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib import get_data_path
from matplotlib.ft2font import FT2Font
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from mirror.colours import Rgb
from mirror.export.film.layout import Box

# One font draws a whole line, and names stand in English sentences.
_ENGLISH: Final = frozenset(map(ord, string.ascii_letters + string.digits + " .,:+-—…°"))
_PLACEHOLDER_FONTS: Final = ("lastresort", "adobeblank")  # they map every letter and draw none
_JOINERS: Final = {0x200B, 0x200D, 0xFE0F}


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
    """Write a line of text into a box of an image [height, width, 3], elided if it is too long.

    `size` is that of the font, pixels; `align` is 0 for left, 0.5 for centred and 1 for right.
    """
    text = elide(text, box.width, size, bold=bold)
    face = font(text, size, bold=bold)
    x = align * (box.width - face.getlength(text))
    patch = Image.fromarray(image[box.slices])
    ImageDraw.Draw(patch).text((x, box.height / 2), text, colour, face, anchor="lm")
    image[box.slices] = np.asarray(patch)


def elide(text: str, width: float, size: int, *, bold: bool = False) -> str:
    """Return a text in one line, with an ellipsis if it is wider than `width` pixels."""
    whole = " ".join(text.split())
    measure = font(whole, size, bold=bold).getlength
    shown = whole
    while shown and measure(shown if shown == whole else f"{shown}…") > width:
        shown = shown[:-1]
    return shown if shown == whole else f"{shown}…"


def font(text: str, size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Return a font of `size` pixels that has all letters of a text, if there is one."""
    default = str(Path(get_data_path(), "fonts", "ttf", f"DejaVuSans{'-Bold' if bold else ''}.ttf"))
    missing = frozenset(map(ord, text)) - _letters(default) - _JOINERS
    return _load((missing and _system_font(missing, bold=bold)) or default, size)


@lru_cache(maxsize=32)
def _load(file: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(file, size)


@lru_cache
def _letters(file: str) -> frozenset[int]:
    return frozenset(FT2Font(file).get_charmap())


@lru_cache(maxsize=64)
def _system_font(missing: frozenset[int], *, bold: bool) -> str | None:
    """Return an installed font that has these letters and English; None without one."""
    # Slow to import, and rarely needed.
    from matplotlib.font_manager import findSystemFonts

    def order(path: str) -> tuple[bool, bool, str]:
        name = Path(path).name.lower()
        return ("bold" in name) != bold, "italic" in name or "oblique" in name, name

    letters = missing | _ENGLISH
    paths = sorted(findSystemFonts(), key=order)
    return next((path for path in paths if _has_letters(path, letters)), None)


def _has_letters(path: str, letters: frozenset[int]) -> bool:
    if Path(path).name.lower().startswith(_PLACEHOLDER_FONTS):
        return False
    try:
        ImageFont.truetype(path, 16)  # rejects bitmap fonts
        return letters <= FT2Font(path).get_charmap().keys()
    except (OSError, RuntimeError):  # damaged files among them
        return False
