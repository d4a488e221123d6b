"""Editing events and labels; nothing else changes."""

from __future__ import annotations

import math
import sqlite3
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from mirror import Recording, Score, State
from mirror.errors import RecordingError
from mirror.events import Event
from mirror.recording.database import FORMAT
from mirror.recording.edit import (
    MAX_LABEL_CHARS,
    MAX_TEXT_CHARS,
    add_event,
    change_event,
    delete_event,
    events_with_ids,
    set_labels,
)
from mirror.recording.writer import Recorder
from tests.support.fork import run_in_fork
from tests.support.people import pose

FIRST, SECOND = Event(1.0, "mark", "first"), Event(3.0, "mark", "second")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    session = {"labels": {"a": "A", "b": "B"}, "condition": "", "notes": "old", "kept": [1]}
    with Recorder(tmp_path / "s.mirror", session) as recorder:
        recorder.add_pose("a", pose(0.1))
        recorder.add_scores([Score(0.0, State.STILL)])
        recorder.add_event(SECOND)
        recorder.add_event(FIRST)
    return recorder.path


def texts(path: Path) -> list[str]:
    return [event.text for _, event in events_with_ids(path)]


def test_events_with_ids_are_sorted_by_time(path: Path) -> None:
    assert events_with_ids(path) == [(2, FIRST), (1, SECOND)]


def test_adds_changes_and_deletes_event(path: Path) -> None:
    number = add_event(path, Event(2.0, "mark", "über — 中"))
    assert texts(path) == ["first", "über — 中", "second"]
    change_event(path, number, Event(0.5, "note", "earlier"))
    assert events_with_ids(path)[0] == (number, Event(0.5, "note", "earlier"))
    delete_event(path, number)
    assert events_with_ids(path) == [(2, FIRST), (1, SECOND)]


def test_restores_deleted_event_under_its_id(path: Path) -> None:
    before = events_with_ids(path)
    delete_event(path, 1)
    assert texts(path) == ["first"]
    assert add_event(path, SECOND, id=1) == 1
    assert events_with_ids(path) == before
    with pytest.raises(RecordingError, match="another event 1"):
        add_event(path, SECOND, id=1)
    assert events_with_ids(path) == before


@pytest.mark.parametrize(
    "change", [lambda path: delete_event(path, 9), lambda path: change_event(path, 9, FIRST)]
)
def test_refuses_to_edit_missing_event(path: Path, change: Callable[[Path], None]) -> None:
    with pytest.raises(RecordingError, match="no event 9 any more"):
        change(path)


def test_set_labels_changes_nothing_else(path: Path) -> None:
    with Recording.open(path) as recording:
        before = recording.session
    set_labels(path, ("Anna", "Ben"))
    with Recording.open(path) as recording:
        assert recording.session == before | {"labels": {"a": "Anna", "b": "Ben"}}


def test_editing_keeps_measurements(path: Path) -> None:
    add_event(path, FIRST)
    set_labels(path, ("Anna", "Ben"))
    with Recording.open(path) as recording:
        assert recording.counts() == {"a": (1, 1), "b": (0, 0)}
        assert len(recording.timeline()) == 1


def test_edits_while_open_for_reading(path: Path) -> None:
    with Recording.open(path) as recording:
        poses = recording.poses()
        assert isinstance(poses, Generator)
        next(poses)  # in the middle of it
        number = add_event(path, Event(2.0, "mark", "new"))
        assert number in dict(events_with_ids(path))
        assert [event.text for event in recording.events()] == ["first", "new", "second"]
        poses.close()
    assert [each.name for each in path.parent.iterdir()] == ["s.mirror"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: add_event(p, Event(math.nan, "mark", "")), "time must be a number"),
        (lambda p: add_event(p, Event(math.inf, "mark", "")), "time must be a number"),
        (lambda p: add_event(p, Event(0.0, "m" * (MAX_LABEL_CHARS + 1), "")), "kind of 101 char"),
        (lambda p: change_event(p, 1, Event(0.0, "", "x" * (MAX_TEXT_CHARS + 1))), "text of 10001"),
        (lambda p: set_labels(p, ("A", "B" * 101)), "label of 101 characters is too long"),
    ],
)
def test_refuses_invalid_values_without_changes(
    path: Path, change: Callable[[Path], object], message: str
) -> None:
    before = path.read_bytes()
    with pytest.raises(RecordingError, match=message):
        change(path)
    assert path.read_bytes() == before


def test_keeps_longest_texts_and_lone_surrogates(path: Path) -> None:
    number = add_event(path, Event(0.0, "k" * MAX_LABEL_CHARS, "ä" * MAX_TEXT_CHARS))
    assert dict(events_with_ids(path))[number].text == "ä" * MAX_TEXT_CHARS
    number = add_event(path, Event(0.0, "mark", "half \ud83d"))
    assert dict(events_with_ids(path))[number].text == "half ?"


def make_newer(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version = {FORMAT + 1}")
    db.close()


def damage(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("UPDATE session SET value = '{' WHERE key = 'notes'")
    db.commit()
    db.close()


def drop_events(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("DROP TABLE event")
    db.close()


def replace_by_other_database(path: Path) -> None:
    path.unlink()
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE event (time_s, kind, text)")
    db.close()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (make_newer, "newer version of mirror"),
        (damage, "is damaged"),
        (drop_events, "no such table"),
        (replace_by_other_database, "another program"),
        (lambda path: path.unlink(), "there is no recording"),
        (lambda path: path.write_text("notes"), "is not a recording"),
    ],
)
def test_refuses_to_edit_unreadable_file(
    path: Path, spoil: Callable[[Path], None], message: str
) -> None:
    spoil(path)
    before = path.read_bytes() if path.exists() else None
    for change in (lambda: add_event(path, FIRST), lambda: set_labels(path, ("Anna", "Ben"))):
        with pytest.raises(RecordingError, match=message) as caught:
            change()
        assert "\n" not in str(caught.value)
    assert (path.read_bytes() if path.exists() else None) == before


def test_refuses_to_edit_recording_in_progress(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("mirror.recording.edit._LOCK_TIMEOUT_S", 0.01)
    with Recorder(tmp_path / "s.mirror", {}) as recorder:
        recorder.add_event(FIRST)
        with pytest.raises(RecordingError, match="another program is writing to it"):
            add_event(recorder.path, SECOND)
    assert texts(recorder.path) == ["first"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs to fork and to change its user")
@pytest.mark.parametrize("closed", ["file", "folder"])
def test_reports_read_only_recording(path: Path, public_folder: Path, closed: str) -> None:
    path = path.rename(public_folder / path.name)
    path.chmod(0o444 if closed == "file" else 0o666)
    public_folder.chmod(0o555 if closed == "folder" else 0o777)

    def change() -> None:
        with pytest.raises(RecordingError, match="read-only"):
            add_event(path, FIRST)

    run_in_fork(change, as_nobody=True)
    assert texts(path) == ["first", "second"]
