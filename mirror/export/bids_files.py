"""The files of a BIDS dataset: JSON, and tables in which nothing is empty."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from mirror.columns import Column
from mirror.export.cells import RULE, guarded
from mirror.export.delimited import create

MISSING: Final = "n/a"
"""What stands where a value is undefined or unknown."""

TEXTS: Final = (
    f"{RULE}. A text n/a does so too. A tab, a line feed, a carriage return and a backslash are "
    "\\t, \\n, \\r and \\\\"
)
"""What is done to texts, in words for a reader of the file."""

_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a JSON object."""
    with create(path) as file:
        json.dump(value, file, ensure_ascii=False, indent=2)
        file.write("\n")


def write_table(path: Path, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Write a table; None, NaN and an empty text are missing."""
    with create(path) as file:
        file.write("\t".join(columns) + "\n")
        for row in rows:
            file.write("\t".join(map(_cell, row)) + "\n")


def _cell(value: object) -> str:
    if value in (None, "") or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    if isinstance(value, str):
        return (f"'{value}" if value == MISSING else guarded(value)).translate(_ESCAPES)
    return repr(value)


def label(text: str) -> str:
    """Letters and digits of a text, as names of files allow."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub("[^0-9a-zA-Z]", "", plain)


def described(columns: Mapping[str, Column]) -> dict[str, dict[str, object]]:
    """What the columns of a table mean, by the standard's own words for it."""
    return {name: _described(column) for name, column in columns.items()}


def _described(column: Column) -> dict[str, object]:
    said: dict[str, object] = {"Description": column.definition}
    if column.range:
        said["Description"] = f"{column.definition} ({column.range})"
    if column.units:
        said["Units"] = column.units
    if column.levels:
        said["Levels"] = dict(column.levels)
    return said
