"""Distribution and spectrum of relative phase, against scipy and known rhythms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import coherence, csd
from scipy.stats import circmean, circvar

from mirror import Score, Settings, State, Timeline, synchrony
from mirror.analysis.relative_phase import (
    CoherenceSpectrum,
    coherence_spectrum,
    rayleigh,
    relative_phase,
)
from mirror.estimator.movement import from_series, series_layout
from mirror.estimator.spectrum import Plan, taper
from mirror.estimator.windows import disjoint_window_spectra, window_spectra
from mirror.timeline import Span
from tests.support.people import noise

RATE = 30.0


def rows(phases: np.ndarray, hop: float = 6.0) -> Timeline:
    return Timeline.from_scores(
        Score(k * hop, State.OK, relative_phase_deg=float(phase)) for k, phase in enumerate(phases)
    )


def test_mean_and_resultant_equal_scipys() -> None:
    phases = np.random.default_rng(0).normal(150, 60, 300)
    phases = (phases + 180) % 360 - 180
    found = relative_phase(rows(phases), Settings())
    turned = np.radians(phases)
    expected = np.degrees(circmean(turned, high=np.pi, low=-np.pi))
    assert found.mean_deg == pytest.approx(expected)
    assert found.resultant == pytest.approx(1 - circvar(turned, high=np.pi, low=-np.pi))
    counts = [((np.abs(phases) >= k) & (np.abs(phases) < k + 20)).mean() for k in range(0, 180, 20)]
    assert found.share == pytest.approx(counts)
    assert found.share.sum() == pytest.approx(1.0)


def test_plus_and_minus_180_are_in_the_last_bin() -> None:
    found = relative_phase(rows(np.array([180.0, -179.9, 0.0, -19.9])), Settings())
    assert found.share.tolist() == [0.5, 0, 0, 0, 0, 0, 0, 0, 0.5]


def test_rayleigh_p_is_uniform_under_the_null() -> None:
    """Under uniform phases p is uniform; for n = 10, R̄ = .5 the tables give p ≈ .08 (Zar B.34)."""
    rng = np.random.default_rng(1)
    p = [rayleigh(np.exp(1j * rng.uniform(-np.pi, np.pi, 20))) for _ in range(2000)]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.015)
    turned = np.exp(1j * np.array([1.0, -1.0] * 5) * np.arccos(0.5))
    assert rayleigh(turned) == pytest.approx(0.08, abs=0.005)
    assert rayleigh(np.ones(10, complex)) < 1e-4


def test_rows_that_overlap_are_not_counted_twice() -> None:
    timeline = synchrony(noise(1, 3600, 3), noise(2, 3600, 3), RATE)
    found = relative_phase(timeline, Settings())
    assert found.rows == (timeline.state == State.OK).sum() > 1000
    assert found.independent == 19  # 6, 12, … 114 s


def test_selection_counts_only_its_rows() -> None:
    timeline = rows(np.array([0.0, 0.0, 100.0, 100.0]))
    assert relative_phase(timeline, Settings(), 12.0, 18.0).mean_deg == pytest.approx(100.0)
    empty = relative_phase(timeline, Settings(), 100.0)
    assert empty.rows == 0
    assert np.isnan(empty.mean_deg)


def test_selection_counts_whole_windows() -> None:
    timeline = rows(np.array([0.0, 0.0, 100.0, 100.0]))
    found = relative_phase(
        timeline, Settings(), 11.0, 18.0
    )  # the window that ends at 12 began at 6
    assert found.rows == 1
    assert found.mean_deg == pytest.approx(100.0)


def test_single_channel_equals_scipys_coherence_and_phase() -> None:
    used = Settings()
    weights = taper(used)
    a = noise(3, 5400, 1)[:, 0]
    b = np.roll(a, 9) + noise(4, 5400, 1)[:, 0]
    movement_a, movement_b = from_series(a[:, None]), from_series(b[:, None])
    layout = series_layout(movement_a.channels.shape[1])
    found = coherence_spectrum(np.arange(len(a)) / RATE, movement_a, movement_b, layout, used)
    more = {"window": weights, "nperseg": 180, "noverlap": 90, "nfft": 240, "detrend": False}
    # the estimator removes the taper-weighted mean, scipy's constant detrending the plain one:
    # series without any slow part have neither
    frequency, squared = coherence(a, b, RATE, **more)
    _, cross = csd(b, a, RATE, **more)
    at = np.isin(np.round(frequency, 6), np.round(found.frequency, 6))
    assert found.windows == 59
    above = found.frequency > 0.5  # where the mean does not leak into
    assert np.allclose(found.coherence[above] ** 2, squared[at][above], atol=0.02)
    turned = np.degrees(np.angle(cross[at] / np.exp(1j * np.radians(found.phase_deg))))
    assert np.abs(turned[above]).max() < 3


def test_shared_rhythm_has_peak_and_phase() -> None:
    time = np.arange(3600) / RATE
    a = np.sin(2 * np.pi * 1.5 * time) + 0.5 * noise(5, 3600, 1)[:, 0]
    b = np.sin(2 * np.pi * 1.5 * time - np.radians(70)) + 0.5 * noise(6, 3600, 1)[:, 0]
    movement_a, movement_b = from_series(a[:, None]), from_series(b[:, None])
    layout = series_layout(movement_a.channels.shape[1])
    found = coherence_spectrum(np.arange(len(a)) / RATE, movement_a, movement_b, layout, Settings())
    top = found.coherence.argmax()
    assert found.frequency[top] == pytest.approx(1.5)
    # the sine's power of .5 against the noise's .25 / 1.8 Hz within the taper's .25 Hz
    assert found.coherence[top] == pytest.approx(0.5 / (0.5 + 0.25 / 1.8 * 0.25), abs=0.03)
    assert found.phase_deg[top] == pytest.approx(70, abs=3)
    assert found.coherence[found.frequency < 1.0].max() < 0.5
    part = coherence_spectrum(
        np.arange(len(a)) / RATE, movement_a, movement_b, layout, Settings(), Span(30.0, 60.0)
    )
    assert part.windows == 9


def spectrum_of(a: np.ndarray, b: np.ndarray) -> CoherenceSpectrum:
    movement_a, movement_b = from_series(a), from_series(b)
    layout = series_layout(movement_a.channels.shape[1])
    return coherence_spectrum(np.arange(len(a)) / RATE, movement_a, movement_b, layout, Settings())


def test_unrelated_coherence_exceeds_chance_in_5_percent() -> None:
    """Neighbouring frequencies are not independent, so the share is taken over many pairs."""
    above = []
    for seed in range(40):
        found = spectrum_of(noise(2 * seed, 3600, 2), noise(2 * seed + 1, 3600, 2))
        inside = found.frequency < 1.9  # the noise ends at 2 Hz
        above.append((found.coherence > found.chance)[inside].mean())
    assert np.mean(above) == pytest.approx(0.05, abs=0.03)


def test_shared_rhythm_exceeds_chance() -> None:
    shared = noise(7, 3600, 1)
    found = spectrum_of(
        np.hstack([shared, noise(8, 3600, 1)]), np.hstack([shared, noise(9, 3600, 1)])
    )
    inside = (found.frequency > 0.4) & (found.frequency < 1.8)
    assert (found.coherence > found.chance)[inside].all()


def test_short_session_has_no_chance_level() -> None:
    found = spectrum_of(noise(1, 1800, 1), noise(2, 1800, 1))
    assert found.windows == 19
    assert np.isnan(found.chance).all()
    assert np.isfinite(found.coherence).all()


@pytest.mark.parametrize("size", [1e-90, 1e95])
def test_coherence_does_not_depend_on_units(size: float) -> None:
    a, b = noise(1, 3600, 1), noise(2, 3600, 1)
    layout = series_layout(1)
    found, expected = (
        coherence_spectrum(
            np.arange(3600) / RATE, from_series(each), from_series(b), layout, Settings(floor=0)
        )
        for each in (size * a, a)
    )
    assert found.coherence == pytest.approx(expected.coherence)
    assert found.chance == pytest.approx(expected.chance)


def test_long_session_takes_evenly_spread_shifts() -> None:
    a, b = noise(1, 3900, 2), noise(2, 3900, 2)
    layout, used = series_layout(2), Settings(window=1.0)
    times, people = np.arange(3900) / RATE, (from_series(a), from_series(b))
    plan = Plan.of(used, layout)
    _, spectra, _ = window_spectra(plan, times, *people, len(plan.taper) // 2)
    x, y = (each[:, 0] + 1j * each[:, 1] for each in (spectra.a, spectra.b))
    sums = [
        np.abs((x * np.roll(y, k, axis=0).conj()).sum(axis=(0, 1))) for k in range(2, len(x) - 1)
    ]
    assert len(sums) > 200
    spread = [sums[k] for k in np.linspace(0, len(sums) - 1, 200).round().astype(int)]
    norm = np.sqrt((np.abs(x) ** 2).sum(axis=(0, 1)) * (np.abs(y) ** 2).sum(axis=(0, 1)))
    expected = np.percentile(spread, 95, axis=0, method="weibull") / norm
    found = coherence_spectrum(times, *people, layout, used)
    assert found.chance == pytest.approx(expected)


@pytest.mark.parametrize(("window", "count"), [(1.0, 22), (1.1, 20)])  # of 30 samples and of 33
def test_half_overlapping_windows_hold_those_that_do_not_overlap(window: float, count: int) -> None:
    layout, people = (
        series_layout(2),
        (from_series(noise(1, 900, 2)), from_series(noise(2, 900, 2))),
    )
    times = np.arange(900) / RATE + (np.arange(900) >= 350)  # with a break of a second
    plan = Plan.of(Settings(window=window), layout)
    span = Span(1.0, 25.0)
    halves = window_spectra(plan, times, *people, len(plan.taper) // 2, span)
    alone = disjoint_window_spectra(plan, times, *people, span)
    for one, other in zip(
        alone, disjoint_window_spectra(plan, times, *people, span, halves), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    assert len(alone.a) == count
