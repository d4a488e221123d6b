"""Surrogate tests: the mean scores of a session against those of pairs that did not interact.

A surrogate pairs each window of A with a window of B of another time. Three kinds:

- *local*: one of B's windows within half a minute, of contents with nearly the same overlap
  (`mirror.analysis.overlap`), so that what both people change together is no evidence;
- *shuffle*: B's windows in random order;
- *shift*: B's windows shifted along the session, circularly.

Pairs of people of different recordings are in `mirror.analysis.pseudo_dyads`.

All scores of all pairs of windows are computed from the spectra by matrix products, so that a
thousand surrogates of an hour take seconds.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from mirror._support.numeric import finite_mean
from mirror.analysis.overlap import match_overlap
from mirror.errors import SettingsError
from mirror.estimator.products import product
from mirror.estimator.spectrum import LEAST_OVERLAP, PHASE_SCORES, Plan, Spectra, phase_scores
from mirror.estimator.validity import Array

FEWEST_WINDOWS = 5  # fewer windows than this have too few orders
LOCAL_S = 30.0  # the local null's windows are less than this apart, s, or less than three windows
_PAIRS_AT_ONCE = 4096  # of windows: what is computed of them fits the processor's cache
_WINDOWS_AT_ONCE, _DRAWS_AT_ONCE = 16, 32_768  # of the local null


@dataclass(frozen=True, slots=True)
class TestResult:
    """One score against its surrogates."""

    __test__ = False  # pytest: not a test

    # The region is "body" for the whole body.
    score: str
    region: str
    # Mean of the score over the windows (for pseudo-pairs, over the recordings' means).
    observed: float
    # Mean and standard deviation of the score over all single pairs of the null (for the local one
    # the mean over A's windows of their means).
    null_mean: float
    null_sd: float
    # (observed − null_mean) / null_sd: it does not grow with the length of the session. NaN if the
    # null does not vary.
    effect_size: float
    # One-sided: the share of surrogates and the genuine pairs whose mean is at least the observed
    # one.
    p: float
    windows: int  # number of windows (recordings) in the observed mean
    pairs: int  # number of single pairs in the null's mean and standard deviation
    surrogates: int  # number of surrogates in p, without the genuine pairs


def pair_matrices(plan: Plan, first: Spectra, second: Spectra) -> dict[tuple[str, str], Array]:
    """Return the scores of every window of A in `first` with every one of B in `second` [K, L].

    By score and region: ``mirroring`` for the body only. NaN if the pair moves too little. Raises
    SettingsError if there are no windows.
    """
    _check(min(len(first.counts), len(second.counts)), 1)
    matrices: dict[tuple[str, str], Array] = {}
    for region, at in parts(plan).items():
        real, imag, norm = _coefficients(plan, first, second, at)
        for name, scores in zip(PHASE_SCORES, phase_scores(real, imag), strict=True):
            matrices[name, region] = scores
        if region == "body":
            matrices["mirroring", region] = _mirroring(plan, first, second, norm)
    return matrices


def parts(plan: Plan) -> dict[str, slice]:
    """Return the channels of the body and of each region."""
    return {"body": slice(None)} | plan.layout.regions


def locally_drawn(
    plan: Plan, windows: Spectra, number: int, rng: np.random.Generator
) -> list[TestResult]:
    """Test each score against `number` draws, for each window of A, of one of B's near in time.

    The windows are of one recording, in order of time. Drawn are the genuine one and those less
    than `LOCAL_S` away (any, in recordings of less than twice that) whose score is known at the
    overlap of the genuine pair (`match_overlap`). A window without another one is no evidence: in
    the null's mean, too, it has its genuine score. Raise SettingsError if there are fewer than
    `FEWEST_WINDOWS` scored windows.
    """
    count = len(windows.counts)
    _check(count, 1)
    block = max(3, round(LOCAL_S * plan.rate / len(plan.taper)))
    reach = (count if count < 2 * block else block) - 1
    near, is_scored = _near_pairs(plan, windows, reach)
    scored = np.flatnonzero(is_scored)
    _check(len(scored))
    draws = rng.random((number, len(scored)))
    results = []
    for key, of_key in near.items():
        genuine = of_key[scored, reach]
        pairs = np.where(np.isfinite(genuine)[:, None], of_key[scored], np.nan)
        known = np.isfinite(pairs)
        first = np.argsort(~known, axis=1, kind="stable")  # places of what is known before others
        rows, sizes = np.arange(len(pairs)), known.sum(axis=1)
        drawn = [
            _means(pairs[rows, first[rows, (some * sizes).astype(int)]])
            for some in np.array_split(draws, 1 + draws.size // _DRAWS_AT_ONCE)
        ]
        others = np.delete(pairs, reach, axis=1)
        means = _means(others)
        centre = finite_mean(np.where(np.isfinite(means), means, genuine))
        results.append(_compare(key, genuine, others, np.concatenate(drawn), centre))
    return results


def _near_pairs(
    plan: Plan, windows: Spectra, reach: int
) -> tuple[dict[tuple[str, str], Array], NDArray[np.bool_]]:
    """Return scores, at equal overlap, of A's windows with B's up to `reach` windows away.

    By score and region [K, 2 · reach + 1]: B's earliest first, the genuine pair in the middle, NaN
    beyond the ends. And which windows [K] are scored. Parts of the session are computed one after
    another, as time and memory grow with the square of their length.
    """
    count = len(windows.counts)
    near: dict[tuple[str, str], Array] = {}
    scored = np.zeros(count, bool)
    at_once = max(_WINDOWS_AT_ONCE, reach)
    for start in range(0, count, at_once):
        stop = min(start + at_once, count)
        first = max(0, start - reach)
        some = windows.take(np.arange(first, min(stop + reach, count)))
        inner = slice(start - first, stop - first)
        matrices = pair_matrices(plan, some.take(np.arange(len(some.counts))[inner]), some)
        genuine = np.diagonal(matrices["coherence", "body"], inner.start)
        scored[start:stop] = np.isfinite(genuine)
        others = np.arange(start, stop)[:, None] + np.arange(-reach, reach + 1)
        row, place = np.nonzero((others >= 0) & (others < count))
        pairs = row, others[row, place] - first
        for key, matrix in match_overlap(plan, some, matrices, inner).items():
            of_key = near.setdefault(key, np.full((count, 2 * reach + 1), np.nan))
            of_key[row + start, place] = matrix[pairs]
    return near, scored


def shuffled(
    matrices: dict[tuple[str, str], Array], number: int, rng: np.random.Generator
) -> list[TestResult]:
    """Test each score against `number` random orders of B's windows, or all if they are fewer.

    Raises SettingsError if there are fewer than `FEWEST_WINDOWS` scored windows.
    """
    scored = np.flatnonzero(np.isfinite(np.diagonal(matrices["coherence", "body"])))
    _check(len(scored))
    chosen = scored[orders(len(scored), number, rng)]
    places = scored * len(next(iter(matrices.values()))) + chosen
    return [of_matrix(key, matrix, matrix.take(places)) for key, matrix in matrices.items()]


def shifted(
    matrices: dict[tuple[str, str], Array], number: int, rng: np.random.Generator
) -> list[TestResult]:
    """Test each score against circular shifts of B's windows, `number` at random or all.

    There is one shift less than windows; those without a score keep their place, as NaN.
    """
    count = len(next(iter(matrices.values())))
    _check(int(np.isfinite(np.diagonal(matrices["coherence", "body"])).sum()))
    shifts = np.arange(1, count)
    if number < len(shifts):
        shifts = rng.choice(shifts, number, replace=False)
    rows = np.arange(count)
    chosen = (rows + shifts[:, None]) % count
    return [of_matrix(key, matrix, matrix[rows, chosen]) for key, matrix in matrices.items()]


def _coefficients(
    plan: Plan, first: Spectra, second: Spectra, at: slice
) -> tuple[Array, Array, Array]:
    """Return real and imaginary part of C, and the norm, for all pairs of windows [K, L]."""

    def flat(values: Array, counts: NDArray[np.bool_]) -> Array:
        return np.where(counts[:, :, None], values, 0.0).reshape(len(values), -1)

    gate_a, gate_b = first.counts[:, at], second.counts[:, at]
    a_re, a_im = (flat(first.a[:, part, at], gate_a) for part in (0, 1))
    b_re, b_im = (flat(second.b[:, part, at], gate_b) for part in (0, 1))
    # A channel counts for a pair if it counts in both windows: each one's power is gated by the
    # other, channel by channel.
    a_power = (first.a[:, :, at] ** 2).sum(axis=(1, 3)) * gate_a
    b_power = (second.b[:, :, at] ** 2).sum(axis=(1, 3)) * gate_b
    p_a = product(a_power, gate_b.T.astype(float))
    p_b = product(gate_a.astype(float), b_power.T)
    count = product(gate_a.astype(float), gate_b.T.astype(float))
    with np.errstate(divide="ignore", invalid="ignore"):
        unit_a = (2.0 / plan.size) / (first.weights**2).sum(axis=-1)[:, None]
        unit_b = (2.0 / plan.size) / (second.weights**2).sum(axis=-1)[None, :]
        moving = np.minimum(unit_a * p_a / count, unit_b * p_b / count) >= plan.floor**2
        norm = np.where(moving & (p_a > 0.0) & (p_b > 0.0), np.sqrt(p_a) * np.sqrt(p_b), np.nan)
        real = (product(a_re, b_re.T) + product(a_im, b_im.T)) / norm
        imag = (product(a_im, b_re.T) - product(a_re, b_im.T)) / norm
    return real, imag, norm


def _mirroring(plan: Plan, first: Spectra, second: Spectra, norm: Array) -> Array:
    """Return the height of `mirroring` for all pairs of windows [K, L].

    All windows have the same taper here, and only the highest ρ is needed: matrix products in place
    of a transform a pair (`lag_waves`).
    """
    a_re, a_im = (np.where(first.counts[:, :, None], first.a[:, k], 0.0) for k in (0, 1))
    b_re, b_im = (np.where(second.counts[:, :, None], second.b[:, k], 0.0) for k in (0, 1))
    # contiguous: ten times faster
    a = np.concatenate([a_re, a_im], axis=1).transpose(2, 0, 1).copy()  # [f, K, part and channel]
    real = np.concatenate([b_re, b_im], axis=1).transpose(2, 1, 0).copy()  # [f, …, L]
    imag = np.concatenate([-b_im, b_re], axis=1).transpose(2, 1, 0).copy()
    even, odd = lag_waves(plan)
    height: Array = np.empty_like(norm)
    size = max(1, _PAIRS_AT_ONCE // norm.shape[1])
    for start in range(0, len(norm), size):
        some = a[:, start : start + size]
        rho = product(even, product(some, real).reshape(len(a), -1))
        rho += np.abs(product(odd, product(some, imag).reshape(len(a), -1)))
        height[start : start + size] = rho.max(axis=0).reshape(-1, norm.shape[1])
    return np.clip(height / norm, 0.0, 1.0)


def lag_waves(plan: Plan) -> tuple[Array, Array]:
    """Return what the real and the imaginary parts of S are multiplied by for ρ(τ) [lag, f] each.

    For the lags from 0 on: ρ(±τ) times its norm is the sum and the difference of a part that is
    even in τ, from the real parts, and of an odd one, from the imaginary parts.
    """
    lags = np.arange(plan.lags[-1] + 1)
    overlap = plan.overlap[plan.lags >= 0]
    lags, overlap = lags[overlap >= LEAST_OVERLAP], overlap[overlap >= LEAST_OVERLAP]
    bins = np.arange(plan.size // 2 + 1)[plan.band]
    angle = 2.0 * np.pi / plan.size * np.outer(lags, bins)
    return np.cos(angle) / overlap[:, None], np.sin(angle) / overlap[:, None]


def orders(count: int, number: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return surrogate orders [order, position]: all but the genuine one, or `number` at random.

    Random orders may be the genuine one; otherwise p is not valid for few windows.
    """
    if math.factorial(min(count, 20)) - 1 <= number:
        return np.array(list(permutations(range(count))))[1:]
    return np.stack([rng.permutation(count) for _ in range(number)])


def _check(count: int, fewest: int = FEWEST_WINDOWS) -> None:
    if count < fewest:
        raise SettingsError(
            f"only {count} windows were scored, and {FEWEST_WINDOWS} that do not overlap are the "
            "fewest to test; use a shorter window or a longer recording"
        )


def of_matrix(
    key: tuple[str, str], matrix: Array, paired: Array, more: Sequence[float] = ()
) -> TestResult:
    """Test the pairs on the diagonal against single pairs off it, and against orders."""
    others = matrix[~np.eye(len(matrix), dtype=bool)]
    others = np.concatenate([others, more])
    return _compare(key, np.diagonal(matrix), others, _means(paired), finite_mean(others))


def _compare(
    key: tuple[str, str], genuine: Array, others: Array, means: Array, centre: float
) -> TestResult:
    """Test genuine pairs against others, of mean `centre`, and surrogates' `means`; skip NaN."""
    observed = finite_mean(genuine)
    single = others[np.isfinite(others)]
    means = means[np.isfinite(means)]
    usable = math.isfinite(observed) and len(single) > 1 and len(means) > 0
    spread = float(single.std(ddof=1)) if usable else math.nan
    reached = (means >= observed - 1e-12).sum()  # tolerance: orders equal to the genuine one
    return TestResult(
        *key,
        observed=observed,
        null_mean=centre if usable else math.nan,
        null_sd=spread,
        effect_size=(observed - centre) / spread if spread > 0.0 else math.nan,
        p=float((1 + reached) / (1 + len(means))) if usable else math.nan,
        windows=int(np.isfinite(genuine).sum()),
        pairs=len(single),
        surrogates=len(means),
    )


def _means(rows: Array) -> Array:
    """Mean of each row's finite values; NaN if it has none."""
    means: Array = rows.mean(axis=1)
    if not np.isfinite(means).all():
        known = np.isfinite(rows)
        with np.errstate(invalid="ignore"):
            means = np.where(known, rows, 0.0).sum(axis=1) / known.sum(axis=1)
    return means
