"""Numbers and arrays as users of numpy and pandas pass them."""

from __future__ import annotations

import functools
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from mirror import Estimator, Landmark, Pose, Settings, synchrony
from mirror._support.numeric import to_array, to_float
from mirror.analysis.published import mea_smooth, rmea, susy, wcc
from mirror.errors import SeriesError, SettingsError
from tests.support.people import pose

RATES: list[Any] = [
    *(np.int64(30), np.uint8(30), np.float32(30), np.float16(30), np.array(30)),
    *(Fraction(30), Decimal(30)),
]
NO_NUMBERS: list[Any] = [
    *(True, np.bool_(1), "30", None, 30j, np.array([30.0]), np.datetime64("2026"), np.ma.masked),
]
NOISE = np.random.default_rng(4).standard_normal((3000, 2))


@pytest.mark.parametrize("rate", RATES, ids=repr)
def test_any_real_number_is_a_rate(rate: Any) -> None:
    a, b = NOISE[:400].T
    assert synchrony(a, b, rate).equals(synchrony(a, b, 30.0))
    settings = Settings(rate=rate, window=rate / rate * 4, band=np.array([0.5, 3]))  # type: ignore[arg-type]
    assert settings == Settings(rate=30.0, window=4.0, band=(0.5, 3.0))
    assert {type(value) for value in (settings.rate, settings.window, *settings.band)} == {float}
    for found, expected in zip(times(rate), times_of_a_float(), strict=True):
        assert found.dtype == np.float64
        assert np.array_equal(found, expected)


def times(rate: Any) -> list[NDArray[np.float64]]:
    """What the published methods give that depends on the rate; as the length of windows too."""
    a, b = NOISE.T
    return [
        rmea(a, b, rate, win_sec=rate).start_s,
        susy(a, b, rate, segment=rate).signed.lag_s,
        wcc(a, b, rate, w_max=rate).end_s,
        mea_smooth(a, rate),
    ]


@functools.cache
def times_of_a_float() -> list[NDArray[np.float64]]:
    return times(30.0)


def test_any_real_number_is_a_time() -> None:
    for time in (Decimal(2), Fraction(2), np.float32(2), np.array(2)):
        score = Estimator(Settings()).update(time, None, None)  # type: ignore[arg-type]
        assert score is not None
        assert (score.time_s, type(score.time_s)) == (2.0, float)


@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
def test_refuses_what_is_no_number(value: Any) -> None:
    with pytest.raises(TypeError):
        to_float(value)
    with pytest.raises(SettingsError, match="rate must be a number"):
        Settings(rate=value)
    with pytest.raises(SeriesError, match="rate is"):
        rmea(NOISE[:, 0], NOISE[:, 1], value)
    with pytest.raises(SettingsError, match="band must be two"):
        Settings(band=(value, 3.0))


def test_numbers_beyond_a_float_are_infinite() -> None:
    assert to_float(Fraction(-(10**400))) == -np.inf
    with pytest.raises(SettingsError, match="rate must be a positive number"):
        Settings(rate=10**400)


@pytest.mark.parametrize(
    "values",
    [
        np.ma.array([1, 2, 3], mask=[False, True, False]),
        np.ma.array([1, 2, 3], mask=[False, True, False], dtype=object),
        [1, None, 3],
        pd.Series([1, None, 3], dtype="Int64"),
        pd.Series([1, pd.NA, 3], dtype=object),
        np.array([1, np.nan, 3], ">f4"),
        [Decimal(1), None, Fraction(3)],
    ],
    ids=lambda values: type(values).__name__,
)
def test_masked_none_and_na_are_missing(values: Any) -> None:
    array = to_array(values)
    assert array.dtype == np.float64
    assert np.array_equal(array, [1, np.nan, 3], equal_nan=True)


@pytest.mark.parametrize(
    "values", [[1j], ["a"], np.array(["2026"], "M8[s]"), [[1, 2], [3]]], ids=repr
)
def test_refuses_arrays_of_no_numbers(values: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        to_array(values)


def test_masks_are_missing_in_scores_and_methods() -> None:
    mask = np.zeros(3000, bool)
    mask[500:700] = True
    a, b = NOISE.T
    hidden, missing = np.ma.array(np.where(mask, 9.0, a), mask=mask), np.where(mask, np.nan, a)
    assert synchrony(hidden, b, 30).equals(synchrony(missing, b, 30))
    assert synchrony(hidden[:, None], b[:, None], 30).equals(synchrony(missing, b, 30))
    for found, expected in (
        (rmea(hidden, b, 10).ccf, rmea(missing, b, 10).ccf),
        (susy(hidden, b, 10).signed.real, susy(missing, b, 10).signed.real),
        (wcc(hidden, b, 10).correlation, wcc(missing, b, 10).correlation),
        (mea_smooth(hidden, 10), mea_smooth(missing, 10)),
    ):
        assert np.array_equal(found, expected, equal_nan=True)


@pytest.mark.parametrize("value", [1e200, -1e200])
def test_values_too_large_to_be_squared_are_refused(value: float) -> None:
    a, b = NOISE.T.copy()
    a[9] = value
    with pytest.raises(SeriesError, match=r"series A is .*e\+200, .* at sample 9"):
        susy(a, b, 10)


def test_a_masked_landmark_is_one_that_is_not_visible() -> None:
    seen = pose(0.0).landmarks
    assert seen is not None
    masked: Any = np.ma.array(seen.astype(np.float64), mask=np.zeros(seen.shape, bool))
    masked[Landmark.LEFT_WRIST, 0] = np.ma.masked
    found = Pose(0.0, masked, None, 4, 3).landmarks
    assert found is not None
    assert type(found) is np.ndarray
    assert found.dtype == np.float32
    assert not found[Landmark.LEFT_WRIST].any()
    others = np.arange(len(seen)) != Landmark.LEFT_WRIST
    assert np.array_equal(found[others], seen[others])
    for values in (seen.tolist(), pd.DataFrame(seen), seen.astype(">f8")):
        same = Pose(0.0, values, None, 4, 3).landmarks  # type: ignore[arg-type]
        assert same is not None
        assert same.dtype == np.float32
        assert np.array_equal(same, seen)
    series = Pose(0.0, None, None, 1, 1, np.ma.array([1, 2], mask=[False, True])).series
    assert series is not None
    assert type(series) is np.ndarray
    assert np.array_equal(series, [1.0, np.nan], equal_nan=True)
