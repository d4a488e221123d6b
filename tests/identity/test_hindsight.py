"""Decisions applied back to the beginning of an encounter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.identity.assignment import IdentityEvent
from mirror.identity.hindsight import Step, with_hindsight
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
        said = (IdentityEvent("exchanged", "", float(mistaken)),) if k == decided else ()
        steps.append(Step(None, pair, said, not begin <= k < decided))
    assert labels(list(with_hindsight(steps))) == [(0, 1)] * len(steps)


@pytest.mark.parametrize("since", [1.0, 3.0, 1799.0, 1800.0, 1900.0])
def test_exchange_too_late_to_be_undone_is_said_where_poses_change(since: float) -> None:
    steps = []
    for k in range(2000):
        pair = (pose(k, 0), pose(k, 1)) if k < 1950 else (pose(k, 1), pose(k, 0))
        said = (IdentityEvent("exchanged", "", since),) if k == 1950 else ()
        pair = tuple(replace(each, exchanged=bool(said)) for each in pair)  # type: ignore[assignment]
        steps.append(Step(None, pair, said, k >= 1950))
    found = list(with_hindsight(steps))
    begins = [step.poses[0].time for step in found if step.poses[0].exchanged]
    changed = labels(found).index((1, 0))
    assert (begins or [since]) == [changed]
    assert bool(begins) == (since < 1800)


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


@pytest.mark.parametrize("first", [0, 3])
def test_events_have_the_names_and_say_what_was_corrected(first: int) -> None:
    said = {5: IdentityEvent("lost", "A is lost"), 6: IdentityEvent("found", "A is found again")}
    said[8] = IdentityEvent("exchanged", "A and B were exchanged", 2.0)
    steps = [
        Step(None, (pose(k, 0), pose(k, 1)), (said[k],) if k in said else (), k == 8)
        for k in range(first, 9)
    ]
    found = [
        each.describe(step.poses[0].time) for step in with_hindsight(steps) for each in step.events
    ]
    wrong = "mistaken from about 2.0 s on, " if first else ""
    assert found == [
        "B is lost",
        "B is found again",
        f"A and B were exchanged: {wrong}corrected from {max(2, first)}.0 s on",
    ]
