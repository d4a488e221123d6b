"""Events on a page: in the list, in the timeline, and by their keys."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QWidget

from mirror.events import Event
from ui.replay.event_log import MARK, EventLog
from ui.replay.player import Direction, Player
from ui.replay.side_panel import Side
from ui.shell.shortcuts import Keys
from ui.widgets.timeline.view import TimelineView


class Marks(QObject):
    """Keeps the list, the timeline's flags and the events on disk the same.

    Parameters
    ----------
    player : Player
        Whose moment is marked, and which is sent to an event.
    side : Side
        Has the list.
    timeline : TimelineView
    keys : Keys
    page : QWidget
        Whose actions they are: there, the keys work.
    """

    failed = pyqtSignal(str)
    """What was asked for cannot be done, and why."""

    def __init__(
        self, player: Player, side: Side, timeline: TimelineView, keys: Keys, page: QWidget
    ) -> None:
        super().__init__(page)
        self._player, self._side, self._timeline = player, side, timeline
        self._list = side.events
        self._is_loaded = False
        self.log = EventLog(self)
        keys.action(page, "add event", self.add)
        self._delete = keys.action(page, "delete event", self.delete)
        self._undo = keys.action(page, "undo", self.log.history.undo)
        self._redo = keys.action(page, "redo", self.log.history.redo)
        keys.changed.connect(lambda: self._list.set_keys(keys.words("add event")))
        self._list.set_keys(keys.words("add event"))
        self.log.changed.connect(self._show)
        self.log.failed.connect(self.failed)
        self.log.history.indexChanged.connect(self.offer)
        self._list.add.connect(self.add)
        self._list.delete.connect(self.delete)
        self._list.edited.connect(self.log.change)
        self._list.refused.connect(self.failed)
        self._list.jump.connect(player.seek)
        self._list.chosen_changed.connect(self.offer)
        timeline.event_activated.connect(self._go_to)

    def load(self, path: Path | None) -> None:
        """The events of this recording; None: of none."""
        self._is_loaded = path is not None
        self.log.load(path)

    def add(self) -> None:
        """Mark this moment, and let the user write what it is about."""
        number = self.log.add(Event(self._player.time, MARK, ""))
        if number is not None:
            self._side.setCurrentWidget(self._list)
            self._list.edit(number)

    def delete(self) -> None:
        """Delete the event that is chosen in the list."""
        if self._list.chosen is not None:
            self.log.delete(self._list.chosen)

    def jump(self, direction: Direction) -> None:
        """Show the event before or after, and choose it in the list."""
        found = self._player.jump([event.time_s for event in self.log.events], direction)
        for number, event in self.log.entries:
            if event.time_s == found:
                self._list.choose(number)
                break

    def offer(self) -> None:
        """What cannot be done now, its key and its menu entry do not offer."""
        self._delete.setEnabled(self._is_loaded and self._list.chosen is not None)
        self._undo.setEnabled(self._is_loaded and self.log.history.canUndo())
        self._redo.setEnabled(self._is_loaded and self.log.history.canRedo())

    def _show(self) -> None:
        entries = self.log.entries
        self._list.set_entries(entries)
        self._timeline.set_events([event for _, event in entries])
        self._side.count_events(len(entries))

    def _go_to(self, index: int) -> None:
        number, event = self.log.entries[index]
        self._list.choose(number)
        self._player.seek(event.time_s)
