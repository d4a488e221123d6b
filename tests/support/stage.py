"""A live session with a manual clock and cameras, so that minutes take seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from mirror import Pose, Recording, Settings
from mirror._support import steady_clock
from mirror.capture.base import Frame
from mirror.landmarks import FEEDS
from mirror.session.live import LiveSession
from mirror.timeline import Score
from tests.support.fakes import BLANK_IMAGE, RATE, Camera, Waving, recorder

QUICK = Settings(window=2.0, band=(0.5, 3.0))


class ManualClock:
    """Replaces the machine's steady clock; the test moves it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.start = 1000.0
        self.ticks = 0
        self.rate = RATE
        monkeypatch.setattr(steady_clock, "now", self.now)

    def now(self) -> float:
        return self.start + self.ticks / self.rate


class Lens(Camera):
    """A camera that can report a problem."""

    trouble: str | None = None


class Sized(Waving):
    """A tracker whose poses have the size of their frames."""

    def track(self, frame: Frame) -> Pose:
        height, width = frame.image.shape[:2]
        seen = super().track(frame)
        return Pose(seen.time, seen.landmarks, None, width, height)


class Stage:
    """A live session with two cameras that send a frame per tick of the clock."""

    def __init__(self, clock: ManualClock, folder: Path, settings: Settings = QUICK) -> None:
        self.clock = clock
        self.cameras = {"a": Lens(), "b": Lens()}
        a, b = self.cameras.values()
        self.session = LiveSession(
            a, b, settings, tracker=Sized, recorder=recorder(folder, settings)
        )
        self.scores: list[Score] = []
        self.events: list[tuple[float, str]] = []
        self._taken = dict.fromkeys(FEEDS, 0)
        self._path = folder / "s.mirror"
        self._updates = self.session.run()
        self._step()

    def _step(self) -> None:
        update = next(self._updates)
        if update.feed is not None:
            self._taken[update.feed] += 1
        self.scores += update.scores
        self.events += [(round(event.time_s, 1), event.text) for event in update.events]

    def advance(self, seconds: float, feeds: str = "ab", *, size: tuple[int, int] = (4, 3)) -> None:
        """Advance the clock, with a frame per tick from some of the feeds."""
        for tick in range(round(seconds * RATE)):
            self.clock.ticks += 1
            image = BLANK_IMAGE[:1, :1].repeat(size[1], 0).repeat(size[0], 1)
            wanted = {feed: self._taken[feed] + 1 for feed in FEEDS if feed in feeds}
            for feed in wanted:
                self.cameras[feed].give(stamp=self.clock.now(), image=image)
            while any(self._taken[feed] < n for feed, n in wanted.items()):
                self._step()
            if not feeds and tick % 8 == 0:
                self.session.describe()  # a command, so that no step waits for a timeout
                self._step()

    def send_late_frame(self, ticks: int) -> None:
        """Send a frame of A that is stamped some ticks ago."""
        wanted = self._taken["a"] + 1
        self.cameras["a"].give(stamp=self.clock.now() - ticks / RATE)
        while self._taken["a"] < wanted:
            self._step()

    def end(self) -> Recording:
        self.session.stop()
        for update in self._updates:
            self.scores += update.scores
        return Recording.open(self._path)
