"""A computer that is too slow tracks both feeds at one rate, and reports it."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mirror import Pose, Recording, Settings, State, Timeline
from mirror._support import steady_clock
from mirror.capture.base import Frame, Source
from mirror.capture.synthetic.demo import demo_source
from mirror.recording.rescore import score_again
from mirror.session.live import LiveSession, _PacedSource
from mirror.session.pace import Pace
from mirror.timeline import Score
from tests.support.fakes import BLANK_IMAGE, RATE, FakeVideo, Waving, recorder, steady
from tests.support.simulated import SimulatedTime, simulate, steady_plan

QUICK = Settings(window=2.0, band=(0.5, 3.0))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimulatedTime:
    return SimulatedTime(monkeypatch)


class Watched:
    """A session's frames, scores and texts."""

    def __init__(
        self,
        clock: SimulatedTime,
        folder: Path,
        seconds: float,
        cost: Callable[[float], float],
        other: Callable[[float], float] | None = None,  # B's cost
    ) -> None:
        start = clock.time
        plans = steady_plan(seconds + 1), steady_plan(seconds + 1, offset=0.02)
        session = simulate(
            clock,
            plans,
            lambda now: cost(now - start),
            None if other is None else lambda now: other(now - start),
            settings=QUICK,
            recorder=recorder(folder, QUICK),
        )
        self.times: dict[str, list[float]] = {"a": [], "b": []}
        self.scores: list[Score] = []
        self.texts: list[str] = []
        self.waits: list[float] = []
        for update in session.run(seconds):
            self.scores += update.scores
            self.texts += [event.text for event in update.events]
            if update.pose is not None and update.feed is not None:
                self.times[update.feed].append(update.pose.time)
                self.waits.append(update.time - update.pose.time)
        self.notes = session.notes
        self.status = session.status()
        with Recording.open(folder / "s.mirror") as recording:
            stored, again = recording.timeline(), score_again(recording, QUICK, lambda *_: None)
            self.quality = recording.session["quality"]
        assert stored.equals(Timeline.from_scores(self.scores))
        assert again.equals(stored)

    def between(self, start: float, end: float) -> tuple[list[float], list[float]]:
        a, b = ([t for t in times if start <= t < end] for times in self.times.values())
        return a, b


@pytest.mark.parametrize("cost", [0.04, 0.09, 0.2])
def test_both_feeds_are_followed_alike_and_evenly(
    clock: SimulatedTime, tmp_path: Path, cost: float
) -> None:
    seen = Watched(clock, tmp_path, 15, lambda _now: cost)
    a, b = seen.between(3, 15)
    assert abs(len(a) - len(b)) <= 1
    for times in (a, b):
        assert 11.5 / cost <= len(times) <= 12 / cost + 1  # as often as the cost allows
        steps = np.diff(times)
        assert steps.max() - steps.min() < 1.01 / RATE  # as even as the camera's frames allow
    apart = max(min(abs(one - other) for other in b) for one in a[1:-1])
    assert apart < (cost + 1 / RATE) / 2
    assert max(seen.waits[20:]) < cost + 2 / RATE  # nothing queues up
    for status in seen.status.values():
        assert status.frames + status.dropped >= (15 - cost) * RATE - 3


def test_slow_computer_is_named_with_its_rate(clock: SimulatedTime, tmp_path: Path) -> None:
    seen = Watched(clock, tmp_path, 15, lambda _now: 0.09)
    assert [text.split(": ", 1)[0] for text in seen.texts] == ["A", "B"]
    for text in seen.texts:
        assert re.search(r": the computer follows 1[12] of 30 frames/s; a lower resolution", text)
    assert str(seen.status["a"].trouble) in seen.texts[0]
    (note, _) = seen.notes
    assert note.startswith("camera 1: the computer followed 11 of 30 frames/s; a lower resolution")
    assert seen.quality["warnings"] == seen.notes
    assert {score.state for score in seen.scores if score.time_s > 3} == {State.OK}


def test_too_few_frames_for_the_band_are_not_scored(clock: SimulatedTime, tmp_path: Path) -> None:
    seen = Watched(clock, tmp_path, 15, lambda _now: 0.2)
    assert re.search(r"follows [45] of 30 frames/s, too few to score", seen.texts[0])
    assert {score.state for score in seen.scores if score.time_s > 5} == {State.GAP}
    with Recording.open(tmp_path / "s.mirror") as recording:
        narrow = score_again(recording, Settings(window=2.0, band=(0.5, 1.5)), lambda *_: None)
    assert set(narrow["state"][narrow["time_s"] > 5]) == {"ok"}


def test_fast_computer_follows_every_frame_again(clock: SimulatedTime, tmp_path: Path) -> None:
    seen = Watched(clock, tmp_path, 40, lambda now: 0.09 if 5 < now < 15 else 0.01)
    for start, end in ((0.5, 5), (19, 40)):
        assert [len(each) for each in seen.between(start, end)] == [round(RATE * (end - start))] * 2
    assert len(seen.texts) == 4
    assert all("the computer follows the feed again, after" in text for text in seen.texts[2:])


def test_costs_that_vary_leave_out_no_more_than_their_mean_asks_for(
    clock: SimulatedTime, tmp_path: Path
) -> None:
    rng, mean, spread = np.random.default_rng(0), 1.3 / RATE, 0.25
    seen = Watched(clock, tmp_path, 33, lambda _now: mean * rng.lognormal(-(spread**2) / 2, spread))
    for times in seen.between(3, 33):
        assert 30 / (1.1 * mean) < len(times) < 30 / (0.98 * mean)
    assert max(seen.waits) < mean * math.exp(4 * spread) + 2 / RATE  # nothing queues up


@pytest.mark.parametrize(("cost", "begin", "lasts"), [(1.0, 5.0, 0.02), (0.12, 0.0, 2.0)])
def test_slow_frame_and_slow_start_leave_out_only_frames_of_their_own_time(
    clock: SimulatedTime, tmp_path: Path, cost: float, begin: float, lasts: float
) -> None:
    def slow_at_times(now: float) -> float:
        return cost if begin <= now < begin + lasts else 0.9 / RATE

    seen = Watched(clock, tmp_path, 12, slow_at_times)
    for start, end in ((0.5, begin - 0.5), (math.ceil(begin + lasts) + 2.5, 12)):
        for times in seen.between(start, end):
            assert len(times) == max(0, round(RATE * (end - start)))


def test_one_slow_feed_slows_the_other(clock: SimulatedTime, tmp_path: Path) -> None:
    seen = Watched(clock, tmp_path, 15, lambda _now: 0.01, lambda _now: 0.1)
    a, b = seen.between(3, 15)
    assert len(b) == pytest.approx(12 / 0.1, abs=2)
    assert len(b) <= len(a) <= 1.15 * len(b)


def test_recorded_source_is_read_only_for_frames_that_are_tracked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Video(Source):
        text, live, rate, duration = "video", False, RATE, None
        number = 0

        def skip(self, until: float) -> int:
            self.number = max(self.number, math.ceil(until * RATE))
            return 0

        def read(self) -> Frame | None:
            self.number += 1
            return Frame((self.number - 1) / RATE, BLANK_IMAGE) if self.number < 300 else None

    now = [0.0]
    monkeypatch.setattr(steady_clock, "now", lambda: now[0])
    pace, other = Pace(), Pace()
    pace.interval = other.interval = 0.11
    read: list[float] = []
    source = _PacedSource(Video(), 0.0, lambda _now: None, pace.next_due)
    while (frame := source.read()) is not None:
        read.append(frame.time)  # the next one is read before this one is tracked
        now[0] = frame.time + 0.15
    assert all(pace.wants("a", time) for time in read)
    assert read == [k / RATE for k in range(1, 299) if other.wants("a", k / RATE)][1:]


def test_one_slow_frame_slows_nothing() -> None:
    pace = Pace()
    for k in range(30):
        pace.note("a", k / 30, 3.0 if k == 0 else 0.02)
    pace.adapt(1.0, 1 / 30)
    assert pace.interval == 0.0


def test_source_that_renders_slower_than_it_plays_is_seen_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    time = [1000.0]
    tracked = threading.Event()

    class Slow(FakeVideo):
        """A video of which a frame takes 80 ms, and can be skipped."""

        def __init__(self) -> None:
            super().__init__(steady(10))
            self._number = 0

        def skip(self, until: float) -> int:
            before, self._number = self._number, max(self._number, int(until * RATE))
            return self._number - before

        def read(self) -> Frame | None:
            tracked.wait(0.02)  # a frame that is too late is never tracked
            tracked.clear()
            self._number += 1
            time[0] += 0.08
            frame = Frame(self._number / RATE, np.full((4, 4, 3), self._number % 255, np.uint8))
            return frame if frame.time < 10 else None

    class Announcing(Waving):
        def track(self, frame: Frame) -> Pose:
            tracked.set()
            return super().track(frame)

    monkeypatch.setattr(steady_clock, "now", lambda: time[0])
    session = LiveSession(Slow(), FakeVideo([]), QUICK, tracker=Announcing)
    times = [update.pose.time for update in session.run() if update.pose is not None]
    assert times[-1] > 9
    assert len(times) > 50
    status = session.status()["a"]
    assert status.frames + status.dropped > 250


def test_frames_of_the_demo_can_be_skipped() -> None:
    source = demo_source("a")
    assert source.skip(1.0) == 30
    assert source.skip(0.5) == 0
    frame, other = source.read(), demo_source("a")
    assert frame is not None
    assert frame.time == 1.0
    whole = [other.read() for _ in range(31)][-1]
    assert whole is not None
    assert np.array_equal(frame.image, whole.image)
