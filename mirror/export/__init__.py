"""Exports of a recording to the formats of other tools, one module per format."""

import logging
import math
from pathlib import Path
from typing import Final

import numpy as np

from mirror._support.atomic import naming_failures, write_atomically
from mirror.errors import ExportError, RecordingError
from mirror.export.as_json import JSON
from mirror.export.base import Format, Progress, Selection
from mirror.export.bids import TSV_BIDS
from mirror.export.delimited import CSV, LANDMARKS_CSV, TSV
from mirror.export.elan import EAF
from mirror.export.film import VIDEO
from mirror.export.parquet import LANDMARKS_PARQUET, PARQUET
from mirror.export.webvtt import VTT
from mirror.export.workbook import XLSX
from mirror.recording.coded_events import select
from mirror.recording.reader import Recording
from mirror.timeline import COLUMNS, LEVELS

_log = logging.getLogger(__name__)

__all__ = ["FORMATS", "Format", "export"]

FORMATS: Final[dict[str, Format]] = {  # formats by name, the value of `mirror export --to`
    each.name: each
    for each in (
        *(CSV, TSV, JSON, PARQUET, TSV_BIDS, XLSX, EAF, VTT, VIDEO),
        *(LANDMARKS_CSV, LANDMARKS_PARQUET),
    )
}


def export(
    recording: Recording,
    kind: str,
    path: Path,
    *,
    replace: bool = False,
    start: float = -math.inf,
    end: float = math.inf,
    only: str | None = None,
    progress: Progress = lambda _done, _total: None,
) -> None:
    """Export a recording, or a part of it; on any failure nothing is written.

    Parameters
    ----------
    kind : str
        One of `FORMATS`.
    path : Path
        The new file or folder; some formats write other files next to it.
    replace : bool
        Replace what exists; a folder only if no other file in it is lost.
    start, end : float
        Export only this part, s, both included. Exported times stay those of the session.
    only : str, optional
        Only rows with half of their window in these coded events, as ``tier: code``.
    progress : callable
        Called with the rows or poses done and their total; if it raises, nothing is written.

    Raises
    ------
    ExportError
        If the format is unknown or needs an uninstalled dependency, the part has no rows, the file
        exists, or it cannot be written.
    """
    if kind not in FORMATS:
        raise ExportError(f"there is no export format {kind!r}; known are {', '.join(FORMATS)}")
    fmt = FORMATS[kind]
    if only and fmt in (TSV_BIDS, VIDEO, LANDMARKS_CSV, LANDMARKS_PARQUET):
        raise ExportError(f"{kind} is not of rows, which events choose: leave --while {only!r} out")
    timeline, span = recording.timeline(), select(recording, only, start, end)
    rows = timeline.within(span, recording.settings_history.last.window)
    if len(timeline) and not len(rows):
        raise ExportError(
            f"{recording.path} has no rows in that part; its rows are from "
            f"{timeline.time_s[0]:g} to {timeline.time_s[-1]:g} s"
        )
    if any(np.isinf(rows[name]).any() for name in COLUMNS if name not in LEVELS):
        raise RecordingError(f"{recording.path} is damaged: a score that is infinite")
    with naming_failures(path):
        path = _target(path, fmt)
        selection = Selection(recording, path, rows, span, timeline.origin_s, progress)
        write_atomically(
            (path, *fmt.side_files(path)), lambda new: fmt.write(selection, new), replace=replace
        )
        _log.info("wrote an export: %s, %d rows", kind, len(rows))


def _target(path: Path, fmt: Format) -> Path:
    """Return the path with links resolved, if it can be created or replaced."""
    path = path.resolve()
    if path.exists():
        if fmt.is_folder and not path.is_dir():
            raise ExportError(f"{path} is a file; {fmt.name} makes a folder: name a new one")
        if not fmt.is_folder and path.is_dir():
            raise ExportError(f"{path} is a folder; name a file in it")
        if not fmt.is_folder and not path.is_file():
            raise ExportError(f"{path} is no ordinary file; name another")
    return path
