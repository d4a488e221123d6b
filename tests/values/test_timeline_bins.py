from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mirror.timeline import Score, State, Timeline
from mirror.timeline_bins import bin_rows, lags


def rows(times: np.ndarray, state: State = State.OK, **values: np.ndarray) -> Timeline:
    def row(at: int) -> dict[str, Any]:
        return {name: float(each[at]) for name, each in values.items()}

    return Timeline.from_scores(
        Score(float(time), state, **row(at)) for at, time in enumerate(times)
    )


def test_few_rows_are_their_own_bins() -> None:
    times = np.array([1.0, 1.1, 1.2, 5.0, 5.1])
    shown = bin_rows(rows(times, in_phase=times), 5)
    assert shown.are_rows
    assert shown.middle.tolist() == times.tolist()
    assert shown.mean(times).tolist() == times.tolist()
    assert shown.edges[:, 0] == pytest.approx([0.95, 1.05, 1.15, 4.95, 5.05])
    assert shown.edges[:, 1] == pytest.approx([1.05, 1.15, 1.25, 5.05, 5.15])


def test_statistics_of_bins_match_numpy() -> None:
    rng = np.random.default_rng(1)
    times = np.arange(1, 1001) * 0.1
    values = rng.random(1000)
    values[rng.random(1000) < 0.3] = np.nan
    values[200:230] = np.nan
    shown = bin_rows(rows(times, in_phase=values), 100)
    assert len(shown) == 100
    assert not shown.are_rows
    groups = values.reshape(100, 10)  # ten rows fall into each
    known = [group[np.isfinite(group)] for group in groups]
    for found, by_hand in (
        (shown.mean(values), np.mean),
        (shown.highest(values), np.max),
        (shown.median(values), np.median),
    ):
        expected = [by_hand(group) if len(group) else np.nan for group in known]
        assert found == pytest.approx(np.array(expected), nan_ok=True)
    assert np.isnan(shown.mean(values)[20:23]).all()
    assert shown.middle == pytest.approx(times.reshape(100, 10).mean(axis=1))


def test_stretches_without_a_score_have_their_state() -> None:
    parts = (
        rows(np.arange(0, 2, 0.1), State.WARMING_UP),
        rows(np.arange(2, 4, 0.1)),
        rows(np.arange(4, 5, 0.1), State.STILL),
        rows(np.arange(8, 9, 0.1), State.STILL),
    )
    timeline = Timeline.from_scores(row for part in parts for row in part)
    for most in (1000, 45):
        shown = bin_rows(timeline, most)
        found = shown.stretches()
        assert [state for state, *_ in found] == [State.WARMING_UP, State.STILL, State.STILL]
        ends = np.array([stretch[1:] for stretch in found])
        assert ends == pytest.approx(np.array([[0, 2], [4, 5], [8, 9]]), abs=0.21)


def test_curve_breaks_at_a_pause() -> None:
    times = np.concatenate([np.arange(0, 1, 0.1), np.arange(3, 4, 0.1)])
    shown = bin_rows(rows(times, in_phase=times), 100)
    time, values = shown.curve(times)
    assert np.flatnonzero(np.isnan(time)).tolist() == [10]
    assert np.flatnonzero(np.isnan(values)).tolist() == [10]
    assert len(time) == 21


def test_one_row_is_one_bin() -> None:
    shown = bin_rows(rows(np.array([2.0])), 10)
    assert len(shown) == 1
    assert shown.edges[0] == pytest.approx([1.95, 2.05])


def test_lags_without_a_leader_are_undefined() -> None:
    timeline = Timeline.from_scores(
        [
            Score(1.0, State.OK, mirroring=0.9, anti_phase=0.0, lag_s=0.4),
            Score(1.1, State.OK, mirroring=0.4, anti_phase=0.0, lag_s=0.4),
            Score(1.2, State.OK, mirroring=0.9, anti_phase=0.9, lag_s=0.4),
            Score(1.3, State.STILL),
        ]
    )
    assert lags(timeline) == pytest.approx(np.array([0.4, np.nan, np.nan, np.nan]), nan_ok=True)
