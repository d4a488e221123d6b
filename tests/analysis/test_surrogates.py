"""Surrogate tests: against brute force, and right about pairs whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from mirror import Landmark, Pose, Settings, Tick
from mirror.analysis.overlap import match_overlap
from mirror.analysis.surrogates import (
    TestResult,
    locally_drawn,
    pair_matrices,
    shifted,
    shuffled,
)
from mirror.errors import SettingsError
from mirror.estimator.chance import Windows, pair_scores
from mirror.estimator.estimator import movement_from_ticks, score_ticks
from mirror.estimator.movement import (
    BODY,
    from_series,
    series_layout,
)
from mirror.estimator.spectrum import Plan, Spectra
from mirror.estimator.validity import CODE
from mirror.estimator.windows import window_spectra
from mirror.timeline import State
from tests.support.people import noise, track

RATE = 30.0
SETTINGS = Settings()


def windows(a: np.ndarray, b: np.ndarray) -> tuple[Plan, Spectra]:
    movement_a, movement_b = from_series(a), from_series(b)
    layout = series_layout(movement_a.channels.shape[1])
    plan = Plan.of(SETTINGS, layout)
    state, spectra, _ = window_spectra(
        plan, np.arange(len(a)) / RATE, movement_a, movement_b, len(plan.taper)
    )
    assert (state == CODE[State.OK]).all()
    return plan, spectra


def by_score(results: list[TestResult]) -> dict[str, TestResult]:
    return {result.score: result for result in results if result.region == "body"}


def one(spectra: Spectra, row: int) -> Spectra:
    at = slice(row, row + 1)
    return Spectra(spectra.a[at], spectra.b[at], spectra.counts[at], spectra.weights[at])


def single_pair(plan: Plan, first: Spectra, second: Spectra) -> NDArray[np.float64]:
    """Scores of A in a window with B in another, as for the live chance level."""
    scores, _ = pair_scores(plan, Windows.of(plan, first), Windows.of(plan, second))
    return np.asarray(scores[0, 0])


def test_pair_matrices_equal_scores_of_single_pairs() -> None:
    plan, spectra = windows(noise(1, 1800, 3), noise(2, 1800, 3))
    spectra.counts[4, 1] = False  # a channel that does not count in one of the windows
    matrices = pair_matrices(plan, spectra, spectra)
    for i in range(10):
        for j in range(10):
            in_phase, anti_phase, mirroring = single_pair(plan, one(spectra, i), one(spectra, j))
            assert matrices["in_phase", "body"][i, j] == pytest.approx(in_phase, abs=1e-12)
            assert matrices["anti_phase", "body"][i, j] == pytest.approx(anti_phase, abs=1e-12)
            assert matrices["mirroring", "body"][i, j] == pytest.approx(mirroring, abs=1e-9)


def body_ticks(seed: int) -> list[Tick]:
    """Two people whose landmarks wander independently."""
    rng = np.random.default_rng(seed)
    moves = np.cumsum(rng.normal(0, 0.01, (2, 900, 33, 2)), axis=1)

    def person(offsets: NDArray[np.float64]) -> list[Pose]:
        return track(lambda t: {m: tuple(offsets[round(t * RATE), m]) for m in Landmark}, 30)

    a, b = map(person, moves)
    return [Tick(k / RATE, *pair) for k, pair in enumerate(zip(a, b, strict=True))]


def body_windows(ticks: list[Tick]) -> tuple[Plan, Spectra]:
    plan = Plan.of(SETTINGS, BODY)
    times, a, b = movement_from_ticks(ticks, SETTINGS)
    state, spectra, _ = window_spectra(plan, times, a, b, len(plan.taper))
    assert (state == CODE[State.OK]).all()
    return plan, spectra


def test_regions_have_matrices_of_their_own() -> None:
    ticks = body_ticks(3)
    plan, spectra = body_windows(ticks)
    matrices = pair_matrices(plan, spectra, spectra)
    assert {region for _, region in matrices} == {"body", *BODY.regions}
    timeline = score_ticks(ticks, Settings(hop=1 / 30))
    for name in ("in_phase", "coherence"):
        for region in BODY.regions:
            expected = timeline[f"{name}_{region}"][179::180]
            assert np.allclose(np.diagonal(matrices[name, region]), expected)


def test_coordinated_people_are_significant() -> None:
    a = noise(4, 9000, 4)
    plan, spectra = windows(a, a + noise(5, 9000, 4))
    for test in (shuffled, shifted):
        results = by_score(
            test(pair_matrices(plan, spectra, spectra), 500, np.random.default_rng(0))
        )
        assert results["in_phase"].p < 0.05
        assert results["in_phase"].effect_size > 2
        assert results["in_phase"].observed == pytest.approx(0.7, abs=0.1)
        assert results["anti_phase"].p > 0.9


@pytest.mark.parametrize("count", [5, 8, 20])
def test_unrelated_people_are_not_significant(count: int) -> None:
    """p holds its level for few windows, too: 400 matrices without any relation."""
    rng = np.random.default_rng(count)
    p = np.array(
        [
            shuffled({("coherence", "body"): rng.random((count, count))}, 199, rng)[0].p
            for _ in range(400)
        ]
    )
    for level in (0.05, 0.2):
        assert (p <= level).sum() <= binom.ppf(0.999, 400, level)


def test_all_orders_of_few_windows_are_used() -> None:
    rng = np.random.default_rng(0)
    matrix = np.eye(5) + 0.1 * rng.random((5, 5))
    (result,) = shuffled({("coherence", "body"): matrix}, 1000, rng)
    assert (result.surrogates, result.pairs) == (119, 20)
    assert result.p == pytest.approx(1 / 120)
    beside = matrix[~np.eye(5, dtype=bool)]
    assert result.null_mean == pytest.approx(beside.mean())
    assert result.effect_size == pytest.approx(
        (np.diagonal(matrix).mean() - beside.mean()) / beside.std(ddof=1)
    )


def test_result_depends_on_the_seed() -> None:
    plan, spectra = windows(noise(6, 3600, 3), noise(7, 3600, 3))
    matrices = pair_matrices(plan, spectra, spectra)
    one, same, other = (shuffled(matrices, 100, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert one == same
    assert one != other


def test_each_shift_is_used_once() -> None:
    plan, spectra = windows(noise(6, 3600, 3), noise(7, 3600, 3))
    matrices = pair_matrices(plan, spectra, spectra)
    (first, *_) = shifted(matrices, 1000, np.random.default_rng(0))
    assert (first.windows, first.surrogates) == (20, 19)
    matrix = matrices["in_phase", "body"]
    means = np.array([np.diagonal(np.roll(matrix, -k, axis=1)).mean() for k in range(1, 20)])
    assert first.p == pytest.approx((1 + (means >= first.observed).sum()) / 20)
    (some, *_) = shifted(matrices, 7, np.random.default_rng(0))
    assert (some.windows, some.surrogates) == (20, 7)
    beyond = (means >= first.observed).sum()
    assert 1 <= round(some.p * 8) <= 1 + min(7, beyond)


def test_windows_without_a_score_keep_their_place_and_do_not_count() -> None:
    plan, spectra = windows(noise(6, 3600, 3), noise(7, 3600, 3))
    matrices = pair_matrices(plan, spectra, spectra)
    for each in matrices.values():
        each[3] = each[:, 3] = np.nan
    result = by_score(shifted(matrices, 100, np.random.default_rng(0)))["in_phase"]
    matrix = matrices["in_phase", "body"]
    means = [np.nanmean(np.diagonal(np.roll(matrix, -k, axis=1))) for k in range(1, 20)]
    assert (result.windows, result.surrogates) == (19, 19)
    assert result.observed == pytest.approx(np.nanmean(np.diagonal(matrix)))
    assert result.p == pytest.approx((1 + (np.array(means) >= result.observed).sum()) / 20)


def local(
    plan: Plan, spectra: Spectra, number: int, seed: int = 0
) -> tuple[list[TestResult], dict[tuple[str, str], NDArray[np.float64]]]:
    matrices = pair_matrices(plan, spectra, spectra)
    rng = np.random.default_rng(seed)
    return locally_drawn(plan, spectra, number, rng), matrices


def switching(seed: int, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two unrelated series that change tempo together, at 36 to 72 s."""
    rng = np.random.default_rng(seed)
    fast = np.zeros(count, bool)
    for start in np.cumsum(rng.uniform(36, 72, 20)) * RATE:
        fast[int(start) :] ^= True
    seeds = iter(rng.integers(2**31, size=4).tolist())
    slow_and_fast = ((0.25, 0.6), (1.0, 1.6))
    first, second = (
        [noise(next(seeds), count, 4, band=band) for band in slow_and_fast] for _ in "ab"
    )
    return (
        np.where(fast[:, None], first[1], first[0]),
        np.where(fast[:, None], second[1], second[0]),
    )


def test_common_changes_of_tempo_are_no_evidence_under_the_local_null() -> None:
    """Of 40 unrelated pairs, no more than a true rate of 5 % gives; shuffling finds most."""
    hits = {"local": np.zeros(4, int), "shuffle": np.zeros(4, int)}
    for seed in range(40):
        plan, spectra = windows(*switching(seed, 5400))
        results, matrices = local(plan, spectra, 99)
        hits["local"] += [each.p <= 0.05 for each in results]
        everywhere = shuffled(matrices, 99, np.random.default_rng(0))
        hits["shuffle"] += [each.p <= 0.05 for each in everywhere]
    assert (hits["local"] <= binom.ppf(0.999, 40, 0.05)).all(), hits
    coherence, mirroring = hits["shuffle"][2:]
    assert min(coherence, mirroring) > 20


def test_taking_turns_is_no_evidence_under_the_local_null() -> None:
    """One moves while the other is nearly still, for 1 to 4 s; a lag brings both together."""
    hits = np.zeros(4, int)
    for seed in range(30):
        lengths = np.random.default_rng(seed).uniform(1, 4, 120)
        turn = np.repeat(np.arange(120) % 2 == 0, (RATE * lengths).astype(int))[:5400, None]
        a = noise(seed, 5400, 4) * np.where(turn, 1.0, 0.2)
        b = noise(seed + 5000, 5400, 4) * np.where(turn, 0.2, 1.0)
        plan, spectra = windows(a, b)
        hits += [each.p <= 0.05 for each in local(plan, spectra, 99)[0]]
    assert (hits <= binom.ppf(0.999, 30, 0.05)).all(), hits


def test_local_null_finds_weak_delayed_coordination() -> None:
    a = noise(4, 9030, 4)
    plan, spectra = windows(a[30:], 0.5 * a[:-30] + noise(5, 9000, 4))
    assert by_score(local(plan, spectra, 500)[0])["mirroring"].p < 0.01


def test_local_null_pairs_windows_within_half_a_minute() -> None:
    plan, spectra = windows(noise(6, 3600, 3), noise(7, 3600, 3))
    results, matrices = local(plan, spectra, 300)
    result = by_score(results)["in_phase"]
    apart = np.abs(np.subtract.outer(range(20), range(20)))
    near = (apart > 0) & (apart < 5)  # blocks of five windows of 6 s
    matched = match_overlap(plan, spectra, matrices)["in_phase", "body"]
    assert (result.windows, result.surrogates) == (20, 300)
    assert result.pairs == np.isfinite(matched[near]).sum() > 0.5 * near.sum()
    assert result.observed == pytest.approx(np.diagonal(matrices["in_phase", "body"]).mean())
    assert result.null_mean == pytest.approx(mean_of_windows(matched, near))
    assert result.null_sd == pytest.approx(np.nanstd(matched[near], ddof=1))


def mean_of_windows(matched: NDArray[np.float64], near: NDArray[np.bool_]) -> float:
    """Mean over A's windows of their means, the genuine score where no other is known."""
    rows = zip(np.diagonal(matched), matched, near, strict=True)
    each = [
        np.mean(known) if len(known := row[at & np.isfinite(row)]) else genuine
        for genuine, row, at in rows
        if np.isfinite(genuine)
    ]
    return float(np.mean(each))


def test_pairs_of_other_overlap_are_not_drawn() -> None:
    """A window of movement among windows of other channels has only itself."""
    a, b = noise(6, 3600, 2), noise(7, 3600, 2)
    odd = np.arange(3600) // 180 == 9
    for each in (a, b):
        each[odd, 1] *= 0.01
        each[~odd, 0] *= 0.01
    plan, spectra = windows(a, b)
    results, matrices = local(plan, spectra, 50)
    matched = match_overlap(plan, spectra, matrices)["coherence", "body"]
    assert not np.isfinite(np.delete(matched[9], 9)).any()
    near = np.abs(np.subtract.outer(range(20), range(20)))
    result = by_score(results)["coherence"]
    assert result.null_mean == pytest.approx(mean_of_windows(matched, (near > 0) & (near < 5)))


def test_long_sessions_give_what_the_matrices_of_all_pairs_give() -> None:
    """They are computed in parts of 64 windows."""
    plan, spectra = windows(noise(6, 27000, 3), noise(7, 27000, 3))
    spectra.counts[70] = False
    results, matrices = local(plan, spectra, 20)
    matched = match_overlap(plan, spectra, matrices)
    apart = np.abs(np.subtract.outer(range(150), range(150)))
    near = (apart > 0) & (apart < 5)
    for result in results:
        single = matched[result.score, result.region]
        genuine = np.diagonal(matrices[result.score, result.region])
        assert (result.windows, result.pairs) == (149, np.isfinite(single[near]).sum())
        assert result.observed == pytest.approx(np.nanmean(genuine))
        assert result.null_mean == pytest.approx(mean_of_windows(single, near))


def test_all_of_few_windows_are_near() -> None:
    plan, spectra = windows(noise(6, 1500, 3), noise(7, 1500, 3))
    (first, *_), matrices = local(plan, spectra, 1000)
    matched = match_overlap(plan, spectra, matrices)[first.score, first.region]
    assert (first.windows, first.surrogates) == (8, 1000)
    assert first.pairs == np.isfinite(matched).sum() - 8 > 20


def test_overlap_is_of_spectra_and_of_power_over_time() -> None:
    """Against sums written out, for one pair of windows."""
    plan, spectra = windows(*switching(3, 3600))
    spectra.weights[8, 100:130] = 0.0  # missing samples
    matrices = pair_matrices(plan, spectra, spectra)
    matched = match_overlap(plan, spectra, matrices)
    x, y = (each[:, 0] + 1j * each[:, 1] for each in (spectra.a, spectra.b))
    frequencies = np.arange(plan.size // 2 + 1)[plan.band] * RATE / plan.size
    low, taper = frequencies[0], plan.taper

    def power(bins: NDArray[np.complex128], inside: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Power over time of the tapered movement, from the whole transform [channel, step]."""
        spectrum = np.zeros((len(bins), plan.size), complex)
        spectrum[:, plan.band] = np.where(inside, bins, 0.0)
        at = np.arange(len(plan.taper) - 1, -1, -5)  # six a second
        return np.abs(np.fft.ifft(spectrum)[:, at]) ** 2

    def overlaps(i: int, j: int) -> tuple[float, float]:
        shared = (np.abs(x[i]) ** 2 * np.abs(y[j]) ** 2).sum()
        spectral = shared / ((np.abs(x[i]) ** 2).sum() * (np.abs(y[j]) ** 2).sum())
        octaves = [
            (frequencies >= low * 2**k) & (frequencies < low * 2 ** (k + 1)) for k in range(4)
        ]
        e, g = (np.stack([power(each, o) for o in octaves], 1).sum(0) for each in (x[i], y[j]))
        by_octave = (e * g).sum() / (e.sum(-1) * g.sum(-1)).sum()
        e, g = e.sum(0), g.sum(0)
        by_octave /= (e * g).sum() / (e.sum() * g.sum())
        every = np.ones(len(frequencies), bool)
        e, g = power(x[i], every)[:, ::-1], power(y[j], every)[:, ::-1]
        e, g = e * (spectra.weights[i, 4::5] > 0), g * (spectra.weights[j, 4::5] > 0)
        u, v = (each.reshape(4, 6, 6).sum(-1) for each in (e, g))  # by the second
        by_channel = (u * v).sum() / (u.sum(-1) * v.sum(-1)).sum()
        u, v = u.sum(0), v.sum(0)
        by_channel /= (u * v).sum() / (u.sum() * v.sum())
        e, g = e.sum(0), g.sum(0)
        whole = (e * g).sum() / (e.sum() * g.sum())
        lagged = [
            (e[max(0, -k) : 36 - max(0, k)] * g[max(0, k) : 36 - max(0, -k)]).sum()
            / (taper[5 * abs(k) :] @ taper[: 180 - 5 * abs(k)] / (taper @ taper)) ** 2
            for k in range(-12, 13)  # up to 2 s
        ]
        at_lags = np.mean(np.power(lagged, 1.7)) ** (1 / 1.7) / (e.sum() * g.sum())
        return spectral * at_lags, spectral * whole * by_octave * by_channel

    compared = []
    for i, j in ((0, 7), (12, 3), (3, 1), (8, 4), (9, 5)):
        (own, own_in_time), (other, other_in_time) = overlaps(i, i), overlaps(i, j)
        for score, ratio, most in (
            ("mirroring", own / other, 1.5),
            ("coherence", own_in_time / other_in_time, 1.25),
            ("in_phase", own_in_time / other_in_time, 1.25),
        ):
            compared.append(abs(np.log(ratio)) <= 2.0 * np.log(most))
            expected = matrices[score, "body"][i, j] * np.sqrt(ratio) if compared[-1] else np.nan
            assert matched[score, "body"][i, j] == pytest.approx(expected, nan_ok=True)
    assert {*compared} == {False, True}
    for key, matrix in matrices.items():
        np.testing.assert_allclose(np.diagonal(matched[key]), np.diagonal(matrix))


def test_channels_that_do_not_count_have_no_overlap() -> None:
    plan, spectra = windows(noise(6, 3600, 3), noise(7, 3600, 3))
    spectra.counts[4] = [True, False, False]
    spectra.counts[9] = [False, True, True]
    matched = match_overlap(plan, spectra, pair_matrices(plan, spectra, spectra))
    assert np.isnan(matched["coherence", "body"][4, 9])
    assert np.isfinite(matched["coherence", "body"][4]).sum() > 5


def test_rejects_too_few_windows() -> None:
    plan, spectra = windows(noise(1, 700, 2), noise(2, 700, 2))
    matrices = pair_matrices(plan, spectra, spectra)
    for test in (shuffled, shifted):
        with pytest.raises(SettingsError, match="only 3 windows were scored"):
            test(matrices, 10, np.random.default_rng(0))
    with pytest.raises(SettingsError, match="only 3 windows were scored"):
        local(plan, spectra, 10)
