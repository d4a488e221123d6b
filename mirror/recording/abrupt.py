"""Sessions that ended abruptly: their process was killed, or the machine went down."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import Final

from mirror.errors import RecordingError
from mirror.recording.database import SUFFIX
from mirror.recording.library import ended_well
from mirror.recording.reader import Recording

LOOKED_AT: Final = 50
"""So many of a folder's newest files are looked at."""

_SAID: Final = "said_abrupt"
_COPIES: Final = ("rescored_with", "anonymized")


def newly_abrupt(folder: Path) -> list[Path]:
    """The recordings in a folder whose end nobody has been told of yet, newest first.

    Each is given once: that it was is kept in the recording. One that is still being written, or
    is open anywhere else, is none of them. Its write-ahead log is brought into the file on the way.
    """
    return [path for path in islice(_newest(folder), LOOKED_AT) if _is_abrupt(path) and _say(path)]


def in_words(path: Path) -> str:
    """That a session ended abruptly, and what to do, in a line."""
    return (
        f"the session in {path} ended abruptly; all but its last second is there: "
        f"see mirror info {path} or mirror replay {path}"
    )


def _newest(folder: Path) -> Iterator[Path]:
    with suppress(OSError):  # there is no such folder yet, or it belongs to somebody else
        found = [(path.stat().st_mtime, path) for path in folder.glob(f"*{SUFFIX}")]
        yield from (path for _, path in sorted(found, reverse=True))


def _is_abrupt(path: Path) -> bool:
    try:
        with Recording.open(path) as recording:
            session = recording.session
            return not (
                ended_well(session) or _SAID in session or any(each in session for each in _COPIES)
            )
    except RecordingError:  # none, or damaged: of that, opening it tells
        return False


def _say(path: Path) -> bool:
    """Note that it was said; False where somebody else has it open, or nothing can be noted."""
    with (
        suppress(sqlite3.Error),
        closing(
            sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None
            )
        ) as db,
    ):
        # Whoever has the file open keeps this one from having it alone, also between two commits.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("BEGIN EXCLUSIVE")
        db.execute("INSERT OR REPLACE INTO session VALUES (?, ?)", (_SAID, json.dumps(True)))
        db.execute("COMMIT")
        return True
    return False
