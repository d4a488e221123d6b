"""A recording's events, changed on disk at once, with undo and redo."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QUndoCommand, QUndoStack

from mirror.errors import MirrorError
from mirror.events import Event
from mirror.recording import edit

MARK: Final = "mark"  # the kind of an added event
_MERGE_ID: Final = 1  # Qt merges commands of one id only


class EventLog(QObject):
    """The events of one recording, as they are on disk.

    A change that cannot be written emits `failed`, is dropped from the history, and leaves the
    events as they are in the file.
    """

    changed = pyqtSignal()  # `entries` has changed
    failed = pyqtSignal(str)  # why the last change could not be made, or the events not be read

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._entries: list[tuple[int, Event]] = []
        self._stale: Collection[str] = ()
        self._new: Sequence[Event] = ()
        self.history = QUndoStack(self)

    @property
    def entries(self) -> list[tuple[int, Event]]:
        """(id, event) pairs in order of time; ids of events that are in no file are negative."""
        stored = [pair for pair in self._entries if pair[1].kind not in self._stale]
        new = [(-number, event) for number, event in enumerate(self._new, 1)]
        return sorted(stored + new, key=lambda pair: pair[1].time_s)

    @property
    def events(self) -> list[Event]:
        return [event for _, event in self.entries]

    def load(self, path: Path | None) -> None:
        """Read the events of a recording and clear the history; with None, have no events."""
        self._path = path
        self.history.clear()
        self._stale = self._new = ()
        self._read()

    def show_rescored(self, stale: Collection[str], new: Sequence[Event]) -> None:
        """Show these events, of other scores, in place of recorded ones of the stale kinds."""
        if (stale, new) != (self._stale, self._new):  # else an editor would be closed
            self._stale, self._new = stale, new
            self.changed.emit()

    def add(self, event: Event) -> int | None:
        """Add an event; return its id, or None if that failed."""
        if self._path is None:
            return None
        command = _Edit(self, None, None, event)
        self.history.push(command)
        # Qt deletes a command that fails, but its Python attributes remain.
        return command.number

    def change(self, number: int, after: Event | None) -> None:
        """Put another event in place of one; None deletes it."""
        before = dict(self._entries).get(number)
        if before is not None and after != before:
            self.history.push(_Edit(self, number, before, after))

    def _read(self) -> None:
        try:
            self._entries = [] if self._path is None else edit.events_with_ids(self._path)
        except MirrorError as error:
            self._entries = []
            self.failed.emit(error.window_text)
        self.changed.emit()

    def write(self, number: int | None, before: Event | None, after: Event | None) -> int | None:
        """Write one change of an event to the file; return the event's id, None if that failed.

        A new event has no `number`; `before` or `after` is None where it does not exist.
        """
        assert self._path is not None
        try:
            if before is None and after is not None:
                number = edit.add_event(self._path, after, number)
            elif number is not None and after is not None:
                edit.change_event(self._path, number, after)
            elif number is not None:
                edit.delete_event(self._path, number)
        except MirrorError as error:
            number = None
            self.failed.emit(error.window_text)
        self._read()
        return number


class _Edit(QUndoCommand):
    """One event added, changed or deleted: from `before` to `after`, None for no event."""

    def __init__(
        self, log: EventLog, number: int | None, before: Event | None, after: Event | None
    ) -> None:
        super().__init__("edit event")
        self._log, self.number = log, number
        self.before, self.after = before, after

    def redo(self) -> None:
        self._write(self.before, self.after)

    def undo(self) -> None:
        self._write(self.after, self.before)

    def _write(self, before: Event | None, after: Event | None) -> None:
        number = self._log.write(self.number, before, after)
        self.setObsolete(number is None)
        self.number = number

    def id(self) -> int:
        return _MERGE_ID

    def mergeWith(self, other: QUndoCommand | None) -> bool:
        """Merge an added mark and its first text into one step."""
        if not isinstance(other, _Edit) or other.number != self.number or other.after is None:
            return False
        if self.before is not None or self.after is None or self.after.text:
            return False
        if other.after != replace(self.after, text=other.after.text):
            return False
        self.after = other.after
        return True
