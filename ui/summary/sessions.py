"""The pair's sessions, one a row, so that the same figures stand beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from mirror.recording.edit import MAX_LABEL_CHARS
from mirror.report.facts import NAMELESS
from mirror.summary import Summary
from mirror.timeline import Span
from mirror.wording import NO_BREAK, SHARES, UNDEFINED, clock_time, number, percent, run_length

WHO: Final = "Who are the two? With names, their earlier sessions are found and shown here."
LOOKING: Final = "Looking for earlier sessions of {a} and {b} …"
NONE: Final = "There are no earlier sessions of {a} and {b} in this folder."
SOME: Final = "Earlier sessions of {a} and {b}, below this one. None of the figures is a grade."

_ROWS: Final = 5
"""So many sessions are seen at once, where there are more."""

_FIRST: Final = ("Session", "Length", "Longest in phase")


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session in the table; A and B are as in the session that the page is about."""

    started: datetime | None
    duration_s: float
    condition: str
    summary: Summary
    longest: Span | None


class Naming(QWidget):
    """Two fields for what the two people are called."""

    named = pyqtSignal(str, str)
    """The names are to be these, of A and of B."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields = QLineEdit(self), QLineEdit(self)
        self.keep = QPushButton("Keep names", self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for letter, field in zip("AB", self.fields, strict=True):
            label = QLabel(f"Person &{letter}", self)
            label.setBuddy(field)
            field.setAccessibleName(f"Name of person {letter}")
            field.setMaxLength(MAX_LABEL_CHARS)
            field.textChanged.connect(self._offer)
            field.returnPressed.connect(self.keep.click)
            row.addWidget(label)
            row.addWidget(field)
        row.addWidget(self.keep)
        row.addStretch(1)
        self.keep.clicked.connect(lambda: self.named.emit(*self._names))
        self._offer()

    def show_names(self, names: tuple[str, str]) -> None:
        """Begin with these; "A" and "B" are none."""
        for field, name in zip(self.fields, names, strict=True):
            field.setText("" if names == NAMELESS else name)

    @property
    def _names(self) -> tuple[str, str]:
        a, b = (field.text().strip() for field in self.fields)
        return a, b

    def _offer(self) -> None:
        a, b = self._names
        self.keep.setEnabled(bool(a and b) and a != b)


class Sessions(QWidget):
    """A table of the pair's sessions, or what keeps it from being there."""

    named = pyqtSignal(str, str)
    """The two people are to be called so."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = NAMELESS
        self._this: SessionRow | None = None
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.rename = QPushButton("Change names …", self)
        self.naming = Naming(self)
        self.table = QTableWidget(0, 0, self)
        self.table.setAccessibleName("This session and the pair's earlier ones")
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.setStyleSheet("QTableView::item, QHeaderView::section { padding: 2px 6px; }")
        self.table.setAlternatingRowColors(True)
        rows, head = self.table.verticalHeader(), self.table.horizontalHeader()
        assert rows is not None
        assert head is not None
        rows.hide()
        head.setHighlightSections(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        line = QHBoxLayout()
        line.addWidget(self.words, 1)
        line.addWidget(self.rename)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(line)
        column.addWidget(self.naming)
        column.addWidget(self.table)
        self.rename.clicked.connect(self._change)
        self.naming.named.connect(self.named)

    def begin(self, names: tuple[str, str], this: SessionRow) -> bool:
        """Another recording; whether earlier ones can be looked for."""
        self._names, self._this = names, this
        is_known = names != NAMELESS
        self.naming.show_names(names)
        self.naming.setVisible(not is_known)
        self.rename.setVisible(is_known)
        self._say(LOOKING if is_known else WHO)
        self._fill([])
        return is_known

    def show_earlier(self, lines: Sequence[SessionRow]) -> None:
        """Show the pair's earlier sessions, newest first."""
        self._say(SOME if lines else NONE)
        self._fill(lines)

    def show_problem(self, why: str) -> None:
        """Say why the earlier ones cannot be shown."""
        self.words.setText(why)

    def _say(self, text: str) -> None:
        self.words.setText(text.format(a=self._names[0], b=self._names[1]))

    def _change(self) -> None:
        self.rename.hide()
        self.naming.show()
        self.naming.fields[0].setFocus()

    def _fill(self, earlier: Sequence[SessionRow]) -> None:
        assert self._this is not None
        a, b = self._names
        titles = [*_FIRST, *SHARES.values(), "Median lag", f"{a} / {b} ahead", "Condition"]
        self.table.setColumnCount(len(titles))
        self.table.setHorizontalHeaderLabels(titles)
        self.table.setRowCount(1 + len(earlier))
        for row, session in enumerate((self._this, *earlier)):
            for column, text in enumerate(_cells(session, is_this=row == 0)):
                item = QTableWidgetItem(text)
                if row == 0:
                    font = self.table.font()
                    font.setBold(True)
                    item.setFont(font)
                self.table.setItem(row, column, item)
        self._fit()

    def _fit(self) -> None:
        """As high as its rows, up to a few."""
        head, bar = self.table.horizontalHeader(), self.table.horizontalScrollBar()
        assert head is not None
        assert bar is not None
        rows = min(self.table.rowCount(), _ROWS) * self.table.rowHeight(0)
        edges = 2 * self.table.frameWidth() + bar.sizeHint().height()
        self.table.setFixedHeight(head.sizeHint().height() + rows + edges)


def _cells(session: SessionRow, *, is_this: bool) -> list[str]:
    summary = session.summary
    when = UNDEFINED if session.started is None else f"{session.started:%d %b %Y, %H:%M}"
    lag = number(summary.lag_s)
    return [
        f"{when} (this)" if is_this else when,
        clock_time(session.duration_s),
        run_length(session.longest),
        *(percent(getattr(summary, kind)) for kind in SHARES),
        lag if lag == UNDEFINED else f"{lag}{NO_BREAK}s",
        f"{percent(summary.a_led)} / {percent(summary.b_led)}",
        session.condition or UNDEFINED,
    ]
