"""Chance levels of the scores, live: pseudo-synchrony (Bernieri, Reznick & Rosenthal 1988).

Windows of A are paired with windows of B that do not overlap them in time: such pairs move like
these two people, but not together. The level is the 95th percentile of their scores. Only past
windows are used, so live and replayed levels are equal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.spectrum import Plan, Spectra, mirroring, phase_scores, relate
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

    Scored windows that do not overlap, and in which nobody is missing, are kept. A new one is
    paired with all those kept, both ways round.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._apart = (len(plan.taper) - 0.5) / plan.rate  # half a step for rounding
        self._kept: list[tuple[float, Spectra]] = []
        self._pairs: list[tuple[float, Array]] = []  # time of the older window, scores [2, 3]
        self._levels = np.full(len(SCORES), np.nan)

    def levels(self, times: Array, state: NDArray[np.int8], spectra: Spectra) -> Array:
        """Take the next K windows, by ends (s), state codes and spectra; return the levels [K, 3].

        By score, as `SCORES`, 0…1; NaN before there are `FEWEST_PAIRS` pairs.
        """
        complete = (spectra.weights > 0.0).all(axis=-1) & (state == CODE[State.OK])
        rows = np.empty((len(times), len(SCORES)))
        for row, time in enumerate(times):
            if complete[row] and (not self._kept or time - self._kept[-1][0] >= self._apart):
                self._keep(float(time), spectra.take([row]))
            rows[row] = self._levels
        return rows

    def _keep(self, time: float, window: Spectra) -> None:
        self._kept = [each for each in self._kept if each[0] >= time - MEMORY]
        self._pairs = [each for each in self._pairs if each[0] >= time - MEMORY]
        if self._kept:
            older = Spectra.concatenate([spectra for _, spectra in self._kept])
            newest = window.take([0] * len(self._kept))
            forth = pair_scores(self._plan, older, newest)
            back = pair_scores(self._plan, newest, older)
            both = np.stack([forth, back], axis=1)
            self._pairs += [(time, pair) for (time, _), pair in zip(self._kept, both, strict=True)]
        self._kept.append((time, window))
        scores = np.concatenate([pair for _, pair in self._pairs] or [np.empty((0, len(SCORES)))])
        scores = scores[np.isfinite(scores).all(axis=1)]  # NaN: the pair moves too little
        if len(scores) >= FEWEST_PAIRS:
            self._levels = np.percentile(scores, PERCENTILE, axis=0)
        else:
            self._levels = np.full(len(SCORES), np.nan)


def pair_scores(plan: Plan, first: Spectra, second: Spectra) -> Array:
    """Return scores of A in the first windows with B in the second ones [K, 3], as `SCORES`."""
    weights = np.broadcast_to(plan.taper, (len(first.counts), len(plan.taper)))
    pairs = Spectra(first.a, second.b, first.counts & second.counts, weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        relation = relate(plan, pairs)
        height, _ = mirroring(plan, relation, weights)
    scores = phase_scores(relation.real[:, 0], relation.imag[:, 0])
    return np.stack([scores["in_phase"], scores["anti_phase"], height], axis=-1)
