"""Sessions whose cameras and whose MediaPipe are none, for the window."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mirror._support import steady_clock
from mirror.capture.base import Frame, Source
from mirror.errors import SourceError
from mirror.landmarks import Model
from mirror.recording.provenance import session_metadata
from mirror.recording.writer import Recorder
from mirror.session.live import LiveSession
from mirror.session.start import SessionRequest
from tests.support.fakes import Waving

PICTURE = np.full((48, 64, 3), 90, np.uint8)


class Ticking(Source):
    """A camera that sends a picture every 33 ms, until it is closed, ended or broken."""

    def __init__(self, text: str) -> None:
        self.text, self.live, self.rate, self.duration = text, True, 30.0, None
        self._over = threading.Event()
        self._well = threading.Event()
        self._well.set()
        self._fault = ""
        self._trouble: str | None = None

    @property
    def trouble(self) -> str | None:
        return self._trouble

    def read(self) -> Frame | None:
        while not self._well.is_set() and not self._over.is_set():
            self._well.wait(1 / 30)
        if self._over.wait(1 / 30):
            if self._fault:
                raise SourceError(self._fault)
            return None
        return Frame(steady_clock.now(), PICTURE)

    def break_down(self, trouble: str) -> None:
        """Send nothing until `recover`, and know why."""
        self._trouble = trouble
        self._well.clear()

    def recover(self) -> None:
        self._trouble = None
        self._well.set()

    def end(self, fault: str = "") -> None:
        self._fault = fault
        self._over.set()

    def close(self) -> None:
        self._over.set()


class Opening:
    """Opens sessions as `mirror.session.start.start_live` does, with fakes.

    Attributes
    ----------
    sources : list of Ticking
        Those of the newest session, A's first.
    fault : Exception or None
        Raised in place of opening.
    broken : str
        The trouble that both sources are in from the start; empty for none.
    may_open : threading.Event
        Opening waits for it; set from the start.
    """

    def __init__(self) -> None:
        self.sources: list[Ticking] = []
        self.session: LiveSession | None = None
        self.fault: Exception | None = None
        self.broken = ""
        self.opened = 0
        self.reached = threading.Event()
        self.may_open = threading.Event()
        self.may_open.set()

    def __call__(self, start: SessionRequest, announce: Callable[[str], None]) -> LiveSession:
        announce("Fetching the pose model …")
        self.opened += 1
        self.reached.set()
        self.may_open.wait(20)
        if self.fault is not None:
            raise self.fault
        self.sources = [Ticking(start.a), Ticking(start.b)]
        if self.broken:
            for source in self.sources:
                source.break_down(self.broken)
        recorder = None
        if start.output is not None:
            model = Model(Path("fake.task"), "", "fake")
            about = session_metadata(start.settings, (start.a, start.b), model)
            recorder = Recorder(start.output, about)
        a, b = self.sources
        self.session = LiveSession(a, b, start.settings, tracker=Waving, recorder=recorder)
        return self.session
