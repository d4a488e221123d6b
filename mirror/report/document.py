"""The parts of a page, to be written as HTML or PDF."""

import csv
import io
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mirror._support.jsonable import encodable

# Controls of the direction of what follows, byte order marks, and noncharacters within a plane.
_REMOVED: Final = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff\ufdd0-\ufdef]")


@dataclass(frozen=True, slots=True)
class Data:
    """The numbers of a figure; `name` is a file name, and NaN is undefined."""

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[str | float]]

    def csv(self) -> str:
        """Return the CSV text, in full precision; undefined values are empty."""
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(self.head)
        writer.writerows(
            ["" if isinstance(each, float) and math.isnan(each) else each for each in row]
            for row in self.rows
        )
        return file.getvalue()


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure."""

    title: str
    meaning: str  # how to read it, in a sentence or two
    alternative: str  # text alternative: what the figure shows
    svg: str  # the ``<svg>`` element, with the title and the alternative in it
    narrow: str = ""  # another one for a narrow screen; "" where the first serves
    data: Data | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Small figures, side by side where there is room."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text; `kind` is a CSS class: "" or "aside" (small), "verdict" or "verdict failed"."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A bulleted list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose first column names the rows.

    The first `words` columns are text; the others are right-aligned numbers.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values."""

    items: tuple[tuple[str, str], ...]


Part = Paragraph | Listing | Table | Facts | Figure | Figures


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the parts below it."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A page."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]


def clean_text(text: str) -> str:
    """Return a user's text without characters that files cannot hold or that affect other text.

    Control characters become spaces, unpaired surrogates question marks; controls of the text
    direction and noncharacters are removed.
    """
    kept = [each for each in encodable(_REMOVED.sub("", text)) if ord(each) & 0xFFFE != 0xFFFE]
    return "".join(" " if unicodedata.category(each) == "Cc" else each for each in kept).strip()
