"""The table of the pair's sessions, one per row."""

import itertools
import math
from collections.abc import Sequence
from typing import Final

from PyQt6 import QtWidgets
from PyQt6.QtCore import pyqtSignal

from mirror import wording
from mirror.recording.edit import MAX_LABEL_CHARS
from mirror.recording.library import SessionRow
from mirror.report.facts import NAMELESS
from mirror.wording import SHARES, UNDEFINED, clock_time, percent, plain_name, run_length
from ui.widgets.build import bold, button, combo_box, horizontal, select_rows, vertical
from ui.widgets.labels import WrappedLabel, shorten
from ui.widgets.progress_chart import Point, ProgressChart

WHO: Final = "Who are the two? Enter both names to find their other sessions."
LOOKING: Final = "Looking for other sessions of {a} and {b}…"
NONE: Final = "There are no other sessions of {a} and {b} in this folder."
SOME: Final = "Other sessions of {a} and {b}, below this one."

_SCORES: Final = ("mirroring", "in_phase", "anti_phase")
_SHARES: Final = ("following", "in_phase", "anti_phase")
_FIRST: Final = ("Session", "Length", "Longest in phase")


class NamesForm(QtWidgets.QWidget):
    """Two fields for the names of the two people."""

    named = pyqtSignal(str, str)  # the new names of A and B

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields = QtWidgets.QLineEdit(self), QtWidgets.QLineEdit(self)
        self.keep = button("Keep names", self, lambda: self.named.emit(*self._names))
        labels = [QtWidgets.QLabel(f"Person &{letter}", self) for letter in "AB"]
        for letter, label, field in zip("AB", labels, self.fields, strict=True):
            label.setBuddy(field)
            field.setAccessibleName(f"Name of person {letter}")
            field.setMaxLength(MAX_LABEL_CHARS)
            field.textChanged.connect(self._update_button)
            field.returnPressed.connect(self.keep.click)
        pairs = itertools.chain(*zip(labels, self.fields, strict=True))
        horizontal(*pairs, self.keep, (None, 1), inside=self)
        self._update_button()

    @property
    def _names(self) -> tuple[str, str]:
        a, b = (field.text().strip() for field in self.fields)
        return a, b

    def _update_button(self) -> None:
        a, b = self._names
        self.keep.setEnabled(bool(a and b) and a != b)


class SessionsTable(QtWidgets.QWidget):
    """The pair's sessions as a line over dates and a table, with a form for names."""

    named = pyqtSignal(str, str)  # the new names of A and B

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = NAMELESS
        self._rows: list[SessionRow] = []
        self._others: list[SessionRow] = []  # of one of the two with somebody else
        self.status = WrappedLabel(parent=self)
        self.rename = button("Change names…", self, self._show_form)
        self.form = NamesForm(self)
        self.score = combo_box("Score or exercise over dates", (), self, self._draw)
        self.who = combo_box("Whose sessions", (), self, self._draw)
        for box in (self.score, self.who):  # filled later
            box.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.chart = ProgressChart(self)
        self.table = QtWidgets.QTableWidget(0, 0, self)
        policy = QtWidgets.QSizePolicy.Policy
        self.table.setSizePolicy(policy.Expanding, policy.Fixed)  # as high as its rows
        self.table.setSizeAdjustPolicy(self.table.SizeAdjustPolicy.AdjustToContents)
        select_rows(self.table, "This session and the pair's other ones")
        self.table.setStyleSheet("QTableView::item, QHeaderView::section { padding: 2px 6px; }")
        self.table.setAlternatingRowColors(True)
        line = horizontal((self.status, 1), self.score, self.who, self.rename)
        vertical(line, self.form, self.chart, self.table, inside=self)
        self.form.named.connect(self.named)

    def begin(self, names: tuple[str, str], this: SessionRow) -> bool:
        """Display a recording; return whether its pair has names to search for."""
        self._names = names
        has_names = names != NAMELESS
        for field, name in zip(self.form.fields, names, strict=True):
            field.setText(name if has_names else "")
        self.form.setVisible(not has_names)
        self.rename.setVisible(has_names)
        self._set_status(LOOKING if has_names else WHO)
        self._others = []
        self._fill([this])
        return has_names

    def show_found(self, rows: Sequence[SessionRow]) -> None:
        """Show the pair's other sessions, newest first; those of one of them in the line only."""
        pair = [each for each in rows if sorted(each.labels) == sorted(self._names)]
        self._others = [each for each in rows if sorted(each.labels) != sorted(self._names)]
        self._set_status(SOME if pair else NONE)
        self._fill([*self._rows[:1], *pair])

    def _set_status(self, text: str) -> None:
        self.status.setText(text.format(a=self._names[0], b=self._names[1]))

    def _show_form(self) -> None:
        self.rename.hide()
        self.form.show()
        self.form.fields[0].setFocus()

    def _draw(self) -> None:
        """Draw the line, if there are two sessions to connect."""
        kind, who = self.score.currentData(), self.who.currentData()
        every = [each for each in (*self._rows, *self._others) if each.started]
        rows = [each for each in every if who in each.labels] if who else self._rows
        points = [
            Point(each.started, each.levels[kind])
            for each in rows
            if each.started and kind in each.levels and not math.isnan(each.levels[kind].score)
        ]
        self.chart.show_points(points, kind)
        self.chart.setVisible(len(every) > 1 and bool(points))
        self.score.setVisible(len(every) > 1)
        self.who.setVisible(bool(self._others))

    def _offer(self) -> None:
        """Offer the scores and exercises of these sessions, and each person's own sessions."""
        exercises = dict.fromkeys(k for row in (*self._rows, *self._others) for k in row.levels)
        scores = [(f"Mean {plain_name(kind)} over dates", kind) for kind in _SCORES]
        scores += [(f"{shorten(k)}: share held", k) for k in exercises if k not in _SCORES]
        people = [(shorten(name), name) for name in self._names]
        for box, items in ((self.score, scores), (self.who, [("Both together", ""), *people])):
            chosen = box.currentData()
            box.clear()
            for text, data in items:
                box.addItem(text, data)
            box.setCurrentIndex(max(0, box.findData(chosen)))

    def _fill(self, sessions: Sequence[SessionRow]) -> None:
        self._rows = list(sessions)
        self._offer()
        self._draw()
        a, b = map(shorten, self._names)
        titles = [*_FIRST, *(SHARES[kind] for kind in _SHARES), f"{a} / {b} ahead", "Condition"]
        self.table.setColumnCount(len(titles))
        self.table.setHorizontalHeaderLabels(titles)
        self.table.setRowCount(len(sessions))
        for row, session in enumerate(sessions):
            for column, text in enumerate(_cells(session, is_this=row == 0)):
                item = QtWidgets.QTableWidgetItem(text)
                self.table.setItem(row, column, item if row else bold(item))


def _cells(session: SessionRow, *, is_this: bool) -> list[str]:
    summary = session.summary
    shares = wording.share_texts(summary)
    when = UNDEFINED if session.started is None else f"{session.started:%d %b %Y, %H:%M}"
    return [
        f"{when} (this)" if is_this else when,
        clock_time(session.duration_s),
        run_length(session.longest),
        *(shares[kind] if summary.measured else UNDEFINED for kind in _SHARES),
        f"{percent(summary.a_led)} / {percent(summary.b_led)}",
        session.condition or UNDEFINED,
    ]
