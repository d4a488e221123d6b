"""The delay between two cameras, from one person whose delay is known."""

from __future__ import annotations

import dataclasses

import pytest

from mirror.capture.synthetic.motion import aperiodic
from mirror.capture.tracker import PoseTracker
from mirror.clocks.movement import MAX_CALL_ERROR_S, measure_delay
from mirror.errors import SourceError
from mirror.landmarks import Feed, Pose
from tests.support.people import empty_pose
from tests.support.rendered import LOOKS, person
from tests.support.two_views import two_views


@pytest.mark.parametrize(
    ("delay", "rates", "jitter"),
    [
        (0.0, (30, 30), 0.001),
        (0.2, (30, 30), 0.006),
        (0.12, (30, 15), 0.003),
        (-0.045, (15, 30), 0.006),
        (-0.2, (60, 24), 0.003),
        (0.16, (10, 30), 0.001),
    ],
)
def test_delay_is_found_within_five_milliseconds(
    delay: float, rates: tuple[float, float], jitter: float
) -> None:
    found = measure_delay(two_views(delay, rates, seed=1, jitter=jitter))
    assert found.seconds == pytest.approx(delay, abs=0.004)
    assert abs(found.seconds - delay) < 4 * found.error_s + 0.0005
    assert found.coherence > 0.9


def test_cameras_on_opposite_sides_see_the_same_movement() -> None:
    found = measure_delay(two_views(0.1, seed=2, opposite=True))
    assert found.seconds == pytest.approx(0.1, abs=0.004)


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"amount": 0.0}, "the person hardly moves|too little of it"),
        ({"amount": 0.03}, "the person hardly moves|the delay is unsure"),
        ({"others": True}, "do not see the same movement|too regular"),
        ({"regular_hz": 2.5}, "too regular to tell one stroke from the next"),
    ],
)
def test_refuses_what_tells_no_delay(about: dict[str, float], reason: str) -> None:
    with pytest.raises(SourceError, match=reason) as caught:
        measure_delay(two_views(0.1, seed=3, **about))  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_delay_of_a_call_may_be_less_certain_than_that_of_cameras() -> None:
    call = two_views(0.25, (30, 12), seed=5, jitter=0.04)
    with pytest.raises(SourceError, match="the delay is unsure"):
        measure_delay(call)
    found = measure_delay(call, MAX_CALL_ERROR_S)
    assert found.seconds == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize("feed", ["a", "b"])
def test_says_which_camera_sees_nobody(feed: Feed) -> None:
    poses = [
        (each, empty_pose(pose.time) if each == feed else pose) for each, pose in two_views(0.1)
    ]
    with pytest.raises(SourceError, match=f"nobody is seen by the camera of {feed.upper()}"):
        measure_delay(poses)


def test_refuses_too_few_frames() -> None:
    for poses in ([], two_views(0.1)[:60], [each for each in two_views(0.1) if each[0] == "a"]):
        with pytest.raises(SourceError, match=r"too few frames|nobody is seen"):
            measure_delay(poses)


def test_delay_of_a_rendered_person_in_two_feeds() -> None:
    """Through pixels and the landmarker: A gets every second frame, B the others."""
    delay = 0.13
    poses: list[tuple[Feed, Pose]] = []
    with PoseTracker() as tracker:
        for count, frame in enumerate(person(LOOKS[0], aperiodic(7), 8.0, 16)):
            seen = tracker.track(frame)
            if count % 2 == 0:
                poses.append(("a", seen))
            else:
                poses.append(("b", dataclasses.replace(seen, time=seen.time + delay)))
    poses.sort(key=lambda each: each[1].time)
    found = measure_delay(poses)
    assert found.seconds == pytest.approx(delay, abs=0.005)
