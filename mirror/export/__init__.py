"""Exports: a recording in the formats of other tools, one module a format."""

from __future__ import annotations

import logging
import math
from pathlib import Path
from typing import Final

import numpy as np

from mirror._support.atomic import write_atomically
from mirror.errors import ExportError, RecordingError
from mirror.export.as_json import JSON
from mirror.export.base import Format
from mirror.export.bids import TSV_BIDS
from mirror.export.delimited import CSV, TSV
from mirror.export.elan import EAF
from mirror.export.landmark_table import LANDMARKS_CSV
from mirror.export.parquet import LANDMARKS_PARQUET, PARQUET
from mirror.export.part import Part, Progress
from mirror.export.video import VIDEO
from mirror.export.webvtt import VTT
from mirror.export.workbook import XLSX
from mirror.recording.reader import Recording
from mirror.timeline import COLUMNS

_log = logging.getLogger(__name__)

__all__ = ["FORMATS", "Format", "export"]

FORMATS: Final[dict[str, Format]] = {
    each.name: each
    for each in (
        CSV,
        TSV,
        JSON,
        PARQUET,
        TSV_BIDS,
        XLSX,
        EAF,
        VTT,
        VIDEO,
        LANDMARKS_CSV,
        LANDMARKS_PARQUET,
    )
}
"""The formats by the name that ``mirror export --to`` takes."""


def _unseen(_done: int, _total: int) -> None:
    """Report nothing."""


def export(
    recording: Recording,
    kind: str,
    path: Path,
    *,
    replace: bool = False,
    start: float = -math.inf,
    end: float = math.inf,
    progress: Progress = _unseen,
) -> None:
    """Write a recording, or a part of it, for another tool: all of that or nothing.

    Parameters
    ----------
    recording : Recording
    kind : str
        One of `FORMATS`.
    path : Path
        The file, or the folder, to make; some formats make others beside it.
    replace : bool
        Whether what exists is replaced; a folder only where no other file in it is lost.
    start, end : float
        Only what is from here to there, s, both included. Times in the export stay the session's.
    progress : callable
        Told how many of how many rows or poses are done; where it raises, nothing is left.

    Raises
    ------
    ExportError
        Where the format is unknown or needs what is not installed, there is nothing from `start`
        to `end`, the file exists, or it cannot be written.
    """
    if kind not in FORMATS:
        raise ExportError(f"there is no export format {kind!r}; known are {', '.join(FORMATS)}")
    wanted = FORMATS[kind]
    timeline = recording.timeline()
    rows = timeline.between(start, end)
    if len(timeline) and not len(rows):
        raise ExportError(
            f"{recording.path} has no row in the part asked for; its rows are from "
            f"{timeline.time_s[0]:g} to {timeline.time_s[-1]:g} s"
        )
    if any(np.isinf(rows[name]).any() for name in COLUMNS if name != "state"):
        raise RecordingError(f"{recording.path} is damaged: a score that is infinite")
    try:
        path = _target(path, wanted)
        part = Part(recording, path, rows, start, end, progress)
        write_atomically(
            (path, *wanted.beside(path)),
            lambda new: wanted.write(part, new),
            replace=replace,
        )
        _log.info("wrote an export: %s, %d rows", kind, len(rows))
    except OSError as error:
        raise ExportError(
            f"cannot write {path}: {error.strerror or error}; choose another place"
        ) from error


def _target(path: Path, wanted: Format) -> Path:
    """The file that a link leads to, or the folder, if it can be made or replaced."""
    path = path.resolve()
    if path.exists():
        if wanted.is_folder and not path.is_dir():
            raise ExportError(f"{path} is a file; {wanted.name} makes a folder: name a new one")
        if not wanted.is_folder and path.is_dir():
            raise ExportError(f"{path} is a folder; name a file in it")
        if not wanted.is_folder and not path.is_file():
            raise ExportError(f"{path} is no ordinary file; name another")
    return path
