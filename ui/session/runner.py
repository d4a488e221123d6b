"""Run a session on its own thread.

Neither thread waits for the other. The newest frame of each feed replaces the one before; rows and
events are appended to deques. There are no locks: each value is written by one thread only, or
grows by single appends.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import wait
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mirror._support.threads import run_in_thread
from mirror.events import Event
from mirror.settings_history import describe_settings

if TYPE_CHECKING:
    from mirror.landmarks import Feed
    from mirror.session.base import Update
    from mirror.session.live import LiveSession
    from mirror.session.start import SessionRequest
    from mirror.settings import Settings
    from mirror.timeline import Score

Opener = Callable[["SessionRequest", Callable[[str], None]], "LiveSession"]

FIRST_FRAME: Final = "Waiting for the first frame…"


def open_session(request: SessionRequest, announce: Callable[[str], None]) -> LiveSession:
    """Open sources, model and recording; slow, so never call it on the main thread."""
    from mirror.session.start import start_live

    return start_live(request, announce)


class Runner:
    """Runs one session, from opening it to its end.

    Parameters
    ----------
    opener : callable
        Opens the session; announces slow steps.
    after : Runner, optional
        The previous runner, which may still hold a camera: wait until it has finished.

    Attributes
    ----------
    steps : deque of str
        Announcements while the session opens; read with ``popleft``.
    newest : dict of feed to Update
        The newest frame and pose of each feed; None before the first.
    scores : deque of Score
        New rows of the timeline; read with ``popleft``.
    events : deque of Event
        New marks, pauses, settings, demo scenes and feed problems; read with ``popleft``.
    session : LiveSession or None
        Set once it is open. Use only its thread-safe methods.
    path : Path or None
        The recording; None if the session is not recorded.
    """

    def __init__(
        self, request: SessionRequest, opener: Opener = open_session, after: Runner | None = None
    ) -> None:
        self.request = request
        self.steps: deque[str] = deque()
        self.newest: dict[Feed, Update | None] = {"a": None, "b": None}
        self.scores: deque[Score] = deque()
        self.events: deque[Event] = deque()
        self.session: LiveSession | None = None
        self.path: Path | None = None
        self._settings = request.settings  # the newest, which may not be in use yet
        self._opener = opener
        self._stopped = threading.Event()
        self._work = run_in_thread(lambda: self._run(after), "session")

    @property
    def finished(self) -> bool:
        """Whether the session has ended, or failed."""
        return self._work.done()

    @property
    def time(self) -> float:
        """The session's clock, seconds; 0 before it runs."""
        return 0.0 if self.session is None else self.session.now()

    @property
    def paused(self) -> bool:
        """Whether scoring and recording are paused."""
        return self.session is not None and self.session.paused

    @property
    def recording(self) -> Path | None:
        """The recording, if it exists."""
        return self.path if self.path is not None and self.path.exists() else None

    def result(self) -> Path | None:
        """Return the recording of a finished session, or None if there is none.

        Raises
        ------
        MirrorError
            Why the session could not start or continue.
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

    def mark(self, event: Event) -> None:
        """Add an event."""
        if self.session is not None:
            self.session.mark(event)
            self.events.append(event)

    def pause(self) -> None:
        """Pause scoring and recording."""
        if self.session is not None and not self.session.paused:
            self.session.pause()
            self.events.append(Event(self.time, "pause", ""))

    def resume(self) -> None:
        """Resume scoring and recording."""
        if self.session is not None and self.session.paused:
            self.session.resume()
            self.events.append(Event(self.time, "resume", ""))

    def change(self, settings: Settings) -> None:
        """Change the estimator's settings.

        Raises
        ------
        SettingsError
            If they cannot be changed while the session runs.
        """
        if self.session is not None:
            text = describe_settings(self._settings, settings)
            self.session.change(settings)
            self._settings = settings
            if text:
                self.events.append(Event(self.time, "settings", text))

    def describe(self, **values: Any) -> None:
        """Change labels, condition or notes; see `mirror.session.live.LiveSession.describe`."""
        if self.session is not None:
            self.session.describe(**values)

    def stop_recording(self) -> None:
        """Close the recording and continue without one."""
        if self.session is not None:
            self.session.stop_recording()

    def _run(self, after: Runner | None) -> None:
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
        self.steps.append(FIRST_FRAME)
        with closing(session.run(self.request.seconds)) as updates:
            for update in updates:
                if update.feed is not None:
                    self.newest[update.feed] = update
                self.events.extend(update.events)
                self.scores.extend(update.scores)
