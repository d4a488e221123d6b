"""The help window: every shortcut, and other keys for it."""

from __future__ import annotations

from typing import Final

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.shell.shortcuts import SHORTCUTS, Keys, Shortcut

_NAME: Final = Qt.ItemDataRole.UserRole
_HINT: Final = "Choose a row, then give it other keys."
_READING: Final = (
    "Reading the timeline: in phase grows upwards, anti-phase downwards. Where a pixel holds "
    "several rows, the full colour ends at their mean and the pale one at the highest. The thin "
    "line is chance: unrelated movement stays under it 95 % of the time."
)
_RESERVED: Final = frozenset({Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter})
"""Without modifiers these close windows and work controls everywhere; Tab moves on anyway."""


class HelpWindow(QDialog):
    """Shortcuts by group, searchable; keys are changed here.

    Parameters
    ----------
    keys : Keys
        What is shown, and changed.
    """

    def __init__(self, keys: Keys, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self._rebinding: str | None = None
        self.setWindowTitle("Keyboard shortcuts")
        self.resize(600, 720)

        self.search = QLineEdit()
        self.search.setPlaceholderText("Search for words or keys")
        self.search.setAccessibleName("Search the shortcuts")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)

        self.rows = QTreeWidget()
        self.rows.setAccessibleName("Shortcuts")
        self.rows.setHeaderLabels(["What it does", "Keys"])
        self.rows.setRootIsDecorated(False)
        self.rows.setIndentation(12)
        header = self.rows.header()
        assert header is not None
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.rows.currentItemChanged.connect(self._chosen)
        self.rows.itemActivated.connect(lambda *_: self._begin())

        self.change = QPushButton("Change keys …")
        self.change.clicked.connect(self._begin)
        self.default = QPushButton("Default keys")
        self.default.setAccessibleDescription("Gives the chosen shortcut its own keys again")
        self.default.clicked.connect(self._restore)
        self.capture = QKeySequenceEdit()
        self.capture.setAccessibleName("New keys")
        self.capture.setMaximumSequenceLength(1)
        self.capture.keySequenceChanged.connect(self._pressed)
        self.capture.hide()
        self.reset = QPushButton("Reset all")
        self.reset.setAccessibleDescription("Gives every shortcut its own keys again")
        self.reset.clicked.connect(self._reset)
        self.leave = QPushButton("Close")
        self.leave.clicked.connect(self.close)
        for button in (self.change, self.default, self.reset, self.leave):
            button.setAutoDefault(False)  # Enter in the search field would press it

        self.said = QLabel(_HINT)
        self.said.setWordWrap(True)

        self.reading = QLabel(_READING)
        self.reading.setWordWrap(True)
        self.reading.setProperty("dim", True)

        self._lay_out()
        self._fill()
        self._chosen()
        keys.changed.connect(self._show_keys)

    def row(self, name: str) -> QTreeWidgetItem:
        """The row of the shortcut of that name."""
        return self._rows[name]

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        for control in (self.change, self.capture, self.default, self.reset):
            buttons.addWidget(control)
        buttons.addStretch(1)
        buttons.addWidget(self.leave)
        column = QVBoxLayout(self)
        for widget in (self.search, self.rows, self.said):
            column.addWidget(widget)
        column.addLayout(buttons)
        column.addWidget(self.reading)

    def _fill(self) -> None:
        groups: dict[str, QTreeWidgetItem] = {}
        self._rows: dict[str, QTreeWidgetItem] = {}
        for shortcut in SHORTCUTS:
            if shortcut.group not in groups:
                group = QTreeWidgetItem(self.rows, [shortcut.group])
                group.setFirstColumnSpanned(True)
                group.setFlags(Qt.ItemFlag.ItemIsEnabled)
                font = group.font(0)
                font.setBold(True)
                group.setFont(0, font)
                groups[shortcut.group] = group
            row = QTreeWidgetItem(groups[shortcut.group], [shortcut.text])
            row.setData(0, _NAME, shortcut)
            row.setSizeHint(0, QSize(0, self.fontMetrics().height() + 8))
            self._rows[shortcut.name] = row
        self.rows.expandAll()
        self._show_keys()

    def _show_keys(self) -> None:
        for name, row in self._rows.items():
            row.setText(1, self._keys.words(name) or "–")

    def _filter(self, text: str) -> None:
        wanted = text.casefold().split()
        for row in self._rows.values():
            whole = f"{row.text(0)} {row.text(1)}".casefold()
            row.setHidden(not all(word in whole for word in wanted))
        for number in range(self.rows.topLevelItemCount()):
            group = self.rows.topLevelItem(number)
            assert group is not None
            inside = [group.child(each) for each in range(group.childCount())]
            group.setHidden(all(row is None or row.isHidden() for row in inside))

    def _current(self) -> Shortcut | None:
        row = self.rows.currentItem()
        shortcut = None if row is None else row.data(0, _NAME)
        return shortcut if isinstance(shortcut, Shortcut) else None

    def _chosen(self) -> None:
        self._end()
        for button in (self.change, self.default):
            button.setEnabled(self._current() is not None)

    def _begin(self) -> None:
        shortcut = self._current()
        if shortcut is None:
            return
        self._rebinding = shortcut.name
        self.said.setText(f"Press the new keys for “{shortcut.text}”; Esc leaves them as they are.")
        self.change.hide()
        self.capture.clear()
        self.capture.show()
        self.capture.setFocus()

    def _pressed(self, sequence: QKeySequence) -> None:
        if self._rebinding is None or sequence.isEmpty():
            return
        key = sequence[0]
        if key.keyboardModifiers() == Qt.KeyboardModifier.NoModifier and key.key() in _RESERVED:
            self._end()
            if key.key() != Qt.Key.Key_Escape:
                self.said.setText(f"{_words(sequence)} works controls, and cannot be a shortcut.")
            return
        other = self._keys.conflict(self._rebinding, sequence)
        if other is not None:
            self.said.setText(
                f"{_words(sequence)} is taken by “{other.text}” ({other.group}); press other keys."
            )
            self.capture.clear()
            return
        name = self._rebinding
        self._end()
        self._keys.rebind(name, [sequence])
        self.said.setText(f"“{self._rows[name].text(0)}” is now {_words(sequence)}.")

    def _end(self) -> None:
        self._rebinding = None
        self.said.setText(_HINT)
        if self.capture.isVisibleTo(self):
            had = self.capture.hasFocus()
            self.capture.hide()
            self.change.show()
            if had:
                self.change.setFocus()

    def _restore(self) -> None:
        shortcut = self._current()
        if shortcut is None:
            return
        self._end()
        keys = [QKeySequence(key) for key in shortcut.keys]
        for key in keys:
            other = self._keys.conflict(shortcut.name, key)
            if other is not None:
                self.said.setText(f"{_words(key)} is taken by “{other.text}”; change that first.")
                return
        self._keys.rebind(shortcut.name, keys)
        self.said.setText(f"“{shortcut.text}” has its default keys.")

    def _reset(self) -> None:
        self._end()
        self._keys.reset()
        self.said.setText("Every shortcut has its default keys.")


def _words(sequence: QKeySequence) -> str:
    return sequence.toString(QKeySequence.SequenceFormat.NativeText)
