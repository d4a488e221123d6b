"""Every exercise, on simulated landmarks of people who perform it, or do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mirror.capture.base import Frame
from mirror.capture.synthetic import trainee
from mirror.capture.synthetic.demo import LOOKS
from mirror.capture.synthetic.render import render
from mirror.errors import PracticeError
from mirror.estimator.signals import TWO_BODIES
from mirror.landmarks import FEEDS
from mirror.practice.exercise import Exercise, Round
from mirror.practice.goal import Goal
from mirror.practice.library import built_in
from mirror.practice.run import Practice, Result
from mirror.session.base import Practising
from mirror.settings import Settings
from tests.support.performers import SIZE, practise


def shortened(exercise: Exercise) -> Exercise:
    """Shorter rounds, and no repetitions of what the second one asks for, to save time."""
    repeats = len({each.goal for each in exercise.rounds}) == 1
    more = 16.0 if exercise.rounds[0].goal.is_of_posture else 7.0  # postures change every 11 s
    rounds = (
        replace(each, seconds=exercise.window_s + each.goal.hold_s + more)
        for each in exercise.rounds[: 2 if repeats else 3]
    )
    return replace(exercise, rounds=tuple(rounds))


@pytest.mark.parametrize("exercise", built_in(), ids=lambda each: each.name)
def test_trainee_fails_first_and_then_holds_the_goal(exercise: Exercise) -> None:
    short = shortened(exercise)
    _, results = practise(short)
    expected = [number > 0 or each.goal.below for number, each in enumerate(short.rounds)]
    assert expected[:2] == [False, True]
    assert [each.success for each in results] == expected
    for result, success in zip(results, expected, strict=True):
        assert (result.share > 0.6) is success
        assert result.undefined_s < 2.0


def test_who_led_is_checked() -> None:
    """The trainee follows where the exercise wants the trainee to lead."""
    follow = Goal("mirroring", lag=(0.1, 2.0), hold_s=4.0)
    lead = Goal("mirroring", lag=(-2.0, -0.1), hold_s=4.0)
    swap = Exercise("x", "X", "", (Round("1", 5.0, follow), Round("2", 20.0, follow)), 0.0)
    rows, _ = practise(swap)
    asked = Practice(
        replace(swap, rounds=(swap.rounds[0], Round("2", 20.0, lead))),
        swap.settings(Settings()),
        0.0,
    )
    asked.add(rows)
    assert [each.success for each in asked.results + tuple(asked.finish(60.0))] == [False, False]


def test_people_followed_in_frames() -> None:
    """The same through rendered frames and the pose model; a short one, as it takes long."""
    from mirror.capture.pose_model import provide_model
    from mirror.capture.tracker import PoseTracker

    goal = Goal("mirroring", threshold=0.7, lag=(-0.2, 0.4), hold_s=0.8)
    rounds = (Round("1", 3.0, goal), Round("2", 3.5, goal))
    exercise = Exercise("short", "Short", "", rounds, rest_s=0.0, window_s=1.5, max_lag_s=0.7)
    practising = Practising(exercise, Settings(), TWO_BODIES, 0.0)
    model = provide_model(None, announce=lambda _: None)
    results: list[Result] = []
    trackers = {feed: PoseTracker(model.path) for feed in FEEDS}
    for tick in range(34, 76):  # no row before 4.5 s counts
        time = tick / 8
        for feed in FEEDS:
            motion = trainee.performance(exercise, feed)
            frame = Frame(time, render(LOOKS[feed], motion(time), *SIZE))
            results += practising.push(feed, trackers[feed].track(frame))[1]
    for tracker in trackers.values():
        tracker.close()
    results += practising.finish(9.5)[1]
    assert [each.success for each in results] == [False, True]


def test_partner_has_levels() -> None:
    (first, *_) = built_in()
    hard = first.at_level("hard")
    assert (hard.tempo, hard.reach) == pytest.approx((1.4 * first.tempo, 0.6 * first.reach))
    assert first.at_level("usual") == first
    with pytest.raises(PracticeError, match="known are easy, usual, hard"):
        first.at_level("harder")


def test_rounds_that_the_partner_would_have_to_follow_are_left_out() -> None:
    by_name = {each.name: each for each in built_in()}
    titles = [each.title for each in by_name["swap"].alone().rounds]
    assert titles == ["A leads", "A leads again"]
    for name in by_name.keys() - {"swap"}:
        assert by_name[name].alone() == by_name[name]


def test_partner_keeps_to_the_tempo_and_reach() -> None:
    (first, *_) = built_in()

    def spread(exercise: Exercise) -> tuple[float, float]:
        """How far the left wrist goes, and how fast."""
        motion = trainee.performance(exercise, "a")
        way = np.array([motion(k / 30).left for k in range(600)])  # type: ignore[union-attr]
        return float(way.std(axis=0).max()), float(np.abs(np.diff(way, axis=0)).mean())

    size, speed = spread(first)
    small, _ = spread(replace(first, reach=0.5))
    assert small == pytest.approx(0.5 * size)
    _, slow = spread(replace(first, tempo=0.5))
    assert slow == pytest.approx(0.5 * speed, rel=0.15)
