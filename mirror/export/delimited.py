"""CSV and TSV: a table of the timeline, one of the events, and their meaning in JSON.

``talk.csv`` holds the scores, ``talk.events.csv`` the events, and ``talk.csv.json`` the settings,
versions and the definition and unit of every column.
"""

import csv
import math
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from mirror.columns import EVENTS, FRAMES, LANDMARKS, TIMELINE, Column, definitions
from mirror.export.base import Format, Selection, create, events_path, write_json
from mirror.landmarks import Landmark, Pose
from mirror.timeline import COLUMNS

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")  # for a spreadsheet

FORMULA_RULE: Final = (  # the effect of `escape_formula`, for a reader of the file
    "A text that begins with = + - @ ' or with a tab or a line break stands after an apostrophe, "
    "so that no spreadsheet runs it: leave out one apostrophe at the start to have it as it was"
)


def escape_formula(text: str) -> str:
    """Return a text as a table's cell, so that no spreadsheet runs it as a formula."""
    return f"'{text}" if text.startswith((*FORMULA_STARTS, "'")) else text


def metadata_path(path: Path) -> Path:
    """Return the path of the JSON file that explains a table."""
    return path.with_name(f"{path.name}.json")


def write_metadata(
    selection: Selection, path: Path, tables: Mapping[str, Mapping[str, Column]]
) -> None:
    """Write the JSON file that explains a table and others next to it."""
    undefined = "An undefined value is an empty cell, and no zero"
    about = {"undefined": undefined, "texts": FORMULA_RULE, "tables": definitions(**tables)}
    write_json(metadata_path(path), selection.metadata(**about))


def _write(delimiter: str, selection: Selection, path: Path) -> None:
    with create(path) as file:
        scores = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        scores.writerow(COLUMNS)
        for row in selection.rows():
            values = (getattr(row, name) for name in COLUMNS)
            scores.writerow(
                "" if isinstance(value, float) and math.isnan(value) else value for value in values
            )
    with create(events_path(path)) as file:
        # Quoted, so that no other delimiter begins a cell within a text.
        events = csv.writer(
            file, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC
        )
        events.writerow(EVENTS)
        for event in selection.events():
            events.writerow((event.time_s, escape_formula(event.kind), escape_formula(event.text)))
    write_metadata(selection, path, {path.name: TIMELINE, events_path(path).name: EVENTS})


CSV, TSV = (
    Format(
        name,
        f".{name}",
        f"{words} table, for spreadsheets, R, {program}",
        partial(_write, delimiter),
        lambda path: (events_path(path), metadata_path(path)),
    )
    for name, words, program, delimiter in (
        ("csv", "Comma-separated", "Python", ","),
        ("tsv", "Tab-separated", "SPSS", "\t"),
    )
)

NAMES: Final = tuple(mark.name.lower() for mark in Landmark)  # of the landmarks, in their order

_LANDMARK_COLUMNS: Final[dict[str, Column]] = FRAMES | {
    f"{name}_{value}": column for name in NAMES for value, column in LANDMARKS.items()
}


def cell_writer(delimiter: str, missing: str) -> Callable[[Pose], str]:
    """Return a function that formats a pose's landmarks as cells, a delimiter before each."""
    count = len(NAMES) * len(LANDMARKS)
    undefined = f"{delimiter}{missing}" * count
    # Nine digits distinguish any two single-precision numbers.
    template = f"{delimiter}%.9g" * count
    return lambda pose: (
        undefined if pose.landmarks is None else template % tuple(pose.landmarks.ravel().tolist())
    )


def _write_landmarks(selection: Selection, path: Path) -> None:
    cells = cell_writer(",", "")
    with create(path) as file:
        file.write(",".join(_LANDMARK_COLUMNS) + "\n")
        for feed, pose in selection.poses():
            file.write(f"{feed},{pose.time!r},{pose.width},{pose.height}{cells(pose)}\n")
    write_metadata(selection, path, {path.name: _LANDMARK_COLUMNS})


LANDMARKS_CSV: Final = Format(
    "landmarks-csv",
    ".csv",
    "Landmarks of both people as a table, frame by frame",
    _write_landmarks,
    lambda path: (metadata_path(path),),
)
