"""Analyse every frame of two videos, with progress and a way to cancel."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QLabel, QProgressBar, QWidget

from mirror.errors import RecordingError
from mirror.session.offline import OfflineResult
from mirror.session.start import SessionRequest, start_offline
from mirror.timeline import Score
from mirror.wording import elapsed
from ui.runtime.background import Cancelled, Progress, Work
from ui.widgets.build import button, horizontal, known
from ui.widgets.card import Card, centre
from ui.widgets.timeline.view import TimelineView

_OPENING: Final = "Opening both videos…"
_ESTIMATE_AFTER_S: Final = 3.0  # the remaining time is estimated after this time
_MS: Final = 1000  # progress is counted in milliseconds: whole numbers, for Qt's progress bar


@dataclass
class AnalysisStatus:
    """Written by the analysis thread and read by the main thread."""

    step: str = ""  # what is being done before the first frame
    n_frames: int = 0  # of both videos, tracked so far
    scores: deque[Score] = field(default_factory=deque)  # new rows, read with ``popleft``
    cannot_record: bool = False  # whether it failed because the recording cannot be written

    def announce(self, step: str) -> None:
        self.step = step


Analyser = Callable[[SessionRequest, Progress, AnalysisStatus], OfflineResult]


def analyse_videos(
    request: SessionRequest, progress: Progress, status: AnalysisStatus
) -> OfflineResult:
    """Track both people in every frame of two videos; raise MirrorError if nothing was analysed.

    The request has an `output`, which keeps what was analysed before a cancellation. `progress` is
    called with milliseconds of the videos, and may raise `Cancelled`; `status` is updated.
    """
    progress(0, 0)
    session = start_offline(request, status.announce)
    total = round(_MS * (session.duration or 0))
    for update in session.run():
        status.n_frames = session.frames
        status.scores.extend(update.scores)
        try:
            progress(round(_MS * update.time), total)
        except Cancelled:
            session.stop()
    return known(session.result)


class AnalysisPanel(QWidget):
    """Runs an analysis; shows the scores so far, a progress bar, the remaining time, and Cancel."""

    ended = pyqtSignal(object)  # an `OfflineResult`; after a cancellation, its recording ends there
    failed = pyqtSignal(str, bool)  # why, and whether the recording cannot be written

    def __init__(self, analyser: Analyser = analyse_videos, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._analyser = analyser
        self._work: Work | None = None
        self._status = AnalysisStatus()
        self._began = 0.0
        self._card = Card(self, width=1000)
        self._timeline = TimelineView(self)
        self._timeline.setMinimumHeight(96)
        self._bar = QProgressBar(self)
        self._bar.setAccessibleName("Progress of the analysis")
        self.status = QLabel(self)
        self._cancel = button("Cancel", self, self.cancel)
        for widget in (self._timeline, self._bar):
            self._card.column.addWidget(widget)
        self._card.column.addLayout(horizontal((self.status, 1), self._cancel))
        centre(self._card, self)

    @property
    def running(self) -> bool:
        return self._work is not None and self._work.running

    def begin(self, request: SessionRequest) -> None:
        """Start an analysis; only one at a time."""
        self._status, self._began = AnalysisStatus(), time.monotonic()
        a, b = (Path(text).name for text in (request.a, request.b))
        self._card.show_text("busy", "Analysing every frame", f"{a} and {b}")
        self._timeline.clear()
        self._timeline.set_names(*request.labels)
        self.status.setText(_OPENING)
        self._bar.setRange(0, 0)
        self._cancel.setEnabled(True)
        status = self._status

        def task(progress: Progress) -> OfflineResult:
            try:
                return self._analyser(request, progress, status)
            except RecordingError:
                status.cannot_record = True
                raise

        self._work = Work(task, self)
        self._work.progress.connect(self._show)
        self._work.finished.connect(self.ended)
        self._work.failed.connect(lambda why: self.failed.emit(why, status.cannot_record))
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
        scores = self._status.scores
        self._timeline.append([scores.popleft() for _ in range(len(scores))])
        self._bar.setRange(0, total)
        self._bar.setValue(min(done, total) if total else 0)
        elapsed_s = time.monotonic() - self._began
        speed = self._status.n_frames / max(elapsed_s, 0.1)
        text = f"{elapsed(done / _MS)} analysed, {speed:.0f} frames/s"
        if total and elapsed_s > _ESTIMATE_AFTER_S:
            text = f"{text}, about {elapsed(elapsed_s * (total - done) / done)} left"
        self.status.setText(text)
