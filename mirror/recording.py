"""A recording, read: one SQLite file with a session's settings, poses, scores and events.

`mirror.recorder` writes it. Poses are kept in the order in which the clock took
them, so that scoring them again gives the same timeline to the last bit.
"""

from __future__ import annotations

import json
import math
import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror.clock import Feed
from mirror.closing import Closing
from mirror.errors import RecordingError
from mirror.landmarks import Landmark, Pose
from mirror.settings import Settings
from mirror.timeline import COLUMNS, State, Timeline

APPLICATION_ID = 0x4D525231  # "MRR1"
FORMAT = 1
"""Format of the file (SQLite's user_version); a higher one is refused by name."""

SUFFIX = ".mirror"

_MAGIC = b"SQLite format 3\0"
# SQLite's first 100 bytes: user_version and application_id
_HEADER = struct.Struct(">60x I 4x I 28x")

_Folder = tempfile.TemporaryDirectory[str]

# The names are the program's own, never a user's.
_GET_SCORES = f"SELECT {', '.join(COLUMNS)} FROM score ORDER BY rowid"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a moment: a mark, a scene of the demo, a lost camera."""

    time_s: float
    kind: str
    text: str


class Recording(Closing):
    """Reads a recording, also while it is being written.

    Use `Recording.open`, as a context manager or with `close`.
    """

    def __init__(self, path: Path, db: sqlite3.Connection, copy: _Folder | None) -> None:
        self.path = path
        self._db = db
        self._copy = copy

    @classmethod
    def open(cls, path: Path | str) -> Recording:
        """Open a recording for reading.

        Raises
        ------
        RecordingError
            Where there is no such file, it is no recording, or a newer version made it.
        """
        path = Path(path)
        _check_file(path)
        with said(path):
            return cls(path, *_connect(path))

    @property
    def session(self) -> dict[str, Any]:
        """The ``session`` table: settings, sources, versions, labels and what the end added."""
        with said(self.path):
            rows = self._db.execute("SELECT key, value FROM session").fetchall()
        try:
            found = {key: json.loads(value) for key, value in rows}
        except (json.JSONDecodeError, TypeError) as error:
            raise RecordingError(f"{self.path} is damaged: its session table: {error}") from error
        for key in ("sources", "settings", "labels", "model", "versions", "quality"):
            if not isinstance(found.get(key, {}), dict):
                raise RecordingError(f"{self.path} is damaged: its {key} are no table")
        return found

    @property
    def settings(self) -> Settings:
        """The settings that the stored scores were computed with."""
        return Settings.from_dict(self.session.get("settings", {}))

    def poses(self) -> Iterator[tuple[Feed, Pose]]:
        """The poses of both feeds, in the order in which the clock took them."""
        with said(self.path):
            yield from (
                (feed, self._pose(*row))
                for feed, *row in self._db.execute(
                    "SELECT feed, time_s, landmarks, world, width, height FROM pose ORDER BY id"
                )
            )

    def timeline(self) -> Timeline:
        """The stored scores, row by row in order of time."""
        with said(self.path):
            rows = self._db.execute(_GET_SCORES).fetchall()
        columns: dict[str, NDArray[Any]] = {}
        values = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
        for name, column in zip(COLUMNS, values, strict=True):
            try:
                # None becomes NaN
                columns[name] = np.array(column, dtype="U16" if name == "state" else float)
            except (TypeError, ValueError) as error:
                raise RecordingError(f"{self.path} is damaged: its column {name}") from error
        if not np.isin(columns["state"], [str(state) for state in State]).all():
            raise RecordingError(f"{self.path} is damaged: a state that is none")
        return Timeline(columns)

    def events(self) -> list[Event]:
        """All events, in order of time."""
        with said(self.path):
            rows = self._db.execute(
                "SELECT time_s, kind, text FROM event ORDER BY time_s, rowid"
            ).fetchall()
        return [Event(*row) for row in rows]

    def counts(self) -> dict[str, tuple[int, int]]:
        """For each feed, the number of frames and of frames with a person in them."""
        with said(self.path):
            rows = self._db.execute(
                "SELECT feed, count(*), count(landmarks) FROM pose GROUP BY feed"
            ).fetchall()
        found = {feed: (frames, people) for feed, frames, people in rows}
        return {feed: found.get(feed, (0, 0)) for feed in ("a", "b")}

    def close(self) -> None:
        """Close the file."""
        self._db.close()
        if self._copy is not None:
            self._copy.cleanup()

    def _pose(
        self, time_s: float, landmarks: bytes | None, world: bytes | None, width: int, height: int
    ) -> Pose:
        if not (
            isinstance(time_s, float)
            and math.isfinite(time_s)
            and isinstance(width, int)
            and isinstance(height, int)
            and width > 0
            and height > 0
        ):
            raise RecordingError(f"{self.path} is damaged: a pose without a usable time or size")
        return Pose(
            time_s,
            None if landmarks is None else self._array(landmarks, "<f4", 4),
            None if world is None else self._array(world, "<f2", 3),
            width,
            height,
        )

    def _array(self, blob: bytes, kind: str, columns: int) -> NDArray[Any]:
        expected = len(Landmark) * columns * np.dtype(kind).itemsize
        if not isinstance(blob, bytes) or len(blob) != expected:
            raise RecordingError(
                f"{self.path} is damaged: a pose should have {expected} bytes of landmarks"
            )
        return np.frombuffer(blob, kind).reshape(len(Landmark), columns)


def _check_file(path: Path) -> None:
    """Refuse what is no recording by its first bytes alone: to open a database may change it."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER.size)
    except FileNotFoundError as error:
        raise RecordingError(f"there is no recording {path}") from error
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror}") from error
    if len(header) < _HEADER.size or not header.startswith(_MAGIC):
        raise RecordingError(f"{path} is not a recording of mirror (no SQLite file)")
    version, application = _HEADER.unpack(header)
    if application != APPLICATION_ID:
        raise RecordingError(f"{path} is a database of another program, not a recording of mirror")
    if version > FORMAT:
        raise RecordingError(
            f"{path} was made by a newer version of mirror (format {version}; this one reads up "
            f"to {FORMAT}); update mirror to open it"
        )


def _connect(path: Path) -> tuple[sqlite3.Connection, _Folder | None]:
    """A connection that cannot write, and the folder of a copy where one had to be made."""
    # A write-ahead log needs its shared index beside it, so a reader opens for writing where it
    # may, and is kept from writing.
    copy = None
    try:
        db = _opened(path, "mode=rw")
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise
        log = path.with_name(path.name + "-wal")
        if log.exists() and log.stat().st_size:
            # A session that was killed, in a place that cannot be written: its last seconds are in
            # the log, and are brought together in a copy.
            copy = _Folder(prefix="mirror-")
            for file in (path, log):
                shutil.copy(file, copy.name)
            db = _opened(Path(copy.name) / path.name, "mode=rw")
        else:
            db = _opened(path, "immutable=1")
    db.execute("PRAGMA query_only = ON")
    return db, copy


def _opened(path: Path, how: str) -> sqlite3.Connection:
    db = sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True, check_same_thread=False)
    try:
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        db.close()
        raise
    return db


@contextmanager
def said(path: Path) -> Iterator[None]:
    """SQLite's errors, in words that name the file and the fix."""
    try:
        yield
    except sqlite3.Error as error:
        text = str(error)
        if "full" in text or "disk I/O" in text:
            fix = "free some space, or choose another place with -o"
        elif "readonly" in text or "unable to open" in text:
            fix = "the place is not writable; choose another with -o"
        else:
            fix = "the file may be damaged or in use"
        raise RecordingError(f"recording {path}: {text}; {fix}") from error
