"""List the recordings of a folder, a pair's other sessions, and sessions that ended abruptly."""

import json
import math
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror.errors import RecordingError
from mirror.moments import longest_run
from mirror.practice.run import held_levels
from mirror.recording.database import SUFFIX, connect_to_write
from mirror.recording.provenance import person_names
from mirror.recording.reader import Recording
from mirror.summary import Level, Summary, mean_levels, summarize
from mirror.timeline import Span, Timeline

POINTS: Final = 60  # points of a thumbnail
LINES: Final = ("in_phase", "anti_phase", "mirroring")  # of a thumbnail

_ROWS_PER_POINT: Final = 4
_ABRUPT_END_FILES: Final = 50  # the newest files of a folder that are searched
_REPORTED: Final = "said_abrupt"
_COPY_KEYS: Final = ("rescored_with", "anonymized")


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A recording in a list, which is not complete if the process was killed or the disk was full.

    The start has its time zone; the duration, s, is the time of the last pose or row. The scores
    are a `thumbnail`, from a few rows of each of its parts.
    """

    path: Path
    started: datetime | None
    duration_s: float
    labels: tuple[str, str]
    condition: str
    is_complete: bool
    scores: NDArray[np.float64]
    exercises: tuple[str, ...] = ()  # titles of those with a result


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A pair's session, with A and B as in the latest one, even if the two had swapped places."""

    started: datetime | None
    duration_s: float
    condition: str
    summary: Summary
    longest: Span | None  # time in phase
    levels: Mapping[str, Level]  # by score, and by exercise, of which they are `held_levels`
    labels: tuple[str, str] = ("A", "B")


def started_of(session: Mapping[str, Any]) -> datetime | None:
    """Return when a recording was started, in local time; None if unknown."""
    with suppress(TypeError, ValueError, OverflowError):  # not a date, or out of range
        return datetime.fromisoformat(session.get("started", "")).astimezone()
    return None


def list_recordings(*folders: Path) -> list[Entry]:
    """Return the recordings in folders, newest first; skip files that cannot be read.

    Raise RecordingError if a folder cannot be read; a missing folder is empty.
    """
    entries = []
    for path in chain.from_iterable(map(_files, folders)):
        with suppress(RecordingError, OSError):  # damaged, removed meanwhile, or not readable
            entry = _entry(path)
            modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            entries.append((entry.started or modified, path.name, entry))
    return [entry for *_, entry in sorted(entries, key=lambda each: each[:2], reverse=True)]


def other_sessions(
    folder: Path,
    started: datetime | None,
    labels: tuple[str, str],
    count: int | None = None,
    *,
    wide: bool = False,
) -> list[SessionRow]:
    """Return a pair's sessions in a folder but for the one of a moment, newest first.

    The labels are the names of the pair, in either order. Without `wide`, sessions after the moment
    are left out, and those of one of them with somebody else. So are sessions of unknown date;
    `count` leaves out all but the newest of both kinds, as summing up takes a second. Raise
    RecordingError if the folder cannot be read.
    """
    if started is None:
        return []
    sessions: list[SessionRow] = []
    counts = {True: 0, False: 0}
    for entry in list_recordings(folder):
        when, is_pair = entry.started, sorted(entry.labels) == sorted(labels)
        is_wanted = is_pair or (wide and not set(entry.labels).isdisjoint(labels))
        is_other = when and (when < started or (wide and when > started))
        if is_wanted and is_other and counts[is_pair] != count:
            counts[is_pair] += 1
            with suppress(RecordingError):  # damage in rows that the thumbnail does not read
                sessions.append(_with_summary(entry, labels))
    return sessions


def _with_summary(entry: Entry, labels: tuple[str, str]) -> SessionRow:
    with Recording.open(entry.path) as recording:
        timeline, results = recording.timeline(), recording.results()
    summary = summarize(timeline)
    return SessionRow(
        entry.started,
        entry.duration_s,
        entry.condition,
        summary if entry.labels == labels else summary.swapped(),
        longest_run(timeline),
        mean_levels(timeline) | held_levels(results),
        entry.labels,
    )


def new_abrupt_ends(folder: Path) -> list[Path]:
    """Return sessions that ended abruptly (killed process, power failure), newest first.

    Each is returned once: it is then marked in the recording as reported. Recordings that are open
    elsewhere are skipped. SQLite merges a left-over write-ahead log into the file on the way.
    """
    files: list[tuple[float, Path]] = []
    with suppress(OSError):  # no such folder yet, or not readable
        files = [(path.stat().st_mtime, path) for path in folder.glob(f"*{SUFFIX}")]
    newest = [path for _, path in sorted(files, reverse=True)[:_ABRUPT_END_FILES]]
    return [path for path in newest if _is_abrupt(path) and _mark_reported(path)]


def describe_abrupt_end(path: Path) -> str:
    """Return a line that says that a session ended abruptly, and what to do."""
    return (
        f"the session in {path} ended abruptly; all but its last second is there: "
        f"see mirror info {path} or mirror replay {path}"
    )


def _is_complete(session: Mapping[str, Any]) -> bool:
    """Return whether a session was closed properly; recordings of plain series always are."""
    return "quality" in session or bool(session.get("series"))


def _is_abrupt(path: Path) -> bool:
    try:
        with Recording.open(path) as recording:
            session = recording.session
    except RecordingError:  # not a recording, or damaged: opening it tells
        return False
    return not (_is_complete(session) or any(key in session for key in (_REPORTED, *_COPY_KEYS)))


def _mark_reported(path: Path) -> bool:
    """Mark as reported; return False if locked or read-only."""
    with suppress(sqlite3.Error), closing(connect_to_write(path, timeout=0)) as db:
        # Fails if anybody else has the file open, even between two of their commits.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("BEGIN EXCLUSIVE")
        db.execute("INSERT OR REPLACE INTO session VALUES (?, ?)", (_REPORTED, json.dumps(True)))
        db.execute("COMMIT")
        return True
    return False


def _files(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.suffix == SUFFIX]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RecordingError(
            f"{folder} cannot be read: {error.strerror}; choose another folder"
        ) from error


def _entry(path: Path) -> Entry:
    with Recording.open(path) as recording:
        session = recording.session
        timeline = recording.sample(POINTS * _ROWS_PER_POINT)
        return Entry(
            path,
            started_of(session),
            recording.duration,
            person_names(session),
            str(session.get("condition") or ""),
            _is_complete(session),
            thumbnail(timeline),
            tuple(dict.fromkeys(each.exercise for each in recording.results())),
        )


def thumbnail(timeline: Timeline) -> NDArray[np.float64]:
    """Return means [`LINES`, `POINTS`] of equal parts, NaN if undefined; repeat rows if few."""
    if not len(timeline):
        return np.full((len(LINES), POINTS), math.nan)
    edges = np.arange(POINTS + 1) * len(timeline) / POINTS
    first, last = np.floor(edges[:-1]).astype(int), np.ceil(edges[1:]).astype(int)
    values = np.stack([np.append(0.0, timeline[name]) for name in LINES])
    defined = np.cumsum(~np.isnan(values), axis=1)
    total = np.cumsum(np.nan_to_num(values).clip(0, 1), axis=1)
    count = defined[:, last] - defined[:, first]
    with np.errstate(invalid="ignore"):  # 0 / 0
        return np.where(count > 0, (total[:, last] - total[:, first]) / count, math.nan)
