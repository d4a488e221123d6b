"""Fakes of cameras, videos and MediaPipe for sessions."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror import Landmark, Pose, Settings
from mirror._support import steady_clock
from mirror.capture.base import Frame, Source
from mirror.errors import SourceError
from mirror.landmarks import Model
from mirror.recording.provenance import session_metadata
from mirror.recording.writer import Recorder
from mirror.session.base import Update
from mirror.session.live import LiveSession
from tests.support.people import empty_pose, pose

RATE = 30.0
BLANK_IMAGE = np.zeros((4, 4, 3), np.uint8)


class FakeVideo(Source):
    """A recorded source of blank frames at given times."""

    def __init__(self, times: list[float], error: SourceError | None = None) -> None:
        self.text, self.live, self.rate = "video", False, RATE
        self.duration = times[-1] if times else 0.0
        self.closed = False
        self._times = iter(times)
        self._error = error

    def read(self) -> Frame | None:
        for time in self._times:
            return Frame(time, BLANK_IMAGE)
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
        self._available = threading.Semaphore(0)

    def give(
        self,
        item: SourceError | None = None,
        *,
        stamp: float | None = None,
        image: NDArray[np.uint8] = BLANK_IMAGE,
    ) -> None:
        self._frames.append(item or Frame(stamp or steady_clock.now(), image))
        self._available.release()

    def read(self) -> Frame | None:
        self._available.acquire()
        if not self._frames:
            return None
        item = self._frames.pop(0)
        if isinstance(item, SourceError):
            raise item
        return item

    def close(self) -> None:
        self._available.release()


class Waving:
    """A tracker that always sees a person who waves."""

    closed = 0

    def __init__(self, _model: Path | None = None) -> None: ...

    def track(self, frame: Frame) -> Pose:
        x = 0.1 * math.sin(2 * math.pi * 0.7 * frame.time)
        offsets = {Landmark.LEFT_WRIST: (x, 0.0), Landmark.RIGHT_WRIST: (-x, 0.0)}
        return pose(frame.time, offsets)

    def close(self) -> None:
        Waving.closed += 1


class EmptyTracker(Waving):
    """A tracker that never finds a person."""

    def track(self, frame: Frame) -> Pose:
        return empty_pose(frame.time)


def steady(seconds: float, rate: float = RATE) -> list[float]:
    return [k / rate for k in range(round(seconds * rate))]


def recorder(folder: Path, settings: Settings | None = None) -> Recorder:
    model = Model(Path("fake.task"), "", "fake")
    metadata = session_metadata(settings or Settings(), ("video a", "video b"), model)
    return Recorder(folder / "s.mirror", metadata)


def drive(session: LiveSession, until: Iterator[bool]) -> list[Update]:
    """Run until the condition holds, for at most 20 s."""
    updates = []
    for update in session.run(seconds=20):
        updates.append(update)
        if next(until):
            session.stop()
    return updates
