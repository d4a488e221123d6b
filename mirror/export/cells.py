"""Texts in tables that a spreadsheet may open: none of them runs as a formula."""

from __future__ import annotations

from typing import Final

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a text begins that a spreadsheet may take for a formula."""

RULE: Final = (
    "A text that begins with = + - @ ' or with a tab or a line break stands after an apostrophe, "
    "so that no spreadsheet runs it: leave out one apostrophe at the start to have it as it was"
)
"""What is done to texts, in words for a reader of the file."""


def guarded(text: str) -> str:
    """The text as a cell of a table holds it."""
    return f"'{text}" if text.startswith((*FORMULA, "'")) else text
