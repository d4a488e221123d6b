from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror import Score, State
from mirror.errors import PracticeError
from mirror.practice.goal import Attempt, Goal
from mirror.timeline import PostureState

HOP = 0.1


def row(k: int, value: float | None, **more: Any) -> Score:
    """Row k, of a value of every score; None is undefined."""
    if value is None:
        return Score(k * HOP, State.NO_PERSON_B)
    scores = {"in_phase": value, "anti_phase": 0.0, "mirroring": value, "lag_s": 0.6}
    levels = dict.fromkeys(("chance_in_phase", "chance_anti_phase", "chance_mirroring"), 0.3)
    return Score(k * HOP, State.OK, **(scores | levels | more))


def attempt(goal: Goal, values: Sequence[float | None], *, window: float = 0.0) -> Attempt:
    return after(goal, (row(k, each) for k, each in enumerate(values)), window)


def after(goal: Goal, rows: Iterable[Score], window: float = 0.0) -> Attempt:
    return reduce(Attempt.add, rows, Attempt(goal, 0.0, window, HOP))


def test_longest_hold_and_share_count_defined_rows_only() -> None:
    values = [0.9] * 11 + [None] * 12 + [0.9] * 21 + [0.1] * 10
    done = attempt(Goal("in_phase", threshold=0.5), values)
    assert done.longest_s == pytest.approx(2.0)  # more than a second of undefined rows interrupts
    assert done.met_s == pytest.approx(3.2)
    assert done.missed_s == pytest.approx(1.0)
    assert done.met_s / (done.met_s + done.missed_s) == pytest.approx(32 / 42)
    assert done.held_s == 0.0


def test_goal_is_held_now() -> None:
    goal = Goal("in_phase", threshold=0.5)
    assert attempt(goal, [0.1, 0.9, 0.9, 0.9]).held_s == pytest.approx(0.2)


def test_short_undefined_parts_do_not_interrupt_a_hold_and_do_not_count() -> None:
    done = attempt(Goal("in_phase", threshold=0.5), [0.9] * 11 + [None] * 9 + [0.9] * 10)
    assert done.longest_s == pytest.approx(2.0)
    assert attempt(Goal("in_phase", threshold=0.5), [0.9] * 11 + [None] * 3).held_s > 0.9


def test_narrow_misses_do_not_interrupt_a_hold_and_do_not_count() -> None:
    above = Goal("in_phase", threshold=0.5)
    done = attempt(above, [0.9] * 11 + [0.45] * 9 + [0.9] * 10)
    assert (done.longest_s, done.missed_s) == pytest.approx((2.0, 0.9))
    assert attempt(above, [0.9] * 11 + [0.45] * 12 + [0.9] * 10).longest_s == pytest.approx(1.0)
    assert attempt(above, [0.9] * 11 + [0.3] + [0.9] * 10).longest_s == pytest.approx(1.0)
    below = Goal("in_phase", threshold=0.5, below=True)
    assert attempt(below, [0.1] * 11 + [0.55] * 9 + [0.1] * 10).longest_s == pytest.approx(2.0)


def test_display_is_steadier_than_the_rows_but_not_later() -> None:
    goal = Goal("in_phase", threshold=0.5)
    seen = [attempt(goal, [0.1] * 5 + [0.6, 0.45] * k) for k in range(1, 9)]
    assert all(each.holds and not each.met for each in seen)
    assert not attempt(goal, [0.45] * 5).holds  # a narrow miss begins nothing
    assert attempt(goal, [0.1] * 5 + [0.6]).holds
    assert not attempt(goal, [0.6] * 5 + [0.1]).holds


def test_first_window_does_not_count() -> None:
    done = attempt(Goal("in_phase", threshold=0.5), [0.9] * 31, window=2.0)
    assert done.met is True
    assert done.longest_s == pytest.approx(1.0)
    assert done.met_s == pytest.approx(1.1)


def test_missing_rows_interrupt_a_hold() -> None:
    goal = Goal("in_phase", threshold=0.5)
    kept = [k for k in range(50) if not 20 <= k < 32]
    done = after(goal, (row(k, 0.9) for k in kept))
    assert done.longest_s == pytest.approx(1.9)


def test_undefined_rows_are_neither_met_nor_missed() -> None:
    done = attempt(Goal("in_phase"), [None] * 30)
    assert (done.met_s, done.missed_s, done.longest_s) == (0.0, 0.0, 0.0)


def test_threshold_is_the_pairs_own_chance_level() -> None:
    goal = Goal("in_phase")
    assert goal.is_met(row(0, 0.31)) is True
    assert goal.is_met(row(0, 0.3)) is False
    assert goal.is_met(row(0, 0.9, chance_in_phase=math.nan)) is None
    assert goal.is_met(row(0, 1.0, chance_in_phase=1.0)) is None  # nothing could be above it
    assert math.isnan(goal.level(row(0, 0.9, chance_in_phase=math.nan)))


@pytest.mark.parametrize(
    ("lag", "lag_s", "met"),
    [
        ((0.0, 1.0), 0.6, True),
        ((0.0, 1.0), 1.2, False),
        ((0.0, 1.0), -0.3, False),
        ((-2.0, -0.1), -0.3, True),
        ((-0.15, 0.15), 0.0, True),
        (None, 1.9, True),
    ],
)
def test_lag_must_be_in_range(lag: tuple[float, float] | None, lag_s: float, met: bool) -> None:
    assert Goal("mirroring", lag=lag).is_met(row(0, 0.8, lag_s=lag_s)) is met


def test_anti_phase_is_no_lag() -> None:
    opposed = row(0, 0.9, lag_s=0.8, anti_phase=0.9)
    assert Goal("mirroring", lag=(0.0, 1.0)).is_met(opposed) is False


def test_below_is_the_opposite() -> None:
    goal = Goal("mirroring", below=True)
    assert [goal.is_met(row(0, each)) for each in (0.2, 0.9, None)] == [True, False, None]


def test_postures_count_where_movement_is_still() -> None:
    goal = Goal("posture_match", hold_s=3.0)
    alike = {"posture_match": 0.9, "chance_posture_match": 0.4}
    still = [Score(k * HOP, State.STILL, posture_state=PostureState.OK, **alike) for k in range(41)]
    assert after(goal, still).success
    assert after(goal, still).level == 0.4
    assert not after(goal, [replace(each, posture_match=0.3) for each in still]).success
    unknown = [replace(each, posture_state=PostureState.HIDDEN) for each in still]
    assert after(goal, unknown).success is None
    assert "same posture above chance, for 3" in goal.describe()


@pytest.mark.parametrize(("latency", "held"), [(3.0, True), (7.0, False), (-3.0, False)])
def test_postures_are_taken_over_in_time(latency: float, held: bool) -> None:
    """One every 6 s, by B, within 5 s."""
    goal = Goal("take_overs", lag=(0.5, 5.0), within_s=8.0, hold_s=15.0)
    rows = [
        Score(
            *(k * HOP, State.STILL),
            posture_state=PostureState.OK,
            chance_posture_match=0.4,
            mimicry_latency_s=latency if k % 60 == 30 else math.nan,
        )
        for k in range(300)
    ]
    assert after(goal, rows).success is held
    assert not after(goal, rows[:31] + rows[120:]).success  # one in 8 s is missing
    assert goal.shown_score == "posture_match"
    assert Goal.from_dict(goal.to_dict()) == goal
    assert "a posture is taken over within every 8" in goal.describe()


def test_leader_changes() -> None:
    goal = Goal("leader_changes", threshold=0.5, within_s=4.0)

    def led(*leads: tuple[float, float]) -> Attempt:
        """The lags, each for some seconds."""
        lags = [lag for lag, seconds in leads for _ in range(round(seconds / HOP))]
        rows = (row(k, 0.9, lag_s=lag) for k, lag in enumerate(lags))
        return after(goal, rows)

    assert led((0.6, 20)).longest_s == 0.0
    swapped = led((0.6, 3), (-0.6, 3))
    assert swapped.longest_s < 2.0  # held for 2 s, less the second that makes it a change
    assert swapped.met is True
    assert led((0.6, 3), (-0.6, 4), (0.6, 4)).longest_s >= 2.0
    assert led((0.6, 3), (-0.6, 0.5), (0.6, 3)).met is False  # too short to be a lead
    assert led((0.6, 3), (-0.6, 8)).met is False  # too long ago
    assert led((0.05, 9)).met is False  # nobody leads


@given(st.lists(st.sampled_from([0.1, 0.45, 0.9, None]), min_size=1, max_size=80))
def test_shares_and_runs_agree_with_numpy(values: Sequence[float | None]) -> None:
    done = attempt(Goal("in_phase", threshold=0.5), values)
    met = np.array([value == 0.9 for value in values])
    defined = np.array([value is not None for value in values])
    assert done.met_s == pytest.approx(HOP * met.sum())
    assert done.missed_s == pytest.approx(HOP * (defined & ~met).sum())
    letters = "".join({0.9: "m", 0.45: "n", 0.1: "x", None: "u"}[value] for value in values)
    runs = [part.count("m") for part in re.split("x|[nu]{10,}", letters)]
    assert done.longest_s == pytest.approx(HOP * max(0, max(runs) - 1))


@pytest.mark.parametrize(
    "goal",
    [
        Goal(),
        Goal("mirroring", lag=(-2.0, -0.1), hold_s=8.0),
        Goal("anti_phase", threshold=0.4),
        Goal("mirroring", below=True),
        Goal("leader_changes", within_s=12.0),
    ],
)
def test_goals_are_read_as_written(goal: Goal) -> None:
    assert Goal.from_dict(goal.to_dict()) == goal


def test_goals_are_described() -> None:
    assert Goal("mirroring", lag=(0.0, 1.0), hold_s=8).describe(("Ann", "Bo")) == (
        "mirroring above chance, Bo follows within 1\u00a0s, for 8\u00a0s"
    )
    assert "A follows by 0.5 to 2" in Goal("mirroring", lag=(-2.0, -0.5)).describe()
    assert "within 0.15" in Goal("mirroring", lag=(-0.15, 0.15)).describe()
    assert (
        Goal("anti_phase", threshold=0.4, below=True)
        .describe()
        .startswith("anti-phase at or below 0.40")
    )
    assert "leader changes" in Goal("leader_changes").describe()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"score": "rapport"}, "score: must be one of mirroring"),
        ({"scores": "mirroring"}, "scores: is not known"),
        ({"threshold": 1.2}, "threshold: must be from 0 to 1"),
        ({"threshold": "high"}, "threshold: must be a number"),
        ({"hold": True}, "hold: must be a number"),
        ({"hold": -1}, "hold: must be from 0"),
        ({"lag": [1, 0]}, "lag: must be two rising"),
        ({"lag": 1}, "lag: must be two rising"),
        ({"lag": [0, 99]}, "lag: must be from -10"),
        ({"score": "in-phase", "lag": [0, 1]}, "lag: only mirroring and take-overs"),
        ({"below": 1}, "below: must be true or false"),
        ({"below": True, "lag": [0, 1]}, "below: is for a score without a lag"),
        ({"score": "leader-changes", "within": 0}, "within: must be from 1"),
    ],
)
def test_wrong_goals_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(PracticeError, match=f"^{message}"):
        Goal.from_dict(values)
