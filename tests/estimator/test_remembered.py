"""What is remembered of a session's last minutes: enough to score it, and in order."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from mirror import Landmark, Pose
from mirror.estimator.align import Tick
from mirror.estimator.movement import JOINTS
from mirror.estimator.remembered import Remembered
from tests.support.people import nobody, pose


def ticks(count: int) -> list[Tick]:
    rng = np.random.default_rng(3)
    found = []
    for number in range(count):
        a = pose(number / 30, size=(640, 480 + number))
        assert a.landmarks is not None
        a.landmarks[:] = rng.random((33, 4))
        found.append(Tick(number / 30, a, None if number % 3 else nobody(number / 30)))
    return found


def remembered(all_of_them: Sequence[Tick], most: int) -> Remembered:
    kept = Remembered(most)
    for tick in all_of_them:
        kept.append(tick)
    return kept


@pytest.mark.parametrize(("count", "first"), [(3, 7), (100, 2), (0, 10)])
def test_the_newest_come_back_in_order(count: int, first: int) -> None:
    given = ticks(10)
    back = remembered(given, 8).last(count)
    assert [tick.time for tick in back] == [tick.time for tick in given[first:]]


def test_what_scores_are_made_of_is_the_same_to_the_bit() -> None:
    joints = list(JOINTS)
    given = ticks(9)
    for before, after in zip(given, remembered(given, 20).last(9), strict=True):
        assert before.a is not None
        assert after.a is not None
        assert (after.a.time, after.a.width, after.a.height) == (
            before.a.time,
            before.a.width,
            before.a.height,
        )
        assert before.a.landmarks is not None
        assert after.a.landmarks is not None
        assert np.array_equal(before.a.landmarks[joints], after.a.landmarks[joints])
        assert (after.b is None) == (before.b is None)
        assert after.b is None or after.b.landmarks is None


def test_a_pose_with_a_landmark_that_is_no_number_stays_one() -> None:
    odd = pose(0.0)
    assert odd.landmarks is not None
    odd.landmarks[Landmark.MOUTH_LEFT, 2] = math.nan
    (tick,) = remembered([Tick(0.0, odd, None)], 2).last(1)
    assert isinstance(tick.a, Pose)
    assert tick.a.landmarks is not None
    assert np.isnan(tick.a.landmarks).any()


def test_what_is_forgotten_is_gone() -> None:
    kept = remembered(ticks(4), 4)
    kept.clear()
    assert kept.last(4) == []
