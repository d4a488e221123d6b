"""Overview of a session: shares of time, timeline, longest run, who led, best moments."""

from __future__ import annotations

from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from mirror.practice.run import Result
from mirror.recording.provenance import person_names
from mirror.report.facts import SessionFacts
from mirror.wording import (
    describe_lag,
    describe_mark,
    describe_moment,
    describe_run,
    is_mark,
    percent,
)
from ui.summary.shares import ShareBar
from ui.widgets.build import button, horizontal, vertical
from ui.widgets.labels import WrappedLabel, shorten
from ui.widgets.timeline.view import TimelineView

_MIN_HEIGHT: Final = 160  # of the timeline, px
_MOST_ROUNDS: Final = 5  # the report lists all

NO_MOMENTS: Final = "No part of the session as long as a window has a score."


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
        self.moments: list[QPushButton] = []
        self.marks: list[QPushButton] = []
        self.rounds: list[QPushButton] = []
        self._marks_title, self._rounds_title = title("Marks"), title("Goals and exercises")
        self._moments, self._marks, self._rounds = (vertical(spacing=4) for _ in range(3))
        self.timeline.moved.connect(self._point)
        self.timeline.event_activated.connect(self._choose_event)
        self._lay_out()

    def show_facts(self, facts: SessionFacts) -> None:
        """Show another session."""
        self._facts = facts
        names = person_names(facts.session)
        self.shares.show_summary(facts.summary)
        self.longest.setText(f"{describe_run(facts.longest).capitalize()}.")
        mirroring = percent(facts.summary.mirroring)
        self.led.setText(f"{mirroring} of the time. {describe_lag(facts.summary, names)}")
        self.timeline.clear()
        self.timeline.set_names(*names)
        self.timeline.set_timeline(facts.timeline)
        self.timeline.set_events(facts.events)
        self.timeline.set_cursor(0.0)
        for each in (*self.rounds, *self.moments, *self.marks):
            each.deleteLater()
        self.rounds = [
            self._row(self._rounds, describe_round(each), each.start_s)
            for each in facts.results[-_MOST_ROUNDS:]
        ]
        self._rounds_title.setVisible(bool(self.rounds))
        self.moments = [
            self._row(self._moments, describe_moment(each), each.start_s) for each in facts.moments
        ]
        self._no_moments.setVisible(not self.moments)
        self.marks = [
            self._row(self._marks, describe_mark(each), each.time_s)
            for each in facts.events
            if is_mark(each.kind)
        ]
        self._marks_title.setVisible(bool(self.marks))

    def _row(self, column: QVBoxLayout, text: str, time_s: float) -> QPushButton:
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

    def _choose_event(self, index: int) -> None:
        if self._facts is not None:
            self.replay_requested.emit(self._facts.events[index].time_s)

    def _lay_out(self) -> None:
        run = (title("Longest time in phase"), self.longest, 10)
        lead = (title("Mirroring, and who led"), self.led, 10)
        events = (self._rounds_title, self._rounds, self._marks_title, self._marks)
        facts = vertical(*run, *lead, *events, (None, 1), spacing=6)
        best_title = title("Best moments, by in-phase or anti-phase")
        best = vertical(best_title, self._no_moments, self._moments, (None, 1), spacing=6)
        middle = horizontal((facts, 1), (best, 1), spacing=32)
        above = (title("Share of time"), self.shares, (self.timeline, 1))
        vertical(*above, middle, inside=self, spacing=10)
