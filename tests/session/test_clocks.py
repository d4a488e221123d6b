"""Sessions with clock errors have gaps, no wrong scores, and the same rows when rescored."""

from __future__ import annotations

import math
import time
from fractions import Fraction
from pathlib import Path

import pytest

from mirror import Estimator, Pose, Recording, Settings, State, Timeline
from mirror.capture import open_source
from mirror.capture.base import Frame
from mirror.estimator.align import LONGEST_GAP, Aligner
from mirror.estimator.estimator import score_ticks
from mirror.landmarks import FEEDS, Feed, Landmark
from mirror.recording.rescore import recorded_ticks
from mirror.session.live import LiveSession
from mirror.session.offline import OfflineSession
from mirror.timeline import Score
from tests.support.clips import write_video
from tests.support.fakes import RATE, Camera, FakeVideo, Waving, recorder, steady
from tests.support.people import pose
from tests.support.stage import QUICK, ManualClock, Stage


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ManualClock:
    return ManualClock(monkeypatch)


def replayed(recording: Recording) -> Timeline:
    return score_ticks(recorded_ticks(recording, recording.settings), recording.settings)


def states(scores: list[Score], start: float, end: float) -> set[State]:
    return {score.state for score in scores if start <= score.time_s <= end}


@pytest.mark.parametrize("suspended_s", [20.0, LONGEST_GAP + 3600.0])
def test_suspend_is_scored_like_missing_frames(
    clock: ManualClock, tmp_path: Path, suspended_s: float
) -> None:
    """The machine was suspended between two frames, or no camera sent frames."""
    timelines = []
    for name in ("slept", "waited"):
        (tmp_path / name).mkdir()
        clock.ticks = 0
        stage = Stage(clock, tmp_path / name)
        stage.advance(3)
        if name == "slept":
            clock.ticks += round(suspended_s * RATE)
        else:
            for _ in range(10):  # ten steps, to be fast
                clock.ticks += round(suspended_s * RATE / 10) - 1
                stage.advance(1 / RATE, "")
        stage.advance(3)
        with stage.end() as recording:
            timelines.append(recording.timeline())
            assert replayed(recording).equals(recording.timeline())
        assert states(stage.scores, 2.1, 3) == {State.OK}
        after = 3 + suspended_s
        assert State.OK not in states(stage.scores, 4.2, after + 0.5)
        assert states(stage.scores, after + 2.1, after + 3) == {State.OK}
    assert timelines[0].equals(timelines[1])


def test_suspend_is_an_event(clock: ManualClock, tmp_path: Path) -> None:
    class SuspendedTracker(Waving):
        """A tracker during which the machine is suspended."""

        def track(self, frame: Frame) -> Pose:
            clock.ticks += round(100 * RATE)
            return super().track(frame)

    a, b = Camera(), Camera()
    session = LiveSession(a, b, Settings(), tracker=SuspendedTracker, recorder=recorder(tmp_path))
    texts: list[str] = []
    for update in session.run():
        texts += [event.text for event in update.events if "slept" in event.text]
        if texts:
            session.stop()
        a.give()
    assert texts[0] in {
        f"nothing at all for {100 * each} s: the computer slept, or was stopped"
        for each in range(1, 20)  # possibly more than one pose
    }
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert texts[0] in [event.text for event in recording.events()]


def test_wall_clock_changes_have_no_effect(
    clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timelines = []
    for name in ("steady", "set"):
        (tmp_path / name).mkdir()
        clock.ticks = 0
        stage = Stage(clock, tmp_path / name)
        stage.advance(3)
        if name == "set":  # forward, then back to 1970
            monkeypatch.setattr(time, "time", lambda: 2e9)
            stage.advance(1)
            monkeypatch.setattr(time, "time", lambda: 0.0)
        else:
            stage.advance(1)
        stage.advance(2)
        with stage.end() as recording:
            timelines.append(recording.timeline())
            assert recording.session["quality"]["duration_s"] == pytest.approx(6.0)
        assert stage.events == []
    assert timelines[0].equals(timelines[1])


def test_repeated_and_backward_stamps_are_not_scored(clock: ManualClock, tmp_path: Path) -> None:
    """Cameras are stamped on arrival, so only a stream of poses or a fault causes these."""
    timelines = []
    for name in ("good", "odd"):
        (tmp_path / name).mkdir()
        clock.ticks = 0
        stage = Stage(clock, tmp_path / name)
        stage.advance(4)
        if name == "odd":
            for back in (0, 0, 5, 60, 119):
                stage.send_late_frame(back)
        stage.advance(2.5)
        with stage.end() as recording:
            timelines.append(recording.timeline())
            assert recording.counts()["a"][0] == 195 + 5 * (name == "odd")  # all are recorded
            assert replayed(recording).equals(recording.timeline())
    assert timelines[0].equals(timelines[1])


def waving(time_s: float) -> Pose:
    x = 0.1 * math.sin(2 * math.pi * 0.9 * time_s)
    return pose(time_s, {Landmark.LEFT_WRIST: (0.0, x), Landmark.RIGHT_WRIST: (0.0, x)})


def scored(order: list[tuple[Feed, Pose]]) -> list[Score]:
    aligner, estimator = Aligner(RATE), Estimator(QUICK)
    ticks = [tick for feed, each in order for tick in aligner.push(feed, each)] + aligner.finish()
    found = (estimator.update(*tick) for tick in ticks)
    return [score for score in found if score is not None]


def test_stamps_between_those_of_other_frames_are_not_used() -> None:
    order: list[tuple[Feed, Pose]] = [
        (feed, waving((k + 0.4) / RATE)) for k in range(150) for feed in FEEDS
    ]
    late = [(k, back) for k in (90, 120) for back in (0.0, 0.5, 2.7, 60.1)]
    wrong = list(order)
    for k, back in reversed(late):
        moved = pose((k - back + 0.4) / RATE, {Landmark.LEFT_WRIST: (0.0, 3.0)})
        wrong.insert(2 * k + 2, ("a", moved))
    rows = Timeline.from_scores(scored(wrong))
    assert rows.equals(Timeline.from_scores(scored(order)))


def test_time_jump_in_one_feed_is_a_gap() -> None:
    order: list[tuple[Feed, Pose]] = []
    for k in range(300):
        order.append(("a", waving(k / RATE + (8.0 if k >= 150 else 0.0))))
        order.append(("b", waving(k / RATE)))
    scores = scored(order)
    assert states(scores, 2.1, 5.0) == {State.OK}
    assert states(scores, 6.5, 13.0) == {State.GAP}
    # Scored rows are right.
    assert all(each.in_phase > 0.98 for each in scores if each.state is State.OK)
    assert all(math.isnan(each.in_phase) for each in scores if each.state is State.GAP)


def test_time_jump_in_file_is_a_gap(tmp_path: Path) -> None:
    times = [k / RATE + (4.0 if k >= 240 else 0.0) for k in range(480)]
    broken = write_video(tmp_path / "broken.mp4", times, tick=Fraction(1, 30), size=(64, 48))
    a, b = open_source(str(broken)), FakeVideo(steady(20.0))
    session = OfflineSession(a, b, QUICK, tracker=Waving, recorder=recorder(tmp_path, QUICK))
    scores = [score for update in session.run() for score in update.scores]
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert replayed(recording).equals(recording.timeline())
    assert states(scores, 2.1, 8.0) == {State.OK}
    assert states(scores, 9.2, 12.0) == {State.GAP}
    assert states(scores, 14.1, 20.0) == {State.OK}
    assert all(each.in_phase > 0.98 for each in scores if each.state is State.OK)
