"""A recording's file, opened so that nothing in it can act: it may come from a stranger.

What is no recording is refused by its first bytes. Of what is one, only ordinary tables are read,
nothing is written, and no statement takes more steps than a file of that size can need, so that a
table whose pages lead round in circles comes to an end.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import stat
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from mirror._support.closing import Closeable
from mirror.errors import RecordingError

APPLICATION_ID: Final = 0x4D525231  # "MRR1"
FORMAT: Final = 2
"""Newest format of the file (SQLite's user_version); a higher one is refused by name."""

FORMAT_WITHOUT_SERIES: Final = 1
"""What a recording without plain series is written as, so that older versions read it, too: they
would take a person who is known by a series alone for nobody."""

SUFFIX: Final = ".mirror"

VIDEO_STEM_SUFFIX: Final = ".video"
"""What the name of a recording with pictures ends in, before the suffix."""

TABLES: Final = ("session", "pose", "score", "event", "series")

SIDE_FILE_SUFFIXES: Final = ("-wal", "-shm", "-journal")
"""What SQLite may leave beside a file while it is written, or after its writer was killed."""

_MAGIC = b"SQLite format 3\0"
# SQLite's first 100 bytes: user_version and application_id
_HEADER = struct.Struct(">60x I 4x I 28x")

_LONGEST_VALUE = 16 * 2**20  # bytes; a pose has 726, and notes are far from it
_LOOK_EVERY = 1_000_000  # of SQLite's steps: some 20 ms
_STEPS = 5_000_000
_STEPS_A_BYTE = 20  # reading everything in the order of time takes less than 10

# SQLite's complaint about a damaged name holds that name, which may be no text, and damage may make
# it ask for more memory than there can be.
_ERRORS = (sqlite3.Error, UnicodeDecodeError, MemoryError)

_Folder = tempfile.TemporaryDirectory[str]


class Database(Closeable):
    """The file of a recording, for reading only, also while it is being written.

    Parameters
    ----------
    path : Path

    Raises
    ------
    RecordingError
        Where there is no such file, it is no recording, or a newer version made it.

    Notes
    -----
    It may be opened on one thread and read on another, but is never for two at once: the one holds
    SQLite's lock and waits for Python's to count its steps, while the other holds Python's and
    waits for SQLite's. Whoever reads on a thread of their own opens the file once more.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        check_file(path)
        self._copy: _Folder | None = None
        self._looks = 0
        with translate_errors(path):
            self._db = self._connect()
            try:
                with self.query() as db:
                    _check_tables(path, db)
            except (RecordingError, *_ERRORS):
                self.close()
                raise

    @contextmanager
    def query(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one question; SQLite's errors become a `RecordingError`."""
        with translate_errors(self.path):
            self._looks = (_STEPS + _STEPS_A_BYTE * self._size()) // _LOOK_EVERY
            yield self._db

    def close(self) -> None:
        """Close the file."""
        self._db.close()
        if self._copy is not None:
            self._copy.cleanup()

    def _size(self) -> int:
        with suppress(OSError):  # removed meanwhile: what is open can still be read
            return self.path.stat().st_size
        return 0

    def _connect(self) -> sqlite3.Connection:
        # A write-ahead log needs its shared index beside it, so a reader opens for writing where it
        # may, and is kept from writing.
        try:
            return self._open(self.path, "mode=rw")
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise
        check_file(self.path)  # it may be gone since it was looked at
        log = self.path.with_name(self.path.name + "-wal")
        if not (log.exists() and log.stat().st_size):
            return self._open(self.path, "mode=ro&immutable=1")
        # A session that was killed, in a place that cannot be written: its last seconds are in the
        # log, and are brought together in a copy.
        self._copy = _Folder(prefix="mirror-")
        for file in (self.path, log):
            shutil.copy(file, self._copy.name)
        return self._open(Path(self._copy.name) / self.path.name, "mode=rw")

    def _open(self, path: Path, how: str) -> sqlite3.Connection:
        db = sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True, check_same_thread=False)
        try:
            db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
            db.text_factory = _text
            self._looks = _STEPS // _LOOK_EVERY
            db.set_progress_handler(self._is_too_long, _LOOK_EVERY)
            for name, value in (
                ("trusted_schema", "OFF"),
                ("query_only", "ON"),
                ("cell_size_check", "ON"),
            ):
                db.execute(f"PRAGMA {name} = {value}")
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except _ERRORS:
            db.close()
            raise
        return db

    def _is_too_long(self) -> bool:
        self._looks -= 1
        return self._looks < 0


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def check_file(path: Path) -> None:
    """Refuse what is no recording by its first bytes alone: to open a database may change it."""
    try:
        # Opening what is no file, such as a pipe, may wait forever.
        if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
            raise RecordingError(f"{path} is no file, and so not a recording of mirror")
        with path.open("rb") as file:
            header = file.read(_HEADER.size)
    except FileNotFoundError as error:
        raise RecordingError(f"there is no recording {path}") from error
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:  # a name with a NUL in it
        raise RecordingError(f"{str(path)!r} is no name of a file") from error
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


def _check_tables(path: Path, db: sqlite3.Connection) -> None:
    """Refuse what is computed when it is read or written, in place of being there."""
    for kind, name, sql in db.execute("SELECT type, name, sql FROM sqlite_master"):
        if kind not in ("table", "index") or "VIRTUAL" in str(sql).upper().split()[:2]:
            raise RecordingError(
                f"{path} holds a {kind} that mirror never makes, and is not opened: somebody has "
                f"changed it ({str(name)[:60]!r})"
            )
    for table in TABLES:
        # 1 is a hidden column of a virtual table, 2 and 3 are generated ones.
        if any(hidden for *_, hidden in db.execute(f"PRAGMA table_xinfo({table})")):
            raise RecordingError(f"{path} has a computed column, which mirror never makes")


@contextmanager
def translate_errors(path: Path) -> Iterator[None]:
    """SQLite's errors, in words that name the file and the fix."""
    try:
        yield
    except _ERRORS as error:
        text = re.sub(r"\s+", " ", str(error))
        if "full" in text or "disk I/O" in text:
            fix = "free some space, or choose another place"
        elif "readonly" in text or "unable to open" in text:
            fix = "the place is not writable; choose another"
        elif isinstance(error, UnicodeDecodeError):
            text, fix = "a name in it is no text", "the file is damaged"
        elif isinstance(error, MemoryError):
            text, fix = "it asks for more memory than there is", "the file is damaged"
        elif "interrupted" in text:
            text, fix = "more is to be read than it can hold", "the file is damaged"
        else:
            fix = "the file may be damaged or in use"
        raise RecordingError(f"recording {path}: {text}; {fix}") from error
