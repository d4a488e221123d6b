"""However many rows there are: no peak is lost, no gap is bridged, few points are drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.timeline import Score, State, Timeline
from ui.widgets.timeline.data import RowBuffer

HOP = 0.1

Session = tuple[np.ndarray, np.ndarray, int]


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    """Draw times and values of rows with gaps and pauses, and a number of columns."""
    size = draw(st.integers(2, 900))
    values = np.random.default_rng(draw(st.integers(0, 2**32 - 1))).random(size)
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, size - 1))
        values[start : start + draw(st.integers(1, 200))] = np.nan
    steps = np.full(size, HOP)
    for place in draw(st.sets(st.integers(70, 899), max_size=4)):
        if place < size:
            steps[place] = draw(st.floats(0.5, 30))
    times = draw(st.sampled_from([0.0, 37.0, 5000.3])) + np.cumsum(steps)
    rows_a_column = draw(st.sampled_from([0.2, 0.7, 1.9, 2.1, 3.5, 12.3, 40.0]))
    return times, values, max(1, round(size / rows_a_column))


def rows_of(times: np.ndarray, values: np.ndarray, states: list[State] | None = None) -> RowBuffer:
    rows = RowBuffer()
    given_states = states or [State.OK] * len(times)
    rows.replace(
        Timeline.from_scores(
            Score(time, state, in_phase=value, anti_phase=1 - value)
            for time, value, state in zip(times, values, given_states, strict=True)
        )
    )
    return rows


@given(sessions(), st.floats(0, 0.6), st.floats(0.3, 1))
def test_curve_loses_no_peak(session: Session, begin: float, share: float) -> None:
    times, values, count = session
    span = times[-1] - times[0]
    start, end = times[0] + begin * span, times[0] + begin * span + share * span
    curve = rows_of(times, values).curve("in_phase", start, end, count)
    half = curve.step_s / 2 + 1e-6
    for time, value in zip(times, values, strict=True):
        if start <= time <= end and math.isfinite(value):
            near = curve.highest[np.abs(curve.time_s - time) <= half]
            assert (near >= value).any()


@given(sessions())
def test_curve_values_are_from_rows(session: Session) -> None:
    times, values, count = session
    curve = rows_of(times, values).curve("in_phase", times[0], times[-1], count)
    half = curve.step_s / 2 + 1e-6
    for time, highest, mean in zip(curve.time_s, curve.highest, curve.mean, strict=True):
        here = values[np.abs(times - time) <= half]
        here = here[np.isfinite(here)]
        assert math.isnan(highest) == math.isnan(mean)
        if math.isfinite(highest):
            assert highest in here
            assert here.min() - 1e-9 <= mean <= highest + 1e-9


@given(sessions())
def test_curve_has_at_most_two_points_per_column(session: Session) -> None:
    times, values, count = session
    span = times[-1] - times[0]
    curve = rows_of(times, values).curve("in_phase", times[0], times[-1], count)
    assert np.all(np.diff(curve.time_s) > 0)
    # Two beyond each edge, and one in each pause.
    assert len(curve.time_s) <= 2 * count + 8
    assert curve.step_s <= max(span / count, HOP) * 1.001


@pytest.mark.parametrize("count", [20, 60, 2000])
def test_curve_keeps_gaps_and_means(count: int) -> None:
    times = np.arange(600) * HOP
    values = np.where((times > 20) & (times < 30), np.nan, np.arange(600) % 2.0)
    curve = rows_of(times, values).curve("in_phase", 0, 60, count)
    inside = (curve.time_s > 20 + curve.step_s) & (curve.time_s < 30 - curve.step_s)
    assert inside.any()
    assert np.isnan(curve.highest[inside]).all()
    outside = (curve.time_s > curve.step_s) & (curve.time_s < 20 - curve.step_s)
    assert np.isfinite(curve.highest[outside]).all()
    if count < 100:
        np.testing.assert_allclose(curve.mean[outside], 0.5)
        np.testing.assert_array_equal(curve.highest[outside], 1)


def test_column_grid_does_not_move_with_view() -> None:
    times = np.arange(20000) * HOP
    rows = rows_of(times, np.random.default_rng(1).random(len(times)))
    first = rows.curve("in_phase", 100.0, 1100.0, 100)
    moved = rows.curve("in_phase", 163.0, 1163.0, 100)
    both, at_first, at_moved = np.intersect1d(
        first.time_s.round(6), moved.time_s.round(6), return_indices=True
    )
    assert len(both) > 80
    np.testing.assert_array_equal(first.highest[at_first], moved.highest[at_moved])


def test_curve_breaks_only_at_gaps() -> None:
    times = np.concatenate([np.arange(80) * HOP, 20 + np.arange(10) * HOP])
    curve = rows_of(times, np.ones(90)).curve("in_phase", 0, 21, 1000)
    assert np.isnan(curve.highest).sum() == 1
    assert 8 < curve.time_s[np.isnan(curve.highest)][0] < 20


@pytest.mark.parametrize("count", [30, 40, 3000])
def test_stretches_are_runs_of_states(count: int) -> None:
    times = 100 + np.arange(600) * HOP
    states = [State.WARMING_UP] * 60 + [State.OK] * 140
    states += [State.STILL] * 100 + [State.NO_PERSON_A] * 100 + [State.OK] * 200
    found = rows_of(times, np.zeros(600), states).stretches(100, 160, count)
    assert [each.state for each in found] == [State.WARMING_UP, State.STILL, State.NO_PERSON_A]
    near = max(60 / count, HOP)
    edges = [edge for each in found for edge in (each.start_s, each.end_s)]
    np.testing.assert_allclose(edges, [100, 106, 120, 130, 130, 140], atol=near)
    assert found[1].end_s == found[2].start_s


def test_column_has_most_frequent_state() -> None:
    times = np.arange(1000) * HOP
    one_in_ten = [State.GAP if place % 10 == 0 else State.OK for place in range(1000)]
    rows = rows_of(times, np.zeros(1000), one_in_ten)
    assert rows.stretches(0, 100, 50) == []
    assert len(rows.stretches(0, 100, 5000)) == 100


def test_stretches_end_at_pauses() -> None:
    times = np.concatenate([np.arange(100) * HOP, 60 + np.arange(100) * HOP])
    rows = rows_of(times, np.zeros(200), [State.STILL] * 200)
    for count in (20, 2000):
        found = rows.stretches(0, 70, count)
        assert len(found) == 2
        assert found[0].end_s < 15
        assert found[1].start_s > 55


def test_appended_rows_equal_replaced_rows() -> None:
    times = np.arange(5000) * HOP
    values = np.random.default_rng(2).random(5000)
    states = [State.OK, State.STILL] * 2500
    whole = rows_of(times, values, states)
    grown = RowBuffer()
    for time, value, state in zip(times, values, states, strict=True):
        assert grown.append([Score(time, state, in_phase=value, anti_phase=1 - value)]) == 1
    assert len(grown) == len(whole) == 5000
    assert grown.span == whole.span
    assert grown.hop_s == pytest.approx(HOP)
    for start, end, count in ((0, 500, 300), (400, 460, 900)):
        for name in ("in_phase", "anti_phase"):
            first = whole.curve(name, start, end, count)
            second = grown.curve(name, start, end, count)
            np.testing.assert_array_equal(first.highest, second.highest)
        assert whole.stretches(start, end, count) == grown.stretches(start, end, count)


def test_at_returns_covering_row() -> None:
    rows = rows_of(np.array([10.0, 10.1, 10.2, 30.0]), np.array([0.1, 0.2, 0.3, 0.4]))
    row = rows.at(10.13)
    assert row is not None
    assert (row.time_s, row.in_phase) == (10.1, 0.2)
    assert rows.at(20) is None
    assert rows.at(9) is None
    assert rows.at(31) is None


def test_outline_rows_are_not_connected() -> None:
    times = np.arange(0, 5000, 70) * HOP
    states = [State.OK, State.STILL] * 36
    rows = RowBuffer()
    rows.replace(
        Timeline.from_scores(
            Score(time, state, in_phase=0.5)
            for time, state in zip(times.tolist(), states, strict=True)
        ),
        HOP,
    )
    assert rows.hop_s == HOP
    near = rows.curve("in_phase", 100, 150, 1000)  # rows themselves, a hop or less a pixel
    known = np.isfinite(near.mean)
    assert known.any()
    assert not (known[1:] & known[:-1]).any()
    assert all(each.end_s - each.start_s < 2 * HOP for each in rows.stretches(100, 150, 1000))
    assert rows.at(100) is None
    row = rows.at(105)
    assert row is not None
    assert row.time_s == 105
    far = rows.curve("in_phase", 0, 500, 50)  # several rows a pixel
    assert np.isfinite(far.mean[2:-2]).all()


def test_empty_buffer_draws_nothing() -> None:
    rows = RowBuffer()
    assert rows.span is None
    assert rows.at(0) is None
    assert rows.stretches(0, 60, 600) == []
    for count in (10, 1000):
        assert np.isnan(rows.curve("in_phase", 0, 60, count).highest).all()
    rows = rows_of(np.arange(50) * HOP, np.ones(50))
    rows.clear()
    assert len(rows) == 0
    assert rows.span is None


def test_rejects_earlier_row() -> None:
    rows = rows_of(np.arange(50) * HOP, np.ones(50))
    with pytest.raises(ValueError, match="comes after a later one"):
        rows.append([Score(1.0, State.OK)])
    assert len(rows) == 50
