"""A recording's events, edited on disk at once, with undo and redo."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QUndoCommand, QUndoStack

from mirror.errors import MirrorError
from mirror.events import Event
from mirror.recording import edit

MARK = "mark"
"""The kind of an event that somebody added."""


class EventLog(QObject):
    """The events of one recording, as they are on disk.

    A change that cannot be written is told by `failed`, drops out of the history, and leaves the
    events as the file has them.
    """

    changed = pyqtSignal()
    """`entries` are others."""

    failed = pyqtSignal(str)
    """Why the last change could not be made, or the events not be read."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._entries: list[tuple[int, Event]] = []
        self._added: int | None = None
        self.history = QUndoStack(self)

    @property
    def entries(self) -> list[tuple[int, Event]]:
        """Every event after its id, in order of time."""
        return list(self._entries)

    @property
    def events(self) -> list[Event]:
        """Every event, in order of time."""
        return [event for _, event in self._entries]

    def load(self, path: Path | None) -> None:
        """The events of this recording, without a history; None: of none."""
        self._path = path
        self.history.clear()
        self._read()

    def add(self, event: Event) -> int | None:
        """Add an event; its id, or None where that failed."""
        self._added = None
        self._push(_Add(self, event))
        return self._added

    def change(self, number: int, event: Event) -> None:
        """Put an event in the place of the one with this id."""
        before = self._event(number)
        if before is not None and event != before:
            self._push(_Change(self, number, before, event))

    def delete(self, number: int) -> None:
        """Delete the event with this id."""
        event = self._event(number)
        if event is not None:
            self._push(_Delete(self, number, event))

    def _event(self, number: int) -> Event | None:
        return dict(self._entries).get(number)

    def _push(self, command: QUndoCommand) -> None:
        if self._path is not None:
            self.history.push(command)

    def _read(self) -> None:
        try:
            self._entries = [] if self._path is None else edit.events_with_ids(self._path)
        except MirrorError as error:
            self._entries = []
            self.failed.emit(str(error))
        self.changed.emit()

    # What the commands do; each returns whether the file has it now.

    def put(self, event: Event, number: int | None) -> int | None:
        """Write a new event, under the id that it had before; its id, None where that failed."""
        assert self._path is not None
        try:
            self._added = edit.add_event(self._path, event, number)
        except MirrorError as error:
            self._added = None
            self.failed.emit(str(error))
        self._read()
        return self._added

    def write(self, number: int, event: Event | None) -> bool:
        """Write an event over another; None deletes that."""
        assert self._path is not None
        done = True
        try:
            if event is None:
                edit.delete_event(self._path, number)
            else:
                edit.change_event(self._path, number, event)
        except MirrorError as error:
            done = False
            self.failed.emit(str(error))
        self._read()
        return done


class _Add(QUndoCommand):
    def __init__(self, log: EventLog, event: Event) -> None:
        super().__init__("add event")
        self._log, self._event = log, event
        self._number: int | None = None

    def redo(self) -> None:
        number = self._log.put(self._event, self._number)
        self.setObsolete(number is None)
        if number is not None:
            self._number = number

    def undo(self) -> None:
        assert self._number is not None
        self.setObsolete(not self._log.write(self._number, None))

    def id(self) -> int:
        return _TEXT

    def mergeWith(self, other: QUndoCommand | None) -> bool:
        """A mark and the text that is given to it at once are one step."""
        if not isinstance(other, _Change) or other.number != self._number:
            return False
        if self._event.text or other.after != replace(self._event, text=other.after.text):
            return False
        self._event = other.after
        return True


class _Change(QUndoCommand):
    def __init__(self, log: EventLog, number: int, before: Event, after: Event) -> None:
        super().__init__("change event")
        self._log, self.number = log, number
        self._before, self.after = before, after

    def redo(self) -> None:
        self.setObsolete(not self._log.write(self.number, self.after))

    def undo(self) -> None:
        self.setObsolete(not self._log.write(self.number, self._before))

    def id(self) -> int:
        return _TEXT


class _Delete(QUndoCommand):
    def __init__(self, log: EventLog, number: int, event: Event) -> None:
        super().__init__("delete event")
        self._log, self._number, self._event = log, number, event

    def redo(self) -> None:
        self.setObsolete(not self._log.write(self._number, None))

    def undo(self) -> None:
        self.setObsolete(self._log.put(self._event, self._number) is None)


_TEXT = 1  # commands of one id may be merged
