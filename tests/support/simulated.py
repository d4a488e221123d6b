"""Live sessions in simulated time: one thread runs at a time, in an order that is always the same.

The session's loop and the threads of both feeds sleep on one clock. It picks who goes on: somebody
whose turn has come, else whoever wakes first, and the time jumps there.
"""

from __future__ import annotations

import math
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mirror import Pose
from mirror._support import steady_clock
from mirror.capture.base import Callback, Frame, Source
from mirror.capture.thinning import FrozenFilter
from mirror.landmarks import Feed
from mirror.session.live import LiveSession
from tests.support.fakes import BLANK_IMAGE, RATE, Waving

LOOP, A, B = range(3)


class SimulatedTime:
    """A clock, patched in for the machine's, that moves only while everybody sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.time = 1000.0
        self._changed = threading.Condition()
        self._sleeping: dict[int, tuple[float, Callable[[], bool]]] = {}
        self._woken: int | None = None
        self._ended = False
        self._jumps: list[tuple[float, float]] = []
        monkeypatch.setattr(steady_clock, "now", lambda: self.time)

    def start_again(self) -> None:
        """Start again with another session, at the first time."""
        self.time = 1000.0
        self._sleeping.clear()
        self._woken, self._ended = None, False
        self._jumps.clear()

    def sleep(self, who: int, until: float, ready: Callable[[], bool] = lambda: False) -> None:
        """Sleep until a time, or until something is ready; at the end, do not sleep."""
        with self._changed:
            self._sleeping[who] = until, ready
            self._woken = None
            self._pick()
            while self._woken != who and not self._ended:
                assert self._changed.wait(120), f"nobody wakes: {self._sleeping}"
            del self._sleeping[who]

    @property
    def is_ended(self) -> bool:
        """Whether a source was closed: everybody is awake, and the time stands."""
        return self._ended

    def jump(self, at: float, seconds: float) -> None:
        """Let the time jump ahead at a time, as if the computer slept."""
        self._jumps.append((at, seconds))

    def end(self) -> None:
        """Wake everybody for good."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _pick(self) -> None:
        if len(self._sleeping) < 3 or self._ended:
            return
        is_ready = [who for who in sorted(self._sleeping) if self._sleeping[who][1]()]
        by_time = min(self._sleeping, key=lambda who: (self._sleeping[who][0], who))
        self._woken = is_ready[0] if is_ready else by_time
        if not is_ready:
            self.time = max(self.time, self._sleeping[by_time][0])
            for jump in [each for each in self._jumps if each[0] <= self.time]:
                self._jumps.remove(jump)
                self.time += jump[1]
        self._changed.notify_all()


class _Inbox(queue.SimpleQueue[Any]):
    """The session's queue, which waits in simulated time."""

    def __init__(self, clock: SimulatedTime) -> None:
        super().__init__()
        self._clock = clock

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        if block and self.empty():
            self._clock.sleep(LOOP, self._clock.time + (timeout or 0), lambda: not self.empty())
        return super().get(block=False)


class SimulatedSession(LiveSession):
    """A live session whose loop waits in simulated time."""

    clock: SimulatedTime
    was_stopped = False  # its recording

    def _set_up(self) -> None:
        super()._set_up()
        self._inbox = _Inbox(self.clock)

    @property
    def waiting(self) -> int:
        """How many poses and commands wait."""
        return self._inbox.qsize()

    def camera(self, feed: Feed) -> SimulatedCamera:
        """Return a feed's camera."""
        source = self._feeds[feed].source
        assert isinstance(source, SimulatedCamera)
        return source

    def stop_recording(self) -> None:
        self.was_stopped = True
        super().stop_recording()


@dataclass
class Send:
    """A frame that a camera sends at a time on the session's clock."""

    time: float
    image: NDArray[np.uint8] = field(default_factory=lambda: BLANK_IMAGE)
    stamp: float | None = None


class SimulatedCamera(Source):
    """A camera that sends frames by a plan, the newest of which is read."""

    def __init__(
        self, who: int, clock: SimulatedTime, plan: Sequence[Send], *, sees_repeats: bool = False
    ) -> None:
        self.text, self.live, self.rate, self.duration = f"camera {who}", True, RATE, None
        self.said: str | None = None
        self.closed = False
        self._who, self._clock = who, clock
        self._start = clock.time
        self._plan = plan
        self._next = 0
        self._missed = 0
        self._frozen = FrozenFilter() if sees_repeats else None
        self._callback: Callback = lambda _now: None

    @property
    def dropped(self) -> int:
        return self._missed

    @property
    def trouble(self) -> str | None:
        return self.said or (None if self._frozen is None else self._frozen.trouble)

    def on_arrival(self, callback: Callback) -> bool:
        self._callback = callback
        return True

    def read(self) -> Frame | None:
        newest = None
        while newest is None and not self.closed:
            for sent in self._take_due():
                if self._frozen is None or self._frozen.is_new(sent.image, self._start + sent.time):
                    self._callback(self._start + sent.time)
                    self._missed += newest is not None
                    newest = sent
            if newest is None:
                until = math.inf
                if self._next < len(self._plan):
                    until = self._start + self._plan[self._next].time
                self._clock.sleep(self._who, until)
        if newest is None or self.closed:
            return None
        stamp = newest.time if newest.stamp is None else newest.stamp
        return Frame(self._start + stamp, newest.image)

    def _take_due(self) -> Iterator[Send]:
        while self._next < len(self._plan):
            sent = self._plan[self._next]
            if self._start + sent.time > self._clock.time:
                return
            self._next += 1
            yield sent

    def close(self) -> None:
        self.closed = True
        self._clock.end()


class SimulatedTracker(Waving):
    """A tracker that takes some time; poses have the size of their frames."""

    def __init__(self, clock: SimulatedTime, who: int, cost: Callable[[float], float]) -> None:
        self._who, self._clock, self._cost = who, clock, cost

    def track(self, frame: Frame) -> Pose:
        cost = self._cost(self._clock.time)
        if cost:
            self._clock.sleep(self._who, self._clock.time + cost)
        height, width = frame.image.shape[:2]
        return Pose(frame.time, super().track(frame).landmarks, None, width, height)


def simulate(
    clock: SimulatedTime,
    plans: tuple[Sequence[Send], Sequence[Send]],
    cost: Callable[[float], float] = lambda _now: 0.0,
    other: Callable[[float], float] | None = None,
    *,
    sees_repeats: bool = False,
    **more: Any,
) -> SimulatedSession:
    """Return a session of two cameras, and trackers that take `cost` of the time, s.

    B's takes `other`, if that is given.
    """
    feeds = iter(((A, cost), (B, other or cost)))
    SimulatedSession.clock = clock
    a, b = (
        SimulatedCamera(who, clock, plan, sees_repeats=sees_repeats)
        for who, plan in zip((A, B), plans, strict=True)
    )
    return SimulatedSession(a, b, tracker=lambda: SimulatedTracker(clock, *next(feeds)), **more)


def steady_plan(seconds: float, rate: float = RATE, offset: float = 0.0) -> list[Send]:
    """Return frames at a steady rate."""
    return [Send(offset + k / rate) for k in range(1, round(seconds * rate))]
