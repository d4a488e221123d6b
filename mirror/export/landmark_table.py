"""Landmarks as a table: one row per frame, with x, y, z and visibility of all 33."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from mirror.columns import FRAMES, LANDMARKS, Column
from mirror.export.base import Format, Selection, create
from mirror.export.delimited import metadata_path, write_metadata
from mirror.landmarks import Landmark, Pose

NAMES: Final = tuple(mark.name.lower() for mark in Landmark)
"""Names of the landmarks, in their order."""

COLUMNS: Final[dict[str, Column]] = FRAMES | {
    f"{name}_{value}": column for name in NAMES for value, column in LANDMARKS.items()
}
"""Columns of the table, in their order."""


def cell_writer(delimiter: str, missing: str) -> Callable[[Pose], str]:
    """Return a function that formats a pose's landmarks as cells, a delimiter before each."""
    count = len(NAMES) * len(LANDMARKS)
    undefined = f"{delimiter}{missing}" * count
    # Nine digits distinguish any two single-precision numbers.
    template = f"{delimiter}%.9g" * count

    def cells(pose: Pose) -> str:
        if pose.landmarks is None:
            return undefined
        return template % tuple(pose.landmarks.ravel().tolist())

    return cells


def _write(selection: Selection, path: Path) -> None:
    cells = cell_writer(",", "")
    with create(path) as file:
        file.write(",".join(COLUMNS) + "\n")
        for feed, pose in selection.poses():
            file.write(f"{feed},{pose.time!r},{pose.width},{pose.height}{cells(pose)}\n")
    write_metadata(selection, path, {path.name: COLUMNS})


LANDMARKS_CSV: Final = Format(
    "landmarks-csv",
    ".csv",
    "Landmarks of both people as a table, frame by frame",
    _write,
    lambda path: (metadata_path(path),),
)
