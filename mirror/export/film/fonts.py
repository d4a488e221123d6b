"""Typefaces of the film: its own, and one of the system's for what that one cannot write.

Its own is the one that matplotlib brings along, so that films look the same everywhere. It has no
letters for Chinese, Thai and many other writings, in which people may well be called something.
"""

from __future__ import annotations

import string
from functools import lru_cache
from pathlib import Path
from typing import Final

from matplotlib import get_data_path
from matplotlib.ft2font import FT2Font
from PIL import ImageFont

# A name stands in sentences of ours; one typeface writes the whole line.
_OURS: Final = frozenset(map(ord, string.ascii_letters + string.digits + " .,:+-—…°"))
_PLACEHOLDERS: Final = ("lastresort", "adobeblank")
"""Typefaces that claim every letter there is and write none."""


def own(*, bold: bool) -> str:
    """The file of the film's own typeface."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return str(Path(get_data_path(), "fonts", "ttf", name))


def file_for(text: str, *, bold: bool) -> str:
    """The file of a typeface that has every letter of a text; the film's own where none does."""
    missing = frozenset(map(ord, text)) - _letters_of_own(bold=bold) - {0x200B, 0x200D, 0xFE0F}
    return (missing and _of_the_system(missing, bold=bold)) or own(bold=bold)


@lru_cache
def _letters_of_own(*, bold: bool) -> frozenset[int]:
    return frozenset(FT2Font(own(bold=bold)).get_charmap())


@lru_cache(maxsize=64)
def _of_the_system(missing: frozenset[int], *, bold: bool) -> str | None:
    """One of the installed typefaces that has these letters, and ours; None where there is none."""
    # It takes a while, and hardly any film needs it.
    from matplotlib.font_manager import findSystemFonts

    def order(path: str) -> tuple[bool, bool, str]:
        name = Path(path).name.lower()
        return ("bold" in name) != bold, "italic" in name or "oblique" in name, name

    wanted = missing | _OURS
    return next((path for path in sorted(findSystemFonts(), key=order) if _has(path, wanted)), None)


def _has(path: str, wanted: frozenset[int]) -> bool:
    if Path(path).name.lower().startswith(_PLACEHOLDERS):
        return False
    try:
        ImageFont.truetype(path, 16)  # refuses pictures in place of outlines
        return wanted <= FT2Font(path).get_charmap().keys()
    except (OSError, RuntimeError):  # a damaged file among them
        return False
