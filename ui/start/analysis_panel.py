"""Analyse every frame of two videos, with progress and a way to cancel."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from mirror.session.offline import OfflineResult
from mirror.wording import elapsed
from ui.runtime.background import Cancelled, Progress, Work

if TYPE_CHECKING:
    from mirror.session.start import SessionRequest

_OPENING: Final = "Opening both videos…"
_ESTIMATE_AFTER_S: Final = 3.0
"""The remaining time is estimated after this time."""

_MS: Final = 1000
"""Progress is counted in milliseconds: whole numbers, for Qt's progress bar."""


@dataclass
class AnalysisStatus:
    """Written by the analysis thread and read by the main thread.

    Attributes
    ----------
    step : str
        What is being done before the first frame.
    n_frames : int
        Frames of both videos tracked so far.
    """

    step: str = ""
    n_frames: int = 0

    def announce(self, step: str) -> None:
        """Set the step."""
        self.step = step


Analyser = Callable[["SessionRequest", Progress, AnalysisStatus], OfflineResult]


def analyse_videos(
    request: SessionRequest, progress: Progress, status: AnalysisStatus
) -> OfflineResult:
    """Track both people in every frame of two videos.

    Parameters
    ----------
    request : SessionRequest
        With an `output`, which keeps what was analysed before a cancellation.
    progress : callable
        Called with milliseconds of the videos; may raise `Cancelled`.
    status : AnalysisStatus
        Updated during the analysis.

    Raises
    ------
    MirrorError
        If nothing could be analysed.
    """
    from mirror.session.start import start_offline

    progress(0, 0)
    session = start_offline(request, status.announce)
    total = round(_MS * (session.duration or 0))
    for update in session.run():
        status.n_frames = session.frames
        try:
            progress(round(_MS * update.time), total)
        except Cancelled:
            session.stop()
    assert session.result is not None
    return session.result


class AnalysisPanel(QWidget):
    """Runs an analysis; shows a progress bar, its speed, the remaining time, and Cancel.

    Parameters
    ----------
    analyser : callable
        Analyses two videos, on a thread; see `analyse_videos`.
    """

    ended = pyqtSignal(object)
    """An `OfflineResult`; after a cancellation, its recording ends there."""

    failed = pyqtSignal(str)
    """Why nothing could be analysed."""

    def __init__(self, analyser: Analyser = analyse_videos, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._analyser = analyser
        self._work: Work | None = None
        self._status = AnalysisStatus()
        self._began = 0.0
        self._title = QLabel(self)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setWordWrap(True)
        self._bar = QProgressBar(self)
        self._bar.setAccessibleName("Progress of the analysis")
        self.status = QLabel(self)
        self._cancel = QPushButton("Cancel", self)
        self._cancel.clicked.connect(self.cancel)
        row = QHBoxLayout()
        row.addWidget(self.status, 1)
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
        """Whether an analysis is running."""
        return self._work is not None and self._work.running

    def begin(self, request: SessionRequest) -> None:
        """Start an analysis; only one at a time."""
        self._status, self._began = AnalysisStatus(), time.monotonic()
        a, b = (Path(text).name for text in (request.a, request.b))
        self._title.setText(f"Analysing every frame of {a} and {b}")
        self.status.setText(_OPENING)
        self._bar.setRange(0, 0)
        self._cancel.setEnabled(True)
        status = self._status
        self._work = Work(lambda progress: self._analyser(request, progress, status), self)
        self._work.progress.connect(self._show)
        self._work.finished.connect(self.ended)
        self._work.failed.connect(self.failed)
        self._work.cancelled.connect(lambda: self.ended.emit(OfflineResult()))
        self._work.start()

    def cancel(self) -> None:
        """Stop; the recording keeps what was analysed so far."""
        if self._work is not None:
            self._cancel.setEnabled(False)
            self.status.setText("Stopping…")
            self._work.cancel()

    def _show(self, done: int, total: int) -> None:
        if not self._cancel.isEnabled():
            return
        if not done:
            self.status.setText(self._status.step or _OPENING)
            return
        self._bar.setRange(0, total)
        self._bar.setValue(min(done, total) if total else 0)
        elapsed_s = time.monotonic() - self._began
        speed = self._status.n_frames / max(elapsed_s, 0.1)
        text = f"{elapsed(done / _MS)} analysed, {speed:.0f} frames/s"
        if total and elapsed_s > _ESTIMATE_AFTER_S:
            left = elapsed_s * (total - done) / done
            text = f"{text}, about {elapsed(left)} left"
        self.status.setText(text)
