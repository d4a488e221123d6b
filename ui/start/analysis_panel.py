"""Every frame of two films: how far it has come, and a way to stop."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from mirror.session.offline import OfflineResult
from ui.runtime.background import Work
from ui.start.analysis_job import MS, Analyser, Pace
from ui.words import elapsed

if TYPE_CHECKING:
    from mirror.session.start import SessionRequest

_SETTLED: Final = 3.0
"""The time that is left is not guessed before so many seconds."""


class Analysing(QWidget):
    """An analysis that is running: a bar, its speed, the time that is left, and Cancel.

    Parameters
    ----------
    analyser : callable
        Analyses two films on a thread; see `ui.start.analysis_job`.
    """

    ended = pyqtSignal(object)
    """An `OfflineResult`; where it was cancelled, what came before is in its recording."""

    failed = pyqtSignal(str)
    """It came to nothing, and why."""

    def __init__(self, analyser: Analyser, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._analyser = analyser
        self._work: Work | None = None
        self._pace = Pace()
        self._began = 0.0
        self._title = QLabel(self)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setWordWrap(True)
        self._bar = QProgressBar(self)
        self._bar.setAccessibleName("Progress of the analysis")
        self._words = QLabel(self)
        self._cancel = QPushButton("Cancel", self)
        self._cancel.clicked.connect(self.cancel)
        row = QHBoxLayout()
        row.addWidget(self._words, 1)
        row.addWidget(self._cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addStretch(1)
        column.addWidget(self._title)
        column.addWidget(self._bar)
        column.addLayout(row)
        column.addStretch(2)

    @property
    def running(self) -> bool:
        """Whether an analysis is on."""
        return self._work is not None and self._work.running

    @property
    def words(self) -> str:
        """Speed and time left, as they are shown."""
        return self._words.text()

    def begin(self, start: SessionRequest) -> None:
        """Analyse; only one at a time."""
        self._pace, self._began = Pace(), time.monotonic()
        a, b = (Path(text).name for text in (start.a, start.b))
        self._title.setText(f"Following both people in every frame of {a} and {b}")
        self._words.setText("Opening both films …")
        self._bar.setRange(0, 0)
        self._cancel.setEnabled(True)
        pace = self._pace
        self._work = Work(lambda progress: self._analyser(start, progress, pace), self)
        self._work.progress.connect(self._show)
        self._work.finished.connect(self.ended)
        self._work.failed.connect(self.failed)
        self._work.cancelled.connect(lambda: self.ended.emit(OfflineResult()))
        self._work.start()

    def cancel(self) -> None:
        """Stop; what was analysed so far stays in its recording."""
        if self._work is not None:
            self._cancel.setEnabled(False)
            self._words.setText("Stopping …")
            self._work.cancel()

    def _show(self, done: int, total: int) -> None:
        if not self._cancel.isEnabled():
            return
        if not done:
            self._words.setText(self._pace.step or "Opening both films …")
            return
        self._bar.setRange(0, total)
        self._bar.setValue(min(done, total) if total else 0)
        passed = time.monotonic() - self._began
        speed = self._pace.frames / max(passed, 0.1)
        words = f"{elapsed(done / MS)} analysed, {speed:.0f} frames/s"
        if total and passed > _SETTLED:
            left = passed * (total - done) / done
            words = f"{words}, about {elapsed(left)} left"
        self._words.setText(words)
