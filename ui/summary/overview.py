"""Overview of a session: rounds, shares of time, timeline, longest run, who led, best moments."""

import math
from typing import Final

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QBrush, QColor, QPainter, QPen
from PyQt6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from mirror import wording
from mirror.practice.run import Result
from mirror.recording.provenance import person_names
from mirror.report.facts import SessionFacts
from mirror.summary import Summary
from ui.shell.theme import theme
from ui.widgets.build import button, horizontal, known, vertical
from ui.widgets.labels import WrappedLabel, shorten
from ui.widgets.painting import PaintedWidget, fill_score, inner_rect
from ui.widgets.timeline.view import TimelineView

_MIN_HEIGHT: Final = 160  # of the timeline, px
_MOST_ROUNDS: Final = 5  # the report lists all

_COLUMNS: Final = 4
_STRIPE: Final = 9.0
_SWATCH: Final = QSize(22, 14)

_PATTERNS: Final = {
    "other_phase": Qt.BrushStyle.Dense5Pattern,
    "not_together": Qt.BrushStyle.NoBrush,
    "still": Qt.BrushStyle.HorPattern,
    "untracked": Qt.BrushStyle.BDiagPattern,
    "warming_up": Qt.BrushStyle.VerPattern,
}

NO_MOMENTS: Final = "At no time were both measured to move together for long enough."


def title(text: str) -> QLabel:
    """Return a heading label."""
    label = QLabel(text)
    label.setStyleSheet("font-weight: 600;")
    return label


def describe_round(result: Result) -> str:
    """Return the result of a round, short enough for a row."""
    names = ", ".join(map(shorten, filter(None, (result.exercise, result.round))))
    return f"{names}: {result.brief}"


class Overview(QWidget):
    """A session's figures, with its best moments as buttons."""

    pointed = pyqtSignal(float)  # time at which the user put the timeline's cursor, s
    replay_requested = pyqtSignal(float)  # time from which to replay, s

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: SessionFacts | None = None
        self.shares = ShareBar(self)
        self.timeline = TimelineView(self)
        self.timeline.setMinimumHeight(_MIN_HEIGHT)
        self.longest, self.led = WrappedLabel(parent=self), WrappedLabel(parent=self)
        self._no_moments = WrappedLabel(NO_MOMENTS, self)
        self.moments: list[QPushButton | WrappedLabel] = []
        self.marks: list[QPushButton | WrappedLabel] = []
        self.rounds: list[QPushButton | WrappedLabel] = []
        self._marks_title, self._rounds_title = title("Marks"), title("Goals and exercises")
        self._moments, self._marks, self._rounds = (vertical(spacing=4) for _ in range(3))
        self.timeline.moved.connect(self._point)
        self.timeline.event_activated.connect(
            lambda index: self.replay_requested.emit(known(self._facts).events[index].time_s)
        )
        self._lay_out()

    def show_facts(self, facts: SessionFacts) -> None:
        self._facts = facts
        names = person_names(facts.session)
        self.shares.show_summary(facts.summary)
        run = wording.describe_run(facts.longest).capitalize()
        self.longest.setText(f"{run}." if facts.summary.measured else wording.NOT_MEASURED)
        self.led.setText(f"{facts.lag_text} {wording.describe_mimicry(facts.summary, names)}")
        self.timeline.clear()
        self.timeline.set_names(*names)
        self.timeline.set_timeline(facts.timeline)
        self.timeline.set_events(facts.events)
        self.timeline.set_cursor(0.0)
        for each in (*self.rounds, *self.moments, *self.marks):
            each.deleteLater()
        rounds = facts.results[-_MOST_ROUNDS:]
        marks = [e for e in facts.events if wording.is_mark(e.kind)]
        self.rounds = [self._row(self._rounds, describe_round(e), e.start_s) for e in rounds]
        self._rounds_title.setVisible(bool(self.rounds))
        self.moments = [
            self._row(self._moments, wording.describe_moment(e), e.start_s) for e in facts.moments
        ]
        self._no_moments.setVisible(not self.moments)
        self.marks = [self._row(self._marks, wording.describe_mark(e), e.time_s) for e in marks]
        self._marks_title.setVisible(bool(self.marks))

    def _row(self, column: QVBoxLayout, text: str, time_s: float) -> QPushButton | WrappedLabel:
        if self._facts is None or self._facts.path is None:  # nothing to replay
            line = WrappedLabel(text, self)
            column.addWidget(line)
            return line
        made = button(f"▶  {text}", self, tip="Replay from here")
        made.clicked.connect(lambda: self.replay_requested.emit(time_s))
        made.setProperty("row", True)
        made.setAccessibleName(text)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        column.addWidget(made)
        return made

    def _point(self, time_s: float) -> None:
        self.timeline.set_cursor(time_s)
        self.pointed.emit(time_s)

    def _lay_out(self) -> None:
        run = (title("Longest time in phase"), self.longest, 10)
        lead = (title("Mirroring, and who led"), self.led, 10)
        facts = vertical(*run, *lead, self._marks_title, self._marks, (None, 1), spacing=6)
        best_title = title("Best moments")
        best = vertical(best_title, self._no_moments, self._moments, (None, 1), spacing=6)
        middle = horizontal((facts, 1), (best, 1), spacing=32)
        rounds = vertical(self._rounds_title, self._rounds, spacing=6)
        above = (rounds, title("Share of time"), self.shares, (self.timeline, 1))
        vertical(*above, middle, inside=self, spacing=10)


def fill(painter: QPainter, room: QRectF, kind: str) -> None:
    """Fill a part of the bar; kinds differ by pattern, not by colour alone."""
    palette = theme().palette
    painter.setPen(Qt.PenStyle.NoPen)
    if kind == "in_phase":
        painter.fillRect(room, QColor(palette.in_phase))
    elif kind in ("anti_phase", "following"):
        score = "mirroring" if kind == "following" else kind
        painter.fillRect(room, QColor(getattr(palette, score)))  # the corners too
        fill_score(painter, room, score, _STRIPE)
    else:
        shades = {"still": palette.still_shade, "untracked": palette.untracked_shade}
        painter.fillRect(room, QColor(shades.get(kind, palette.surface)))
        painter.fillRect(room, QBrush(QColor(palette.outline), _PATTERNS[kind]))


class ShareBar(QWidget):
    """A stacked bar of a session's shares of time, with a legend."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = _Bar(self)
        self.labels = {kind: QLabel(self) for kind in wording.SHARES}
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        for place, (kind, label) in enumerate(self.labels.items()):
            entry = horizontal(_Swatch(kind, self), (label, 1), spacing=8)
            grid.addLayout(entry, place // _COLUMNS, place % _COLUMNS)
        for place in range(_COLUMNS):
            grid.setColumnStretch(place, 1)
        vertical(self.bar, grid, inside=self, spacing=8)

    def show_summary(self, summary: Summary) -> None:
        texts = wording.share_texts(summary)
        for kind, label in self.labels.items():
            label.setText(f"{wording.SHARES[kind]}  {texts[kind]}")
        self.bar.show_shares({kind: float(getattr(summary, kind)) for kind in wording.SHARES})
        self.bar.describe("; ".join(f"{wording.SHARES[each]} {texts[each]}" for each in texts))


class _Bar(PaintedWidget):
    hint, least = QSize(600, 36), QSize(200, 36)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Share of time", parent)
        self._shares: dict[str, float] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_shares(self, shares: dict[str, float]) -> None:
        self._shares = shares
        self.update()

    def paint_foreground(self, painter: QPainter) -> None:
        palette = theme().palette
        whole = inner_rect(self)
        left = whole.left()
        painter.fillRect(whole, QColor(palette.surface))
        for kind, share in self._shares.items():
            if share > 0 and math.isfinite(share):
                room = QRectF(left, whole.top(), share * whole.width(), whole.height())
                fill(painter, room, kind)
                left = room.right()
                painter.setPen(QPen(QColor(palette.outline), 1))
                painter.drawLine(room.topRight(), room.bottomRight())
        _outline(painter, whole)


class _Swatch(PaintedWidget):
    def __init__(self, kind: str, parent: QWidget) -> None:
        super().__init__("", parent)
        self._kind = kind
        self.setFixedSize(_SWATCH)

    def paint_background(self, painter: QPainter) -> None:
        room = inner_rect(self)
        fill(painter, room, self._kind)
        _outline(painter, room)


def _outline(painter: QPainter, room: QRectF) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme().palette.outline), 1))
    painter.drawRect(room)
