"""What a page is made of, before it is HTML or paper."""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_UNFIT: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of all text after them."""


@dataclass(frozen=True, slots=True)
class Data:
    """The numbers behind a figure, for other programs.

    Attributes
    ----------
    name : str
        Of the file, such as "timeline.csv".
    head : sequence of str
        Names of the columns, with their units.
    rows : sequence of sequences
        Text and numbers; NaN is undefined.
    """

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[str | float]]

    def csv(self) -> str:
        """As CSV, in full precision; undefined values are empty."""
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
    """A figure.

    Attributes
    ----------
    title : str
    meaning : str
        How to read it, in a sentence or two.
    alternative : str
        What it shows in words, for those who cannot see it.
    svg : str
        The ``<svg>`` element, with the title and the alternative in it.
    narrow : str
        Another one for a narrow screen; "" where the first serves.
    data : Data or None
    """

    title: str
    meaning: str
    alternative: str
    svg: str
    narrow: str = ""
    data: Data | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Small figures, side by side where there is room."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text; `kind` is "" or "aside" for what is said in small print."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Points, one below the other."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes
    ----------
    caption : str
    head : tuple of str
        What the columns are; the first names the rows.
    rows : tuple of tuples of str
    words : int
        How many columns, from the left, hold words; in the others numbers stand to the right.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what they are."""

    items: tuple[tuple[str, str], ...]


Part = Paragraph | Listing | Table | Facts | Figure | Figures


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A page.

    Attributes
    ----------
    title : str
    subtitle : str
    sections : tuple of Section
    """

    title: str
    subtitle: str
    sections: tuple[Section, ...]


def cleaned(text: str) -> str:
    """Somebody's text without what no file can hold, and what would disturb the text around it.

    Control characters become spaces, halves of characters question marks; marks that turn the
    direction of writing are left out.
    """
    whole = _UNFIT.sub("", text).encode("utf-8", "replace").decode("utf-8")
    return "".join(" " if unicodedata.category(each) == "Cc" else each for each in whole).strip()
