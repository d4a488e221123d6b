"""Open a recording's SQLite file safely: it may come from a stranger.

Other files are refused by their first bytes. Only ordinary tables are read, nothing is written, and
the steps of a statement are limited by the file's size, so that reading pages in a cycle ends.
"""

import errno
import os
import re
import shutil
import sqlite3
import stat
import struct
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

from mirror._support.closing import Closeable
from mirror.errors import RecordingError
from mirror.landmarks import FEEDS, Feed
from mirror.recording.torn import copy_whole_rows

APPLICATION_ID: Final = 0x4D525231  # "MRR1"
# Newest file format (SQLite's user_version): the motion of people's pixels is measured. Format 1
# has landmarks, 2 plain series, 3 a camera that moved, 4 postures against chance.
FORMAT: Final = 5
# Postures were defined in other ways before, which are not read: a rescore replaces them.
POSTURES_SINCE: Final = 5

SUFFIX: Final = ".mirror"

VIDEO_STEM_SUFFIX: Final = ".video"  # end of the stem of a recording with video

_TABLES: Final = ("session", "pose", "score", "event", "series", "exercise", "exercise_score")

# Suffixes of SQLite's files beside an open database, or one whose writer was killed.
SIDE_FILE_SUFFIXES: Final = ("-wal", "-shm", "-journal")
_HEADER_BYTES: Final = 100  # of every SQLite file
_LENGTH = struct.Struct(">16x H 10x I")  # in the header: bytes of a page, number of pages

_NO_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EPERM, errno.EIO}
_devices_with_locks: set[int] = set()

_MAX_VALUE_BYTES = 16 * 2**20  # a pose has 766
_STEPS_PER_CALL = 1_000_000  # of SQLite's virtual machine between two progress calls: 20 ms
_MIN_STEPS = 5_000_000
_STEPS_PER_BYTE = 20  # reading everything in order of time takes less than 10

# SQLite quotes damaged names, which may not decode, and damage may make it allocate any amount.
_ERRORS = (sqlite3.Error, UnicodeDecodeError, MemoryError)


def video_paths(recording: Path) -> dict[Feed, Path]:
    """Return the paths of a recording's videos: ``talk.a.mp4`` for ``talk.mirror``."""
    return {feed: recording.with_name(f"{recording.stem}.{feed}.mp4") for feed in FEEDS}


class Database(Closeable):
    """A read-only connection to a recording, which may be in use by its writer.

    May be opened on one thread and read on another, but two threads at once would deadlock: one
    holds SQLite's lock and waits for the GIL in the progress handler, the other the reverse. Open
    the file once per thread. Raise RecordingError if there is no such file, it is not a recording,
    or a newer version made it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        check_file(path)
        self.uri: str | None = None  # that the file is open by; None for a copy of it
        self._copy: tempfile.TemporaryDirectory[str] | None = None
        self._calls_left = 0
        with translate_errors(path), ExitStack() as undo:
            undo.callback(self._delete_copy)
            self._db = self._connect()
            undo.callback(self._db.close)
            with self.query() as db:
                _check_tables(path, db)
            undo.pop_all()
            self._delete_copy()  # it stays open, but under Windows

    @contextmanager
    def query(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection for one query; errors of SQLite become a `RecordingError`."""
        with translate_errors(self.path):
            self._calls_left = (_MIN_STEPS + _STEPS_PER_BYTE * self._size()) // _STEPS_PER_CALL
            yield self._db

    def close(self) -> None:
        self._db.close()
        self._delete_copy()

    def _delete_copy(self) -> None:
        if self._copy is not None:
            self._copy.cleanup()

    def _size(self) -> int:
        with suppress(OSError):  # removed meanwhile; the open file can still be read
            return self.path.stat().st_size
        return 0

    def _connect(self) -> sqlite3.Connection:
        if _is_torn(self.path):
            return self._salvage(self._copy_folder())
        # Reading a write-ahead log needs a shared index file, so open for writing if allowed;
        # query_only prevents changes.
        if has_locks(self.path):
            try:
                return self._open(self.path, "mode=rw")
            except sqlite3.OperationalError as error:
                if "locked" in str(error) or "busy" in str(error):
                    raise
        check_file(self.path)  # may have been removed meanwhile
        log = self.path.with_name(self.path.name + "-wal")
        if not (log.is_file() and log.stat().st_size):
            return self._open(self.path, "mode=ro&immutable=1")
        # A killed session in a place that is read-only or has no locks: merge its log in a copy.
        folder = self._copy_folder()
        for file in (self.path, log):
            shutil.copy(file, folder)
        return self._open(folder / self.path.name, "mode=rw")

    def _copy_folder(self) -> Path:
        self._copy = tempfile.TemporaryDirectory(prefix="mirror-", ignore_cleanup_errors=True)
        return Path(self._copy.name)

    def _salvage(self, folder: Path) -> sqlite3.Connection:
        """Open a copy of a torn file that holds the rows before the tear, and says so."""
        torn, whole = folder / "torn", folder / "whole"
        shutil.copy(self.path, torn)
        # SQLite opens it only at its full length; an empty page is where it stops.
        with torn.open("r+b") as file:
            page_bytes, pages = _LENGTH.unpack(file.read(_LENGTH.size))
            file.truncate((65_536 if page_bytes == 1 else page_bytes) * pages)
        with (
            closing(self._open(torn, "mode=ro&immutable=1")) as source,
            closing(sqlite3.connect(whole, isolation_level=None)) as target,
        ):
            _check_tables(self.path, source)
            target.execute("PRAGMA trusted_schema = OFF")
            target.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            target.execute(
                "PRAGMA user_version = {}".format(*source.execute("PRAGMA user_version").fetchone())
            )
            target.execute("BEGIN")
            ends = copy_whole_rows(source, target, self.path)
            text = (
                f"the file is torn: it holds landmarks up to {ends['pose']:.1f} s and scores up to "
                f"{ends['score']:.1f} s; copy it again if the original is whole"
            )
            last = max(ends["pose"], ends["score"])
            target.execute("INSERT INTO event VALUES (?, 'warning', ?)", (last, text))
            target.execute("COMMIT")
        torn.unlink()
        return self._open(whole, "mode=rw")

    def _open(self, path: Path, mode: str) -> sqlite3.Connection:
        uri = f"{path.resolve().as_uri()}?{mode}"
        db = sqlite3.connect(uri, uri=True, check_same_thread=False)
        try:
            db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE_BYTES)
            db.text_factory = partial(str, encoding="utf-8", errors="replace")
            self._calls_left = _MIN_STEPS // _STEPS_PER_CALL
            db.set_progress_handler(self._count_call, _STEPS_PER_CALL)
            for setting in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"):
                db.execute(f"PRAGMA {setting}")
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except _ERRORS:
            db.close()
            raise
        self.uri = uri if path == self.path else None
        return db

    def _count_call(self) -> bool:
        self._calls_left -= 1
        return self._calls_left < 0  # True interrupts the statement


def connect_to_write(path: Path, timeout: float = 5.0) -> sqlite3.Connection:
    """Connect to a recording for writing, also on a network share that has no locks."""
    vfs, locking = ("", "NORMAL") if has_locks(path) else ("&vfs=unix-none", "EXCLUSIVE")
    # As a URI with an absolute path: bare names such as ":memory:" and "file:…" have a meaning.
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw{vfs}",
        uri=True,
        timeout=timeout,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=16,
    )
    db.execute(f"PRAGMA main.locking_mode = {locking}")  # then the log needs no shared index file
    return db


def has_locks(path: Path) -> bool:
    """Return whether the file system has locks; some network shares have none.

    A file system that has them is tried once, before SQLite locks a file on it: closing the file
    that is tried releases all locks of this process on that file.
    """
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        device = path.stat().st_dev
        if device not in _devices_with_locks:
            with path.open("rb") as file:
                fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB, 1)
            _devices_with_locks.add(device)
    except OSError as error:
        return error.errno not in _NO_LOCKS
    return True


def check_file(path: Path) -> None:
    """Refuse files that are not recordings before they are opened: SQLite might change them."""
    size = _file_size(path)
    application = None
    with translate_errors(path):
        try:
            application, version = _read_header(
                path, "application_id", "user_version", even_torn=True
            )
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
                raise
    if application is None or size < _HEADER_BYTES:
        raise RecordingError(f"{path} is not a recording of mirror (not an SQLite file)")
    if application != APPLICATION_ID:
        raise RecordingError(f"{path} is a database of another program, not a recording of mirror")
    if version > FORMAT:
        raise RecordingError(
            f"{path} was made by a newer version of mirror (format {version}; this one reads up "
            f"to {FORMAT}); update mirror to open it"
        )


def _file_size(path: Path) -> int:
    """Return the bytes of a file; refuse what cannot be read."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        # Opening what is no file, such as a pipe, may wait forever.
        if not stat.S_ISREG(status.st_mode):
            raise RecordingError(f"{path} is not a file, and so not a recording of mirror")
        if not os.access(path, os.R_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except FileNotFoundError as error:
        raise RecordingError(f"there is no recording {path}") from error
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:  # a name with a NUL in it
        raise RecordingError(f"{str(path)!r} is not a file name") from error
    return status.st_size


def _check_tables(path: Path, db: sqlite3.Connection) -> None:
    """Refuse views, triggers, virtual tables and generated columns, which run code."""
    for kind, name, sql in db.execute("SELECT type, name, sql FROM sqlite_master"):
        if kind not in ("table", "index") or "VIRTUAL" in str(sql).upper().split()[:2]:
            raise RecordingError(
                f"{path} holds a {kind} that mirror never makes, and is not opened: it was "
                f"tampered with ({str(name)[:60]!r})"
            )
    for table in _TABLES:
        # 1: hidden column of a virtual table; 2 and 3: generated columns
        if any(hidden for *_, hidden in db.execute(f"PRAGMA table_xinfo({table})")):
            raise RecordingError(f"{path} has a generated column, which mirror never makes")


def _is_torn(path: Path) -> bool:
    """Return whether a file is shorter than its header says, and nothing in a log explains it."""
    log = path.with_name(path.name + "-wal")
    try:
        if log.exists() and log.stat().st_size:
            return False
        page_bytes, pages = _read_header(path, "page_size", "page_count")
        return page_bytes * pages > path.stat().st_size
    except (OSError, sqlite3.DatabaseError) as error:  # if it was removed, opening it says so
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_CORRUPT


def _read_header(path: Path, *names: str, even_torn: bool = False) -> list[int]:
    """Return pragmas that are in a file's header, without changing the file.

    SQLite reads it, because SQLite keeps its locks then: if Python opened and closed the file, this
    process would lose all its locks on it (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as db:
        db.execute(f"PRAGMA writable_schema = {even_torn}")
        return [db.execute(f"PRAGMA {name}").fetchone()[0] for name in names]


@contextmanager
def translate_errors(path: Path) -> Iterator[None]:
    """Turn errors of SQLite into a `RecordingError` that names the file and the fix."""
    try:
        yield
    except _ERRORS as error:
        text = re.sub(r"\s+", " ", str(error))
        if "full" in text or "disk I/O" in text:
            fix = "free some space, or choose another place"
        elif "readonly" in text or "unable to open" in text:
            fix = "its folder is read-only, or its name too long; copy it, or choose another place"
        elif "locked" in text or "busy" in text:
            fix = "another program is writing to it; wait until it has finished and try again"
        elif isinstance(error, UnicodeDecodeError):
            text, fix = "a name in it is not text", "the file is damaged"
        elif isinstance(error, MemoryError):
            text, fix = "it asks for more memory than there is", "the file is damaged"
        elif "interrupted" in text:
            text, fix = "it claims more data than it can hold", "the file is damaged"
        else:
            fix = "the file may be damaged"
        raise RecordingError(f"recording {path}: {text}; {fix}") from error
