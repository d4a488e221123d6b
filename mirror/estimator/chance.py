"""Chance levels of the scores, live: pseudo-synchrony (Bernieri, Reznick & Rosenthal 1988).

Windows of A are paired with windows of B that do not overlap them in time: such pairs move like
these two people, but not together. The level is the 95th percentile of their scores, at the overlap
of the contents of the row that it is for (`Relation.content`). Only past windows are used, so live
and replayed levels are equal.
"""

import math
from typing import NamedTuple

import numpy as np

from mirror.estimator import spectrum
from mirror.estimator.products import dot, product
from mirror.estimator.validity import CODE, Array
from mirror.timeline import State

SCORES = ("in_phase", "anti_phase", "mirroring")  # the scores that have a chance level

PERCENTILE = 95.0
MEMORY = 300.0  # how long a window is paired with new ones, s
FEWEST_PAIRS = 20  # fewer pairs than this give no level


class Chance:
    """Chance levels of a session so far.

    Scored windows that do not overlap are kept. A new one is paired with all those kept, both ways
    round. The same chance gives higher scores to windows of one tempo, in one direction or of the
    same seconds, as both people's are in the rows where they change together, or where somebody is
    missing for a part (`Relation.content`). Rows without a score keep the level before them.
    """

    def __init__(self, plan: spectrum.Plan) -> None:
        self._plan = plan
        self._apart = (len(plan.taper) - 0.5) / plan.rate  # half a step for rounding
        # The last windows kept, each in the place of one that is too old by then, and the scores of
        # A in each with B in each.
        places = int(MEMORY / self._apart) + 1
        self._number = 0  # of all windows kept
        self._times = np.full(places, -np.inf)
        self._kept: Windows | None = None
        self._scores = np.empty((len(SCORES), places, places))
        self._levels = np.full(len(SCORES), np.nan)  # of windows of size 1
        self._shown = self._levels

    def levels(self, times: Array, windows: spectrum.Scored) -> Array:
        """Take the next K windows, by ends (s); return the levels [K, 3].

        By score, as `SCORES`, 0…1; NaN before there are `FEWEST_PAIRS` pairs.
        """
        levels: Array = np.empty((len(times), len(SCORES)))
        scored = windows.state == CODE[State.OK]
        spectra = windows.spectra
        last = self._times[(self._number - 1) % len(self._times)]
        begin = 0
        for row, (time, is_scored) in enumerate(zip(times.tolist(), scored.tolist(), strict=True)):
            if is_scored and time - last >= self._apart:
                levels[begin:row] = self._levels
                self._keep(time, Windows.of(self._plan, spectra.take([row], windows.width)))
                begin, last = row, time
        levels[begin:] = self._levels
        levels = np.minimum(levels * windows.content, 1.0)
        if not scored.all():
            before = np.maximum.accumulate(np.where(scored, np.arange(1, len(times) + 1), 0))
            levels = np.concatenate([self._shown[None], levels])[before]
        self._shown = levels[-1].copy()
        return levels

    def _keep(self, time: float, window: "Windows") -> None:
        place = self._number % len(self._times)
        self._number += 1
        used = min(self._number, len(self._times))
        self._times[place] = time
        if self._kept is None:
            self._kept = Windows._make(np.empty((len(self._times), *x.shape[1:])) for x in window)
        for mine, new in zip(self._kept, window, strict=True):
            mine[place] = new[0]
        kept = Windows._make(each[:used] for each in self._kept)
        found, sizes = pair_scores(self._plan, kept, window)
        with np.errstate(divide="ignore", invalid="ignore"):
            found /= sizes
        found[~np.isfinite(found).all(axis=-1)] = np.nan  # the pair moves too little
        scores = self._scores[:, :used, :used]
        scores[:, :, place], scores[:, place] = found.transpose(0, 2, 1)
        scores[:, place, place] = np.nan
        for old in np.flatnonzero(self._times[:used] < time - MEMORY):
            scores[:, old] = scores[:, :, old] = np.nan
        ordered = np.sort(scores.reshape(len(SCORES), -1))  # NaN last
        count = ordered.shape[1] - int(np.isnan(ordered[0]).sum())
        self._levels = np.full(len(SCORES), np.nan)
        if count >= FEWEST_PAIRS:
            # Weibull's position: one value in twenty is above it, however few pairs there are.
            above, whole = math.modf(0.01 * PERCENTILE * (count + 1) - 1.0)
            low, high = ordered[:, int(whole) : int(whole) + 2].T
            self._levels = low + above * (high - low)


class Windows(NamedTuple):
    """Windows ordered for products of many with one."""

    # [K, person, f, 2 · channel]: real, then imaginary parts of spectra; 0 in channels left out.
    x: Array
    powers: Array  # [K, person, channel · f]: of channels that count
    power: Array  # [K, person, channel]: their sums over the frequencies
    over_time: Array  # [K, person, step]
    counts: Array  # [K, channel]: 1 for channels that count, else 0
    weights: Array  # [K, sample]: the taper, 0 where one of the two is missing
    energy: Array  # [K]: sums of the weights' squares
    least: Array  # [K]: the smallest of the weights

    @classmethod
    def of(cls, plan: spectrum.Plan, spectra: spectrum.Spectra) -> "Windows":
        """Return windows with these spectra."""
        counts = spectra.counts.astype(float)
        both = np.stack([spectra.a, spectra.b], axis=1) * counts[:, None, None, :, None]
        powers = (both * both).sum(axis=2)
        x = both.transpose(0, 1, 4, 2, 3)
        flat = x.reshape(*x.shape[:3], -1), powers.reshape(*powers.shape[:2], -1)
        halves = both.transpose(0, 1, 3, 2, 4).reshape(*both.shape[:2], counts.shape[1], -1)
        w = spectra.weights
        over_time = spectrum.power_over_time(plan, halves, counts, w)
        return cls(*flat, powers.sum(axis=-1), over_time, counts, w, dot(w, w), w.min(axis=-1))


def pair_scores(plan: spectrum.Plan, windows: Windows, one: Windows) -> tuple[Array, Array]:
    """Return scores of windows with one other, and how large they are by chance [2, K, 3].

    By their contents (`Relation.content`). As `SCORES`; first A in the windows with B in the other
    one, then B with A.
    """
    other = one.x[0, ::-1]
    half = other.shape[-1] // 2
    turned = np.concatenate([-other[..., half:], other[..., :half]], axis=-1)
    # S, or with B in the windows its conjugate [pairing, f, K, real or imaginary]
    cross = product(windows.x.transpose(1, 2, 0, 3), np.stack([other, turned], axis=-1))
    cross[1, ..., 1] *= -1.0
    # A channel counts for a pair if it counts in both windows.
    counts = windows.counts * one.counts
    power = product(windows.power.transpose(1, 0, 2), one.counts[0][:, None])[..., 0]
    power_of_one = product(windows.counts, one.power[0, ::-1, :, None])[..., 0]
    smaller = np.minimum(power, power_of_one)
    # The smaller energy of both: each moved enough in its own window.
    energies = np.minimum(windows.energy, one.energy)
    least = plan.floor**2 * (0.5 * plan.size) * energies * counts.sum(axis=-1)
    moving = (smaller > 0.0) & (smaller >= least)
    partial = np.flatnonzero(np.minimum(windows.least, one.least) == 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        norm = np.where(moving, np.sqrt(power) * np.sqrt(power_of_one), np.nan)
        flat = cross.transpose(0, 2, 3, 1).reshape(*norm.shape, -1)
        overlap = spectrum.overlaps(plan, windows.weights, one.weights, partial)
        both_ways = np.stack([overlap, overlap[:, ::-1]]) if len(partial) else overlap
        rho = spectrum.correlation(plan, flat) / norm[..., None]
        rho = spectrum.over_overlap(plan, rho, both_ways)
        real = flat[..., : plan.bins].sum(axis=-1) / norm
        scores: Array = np.stack([real, -real, rho.max(axis=-1)], axis=-1)
        scores = np.minimum(np.maximum(scores, 0.0), 1.0)
        together = product(windows.powers.transpose(1, 0, 2), one.powers[0, ::-1, :, None])[..., 0]
        alike = np.sqrt(together / (power * power_of_one))
        over_time = windows.over_time.transpose(1, 0, 2), one.over_time[0, ::-1, None]
        both = spectrum.coincidence(*over_time)
        both[both < spectrum.LEAST_OVERLAP] = np.nan  # no pair: what is left would be amplified
        how = spectrum.STEPS_A_SECOND, spectrum.ORDER
        lagged = spectrum.lagged_coincidence(plan, *over_time, overlap, *how)
        sizes = alike[..., None] * np.sqrt(np.stack([both, both, lagged], axis=-1))
    return scores, sizes
