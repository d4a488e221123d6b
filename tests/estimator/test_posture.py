"""Posture: the same pose matches without any movement, mirrored as the mapping says."""

from __future__ import annotations

import numpy as np
import pytest

from mirror import Landmark, Pose, Settings, State, Tick
from mirror.estimator.estimator import score_ticks
from mirror.settings import Mapping_
from tests.support.people import STANDING, empty_pose, landmarks, pose

LEGS = (Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE, Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE)
SEATED = dict.fromkeys(LEGS, 0.1)
"""Legs out of sight, as at a table."""


def match(a: Pose, b: Pose, mapping: Mapping_ = "mirror") -> float:
    ticks = [Tick(k / 30, a, b) for k in range(200)]
    timeline = score_ticks(ticks, Settings(mapping=mapping))
    assert set(timeline.state[timeline.time_s >= 6]) == {"still"}
    assert np.isnan(timeline.posture_match[timeline.time_s < 5.9]).all()
    return float(timeline.posture_match[-1])


def pointing(wrist: Landmark, degrees: float) -> Pose:
    """One arm straight in a direction of the frame: 0 is right, 90 down; legs out of sight."""
    side = "LEFT" if wrist is Landmark.LEFT_WRIST else "RIGHT"
    shoulder, elbow = Landmark[f"{side}_SHOULDER"], Landmark[f"{side}_ELBOW"]
    step = 100 * np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    step /= (640, 480)
    start = np.array(STANDING[shoulder])
    moves = {
        elbow: tuple(start + step - STANDING[elbow]),
        wrist: tuple(start + 2 * step - STANDING[wrist]),
    }
    return pose(0.0, moves, visibility=SEATED)


def test_equal_postures_match_without_movement() -> None:
    assert match(pose(0.0), pose(0.0)) == pytest.approx(1.0)
    assert match(pose(0.0, visibility=SEATED), pose(0.0)) == pytest.approx(1.0)


def test_posture_match_follows_the_mapping() -> None:
    left, right = pointing(Landmark.LEFT_WRIST, 0), pointing(Landmark.RIGHT_WRIST, 180)
    assert match(left, right, "mirror") == pytest.approx(1.0, abs=1e-5)
    assert match(left, left, "same-side") == pytest.approx(1.0, abs=1e-5)
    assert match(left, right, "same-side") < 0.9
    assert match(left, left, "mirror") < 0.9


@pytest.mark.parametrize("turned", [30, 90, 150])
def test_turned_arm_counts_by_its_cosine(turned: int) -> None:
    """Four limbs are seen; two of them match, and two are turned."""
    one = pointing(Landmark.LEFT_WRIST, 0)
    other = pointing(Landmark.LEFT_WRIST, turned)
    expected = (2 + 2 * np.cos(np.radians(turned))) / 4
    assert match(one, other, "same-side") == pytest.approx(expected, abs=1e-4)


def test_size_and_place_do_not_matter() -> None:
    base = landmarks(pose(0.0))
    small = base.copy()
    small[:, :2] = 0.2 + 0.4 * base[:, :2]
    assert match(pose(0.0), Pose(0.0, small, None, 640, 480)) == pytest.approx(1.0, abs=1e-5)


def test_invisible_limbs_do_not_match() -> None:
    hidden = dict.fromkeys((*LEGS, Landmark.LEFT_ELBOW, Landmark.RIGHT_ELBOW), 0.1)
    assert np.isnan(match(pose(0.0, visibility=hidden), pose(0.0)))


def test_posture_match_needs_both_people() -> None:
    ticks = [Tick(k / 30, pose(0.0), empty_pose(k / 30)) for k in range(200)]
    timeline = score_ticks(ticks, Settings())
    assert timeline.state[-1] == State.NO_PERSON_B
    assert np.isnan(timeline.posture_match).all()
