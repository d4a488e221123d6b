"""How often unrelated people pass their chance levels and `mirror test`, and how often others do.

Hundreds of pairs are needed to distinguish 5 % from 8 %, so these are simulated, not rendered.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from scipy.stats import binom

from mirror.analysis.surrogates import locally_drawn
from mirror.estimator.chance import SCORES as CHANCE_SCORES
from mirror.estimator.estimator import score_movement
from mirror.estimator.movement import BODY, Movement
from mirror.estimator.spectrum import Plan
from mirror.estimator.windows import disjoint_window_spectra
from mirror.settings import Settings
from mirror.timeline import State
from mirror.validation import simulated

LEVEL: Final = 0.05  # of tests: the share of unrelated windows that should pass the 95th percentile

# Of binomial intervals. Twelve rates of false alarms of live levels are tested: with 99 %, a
# correct program would fail one run in nine. Those of `mirror test` are 100 more.
CONFIDENCE: Final = 0.999
MISSING: Final = (0.0, 0.05, 0.2, 0.4)  # shares of the ticks without a person, in bursts
_WINDOWS: Final = 24  # windows in a session


@dataclass(frozen=True)
class FalseAlarms:
    """How often one score passed its chance level."""

    score: str
    alarms: int  # pairs whose score was above the level
    pairs: int  # pairs with a level; one row each, so the windows are independent
    # The same for all rows, a window apart; rows of a pair share their level.
    rows_above: int
    rows: int
    missing: float = 0.0  # share of the ticks without a person, 0…1

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
    """Count false alarms of each score over unrelated pairs, one row per pair.

    Of the settings, all but hop and rate are used: the rows are a window apart. For every share of
    `MISSING` there are so many pairs, each of two new people; `done` is called after each.
    """
    used = replace(settings, hop=settings.window, rate=simulated.RATE)
    return tuple(
        each
        for number, missing in enumerate(MISSING)
        for each in _alarms(used, missing, pairs, (seed, number), done)
    )


def _alarms(
    settings: Settings, missing: float, pairs: int, seed: tuple[int, int], done: Callable[[], None]
) -> list[FalseAlarms]:
    alarms, passed = np.zeros((2, len(CHANCE_SCORES)), int)
    count = rows = 0
    ticks = round(_WINDOWS * settings.window * simulated.RATE) + 1
    for pair in range(pairs):
        rng = np.random.default_rng((*seed, pair))
        movement = simulated.with_gaps(missing, ticks / simulated.RATE, rng)
        timeline = score_movement(np.arange(ticks) / simulated.RATE, *movement, BODY, settings)
        levels = np.stack([timeline[f"chance_{name}"] for name in CHANCE_SCORES])
        known = np.isfinite(levels).all(axis=0) & (timeline.state == State.OK)
        above = np.stack([timeline[name] for name in CHANCE_SCORES])[:, known] > levels[:, known]
        if known.any():
            count += 1
            alarms += above[:, -1]
        passed += above.sum(axis=1)
        rows += int(known.sum())
        done()
    return [
        FalseAlarms(name, int(alarms[k]), count, int(passed[k]), rows, missing)
        for k, name in enumerate(CHANCE_SCORES)
    ]


SCORES: Final = ("in_phase", "anti_phase", "coherence", "mirroring")
MINUTES: Final = (2.0, 5.0, 15.0)  # lengths of the unrelated sessions
MOST: Final = 0.07  # highest rate of unrelated sessions found significant

_Pair = Callable[[float, np.random.Generator], tuple[Movement, Movement]]

_COUPLINGS = (0.3, 0.5)
_LAGS = (0.0, 0.4, 1.2)  # s
_COUPLED_MINUTES = 5.0
_ORDERS = 199


@dataclass(frozen=True)
class TestRates:
    """How often the test of each score was significant in simulated sessions."""

    __test__ = False  # pytest: not a test

    kind: str  # of `UNRELATED`, or coupling and delay in words
    related: bool  # whether the two people are coordinated
    minutes: float
    sessions: int
    hits: tuple[int, ...]  # sessions with p ≤ `LEVEL`, in the order of `SCORES`

    @property
    def rates(self) -> tuple[float, ...]:
        """Shares of the sessions, 0…1."""
        return tuple(each / self.sessions for each in self.hits)

    @property
    def most(self) -> int:
        """Highest number of hits that is probable if the true rate is `MOST`."""
        return int(binom.ppf(CONFIDENCE, self.sessions, MOST))


def number_of_sessions(sessions: int, lengths: int) -> int:
    """Return how many sessions `calibrate_null` simulates, with `sessions` of a kind."""
    return sessions * len(_cases(lengths))


def calibrate_null(
    settings: Settings, sessions: int, lengths: int, seed: int, done: Callable[[], None]
) -> tuple[TestRates, ...]:
    """Test simulated sessions, unrelated and coordinated, with the local null.

    So many `sessions` of every kind, of so many of `MINUTES`; `done` is called after each.
    """
    plan = Plan.of(replace(settings, rate=simulated.RATE), BODY)
    found = []
    for number, (kind, related, minutes, pair) in enumerate(_cases(lengths)):
        hits = np.zeros(len(SCORES), int)
        for session in range(sessions):
            rng = np.random.default_rng((seed, number, session))
            a, b = pair(60.0 * minutes, rng)
            windows = disjoint_window_spectra(
                plan, np.arange(len(a.present)) / simulated.RATE, a, b
            )
            tests = locally_drawn(plan, windows, _ORDERS, rng)
            p = {each.score: each.p for each in tests if each.region == "body"}
            hits += [p[score] <= LEVEL for score in SCORES]
            done()
        found.append(TestRates(kind, related, minutes, sessions, tuple(hits.tolist())))
    return tuple(found)


def _cases(lengths: int) -> list[tuple[str, bool, float, _Pair]]:
    """Kind, whether related, minutes and the people of a number of seconds."""
    return [
        *(
            (kind, False, minutes, partial(simulated.unrelated, kind))
            for kind in simulated.UNRELATED
            for minutes in MINUTES[:lengths]
        ),
        *(
            (
                f"gestures, {100 * missing:g} % missing",
                False,
                _COUPLED_MINUTES,
                partial(simulated.with_gaps, missing),
            )
            for missing in MISSING
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
    lag = round(lag_s * simulated.RATE)
    leader = simulated.gestures(round(seconds * simulated.RATE) + lag, rng)
    b = simulated.follower(leader, lag, coupling, rng)
    return simulated.to_movement(leader[lag:], rng), simulated.to_movement(b, rng)
