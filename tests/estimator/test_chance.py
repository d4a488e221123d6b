"""Chance levels: causal, from pairs that cannot be coordinated, and passed as often as they say."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import resample
from scipy.stats import binom

from mirror import Settings, State, Timeline, synchrony
from mirror.estimator.chance import Windows, pair_scores
from mirror.estimator.movement import from_series, series_layout
from mirror.estimator.spectrum import Plan
from mirror.estimator.windows import disjoint_window_spectra
from tests.support.effort import cases
from tests.support.people import noise

RATE = 30.0
SCORES = ("in_phase", "anti_phase", "mirroring")


def bursty(seed: int, seconds: float) -> NDArray[np.float64]:
    """Four channels of movement that comes in bursts, as people's does."""
    samples = int(seconds * RATE)
    slow = noise(seed + 10**6, samples, 1)
    spectrum = np.fft.rfft(slow, axis=0)
    spectrum[np.fft.rfftfreq(samples, 1 / RATE) > 0.25] = 0
    slow = np.fft.irfft(spectrum, samples, axis=0)
    return noise(seed, samples, 4) * np.exp(slow / slow.std())


@pytest.mark.untraced
def test_unrelated_people_exceed_the_level_in_5_percent() -> None:
    """False alarms over unrelated pairs: within the binomial interval over pairs.

    One row a pair, so that the trials are independent: the last one, when the level is known best.
    """
    pairs = cases(120, 200)
    passed = dict.fromkeys(SCORES, 0)
    for seed in range(pairs):
        timeline = synchrony(
            bursty(seed, 120), bursty(seed + 5000, 120), RATE, settings=Settings(hop=6.0)
        )
        last = np.flatnonzero(timeline.state == State.OK)[-1]
        for name in SCORES:
            passed[name] += timeline[name][last] > timeline[f"chance_{name}"][last]
    low, high = binom.interval(0.99, pairs, 0.05)
    for name, count in passed.items():
        assert low <= count <= high, (name, count)


def test_level_is_the_percentile_of_disjoint_windows() -> None:
    """Recomputed the plain way: every window's own series against every other's."""
    a, b = noise(1, 1800, 3), noise(2, 1800, 3)
    timeline = synchrony(a, b, RATE, settings=Settings(hop=1 / 30))
    length = 180
    ends = range(length, 1801, length)
    every = Settings(hop=1 / 30)
    null: dict[str, list[float]] = {name: [] for name in SCORES}
    plan = Plan.of(every, series_layout(3))
    spectra_a, spectra_b = (
        [spectrum(plan, each[end - length : end]) for end in ends] for each in (a, b)
    )

    def overlap(i: int, j: int, name: str) -> float:
        x, y = spectra_a[i], spectra_b[j]
        p, q = np.abs(x) ** 2, np.abs(y) ** 2
        spectral = np.sqrt((p * q).sum() / (p.sum() * q.sum()))
        e, g = over_time(plan, x), over_time(plan, y)
        count, total = len(e), e.sum() * g.sum()
        if name != "mirroring":
            return float(spectral * np.sqrt(count * (e * g).sum() / total))
        at_lags = []
        for k in range(7):  # up to 2 s, thrice a second
            w = plan.taper
            shared = (w[10 * k :] * w[: length - 10 * k]).sum() / (w * w).sum()
            both_ways = (e[k:] * g[: count - k]).sum(), (e[: count - k] * g[k:]).sum()
            at_lags += [count * each / total / shared**2 for each in both_ways[: 1 + (k > 0)]]
        return float(spectral * np.mean(np.power(at_lags, 2.5)) ** (1 / 5))

    for row, i in enumerate(ends):
        for column, j in enumerate(ends):
            if i != j:
                alone = synchrony(a[i - length : i], b[j - length : j], RATE, settings=every)
                for name in SCORES:
                    null[name].append(alone[name][-1] / overlap(row, column, name))
    for name in SCORES:
        expected = np.percentile(null[name], 95, method="weibull") * overlap(-1, -1, name)
        assert np.isclose(timeline[f"chance_{name}"][-1], expected)


def spectrum(plan: Plan, window: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Return the tapered spectrum of a window in the band [f, channel]."""
    moved = window - (plan.taper[:, None] * window).sum(axis=0) / plan.taper.sum()
    whole = np.fft.rfft(plan.taper[:, None] * moved, plan.size, axis=0)
    return np.asarray(whole[plan.band])


def over_time(plan: Plan, bins: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Return the power of a spectrum [f, channel] over time, thrice a second."""
    whole = np.zeros((plan.size, bins.shape[1]), complex)
    whole[plan.band] = bins
    moved = np.fft.ifft(whole, axis=0)[len(plan.taper) - 1 :: -10]
    return np.asarray((np.abs(moved) ** 2).sum(axis=1))


@pytest.mark.untraced
def test_level_follows_what_both_do() -> None:
    """Windows of one tempo agree more by chance than windows of many."""
    pairs, passed, rows = cases(20, 40), dict.fromkeys(SCORES, 0), 0
    for seed in range(pairs):
        fast = np.arange(4500) // 900 % 2 == 1
        a, b = (
            np.where(fast[:, None], in_band(at, 1.0, 1.6), in_band(at + 500, 0.25, 0.6))
            for at in (seed, seed + 5000)
        )
        timeline = synchrony(a, b, RATE, settings=Settings(hop=6.0))
        known = np.isfinite(level(timeline)).all(axis=0) & (timeline.time_s > 90)
        rows += int(known.sum())
        for name in SCORES:
            passed[name] += int((timeline[name] > timeline[f"chance_{name}"])[known].sum())
    for name, count in passed.items():
        assert count <= 0.075 * rows, (name, count, rows)


def in_band(seed: int, low: float, high: float) -> NDArray[np.float64]:
    whole = np.fft.rfft(np.random.default_rng(seed).standard_normal((4500, 4)), axis=0)
    frequency = np.fft.rfftfreq(4500, 1 / RATE)
    whole[(frequency < low) | (frequency > high)] = 0
    moved = np.fft.irfft(whole, 4500, axis=0)
    return np.asarray(moved / moved.std(axis=0))


def level(timeline: Timeline) -> NDArray[np.float64]:
    return np.stack([timeline[f"chance_{name}"] for name in SCORES])


def test_no_level_before_twenty_pairs() -> None:
    timeline = synchrony(noise(3, 1500, 3), noise(4, 1500, 3), RATE)
    known = np.asarray(np.isfinite(level(timeline)).all(axis=0))
    assert timeline.time_s[known][0] == 30.0  # five windows of 6 s make twenty ordered pairs
    assert known[timeline.time_s >= 30.0].all()


def test_level_does_not_depend_on_the_future() -> None:
    a, b = noise(5, 3000, 3), noise(6, 3000, 3)
    whole, part = synchrony(a, b, RATE), synchrony(a[:2000], b[:2000], RATE)
    assert np.array_equal(level(whole)[:, : len(part)], level(part), equal_nan=True)


@pytest.mark.untraced
def test_old_windows_are_dropped() -> None:
    """After five minutes of another kind of movement, nothing is left of the first."""
    wild, calm = noise(7, 3000, 1), noise(8, 14400, 4)
    quiet = np.zeros((3000, 4))
    quiet[:, :1] = wild
    a = np.concatenate([quiet, calm])
    b = np.concatenate([quiet[::-1], noise(9, 14400, 4)])
    other = np.concatenate([noise(10, 3000, 4), calm])
    one, two = synchrony(a, b, RATE), synchrony(other, b, RATE)
    early = (one.time_s > 60) & (one.time_s < 100)
    late = one.time_s > 100 + 310
    assert not np.allclose(level(one)[:, early], level(two)[:, early])
    assert np.allclose(level(one)[:, late], level(two)[:, late], atol=0.02)


def test_still_windows_give_no_pairs() -> None:
    still = np.zeros((3000, 2))
    timeline = synchrony(still, noise(1, 3000, 2), RATE)
    assert np.isnan(level(timeline)).all()


def bursts(seed: int, samples: int, share: float) -> NDArray[np.bool_]:
    """A share of the samples, in stretches of up to two seconds."""
    rng = np.random.default_rng(seed)
    inside = np.zeros(samples, bool)
    while inside.mean() < share:
        start = rng.integers(samples)
        inside[start : start + rng.integers(10, 60)] = True
    return inside


@pytest.mark.untraced
@pytest.mark.parametrize("share", [0.2, 0.4])
def test_level_holds_where_samples_are_missing(share: float) -> None:
    pairs = cases(30, 80)
    passed = dict.fromkeys(SCORES, 0)
    for seed in range(pairs):
        a, b = bursty(seed, 150), bursty(seed + 5000, 150)
        a[bursts(seed, len(a), share)] = np.nan
        timeline = synchrony(a, b, RATE, settings=Settings(hop=6.0))
        known = np.isfinite(level(timeline)).all(axis=0) & (timeline.state == State.OK)
        last = np.flatnonzero(known)[-1]
        for name in SCORES:
            passed[name] += timeline[name][last] > timeline[f"chance_{name}"][last]
    for name, count in passed.items():
        assert count <= binom.ppf(0.999, pairs, 0.05), (name, count)


def test_level_of_a_fast_series_with_gaps_needs_little_memory() -> None:
    """975 samples a second: the level of 39, without all lags of all samples side by side."""
    slow, times = 39, 25
    a, b = noise(1, 60 * slow, 1), noise(2, 60 * slow, 1)
    missing = np.arange(len(a)) % (2 * slow) < slow // 2
    levels = []
    for factor in (1, times):
        one, other = (resample(each, factor * len(each)) for each in (a, b))
        one[np.repeat(missing, factor)] = other[np.repeat(missing, factor)] = np.nan
        tracemalloc.start()
        timeline = synchrony(one, other, factor * slow, settings=Settings(hop=6.0))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 150e6
        levels.append([timeline[f"chance_{name}"][-1] for name in SCORES])
    np.testing.assert_allclose(levels[1], levels[0], atol=0.02)


def test_level_stays_while_nobody_is_there() -> None:
    a, b = noise(3, 1800, 3), noise(4, 1800, 3)
    a[1500:] = np.nan
    timeline = synchrony(a, b, RATE)
    away = timeline.time_s > 54.0
    assert (timeline.state[away] == State.GAP).all()
    scored = np.flatnonzero(timeline.state == State.OK)
    last = level(timeline)[:, scored[-1:]]
    assert np.array_equal(level(timeline)[:, away], np.repeat(last, away.sum(), axis=1))


def test_one_lost_sample_a_window_does_not_delay_the_level() -> None:
    a, b = noise(3, 1500, 3), noise(4, 1500, 3)
    whole = synchrony(a, b, RATE)
    a[90::180] = np.nan
    timeline = synchrony(a, b, RATE)
    known = np.asarray(np.isfinite(level(timeline)).all(axis=0))
    assert timeline.time_s[known][0] == 30.0
    np.testing.assert_allclose(level(timeline)[:, -1], level(whole)[:, -1], atol=0.05)


def test_mirroring_is_as_large_as_its_size_says() -> None:
    """Means over 300 independent pairs, by what is missing and by when both move."""
    plan = Plan.of(Settings(), series_layout(4))
    sample = np.arange(180)
    there = (sample < 40) | (sample >= 110)
    of_a = sample > 30, there, (sample > 40) & (sample < 80), (sample > 110)
    of_b = sample > 30, there, (sample > 90) & (sample < 130), (sample > 110)
    found: list[float] = []
    for one, other in zip(of_a, of_b, strict=True):
        a, b = (
            noise(seed, 27000, 4) * np.tile(np.where(moving, 1.0, 0.05), 150)[:, None]
            for seed, moving in ((1, one), (2, other))
        )
        if one is there:
            a[~np.tile(there, 150)] = np.nan
        times = np.arange(27000) / RATE
        spectra = disjoint_window_spectra(plan, times, from_series(a), from_series(b))
        first = Windows.of(plan, spectra.take([0]))
        scores, sizes = pair_scores(plan, Windows.of(plan, spectra.take(np.arange(1, 150))), first)
        found.append(scores[..., 2].mean() / sizes[..., 2].mean())
    np.testing.assert_allclose(found, found[0], rtol=0.2)


def test_size_of_mirroring_pairs_power_and_samples_at_each_lag() -> None:
    """Against sums written out, for two windows of which one lost its start, the other its end."""
    plan = Plan.of(Settings(), series_layout(2))
    sample = np.arange(360)[:, None]
    a = noise(1, 360, 2) * np.where(sample % 180 < 90, 1.0, 0.1)
    b = noise(2, 360, 2) * np.where(sample % 180 < 100, 0.1, 1.0)
    times = np.arange(360) / RATE
    spectra = disjoint_window_spectra(plan, times, from_series(a), from_series(b))
    spectra.weights[0, :60] = spectra.weights[1, 120:] = 0.0
    both = [Windows.of(plan, spectra.take([row])) for row in (0, 1)]
    sizes = pair_scores(plan, *both)[1][:, 0, 2]
    x, y = ([e[0] + 1j * e[1] for e in each] for each in (spectra.a, spectra.b))
    for size, i, j in ((sizes[0], 0, 1), (sizes[1], 1, 0)):  # A in the first, then B
        p, q = np.abs(x[i]) ** 2, np.abs(y[j]) ** 2
        w, v = spectra.weights[i], spectra.weights[j]
        e, g = (
            over_time(plan, bins.T)[::-1]
            * [np.mean(there[t - 4 if t > 9 else 0 : t + 6] > 0) ** 2 for t in range(9, 180, 10)]
            for bins, there in ((x[i], w), (y[j], v))
        )
        at_lags = []
        for step in range(-6, 7):
            pairs = [(t, t + step) for t in range(18) if 0 <= t + step < 18]
            of_lag = [(t, t + 10 * step) for t in range(180) if 0 <= t + 10 * step < 180]
            overlap = sum(w[t] * v[u] for t, u in of_lag) / np.sqrt((w @ w) * (v @ v))
            o = 18 * sum(e[t] * g[u] for t, u in pairs) / (e.sum() * g.sum())
            at_lags.append(o / overlap**2 if overlap >= 0.35 else 0.0)
        assert 0.0 in at_lags
        expected = np.mean(np.power(at_lags, 2.5)) ** (1 / 2.5)
        expected *= (p * q).sum() / (p.sum() * q.sum())
        assert size == pytest.approx(np.sqrt(expected))


@pytest.mark.untraced
@pytest.mark.parametrize("turns", [False, True])
def test_bursts_together_or_in_turns_are_no_evidence(turns: bool) -> None:
    """Of unrelated people who move in the same stretches of two seconds, or one after the other."""
    passed, rows = np.zeros(3, int), 0
    for seed in range(10):
        on = np.random.default_rng(seed).random(100) < 0.35
        often = np.repeat(np.where(on, 1.0, 0.1), 60)[:, None]
        a, b = noise(seed, 6000, 4), noise(seed + 5000, 6000, 4)
        timeline = synchrony(
            often * a, (1.1 - often if turns else often) * b, RATE, settings=Settings(hop=3.0)
        )
        known = np.isfinite(level(timeline)).all(axis=0) & (timeline.time_s > 60)
        rows += int(known.sum())
        above = (timeline[name] > timeline[f"chance_{name}"] for name in SCORES)
        passed += [int(each[known].sum()) for each in above]
    assert (passed <= 0.07 * rows).all(), (passed, rows)
    assert passed[2] >= 0.02 * rows, (passed, rows)


def test_windows_that_move_at_other_times_give_no_pair() -> None:
    thirds = np.arange(3000) % 180 // 60
    a, b = (noise(seed, 3000, 2) * (thirds == k)[:, None] for seed, k in ((1, 0), (2, 2)))
    timeline = synchrony(a, b, RATE)
    assert (timeline.state == State.OK).any()
    assert np.isnan(level(timeline)).all()
