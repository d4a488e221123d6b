"""rMEA against rMEA's own figures, against scipy, and against what its manual says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import pearsonr

from mirror.analysis.published import Rmea, mea_scale, mea_smooth, rmea

Array = NDArray[np.float64]

LEADS = ("lag_zero", "all_lags", "s1_lead", "s2_lead", "s1_lead_0", "s2_lead_0")


def columns(found: Rmea) -> dict[str, float]:
    """A row of the expected figures."""
    return {
        "n_win": found.start_s.size,
        "n_lag": found.lag_s.size,
        "grandAver": found.grand_aver,
        **{name: float(np.mean(getattr(found, name))) for name in LEADS},
        "bestLag_mean": float(np.mean(found.best_lag)),
        "bestLag_median": float(np.median(found.best_lag)),
        "lagprof_peak_lag": found.peak_lag,
        "lagprof_peak": float(found.lag_profile.max()),
    }


def noise(seed: int, count: int) -> Array:
    return np.random.default_rng(seed).gamma(0.5, 100.0, count)


@pytest.mark.parametrize(
    ("file", "prepared", "parameters"),
    [
        (
            "expected_MEAccf_raw_lag5_win60_inc30_absZ.csv",
            False,
            {"lag_sec": 5, "win_sec": 60, "inc_sec": 30},
        ),
        (
            "expected_MEAccf_smooth_scale_lag5_win30_inc10_signedZ.csv",
            True,
            {"lag_sec": 5, "win_sec": 30, "inc_sec": 10, "absolute": False},
        ),
    ],
)
def test_agrees_with_the_package(
    file: str,
    prepared: bool,
    parameters: dict[str, Any],
    expected: Callable[[str], list[dict[str, str]]],
    dyad: Callable[[str], Array],
) -> None:
    for row in expected(file):
        a, b = dyad(row.pop("dyad"))
        if prepared:
            a, b = (mea_scale(mea_smooth(series, 25)) for series in (a, b))
        want = {name: float(text) for name, text in row.items()}
        assert columns(rmea(a, b, 25, **parameters)) == pytest.approx(want, rel=1e-9)


def test_each_value_is_pearsons_r() -> None:
    a, b = noise(1, 700), noise(2, 700)
    parameters: dict[str, Any] = {"lag_sec": 1.0, "win_sec": 8.0, "inc_sec": 5.0}
    found = rmea(a, b, 10, **parameters, r2z=False, absolute=False)
    assert found.ccf.shape == (62 // 5 + 1, 21)
    assert found.start_s.tolist() == [5.0 * k for k in range(13)]
    assert (found.end_s - found.start_s == 8.0).all()
    for row, start in zip(found.ccf, (found.start_s * 10).astype(int), strict=True):
        for r, lag in zip(row, range(-10, 11), strict=True):
            at_a, at_b = start + max(-lag, 0), start + max(lag, 0)
            want = pearsonr(a[at_a : at_a + 80], b[at_b : at_b + 80]).statistic
            assert r == pytest.approx(want, rel=1e-9, abs=1e-12)
    z = rmea(a, b, 10, **parameters)
    assert np.allclose(z.ccf, np.abs(np.arctanh(found.ccf)), rtol=1e-12)


@given(lag=st.integers(-20, 20), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=12)
def test_positive_lag_means_b_follows_a(lag: int, seed: int) -> None:
    common = noise(seed, 640)
    a, b = common[20:620], 3 * common[20 - lag : 620 - lag]
    found = rmea(a, b, 10, lag_sec=2, win_sec=20, inc_sec=10)
    assert np.allclose(found.best_lag, lag / 10)
    assert found.peak_lag == pytest.approx(lag / 10)
    assert found.ccf.max() == 10.0  # r = 1 there, and Fisher's z of it is kept at 10
    if lag:
        assert (found.s1_lead > found.s2_lead).all() == (lag > 0)


@given(seed=st.integers(0, 2**32 - 1), factor=st.floats(1e-3, 1e3))
@settings(max_examples=12)
def test_swapping_reverses_lags_and_scale_does_not_matter(seed: int, factor: float) -> None:
    a, b = noise(seed, 600), noise(seed + 1, 600)
    parameters: dict[str, Any] = {
        "lag_sec": 1.0,
        "win_sec": 20.0,
        "inc_sec": 10.0,
        "absolute": False,
    }
    found = rmea(a, b, 10, **parameters)
    swapped = rmea(factor * b, a + factor, 10, **parameters)
    assert np.allclose(found.ccf, swapped.ccf[:, ::-1], atol=1e-9)
    assert np.allclose(found.s1_lead, swapped.s2_lead, atol=1e-9)


def test_window_more_than_half_missing_is_undefined() -> None:
    a, b = noise(3, 640), noise(4, 640)
    b[:111] = np.nan  # a window and its lag are 220 samples
    a[330:] = np.nan  # in the second, 110
    found = rmea(a, b, 10, lag_sec=2, win_sec=20, inc_sec=22)
    assert np.isnan(found.ccf[0]).all()
    assert np.isfinite(found.ccf[1]).all()
    assert np.isnan(found.all_lags).tolist() == [True, False]
    assert np.isnan(found.best_lag).tolist() == [True, False]
    assert found.grand_aver == pytest.approx(found.ccf[1].mean())


def test_sample_missing_in_either_does_not_count() -> None:
    a, b = noise(5, 220), noise(6, 220)
    a[40:60], b[50:75] = np.nan, np.nan
    found = rmea(a, b, 10, lag_sec=2, win_sec=20, inc_sec=20, r2z=False, absolute=False)
    for r, lag in zip(found.ccf[0], range(-20, 21), strict=True):
        x, y = a[max(-lag, 0) :][:200], b[max(lag, 0) :][:200]
        both = ~(np.isnan(x) | np.isnan(y))
        assert r == pytest.approx(pearsonr(x[both], y[both]).statistic, rel=1e-9, abs=1e-12)


def test_constant_or_identical_windows_are_undefined() -> None:
    a = noise(7, 400)
    still = np.full(400, 0.1)
    assert np.isnan(rmea(a, still, 10, lag_sec=1, win_sec=20, inc_sec=10).ccf).all()
    assert np.isnan(rmea(still, a, 10, lag_sec=1, win_sec=20, inc_sec=10).ccf).all()
    found = rmea(a, a, 10, lag_sec=1, win_sec=20, inc_sec=10)
    assert np.isnan(found.lag_zero).all()
    assert np.isnan(found.ccf).sum() == found.start_s.size
    assert np.isfinite(found.s1_lead_0).all()


def test_quiet_window_after_a_loud_one_is_accurate() -> None:
    a, b = noise(8, 220), noise(9, 220)
    b[:15] += 1e9
    found = rmea(a, b, 10, lag_sec=2, win_sec=20, inc_sec=20, r2z=False, absolute=False)
    for lag in range(15, 21):
        want = pearsonr(a[:200], b[lag : lag + 200]).statistic
        assert found.ccf[0, 20 + lag] == pytest.approx(want, rel=1e-9)


def test_zero_lag_has_no_leader() -> None:
    found = rmea(noise(1, 400), noise(2, 400), 10, lag_sec=0, win_sec=20, inc_sec=10)
    assert found.ccf.shape == (3, 1)
    assert np.isnan(found.s1_lead).all()
    assert (found.s1_lead_0 == found.lag_zero).all()


def test_smoothing_takes_twelve_samples_at_25_hz_and_divides_by_half_a_second() -> None:
    impulse = np.zeros(60)
    impulse[30] = 12.5
    assert np.flatnonzero(mea_smooth(impulse, 25)).tolist() == list(range(25, 37))
    assert mea_smooth(impulse, 25).max() == pytest.approx(1.0)
    level = mea_smooth(np.full(60, 12.5), 25)
    assert np.allclose(level[:7], [6, 7, 8, 9, 10, 11, 12])
    assert np.allclose(level[6:55], 12.0)
    assert (level[55:] == 0).all()


def test_smoothing_a_whole_odd_number_of_samples_is_centred() -> None:
    series = noise(1, 50)
    want = np.convolve(series, np.full(5, 0.2), "valid")
    assert np.allclose(mea_smooth(series, 10, moving_average_win=0.5)[2:-2], want)


def test_smoothing_keeps_missing_samples_and_zeroes_neighbours() -> None:
    series = np.ones(60)
    series[30] = np.nan
    smooth = mea_smooth(series, 25)
    assert np.isnan(smooth[30])
    assert (smooth[np.r_[25:30, 31:37]] == 0).all()
    assert (smooth[np.r_[10:25, 37:55]] > 0.9).all()


def test_scaling_divides_by_the_deviation_and_does_not_centre() -> None:
    series = np.array([1.0, 3.0, np.nan, 5.0])
    assert mea_scale(series) == pytest.approx([0.5, 1.5, np.nan, 2.5], nan_ok=True)
    assert mea_scale(series, scale=2.0) == pytest.approx([0.5, 1.5, np.nan, 2.5], nan_ok=True)
    assert not np.isfinite(mea_scale(np.zeros(9))).any()
