"""A session of many hours, as fast as the machine allows: fakes for cameras and MediaPipe.

All else is real: threads, clock, estimator and recording. The cameras send their next pictures once
the last ones have been followed, stamped a thirtieth of a second later.
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
from tests.support.fakes import PICTURE, RATE, Waving, recorder

LOOK_EVERY = 60.0
"""Simulated seconds between two looks at the memory."""


@dataclass(frozen=True)
class Soaked:
    """What a session took.

    Attributes
    ----------
    memory : list of int
        Bytes in use after each simulated minute.
    threads, files : int
        More of them after the session than before.
    took_s : float
        Seconds of real time.
    """

    path: Path
    memory: list[int]
    threads: int
    files: int
    took_s: float


class Whole(Waving):
    """A tracker that gives all that MediaPipe does, with positions in metres."""

    def track(self, frame: Frame) -> Pose:
        return replace(super().track(frame), world=np.ones((33, 3), np.float16))


class Clockwork(Source):
    """A camera that sends a picture when it is told to."""

    def __init__(self, text: str) -> None:
        self.text, self.live, self.rate, self.duration = text, True, RATE, None
        self.session: LiveSession | None = None
        self._next = threading.Semaphore()
        self._sent = 0
        self._over = False

    def read(self) -> Frame | None:
        self._next.acquire()
        if self._over:
            return None
        assert self.session is not None
        self._sent += 1
        return Frame(self.session.epoch + self._sent / RATE, PICTURE)

    def step(self) -> None:
        self._next.release()

    def close(self) -> None:
        self._over = True
        self._next.release()


def soak(folder: Path, seconds: float, tell: Callable[[str], None]) -> Soaked:
    """Run a session of so many simulated seconds."""
    threads, files = threading.active_count(), _open_files()
    sources = Clockwork("a"), Clockwork("b")
    settings = Settings()
    session = LiveSession(*sources, settings, tracker=Whole, recorder=recorder(folder, settings))
    for source in sources:
        source.session = session
    memory: list[int] = []
    begun, waiting = time.monotonic(), 2
    for update in session.run():
        if update.feed is None:
            continue
        waiting -= 1
        if waiting == 0:
            waiting = 2
            for source in sources:
                source.step()
        if update.time >= (len(memory) + 1) * LOOK_EVERY:
            gc.collect()
            memory.append(_memory())
            tell(f"{update.time / 60:6.0f} min  {memory[-1] / 1e6:7.1f} MB")
        if update.time >= seconds:
            session.stop()
    took = time.monotonic() - begun
    assert session.warnings == []
    del session, update
    return Soaked(
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
