from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from mirror.events import Event
from mirror.recording import edit
from tests.support.recordings import EVENTS
from ui.replay.event_log import EventLog

NEW = Event(5.0, "mark", "")


@pytest.fixture
def log(qtbot: QtBot, recording: Path) -> EventLog:
    log = EventLog()
    log.load(recording)
    return log


@pytest.fixture
def faults(log: EventLog) -> list[str]:
    faults: list[str] = []
    log.failed.connect(faults.append)
    return faults


def on_disk(path: Path) -> list[Event]:
    return [event for _, event in edit.events_with_ids(path)]


def refuse_changes(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Let changes fail as on a read-only disk, also for the superuser."""
    real = sqlite3.connect

    def connect(database: str, *rest: Any, **more: Any) -> sqlite3.Connection:
        if more.get("timeout"):  # only what changes waits for others
            raise sqlite3.OperationalError("attempt to write a readonly database")
        return real(database, *rest, **more)

    monkeypatch.setattr(sqlite3, "connect", connect)


def test_reads_events_from_disk(log: EventLog) -> None:
    assert log.events == list(EVENTS)
    assert not log.history.canUndo()


def test_adds_event_on_disk_in_order_of_time(log: EventLog, recording: Path) -> None:
    number = log.add(NEW)
    assert number in dict(log.entries)
    assert log.events == [EVENTS[0], NEW, EVENTS[1]] == on_disk(recording)


def test_undo_and_redo_of_adding_keep_the_id(log: EventLog, recording: Path) -> None:
    number = log.add(NEW)
    log.history.undo()
    assert log.events == list(EVENTS) == on_disk(recording)
    log.history.redo()
    assert dict(log.entries)[number or 0] == NEW
    assert on_disk(recording) == log.events


def test_mark_and_its_first_text_are_one_step(log: EventLog) -> None:
    number = log.add(NEW)
    assert number is not None
    log.change(number, Event(5.0, "mark", "they laugh"))
    assert log.history.count() == 1
    log.history.undo()
    assert log.events == list(EVENTS)
    log.history.redo()
    assert Event(5.0, "mark", "they laugh") in log.events


def test_later_change_is_a_separate_step(log: EventLog) -> None:
    number = log.add(NEW)
    assert number is not None
    log.change(number, Event(5.0, "mark", "they laugh"))
    log.change(number, Event(6.0, "mark", "they laugh"))
    log.history.undo()
    assert Event(5.0, "mark", "they laugh") in log.events


def test_undo_and_redo_of_a_change(log: EventLog, recording: Path) -> None:
    number = log.entries[0][0]
    other = Event(3.0, "note", "hello again")
    log.change(number, other)
    assert on_disk(recording) == [other, EVENTS[1]]
    log.history.undo()
    assert on_disk(recording) == list(EVENTS)
    log.history.redo()
    assert on_disk(recording) == [other, EVENTS[1]]


def test_change_to_the_same_event_is_no_step(log: EventLog) -> None:
    log.change(log.entries[0][0], EVENTS[0])
    assert log.history.count() == 0


def test_undo_of_deleting_keeps_earlier_steps_valid(log: EventLog, recording: Path) -> None:
    number = log.entries[0][0]
    other = Event(2.0, "mark", "hello again")
    log.change(number, other)
    log.change(number, None)
    assert on_disk(recording) == [EVENTS[1]]
    log.history.undo()
    log.history.undo()
    assert on_disk(recording) == list(EVENTS)
    log.history.redo()
    log.history.redo()
    assert on_disk(recording) == [EVENTS[1]]


def test_unknown_event_is_neither_changed_nor_deleted(log: EventLog, faults: list[str]) -> None:
    log.change(99, NEW)
    log.change(99, None)
    assert log.history.count() == 0
    assert not faults


def test_failed_change_is_reported_and_dropped(
    log: EventLog, faults: list[str], recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        refuse_changes(patch, recording)
        assert log.add(NEW) is None
        log.change(log.entries[0][0], NEW)
        log.change(log.entries[0][0], None)
    assert len(faults) == 3
    assert all(str(recording) in fault and "read-only" in fault for fault in faults)
    assert log.history.count() == 0
    assert log.events == list(EVENTS) == on_disk(recording)


def test_failed_undo_leaves_the_event_as_on_disk(
    log: EventLog, faults: list[str], recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = log.add(NEW)
    log.change(log.entries[0][0], None)
    with monkeypatch.context() as patch:
        refuse_changes(patch, recording)
        log.history.undo()
    assert len(faults) == 1
    assert log.events == [NEW, EVENTS[1]] == on_disk(recording)
    assert log.history.count() == 1
    log.history.undo()
    assert log.events == [EVENTS[1]]
    assert number not in dict(log.entries)


def test_reports_event_deleted_elsewhere(log: EventLog, faults: list[str], recording: Path) -> None:
    number = log.entries[0][0]
    edit.delete_event(recording, number)
    log.change(number, NEW)
    assert f"no event {number}" in faults[0]
    assert log.events == [EVENTS[1]]


def test_reports_missing_recording(log: EventLog, faults: list[str], recording: Path) -> None:
    recording.unlink()
    assert log.add(NEW) is None
    assert any("no recording" in fault for fault in faults)
    assert log.events == []


def test_loading_a_recording_clears_history(log: EventLog) -> None:
    log.add(NEW)
    log.load(None)
    assert log.events == []
    assert not log.history.canUndo()
    assert log.add(NEW) is None
