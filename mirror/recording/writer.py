"""Write a recording: settings, poses, scores and events in a new SQLite file.

`mirror.recording.reader` can read it meanwhile.
"""

import json
import logging
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

from mirror._support.closing import Closeable
from mirror._support.jsonable import encodable
from mirror._support.logs import describe_error
from mirror.errors import RecordingError
from mirror.events import Event
from mirror.landmarks import UNMOVED, Feed, Pose
from mirror.practice.run import Result
from mirror.recording import checks, database
from mirror.recording.reader import Recording
from mirror.timeline import COLUMNS, LEVELS, Score, Timeline

_log = logging.getLogger(__name__)

COMMIT_INTERVAL_S = 0.5  # seconds between commits: the most that a killed process loses
BYTES_PER_HOUR = 180e6  # size of an hour of two feeds at 30 frames per second, without video

_SCORE_COLUMNS = ", ".join(f"{name} {'TEXT' if name in LEVELS else 'REAL'}" for name in COLUMNS)

_SCHEMA = f"""
CREATE TABLE session (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE pose (
    id INTEGER PRIMARY KEY,       -- the order in which the clock took them
    feed TEXT NOT NULL CHECK (feed IN ('a', 'b')),
    time_s REAL NOT NULL,
    landmarks BLOB,               -- float32 [33, 4]: x, y, z, visibility; NULL where nobody was
    world BLOB,                   -- float16 [33, 3]: metres
    width INTEGER NOT NULL,       -- of the picture, pixels
    height INTEGER NOT NULL,
    camera BLOB                   -- float64 [4]: its motion, or [5]: and that of pixels
);
CREATE TABLE score (
    {_SCORE_COLUMNS}
);
CREATE TABLE event (time_s REAL NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL);
"""

_SERIES = """
CREATE TABLE series (
    pose INTEGER PRIMARY KEY,     -- the id of the pose that stands for this sample
    channels BLOB NOT NULL        -- float64, one a channel
);
"""  # only with plain series; their channels' names are in the session's "signals"

_EXERCISE = f"""
CREATE TABLE exercise (
    exercise TEXT NOT NULL, round TEXT NOT NULL, start_s REAL NOT NULL, end_s REAL NOT NULL,
    window_s REAL NOT NULL,
    goal TEXT NOT NULL,           -- JSON
    met_s REAL NOT NULL, missed_s REAL NOT NULL, undefined_s REAL NOT NULL, longest_s REAL NOT NULL
);
CREATE TABLE exercise_score (
    id INTEGER PRIMARY KEY,       -- and the columns of "score", from the exercise's own window
    {_SCORE_COLUMNS}
);
"""  # only with an exercise

_ADD_POSE = "INSERT INTO pose VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)"
_ADD_RESULT = "INSERT INTO exercise VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
# The names are the program's own, never a user's.
_ADD_SCORE = f"INSERT INTO score VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608

_ADD_EXERCISE_SCORE = f"INSERT INTO exercise_score VALUES (NULL, {', '.join('?' * len(COLUMNS))})"  # noqa: S608


def free_path(path: Path) -> Path:
    """Return `path`, or the first of ``name-2``, ``name-3`` … that does not exist."""
    candidate, number = path, 1
    while os.path.lexists(candidate):  # including broken links
        number += 1
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return candidate


class Recorder(Closeable):
    """Writes a new recording; never changes an existing file.

    Missing folders are created; an existing name gets a number. The session is JSON values by key;
    plain series need the key ``signals`` (see `mirror.estimator.signals.Signals.to_session`). Every
    method raises RecordingError if the file cannot be written.
    """

    def __init__(self, path: Path, session: Mapping[str, Any], journal: str = "WAL") -> None:
        self.path = _create(path)
        self._closed = False
        self._size = 0
        self._committed = time.monotonic()
        self._last_row = self._committed_row = 0.0  # s
        self._has_exercises = False
        # Only the scoring loop writes, but another thread may create and close it.
        self._db = database.connect_to_write(self.path)
        try:
            self._begin(session, journal)
        except BaseException:  # also a signal that ends the program
            self.discard()
            raise
        _log.info("opened a recording")

    def _begin(self, session: Mapping[str, Any], journal: str) -> None:
        with database.translate_errors(self.path):
            self._db.execute(f"PRAGMA application_id = {database.APPLICATION_ID}")
            self._db.execute(f"PRAGMA user_version = {database.FORMAT}")
            self._db.execute(f"PRAGMA main.journal_mode = {journal}")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.executescript("BEGIN;" + _SCHEMA + (_SERIES if "signals" in session else ""))
            self.update_session(session)
            self._commit()

    def update_session(self, session: Mapping[str, Any]) -> None:
        """Add or replace keys of the ``session`` table."""
        texts = ((key, json.dumps(value, ensure_ascii=False)) for key, value in session.items())
        rows = [(key, encodable(text)) for key, text in texts]
        with database.translate_errors(self.path):
            self._db.executemany("INSERT OR REPLACE INTO session VALUES (?, ?)", rows)
        self.commit_if_due()

    def add_pose(self, feed: Feed, pose: Pose) -> None:
        """Add the next pose of a feed."""
        landmarks = None if pose.landmarks is None else pose.landmarks.astype("<f4").tobytes()
        world = None if pose.world is None else pose.world.astype("<f2").tobytes()
        motion = pose.camera[:4] if np.isnan(pose.camera[4]) else pose.camera
        camera = None if pose.camera is UNMOVED else motion.astype("<f8").tobytes()
        row = (feed, pose.time, landmarks, world, pose.width, pose.height, camera)
        with database.translate_errors(self.path):
            added = self._db.execute(_ADD_POSE, row)
            if pose.series is not None:
                channels = pose.series.astype("<f8").tobytes()
                self._db.execute("INSERT INTO series VALUES (?, ?)", (added.lastrowid, channels))
        self.commit_if_due()

    def copy_poses(self, source: Recording, count: int) -> None:
        """Add the first poses of two bodies of another recording, as it reads them."""
        columns = "NULL, feed, time_s, landmarks, world, width, height, camera"
        if (found := source.poses_to_attach(columns, "source")) is None:
            for each in islice(source.poses(), count):
                self.add_pose(*each)
            return
        uri, select = found
        with database.translate_errors(self.path):
            self._db.execute("ATTACH ? AS source", (uri,))
            self._db.execute(f"INSERT INTO pose {select} LIMIT {count}")
            worlds = self._db.execute("SELECT world FROM main.pose WHERE world IS NOT NULL")
            while rows := worlds.fetchmany(1000):
                metres = b"".join(world for (world,) in rows)
                checks.parse_landmarks(source.path, metres, "<f2", 3, len(rows))
        self.commit_if_due()

    def add_scores(self, scores: Iterable[Score]) -> None:
        """Add rows of the timeline; NaN is stored as NULL."""
        rows = _rows(scores)
        with database.translate_errors(self.path):
            self._db.executemany(_ADD_SCORE, rows)
        self._last_row = rows[-1][0] if rows else self._last_row
        self.commit_if_due()

    def add_result(self, result: Result) -> None:
        """Add the result of an exercise's round."""
        with self._exercises() as db:
            db.execute(_ADD_RESULT, checks.result_values(result))

    def add_exercise_scores(self, scores: Iterable[Score]) -> None:
        """Add rows of an exercise's own window, as `add_scores`."""
        if rows := _rows(scores):
            with self._exercises() as db:
                db.executemany(_ADD_EXERCISE_SCORE, rows)

    @contextmanager
    def _exercises(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection with the tables of exercises in it."""
        with database.translate_errors(self.path):
            if not self._has_exercises:
                self._has_exercises = True
                for statement in _EXERCISE.split(";"):  # a script would commit
                    self._db.execute(statement)
            yield self._db
        self.commit_if_due()

    def add_event(self, event: Event) -> None:
        """Add an event."""
        with database.translate_errors(self.path):
            self._db.execute(
                "INSERT INTO event VALUES (?, ?, ?)", (event.time_s, event.kind, event.text)
            )
        self.commit_if_due()

    def size(self) -> int:
        """Return the bytes of the file without its write-ahead log, as of the last commit.

        May be called on any thread.
        """
        return self._size

    def close(self) -> None:
        """Commit and close; may be called twice.

        If the disk is full, everything committed before stays readable.
        """
        if self._closed:
            return
        self._closed = True
        try:
            with database.translate_errors(self.path):
                if self._db.in_transaction:
                    self._db.execute("COMMIT")
                self._db.execute("PRAGMA main.journal_mode = WAL")  # not of what is attached
            _log.info("closed the recording: %d bytes", self._size)
        except RecordingError as error:
            _log.warning("the recording was not closed in good order: %s", describe_error(error))
            raise
        finally:
            self._db.close()

    def discard(self) -> None:
        """Close and delete the file."""
        self._closed = True
        self._db.close()
        _log.info("discarded the recording")
        for suffix in ("", *database.SIDE_FILE_SUFFIXES):
            with suppress(OSError):  # for SQLite's files, the name may be too long
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    def commit_if_due(self) -> None:
        """Commit if the last commit is `COMMIT_INTERVAL_S` ago; call it also when nothing comes."""
        now = time.monotonic()
        # A busy computer writes the rows of seconds at once.
        waited = max(now - self._committed, self._last_row - self._committed_row)
        if waited >= COMMIT_INTERVAL_S:
            self._committed = now
            with database.translate_errors(self.path):
                self._commit()

    def _commit(self) -> None:
        self._db.execute("COMMIT")
        self._committed_row = self._last_row
        (pages,), (page_bytes,) = (
            self._db.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size")
        )
        self._size = pages * page_bytes
        _log.debug("committed: %d bytes", self._size)
        self._db.execute("BEGIN")


def _create(path: Path) -> Path:
    """Create an empty file that only its owner may read, under a free name."""
    try:
        if path.is_dir():
            raise RecordingError(f"{path} is a folder; name a file in it")
        path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            free = free_path(path)
            try:
                os.close(os.open(free, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            except FileExistsError:
                continue  # created by another process meanwhile
            return free
    except OSError as error:
        # A file in the place of a parent folder raises FileExistsError.
        reason = "its folder is a file" if isinstance(error, FileExistsError) else error.strerror
        raise RecordingError(f"cannot write {path}: {reason}; choose another place") from error


def _rows(scores: Iterable[Score]) -> list[tuple[Any, ...]]:
    if isinstance(scores, Timeline):
        return list(zip(*(scores[name].tolist() for name in COLUMNS), strict=True))
    return list(map(attrgetter(*COLUMNS), scores))


@contextmanager
def complete_recording(path: Path, session: Mapping[str, Any]) -> Iterator[Recorder]:
    """Write a recording in one go; on an exception, delete it: half would look like a whole one."""
    recorder = Recorder(path, session, "DELETE")  # a log would be written, read and written again
    try:
        yield recorder
        recorder.close()
    except BaseException:
        recorder.discard()
        raise
