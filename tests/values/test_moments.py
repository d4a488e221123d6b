"""Moments worth going back to, held against slow and plain search."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror import Score, State, Timeline
from mirror.moments import APART, best_moments, longest_run, session_moments
from mirror.summary import TOGETHER, share_of

NAN = math.nan
HOP = 0.5


def of(values: list[float], *, hop: float = HOP, start: float = 0.0) -> Timeline:
    """Rows from Re C: positive is in phase, negative in anti-phase, NaN still."""
    return Timeline.from_scores(
        Score(start + k * hop, State.STILL)
        if math.isnan(value)
        else Score(start + k * hop, State.OK, in_phase=max(0.0, value), anti_phase=max(0.0, -value))
        for k, value in enumerate(values)
    )


real_parts = st.lists(
    st.one_of(
        st.sampled_from([NAN, TOGETHER, 0.0, 1.0, -1.0]), st.floats(-1, 1, allow_subnormal=False)
    ),
    max_size=80,
)


def test_longest_run() -> None:
    run = longest_run(of([0.6, 0.6, 0.4, 0.5, 0.9, 0.7, NAN, 0.8, 0.8, -0.9, -0.9, -0.9, -0.9]))
    assert run is not None
    assert (run.start, run.end) == (1.5, 2.5)


def test_longest_run_is_the_first_of_equal_ones() -> None:
    run = longest_run(of([0.1, 0.6, 0.6, NAN, 0.9, 0.9]))
    assert run is not None
    assert run.start == 0.5


@pytest.mark.parametrize("values", [[], [0.4], [NAN, -1.0, 0.49]])
def test_no_run_without_a_row_in_phase(values: list[float]) -> None:
    assert longest_run(of(values)) is None


def test_run_ends_at_an_interruption() -> None:
    before, after = of([0.9] * 6), of([0.9] * 4, start=700.0)
    both = Timeline.from_scores([*before, *after])
    run = longest_run(both)
    assert run is not None
    assert (run.start, run.end) == (0.0, 2.5)
    assert [(m.start_s, m.end_s) for m in best_moments(both, length=2.0)] == [
        (0.0, 1.5),
        (700.0, 701.5),
    ]


@given(real_parts)
def test_longest_run_equals_plain_search(values: list[float]) -> None:
    runs, length = [], 0
    for k, value in enumerate([*values, NAN]):
        if value >= TOGETHER:
            length += 1
            continue
        if length:
            runs.append((length, k - length))
        length = 0
    run = longest_run(of(values))
    if not runs:
        assert run is None
        return
    longest, first = max(runs, key=lambda each: each[0])
    assert run is not None
    assert (run.start, run.end) == (first * HOP, (first + longest - 1) * HOP)


@given(real_parts, st.integers(1, 6), st.sampled_from([0.5, 1.0, 3.0, 6.0]))
def test_best_moments_are_apart_defined_and_best(
    values: list[float], count: int, length: float
) -> None:
    timeline = of(values)
    moments = best_moments(timeline, count, length)
    rows = max(1, round(length / HOP)) if len(values) > 1 else 1
    assert len(moments) <= count

    def score(first: int) -> float:
        part = np.array(values[first : first + rows])
        return float(max(np.maximum(part, 0).mean(), np.maximum(-part, 0).mean()))

    free = {k for k in range(len(values) - rows + 1) if not np.isnan(values[k : k + rows]).any()}
    for moment in moments:
        first = round(moment.start_s / HOP)
        part = timeline[moment.kind][first : first + rows]
        assert moment.end_s == pytest.approx(moment.start_s + (rows - 1) * HOP)
        assert first in free  # defined throughout, and apart from all before
        assert moment.score == pytest.approx(part.mean())
        assert moment.score == pytest.approx(max(score(k) for k in free))
        assert moment.score >= TOGETHER
        assert moment.start_s <= moment.time_s <= moment.end_s
        assert timeline[moment.kind][round(moment.time_s / HOP)] == part.max()
        free = {
            k
            for k in free
            if k * HOP >= moment.end_s + APART or (k + rows - 1) * HOP <= moment.start_s - APART
        }
    if len(moments) < count:
        assert all(score(k) < TOGETHER + 1e-9 for k in free)


def test_change_of_kind_is_no_best_moment() -> None:
    mixed, steady = [1.0] * 4 + [-1.0] * 4, [-0.7] * 8
    moments = best_moments(of(mixed + [0.0] * 20 + steady), 1, length=4.0)
    assert [(m.kind, m.start_s) for m in moments] == [("anti_phase", 14.0)]


def test_default_is_five_moments_of_the_default_window() -> None:
    moments = best_moments(of([0.8] * 1200, hop=0.1))
    assert len(moments) == 5
    assert all(m.end_s - m.start_s == pytest.approx(5.9) for m in moments)


def test_accepts_rows_of_equal_time() -> None:
    assert len(best_moments(of([0.9, 0.9], hop=0.0))) == 1
    assert longest_run(of([0.9, 0.9], hop=0.0)) is not None


def test_anti_phase_in_a_steady_rhythm_is_no_moment_of_mirroring() -> None:
    """Half a cycle later it fits perfectly, but nobody follows."""
    rows = [
        Score(k * HOP, State.OK, in_phase=0.0, anti_phase=anti, mirroring=mirroring, lag_s=lag)
        for k, (anti, mirroring, lag) in enumerate([(0.96, 1.0, 0.8)] * 30 + [(0.1, 0.8, 0.6)] * 30)
    ]
    mirroring, *others = session_moments(Timeline.from_scores(rows), 6.0)
    assert (mirroring.kind, mirroring.start_s >= 15.0) == ("mirroring", True)
    assert mirroring.score == pytest.approx(0.8)
    assert {each.kind for each in others} == {"anti_phase"}


def test_rows_that_count_as_mirroring_with_a_lag_are_no_moment_of_anti_phase() -> None:
    """At a lag of 0.6 s a fast rhythm is in anti-phase too, but somebody clearly follows."""
    late = Score(0.0, State.OK, in_phase=0.0, anti_phase=0.6, mirroring=0.9, lag_s=0.6)
    prompt = replace(late, lag_s=0.05)  # simultaneous: nobody follows
    for row, share, kinds in ((late, "following", set()), (prompt, "anti_phase", {"anti_phase"})):
        assert share_of(row) == share
        rows = Timeline.from_scores(replace(row, time_s=k * HOP) for k in range(30))
        assert {each.kind for each in best_moments(rows)} == kinds
