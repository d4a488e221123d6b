"""Decisions applied back to the beginning of an encounter."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mirror.capture.base import Frame
from mirror.identity.hindsight import Step, with_hindsight
from mirror.identity.judge import Said
from mirror.landmarks import Pose


def pose(time: float, who: int, *, unsure: bool = False) -> Pose:
    return Pose(time, np.full((33, 4), who, np.float32), None, 4, 4, unsure=unsure)


def labels(steps: list[Step]) -> list[tuple[int, int]]:
    return [tuple(int(each.landmarks[0, 0]) for each in step.poses) for step in steps]  # type: ignore[index,misc]


@given(begin=st.integers(2, 10), swap=st.integers(0, 10), votes=st.integers(1, 12))
def test_exchange_is_undone_from_when_on_they_were_mistaken(
    begin: int, swap: int, votes: int
) -> None:
    mistaken, decided = begin + swap, begin + swap + votes
    steps = []
    for k in range(decided + 5):
        swapped = mistaken <= k < decided
        pair = (pose(k, 1), pose(k, 0)) if swapped else (pose(k, 0), pose(k, 1))
        said = (Said("exchanged", "", float(mistaken)),) if k == decided else ()
        steps.append(Step(None, pair, said, not begin <= k < decided))
    assert labels(list(with_hindsight(steps))) == [(0, 1)] * len(steps)


def test_unsure_poses_are_sure_once_it_is_decided_and_not_otherwise() -> None:
    def steps(*, decided: bool) -> list[Step]:
        return [
            Step(None, (pose(k, 0, unsure=2 <= k < 6), pose(k, 1, unsure=2 <= k < 6)), (), settled)
            for k, settled in enumerate([True, False, False, False, False, False, decided])
        ]

    for decided in (True, False):
        found = list(with_hindsight(steps(decided=decided)))
        assert len(found) == 7
        assert any(each.poses[0].unsure for each in found) == (not decided)


def test_large_images_are_not_held_back_for_long() -> None:
    image = np.zeros((4096, 4096, 3), np.uint8)
    given = (Step(Frame(float(k), image), (pose(k, 0), pose(k, 1)), (), False) for k in range(100))
    found = with_hindsight(given)
    next(found)
    held = sum(1 for _ in given)
    assert held > 90  # only some were taken before the first came out
