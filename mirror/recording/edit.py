"""Changing what people say of a recording: its events, labels, condition and notes.

What was measured is never changed. Each call is one transaction of its own, and may be made while
the recording is open for reading.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from mirror.errors import RecordingError
from mirror.events import Event
from mirror.recording.reader import Recording

LONGEST_LABEL = 100
"""Characters of a person's label, of the condition and of an event's kind, at most."""

LONGEST_TEXT = 10_000
"""Characters of an event's text and of the notes, at most."""

_PATIENCE = 2.0  # seconds that another one's change may take


def events_with_ids(path: Path | str) -> list[tuple[int, Event]]:
    """All events with the ids by which they are changed, in order of time.

    Raises
    ------
    RecordingError
        Where the recording cannot be read; from every function here.
    """
    with Recording.open(path) as recording:
        return recording.events_with_ids()


def add_event(path: Path | str, event: Event, id: int | None = None) -> int:  # noqa: A002
    """Add an event; its id.

    Parameters
    ----------
    path : Path
    event : Event
    id : int, optional
        The id that it had before it was deleted, to bring it back.

    Raises
    ------
    RecordingError
        Where the recording cannot be changed, the event's time is no number or a text of it too
        long, or another event has that id.
    """
    with _changing(path) as db:
        if id is not None and _knows(db, id):
            raise RecordingError(f"{path}: there is another event {id}; open the recording again")
        row = db.execute(
            "INSERT INTO event (rowid, time_s, kind, text) VALUES (?, ?, ?, ?)",
            (id, *_values(event)),
        )
        return int(row.lastrowid or 0)


def change_event(path: Path | str, id: int, event: Event) -> None:  # noqa: A002
    """Put an event in the place of another.

    Raises
    ------
    RecordingError
        As `add_event`, and where there is no event of that id.
    """
    with _changing(path) as db:
        _need(path, db, id)
        db.execute(
            "UPDATE event SET time_s = ?, kind = ?, text = ? WHERE rowid = ?", (*_values(event), id)
        )


def delete_event(path: Path | str, id: int) -> None:  # noqa: A002
    """Delete an event.

    Raises
    ------
    RecordingError
        Where the recording cannot be changed, or has no event of that id.
    """
    with _changing(path) as db:
        _need(path, db, id)
        db.execute("DELETE FROM event WHERE rowid = ?", (id,))


def set_description(
    path: Path | str,
    *,
    labels: tuple[str, str] | None = None,
    condition: str | None = None,
    notes: str | None = None,
) -> None:
    """Say who the two people are, what the condition was, and what there is to note.

    Parameters
    ----------
    path : Path
    labels : (str, str), optional
        Names of A and of B.
    condition, notes : str, optional
        What is left out stays as it is.

    Raises
    ------
    RecordingError
        Where the recording cannot be changed or a text is too long.
    """
    said: dict[str, str | Mapping[str, str]] = {}
    if labels is not None:
        a, b = (_text(label, LONGEST_LABEL, "a label") for label in labels)
        said["labels"] = {"a": a, "b": b}
    if condition is not None:
        said["condition"] = _text(condition, LONGEST_LABEL, "the condition")
    if notes is not None:
        said["notes"] = _text(notes, LONGEST_TEXT, "the notes")
    with _changing(path) as db:
        db.executemany(
            "INSERT OR REPLACE INTO session VALUES (?, ?)",
            [(key, json.dumps(value, ensure_ascii=False)) for key, value in said.items()],
        )


@contextmanager
def _changing(path: Path | str) -> Iterator[sqlite3.Connection]:
    """A transaction on a recording that can be read."""
    path = Path(path)
    with Recording.open(path) as recording:
        _ = recording.session, recording.events()
    try:
        with closing(
            sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=rw",
                uri=True,
                timeout=_PATIENCE,
                isolation_level=None,
            )
        ) as db:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
    except sqlite3.Error as error:
        text = str(error)
        if "readonly" in text or "unable to open" in text:
            fix = "it or its folder is read-only; copy it elsewhere and open the copy"
        elif "locked" in text or "busy" in text:
            fix = "something else is writing into it; wait until that has ended and try again"
        elif "full" in text or "disk I/O" in text:
            fix = f"{text}; free some space and try again"
        else:
            fix = f"{text}; the file may be damaged"
        raise RecordingError(f"{path} cannot be changed: {fix}") from error


def _knows(db: sqlite3.Connection, number: int) -> bool:
    return db.execute("SELECT 1 FROM event WHERE rowid = ?", (number,)).fetchone() is not None


def _need(path: Path | str, db: sqlite3.Connection, number: int) -> None:
    if not _knows(db, number):
        raise RecordingError(f"{path}: there is no event {number} any more; open it again")


def _values(event: Event) -> tuple[float, str, str]:
    if not math.isfinite(event.time_s):
        raise RecordingError(f"an event's time must be a number of seconds, not {event.time_s}")
    return (
        float(event.time_s),
        _text(event.kind, LONGEST_LABEL, "an event's kind"),
        _text(event.text, LONGEST_TEXT, "an event's text"),
    )


def _text(text: str, longest: int, what: str) -> str:
    if len(text) > longest:
        raise RecordingError(
            f"{what} of {len(text)} characters is too long; shorten it to {longest}"
        )
    # Half a character, as a clipboard may hold it, cannot be stored.
    return text.encode("utf-8", "replace").decode("utf-8")
