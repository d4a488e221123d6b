"""The list of events, edited in place."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PyQt6 import QtWidgets
from PyQt6.QtCore import Qt, pyqtSignal

from mirror.events import Event
from mirror.wording import EVENTS, clock_time, event_kind, event_text
from ui.widgets.build import button, dim, horizontal, known, select_rows, vertical
from ui.widgets.labels import WrappedLabel

_COLUMNS: Final = ("Time", "Kind", "Text")
_TIME, _KIND, _TEXT = range(3)
_NEW: Final = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_STORED: Final = _NEW | Qt.ItemFlag.ItemIsEditable
_TIME_PATTERN: Final = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:[.,]\d*)?)")

EMPTY: Final = "No events yet. {keys} adds one at the cursor."


def parse_time(text: str) -> float | None:
    """Return a time written as "83.4", "1:23.4" or "1:02:03" in s; None if it is not a time."""
    if (match := _TIME_PATTERN.fullmatch(text.strip())) is None:
        return None
    hours, minutes, rest = match.groups()
    return 3600 * int(hours or 0) + 60 * int(minutes or 0) + float(rest.replace(",", "."))


class EventList(QtWidgets.QWidget):
    """Shows events; changes by the user are emitted as signals only."""

    activated = pyqtSignal(float)  # time of an event that was double-clicked or entered, s
    edited = pyqtSignal(int, object)  # an event's id and the `Event` to replace it
    rejected = pyqtSignal(str)  # why a text that was entered is not valid
    add_requested = pyqtSignal()
    delete_requested = pyqtSignal()
    selection_changed = pyqtSignal()

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: list[tuple[int, Event]] = []
        self.names = ("A", "B")
        self._filling = False
        self._previous_focus: QtWidgets.QWidget | None = None
        self.table = QtWidgets.QTableWidget(0, 0, self)
        select_rows(self.table, "Events", QtWidgets.QAbstractItemView.EditTrigger.EditKeyPressed)
        self.table.setColumnCount(len(_COLUMNS))
        self.table.setHorizontalHeaderLabels(_COLUMNS)
        self.table.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setWordWrap(False)
        self.empty = dim(WrappedLabel(parent=self))
        tip = "Edit the text of the selected event (F2)"
        self.add_button = button("Add", self, self.add_requested)
        self.edit_button = button("Edit", self, self._edit_text, tip=tip)
        self.delete_button = button("Delete", self, self.delete_requested)
        buttons = horizontal(self.add_button, self.edit_button, self.delete_button)
        vertical(self.empty, (self.table, 1), buttons, inside=self, margins=(0, 8, 0, 0))
        self.table.itemActivated.connect(
            lambda item: self.activated.emit(self._entries[item.row()][1].time_s)
        )
        self.table.itemChanged.connect(self._emit_edit)
        self.table.itemSelectionChanged.connect(self._update_buttons)
        known(self.table.itemDelegate()).closeEditor.connect(self._restore_focus)
        self._update_buttons()

    @property
    def selected(self) -> int | None:
        """The id of the selected event."""
        rows = {item.row() for item in self.table.selectedItems()}
        return self._entries[rows.pop()][0] if rows else None

    def set_keys(self, add: str) -> None:
        self.empty.setText(EMPTY.format(keys=add or "The button"))

    def set_entries(self, entries: Sequence[tuple[int, Event]]) -> None:
        """Show (id, event) pairs; the selection is kept if its event is among them."""
        selected = self.selected
        self._entries = list(entries)
        self._filling = True
        self.table.setRowCount(len(self._entries))
        for row, (number, event) in enumerate(self._entries):
            kind = EVENTS.get(event.kind, event.kind)
            texts = (clock_time(event.time_s, tenths=True), kind, event_text(event, self.names))
            for column, text in enumerate(texts):
                # Items are reused: the one that was just edited is still in use by Qt.
                if (item := self.table.item(row, column)) is None:
                    item = QtWidgets.QTableWidgetItem()
                    self.table.setItem(row, column, item)
                item.setText(text)
                item.setToolTip(text)
                item.setFlags(_STORED if number > 0 else _NEW)
        self._filling = False
        self.empty.setVisible(not self._entries)
        self.select(selected)

    def select(self, number: int | None) -> None:
        rows = [row for row, (each, _) in enumerate(self._entries) if each == number]
        if rows:
            self.table.setCurrentCell(rows[0], _TEXT)
        else:
            self.table.setCurrentItem(None)
            self.table.clearSelection()
        self._update_buttons()

    def edit(self, number: int) -> None:
        """Start editing the text of the event with this id; the focus returns afterwards."""
        self._previous_focus = QtWidgets.QApplication.focusWidget()
        self.select(number)
        self._edit_text()

    def _edit_text(self) -> None:
        if (item := self.table.item(self.table.currentRow(), _TEXT)) is not None:
            self.table.setFocus()
            self.table.editItem(item)

    def _restore_focus(self) -> None:
        widget, self._previous_focus = self._previous_focus, None
        if widget is not None:
            widget.setFocus()

    def _emit_edit(self, item: QtWidgets.QTableWidgetItem) -> None:
        if self._filling:
            return
        number, event = self._entries[item.row()]
        changed = self._parse(item, event)
        self.set_entries(self._entries)
        if changed is not None and changed != event:
            self.edited.emit(number, changed)

    def _parse(self, item: QtWidgets.QTableWidgetItem, event: Event) -> Event | None:
        text = " ".join(item.text().split())
        if item.column() == _TEXT:
            is_same = text == " ".join(event_text(event, self.names).split())
            return event if is_same else replace(event, text=text)
        if item.column() == _KIND:
            if not text:
                self.rejected.emit("An event needs a kind, such as mark.")
                return None
            return replace(event, kind=event_kind(text))
        # The time shown is rounded, so an unchanged text must not change the event.
        if text == clock_time(event.time_s, tenths=True):
            return event
        if (time_s := parse_time(text)) is None:
            self.rejected.emit(f"{text!r} is not a time; write it as 83.4, 1:23.4 or 1:02:03.")
            return None
        return replace(event, time_s=time_s)

    def _update_buttons(self) -> None:
        for each in (self.edit_button, self.delete_button):
            each.setEnabled((self.selected or 0) > 0)  # else it is in no file
        self.selection_changed.emit()
