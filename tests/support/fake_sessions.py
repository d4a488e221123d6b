"""Sessions with fake cameras and a fake tracker, for the window."""

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

RATE = 15.0
IMAGE = np.full((48, 64, 3), 90, np.uint8)


class FakeCamera(Source):
    """A camera with 15 frames a second, until it is closed, ended or broken."""

    def __init__(self, text: str) -> None:
        self.text, self.live, self.rate, self.duration = text, True, RATE, None
        self._ended = threading.Event()
        self._working = threading.Event()
        self._working.set()
        self._fault = ""
        self._trouble: str | None = None

    @property
    def trouble(self) -> str | None:
        return self._trouble

    def read(self) -> Frame | None:
        while not self._working.is_set() and not self._ended.is_set():
            self._working.wait(1 / RATE)
        if self._ended.wait(1 / RATE):
            if self._fault:
                raise SourceError(self._fault)
            return None
        return Frame(steady_clock.now(), IMAGE)

    def break_down(self, trouble: str) -> None:
        """Send no frames until `recover`."""
        self._trouble = trouble
        self._working.clear()

    def recover(self) -> None:
        self._trouble = None
        self._working.set()

    def end(self, fault: str = "") -> None:
        self._fault = fault
        self._ended.set()

    def close(self) -> None:
        self._ended.set()


class FakeOpener:
    """A replacement of `mirror.session.start.start_live` that opens fakes.

    Attributes
    ----------
    sources : list of FakeCamera
        Sources of A and B of the newest session.
    requests : list of SessionRequest
        What was to be opened, oldest first.
    fault : Exception or None
        Error to raise instead of opening.
    broken : str
        Trouble of both sources from the start, or empty.
    may_open : threading.Event
        Event that opening waits for; initially set.
    """

    def __init__(self) -> None:
        self.sources: list[FakeCamera] = []
        self.requests: list[SessionRequest] = []
        self.session: LiveSession | None = None
        self.fault: Exception | None = None
        self.broken = ""
        self.opened = 0
        self.reached = threading.Event()
        self.may_open = threading.Event()
        self.may_open.set()

    def __call__(self, request: SessionRequest, announce: Callable[[str], None]) -> LiveSession:
        announce("Fetching the pose model…")
        self.opened += 1
        self.requests.append(request)
        self.reached.set()
        self.may_open.wait(20)
        if self.fault is not None:
            raise self.fault
        self.sources = [FakeCamera(request.a), FakeCamera(request.b)]
        if self.broken:
            for source in self.sources:
                source.break_down(self.broken)
        recorder = None
        if request.output is not None:
            model = Model(Path("fake.task"), "", "fake")
            metadata = session_metadata(request.settings, (request.a, request.b), model)
            recorder = Recorder(request.output, metadata)
        a, b = self.sources
        self.session = LiveSession(a, b, request.settings, tracker=Waving, recorder=recorder)
        self.session.names = request.labels
        return self.session
