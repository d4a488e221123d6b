from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import circmean, circstd

from mirror import State
from mirror.validation.conditions import Expected
from mirror.validation.measurement import Measurement
from tests.support.measurements import FULL, timeline

PHASE = next(each for each in FULL if each.group == "phase")
LAG = next(each for each in FULL if each.group == "lag")


def phases(values: list[float], true: float) -> Measurement:
    rows = timeline([State.OK] * len(values), relative_phase_deg=values)
    return Measurement(replace(PHASE, phase_deg=true, frequency=0.5), rows)


@given(st.lists(st.floats(-60, 60), min_size=1, max_size=20), st.floats(-180, 180))
def test_phases_are_averaged_as_angles(offsets: list[float], true: float) -> None:
    values = [math.remainder(true + each, 360.0) for each in offsets]
    found = phases(values, true)
    mean = math.degrees(circmean(np.radians(offsets), high=math.pi, low=-math.pi))
    assert found.phase_error_deg == pytest.approx(mean, abs=1e-6)
    assert math.remainder(found.phase_deg - true - mean, 360.0) == pytest.approx(0, abs=1e-6)
    spread = math.degrees(circstd(np.radians(offsets)))
    assert found.phase_sd_deg == pytest.approx(spread, abs=1e-4)


def test_phase_error_as_a_time() -> None:
    found = phases([178.0, -176.0], 180.0)  # 1° too much on average, of a cycle of 2 s
    assert found.phase_error_deg == pytest.approx(1.0)
    assert found.phase_error_s == pytest.approx(2.0 / 360.0)


def test_lag_is_the_median_of_scored_rows() -> None:
    states = [State.WARMING_UP, *[State.OK] * 3]
    rows = timeline(states, lag_s=[-2.0, 0.5, 0.6, 1.4], coherence=[math.nan, 0.2, 0.4, 0.6])
    found = Measurement(replace(LAG, lag_s=0.5), rows)
    assert found.rows == 3
    assert found.lag_error_s == pytest.approx(0.1)
    assert found.lag_sd_s == pytest.approx(np.std([0.5, 0.6, 1.4]))
    assert found.mean("coherence") == pytest.approx(0.4)


def test_errors_without_scored_rows_are_nan() -> None:
    found = Measurement(PHASE, timeline([State.GAP] * 5))
    values = (found.phase_deg, found.phase_error_deg, found.phase_sd_deg, found.lag_s)
    assert all(math.isnan(value) for value in values)
    assert math.isnan(found.mean("coherence"))


def test_states_count_where_expected() -> None:
    states = [State.WARMING_UP] * 10 + [State.OK] * 10 + [State.STILL] * 5 + [State.OK] * 5
    expected = (Expected(State.OK, 0.0, 1.95), Expected(State.STILL, 2.25))
    found = Measurement(replace(PHASE, states=expected), timeline(states))
    # rows at 1.0–1.9 s are right, of those at 2.3–2.9 s the first two; what warms up is left out
    assert found.right_states == (12, 17)


def test_tracked_is_of_the_less_tracked_person() -> None:
    rows = timeline([State.OK] * 2, tracked_a=[1.0, 0.8], tracked_b=[1.0, 1.0])
    assert Measurement(PHASE, rows).tracked == pytest.approx(0.9)
