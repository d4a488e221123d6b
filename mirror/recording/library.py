"""A folder of recordings, as a list to choose from, and the earlier sessions of one pair."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror.errors import RecordingError
from mirror.recording.database import SUFFIX
from mirror.recording.reader import Recording
from mirror.summary import Summary, summarize

POINTS = 60
"""Points of a thumbnail."""

_ROWS_A_POINT = 4


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A recording at a glance.

    Attributes
    ----------
    path : Path
    started : datetime or None
        When, with its time zone; None where the recording does not say.
    duration_s : float
        Seconds from its start to its last pose or row.
    labels : (str, str)
        Names of A and of B.
    condition : str
    ended_well : bool
        Whether the session came to its end, rather than its process or its disk to theirs.
    in_phase, anti_phase : ndarray [`POINTS`]
        Means over equal parts of the session, from a few rows of each; NaN where none of them is
        defined.
    """

    path: Path
    started: datetime | None
    duration_s: float
    labels: tuple[str, str]
    condition: str
    ended_well: bool
    in_phase: NDArray[np.float64]
    anti_phase: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class EarlierSession(Entry):
    """A recording of a pair that met again.

    Attributes
    ----------
    summary : Summary
        Its figures, with A and B as in the later session, even where the two had changed places.
    """

    summary: Summary


def recordings(folder: Path) -> list[Entry]:
    """The recordings in a folder, newest first; files that cannot be read are left out.

    Raises
    ------
    RecordingError
        Where the folder itself cannot be read; one that is not there holds nothing.
    """
    found = []
    for path in _files(folder):
        # What was removed meanwhile, or belongs to somebody else, is no choice.
        with suppress(RecordingError, OSError):
            entry = _entry(path)
            found.append((entry.started or _modified(path), path.name, entry))
    return [entry for *_, entry in sorted(found, key=lambda each: each[:2], reverse=True)]


def earlier_sessions(
    path: Path, labels: tuple[str, str], count: int | None = None
) -> list[EarlierSession]:
    """The sessions of a pair that a folder holds from before one of them, newest first.

    Parameters
    ----------
    path : Path
        The later recording; the others lie in its folder.
    labels : (str, str)
        Names of the pair; it does not matter who was A.
    count : int, optional
        The newest so many only; a long session takes a second to sum up.

    Returns
    -------
    list of EarlierSession
        Sessions that do not say when they were are none.

    Raises
    ------
    RecordingError
        Where the later recording, or the folder, cannot be read.
    """
    started = _entry(path).started
    if started is None:
        return []
    found: list[EarlierSession] = []
    for entry in recordings(path.parent):
        if len(found) == count:
            break
        if (
            entry.started is not None
            and entry.started < started
            and sorted(entry.labels) == sorted(labels)
        ):
            with suppress(RecordingError):  # damaged further in than a thumbnail looks
                found.append(_summed_up(entry, labels))
    return found


def _summed_up(entry: Entry, labels: tuple[str, str]) -> EarlierSession:
    with Recording.open(entry.path) as recording:
        summary = summarize(recording.timeline())
    if entry.labels != labels:
        summary = replace(summary, lag_s=-summary.lag_s, a_led=summary.b_led, b_led=summary.a_led)
    known = {field.name: getattr(entry, field.name) for field in fields(Entry)}
    return EarlierSession(**known, summary=summary)


def ended_well(session: Mapping[str, Any]) -> bool:
    """Whether a session came to its end, by its ``session`` table; plain series always have."""
    return "quality" in session or bool(session.get("series"))


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
        timeline = recording.sample(POINTS * _ROWS_A_POINT)
        labels = session.get("labels", {})
        return Entry(
            path,
            _moment(session.get("started")),
            recording.duration,
            (str(labels.get("a") or "A"), str(labels.get("b") or "B")),
            str(session.get("condition") or ""),
            ended_well(session),
            _thumbnail(timeline.in_phase),
            _thumbnail(timeline.anti_phase),
        )


def _thumbnail(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means of `POINTS` equal parts; fewer values than that are repeated."""
    if not len(values):
        return np.full(POINTS, math.nan)
    edges = np.arange(POINTS + 1) * len(values) / POINTS
    first, last = np.floor(edges[:-1]).astype(int), np.ceil(edges[1:]).astype(int)
    defined = np.concatenate(([0], np.cumsum(~np.isnan(values))))
    total = np.concatenate(([0.0], np.cumsum(np.nan_to_num(values).clip(0, 1))))
    count = defined[last] - defined[first]
    with np.errstate(invalid="ignore"):  # none of none
        return np.where(count > 0, (total[last] - total[first]) / count, math.nan)


def _moment(text: Any) -> datetime | None:
    with suppress(TypeError, ValueError, OverflowError):  # no date, or one beyond all calendars
        return datetime.fromisoformat(text).astimezone()
    return None


def _modified(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
