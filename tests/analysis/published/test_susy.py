"""SUSY against SUSY's own figures and against the sums that define it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mirror.analysis.published import Susy, susy

Array = NDArray[np.float64]

NAMES = {"file", "Var1", "Var2"}


def mean(values: Array) -> float:
    return float(values.mean()) if values.size else np.nan


def columns(found: Susy) -> dict[str, float]:
    """A row of the expected figures."""
    absolute, signed = found.absolute, found.signed
    return {
        "n(data)": found.samples,
        "Z": absolute.z,
        "Z-Pseudo": absolute.z_pseudo,
        "SD(Z)": absolute.sd,
        "SD(Z-Pseudo)": absolute.sd_pseudo,
        "n(lags)": absolute.lag_s.size,
        "%>Pseudo": absolute.percent_above,
        "n(Segmente)": found.segments,
        "ES": absolute.effect_size,
        "Z(lead1)": absolute.lead1.z,
        "Z(lead2)": absolute.lead2.z,
        "ES(lead1)": absolute.lead1.effect_size,
        "ES(lead2)": absolute.lead2.effect_size,
        "meanZ(in-phase)": mean(found.in_phase),
        "meanZ(anti-phase)": mean(found.anti_phase),
        "Anzahl(in-phase)": found.in_phase.size,
        "Anzahl(anti-phase)": found.anti_phase.size,
        "Z(noAbs)": signed.z,
        "Z(Pseudo-noAbs)": signed.z_pseudo,
        "%>Pseudo(noAbs)": signed.percent_above,
        "ES(noAbs)": signed.effect_size,
    }


def noise(seed: int, count: int) -> Array:
    return np.random.default_rng(seed).gamma(0.5, 100.0, count)


def z(x: Array, y: Array, lag: int) -> float:
    """Fisher's z of one pair of segments, straight from the definition."""
    x, y = x - x.mean(), y - y.mean()
    products = x[: x.size - lag] * y[lag:] if lag >= 0 else x[-lag:] * y[:lag]
    return float(np.arctanh(products.sum() / np.sqrt((x**2).sum() * (y**2).sum())))


def test_agrees_with_the_package(
    expected: Callable[[str], list[dict[str, str]]], dyad: Callable[[str], Array]
) -> None:
    for row in expected("expected_SUSY_seg30_hz25_lag3.csv"):
        want = {name: float(text) for name, text in row.items() if name not in NAMES}
        a, b = dyad(row["file"])
        found = susy(a, b, 25, segment=30, maxlag=3)
        assert columns(found) == pytest.approx(want, rel=1e-9, nan_ok=True)


def test_every_lag_is_the_sum_of_its_pairs() -> None:
    a, b = noise(1, 430), noise(2, 430)
    found = susy(a, b, 10, segment=10, maxlag=2)
    assert found.segments == 4
    x, y = a[:400].reshape(4, 100), b[:400].reshape(4, 100)
    for at, lag in enumerate(range(-20, 21)):
        real = np.array([z(x[i], y[i], lag) for i in range(4)])
        pseudo = np.array([z(x[i], y[h], lag) for i in range(4) for h in range(4) if i != h])
        assert found.signed.real[at] == pytest.approx(real.mean(), rel=1e-9, abs=1e-12)
        assert found.signed.pseudo[at] == pytest.approx(pseudo.mean(), rel=1e-9, abs=1e-12)
        assert found.absolute.real[at] == pytest.approx(np.abs(real).mean(), rel=1e-9)
        assert found.absolute.pseudo[at] == pytest.approx(np.abs(pseudo).mean(), rel=1e-9)


@given(lag=st.integers(-20, 20).filter(bool), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=12)
def test_positive_lag_means_b_follows_a(lag: int, seed: int) -> None:
    common = noise(seed, 640)
    found = susy(common[20:620], common[20 - lag : 620 - lag], 10, segment=20, maxlag=2)
    assert found.signed.lag_s[found.signed.real.argmax()] == pytest.approx(lag / 10)
    assert (found.absolute.lead1.z > found.absolute.lead2.z) == (lag > 0)
    assert found.absolute.effect_size > 1


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=12)
def test_swapping_reverses_lags(seed: int) -> None:
    a, b = noise(seed, 600), noise(seed + 1, 600)
    found, swapped = susy(a, b, 10, segment=20), susy(b, a, 10, segment=20)
    for one, other in ((found.absolute, swapped.absolute), (found.signed, swapped.signed)):
        assert np.allclose(one.real, other.real[::-1], atol=1e-12)
        assert np.allclose(one.pseudo, other.pseudo[::-1], atol=1e-12)


def test_missing_samples_are_removed_from_both() -> None:
    a, b = noise(1, 600), noise(2, 600)
    whole = susy(a, b, 10, segment=20)
    a, b = np.insert(a, 100, np.nan), np.insert(b, 100, 7.0)
    a, b = np.insert(a, 300, 5.0), np.insert(b, 300, np.nan)
    found = susy(a, b, 10, segment=20)
    assert found.samples == 600
    assert (found.absolute.real == whole.absolute.real).all()


def test_constant_segment_counts_as_zero() -> None:
    a, b = noise(1, 600), noise(2, 600)
    b[:200] = 0.1
    found = susy(a, b, 10, segment=20, maxlag=1)
    rest = [z(a[at : at + 200], b[at : at + 200], 0) for at in (200, 400)]
    assert found.signed.real[10] == pytest.approx(sum(rest) / 3)


def test_copy_has_infinite_z() -> None:
    a = noise(1, 600)
    found = susy(a, a, 10, segment=20)
    assert found.signed.real.argmax() == 30
    assert found.signed.real.max() > 10
