"""Edit a recording's events and labels; rename or delete all of its files.

Measurements are never changed. Each change is one transaction, and may be made while the recording
is open for reading. It raises a `RecordingError` if the recording cannot be read or changed.
"""

import json
import math
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from mirror._support.jsonable import encodable
from mirror.errors import RecordingError
from mirror.events import Event
from mirror.recording.database import (
    SIDE_FILE_SUFFIXES,
    SUFFIX,
    VIDEO_STEM_SUFFIX,
    check_file,
    connect_to_write,
    translate_errors,
    video_paths,
)
from mirror.recording.reader import MAX_EVENT_CHARS, Recording

MAX_LABEL_CHARS = 100  # of a person's label, the condition and an event's kind
MAX_TEXT_CHARS = 10_000  # of an event's text and the notes

_LOCK_TIMEOUT_S = 2.0


def events_with_ids(path: Path | str) -> list[tuple[int, Event]]:
    """Return all events in order of time, with the ids that the other functions take."""
    with Recording.open(path) as recording:
        return recording.events_with_ids()


def add_event(path: Path | str, event: Event, id: int | None = None) -> int:  # noqa: A002
    """Add an event and return its id; a deleted event is restored under its old `id`.

    Raise RecordingError also if its time is not finite, a text is too long, or the id is in use.
    """
    with _transaction(path) as db:
        if db.execute("SELECT 1 FROM event WHERE rowid = ?", (id,)).fetchone() is not None:
            raise RecordingError(f"{path}: there is another event {id}; open the recording again")
        row = db.execute(
            "INSERT INTO event (rowid, time_s, kind, text) VALUES (?, ?, ?, ?)",
            (id, *_values(event)),
        )
        return int(row.lastrowid or 0)


def add_events(path: Path | str, events: Sequence[Event]) -> list[Event]:
    """Add those events that the recording does not have yet, all or none, and return them."""
    with _transaction(path) as db:
        known = [Event(*row) for row in db.execute("SELECT time_s, kind, text FROM event")]
        new = [each for each in dict.fromkeys(events) if each not in set(known)]
        if sum(len(each.kind) + len(each.text) for each in (*known, *new)) > MAX_EVENT_CHARS:
            raise RecordingError(f"{path}: the texts of all events are too long; add fewer")
        db.executemany("INSERT INTO event VALUES (?, ?, ?)", map(_values, new))
    return new


def change_event(path: Path | str, id: int, event: Event) -> None:  # noqa: A002
    """Replace an event."""
    change = "UPDATE event SET time_s = ?, kind = ?, text = ? WHERE rowid = ?"
    _change(path, id, change, *_values(event))


def delete_event(path: Path | str, id: int) -> None:  # noqa: A002
    """Delete an event."""
    _change(path, id, "DELETE FROM event WHERE rowid = ?")


def set_labels(path: Path | str, labels: tuple[str, str]) -> None:
    """Change the names of A and B."""
    a, b = (_check_text(label, MAX_LABEL_CHARS, "a label") for label in labels)
    stored = json.dumps({"a": a, "b": b}, ensure_ascii=False)
    with _transaction(path) as db:
        db.execute("INSERT OR REPLACE INTO session VALUES ('labels', ?)", (stored,))


def recording_files(path: Path) -> list[Path]:
    """Return the existing files of a recording: its own, SQLite's, and its videos.

    Their names follow from the recording's name, never from its content. Works for damaged
    recordings too. Raise RecordingError if it is not a recording, or a link to one.
    """
    if path.is_symlink():
        raise RecordingError(f"{path} is a link; name the recording itself: {path.resolve()}")
    check_file(path)
    side_files = [path.with_name(path.name + suffix) for suffix in SIDE_FILE_SUFFIXES]
    videos = video_paths(path).values() if _has_video(path) else ()
    return [each for each in (path, *side_files, *videos) if each.exists()]


def delete_recording(path: Path) -> list[Path]:
    """Delete a recording and its side files, and return their paths.

    Exports, reports and films made from it stay. Forensic tools may still find its data on disk.
    Raise RecordingError if it is no recording, is open elsewhere, or a file cannot be deleted.
    """
    files = recording_files(path)
    try:
        _check_unused(path)
    except sqlite3.DatabaseError as error:  # damage is no reason to keep it
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise RecordingError(
                f"{path} is open in another program, which may be recording; close it there first"
            ) from error
    # The recording last, so that it can be deleted again if another file fails.
    for each in reversed(files):
        try:
            each.unlink(missing_ok=True)  # SQLite may have removed its log by itself
        except OSError as error:
            raise RecordingError(f"{each} cannot be deleted: {error.strerror}") from error
    return files


class NameRefusedError(RecordingError):
    """A recording cannot have a name: no file can, or another one has it."""


def rename_recording(path: Path, name: str) -> Path:
    """Rename a recording, its videos and SQLite's files, and return its new path.

    `name` is the new file name in the same folder, without ``.mirror``, or ``.video`` before it.
    Raise NameRefusedError if no file can have it or it is in use, RecordingError if the recording
    is open in another program or a file cannot be renamed; all files then have their old names.
    """
    name = name.strip().removesuffix(SUFFIX).removesuffix(VIDEO_STEM_SUFFIX)
    if not re.fullmatch(r"""[^./\\:*?"<>|][^/\\:*?"<>|]{0,79}""", name):
        raise NameRefusedError(
            f"a recording cannot be named {name!r}; use 1 to 80 letters, digits and spaces, "
            'without / \\ : * ? " < > |, and no dot first'
        )
    kept = VIDEO_STEM_SUFFIX if path.stem.endswith(VIDEO_STEM_SUFFIX) else ""
    recording_files(path)  # refuses what is not a recording
    with translate_errors(path):
        _check_unused(path)
    files = recording_files(path)
    renamed = [each.with_name(name + kept + each.name[len(path.stem) :]) for each in files]
    for new in renamed:
        if new.exists():
            raise NameRefusedError(f"{new} exists; choose another name")
    done: list[tuple[Path, Path]] = []
    try:
        for old, new in zip(files, renamed, strict=True):
            old.rename(new)
            done.append((old, new))
    except OSError as error:
        for old, new in done:
            new.rename(old)
        raise RecordingError(f"{path} cannot be renamed: {error.strerror}") from error
    names = {feed: each.name for feed, each in video_paths(renamed[0]).items() if each.exists()}
    with translate_errors(renamed[0]), closing(connect_to_write(renamed[0])) as db:
        db.execute("UPDATE session SET value = ? WHERE key = 'video'", (json.dumps(names),))
    return renamed[0]


def _check_unused(path: Path) -> None:
    """Raise SQLite's error if anybody else has the file open; merge its log into it."""
    with closing(connect_to_write(path, timeout=0)) as db:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("BEGIN EXCLUSIVE")
        db.execute("COMMIT")


@contextmanager
def _transaction(path: Path | str) -> Iterator[sqlite3.Connection]:
    path = Path(path)
    with Recording.open(path) as recording:  # refuse to write what cannot be read
        _ = recording.session, recording.events()
    with translate_errors(path), closing(connect_to_write(path, _LOCK_TIMEOUT_S)) as db:
        db.execute("BEGIN IMMEDIATE")
        yield db
        db.execute("COMMIT")


def _change(path: Path | str, id_: int, statement: str, *values: float | str) -> None:
    with _transaction(path) as db:
        if not db.execute(statement, (*values, id_)).rowcount:
            raise RecordingError(f"{path}: there is no event {id_} any more; open it again")


def _values(event: Event) -> tuple[float, str, str]:
    if not math.isfinite(event.time_s):
        raise RecordingError(f"an event's time must be a number of seconds, not {event.time_s}")
    return (
        float(event.time_s),
        _check_text(event.kind, MAX_LABEL_CHARS, "an event's kind"),
        _check_text(event.text, MAX_TEXT_CHARS, "an event's text"),
    )


def _check_text(text: str, max_chars: int, what: str) -> str:
    if len(text) > max_chars:
        raise RecordingError(
            f"{what} of {len(text)} characters is too long; shorten it to {max_chars}"
        )
    return encodable(text)


def _has_video(path: Path) -> bool:
    """Return whether videos of that name are the recording's own, not those it was made from."""
    if path.stem.endswith(VIDEO_STEM_SUFFIX):
        return True
    try:
        with Recording.open(path) as recording:
            return "video" in recording.session
    except RecordingError:  # damaged
        return False
