"""What a session has left since the last look, as Qt signals."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal

from mirror.events import Event

if TYPE_CHECKING:
    from mirror.landmarks import Feed
    from mirror.session.base import Update
    from ui.session.runner import Run

_LOOK_MS: Final = 20
"""Fifty looks a second: the meters repaint at more than 30 Hz, and a picture waits for no turn."""

_STATUS_S: Final = 0.25
"""Frame rates, elapsed time and the file's size are told four times a second."""


class Watch(QObject):
    """Looks at a run from the window's own thread, and waits for nothing."""

    step = pyqtSignal(str)
    """What is being done before the first picture."""

    picture = pyqtSignal(str, object)
    """A feed, "a" or "b", and the `Update` with its newest picture and pose."""

    scores = pyqtSignal(list)
    """New rows of the timeline, at least one."""

    events = pyqtSignal(list)
    """New events, at least one."""

    warned = pyqtSignal(str)
    """Something went wrong without ending the session."""

    status = pyqtSignal()
    """It is time to say again how the session is doing."""

    over = pyqtSignal()
    """The run has come to its end, and all that it left has been told."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run: Run | None = None
        self._shown: dict[Feed, Update] = {}
        self._warnings = 0
        self._due = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)

    def start(self, run: Run) -> None:
        """Watch a run, in place of the one before."""
        self._run, self._shown, self._warnings, self._due = run, {}, 0, 0.0
        self._timer.start()

    def stop(self) -> None:
        """Tell nothing more."""
        self._timer.stop()

    def _look(self) -> None:
        run = self._run
        assert run is not None
        is_over = run.over  # before the rest is read, so that nothing of it is missed
        while run.steps:
            self.step.emit(run.steps.popleft())
        for feed, update in run.newest.items():
            if update is not None and self._shown.get(feed) is not update:
                self._shown[feed] = update
                self.picture.emit(feed, update)
        if scores := [run.scores.popleft() for _ in range(len(run.scores))]:
            self.scores.emit(scores)
        events = [run.events.popleft() for _ in range(len(run.events))]
        for text in self._new_warnings(run):
            events.append(Event(run.time, "warning", text))
            self.warned.emit(text)
        if events:
            self.events.emit(events)
        if time.monotonic() >= self._due or is_over:
            self._due = time.monotonic() + _STATUS_S
            self.status.emit()
        if is_over:
            self.stop()
            self.over.emit()

    def _new_warnings(self, run: Run) -> list[str]:
        if run.session is None:
            return []
        new = run.session.warnings[self._warnings :]
        self._warnings += len(new)
        return new
