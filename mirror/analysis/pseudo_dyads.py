"""Genuine dyads against pseudo-dyads: people of different recordings, window by window.

All scores of all N² pairs come from stored spectra by matrix products: a window at a time, the
cross-spectra of everybody with everybody (Bernieri & Rosenthal 1991; Moulder, Boker, Ramseyer &
Tschacher 2018). 200 dyads of an hour take 0.5 GB of spectra.
"""

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror.analysis.surrogates import TestResult, lag_waves, of_matrix, orders, parts
from mirror.errors import SettingsError
from mirror.estimator.movement import MIRROR_CHANNELS, MIRROR_SIGNS
from mirror.estimator.products import product
from mirror.estimator.spectrum import PHASE_SCORES, Plan, Spectra, phase_scores
from mirror.estimator.validity import Array

_PAIRS_AT_ONCE: Final = 4096  # on one thread: their lags fit the processor's cache

Single = NDArray[Any]  # float32: twice as fast, and as exact as what is stored


@dataclass(frozen=True, slots=True, eq=False)
class Compact:
    """Both people's spectra in windows that do not overlap, for matrix products.

    Each person's window is divided by its largest value, as no score depends on it. NaN: no score.
    """

    values: NDArray[np.float16]  # [window, person, real and imaginary part, channel, f]
    counts: NDArray[np.bool_]  # as in `Spectra` [window, channel]
    present: NDArray[np.bool_]  # neither of the two is missing [window, sample]


def compact(spectra: Spectra) -> Compact:
    """Return spectra in a fourth of the memory: an hour of two people takes 2.8 MB."""
    values = np.stack([spectra.a, spectra.b], axis=1)
    largest = np.abs(values).max(axis=(2, 3, 4), keepdims=True, initial=1e-30)
    return Compact((values / largest).astype(np.float16), spectra.counts, spectra.weights > 0.0)


def in_other_role(values: Single, counts: NDArray[Any], mirrored: bool) -> tuple[Single, Any]:
    """Return spectra [..., channel, f] and counts of B as of A, or of A as of B."""
    if not mirrored:
        return values, counts
    signs = MIRROR_SIGNS.astype(values.dtype)[:, None]
    return values[..., MIRROR_CHANNELS, :] * signs, counts[..., MIRROR_CHANNELS]


def pseudo_dyads(
    plan: Plan,
    dyads: Sequence[Compact],
    number: int,
    rng: np.random.Generator,
    *,
    groups: Sequence[object] = (),
    any_role: bool = False,
    mirrored: bool = True,
    done: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[list[TestResult], dict[tuple[str, str], Array]]:
    """Test genuine dyads against people of different dyads; of two, the longer is cut.

    There are `number` random assignments of partners, for p. Only people of one of the `groups`, if
    each dyad has one, such as its condition, are paired; with `any_role`, also A with A and B with
    B. `mirrored` says whether B's spectra are of B's mirror image, as under the mapping ``mirror``.
    `done` is called with the windows done and in all, for each kind of pair.

    In the results, `windows` counts dyads, `pairs` pseudo-dyads, and `surrogates` assignments of
    partners (six for three dyads, so p is at least 1/6). With them come the mean scores of every A
    with every B [A, B], by score and region; NaN between groups. Raise SettingsError for fewer than
    three dyads.
    """
    count = len(dyads)
    if count < 3:
        raise SettingsError(
            f"pseudo-pairs need three recordings or more, not {count}; name more, or a folder"
        )
    group = np.unique([str(each) for each in groups or [""] * count], return_inverse=True)[1]
    apart = group[:, None] != group
    kinds = [(0, 1), (0, 0), (1, 1)] if any_role else [(0, 1)]
    means, *same_role = (_pair_means(plan, dyads, kind, mirrored, done) for kind in kinds)
    for each in (means, *same_role):
        for matrix in each.values():
            matrix[apart] = np.nan
    places = np.arange(count), _assignments(group, number, rng)
    above = np.triu_indices(count, 1)
    more = {key: [value for each in same_role for value in each[key][above]] for key in means}
    tests = [of_matrix(key, each, each[places], more[key]) for key, each in means.items()]
    return tests, means


def _assignments(
    group: NDArray[np.intp], number: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Return random partners [assignment, dyad], each within the group."""
    if not group.any():
        return orders(len(group), number, rng)
    assigned = np.tile(np.arange(len(group)), (number, 1))
    for each in range(group.max() + 1):
        members = np.flatnonzero(group == each)
        assigned[:, members] = rng.permuted(np.tile(members, (number, 1)), axis=1)
    return assigned


def _pair_means(
    plan: Plan,
    dyads: Sequence[Compact],
    kind: tuple[int, int],
    mirrored: bool,
    done: Callable[[int, int], None],
) -> dict[tuple[str, str], Array]:
    """Return mean scores of everybody of one role with everybody of another [N, N].

    `kind` are the roles, 0 for A; of two of one role, one takes the other's.
    """
    count = len(dyads)
    keys = [(score, region) for region in parts(plan) for score in PHASE_SCORES]
    keys.append(("mirroring", "body"))
    sums = np.zeros((len(keys), count, count), np.float32)
    known = np.zeros(sums.shape, np.int32)
    even, odd = (each.astype(np.float32) for each in lag_waves(plan))
    windows, rows = max(len(each.counts) for each in dyads), max(1, _PAIRS_AT_ONCE // count)
    blocks = [slice(start, start + rows) for start in range(0, count, rows)]

    def add(some: slice) -> None:
        found = _scores(plan, one[0][some], one[1][some], *other, even, odd)
        found[:-1] *= raised[some]  # mirroring is searched over lags, which share less anyway
        fine = np.isfinite(found)
        sums[:, some] += np.where(fine, found, 0.0)
        known[:, some] += fine

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for window in range(windows):
            raised = _shared(plan, dyads, window)
            one, other = (_people(dyads, window, each) for each in kind)
            if kind == (0, 0):
                other = in_other_role(*other, mirrored)
            elif kind == (1, 1):
                one = in_other_role(*one, mirrored)
            deque(pool.map(add, blocks), 0)
            done(window + 1, windows)
    with np.errstate(invalid="ignore"):
        return dict(zip(keys, (sums / known).astype(float), strict=True))


def _shared(plan: Plan, dyads: Sequence[Compact], window: int) -> Array:
    """Return by how much scores of pairs are to be raised for what they share in time [A, B].

    In a genuine dyad, both are missing at the same samples; in others, fewer samples are shared
    than each has, and |C|² of independent movement is lower by
    Σ w_A²·w_B² / (Σ w_A² · Σ w_B²), w the taper where a person is present.
    """
    weights = np.zeros((len(dyads), len(plan.taper)))
    for number, each in enumerate(dyads):
        if window < len(each.present):
            weights[number] = (plan.taper * each.present[window]) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        overlap = product(weights, weights.T)
        own = np.sqrt(np.diagonal(overlap))
        return np.sqrt(own[:, None] * own / overlap)


def _people(dyads: Sequence[Compact], window: int, role: int) -> tuple[Single, Single]:
    """Return spectra of everybody of a role [N, 2, channel, f], and 1 for channels that count."""
    channels, bins = dyads[0].values.shape[3:]
    spectra = np.zeros((len(dyads), 2, channels, bins), np.float32)
    gate = np.zeros((len(dyads), channels), np.float32)
    for number, each in enumerate(dyads):
        if window < len(each.counts):
            values = each.values[window, role]
            if not np.isnan(values[0, 0, 0]):
                spectra[number], gate[number] = values, each.counts[window]
    spectra *= gate[:, None, :, None]
    return spectra, gate


def _scores(
    plan: Plan, a: Single, gate_a: Single, b: Single, gate_b: Single, *waves: Single
) -> Array:
    """Return the scores of all pairs in one window [key, A, B]; NaN if one is undefined."""
    power_a, power_b = ((each**2).sum(axis=(1, 3)) for each in (a, b))
    even, odd = waves
    turned_b = np.stack([-b[:, 1], b[:, 0]], axis=1)
    found = []
    with np.errstate(divide="ignore", invalid="ignore"):
        for region, at in parts(plan).items():
            norm = np.sqrt(product(power_a[:, at], gate_b[:, at].T))
            norm *= np.sqrt(product(gate_a[:, at], power_b[:, at].T))
            if region == "body":
                first, *second = (
                    each.transpose(3, 0, 1, 2).reshape(each.shape[-1], len(each), -1)
                    for each in (a, b, turned_b)
                )
                real, imag = (product(first, each.transpose(0, 2, 1)) for each in second)
                rho = product(even, real.reshape(len(real), -1))
                rho += np.abs(product(odd, imag.reshape(len(imag), -1)))
                height = np.clip(rho.max(axis=0).reshape(norm.shape) / norm, 0.0, 1.0)
                re, im = real.sum(axis=0), imag.sum(axis=0)
            else:
                flat, *others = (each[:, :, at].reshape(len(each), -1) for each in (a, b, turned_b))
                re, im = (product(flat, each.T) for each in others)
            found += list(phase_scores(re / norm, im / norm))
        return np.array([*found, height])
