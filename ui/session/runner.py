"""One session on a thread of its own, and what the window reads of it.

The thread never waits for the window nor the window for the thread: the newest picture of each feed
is put in place of the one before, and rows and events are appended to deques. Every value is
written by one side only or grows by single appends, so there are no locks.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import wait
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mirror._support.threads import run_in_thread
from mirror.events import Event
from mirror.settings_history import in_words

if TYPE_CHECKING:
    from mirror.landmarks import Feed
    from mirror.session.base import Update
    from mirror.session.live import LiveSession
    from mirror.session.start import SessionRequest
    from mirror.settings import Settings
    from mirror.timeline import Score

Opener = Callable[["SessionRequest", Callable[[str], None]], "LiveSession"]


def opened(start: SessionRequest, announce: Callable[[str], None]) -> LiveSession:
    """Open sources, model and recording; slow, so never on the window's own thread."""
    from mirror.session.start import start_live

    return start_live(start, announce)


class Run:
    """A session, from its opening to its end.

    Parameters
    ----------
    start : SessionRequest
        What to run.
    opener : callable
        Opens the session, telling what takes long in words.
    after : Run, optional
        The run before, which may still hold a camera: this one begins once it is over.

    Attributes
    ----------
    steps : deque of str
        What is being done before the first picture; read with ``popleft``.
    newest : dict of feed to Update
        The newest picture and pose of each feed; None before the first.
    scores : deque of Score
        New rows of the timeline; read with ``popleft``.
    events : deque of Event
        New events: marks, pauses, other settings, the demo's script, trouble with a feed; read with
        ``popleft``.
    session : LiveSession or None
        Once it is open. Only its thread-safe commands and questions are for the window.
    path : Path or None
        Where it is recorded; None where it is not.
    """

    def __init__(
        self, start: SessionRequest, opener: Opener = opened, after: Run | None = None
    ) -> None:
        self.start = start
        self.steps: deque[str] = deque()
        self.newest: dict[Feed, Update | None] = {"a": None, "b": None}
        self.scores: deque[Score] = deque()
        self.events: deque[Event] = deque()
        self.session: LiveSession | None = None
        self.path: Path | None = None
        self._settings = start.settings  # what was ordered last, perhaps not in force yet
        self._opener = opener
        self._unwanted = threading.Event()
        self._work = run_in_thread(lambda: self._run(after), "session")

    @property
    def over(self) -> bool:
        """Whether it has come to its end, by itself, by `stop` or by a failure."""
        return self._work.done()

    @property
    def time(self) -> float:
        """Where the session is, seconds on its clock; 0 before it runs."""
        return 0.0 if self.session is None else self.session.now()

    @property
    def paused(self) -> bool:
        """Whether pictures are only shown."""
        return self.session is not None and self.session.paused

    @property
    def kept(self) -> Path | None:
        """The recording, where one was kept."""
        return self.path if self.path is not None and self.path.exists() else None

    def result(self) -> Path | None:
        """Once it is over: the recording, or None where nothing was kept.

        Raises
        ------
        MirrorError
            What kept the session from beginning or going on.
        """
        self._work.result()
        return self.kept

    def stop(self) -> None:
        """End it soon; also while it is being opened."""
        self._unwanted.set()
        if self.session is not None:
            self.session.stop()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it is over, or for some seconds; on the window's thread only to log out."""
        wait([self._work], seconds)

    def mark(self, event: Event) -> None:
        """Keep an event."""
        if self.session is not None:
            self.session.mark(event)
            self.events.append(event)

    def pause(self) -> None:
        """Score and record nothing until `resume`."""
        if self.session is not None and not self.session.paused:
            self.session.pause()
            self.events.append(Event(self.time, "pause", ""))

    def resume(self) -> None:
        """Score and record again."""
        if self.session is not None and self.session.paused:
            self.session.resume()
            self.events.append(Event(self.time, "resume", ""))

    def change(self, settings: Settings) -> None:
        """Score with other settings from now on.

        Raises
        ------
        SettingsError
            Where these cannot be taken up while the session runs.
        """
        if self.session is not None:
            words = in_words(self._settings, settings)
            self.session.change(settings)
            self._settings = settings
            if words:
                self.events.append(Event(self.time, "settings", words))

    def describe(self, **about: Any) -> None:
        """Say other labels, condition or notes; as `mirror.session.live.LiveSession.describe`."""
        if self.session is not None:
            self.session.describe(**about)

    def stop_recording(self) -> None:
        """Close the recording; the session goes on without one."""
        if self.session is not None:
            self.session.stop_recording()

    def _run(self, after: Run | None) -> None:
        if after is not None and not after.over:
            self.steps.append("Waiting for the session before this one to let go …")
            after.wait()
        if self._unwanted.is_set():
            return
        self.steps.append(f"Opening {self.start.a} and {self.start.b} …")
        session = self._opener(self.start, self.steps.append)
        if session.recorder is not None:
            self.path = session.recorder.path
        self.session = session
        if self._unwanted.is_set():
            session.stop()  # asked for while there was nothing to stop yet
        self.steps.append("Waiting for the first picture …")
        with closing(session.run(self.start.seconds)) as updates:
            for update in updates:
                if update.feed is not None:
                    self.newest[update.feed] = update
                self.events.extend(update.events)
                self.scores.extend(update.scores)
