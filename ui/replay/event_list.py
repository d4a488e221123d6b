"""The list of events: when, what kind, what; edited in place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from mirror.events import Event
from ui.widgets.timeline.axis import moment

_COLUMNS: Final = ("Time", "Kind", "Text")
_TIME, _KIND, _TEXT = range(3)
_TENTHS: Final = 0.1
_CLOCK: Final = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:[.,]\d*)?)")

NONE_YET: Final = "No events yet. {keys} adds one at the cursor."


def seconds(text: str) -> float | None:
    """A moment as written: "83.4", "1:23.4" or "1:02:03", in s; None where it is none."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    hours, minutes, rest = found.groups()
    return 3600 * int(hours or 0) + 60 * int(minutes or 0) + float(rest.replace(",", "."))


class EventList(QWidget):
    """Shows events, and asks for changes of them; it changes nothing itself."""

    jump = pyqtSignal(float)
    """The user wants to see this moment, s: a double click, or Enter."""

    edited = pyqtSignal(int, object)
    """The event with this id is to be another `Event`."""

    refused = pyqtSignal(str)
    """What was written cannot be, and why."""

    add = pyqtSignal()
    delete = pyqtSignal()
    chosen_changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: list[tuple[int, Event]] = []
        self._filling = False
        self._before: QWidget | None = None
        self.table = QTableWidget(0, len(_COLUMNS), self)
        self.table.setAccessibleName("Events")
        self.table.setHorizontalHeaderLabels(_COLUMNS)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.table.setTabKeyNavigation(False)
        self.table.setWordWrap(False)
        self.table.setShowGrid(False)
        rows, head = self.table.verticalHeader(), self.table.horizontalHeader()
        assert rows is not None
        assert head is not None
        rows.hide()
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(_TEXT, QHeaderView.ResizeMode.Stretch)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.empty = QLabel(self)
        self.empty.setWordWrap(True)
        self.empty.setProperty("dim", True)
        self.add_button = QPushButton("Add", self)
        self.edit_button = QPushButton("Edit", self)
        self.delete_button = QPushButton("Delete", self)
        self.edit_button.setToolTip("Edit the text of the chosen event (F2)")
        row = QHBoxLayout()
        for button in (self.add_button, self.edit_button, self.delete_button):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(self.empty)
        column.addWidget(self.table, 1)
        column.addLayout(row)
        self.add_button.clicked.connect(self.add)
        self.delete_button.clicked.connect(self.delete)
        self.edit_button.clicked.connect(self._edit_text)
        self.table.itemActivated.connect(self._activated)
        self.table.itemChanged.connect(self._changed)
        self.table.itemSelectionChanged.connect(self._offer)
        delegate = self.table.itemDelegate()
        assert delegate is not None
        delegate.closeEditor.connect(self._edit_ended)
        self._offer()

    @property
    def chosen(self) -> int | None:
        """The id of the event that is chosen in the list."""
        rows = {item.row() for item in self.table.selectedItems()}
        return self._entries[rows.pop()][0] if rows else None

    def set_keys(self, add: str) -> None:
        """By which keys an event is added, in words."""
        self.empty.setText(NONE_YET.format(keys=add or "The button"))

    def set_entries(self, entries: Sequence[tuple[int, Event]]) -> None:
        """Show these events; the one that is chosen stays so, if it is still there."""
        chosen = self.chosen
        self._entries = list(entries)
        self._filling = True
        self.table.setRowCount(len(self._entries))
        for row, (_, event) in enumerate(self._entries):
            texts = (moment(event.time_s, _TENTHS), event.kind, event.text)
            for column, text in enumerate(texts):
                # The one that was just written in is still in use, so none is replaced.
                item = self.table.item(row, column)
                if item is None:
                    item = QTableWidgetItem()
                    self.table.setItem(row, column, item)
                item.setText(text)
                item.setToolTip(text)
        self._filling = False
        self.empty.setVisible(not self._entries)
        self.choose(chosen)

    def choose(self, number: int | None) -> None:
        """Choose the event with this id, or none."""
        places = [row for row, (each, _) in enumerate(self._entries) if each == number]
        if places:
            self.table.setCurrentCell(places[0], _TEXT)
        else:
            self.table.setCurrentItem(None)
            self.table.clearSelection()
        self._offer()

    def edit(self, number: int) -> None:
        """Let the user write the text of the event with this id, in its place in the list.

        Afterwards, the keyboard goes where it went before.
        """
        self._before = QApplication.focusWidget()
        self.choose(number)
        self._edit_text()

    def _edit_text(self) -> None:
        item = self.table.item(self.table.currentRow(), _TEXT)
        if item is not None:
            self.table.setFocus()
            self.table.editItem(item)

    def _edit_ended(self) -> None:
        before, self._before = self._before, None
        if before is not None:
            before.setFocus()

    def _activated(self, item: QTableWidgetItem) -> None:
        self.jump.emit(self._entries[item.row()][1].time_s)

    def _changed(self, item: QTableWidgetItem) -> None:
        if self._filling:
            return
        number, event = self._entries[item.row()]
        changed = self._read(item, event)
        self.set_entries(self._entries)
        if changed is not None and changed != event:
            self.edited.emit(number, changed)

    def _read(self, item: QTableWidgetItem, event: Event) -> Event | None:
        text = " ".join(item.text().split())
        if item.column() == _TEXT:
            return replace(event, text=text)
        if item.column() == _KIND:
            if not text:
                self.refused.emit("An event needs a kind, such as mark.")
                return None
            return replace(event, kind=text)
        # As it is shown, a moment is rounded: only what was really changed changes it.
        if text == moment(event.time_s, _TENTHS):
            return event
        time_s = seconds(text)
        if time_s is None:
            self.refused.emit(f"{text!r} is no moment; write it as 83.4, 1:23.4 or 1:02:03.")
            return None
        return replace(event, time_s=time_s)

    def _offer(self) -> None:
        chosen = self.chosen is not None
        self.edit_button.setEnabled(chosen)
        self.delete_button.setEnabled(chosen)
        self.chosen_changed.emit()
