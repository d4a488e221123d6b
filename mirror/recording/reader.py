"""Read a recording: one SQLite file with a session's settings, poses, scores and events.

`mirror.recording.writer` writes it. Poses are stored in the order in which the aligner took them,
so that scoring them again gives the same timeline bit for bit.
"""

import itertools
import math
import sqlite3
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mirror._support.closing import Closeable
from mirror.errors import RecordingError, SettingsError, SourceError
from mirror.estimator.align_arrays import PoseArrays
from mirror.estimator.signals import TWO_BODIES, Signals
from mirror.estimator.unsure import Unsure
from mirror.events import Event
from mirror.landmarks import FEEDS, MAX_TIME_S, MAX_VALUE, Feed, Pose
from mirror.practice.run import Result
from mirror.recording import checks
from mirror.recording.database import POSTURES_SINCE, Database
from mirror.recording.repair import Repair, repair_columns, repair_unsure, stored_feed
from mirror.settings import Settings
from mirror.settings_history import SettingsHistory
from mirror.timeline import COLUMNS, LEVELS, PostureState, Score, Timeline

MAX_EVENT_CHARS = 16 * 2**20  # of all events together
MAX_AGE_S = 0.5  # how long a pose or frame stays valid if no newer one follows, s

# Poses are stored as their trackers finish; times are out of order by less than this, s.
_DISORDER_S = 1.0
_MAX_ID = 2**63 - 1  # SQLite's highest, and the longest range in Python
_MAX_SCORE = 1e6
_MAX_SCORES = {
    "time_s": math.inf,  # checked separately
    "relative_phase_deg": 180.0,
    "energy_a": MAX_VALUE,  # in the units of a series
    "energy_b": MAX_VALUE,
}
_CHUNK_ROWS = 4096  # rows of the timeline read at once: a megabyte

_Table = Literal["pose", "score"]
Progress = Callable[[int, int], None]

# As numbers, so that all columns fit one array.
_CODES = {
    column: " ".join(
        (f"CASE {column}", *(f"WHEN '{name}' THEN {k}" for k, name in enumerate(levels)), "END")
    )
    for column, levels in LEVELS.items()
}
_NOT_SCORED = str(LEVELS["posture_state"].index(PostureState.NOT_SCORED))

_POSE = "time_s, landmarks, world, width, height"
_ROW = f"feed, {_POSE}, series, camera"
_SERIES = "(SELECT channels FROM series WHERE series.pose = pose.id)"
# Reads no landmarks, as count(landmarks) and GROUP BY would.
_COUNT = "SELECT count(*), total(landmarks IS NOT NULL) FROM pose WHERE feed = ?"
_COUNT_SAMPLES = (
    "SELECT count(*), total(landmarks IS NOT NULL) + count(channels) "
    "FROM pose LEFT JOIN series ON series.pose = pose.id WHERE feed = ?"
)
_NEWEST = (
    "WHERE id >= ? AND id < ? AND feed = ? AND time_s BETWEEN ? AND ? ORDER BY id DESC LIMIT 1"
)


class Recording(Closeable):
    """A recording open for reading, which may still be written by a session.

    Use `Recording.open`, as a context manager or with `close`. Iterating yields the rows of the
    timeline as `Score`; `poses` yields what they were computed from.
    """

    def __init__(self, database: Database) -> None:
        self.path = database.path
        # Seconds by which the poses of B are read as later than they are stored; all come in order
        # of time then, without those before 0.
        self.shift_b = 0.0
        self.repairs: tuple[Repair, ...] = ()  # who was who, as said by hand; poses are read so
        self._database = database

    @classmethod
    def open(cls, path: Path | str) -> "Recording":
        """Open a recording for reading.

        Raises
        ------
        RecordingError
            If there is no such file, it is not a recording, or a newer version made it.
        """
        return cls(Database(Path(path)))

    @property
    def session(self) -> dict[str, Any]:
        """The ``session`` table: settings, sources, versions, labels, quality and more."""
        with self._database.query() as db:
            rows = db.execute("SELECT key, value FROM session")
            try:
                return checks.parse_session(rows)
            except RecordingError as error:
                raise RecordingError(
                    f"{self.path} is damaged: its session table: {error}"
                ) from error

    @property
    def settings_history(self) -> SettingsHistory:
        """The settings that the stored scores were computed with, from the first to the last."""
        try:
            return SettingsHistory.from_session(self.session)
        except SettingsError as error:
            raise RecordingError(f"{self.path} is damaged: {error}") from error

    @property
    def settings(self) -> Settings:
        """The settings in force at the end of the session."""
        return self.settings_history.last

    @property
    def signals(self) -> Signals:
        """What the scores compare: two bodies, or plain series."""
        try:
            return Signals.from_session(self.session)
        except SourceError as error:
            raise RecordingError(f"{self.path} is damaged: {error}") from error

    @property
    def unsure(self) -> Unsure:
        """When it is not known which of two people in one picture is who."""
        with self._database.query() as db:
            rows = db.execute("SELECT key, value FROM session WHERE key = 'unsure'")
            try:
                stored = Unsure.from_session(checks.parse_session(rows))
            except (RecordingError, SettingsError) as error:
                raise RecordingError(f"{self.path} is damaged: {error}") from error
        return repair_unsure(self.repairs, stored)

    def poses(self) -> Iterator[tuple[Feed, Pose]]:
        """Yield the poses of both feeds in the order in which the aligner took them."""
        with self._database.query() as db:
            signals = self.signals if _has_table(db, "series") else TWO_BODIES
            unsure = self.unsure
            for feed, *row in db.execute(self._select_poses(db, _ROW)):
                if feed not in FEEDS:
                    raise RecordingError(f"{self.path} is damaged: a pose of an unknown feed")
                pose = checks.parse_pose(self.path, *row)
                if pose.series is not None and len(pose.series) != len(signals.of(feed) or ()):
                    raise RecordingError(f"{self.path} is damaged: a series of other channels")
                yield feed, replace(pose, unsure=True) if unsure.at(pose.time) else pose

    def _select_poses(self, db: sqlite3.Connection, columns: str, schema: str = "main") -> str:
        """Return a query for some of `_ROW` in order, of the file attached by that name."""
        feed, stored = repair_columns(self.repairs, _pose_columns(db))
        which = "ORDER BY id"
        if self.shift_b:
            time = f"CASE feed WHEN 'b' THEN time_s + {self.shift_b:.17g} ELSE time_s END AS time_s"
            stored = stored.replace("time_s", time, 1)
            which = "WHERE time_s >= 0 ORDER BY time_s, id"
        inner = f"SELECT id, {feed} AS feed, {stored} FROM {schema}.pose"  # noqa: S608
        return f"SELECT {columns} FROM ({inner}) {which}"  # noqa: S608

    def poses_to_attach(self, columns: str, schema: str) -> tuple[str, str] | None:
        """Return the file's URI, and a query for its poses once it is attached by that name.

        None if what is open is a temporary copy, which is deleted by now.
        """
        with self._database.query() as db:
            uri = self._database.uri
            return None if uri is None else (uri, self._select_poses(db, columns, schema))

    def pose_arrays(self, progress: Progress = lambda _done, _total: None) -> PoseArrays:
        """Return the poses of two bodies as arrays, in the order in which the aligner took them.

        `progress` is called with the poses read and the poses in all.
        """
        done, count = 0, self.pose_count
        arrays = checks.empty_pose_arrays(count)
        with self._database.query() as db:
            select = self._select_poses(db, checks.ARRAY_COLUMNS)
            rows = db.execute(f"{select} LIMIT {count}")  # more may be written meanwhile
            while chunk := rows.fetchmany(_CHUNK_ROWS):
                if not checks.fill_pose_arrays(arrays, done, chunk):
                    deque(self.poses(), 0)  # names the fault
                done += len(chunk)
                progress(done, count)
        return replace(arrays, unsure=self.unsure)

    def pose_at(self, feed: Feed, time_s: float) -> Pose | None:
        """Return a feed's newest pose at or before a time; None if older than `MAX_AGE_S`."""
        shift = self.shift_b if feed == "b" else 0.0
        time_s -= shift
        id_range = self._id_range("pose", time_s - MAX_AGE_S, time_s)
        stored = stored_feed(self.repairs, feed, time_s)
        with self._database.query() as db:
            _, columns = repair_columns(self.repairs, _pose_columns(db))
            row = db.execute(
                f"SELECT {columns} FROM pose {_NEWEST}",  # noqa: S608
                (*id_range, stored, time_s - MAX_AGE_S, time_s),
            ).fetchone()
        if row is None:
            return None
        pose = checks.parse_pose(self.path, *row)
        unsure = self.unsure.at(pose.time + shift) is not None
        return replace(pose, time=pose.time + shift, unsure=unsure)

    def pose_times(
        self, feed: Feed, start: float = -math.inf, end: float = math.inf
    ) -> NDArray[np.float64]:
        """Return the rising times of a feed's poses from `start` to `end`, s, both included."""
        shift = self.shift_b if feed == "b" else 0.0
        return self._times("pose", start - shift, end - shift, "AND feed = ?", feed) + shift

    def _id_range(self, table: _Table, start: float, end: float) -> tuple[int, int]:
        """Return the first id, and the one after the last, of a range with all rows of a span."""
        return self._search(table, start - _DISORDER_S), self._search(table, end + _DISORDER_S)

    def _search(self, table: _Table, time_s: float) -> int:
        """Return the id of the first row that is later than a time, as if rows were in order."""
        low, high = self._id_limits(table)
        stop = min(high + 1, _MAX_ID)
        ids = range(max(low, stop - _MAX_ID), stop)
        find = f"SELECT time_s FROM {table} WHERE rowid >= ? ORDER BY rowid LIMIT 1"  # noqa: S608

        def time_of(row_id: int) -> Any:
            (at,) = db.execute(find, (row_id,)).fetchone() or (None,)
            checks.check_time(self.path, at, "a pose or row")
            return at

        with self._database.query() as db:
            return ids.start + bisect_right(ids, time_s, key=time_of)

    def _id_limits(self, table: _Table) -> tuple[int, int]:
        """Return the lowest and the highest id of a table; 0 and -1 if it is empty."""
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
        """Return all stored rows in order of time.

        `progress` is called with the rows read and the total; an exception of it ends the reading.
        """
        return self._read_scores("ORDER BY rowid", progress=progress)

    def sample(self, rows: int) -> Timeline:
        """Return at most so many rows, evenly spread over the timeline."""
        first, last = self._id_limits("score")
        ids = {first + k * (last - first) // max(1, rows - 1) for k in range(rows)}
        return self._read_scores(f"WHERE rowid IN ({', '.join(map(str, ids))}) ORDER BY rowid")

    @property
    def row_count(self) -> int:
        """Number of rows of the timeline, by their ids."""
        first, last = self._id_limits("score")
        return last - first + 1

    def score_at(self, time_s: float) -> Score | None:
        """Return the newest row at or before a time, however old."""
        end = self._search("score", time_s)
        rows = self._read_scores(
            "WHERE rowid < ? AND time_s <= ? ORDER BY rowid DESC LIMIT 1", (end, time_s)
        )
        return next(iter(rows), None)

    def row_times(self, start: float = -math.inf, end: float = math.inf) -> NDArray[np.float64]:
        """Return the rising times of rows from `start` to `end`, s, both included."""
        return self._times("score", start, end)

    def _times(
        self, table: _Table, start: float, end: float, where: str = "", *values: str
    ) -> NDArray[np.float64]:
        with self._database.query() as db:
            rows = db.execute(
                f"SELECT time_s FROM {table} WHERE rowid >= ? AND rowid < ? "  # noqa: S608
                f"AND time_s BETWEEN ? AND ? {where}",
                (*self._id_range(table, start, end), start, end, *values),
            )
            return np.sort(np.fromiter(itertools.chain.from_iterable(rows), float))

    def _read_scores(
        self,
        which: str,
        values: tuple[float, ...] = (),
        progress: Progress | None = None,
        table: str = "score",
    ) -> Timeline:
        chunks = [np.empty((len(COLUMNS), 0))]
        done, total = 0, self.row_count if progress else 0
        with self._database.query() as db:
            select = f"SELECT {_score_columns(db, table)} FROM {table} {which}"  # noqa: S608
            numbers = itertools.chain.from_iterable(db.execute(select, values))
            while True:
                try:
                    # None becomes NaN
                    chunk = np.fromiter(
                        itertools.islice(numbers, _CHUNK_ROWS * len(COLUMNS)), float
                    )
                except (TypeError, ValueError) as error:
                    raise RecordingError(
                        f"{self.path} is damaged: a score is not a number"
                    ) from error
                if not len(chunk):
                    break
                chunks.append(chunk.reshape(-1, len(COLUMNS)).T.copy())
                done += chunks[-1].shape[1]
                if progress:
                    progress(done, total)
        columns: dict[str, NDArray[Any]] = dict(
            zip(COLUMNS, np.concatenate(chunks, axis=1), strict=True)
        )
        if any(np.isnan(columns[name]).any() for name in LEVELS):
            raise RecordingError(f"{self.path} is damaged: an unknown state")
        for name, column in columns.items():
            if (np.abs(column) > _MAX_SCORES.get(name, _MAX_SCORE)).any():
                raise RecordingError(f"{self.path} is damaged: a score is out of range")
        if not (np.abs(columns["time_s"]) <= MAX_TIME_S).all():
            raise RecordingError(f"{self.path} is damaged: a row without a usable time")
        for name, levels in LEVELS.items():
            columns[name] = np.array(levels, "U16")[columns[name].astype(np.intp)]
        return Timeline(columns)

    @property
    def duration(self) -> float:
        """Time of the last pose or row, s; 0 without any."""
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
        """Return all events in order of time."""
        return [event for _, event in self.events_with_ids()]

    def events_with_ids(self) -> list[tuple[int, Event]]:
        """Return all events in order of time, with the ids that `recording.edit` takes."""
        with self._database.query() as db:
            rows = db.execute("SELECT rowid, time_s, kind, text FROM event ORDER BY time_s, rowid")
            return list(self._check_events(rows))

    def _check_events(self, rows: Iterable[Any]) -> Iterator[tuple[int, Event]]:
        length = 0
        for id_, time_s, *texts in rows:
            checks.check_time(self.path, time_s, "an event")
            if not all(isinstance(text, str) for text in texts):
                raise RecordingError(f"{self.path} is damaged: an event without a text")
            length += sum(map(len, texts))
            if length > MAX_EVENT_CHARS:
                raise RecordingError(f"{self.path} is damaged: its events are too long")
            yield id_, Event(time_s, *texts)

    def results(self) -> list[Result]:
        """Return the results of the exercises' rounds, in their order."""
        with self._database.query() as db:
            if not _has_table(db, "exercise"):
                return []
            rows = db.execute(
                "SELECT exercise, round, start_s, end_s, window_s, goal, met_s, missed_s, "
                "undefined_s, longest_s FROM exercise ORDER BY rowid"
            )
            return [checks.parse_result(self.path, row) for row in rows]

    def exercise_timeline(self) -> Timeline:
        """Return the rows of exercises, from their own windows; without one, no rows."""
        with self._database.query() as db:
            if not _has_table(db, "exercise_score"):
                return Timeline.from_scores([])
        return self._read_scores("ORDER BY id", table="exercise_score")

    def counts(self) -> dict[Feed, tuple[int, int]]:
        """Return for each feed the number of frames, and of frames with a person in them."""
        with self._database.query() as db:
            count = _COUNT_SAMPLES if _has_table(db, "series") else _COUNT
            rows = {feed: db.execute(count, (feed,)).fetchone() for feed in FEEDS}
        return {feed: (frames, int(people)) for feed, (frames, people) in rows.items()}

    @property
    def has_poses(self) -> bool:
        return self._id_limits("pose") != (0, -1)

    @property
    def pose_count(self) -> int:
        """Number of poses of both feeds, for which the whole file is read."""
        query = "SELECT count(*) FROM pose"
        if self.shift_b:  # without a condition, SQLite need not read the rows
            query += " WHERE feed = 'a' OR time_s + :shift >= 0"
        with self._database.query() as db:
            return int(db.execute(query, {"shift": self.shift_b}).fetchone()[0])

    def close(self) -> None:
        self._database.close()


def _has_table(db: sqlite3.Connection, name: str) -> bool:
    """Return whether there is a table that not every recording has."""
    row = db.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (name,))
    return row.fetchone() is not None


def _score_columns(db: sqlite3.Connection, table: str) -> str:
    """Return what to select for `COLUMNS`; older recordings have no postures in this sense."""
    ((version,),) = db.execute("PRAGMA user_version")
    has = {name for _, name, *_ in db.execute(f"PRAGMA table_info({table})")}
    columns = _CODES | {name: "NULL" for name in COLUMNS if name not in has}
    if version < POSTURES_SINCE:
        columns |= {name: "NULL" for name in COLUMNS if "posture" in name or "mimicry" in name}
        columns["posture_state"] = _NOT_SCORED
    return ", ".join(columns.get(name, name) for name in COLUMNS)


def _pose_columns(db: sqlite3.Connection) -> str:
    """Return what `checks.parse_pose` takes; older recordings lack the camera's motion."""
    has_camera = any(name == "camera" for _, name, *_ in db.execute("PRAGMA table_info(pose)"))
    series = _SERIES if _has_table(db, "series") else "NULL"
    return f"{_POSE}, {series} AS series, {'camera' if has_camera else 'NULL'} AS camera"
