"""Exports: a recording's timeline in the formats of other tools."""

from __future__ import annotations

import csv
import math
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from mirror.errors import ExportError
from mirror.recording import Recording
from mirror.timeline import COLUMNS


def _csv(recording: Recording, file: TextIO) -> None:
    """One row a hop under a header; undefined values are empty, numbers in full precision."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in recording.timeline():
        values = (getattr(row, name) for name in COLUMNS)
        writer.writerow(
            "" if isinstance(value, float) and math.isnan(value) else value for value in values
        )


FORMATS: dict[str, Callable[[Recording, TextIO], None]] = {"csv": _csv}
"""Writers by the name that ``mirror export --to`` takes."""


def export(recording: Recording, kind: str, path: Path, *, replace: bool = False) -> None:
    """Write a recording's timeline to a file, whole or not at all.

    Parameters
    ----------
    recording : Recording
    kind : str
        One of `FORMATS`.
    path : Path
        The file to make.
    replace : bool
        Whether a file that exists is replaced.

    Raises
    ------
    ExportError
        Where the format is unknown, the file exists, or it cannot be written.
    """
    if kind not in FORMATS:
        raise ExportError(f"there is no export format {kind!r}; known are {', '.join(FORMATS)}")
    try:
        if path.is_dir():
            raise ExportError(f"{path} is a folder; name a file in it")
        path = path.resolve()  # the file that a link leads to
        if path.exists() and not path.is_file():
            raise ExportError(f"{path} is no ordinary file; name another")
        if path.exists() and not replace:
            raise ExportError(f"{path} exists; choose another name, or replace it with --force")
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                FORMATS[kind](recording, file)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise ExportError(
            f"cannot write {path}: {error.strerror}; choose another place with -o"
        ) from error
