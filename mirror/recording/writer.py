"""A recording, written: settings, poses, scores and events into a new SQLite file.

`mirror.recording.reader` reads it, also while it is being written.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mirror._support.closing import Closeable
from mirror._support.logs import describe_error
from mirror.errors import RecordingError
from mirror.events import Event
from mirror.landmarks import Feed, Pose
from mirror.recording.database import (
    APPLICATION_ID,
    FORMAT,
    FORMAT_WITHOUT_SERIES,
    SIDE_FILE_SUFFIXES,
    translate_errors,
)
from mirror.timeline import COLUMNS, Score

_log = logging.getLogger(__name__)

COMMIT_EVERY = 0.5
"""Seconds between commits while writing; a killed process loses no more than this."""

BYTES_AN_HOUR = 180e6
"""What an hour of two feeds at 30 pictures a second takes, without pictures."""

_SCHEMA = f"""
CREATE TABLE session (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE pose (
    id INTEGER PRIMARY KEY,       -- the order in which the clock took them
    feed TEXT NOT NULL CHECK (feed IN ('a', 'b')),
    time_s REAL NOT NULL,
    landmarks BLOB,               -- float32 [33, 4]: x, y, z, visibility; NULL where nobody was
    world BLOB,                   -- float16 [33, 3]: metres
    width INTEGER NOT NULL,       -- of the picture, pixels
    height INTEGER NOT NULL
);
CREATE TABLE score (
    {", ".join(f"{name} {'TEXT' if name == 'state' else 'REAL'}" for name in COLUMNS)}
);
CREATE TABLE event (time_s REAL NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL);
"""

_SERIES = """
CREATE TABLE series (
    pose INTEGER PRIMARY KEY,     -- the id of the pose that stands for this sample
    channels BLOB NOT NULL        -- float64, one a channel
);
"""  # only with plain series, whose channels' names the session has under "signals"

# The names are the program's own, never a user's.
_ADD_SCORE = f"INSERT INTO score VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608


def free_path(path: Path) -> Path:
    """`path`, or the first of ``name-2``, ``name-3`` … that does not exist yet."""
    candidate, number = path, 1
    while os.path.lexists(candidate):  # a link that leads nowhere is taken, too
        number += 1
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return candidate


class Recorder(Closeable):
    """Writes a new recording; never touches a file that exists.

    Parameters
    ----------
    path : Path
        Where to; missing folders are made, and a name that exists gets a suffix (see `path`).
    session : mapping
        What the ``session`` table holds: JSON values by key. Plain series can be kept where it has
        ``signals`` (see `mirror.estimator.signals.Signals.to_session`).

    Raises
    ------
    RecordingError
        From every method, where the file cannot be written.
    """

    def __init__(self, path: Path, session: Mapping[str, Any]) -> None:
        self.path = _create(path)
        self._closed = False
        self._size = 0
        self._committed = time.monotonic()
        # The scoring loop is the only writer, but a window may own it from another thread.
        self._db = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, cached_statements=16
        )
        try:
            self._begin(session)
        except RecordingError:
            self.discard()
            raise
        _log.info("opened a recording")

    def _begin(self, session: Mapping[str, Any]) -> None:
        has_series = "signals" in session
        version, more = (FORMAT, _SERIES) if has_series else (FORMAT_WITHOUT_SERIES, "")
        with translate_errors(self.path):
            self._db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            self._db.execute(f"PRAGMA user_version = {version}")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.executescript("BEGIN;" + _SCHEMA + more)
            self.update_session(session)
            self._commit()

    def update_session(self, session: Mapping[str, Any]) -> None:
        """Add or replace keys of the ``session`` table."""
        rows = [(key, _json(value)) for key, value in session.items()]
        with translate_errors(self.path):
            self._db.executemany("INSERT OR REPLACE INTO session VALUES (?, ?)", rows)
        self.commit_if_due()

    def add_pose(self, feed: Feed, pose: Pose) -> None:
        """Keep the next pose of a feed."""
        landmarks = None if pose.landmarks is None else pose.landmarks.astype("<f4").tobytes()
        world = None if pose.world is None else pose.world.astype("<f2").tobytes()
        row = (feed, pose.time, landmarks, world, pose.width, pose.height)
        with translate_errors(self.path):
            added = self._db.execute("INSERT INTO pose VALUES (NULL, ?, ?, ?, ?, ?, ?)", row)
            if pose.series is not None:
                channels = pose.series.astype("<f8").tobytes()
                self._db.execute("INSERT INTO series VALUES (?, ?)", (added.lastrowid, channels))
        self.commit_if_due()

    def add_scores(self, scores: Iterable[Score]) -> None:
        """Keep rows of the timeline; NaN is stored as NULL."""
        rows = [[getattr(score, name) for name in COLUMNS] for score in scores]
        with translate_errors(self.path):
            self._db.executemany(_ADD_SCORE, rows)
        self.commit_if_due()

    def add_event(self, event: Event) -> None:
        """Keep an event."""
        with translate_errors(self.path):
            self._db.execute(
                "INSERT INTO event VALUES (?, ?, ?)", (event.time_s, event.kind, event.text)
            )
        self.commit_if_due()

    def size(self) -> int:
        """Bytes that the file has once it is closed, as of the last commit.

        The log beside it holds some of them a second time meanwhile. May be asked for on any
        thread.
        """
        return self._size

    def close(self) -> None:
        """Commit and close; one file is left. May be called twice.

        Where the disk is full, what was committed before stays readable.
        """
        if self._closed:
            return
        self._closed = True
        try:
            with translate_errors(self.path):
                if self._db.in_transaction:
                    self._db.execute("COMMIT")
            _log.info("closed the recording: %d bytes", self._size)
        except RecordingError as error:
            _log.warning("the recording was not closed in good order: %s", describe_error(error))
            raise
        finally:
            self._db.close()

    def discard(self) -> None:
        """Close, and remove the file: for a session in which nothing came to be recorded."""
        self._closed = True
        self._db.close()
        _log.info("discarded the recording")
        for beside in ("", *SIDE_FILE_SUFFIXES):
            self.path.with_name(self.path.name + beside).unlink(missing_ok=True)

    def commit_if_due(self) -> None:
        """Commit, if the last time is `COMMIT_EVERY` ago: for moments when nothing comes."""
        now = time.monotonic()
        if now - self._committed >= COMMIT_EVERY:
            self._committed = now
            with translate_errors(self.path):
                self._commit()

    def _commit(self) -> None:
        self._db.execute("COMMIT")
        (pages,), (page_bytes,) = (
            self._db.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size")
        )
        self._size = pages * page_bytes
        _log.debug("committed: %d bytes", self._size)
        self._db.execute("BEGIN")


def _create(path: Path) -> Path:
    """Claim a file name that nobody has yet, readable by its owner only."""
    try:
        if path.is_dir():
            raise RecordingError(f"{path} is a folder; name a file in it")
        path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            free = free_path(path)
            try:
                os.close(os.open(free, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            except FileExistsError:
                continue  # somebody was quicker: the next name
            return free
    except OSError as error:
        # what stands where a folder should be is said to "exist"
        reason = "its folder is a file" if isinstance(error, FileExistsError) else error.strerror
        raise RecordingError(f"cannot write {path}: {reason}; choose another place") from error


def _json(value: object) -> str:
    # Bytes of a command line that are no text come as lone surrogates, which no file can hold.
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")
