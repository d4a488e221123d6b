"""Chance, live: how high the scores get where nothing can be coordinated.

Windows of A are paired with windows of B that do not overlap them in time: pseudo-synchrony
(Bernieri, Reznick & Rosenthal 1988). Such pairs move as these two people do, but not together; the
95th percentile of their scores is what a score must pass to mean anything. Only the past is looked
at, so the live figures and the replayed ones are the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.spectrum import Plan, Spectra, concatenated, mirroring, phase_scores, relate
from mirror.estimator.validity import CODE, Array
from mirror.timeline import State

SCORES = ("in_phase", "anti_phase", "mirroring")
"""The scores that have a chance level, in the order of the levels."""

PERCENTILE = 95.0
MEMORY = 300.0
"""How long a window is paired with new ones, s."""

FEWEST_PAIRS = 20
"""Fewer pairs than this give no level."""


class Chance:
    """The chance levels of a session so far.

    One window in each window's length is kept, if it was scored and nobody was missing in it. A new
    one is paired with all that are kept, both ways round.

    Parameters
    ----------
    plan : Plan
        Of the windows' spectra.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._apart = (len(plan.taper) - 0.5) / plan.rate  # half a step for rounding
        self._kept: list[tuple[float, Spectra]] = []
        self._pairs: list[tuple[float, Array]] = []  # time of the older window, scores [2, 3]
        self._levels = np.full(len(SCORES), np.nan)

    def levels(self, times: Array, state: NDArray[np.int8], spectra: Spectra) -> dict[str, Array]:
        """Take the next windows, in order; return the levels after each.

        Parameters
        ----------
        times : ndarray [K]
            Ends of the windows, s.
        state : ndarray [K]
            Codes of their states.
        spectra : Spectra
            Of the K windows.

        Returns
        -------
        dict of str to ndarray [K]
            ``chance_in_phase`` and its like, 0…1; NaN before there are `FEWEST_PAIRS` pairs.
        """
        complete = (spectra.weights > 0.0).all(axis=-1) & (state == CODE[State.OK])
        rows = np.empty((len(times), len(SCORES)))
        for row, time in enumerate(times):
            if complete[row] and (not self._kept or time - self._kept[-1][0] >= self._apart):
                self._keep(float(time), take(spectra, [row]))
            rows[row] = self._levels
        return {f"chance_{name}": rows[:, column] for column, name in enumerate(SCORES)}

    def _keep(self, time: float, window: Spectra) -> None:
        self._kept = [each for each in self._kept if each[0] >= time - MEMORY]
        self._pairs = [each for each in self._pairs if each[0] >= time - MEMORY]
        if self._kept:
            older = concatenated([spectra for _, spectra in self._kept])
            again = take(window, [0] * len(self._kept))
            forth, back = (
                pair_scores(self._plan, older, again),
                pair_scores(self._plan, again, older),
            )
            self._pairs += [
                (self._kept[row][0], both) for row, both in enumerate(np.stack([forth, back], 1))
            ]
        self._kept.append((time, window))
        scores = np.concatenate([pair for _, pair in self._pairs] or [np.empty((0, len(SCORES)))])
        scores = scores[np.isfinite(scores).all(axis=1)]  # without pairs that move too little
        if len(scores) >= FEWEST_PAIRS:
            self._levels = np.percentile(scores, PERCENTILE, axis=0)
        else:
            self._levels = np.full(len(SCORES), np.nan)


def pair_scores(plan: Plan, first: Spectra, second: Spectra) -> Array:
    """Scores of A in the first windows with B in the second ones [K, 3], in order of `SCORES`."""
    weights = np.broadcast_to(plan.taper, (len(first.counts), len(plan.taper)))
    pairs = Spectra(first.a, second.b, first.counts & second.counts, weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        relation = relate(plan, pairs)
        height, _ = mirroring(plan, relation, weights)
    scores = phase_scores(relation.real, relation.imag)
    return np.stack([scores["in_phase"], scores["anti_phase"], height], axis=-1)


def take(spectra: Spectra, windows: list[int] | NDArray[np.intp]) -> Spectra:
    """Copies of some windows, in any order."""
    return Spectra(
        spectra.a[windows], spectra.b[windows], spectra.counts[windows], spectra.weights[windows]
    )
