"""A recording, read: one SQLite file with a session's settings, poses, scores and events.

`mirror.recording.writer` writes it. Poses are kept in the order in which the clock took
them, so that scoring them again gives the same timeline to the last bit.
"""

from __future__ import annotations

import itertools
import math
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mirror._support.closing import Closeable
from mirror.errors import RecordingError, SettingsError, SourceError
from mirror.estimator.signals import TWO_BODIES, Signals
from mirror.events import Event
from mirror.landmarks import LARGEST_VALUE, Feed, Pose
from mirror.recording import checks
from mirror.recording.database import Database
from mirror.settings import Settings
from mirror.settings_history import Course
from mirror.timeline import COLUMNS, Score, State, Timeline

MAX_AGE_S = 0.5
"""A pose or picture stands for what comes after it for so long, s, where no newer one is."""

# Poses come in the order in which their trackers were done; the feeds' times differ by less, s.
_DISORDER = 1.0
_FARTHEST = 2**62
_LARGEST_SCORE = 1e6  # shares and lags are far from it
_LARGEST_SCORES = {
    "time_s": math.inf,  # looked at by itself
    "relative_phase_deg": 180.0,
    "energy_a": LARGEST_VALUE,  # in the units of a series
    "energy_b": LARGEST_VALUE,
}
_MOST_TEXT = 16 * 2**20  # characters of all events
_NEAR = 32  # rows that are looked through rather than searched
_PIECE = 4096  # rows of the timeline that are read at once: a megabyte

_Table = Literal["pose", "score"]
Progress = Callable[[int, int], None]

_STATES = tuple(str(state) for state in State)
# As numbers, all columns of a timeline are read in one go.
_WHEN = " ".join(f"WHEN '{name}' THEN {number}" for number, name in enumerate(_STATES))
_STATE = f"CASE state {_WHEN} END"

# The names are the program's own, never a user's.
_GET_SCORES = f"SELECT {', '.join((*COLUMNS[:1], _STATE, *COLUMNS[2:]))} FROM score"  # noqa: S608

_POSE = "time_s, landmarks, world, width, height"
_SAMPLE = _POSE + ", (SELECT channels FROM series WHERE series.pose = pose.id)"  # noqa: S608
_COUNT = "SELECT feed, count(*), count(landmarks) FROM pose GROUP BY feed"
_COUNT_SAMPLES = (
    "SELECT feed, count(*), count(landmarks) + count(channels) "
    "FROM pose LEFT JOIN series ON series.pose = pose.id GROUP BY feed"
)
_NEWEST = (
    "WHERE id >= ? AND id < ? AND feed = ? AND time_s BETWEEN ? AND ? ORDER BY id DESC LIMIT 1"
)


class Recording(Closeable):
    """Reads a recording, also while it is being written.

    Use `Recording.open`, as a context manager or with `close`. To iterate over it gives the rows of
    its timeline, one `Score` after the other; `poses` gives what they were computed from.
    """

    def __init__(self, database: Database) -> None:
        self.path = database.path
        self._database = database

    @classmethod
    def open(cls, path: Path | str) -> Recording:
        """Open a recording for reading.

        Raises
        ------
        RecordingError
            Where there is no such file, it is no recording, or a newer version made it.
        """
        return cls(Database(Path(path)))

    @property
    def session(self) -> dict[str, Any]:
        """The ``session`` table: settings, sources, versions, labels and what the end added."""
        with self._database.query() as db:
            rows = db.execute("SELECT key, value FROM session")
            try:
                return checks.parse_session(rows)
            except RecordingError as error:
                raise RecordingError(
                    f"{self.path} is damaged: its session table: {error}"
                ) from error

    @property
    def course(self) -> Course:
        """The settings that the stored scores were computed with, from the first to the last."""
        try:
            return Course.from_session(self.session)
        except SettingsError as error:
            raise RecordingError(f"{self.path} is damaged: {error}") from error

    @property
    def settings(self) -> Settings:
        """The settings in force at the end: in most sessions, they were from the start."""
        return self.course.last

    @property
    def signals(self) -> Signals:
        """What the scores compare: two bodies, or plain series."""
        try:
            return Signals.from_session(self.session)
        except SourceError as error:
            raise RecordingError(f"{self.path} is damaged: {error}") from error

    def poses(self) -> Iterator[tuple[Feed, Pose]]:
        """The poses of both feeds, in the order in which the clock took them."""
        with self._database.query() as db:
            signals = self.signals if _has_series(db) else TWO_BODIES
            for feed, *row in db.execute(f"SELECT feed, {_what(db)} FROM pose ORDER BY id"):  # noqa: S608
                if feed not in ("a", "b"):
                    raise RecordingError(f"{self.path} is damaged: a pose of neither feed")
                pose = checks.parse_pose(self.path, *row)
                if pose.series is not None and len(pose.series) != len(signals.of(feed) or ()):
                    raise RecordingError(f"{self.path} is damaged: a series of other channels")
                yield feed, pose

    def pose_at(self, feed: Feed, time_s: float) -> Pose | None:
        """The newest pose of a feed at a moment; None where it is more than `MAX_AGE_S` old."""
        between = self._ids("pose", time_s - MAX_AGE_S, time_s)
        with self._database.query() as db:
            row = db.execute(
                f"SELECT {_what(db)} FROM pose {_NEWEST}",  # noqa: S608
                (*between, feed, time_s - MAX_AGE_S, time_s),
            ).fetchone()
        return None if row is None else checks.parse_pose(self.path, *row)

    def pose_times(
        self, feed: Feed, start: float = -math.inf, end: float = math.inf
    ) -> NDArray[np.float64]:
        """The rising times of a feed's poses from `start` to `end`, s, both included.

        All of a long recording take a moment, as they lie scattered over the whole file.
        """
        with self._database.query() as db:
            rows = db.execute(
                "SELECT time_s FROM pose WHERE id >= ? AND id < ? "
                "AND feed = ? AND time_s BETWEEN ? AND ?",
                (*self._ids("pose", start, end), feed, start, end),
            )
            return np.sort(np.fromiter(itertools.chain.from_iterable(rows), float))

    def _ids(self, table: _Table, start: float, end: float) -> tuple[int, int]:
        """Ids from the one to before the other of which are all rows from `start` to `end`, s."""
        return (
            self._around(table, start - _DISORDER)[0],
            self._around(table, end + _DISORDER)[1],
        )

    def _around(self, table: _Table, time_s: float) -> tuple[int, int]:
        """Ids between which the rows turn later than a moment, were they in order of time.

        They come at a steady pace, so guessing by their times finds the place in a few looks;
        every other look halves what is left, whatever the pace.
        """
        low, high = self._ends(table)
        with self._database.query() as db:
            # One beyond the largest or below the smallest id cannot be asked for.
            low, high = max(low, -_FARTHEST), min(high, _FARTHEST) + 1
            before, after, share = 0.0, self.duration, 0.5
            while high - low > _NEAR:
                middle = low + min(int((high - low) * share), high - low - 1)
                row = db.execute(
                    f"SELECT rowid, time_s FROM {table} "  # noqa: S608
                    "WHERE rowid >= ? ORDER BY rowid LIMIT 1",
                    (middle,),
                ).fetchone()
                checks.check_ids(self.path, *(row or (None,))[:1])
                found, at = row
                checks.check_time(self.path, at, "a pose or row")
                if at > time_s:
                    high, after = middle, at
                else:
                    low, before = min(found + 1, high), at
                guess = (time_s - before) / (after - before) if after > before else 0.5
                share = min(max(guess, 0.0), 1.0) if share == 0.5 else 0.5
        return low, high

    def _ends(self, table: _Table) -> tuple[int, int]:
        """The lowest and the highest id of a table; 0 and -1 where it has no rows."""
        with self._database.query() as db:
            low, high = db.execute(
                f"SELECT coalesce((SELECT min(rowid) FROM {table}), 0), "  # noqa: S608
                f"coalesce((SELECT max(rowid) FROM {table}), -1)"
            ).fetchone()
        checks.check_ids(self.path, low, high)
        return low, high

    def __iter__(self) -> Iterator[Score]:
        return iter(self.timeline())

    def timeline(self, progress: Progress | None = None) -> Timeline:
        """The stored scores, row by row in order of time.

        Parameters
        ----------
        progress : callable, optional
            Called now and then with the rows read and the rows to read; what it raises ends the
            reading.
        """
        return self._scores("ORDER BY rowid", progress=progress)

    def sample(self, rows: int) -> Timeline:
        """At most so many rows of the timeline, evenly spread over it: enough for a thumbnail."""
        first, last = self._ends("score")
        wanted = {first + k * (last - first) // max(1, rows - 1) for k in range(rows)}
        return self._scores(f"WHERE rowid IN ({', '.join(map(str, wanted))}) ORDER BY rowid")

    @property
    def rows(self) -> int:
        """How many rows the timeline has; known without reading them."""
        first, last = self._ends("score")
        return last - first + 1

    def score_at(self, time_s: float, reach: float = MAX_AGE_S) -> Score | None:
        """The newest row at or before a moment; None where it is more than `reach` older, s."""
        _, end = self._around("score", time_s)
        found = self._scores(
            "WHERE rowid < ? AND time_s <= ? ORDER BY rowid DESC LIMIT 1", (end, time_s)
        )
        return next((score for score in found if time_s - score.time_s <= reach), None)

    def row_times(self, start: float = -math.inf, end: float = math.inf) -> NDArray[np.float64]:
        """The rising times of the timeline's rows from `start` to `end`, s, both included."""
        with self._database.query() as db:
            rows = db.execute(
                "SELECT time_s FROM score WHERE rowid >= ? AND rowid < ? "
                "AND time_s BETWEEN ? AND ?",
                (*self._ids("score", start, end), start, end),
            )
            return np.sort(np.fromiter(itertools.chain.from_iterable(rows), float))

    def _scores(
        self, which: str, values: tuple[float, ...] = (), progress: Progress | None = None
    ) -> Timeline:
        pieces = [np.empty((len(COLUMNS), 0))]
        read, total = 0, self.rows if progress else 0
        with self._database.query() as db:
            rows = db.execute(f"{_GET_SCORES} {which}", values)
            numbers = itertools.chain.from_iterable(rows)
            while True:
                try:
                    # None becomes NaN
                    piece = np.fromiter(itertools.islice(numbers, _PIECE * len(COLUMNS)), float)
                except (TypeError, ValueError) as error:
                    raise RecordingError(f"{self.path} is damaged: a score that is none") from error
                if not len(piece):
                    break
                pieces.append(piece.reshape(-1, len(COLUMNS)).T.copy())
                read += pieces[-1].shape[1]
                if progress:
                    progress(read, total)
        columns: dict[str, NDArray[Any]] = dict(
            zip(COLUMNS, np.concatenate(pieces, axis=1), strict=True)
        )
        if np.isnan(columns["state"]).any():
            raise RecordingError(f"{self.path} is damaged: a state that is none")
        for name, column in columns.items():
            if (np.abs(column) > _LARGEST_SCORES.get(name, _LARGEST_SCORE)).any():
                raise RecordingError(f"{self.path} is damaged: a score that is too large for one")
        if not (np.abs(columns["time_s"]) <= checks.MAX_TIME_S).all():
            raise RecordingError(f"{self.path} is damaged: a row without a usable time")
        columns["state"] = np.array(_STATES, "U16")[columns["state"].astype(np.intp)]
        return Timeline(columns)

    @property
    def duration(self) -> float:
        """Time of the last pose or row, s; 0 where there is neither."""
        with self._database.query() as db:
            (last,) = db.execute(
                "SELECT max(time_s) FROM (SELECT * FROM (SELECT time_s FROM pose ORDER BY id DESC "
                "LIMIT 64) UNION ALL SELECT * FROM (SELECT time_s FROM score ORDER BY rowid DESC "
                "LIMIT 1))"
            ).fetchone()
        if last is not None:
            checks.check_time(self.path, last, "a pose or row")
        return last or 0.0

    def events(self) -> list[Event]:
        """All events, in order of time."""
        return [event for _, event in self.numbered_events()]

    def numbered_events(self) -> list[tuple[int, Event]]:
        """Events with the row numbers by which `recording.edit` changes them, in order of time."""
        with self._database.query() as db:
            rows = db.execute("SELECT rowid, time_s, kind, text FROM event ORDER BY time_s, rowid")
            return list(self._checked_events(rows))

    def _checked_events(self, rows: Iterable[Any]) -> Iterator[tuple[int, Event]]:
        length = 0
        for number, time_s, *texts in rows:
            checks.check_time(self.path, time_s, "an event")
            if not all(isinstance(text, str) for text in texts):
                raise RecordingError(f"{self.path} is damaged: an event without a text")
            length += sum(map(len, texts))
            if length > _MOST_TEXT:
                raise RecordingError(f"{self.path} is damaged: its events are too long")
            yield number, Event(time_s, *texts)

    def counts(self) -> dict[Feed, tuple[int, int]]:
        """For each feed, the number of frames and of frames with a person in them."""
        with self._database.query() as db:
            rows = db.execute(_COUNT_SAMPLES if _has_series(db) else _COUNT).fetchall()
        found = {feed: (frames, people) for feed, frames, people in rows}
        feeds: tuple[Feed, Feed] = ("a", "b")
        return {feed: found.get(feed, (0, 0)) for feed in feeds}

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _has_series(db: sqlite3.Connection) -> bool:
    """Whether there are plain series; sessions with cameras alone have no table of them."""
    row = db.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'series'")
    return row.fetchone() is not None


def _what(db: sqlite3.Connection) -> str:
    """The columns of a pose, with its series where the recording has any."""
    return _SAMPLE if _has_series(db) else _POSE
