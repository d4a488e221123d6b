"""Build layouts, controls, timers and dialogs in one expression each."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from PyQt6 import QtWidgets
from PyQt6.QtCore import QObject, Qt, QTimer, pyqtBoundSignal

Slot = Callable[..., object] | pyqtBoundSignal
Part = QtWidgets.QWidget | QtWidgets.QLayout | int | None
Item = Part | tuple[Part, int] | tuple[QtWidgets.QWidget, int, Qt.AlignmentFlag]
Margins = tuple[int, int, int, int]
Label = TypeVar("Label", bound=QtWidgets.QLabel)
Text = TypeVar(
    "Text", bound=QtWidgets.QLabel | QtWidgets.QAbstractButton | QtWidgets.QTableWidgetItem
)
Known = TypeVar("Known")

NO_MARGINS: Margins = (0, 0, 0, 0)

_Triggers = QtWidgets.QAbstractItemView.EditTrigger


def vertical(
    *items: Item,
    inside: QtWidgets.QWidget | None = None,
    margins: Margins | None = NO_MARGINS,
    spacing: int = -1,
) -> QtWidgets.QVBoxLayout:
    """Return items one below the other, by default without margins and with the style's spacing.

    Items are widgets, layouts, spaces in pixels, and None for a stretch; in a tuple, also the
    stretch factor and a widget's alignment. `inside` is the widget that is laid out. Margins are
    left, top, right and bottom, pixels; None for the style's, as is a negative spacing of items.
    """
    return _fill(QtWidgets.QVBoxLayout(inside), items, margins, spacing)


def horizontal(
    *items: Item,
    inside: QtWidgets.QWidget | None = None,
    margins: Margins | None = NO_MARGINS,
    spacing: int = -1,
) -> QtWidgets.QHBoxLayout:
    """Return items side by side; see `vertical`."""
    return _fill(QtWidgets.QHBoxLayout(inside), items, margins, spacing)


Box = TypeVar("Box", bound=QtWidgets.QBoxLayout)


def _fill(box: Box, items: Iterable[Item], margins: Margins | None, spacing: int) -> Box:
    if margins is not None:
        box.setContentsMargins(*margins)
    box.setSpacing(spacing)
    for each in items:
        item: Part
        how: list[Any]
        item, *how = each if isinstance(each, tuple) else (each,)
        if item is None:
            box.addStretch(*how)
        elif isinstance(item, int):
            box.addSpacing(item)
        elif isinstance(item, QtWidgets.QLayout):
            box.addLayout(item, *how)
        else:
            box.addWidget(item, *how)
    return box


def button(
    text: str,
    parent: QtWidgets.QWidget | None = None,
    slot: Slot | None = None,
    *,
    tip: str = "",
    primary: bool = False,
    checkable: bool = False,
) -> QtWidgets.QPushButton:
    """Return a button; `slot` is called when it is clicked, or toggled if it is `checkable`."""
    made = QtWidgets.QPushButton(text, parent)
    made.setToolTip(tip)
    made.setCheckable(checkable)
    if primary:
        made.setProperty("primary", True)
    if slot is not None:
        (made.toggled if checkable else made.clicked).connect(slot)
    return made


def combo_box(
    name: str, items: Iterable[tuple[str, Any]], parent: QtWidgets.QWidget, slot: Slot | None = None
) -> QtWidgets.QComboBox:
    """Return a combo box of texts with data; `slot` is called when the user has chosen."""
    box = QtWidgets.QComboBox(parent)
    box.setAccessibleName(name)
    for text, data in items:
        box.addItem(text, data)
    if slot is not None:
        box.activated.connect(slot)
    return box


def notes_edit(name: str, text: str, parent: QtWidgets.QWidget) -> QtWidgets.QPlainTextEdit:
    """Return a field for lines of text, which Tab leaves."""
    made = QtWidgets.QPlainTextEdit(text, parent)
    made.setTabChangesFocus(True)
    made.setAccessibleName(name)
    return made


def known(part: Known | None) -> Known:
    """Return what is there, though its type, as Qt's at times, allows for None."""
    assert part is not None
    return part


def dim(label: Label) -> Label:
    """Return a label, in the colour of secondary text."""
    label.setProperty("dim", True)
    return label


def bold(label: Text) -> Text:
    """Return a label, a button or an item, in bold."""
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label


def timer(parent: QObject, interval_ms: int, slot: Slot, *, once: bool = False) -> QTimer:
    """Return a timer that is not started yet."""
    made = QTimer(parent)
    made.setInterval(interval_ms)
    made.setSingleShot(once)
    made.timeout.connect(slot)
    return made


def scroll_area(content: QtWidgets.QWidget, area: QtWidgets.QScrollArea) -> QtWidgets.QScrollArea:
    """Let a scroll area show a widget, as wide as there is room, without a frame."""
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area


def select_rows(
    made: QtWidgets.QTableView, name: str, triggers: _Triggers = _Triggers.NoEditTriggers
) -> QtWidgets.QHeaderView:
    """Let rows of a table be selected, and return its header of columns."""
    made.setAccessibleName(name)
    made.setSelectionBehavior(QtWidgets.QAbstractItemView.SelectionBehavior.SelectRows)
    made.setEditTriggers(triggers)
    made.setTabKeyNavigation(False)
    made.setShowGrid(False)
    known(made.verticalHeader()).hide()
    header = known(made.horizontalHeader())
    header.setHighlightSections(False)
    header.setStretchLastSection(True)
    header.setSectionResizeMode(QtWidgets.QHeaderView.ResizeMode.ResizeToContents)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return header


def name_tabs(tabs: QtWidgets.QTabWidget, name: str) -> None:
    """Name a tab widget and its bar for screen readers."""
    for each in (tabs, known(tabs.tabBar())):
        each.setAccessibleName(name)


def open_once(dialog: QtWidgets.QDialog) -> None:
    """Open a dialog, which is deleted when it is closed."""
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
