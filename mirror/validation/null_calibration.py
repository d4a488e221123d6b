"""How often `mirror test` finds unrelated people significant, and coordinated ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from scipy.stats import binom

from mirror.analysis.surrogates import locally_shuffled
from mirror.estimator.movement import BODY, Movement
from mirror.estimator.spectrum import Plan
from mirror.estimator.windows import disjoint_window_spectra
from mirror.settings import Settings
from mirror.validation.simulated import RATE, UNRELATED, follower, gestures, to_movement, unrelated

SCORES: Final = ("in_phase", "anti_phase", "coherence", "mirroring")
MINUTES: Final = (2.0, 5.0, 15.0)
"""Lengths of the unrelated sessions."""

LEVEL: Final = 0.05
"""Significance level of every test."""

MOST: Final = 0.07
"""Highest rate of unrelated sessions found significant."""

_Pair = Callable[[float, np.random.Generator], tuple[Movement, Movement]]

_CONFIDENCE = 0.999  # some seventy rates are tested
_COUPLINGS = (0.3, 0.5)
_LAGS = (0.0, 0.4, 1.2)  # s
_COUPLED_MINUTES = 5.0
_ORDERS = 199


@dataclass(frozen=True)
class TestRates:
    """How often the test of each score was significant in simulated sessions.

    Attributes
    ----------
    kind : str
        Of `UNRELATED`, or coupling and delay in words.
    related : bool
        Whether the two people are coordinated.
    minutes : float
    sessions : int
    hits : tuple of int
        Sessions with p ≤ `LEVEL`, in the order of `SCORES`.
    """

    __test__ = False  # pytest: not a test

    kind: str
    related: bool
    minutes: float
    sessions: int
    hits: tuple[int, ...]

    @property
    def rates(self) -> tuple[float, ...]:
        """Shares of the sessions, 0…1."""
        return tuple(each / self.sessions for each in self.hits)

    @property
    def most(self) -> int:
        """Highest number of hits that is probable if the true rate is `MOST`."""
        return int(binom.ppf(_CONFIDENCE, self.sessions, MOST))


def number_of_sessions(sessions: int) -> int:
    """Return how many sessions `calibrate_null` simulates, with `sessions` of a kind."""
    return sessions * len(_cases())


def calibrate_null(
    settings: Settings, sessions: int, seed: int, done: Callable[[], None]
) -> tuple[TestRates, ...]:
    """Test simulated sessions, unrelated and coordinated, with the local null.

    Parameters
    ----------
    settings : Settings
    sessions : int
        Of every kind and length.
    seed : int
    done : callable
        Called after every session.
    """
    plan = Plan.of(replace(settings, rate=RATE), BODY)
    found = []
    for number, (kind, related, minutes, pair) in enumerate(_cases()):
        hits = np.zeros(len(SCORES), int)
        for session in range(sessions):
            rng = np.random.default_rng((seed, number, session))
            a, b = pair(60.0 * minutes, rng)
            windows = disjoint_window_spectra(plan, np.arange(len(a.present)) / RATE, a, b)
            tests = locally_shuffled(plan, windows, _ORDERS, rng)
            p = {each.score: each.p for each in tests if each.region == "body"}
            hits += [p[score] <= LEVEL for score in SCORES]
            done()
        found.append(TestRates(kind, related, minutes, sessions, tuple(hits.tolist())))
    return tuple(found)


def _cases() -> list[tuple[str, bool, float, _Pair]]:
    """Kind, whether related, minutes and the people of a number of seconds."""
    return [
        *(
            (kind, False, minutes, partial(unrelated, kind))
            for kind in UNRELATED
            for minutes in MINUTES
        ),
        *(
            (f"coupling {coupling:g}, delay {lag:g} s", True, _COUPLED_MINUTES, pair)
            for coupling in _COUPLINGS
            for lag in _LAGS
            for pair in [partial(_coupled, coupling, lag)]
        ),
    ]


def _coupled(
    coupling: float, lag_s: float, seconds: float, rng: np.random.Generator
) -> tuple[Movement, Movement]:
    lag = round(lag_s * RATE)
    leader = gestures(round(seconds * RATE) + lag, rng)
    b = follower(leader, lag, coupling, rng)
    return to_movement(leader[lag:], rng), to_movement(b, rng)
