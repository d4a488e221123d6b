"""False alarms: how often unrelated movement passes the chance level of its own session.

Hundreds of pairs are needed to distinguish 5 % from 8 %, so these are simulated, not rendered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.stats import binom

from mirror.estimator.chance import SCORES
from mirror.estimator.estimator import score_movement
from mirror.estimator.movement import BODY
from mirror.settings import Settings
from mirror.timeline import State
from mirror.validation.simulated import RATE, bursts, gestures, to_movement

LEVEL: Final = 0.05
"""The share of unrelated windows that should pass the 95th percentile."""

CONFIDENCE: Final = 0.999
"""Of the binomial interval. Twelve rates are tested: with 99 %, a correct program would fail one
run in nine."""

MISSING: Final = (0.0, 0.05, 0.2, 0.4)
"""Shares of the ticks without a person, in bursts."""

WINDOWS: Final = 24
"""Windows in a session."""


@dataclass(frozen=True)
class FalseAlarms:
    """How often one score passed its chance level.

    Attributes
    ----------
    score : str
    alarms : int
        Pairs whose score was above the level.
    pairs : int
        Pairs with a level; one row each, so the windows are independent.
    rows_above, rows : int
        The same for all rows, a window apart; rows of a pair share their level.
    missing : float
        Share of the ticks without a person, 0…1.
    """

    score: str
    alarms: int
    pairs: int
    rows_above: int
    rows: int
    missing: float = 0.0

    @property
    def rate(self) -> float:
        """Share of the pairs, 0…1."""
        return self.alarms / self.pairs if self.pairs else float("nan")

    @property
    def rows_rate(self) -> float:
        """Share of all rows, 0…1; the first levels of a session rest on few pairs and are low."""
        return self.rows_above / self.rows if self.rows else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """Binomial interval of the rate if the true one is `LEVEL`, with at least `CONFIDENCE`."""
        if not self.pairs:
            return float("nan"), float("nan")
        low, high = binom.interval(CONFIDENCE, self.pairs, LEVEL)
        return float(low) / self.pairs, float(high) / self.pairs

    @property
    def within(self) -> bool:
        """Whether the rate is within the interval."""
        low, high = self.interval
        return low <= self.rate <= high


def false_alarms(
    settings: Settings, pairs: int, seed: int, done: Callable[[], None]
) -> tuple[FalseAlarms, ...]:
    """Count false alarms over unrelated pairs, one row per pair.

    Parameters
    ----------
    settings : Settings
        All but hop and rate are used: the rows are a window apart.
    pairs : int
        Number of pairs for every share of `MISSING`, each of two new people.
    seed : int
    done : callable
        Called after every pair.

    Returns
    -------
    tuple of FalseAlarms
        One for each share of missing ticks and score with a chance level.
    """
    used = replace(settings, hop=settings.window, rate=RATE)
    return tuple(
        each
        for number, missing in enumerate(MISSING)
        for each in _alarms(used, missing, pairs, (seed, number), done)
    )


def _alarms(
    settings: Settings, missing: float, pairs: int, seed: tuple[int, int], done: Callable[[], None]
) -> list[FalseAlarms]:
    alarms, passed, count, rows = np.zeros(len(SCORES), int), np.zeros(len(SCORES), int), 0, 0
    ticks = round(WINDOWS * settings.window * RATE) + 1
    for pair in range(pairs):
        rng = np.random.default_rng((*seed, pair))
        a, b = gestures(ticks, rng), gestures(ticks, rng)
        a[bursts(ticks, missing, rng)] = np.nan
        movement = to_movement(a, rng), to_movement(b, rng)
        timeline = score_movement(np.arange(ticks) / RATE, *movement, BODY, settings)
        levels = np.stack([timeline[f"chance_{name}"] for name in SCORES])
        known = np.isfinite(levels).all(axis=0) & (timeline.state == State.OK)
        above = np.stack([timeline[name] for name in SCORES])[:, known] > levels[:, known]
        if known.any():
            count += 1
            alarms += above[:, -1]
        passed += above.sum(axis=1)
        rows += int(known.sum())
        done()
    return [
        FalseAlarms(name, int(alarms[k]), count, int(passed[k]), rows, missing)
        for k, name in enumerate(SCORES)
    ]
