"""Run a session of many hours as fast as the machine allows.

Only the cameras and MediaPipe are fakes. The cameras send their next frames, stamped a thirtieth of
a second later, once the previous ones have been tracked.
"""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mirror.capture.base import Frame, Source
from mirror.landmarks import Pose
from mirror.session.live import LiveSession
from mirror.settings import Settings
from tests.support.fakes import BLANK_IMAGE, RATE, Waving, recorder


@dataclass(frozen=True)
class SoakResult:
    """The resources that a session used.

    Attributes
    ----------
    memory : list of int
        Bytes in use each time it was measured.
    threads, files : int
        How many more there are after the session than before.
    took_s : float
        Seconds of real time.
    """

    path: Path
    memory: list[int]
    threads: int
    files: int
    took_s: float


class FullTracker(Waving):
    """A tracker that also returns positions in metres, like MediaPipe."""

    def track(self, frame: Frame) -> Pose:
        return replace(super().track(frame), world=np.ones((33, 3), np.float16))


class SteppedCamera(Source):
    """A camera that sends one frame per `step`."""

    def __init__(self, text: str) -> None:
        self.text, self.live, self.rate, self.duration = text, True, RATE, None
        self.session: LiveSession | None = None
        self._next = threading.Semaphore()
        self._sent = 0
        self._closed = False

    def read(self) -> Frame | None:
        self._next.acquire()
        if self._closed:
            return None
        assert self.session is not None
        self._sent += 1
        return Frame(self.session.epoch + self._sent / RATE, BLANK_IMAGE)

    def step(self) -> None:
        self._next.release()

    def close(self) -> None:
        self._closed = True
        self._next.release()


def soak(folder: Path, seconds: float, every: float, report: Callable[[str], None]) -> SoakResult:
    """Run a session for some simulated seconds, and measure the memory `every` so many."""
    threads, files = threading.active_count(), _open_files()
    sources = SteppedCamera("a"), SteppedCamera("b")
    settings = Settings()
    session = LiveSession(
        *sources, settings, tracker=FullTracker, recorder=recorder(folder, settings)
    )
    for source in sources:
        source.session = session
    memory: list[int] = []
    started, pending = time.monotonic(), 2
    for update in session.run():
        if update.feed is None:
            continue
        pending -= 1
        if pending == 0:
            pending = 2
            for source in sources:
                source.step()
        if update.time >= (len(memory) + 1) * every:
            gc.collect()
            memory.append(_memory())
            report(f"{update.time / 60:6.0f} min  {memory[-1] / 1e6:7.1f} MB")
        if update.time >= seconds:
            session.stop()
    took = time.monotonic() - started
    assert session.warnings == []
    del session, update
    return SoakResult(
        folder / "s.mirror",
        memory,
        threading.active_count() - threads,
        _open_files() - files,
        took,
    )


def _memory() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
