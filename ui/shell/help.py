"""The help window: how to read the scores; the shortcuts, and changing their keys."""

from typing import Final

from PyQt6 import QtWidgets
from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QKeySequence

from mirror.wording import CHANCE
from ui.shell.shortcuts import SHORTCUTS, Keys, Shortcut
from ui.widgets.build import Item, button, horizontal, known, name_tabs, scroll_area, vertical
from ui.widgets.labels import WrappedLabel

_SHORTCUT_ROLE: Final = Qt.ItemDataRole.UserRole
_HINT: Final = "Choose a shortcut to change its keys."
_READING: Final = {
    "In phase, anti-phase": (
        "From 0 to 1: both do the same at the same time, or the opposite at the same time. No "
        "score is better than another."
    ),
    "Mirroring": (
        "From 0 to 1: one does what the other did a moment ago. The time is that of the best "
        "match; the sentence says who follows."
    ),
    "Posture": "From 0 to 1: how alike the two stand or sit, also while neither moves.",
    "Chance": f"The tick on a meter and the thin line in the timeline. {CHANCE}",
    "Dial": (
        "Up is in phase, down anti-phase; to the side of a name, that person is ahead. Inside "
        "the dashed ring the two do not move together."
    ),
    "Timeline": (
        "In phase points upwards, anti-phase downwards, mirroring has a lane of its own. "
        "Zoomed out, full colour ends at the mean, pale colour at the highest score."
    ),
    "A dash, a grey stretch": "There is no score, for the reason written there. It is not 0.",
}
_RESERVED: Final = frozenset({Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter})
"""Not allowed without modifiers: they close dialogs and click buttons."""


class HelpWindow(QtWidgets.QDialog):
    """Says how to read the scores; lists the shortcuts by group, and changes their keys."""

    def __init__(self, keys: Keys, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self._rebinding: str | None = None
        self.setWindowTitle("Help")
        self.resize(600, 580)  # of the smallest screen, 640

        self.search = QtWidgets.QLineEdit()
        self.search.setPlaceholderText("Search for text or keys")
        self.search.setAccessibleName("Search the shortcuts")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)

        self.rows = QtWidgets.QTreeWidget()
        self.rows.setAccessibleName("Shortcuts")
        self.rows.setHeaderLabels(["Action", "Keys"])
        self.rows.setRootIsDecorated(False)
        self.rows.setIndentation(12)
        header = known(self.rows.header())
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QtWidgets.QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QtWidgets.QHeaderView.ResizeMode.ResizeToContents)
        self.rows.currentItemChanged.connect(self._select)
        self.rows.itemActivated.connect(lambda *_: self._begin_capture())

        self.change = button("Change keys…", slot=self._begin_capture)
        self.default = button("Default keys", slot=self._restore)
        self.default.setAccessibleDescription("Restore the default keys of the chosen shortcut")
        self.capture = QtWidgets.QKeySequenceEdit()
        self.capture.setAccessibleName("New keys")
        self.capture.setMaximumSequenceLength(1)
        self.capture.keySequenceChanged.connect(self._assign)
        self.capture.hide()
        self.reset = button("Reset all", slot=self._reset)
        self.reset.setAccessibleDescription("Restore the default keys of every shortcut")
        self.close_button = button("Close", slot=self.close)
        for each in (self.change, self.default, self.reset, self.close_button):
            each.setAutoDefault(False)  # Enter in the search field would press it

        self.status = WrappedLabel(_HINT)
        self._lay_out()
        self._fill()
        self._select()
        keys.changed.connect(self._show_keys)

    def row(self, name: str) -> QtWidgets.QTreeWidgetItem:
        return self._rows[name]

    def _lay_out(self) -> None:
        buttons = horizontal(self.change, self.capture, self.default, self.reset, (None, 1))
        keys = QtWidgets.QWidget()
        vertical(self.search, self.rows, self.status, buttons, inside=keys, margins=None)
        self.tabs = QtWidgets.QTabWidget()
        self.tabs.addTab(keys, "Keyboard shortcuts")
        self.tabs.addTab(_reading(), "Reading the scores")
        name_tabs(self.tabs, "Shortcuts, and how to read the scores")
        closing = (self.close_button, 0, Qt.AlignmentFlag.AlignRight)
        vertical(self.tabs, closing, inside=self, margins=None)

    def _fill(self) -> None:
        groups: dict[str, QtWidgets.QTreeWidgetItem] = {}
        self._rows: dict[str, QtWidgets.QTreeWidgetItem] = {}
        for shortcut in SHORTCUTS:
            if (group := groups.get(shortcut.group)) is None:
                group = groups[shortcut.group] = QtWidgets.QTreeWidgetItem(
                    self.rows, [shortcut.group]
                )
                group.setFirstColumnSpanned(True)
                group.setFlags(Qt.ItemFlag.ItemIsEnabled)
                font = group.font(0)
                font.setBold(True)
                group.setFont(0, font)
            row = QtWidgets.QTreeWidgetItem(group, [shortcut.text])
            row.setData(0, _SHORTCUT_ROLE, shortcut)
            row.setSizeHint(0, QSize(0, self.fontMetrics().height() + 8))
            self._rows[shortcut.name] = row
        self.rows.expandAll()
        self._show_keys()

    def _show_keys(self) -> None:
        for name, row in self._rows.items():
            row.setText(1, self._keys.text(name) or "–")

    def _filter(self, text: str) -> None:
        terms = text.casefold().split()
        for row in self._rows.values():
            row_text = f"{row.text(0)} {row.text(1)}".casefold()
            row.setHidden(not all(term in row_text for term in terms))
        for index in range(self.rows.topLevelItemCount()):
            group = known(self.rows.topLevelItem(index))
            rows = [group.child(k) for k in range(group.childCount())]
            group.setHidden(all(row is None or row.isHidden() for row in rows))

    def _current(self) -> Shortcut | None:
        row = self.rows.currentItem()
        return None if row is None else row.data(0, _SHORTCUT_ROLE)

    def _select(self) -> None:
        self._end_capture()
        for each in (self.change, self.default):
            each.setEnabled(self._current() is not None)

    def _begin_capture(self) -> None:
        if (shortcut := self._current()) is None:
            return
        self._rebinding = shortcut.name
        self.status.setText(f"Press the new keys for “{shortcut.text}”; Esc cancels.")
        self.change.hide()
        self.capture.clear()
        self.capture.show()
        self.capture.setFocus()

    def _assign(self, sequence: QKeySequence) -> None:
        if self._rebinding is None or sequence.isEmpty():
            return
        key = sequence[0]
        if key.keyboardModifiers() == Qt.KeyboardModifier.NoModifier and key.key() in _RESERVED:
            self._end_capture()
            if key.key() != Qt.Key.Key_Escape:
                why = "cannot be a shortcut: it is used by buttons and dialogs."
                self.status.setText(f"{_text(sequence)} {why}")
            return
        if (other := self._keys.conflict(self._rebinding, sequence)) is not None:
            self.status.setText(
                f"{_text(sequence)} is used by “{other.text}” ({other.group}); press other keys."
            )
            self.capture.clear()
            return
        name = self._rebinding
        self._end_capture()
        self._keys.rebind(name, [sequence])
        self.status.setText(f"“{self._rows[name].text(0)}” is now {_text(sequence)}.")

    def _end_capture(self) -> None:
        self._rebinding = None
        self.status.setText(_HINT)
        if self.capture.isVisibleTo(self):
            had_focus = self.capture.hasFocus()
            self.capture.hide()
            self.change.show()
            if had_focus:
                self.change.setFocus()

    def _restore(self) -> None:
        if (shortcut := self._current()) is None:
            return
        self._end_capture()
        keys = [QKeySequence(key) for key in shortcut.keys]
        for key in keys:
            if (other := self._keys.conflict(shortcut.name, key)) is not None:
                self.status.setText(
                    f"{_text(key)} is used by “{other.text}”; change that one first."
                )
                return
        self._keys.rebind(shortcut.name, keys)
        self.status.setText(f"“{shortcut.text}” has its default keys.")

    def _reset(self) -> None:
        self._end_capture()
        self._keys.reset()
        self.status.setText("Every shortcut has its default keys.")


def _reading() -> QtWidgets.QWidget:
    page, scroll = QtWidgets.QWidget(), QtWidgets.QScrollArea()
    items: list[Item] = []
    for title, text in _READING.items():
        heading = QtWidgets.QLabel(title)
        heading.setStyleSheet("font-weight: 600;")
        items += (heading, WrappedLabel(text), 10)
    vertical(*items, None, inside=page, margins=(16, 14, 16, 14), spacing=4)
    return scroll_area(page, scroll)


def _text(sequence: QKeySequence) -> str:
    return sequence.toString(QKeySequence.SequenceFormat.NativeText)
