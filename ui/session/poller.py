"""Read a runner's output from the main thread, and signal it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QObject, Qt, pyqtSignal

from mirror.events import Event
from ui.widgets.build import timer

if TYPE_CHECKING:
    from mirror.landmarks import Feed
    from mirror.session.base import Update
    from ui.session.runner import Runner

_POLL_MS: Final = 20
_STATUS_INTERVAL_S: Final = 0.25


class Poller(QObject):
    """Polls a runner fifty times a second; never blocks."""

    step = pyqtSignal(str)
    """What is being done before the first frame."""

    frame = pyqtSignal(str, object)
    """A feed, "a" or "b", and the `Update` with its newest frame and pose."""

    scores = pyqtSignal(list)
    """New rows of the timeline, at least one."""

    events = pyqtSignal(list)
    """New events, at least one."""

    warned = pyqtSignal(str)
    """A problem that does not end the session."""

    status_due = pyqtSignal()
    """Time to update frame rates, elapsed time and file size: four times a second."""

    finished = pyqtSignal()
    """The session has ended; all of its output was signalled before."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner: Runner | None = None
        self._shown: dict[Feed, Update] = {}
        self._n_warnings = 0
        self._due = 0.0
        self._timer = timer(self, _POLL_MS, self._poll)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)

    def start(self, runner: Runner) -> None:
        """Poll a runner, instead of the previous one."""
        self._runner, self._shown, self._n_warnings, self._due = runner, {}, 0, 0.0
        self._timer.start()

    def stop(self) -> None:
        """Stop polling."""
        self._timer.stop()

    def _poll(self) -> None:
        runner = self._runner
        assert runner is not None
        is_finished = runner.finished  # read first, so that no output after it is missed
        while runner.steps:
            self.step.emit(runner.steps.popleft())
        for feed, update in runner.newest.items():
            if update is not None and self._shown.get(feed) is not update:
                self._shown[feed] = update
                self.frame.emit(feed, update)
        if scores := [runner.scores.popleft() for _ in range(len(runner.scores))]:
            self.scores.emit(scores)
        events = [runner.events.popleft() for _ in range(len(runner.events))]
        warnings = [] if runner.session is None else runner.session.warnings[self._n_warnings :]
        self._n_warnings += len(warnings)
        for text in warnings:
            events.append(Event(runner.time, "warning", text))
            self.warned.emit(text)
        if events:
            self.events.emit(events)
        if time.monotonic() >= self._due or is_finished:
            self._due = time.monotonic() + _STATUS_INTERVAL_S
            self.status_due.emit()
        if is_finished:
            self.stop()
            self.finished.emit()
