"""CSV and TSV: the timeline in a table, the events in another, and what they mean in JSON.

``talk.csv`` holds the scores; beside it, ``talk.events.csv`` the events, and ``talk.csv.json`` the
settings, versions and the definition and unit of every column.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final, TextIO

from mirror.columns import EVENTS, TIMELINE, Column, definitions
from mirror.export.base import Format
from mirror.export.cells import RULE, guarded
from mirror.export.part import Part
from mirror.timeline import COLUMNS


def _events(path: Path) -> Path:
    return path.with_name(f"{path.stem}.events{path.suffix}")


def about_path(path: Path) -> Path:
    """Where what a table means is said, beside it."""
    return path.with_name(f"{path.name}.json")


def _beside(path: Path) -> tuple[Path, ...]:
    return _events(path), about_path(path)


def create(path: Path) -> TextIO:
    """A new file for a text or a table."""
    # Half a character, as JSON may hold it, is no text.
    return path.open("x", encoding="utf-8", errors="replace", newline="")


def write_about(part: Part, path: Path, tables: Mapping[str, Mapping[str, Column]]) -> None:
    """Say in JSON what the tables beside it mean."""
    about = part.about(
        undefined="An undefined value is an empty cell, and no zero",
        texts=RULE,
        tables=definitions(**tables),
    )
    with create(path) as file:
        json.dump(about, file, ensure_ascii=False, indent=2)
        file.write("\n")


def _write(delimiter: str, part: Part, path: Path) -> None:
    with create(path) as file:
        plain = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        plain.writerow(COLUMNS)
        for row in part.rows():
            values = (getattr(row, name) for name in COLUMNS)
            plain.writerow(
                "" if isinstance(value, float) and math.isnan(value) else value for value in values
            )
    with create(_events(path)) as file:
        # Quoted, so that no other delimiter begins a cell within a text.
        quoted = csv.writer(
            file, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC
        )
        quoted.writerow(EVENTS)
        for event in part.events():
            quoted.writerow((event.time_s, guarded(event.kind), guarded(event.text)))
    write_about(part, about_path(path), {path.name: TIMELINE, _events(path).name: EVENTS})


CSV: Final = Format(
    "csv",
    ".csv",
    "Comma-separated table, for spreadsheets, R, Python",
    partial(_write, ","),
    _beside,
)
TSV: Final = Format(
    "tsv", ".tsv", "Tab-separated table, for spreadsheets, R, SPSS", partial(_write, "\t"), _beside
)
