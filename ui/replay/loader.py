"""The rows of a long recording, read while an outline of them is shown."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal

from mirror.recording.playback import Replay
from ui.runtime.background import Work


class Reading(QObject):
    """Reads one recording's rows at a time, on a thread of its own."""

    read = pyqtSignal()
    """Every row is at hand now."""

    failed = pyqtSignal(str)
    """Why there is no more than the outline."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work: Work | None = None

    @property
    def running(self) -> bool:
        """Whether rows are still to come."""
        return self._work is not None

    def begin(self, replay: Replay) -> None:
        """Read the rows of this recording, unless they are there."""
        self.drop()
        if replay.whole:
            return
        work = self._work = Work(replay.read, self)
        work.finished.connect(lambda _: self._ended(work))
        work.failed.connect(lambda why: self._ended(work, why))
        work.cancelled.connect(work.deleteLater)
        work.start()

    def drop(self) -> None:
        """Nobody wants them any more."""
        work, self._work = self._work, None
        if work is not None:
            work.cancel()

    def _ended(self, work: Work, why: str = "") -> None:
        work.deleteLater()
        if work is not self._work:
            return
        self._work = None
        if why:
            self.failed.emit(why)
        else:
            self.read.emit()
