"""Pairs of windows compared at equal overlap: how large a score their contents alone allow.

Two unrelated people who move at one tempo, in one direction or in the same seconds have higher
scores than two who do not: fewer oscillations that are independent of each other have to agree by
chance. With the power P_p[c,f] of a window's channels and frequencies, the expected |C|² of
independent movement is proportional to::

    Σ_{c,f} P_A[c,f] · P_B[c,f] / (P_A · P_B)                          (Bartlett 1935)

and, as windows are not stationary, to the overlap in time of the power of the whole movement, and
to what the overlaps of its octaves k, and of its channels k second by second, exceed that by::

    Σ_{k,t} e_A[k,t] · e_B[k,t] / Σ_k (Σ_t e_A[k,t] · Σ_t e_B[k,t])

An octave of one channel follows a sudden change too slowly; channels from moment to moment are
alike in people who are coordinated.

Mirroring is searched over the lags: it has the first factor, and in place of the others the overlap
of the whole movement at all lags (`mirror.estimator.spectrum.lagged_coincidence`).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.products import product
from mirror.estimator.spectrum import PHASE_SCORES, Plan, Spectra, lagged_coincidence
from mirror.estimator.validity import Array

# Pairs whose overlap differs so much that a score changes by more than this are not used.
MOST_SCALED = dict.fromkeys(PHASE_SCORES, 1.25) | {"mirroring": 1.5}
_STEPS_A_SECOND = 6.0  # of the power over time; power within an octave changes more slowly
_ORDER = 3.4  # of means over the lags, by simulation: 2 to 8 were tried


class _Person(NamedTuple):
    """One person's power in K windows, and which channels count."""

    spectral: Array  # [K, channel, f]
    octaves: Array  # over time [K, channel, octave, step]
    # Over time, of all octaves at once [K, channel, step]; 0 where samples are missing.
    whole: Array
    seconds: Array  # the same, summed over every second [K, channel, second]
    counts: Array  # 0 or 1 [K, channel]


def match_overlap(
    plan: Plan, windows: Spectra, matrices: dict[tuple[str, str], Array], of_a: slice = slice(None)
) -> dict[tuple[str, str], Array]:
    """Scale the score of every pair of windows to the overlap of the genuine pair of A's window.

    `windows` are of one recording; `matrices` [A's window, B's window] hold scores as of
    `mirror.analysis.surrogates.pair_matrices`, of A's windows `of_a` with all of B's.

    They become score · sqrt(q[i, i] / q[i, j]) with the overlap q: genuine pairs are unchanged. NaN
    where the root is not within a factor of `MOST_SCALED` of 1: what q leaves out is largest there.
    """
    a = _person(plan, windows.a[of_a], windows.counts[of_a], windows.weights[of_a])
    b = _person(plan, windows.b, windows.counts, windows.weights)
    first = of_a.start or 0
    overlaps: dict[tuple[str, str], Array] = {}
    for region, at in ({"body": slice(None)} | plan.layout.regions).items():
        spectral = _spectral_overlap(a, b, at)
        overlap = spectral * _overlap_in_time(a, b, at)
        overlaps |= {(score, region): overlap for score in PHASE_SCORES}
        if region == "body":
            overlaps["mirroring", region] = spectral * _overlap_at_lags(plan, a, b)
    return {
        (score, region): matrix * _scale(overlaps[score, region], first, MOST_SCALED[score])
        for (score, region), matrix in matrices.items()
    }


def _scale(overlap: Array, first: int, most: float) -> Array:
    """`first` is B's window of the genuine pair with A's first one."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.sqrt(np.diagonal(overlap, first)[:, None] / overlap)
    return np.where((scale >= 1.0 / most) & (scale <= most), scale, np.nan)


def _person(plan: Plan, x: Array, counts: NDArray[np.bool_], weights: Array) -> _Person:
    spectrum = np.where(counts[:, :, None], x[:, 0] + 1j * x[:, 1], 0.0)
    bins = np.arange(plan.size // 2 + 1)[plan.band]
    step = max(1, round(plan.rate / _STEPS_A_SECOND))
    times = np.arange(len(plan.taper) - 1, -1, -step)
    turned = np.exp(2j * np.pi / plan.size * np.outer(bins, times))
    octave = np.log2(np.maximum(bins, 1) / max(bins[0], 1)).astype(int)
    parts = [np.abs(spectrum[..., octave == k] @ turned[octave == k]) ** 2 for k in set(octave)]
    whole = np.abs(spectrum @ turned) ** 2 * (weights[:, None, ::-step] > 0.0)
    return _Person(
        np.abs(spectrum) ** 2,
        np.stack(parts, axis=2),
        whole,
        np.add.reduceat(whole, np.arange(0, len(times), max(1, round(plan.rate / step))), axis=-1),
        counts.astype(float),
    )


def _spectral_overlap(a: _Person, b: _Person, at: slice) -> Array:
    power_a, power_b = a.spectral[:, at].sum(axis=-1), b.spectral[:, at].sum(axis=-1)
    # A channel counts for a pair if it counts in both windows.
    total = product(power_a, b.counts[:, at].T) * product(a.counts[:, at], power_b.T)
    with np.errstate(divide="ignore", invalid="ignore"):
        overlap: Array = _products(a.spectral[:, at], b.spectral[:, at]) / total
    return overlap


def _overlap_in_time(a: _Person, b: _Person, at: slice) -> Array:
    whole_a, whole_b = (each.whole[:, at].sum(axis=1)[:, None] for each in (a, b))
    octaves_a, octaves_b = (each.octaves[:, at].sum(axis=1) for each in (a, b))
    with np.errstate(divide="ignore", invalid="ignore"):
        overlap: Array = _coincidence(whole_a, whole_b)
        overlap *= _excess(octaves_a, octaves_b)
        overlap *= _excess(a.seconds[:, at], b.seconds[:, at])
    return overlap


def _overlap_at_lags(plan: Plan, a: _Person, b: _Person) -> Array:
    one, other = a.whole.sum(axis=1)[:, None], b.whole.sum(axis=1)[None]
    with np.errstate(divide="ignore", invalid="ignore"):
        return lagged_coincidence(plan, one, other, plan.overlap, _STEPS_A_SECOND, _ORDER)


def _coincidence(a: Array, b: Array) -> Array:
    """Σ_{k,t} a·b / Σ_k (Σ_t a · Σ_t b) of every two windows, from [K, part k, step]."""
    coincidence: Array = _products(a, b) / product(a.sum(axis=-1), b.sum(axis=-1).T)
    return coincidence


def _excess(a: Array, b: Array) -> Array:
    """Return the coincidence of parts over that of their sum."""
    return _coincidence(a, b) / _coincidence(*(x.sum(axis=1)[:, None] for x in (a, b)))


def _products(a: Array, b: Array) -> Array:
    return product(a.reshape(len(a), -1), b.reshape(len(b), -1).T)
