"""Run a session on its own thread, and signal its output on the main thread.

Neither thread waits for the other. The newest frame of each feed replaces the one before; rows and
events are appended to deques. There are no locks: each value is written by one thread only, or
grows by single appends.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from PyQt6.QtCore import QObject, Qt, pyqtSignal

from mirror._support.threads import run_in_thread
from mirror.events import Event
from mirror.landmarks import Feed
from mirror.report.facts import Unrecorded
from mirror.session.base import Update
from mirror.session.live import LiveSession
from mirror.session.start import SessionRequest, start_live
from mirror.session.watchdog import ADVICE
from mirror.timeline import Score, Timeline
from ui.widgets.build import known, timer

Opener = Callable[[SessionRequest, Callable[[str], None]], LiveSession]

_POLL_MS: Final = 20
_SPARING_POLL_MS: Final = 150  # while the session is behind: what is shown takes its time
_ROWS_AT_ONCE: Final = 600
_STATUS_INTERVAL_S: Final = 0.25

FIRST_FRAME: Final = "Waiting for the first frame…"

_NOT_HERE: Final = "a lower resolution, the lite pose model or "  # which the window cannot choose
TOO_SLOW: Final = f"The computer is too slow: {ADVICE.replace(_NOT_HERE, '')}"


class Runner:
    """Runs one session, from opening it to its end.

    `opener` opens it and announces slow steps in `steps`. The previous runner, `after`, may still
    hold a camera: wait until it has finished. Read `steps`, `scores` (new rows of the timeline) and
    `events` (new marks, pauses, settings, demo scenes and feed problems) with ``popleft``. `newest`
    has the frame and pose of each feed, None before the first. `session` is set once it is open:
    use only its thread-safe methods. `path` is None if it is not recorded, and `started` is in ISO
    8601, as recordings have it.
    """

    def __init__(
        self, request: SessionRequest, opener: Opener = start_live, after: "Runner | None" = None
    ) -> None:
        self.request = request
        self.steps: deque[str] = deque()
        self.newest: dict[Feed, Update | None] = {"a": None, "b": None}
        self.scores: deque[Score] = deque()
        self.events: deque[Event] = deque()
        self.session: LiveSession | None = None
        self.path: Path | None = None
        self.started = ""
        self._rows: list[Score] = []  # of a session that is not recorded; the older ones as arrays
        self._parts: list[Timeline] = []
        self._opener = opener
        self._stopped = threading.Event()
        self._work = run_in_thread(lambda: self._run(after), "session")

    @property
    def finished(self) -> bool:
        return self._work.done()

    @property
    def recording(self) -> Path | None:
        """The recording, if it exists."""
        return self.path if self.path is not None and self.path.exists() else None

    def result(self) -> Path | None:
        """Return the recording of a finished session, or None if there is none.

        Raise MirrorError, which says why the session could not start or continue.
        """
        self._work.result()
        return self.recording

    def stop(self) -> None:
        """Ask the session to end; also while it is opening."""
        self._stopped.set()
        if self.session is not None:
            self.session.stop()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it has finished; on the main thread only at logout."""
        wait([self._work], seconds)

    def _run(self, after: "Runner | None") -> None:
        if after is not None and not after.finished:
            self.steps.append("Waiting for the previous session to release its cameras…")
            after.wait()
        if self._stopped.is_set():
            return
        self.steps.append(f"Opening {self.request.a} and {self.request.b}…")
        session = self._opener(self.request, self.steps.append)
        if session.recorder is not None:
            self.path = session.recorder.path
        self.session = session
        if self._stopped.is_set():
            session.stop()  # `stop` was called before there was a session
        self.started = datetime.now().astimezone().isoformat(timespec="seconds")
        self.steps.append(FIRST_FRAME)
        with closing(session.run(self.request.seconds)) as updates:
            for update in updates:
                if update.feed is not None:
                    self.newest[update.feed] = update
                self.events.extend(update.events)
                self.scores.extend(update.scores)
                if self.path is None:
                    self._keep(update.scores)

    def _keep(self, scores: Sequence[Score]) -> None:
        self._rows.extend(scores)
        if len(self._rows) >= _ROWS_AT_ONCE:
            self._parts.append(Timeline.from_scores(self._rows))
            self._rows = []

    def unrecorded(self, events: Sequence[Event], about: dict[str, Any]) -> Unrecorded | None:
        """Return what is known of a finished session that was not recorded; None without rows.

        `about` has its labels, condition and notes, as recordings have them.
        """
        if self.session is None or not (self._rows or self._parts):
            return None
        return Unrecorded(
            {"started": self.started, **about},
            self.session.settings_history,
            Timeline.concatenate([*self._parts, Timeline.from_scores(self._rows)]),
            tuple(self.session.results),
            tuple(events),
        )


class Poller(QObject):
    """Polls a runner fifty times a second; never blocks."""

    step = pyqtSignal(str)  # what is being done before the first frame
    frame = pyqtSignal(str, object)  # a feed, and the `Update` with its newest frame and pose
    scores = pyqtSignal(list)  # new rows of the timeline, at least one
    events = pyqtSignal(list)  # new events, at least one
    warned = pyqtSignal(str)  # a problem that does not end the session
    status_due = pyqtSignal()  # to update rates, elapsed time and file size, 4 times a second
    finished = pyqtSignal()  # the session has ended; all of its output was signalled before

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner: Runner | None = None
        self._shown: dict[Feed, Update] = {}
        self._n_warnings = 0
        self._due = 0.0
        self.timer = timer(self, _POLL_MS, self._poll)
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)

    def start(self, runner: Runner) -> None:
        self._runner, self._shown, self._n_warnings, self._due = runner, {}, 0, 0.0
        self.timer.start()

    def set_sparing(self, *, sparing: bool) -> None:
        """Leave computing time to the session: poll less often."""
        interval = _SPARING_POLL_MS if sparing else _POLL_MS
        if interval != self.timer.interval():  # else it would begin anew
            self.timer.setInterval(interval)

    def _poll(self) -> None:
        runner = known(self._runner)
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
        session = runner.session
        warnings = [] if session is None else session.warnings[self._n_warnings :]
        self._n_warnings += len(warnings)
        for text in warnings:
            events.append(Event(known(session).now(), "warning", text))
            shown = text.replace(_NOT_HERE, "")
            sources = (runner.request.a, runner.request.b)
            for source, name in zip(sources, runner.request.labels, strict=True):
                shown = shown.replace(f"{source}: ", f"{name}: ")
            self.warned.emit(shown)
        if events:
            self.events.emit(events)
        if time.monotonic() >= self._due or is_finished:
            self._due = time.monotonic() + _STATUS_INTERVAL_S
            self.status_due.emit()
        if is_finished:
            self.timer.stop()
            self.finished.emit()
