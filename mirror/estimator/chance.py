"""Chance levels of the scores, live: pseudo-synchrony (Bernieri, Reznick & Rosenthal 1988).

Windows of A are paired with windows of B that do not overlap them in time: such pairs move like
these two people, but not together. The level is the 95th percentile of their scores, at the overlap
of the contents of the row that it is for (`Relation.content`). Only past windows are used, so live
and replayed levels are equal.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.products import dot, product
from mirror.estimator.spectrum import (
    LEAST_OVERLAP,
    ROUNDING,
    Plan,
    Scored,
    Spectra,
    correlation,
    over_overlap,
    sums_of_transforms,
    transformed,
)
from mirror.estimator.validity import CODE, Array
from mirror.timeline import State

SCORES = ("in_phase", "anti_phase", "mirroring")
"""The scores that have a chance level."""

PERCENTILE = 95.0
MEMORY = 300.0
"""How long a window is paired with new ones, s."""

FEWEST_PAIRS = 20
"""Fewer pairs than this give no level."""


class Chance:
    """Chance levels of a session so far.

    Scored windows that do not overlap are kept. A new one is paired with all those kept, both ways
    round. The same chance gives higher scores to windows of one tempo, or in one direction, as both
    people's are in the rows where they change together (`Relation.content`). So it does where
    somebody is missing for part of a window, more so if it is the same part of both windows, as in
    the rows themselves: see `expected_size`. Rows without a score keep the level before them.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._apart = (len(plan.taper) - 0.5) / plan.rate  # half a step for rounding
        self._times = np.empty(0)  # of the windows kept
        self._kept: Windows | None = None
        self._scores = np.empty((0, 0, len(SCORES)))  # of A in each with B in each
        self._levels = np.full(len(SCORES), np.nan)  # of windows of size 1
        self._shown = self._levels

    def levels(self, times: Array, windows: Scored) -> Array:
        """Take the next K windows, by ends (s); return the levels [K, 3].

        By score, as `SCORES`, 0…1; NaN before there are `FEWEST_PAIRS` pairs.
        """
        levels: Array = np.empty((len(times), len(SCORES)))
        scored = windows.state == CODE[State.OK]
        spectra = windows.spectra
        last = self._times[-1] if len(self._times) else -np.inf
        for row, time in enumerate(times.tolist()):
            if scored[row] and time - last >= self._apart:
                self._keep(time, Windows.of(spectra.take([row], windows.width)))
                last = time
            levels[row] = self._levels
        levels *= windows.content[:, None]
        partial = np.flatnonzero(scored & (np.minimum.reduce(spectra.weights, axis=-1) == 0.0))
        if len(partial):
            weights = spectra.weights[partial]
            levels[partial] *= expected_size(self._plan, weights, weights)
        levels = np.minimum(levels, 1.0)
        for row in np.flatnonzero(~scored).tolist():
            levels[row] = levels[row - 1] if row else self._shown
        self._shown = levels[-1].copy()
        return levels

    def _keep(self, time: float, window: Windows) -> None:
        new = self._times >= time - MEMORY
        count = int(new.sum())
        scores = np.full((count + 1, count + 1, len(SCORES)), np.nan)
        if self._kept is not None:
            older = self._kept if new.all() else self._kept.take(new)
            scores[:-1, :-1] = self._scores[new][:, new]
            found, sizes = pair_scores(self._plan, older, window)
            with np.errstate(divide="ignore", invalid="ignore"):
                scores[:-1, -1], scores[-1, :-1] = found / sizes
            window = older.append(window)
        self._times, self._kept, self._scores = np.append(self._times[new], time), window, scores
        scores = scores[np.isfinite(scores).all(axis=-1)]  # NaN: the pair moves too little
        if len(scores) >= FEWEST_PAIRS:
            self._levels = np.percentile(scores, PERCENTILE, axis=0)
        else:
            self._levels = np.full(len(SCORES), np.nan)


class Windows(NamedTuple):
    """Windows ordered for products of many with one."""

    # [person, f, K, 2 · channel]: real parts of the spectra, then imaginary ones; 0 in channels
    # that do not count.
    x: Array
    powers: Array  # [person, K, channel · f]: of channels that count
    power: Array  # [person, K, channel]: their sums over the frequencies
    counts: Array  # [K, channel]: 1 for channels that count, else 0
    is_partial: NDArray[np.bool_]  # [K]: whether samples are missing
    energy: Array  # [K]: of the weights: the taper, 0 where one of the two is missing
    transforms: Array  # [K, 2, 2 · f]: of the weights, and of their squares

    @classmethod
    def of(cls, spectra: Spectra) -> Windows:
        """Return windows with these spectra."""
        counts = spectra.counts.astype(float)
        both = np.stack([spectra.a, spectra.b]) * counts[:, None, :, None]
        powers = (both * both).sum(axis=2)
        x = np.ascontiguousarray(both.transpose(0, 4, 1, 2, 3))
        weights = spectra.weights
        return cls(
            x.reshape(*x.shape[:3], -1),
            powers.reshape(*powers.shape[:2], -1),
            powers.sum(axis=-1),
            counts,
            weights.min(axis=-1) == 0.0,
            (weights * weights).sum(axis=-1),
            _transforms(weights),
        )

    def take(self, rows: NDArray[np.bool_]) -> Windows:
        """Return some of the windows."""
        x, powers, power, *others = self
        of_people = x[:, :, rows], powers[:, rows], power[:, rows]
        return Windows._make((*of_people, *(each[rows] for each in others)))

    def append(self, other: Windows) -> Windows:
        """Return these windows and others."""
        pairs = zip(self, other, (2, 1, 1, 0, 0, 0, 0), strict=True)
        return Windows._make(np.concatenate([one, more], axis) for one, more, axis in pairs)


def _transforms(weights: Array) -> Array:
    return transformed(np.stack([weights, weights * weights], axis=-2))


def pair_scores(plan: Plan, windows: Windows, one: Windows) -> tuple[Array, Array]:
    """Return scores of windows with one other, and how large they are by chance [2, K, 3].

    By their contents (`Relation.content`) and by what is missing (`expected_size`).

    As `SCORES`; first A in the windows with B in the other one, then B with A.
    """
    other = one.x[::-1].transpose(0, 1, 3, 2)
    half = other.shape[2] // 2
    turned = np.concatenate([-other[:, :, half:], other[:, :, :half]], axis=2)
    # S, or with B in the windows its conjugate [pairing, real or imaginary, f, K]
    cross = np.stack([product(windows.x, each)[..., 0] for each in (other, turned)], axis=1)
    cross[1, 1] *= -1.0
    # A channel counts for a pair if it counts in both windows.
    counts = windows.counts * one.counts
    power = product(windows.power, one.counts[0][:, None])[..., 0]
    power_of_one = product(windows.counts, one.power[::-1].transpose(0, 2, 1))[..., 0]
    smaller = np.minimum(power, power_of_one)
    # The smaller energy of both: each moved enough in its own window.
    energy = np.minimum(windows.energy, one.energy)
    least = plan.floor**2 * (0.5 * plan.size) * energy * counts.sum(axis=-1)
    moving = (smaller > 0.0) & (smaller >= least)
    partial = np.flatnonzero(windows.is_partial | one.is_partial)
    with np.errstate(divide="ignore", invalid="ignore"):
        norm = np.where(moving, np.sqrt(power) * np.sqrt(power_of_one), np.nan)
        real = cross[:, 0].sum(axis=1) / norm
        flat = cross.reshape(2, -1, cross.shape[-1]).transpose(0, 2, 1).copy()
        rho, overlap = correlation(plan, flat) / norm[..., None], None
        if len(partial):
            sums = sums_of_transforms(windows.transforms[partial], one.transforms, plan.lags)
            energies = (windows.energy * one.energy)[partial]
            overlap = sums[:, 0] / np.sqrt(energies)[:, None]
            overlap = np.stack([overlap, overlap[:, ::-1]])
        rho = over_overlap(plan, rho, (slice(None), partial), overlap)
        scores: Array = np.stack([real, -real, rho.max(axis=-1)], axis=-1)
        scores = np.minimum(np.maximum(scores, 0.0), 1.0)
        together = product(windows.powers, one.powers[::-1].transpose(0, 2, 1))
        sizes = np.repeat(np.sqrt(together / (power * power_of_one)[..., None]), 3, axis=-1)
        if len(partial):
            sizes[:, partial] *= _sizes(plan, sums, energies)
    return scores, sizes


def expected_size(plan: Plan, a: Array, b: Array) -> Array:
    """Return how large scores are by chance, relative to windows without a missing sample [K, 3].

    With the weights w of A's and of B's windows [K, sample], the expected |C|² of independent
    movement is proportional to Σ_t w_A²·w_B² / (Σ_t w_A² · Σ_t w_B²), and that of ρ(τ) to the same
    with B's weights τ later, divided by overlap(τ)²; here the mean over the lags searched.
    """
    one, other = _transforms(a), _transforms(b)
    energies = dot(a, a) * dot(b, b)
    return _sizes(plan, sums_of_transforms(one, other, plan.lags), energies)


def _sizes(plan: Plan, sums: Array, energies: Array) -> Array:
    """`expected_size` from lagged sums of weights and of their squares [K, 2, lag].

    `energies` [K] is the product of both energies.
    """
    phase, height = (
        np.sqrt(each / whole)
        for each, whole in zip(
            _expected_squares(plan, sums, energies), _of_whole(plan), strict=True
        )
    )
    return np.stack([phase, phase, height], axis=-1)


@lru_cache(maxsize=8)
def _of_whole(plan: Plan) -> tuple[Array, Array]:
    """`_expected_squares` of windows in which nothing is missing."""
    transforms = _transforms(plan.taper[None])
    sums = sums_of_transforms(transforms, transforms, plan.lags)
    return _expected_squares(plan, sums, dot(plan.taper[None], plan.taper[None]) ** 2)


def _expected_squares(plan: Plan, sums: Array, energies: Array) -> tuple[Array, Array]:
    """Of phase scores, and of mirroring [K]; NaN where nothing is in both windows."""
    overlap, squares = sums[:, 0], sums[:, 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        searched = overlap >= LEAST_OVERLAP * np.sqrt(energies)[:, None]
        of_lags = np.where(searched, squares / (overlap * overlap), 0.0).sum(axis=-1)
        phase = squares[:, plan.lags == 0][:, 0] / energies
        phase[phase < ROUNDING] = 0.0  # no common sample
        return phase, of_lags / searched.sum(axis=-1)
