"""Chance levels of the scores, live: pseudo-synchrony (Bernieri, Reznick & Rosenthal 1988).

Windows of A are paired with windows of B that do not overlap them in time: such pairs move like
these two people, but not together. The level is the 95th percentile of their scores, at the overlap
of the contents of the row that it is for (`content_size`). Only past windows are used, so live and
replayed levels are equal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.products import dot
from mirror.estimator.spectrum import (
    LEAST_OVERLAP,
    Plan,
    Spectra,
    lagged_overlap,
    mirroring,
    phase_scores,
    relate,
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
    people's are in the rows where they change together: see `content_size`. So it does where
    somebody is missing for part of a window, more so if it is the same part of both windows, as in
    the rows themselves: see `expected_size`. Rows without a score keep the level before them.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._apart = (len(plan.taper) - 0.5) / plan.rate  # half a step for rounding
        self._kept: list[tuple[float, Spectra]] = []
        self._pairs: list[tuple[float, Array]] = []  # time of the older window, scores [2, 3]
        self._levels = np.full(len(SCORES), np.nan)  # of windows of size 1
        self._shown = self._levels

    def levels(self, times: Array, state: NDArray[np.int8], spectra: Spectra) -> Array:
        """Take the next K windows, by ends (s), state codes and spectra; return the levels [K, 3].

        By score, as `SCORES`, 0…1; NaN before there are `FEWEST_PAIRS` pairs.
        """
        scored = state == CODE[State.OK]
        rows: Array = np.empty((len(times), len(SCORES)))
        for row, time in enumerate(times):
            if scored[row] and (not self._kept or time - self._kept[-1][0] >= self._apart):
                self._keep(float(time), spectra.take([row]))
            rows[row] = self._levels
        if scored.any():
            found = spectra if scored.all() else spectra.take(scored)
            sizes = expected_size(self._plan, found.weights, found.weights)
            rows[scored] = np.minimum(rows[scored] * sizes * content_size(found, found), 1.0)
        for row in np.flatnonzero(~scored).tolist():
            rows[row] = rows[row - 1] if row else self._shown
        self._shown = rows[-1].copy()
        return rows

    def _keep(self, time: float, window: Spectra) -> None:
        self._kept = [each for each in self._kept if each[0] >= time - MEMORY]
        self._pairs = [each for each in self._pairs if each[0] >= time - MEMORY]
        if self._kept:
            older = Spectra.concatenate([spectra for _, spectra in self._kept])
            sizes = expected_size(self._plan, older.weights, window.weights)
            with np.errstate(divide="ignore", invalid="ignore"):
                both = np.stack(
                    [
                        pair_scores(self._plan, first, second) / content_size(first, second) / sizes
                        for first, second in ((older, window), (window, older))
                    ],
                    axis=1,
                )
            self._pairs += [(time, pair) for (time, _), pair in zip(self._kept, both, strict=True)]
        self._kept.append((time, window))
        scores = np.concatenate([pair for _, pair in self._pairs] or [np.empty((0, len(SCORES)))])
        scores = scores[np.isfinite(scores).all(axis=1)]  # NaN: the pair moves too little
        if len(scores) >= FEWEST_PAIRS:
            self._levels = np.percentile(scores, PERCENTILE, axis=0)
        else:
            self._levels = np.full(len(SCORES), np.nan)


def pair_scores(plan: Plan, first: Spectra, second: Spectra) -> Array:
    """Return scores of A in the first windows with B in the second ones [K, 3], as `SCORES`.

    Either may be one window, which is paired with each of the others.
    """
    # The smaller energy of both: each moved enough in its own window.
    energy_a, energy_b = ((each.weights**2).sum(axis=-1) for each in (first, second))
    weights = np.where((energy_a < energy_b)[:, None], first.weights, second.weights)
    pairs = Spectra(first.a, second.b, first.counts & second.counts, weights)
    both = np.broadcast_arrays(first.weights, second.weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        relation = relate(plan, pairs)
        height, _ = mirroring(plan, relation, *both)
    scores = phase_scores(relation.real[:, 0], relation.imag[:, 0])
    return np.stack([scores["in_phase"], scores["anti_phase"], height], axis=-1)


def content_size(first: Spectra, second: Spectra) -> Array:
    """Return how large scores of A in the first windows with B in the second are by chance [K, 1].

    The root of Bartlett's (1935) expected |C|² of independent movement of these spectra, with the
    power P of each channel and frequency: Σ_{c,f} P_A·P_B / (P_A·P_B). NaN if nobody moves.
    """
    counts = (first.counts & second.counts).astype(float)
    a, b = (each[:, 0] ** 2 + each[:, 1] ** 2 for each in (first.a, second.b))
    ones = np.ones(a.shape[-1])
    together, of_a, of_b = (
        dot(counts, dot(*each))[:, None] for each in ((a, b), (a, ones), (b, ones))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        size: Array = np.sqrt(together / (of_a * of_b))
    return size


def expected_size(plan: Plan, a: Array, b: Array) -> Array:
    """Return how large scores are by chance, relative to windows without a missing sample [K, 3].

    With the weights w of A's and of B's windows [K, sample], the expected |C|² of independent
    movement is proportional to Σ_t w_A²·w_B² / (Σ_t w_A² · Σ_t w_B²), and that of ρ(τ) to the same
    with B's weights τ later, divided by overlap(τ)²; here the mean over the lags searched.
    """
    sizes = np.ones((max(len(a), len(b)), len(SCORES)))
    if a.min() > 0.0 and b.min() > 0.0:
        return sizes
    # Sums round by the order in memory, which must not depend on the number of windows.
    a, b = (np.ascontiguousarray(each) for each in np.broadcast_arrays(a, b))
    partial = ~((a > 0.0) & (b > 0.0)).all(axis=-1)
    taper = plan.taper[None]
    phase, height = _expected_squares(plan, a[partial], b[partial])
    whole_phase, whole_height = _expected_squares(plan, taper, taper)
    sizes[partial, :2] = np.sqrt(phase / whole_phase)[:, None]
    sizes[partial, 2] = np.sqrt(height / whole_height)
    return sizes


def _expected_squares(plan: Plan, a: Array, b: Array) -> tuple[Array, Array]:
    """Of phase scores, and of mirroring [K]; NaN where nothing is in both windows."""
    with np.errstate(divide="ignore", invalid="ignore"):
        power = (a**2).sum(axis=-1) * (b**2).sum(axis=-1)
        scale = np.sqrt((a**4).sum(axis=-1) * (b**4).sum(axis=-1)) / power
        squares = lagged_overlap(a**2, b**2, plan.lags) * scale[:, None]
        overlap = lagged_overlap(a, b, plan.lags)
        searched = overlap >= LEAST_OVERLAP
        of_lags = np.ascontiguousarray(np.where(searched, squares / overlap**2, 0.0)).sum(axis=-1)
        return (a**2 * b**2).sum(axis=-1) / power, of_lags / searched.sum(axis=-1)
