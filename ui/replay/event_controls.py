"""Actions on a recording's events, and what shows them: the list and the timeline."""

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QWidget

from mirror.events import Event
from ui.replay.event_log import MARK, EventLog
from ui.replay.player import Direction, Player
from ui.replay.side_panel import SidePanel
from ui.shell.shortcuts import Keys
from ui.widgets.timeline.view import TimelineView


class EventControls(QObject):
    """Keeps list, flags and events on disk in step, and adds the page's actions for events."""

    failed = pyqtSignal(str)  # why an event cannot be read or changed

    def __init__(
        self, player: Player, panel: SidePanel, timeline: TimelineView, keys: Keys, page: QWidget
    ) -> None:
        super().__init__(page)
        self._player, self._side_panel, self._timeline = player, panel, timeline
        self._list = panel.events
        self.log = EventLog(self)
        keys.action(page, "add event", self.add)
        self._delete = keys.action(page, "delete event", self.delete)
        self._undo = keys.action(page, "undo", self.log.history.undo)
        self._redo = keys.action(page, "redo", self.log.history.redo)
        keys.changed.connect(lambda: self._list.set_keys(keys.text("add event")))
        self._list.set_keys(keys.text("add event"))
        self.log.changed.connect(self._show)
        self.log.failed.connect(self.failed)
        self.log.history.indexChanged.connect(self.update_actions)
        self._list.add_requested.connect(self.add)
        self._list.delete_requested.connect(self.delete)
        self._list.edited.connect(self.log.change)
        self._list.rejected.connect(self.failed)
        self._list.activated.connect(player.seek)
        self._list.selection_changed.connect(self.update_actions)
        timeline.event_activated.connect(self._go_to)

    def add(self) -> None:
        """Add a mark at the current time and start editing its text."""
        if (number := self.log.add(Event(self._player.time, MARK, ""))) is not None:
            self._side_panel.setCurrentWidget(self._list)
            self._list.edit(number)

    def delete(self) -> None:
        if self._list.selected is not None:
            self.log.change(self._list.selected, None)

    def jump(self, direction: Direction) -> None:
        """Seek to the previous or next event and select it in the list."""
        time_s = self._player.jump([event.time_s for event in self.log.events], direction)
        for number, event in self.log.entries:
            if event.time_s == time_s:
                self._list.select(number)
                break

    def update_actions(self) -> None:
        """Enable the actions that are possible now."""
        self._delete.setEnabled(self._list.delete_button.isEnabled())
        self._undo.setEnabled(self.log.history.canUndo())
        self._redo.setEnabled(self.log.history.canRedo())

    def _show(self) -> None:
        entries = self.log.entries
        self._list.names = self._timeline.names
        self._list.set_entries(entries)
        self._timeline.set_events([event for _, event in entries])
        self._side_panel.setTabText(0, f"Events ({len(entries)})" if entries else "Events")

    def _go_to(self, index: int) -> None:
        number, event = self.log.entries[index]
        self._list.select(number)
        self._player.seek(event.time_s)
