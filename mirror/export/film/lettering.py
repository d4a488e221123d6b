"""Text in the film: matplotlib's own font, or a system font for other scripts.

With matplotlib's font films look the same on every computer, but it has no letters for Chinese,
Thai and many other scripts, in which names may be written.
"""

import string
import unicodedata
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

# One font draws a whole line if it can, and names stand in English sentences.
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
    x = align * (box.width - _length(text, size, bold=bold))
    patch = Image.fromarray(image[box.slices])
    for part, face in _parts(text, size, bold=bold):
        ImageDraw.Draw(patch).text((x, box.height / 2), part, colour, face, anchor="lm")
        x += face.getlength(part)
    image[box.slices] = np.asarray(patch)


def elide(text: str, width: float, size: int, *, bold: bool = False) -> str:
    """Return a text in one line, with an ellipsis if it is wider than `width` pixels."""
    whole = " ".join(text.split())
    shown = whole
    while shown and _length(shown if shown == whole else f"{shown}…", size, bold=bold) > width:
        shown = shown[:-1]
    return shown if shown == whole else f"{shown}…"


def fonts_of(text: str, size: int) -> list[tuple[str, str, float]]:
    """Return a text in parts, with a font that has its letters ("" if none has) and the width."""
    return [
        (part, str(face.getname()[0]) if _covers(face, part) else "", face.getlength(part))
        for part, face in _parts(text, size, bold=False)
    ]


def _length(text: str, size: int, *, bold: bool) -> float:
    return sum(face.getlength(part) for part, face in _parts(text, size, bold=bold))


def _parts(text: str, size: int, *, bold: bool) -> list[tuple[str, ImageFont.FreeTypeFont]]:
    """Return a text in parts with a font each; a single one if a font has all letters."""
    whole = font(text, size, bold=bold)
    if _covers(whole, text):
        return [(text, whole)]
    parts: list[tuple[str, ImageFont.FreeTypeFont]] = []
    for letter in text:
        face = font(letter, size, bold=bold)
        joins = ord(letter) in _JOINERS or unicodedata.combining(letter)
        last, before = parts[-1] if parts else ("", face)
        alike = before.path == face.path and _covers(face, last) == _covers(face, letter)
        if parts and (joins or alike):
            parts.pop()
            letter, face = last + letter, before  # noqa: PLW2901
        parts.append((letter, face))
    return parts


def _covers(face: ImageFont.FreeTypeFont, text: str) -> bool:
    return frozenset(map(ord, text)) - _JOINERS <= _letters(str(face.path))


def font(text: str, size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Return a font of `size` pixels that has all letters of a text, if there is one."""
    default = str(Path(get_data_path(), "fonts", "ttf", f"DejaVuSans{'-Bold' if bold else ''}.ttf"))
    missing = frozenset(map(ord, text)) - _letters(default) - _JOINERS
    found = missing and _system_font(missing | _ENGLISH, bold=bold)
    if missing and not found and len(text) == 1:
        found = _system_font(missing, bold=bold)
    return _load(found or default, size)


@lru_cache(maxsize=32)
def _load(file: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(file, size)


@lru_cache
def _letters(file: str) -> frozenset[int]:
    return frozenset(FT2Font(file).get_charmap())


@lru_cache(maxsize=64)
def _system_font(letters: frozenset[int], *, bold: bool) -> str | None:
    """Return an installed font that has these letters; None without one."""
    # Slow to import, and rarely needed.
    from matplotlib.font_manager import findSystemFonts

    def order(path: str) -> tuple[bool, bool, str]:
        name = Path(path).name.lower()
        return ("bold" in name) != bold, "italic" in name or "oblique" in name, name

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
