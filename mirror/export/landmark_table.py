"""Landmarks as a table: one row a picture, with x, y, z and visibility of all 33.

What the columns mean is said in JSON beside it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from mirror.columns import FRAMES, LANDMARKS, Column
from mirror.export.base import Format
from mirror.export.delimited import about_path, create, write_about
from mirror.export.part import Part
from mirror.landmarks import Landmark

NAMES: Final = tuple(mark.name.lower() for mark in Landmark)
"""The landmarks, in their order."""

COLUMNS: Final[dict[str, Column]] = FRAMES | {
    f"{name}_{value}": column for name in NAMES for value, column in LANDMARKS.items()
}
"""The columns of the table, in their order."""

_NOBODY: Final = "," * (len(COLUMNS) - len(FRAMES))
# Nine digits tell any two single-precision numbers apart.
_SOMEBODY: Final = ",%.9g" * (len(COLUMNS) - len(FRAMES))


def _beside(path: Path) -> tuple[Path, ...]:
    return (about_path(path),)


def _write(part: Part, path: Path) -> None:
    with create(path) as file:
        file.write(",".join(COLUMNS) + "\n")
        for feed, pose in part.poses():
            file.write(f"{feed},{pose.time!r},{pose.width},{pose.height}")
            if pose.landmarks is None:
                file.write(_NOBODY)
            else:
                file.write(_SOMEBODY % tuple(pose.landmarks.ravel().tolist()))
            file.write("\n")
    write_about(part, about_path(path), {path.name: COLUMNS})


LANDMARKS_CSV: Final = Format(
    "landmarks-csv",
    ".csv",
    "Landmarks of both people as a table, picture by picture",
    _write,
    _beside,
)
