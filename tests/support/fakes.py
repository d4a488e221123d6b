"""Stand-ins for cameras, films and MediaPipe, for sessions without any of them."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror import Landmark, Pose, Settings
from mirror._support import steady_clock as machine
from mirror.capture.base import Frame, Source
from mirror.errors import SourceError
from mirror.landmarks import Model
from mirror.recording.provenance import session_metadata
from mirror.recording.writer import Recorder
from mirror.session.base import Update
from mirror.session.live import LiveSession
from tests.support.people import nobody, pose

RATE = 30.0
PICTURE = np.zeros((4, 4, 3), np.uint8)


class Film(Source):
    """A recorded source of blank pictures at given times."""

    def __init__(self, times: list[float], error: SourceError | None = None) -> None:
        self.text, self.live, self.rate = "film", False, RATE
        self.duration = times[-1] if times else 0.0
        self.closed = False
        self._times = iter(times)
        self._error = error

    def read(self) -> Frame | None:
        for each in self._times:
            return Frame(each, PICTURE)
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        return None

    def close(self) -> None:
        self.closed = True


class Camera(Source):
    """A live source that the test feeds by hand; closing it ends a blocked read."""

    def __init__(self) -> None:
        self.text, self.live, self.rate, self.duration = "camera", True, RATE, None
        self._frames: list[Frame | SourceError] = []
        self._something = threading.Semaphore(0)

    def give(
        self,
        thing: SourceError | None = None,
        *,
        stamp: float | None = None,
        image: NDArray[np.uint8] = PICTURE,
    ) -> None:
        self._frames.append(thing or Frame(stamp or machine.now(), image))
        self._something.release()

    def read(self) -> Frame | None:
        self._something.acquire()
        if not self._frames:
            return None
        thing = self._frames.pop(0)
        if isinstance(thing, SourceError):
            raise thing
        return thing

    def close(self) -> None:
        self._something.release()


class Waving:
    """A tracker that always sees a person who waves."""

    closed = 0

    def track(self, frame: Frame) -> Pose:
        x = 0.1 * math.sin(2 * math.pi * 0.7 * frame.time)
        both = {Landmark.LEFT_WRIST: (x, 0.0), Landmark.RIGHT_WRIST: (-x, 0.0)}
        return pose(frame.time, both)

    def close(self) -> None:
        Waving.closed += 1


class Nobody(Waving):
    def track(self, frame: Frame) -> Pose:
        return nobody(frame.time)


def steady(seconds: float, rate: float = RATE) -> list[float]:
    return [k / rate for k in range(round(seconds * rate))]


def recorder(folder: Path, settings: Settings | None = None) -> Recorder:
    model = Model(Path("fake.task"), "", "fake")
    about = session_metadata(settings or Settings(), ("film a", "film b"), model)
    return Recorder(folder / "s.mirror", about)


def drive(session: LiveSession, until: Iterator[bool]) -> list[Update]:
    """Run until the condition holds; give up (and fail in the caller) after 20 s."""
    updates = []
    for update in session.run(seconds=20):
        updates.append(update)
        if next(until):
            session.stop()
    return updates
