from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from mirror import Landmark, Pose
from mirror.capture.base import Frame
from mirror.capture.synthetic.demo import demo_source
from mirror.estimator.movement import JOINTS
from mirror.session.placement import (
    Placement,
    PlacementCheck,
    counting_regions,
    describe_regions,
)
from tests.support.people import empty_pose, pose

Pixels = NDArray[np.uint8]

LEFT_HAND = {Landmark.LEFT_WRIST: 0.1}
HANDS = {**LEFT_HAND, Landmark.RIGHT_WRIST: 0.1}
BRIGHT = np.full((48, 64, 3), 120, np.uint8)
OUTSIDE = {Landmark.LEFT_WRIST: (0.4, 0.0)}


def checked(*poses: Pose, image: Pixels = BRIGHT, rate: float = 30.0) -> Placement:
    check = PlacementCheck()
    for each in poses:
        check.add(each, image)
    return check.check(rate)


def names(placement: Placement) -> set[str]:
    return {joint.name for joint, seen in zip(JOINTS, placement.seen, strict=True) if seen}


def turned(quarter: bool) -> Pose:
    standing = pose(0.0)
    assert standing.landmarks is not None
    marks = standing.landmarks.copy()
    x, y = marks[:, 0].copy(), marks[:, 1].copy()
    marks[:, 0], marks[:, 1] = (y, x) if quarter else (x, 1 - y)
    return Pose(0.0, marks, None, 640, 480)


def test_second_person_comes_before_joints_but_not_before_light() -> None:
    check = PlacementCheck()
    check.add(pose(0.0), np.full((48, 64, 3), 200, np.uint8))
    assert check.check(crowded=True).advice == "Two people in the frame: show one person only"
    assert check.check().advice == ""
    check.add(pose(0.1), np.zeros((48, 64, 3), np.uint8))
    assert check.check(crowded=True).advice.startswith("Too dark")


def test_whole_body_is_well_placed() -> None:
    placement = checked(pose(0.0))
    assert placement.advice == ""
    assert placement.share == 1.0
    assert len(names(placement)) == len(JOINTS)


@pytest.mark.parametrize(
    ("placed", "advice"),
    [
        (pose(0.0, visibility=HANDS), "The hands are hidden"),
        (pose(0.0, OUTSIDE, visibility=LEFT_HAND), "Step back: the hands are out of the frame"),
        (
            pose(0.0, {Landmark.NOSE: (0.0, -0.3)}, visibility={Landmark.NOSE: 0.0}),
            "Step back: the head is out of the frame",
        ),
        (turned(quarter=True), "The camera is turned"),
        (turned(quarter=False), "The camera is turned"),
        (empty_pose(0.0), "Nobody is in the frame"),
    ],
)
def test_first_thing_to_change_is_said(placed: Pose, advice: str) -> None:
    assert checked(placed).advice == advice


def test_dark_and_slow_cameras_are_named() -> None:
    dark = np.full((48, 64, 3), 12, np.uint8)
    assert checked(pose(0.0), image=dark).advice.startswith("Too dark")
    assert checked(empty_pose(0.0), image=dark).advice.startswith("Too dark")
    assert checked(pose(0.0), rate=12.2).advice.startswith("Only 12 frames a second")
    for unknown in (0.0, float("nan")):
        assert checked(pose(0.0), rate=unknown).advice == ""


def test_call_with_few_new_frames_is_not_put_down_to_this_computer() -> None:
    check = PlacementCheck()
    check.add(pose(0.0), BRIGHT)
    advice = check.check(7.1, repeats=True).advice
    assert advice == "Only 7 frames a second: the call sends no more"


def test_legs_may_be_left_out() -> None:
    legs = {mark: 0.0 for mark in JOINTS if mark.name.endswith(("KNEE", "ANKLE"))}
    placement = checked(pose(0.0, visibility=legs))
    assert placement.advice == ""
    assert placement.share == pytest.approx(17 / 25)  # the legs have 8 channels


def test_joints_count_by_their_mean_over_two_seconds() -> None:
    flicker = [pose(k / 10, visibility=LEFT_HAND if k % 3 == 0 else 1.0) for k in range(20)]
    assert "LEFT_WRIST" in names(checked(*flicker))
    before = [pose(k / 10) for k in range(60)]
    since = [pose(6 + k / 10, visibility=LEFT_HAND) for k in range(22)]
    assert "LEFT_WRIST" not in names(checked(*before, *since))
    # as the start page has them on a busy machine
    rare = [pose(5.0 * k, visibility=LEFT_HAND if k == 3 else 1.0) for k in range(4)]
    assert "LEFT_WRIST" in names(checked(*rare))


def test_only_what_is_seen_in_both_counts() -> None:
    whole, left = checked(pose(0.0)).seen, checked(pose(0.0, visibility=HANDS)).seen
    elbow = {Landmark.RIGHT_ELBOW: 0.0, Landmark.RIGHT_WRIST: 0.0}
    no_right = checked(pose(0.0, visibility=elbow)).seen
    counting, others = counting_regions(whole, whole, "mirror")
    assert (len(counting), others) == (5, ())
    # elbows still count
    assert counting_regions(whole, left, "mirror")[1] == ()
    # B's right arm mirrors A's left one
    assert counting_regions(whole, no_right, "mirror")[1] == ("left_arm",)
    assert counting_regions(whole, no_right, "same-side")[1] == ("right_arm",)


def test_regions_are_described() -> None:
    assert describe_regions(("head", "torso", "left_arm"), ("right_arm", "legs")) == (
        "Will count: head, torso and left arm. Not seen in both people: right arm and legs."
    )
    assert describe_regions(("head",), ()) == "Will count: head."
    assert describe_regions((), ("head",)).startswith("Nothing will count yet")


@pytest.mark.parametrize(
    ("change", "advice", "share"),
    [
        (lambda image: image, "", 1.0),
        (lambda image: image[:288], "", 17 / 25),
        (lambda image: image[:, 256:384], "Step back: the hands are out of the frame", None),
        (lambda image: (image * 0.06).astype(np.uint8), "Too dark: turn on a light", 0.0),
        (np.rot90, "The camera is turned", 1.0),
    ],
    ids=["whole", "upper body", "narrow", "dark", "turned"],
)
def test_rendered_person_in_front_of_the_camera(
    change: Callable[[Pixels], Pixels], advice: str, share: float | None
) -> None:
    from mirror.capture.tracker import PoseTracker

    source, check = demo_source("a"), PlacementCheck()
    with PoseTracker() as tracker:
        for _ in range(3):
            frame = source.read()
            assert frame is not None
            image = np.ascontiguousarray(change(frame.image))
            check.add(tracker.track(Frame(frame.time, image)), image)
    placement = check.check(30.0)
    assert placement.advice == advice
    assert share is None or placement.share == pytest.approx(share)
