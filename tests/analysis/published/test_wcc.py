"""Windowed cross-correlation against wcc's own figures and against the definition in the paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import pearsonr

from mirror.analysis.published import Wcc, wcc
from mirror.analysis.published.peaks import loess_matrix, pick_peaks, spline_matrix

Array = NDArray[np.float64]

RATE = 5


def columns(found: Wcc) -> dict[str, float]:
    """The expected figures: in samples, and positive where A follows B."""
    row = found.aggregate
    return {
        "windows": found.end_s.size,
        "pctmissing": row.missing,
        "pctmissingwindows": row.missing_windows,
        "maxMean": row.max_mean,
        "maxVar": row.max_var,
        "totalMean": row.total_mean,
        "totalVar": row.total_var,
        "zeroLagMean": row.zero_lag_mean,
        "zeroLagVar": row.zero_lag_var,
        "lagMean": -row.lag_mean * RATE,
        "lagVar": row.lag_var * RATE**2,
        "dlagMean": -row.dlag_mean,
        "dlagVar": row.dlag_var,
        "d2lagMean": -row.d2lag_mean / RATE,
        "d2lagVar": row.d2lag_var / RATE**2,
    }


def waves(seed: int, count: int) -> Array:
    """Movement without a rhythm, smooth over some ten samples."""
    steps = np.random.default_rng(seed).standard_normal(count + 40)
    return np.convolve(steps, np.hanning(41), "valid")


def test_agrees_with_the_package(
    expected: Callable[[str], list[dict[str, str]]], dyad: Callable[[str], Array]
) -> None:
    for row in expected("expected_wcc_5Hz_w50_t25.csv"):
        a, b = dyad(row["file"]).reshape(2, -1, 5).mean(axis=2)
        kind: Literal["max", "min"] = "max" if row["type"] == "1" else "min"
        found = columns(wcc(a, b, RATE, w_max=10, t_max=5, kind=kind))
        want = {name: float(row[name]) for name in found}
        assert found == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize(("w_inc", "t_inc"), [(1, 1), (3, 2), (40, 1)])
def test_each_value_is_pearsons_r_of_a_window_and_an_earlier_one(w_inc: int, t_inc: int) -> None:
    a, b = waves(1, 300), waves(2, 300)
    found = wcc(a, b, 10, w_max=3, t_max=2, w_inc=w_inc / 10, t_inc=t_inc / 10, l_size=3, pspan=0.5)
    windows = (300 - 30 - 20) // w_inc
    lags = list(range(-20, 21, t_inc))
    assert found.correlation.shape == (windows, len(lags))
    assert np.allclose(found.lag_s, np.array(lags) / 10)
    assert np.allclose(found.end_s, 5 + np.arange(windows) * w_inc / 10)
    for window in {0, 1, windows // 2, windows - 1}:
        start = 20 + window * w_inc
        for r, lag in zip(found.correlation[window], lags, strict=True):
            at_a, at_b = start - max(lag, 0), start + min(lag, 0)
            want = pearsonr(a[at_a : at_a + 30], b[at_b : at_b + 30]).statistic
            assert r == pytest.approx(want, rel=1e-9, abs=1e-12)


def test_default_durations_are_the_packages_samples() -> None:
    found = wcc(waves(1, 300), waves(2, 300), 25)
    assert found.correlation.shape == (200, 101)
    assert found.lag_s[-1] == 2.0


@given(lag=st.integers(-12, 12), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=12)
def test_positive_lag_means_b_follows_a(lag: int, seed: int) -> None:
    common = waves(seed, 440)
    found = wcc(common[20:420], common[20 - lag : 420 - lag], 10, w_max=5, t_max=2.5)
    assert np.nanmedian(found.peak_lag) == pytest.approx(lag / 10, abs=0.05)
    assert found.aggregate.lag_mean == pytest.approx(lag / 10, abs=0.1)


def test_valleys_are_peaks_of_the_negated_series() -> None:
    a, b = waves(1, 400), waves(2, 400)
    peaks = wcc(a, b, 10, w_max=5, t_max=2.5)
    valleys = wcc(a, -b, 10, w_max=5, t_max=2.5, kind="min")
    assert np.allclose(peaks.peak_lag, valleys.peak_lag, equal_nan=True)
    assert np.allclose(peaks.peak, -valleys.peak, equal_nan=True)


def test_undefined_window_has_no_peak_and_is_0_in_the_aggregate() -> None:
    a, b = waves(1, 400), waves(2, 400)
    b[100:200] = 0.1
    found = wcc(a, b, 10, w_max=5, t_max=2.5)
    undefined = np.isnan(found.correlation).any(axis=1)
    assert undefined.any()
    assert np.isnan(found.peak_lag[undefined]).all()
    z = np.arctanh(np.nan_to_num(found.correlation))
    assert found.aggregate.total_mean == pytest.approx(np.abs(z).mean())
    assert found.aggregate.total_var == pytest.approx(z.var(ddof=1))
    assert 0 < found.aggregate.missing_windows < undefined.mean()


def test_window_needs_six_pairs() -> None:
    a, b = waves(1, 120), waves(2, 120)
    a[60:104] = np.nan
    found = wcc(a, b, 10, w_max=5, t_max=1, l_size=3, pspan=0.5)
    assert found.aggregate.missing == pytest.approx(44 / 240)
    for start in range(10, 70):
        x, y = a[start : start + 50], b[start : start + 50]
        both = ~np.isnan(x)
        r = found.correlation[start - 10, 10]
        if both.sum() < 6:
            assert np.isnan(r)
        else:
            assert r == pytest.approx(pearsonr(x[both], y[both]).statistic, rel=1e-9, abs=1e-12)


@given(seed=st.integers(0, 2**32 - 1), l_size=st.integers(1, 12))
@settings(max_examples=20)
def test_peak_equals_the_search_of_the_paper(seed: int, l_size: int) -> None:
    lags = 31
    profiles = np.random.default_rng(seed).uniform(-1, 1, (20, lags))
    position, height = pick_peaks(profiles, l_size, 0.25)
    places, between = np.arange(lags, dtype=float), np.linspace(0, lags - 1, 2 * lags - 1)
    smoother = spline_matrix(places, between) @ loess_matrix(places, 0.25)
    for at, profile in enumerate(profiles @ smoother.T):
        middle, best, idle, width = lags - 1, -np.inf, 0, 0
        while width < middle and idle < l_size:
            width += 1
            bracket = profile[middle - width : middle + width + 1]
            idle = 0 if bracket.max() > best else idle + 1
            best = max(best, bracket.max())
        point = int(bracket.argmax()) - width
        if abs(point) > middle - l_size:
            assert np.isnan(position[at])
            assert np.isnan(height[at])
        else:
            assert position[at] == point / 2
            assert height[at] == pytest.approx(best)


def test_nearest_peak_is_taken_before_a_higher_one() -> None:
    lag = np.arange(-40.0, 41.0)
    profile = 0.5 * np.exp(-(((lag + 6) / 4) ** 2)) + 0.9 * np.exp(-(((lag - 28) / 4) ** 2))
    position, height = pick_peaks(np.stack([profile, profile + np.nan]), 8, 0.1)
    assert position[0] == pytest.approx(-6, abs=0.5)
    assert height[0] == pytest.approx(0.5, abs=0.05)
    assert np.isnan(position[1])


@given(coefficients=st.tuples(*[st.floats(-5, 5)] * 3), span=st.floats(0.15, 1.0))
@settings(max_examples=12)
def test_local_regression_reproduces_a_parabola(
    coefficients: tuple[float, float, float], span: float
) -> None:
    places = np.linspace(-1, 1, 41)
    parabola = np.polynomial.Polynomial(coefficients)(places)
    assert np.allclose(loess_matrix(places, span) @ parabola, parabola, atol=1e-9)


def test_spline_reproduces_a_cubic() -> None:
    places, between = np.arange(12.0), np.linspace(0, 11, 60)
    cubic = np.polynomial.Polynomial([1, -2, 0.5, 0.25])
    assert np.allclose(spline_matrix(places, between) @ cubic(places), cubic(between))
