"""How often postures are taken over, against the same count with B shifted along the session."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror.analysis.surrogates import TestResult
from mirror.estimator.estimator import TICKS_AT_ONCE
from mirror.estimator.mimicry import LATENCY_S, Mimicry, Take, is_alike
from mirror.estimator.movement import Layout, Person
from mirror.estimator.posture import POSTURE_STATES, Postures
from mirror.estimator.spectrum import Plan
from mirror.estimator.validity import Array
from mirror.estimator.windows import row_ends, unbroken
from mirror.settings import Settings
from mirror.timeline import COLUMNS, WHOLE, PostureState, Span

# From the first to the last new posture, s. Shifts are of 20 s and more, so the order itself is not
# one of them: at a minute, p was below .01 for 12 % of people who do not imitate each other.
MIN_LENGTH_S: Final = 300.0

_FOLLOWERS_AT_ONCE = 50
_STATE, _OK = COLUMNS.index("posture_state"), POSTURE_STATES.index(PostureState.OK)


def mimicry_tests(
    times: Array,
    a: Person,
    b: Person,
    layout: Layout,
    settings: Settings,
    number: int,
    rng: np.random.Generator,
    span: Span = WHOLE,
) -> list[TestResult]:
    """Test how often each person takes over the other's postures, between the ends of a part.

    B's new postures are shifted along the time from the first to the last one of both, circularly,
    by twice the longest latency at least, `number` times at random: who changes posture how often,
    and to which postures, stays the same. The results are ``mimicry_by_a`` and ``mimicry_by_b``, in
    take-overs a minute; `windows` counts the new postures that could have been taken over, `pairs`
    the shifts. There are none without postures, if they cover less than `MIN_LENGTH_S`, or in a
    part of intervals, along which nothing can be shifted.
    """
    if not layout.regions or span.name:
        return []
    takes, minutes = _takes(
        times, a, b, Plan.of(settings, layout), settings.hop, span.start, span.end
    )
    onsets = [take.onset for take in takes]
    length = max(onsets, default=0.0) - min(onsets, default=0.0)
    if not minutes or length < MIN_LENGTH_S:
        return []
    shifts = rng.uniform(2 * LATENCY_S[1], length - 2 * LATENCY_S[1], number)
    results = []
    for person, sign in ((0, -1.0), (1, 1.0)):
        followers = [take for take in takes if take.person == person and take.least >= 0.0]
        lags, who = _alike_lags([take for take in takes if take.person != person], followers)
        places, twice = np.concatenate([lags, lags - length]) % (2 * length), np.tile(who, 2)
        order, first = places.argsort(), (LATENCY_S[0] - sign * shifts) % length
        ends = places[order].searchsorted([first, first + LATENCY_S[1] - LATENCY_S[0]])
        near = map(slice, *ends)
        null = np.array([len(np.unique(twice[order[at]])) for at in near]) / minutes
        observed = _count(lags, who) / minutes
        mean, sd = float(null.mean()), float(null.std())
        effect = (observed - mean) / sd if sd else math.nan
        p = (1 + int((null >= observed - 1e-9).sum())) / (1 + number)
        numbers = (observed, mean, sd, effect, p, len(followers), number, number)
        results.append(TestResult(f"mimicry_by_{'ab'[person]}", "body", *numbers))
    return results


def _count(lags: Array, who: NDArray[np.intp]) -> int:
    """Return how many followers are within the latencies of a leader."""
    within = (lags >= LATENCY_S[0]) & (lags <= LATENCY_S[1])
    return int(np.count_nonzero(np.bincount(who[within])))


def _alike_lags(
    leaders: Sequence[Take], followers: Sequence[Take]
) -> tuple[Array, NDArray[np.intp]]:
    """Return how much later the follower is in each pair that is alike, and its number [pair]."""
    lags, who = [np.empty(0)], [np.empty(0, np.intp)]
    onsets, later = (np.array([t.onset for t in each]) for each in (leaders, followers))
    for first in range(0, len(followers) if leaders else 0, _FOLLOWERS_AT_ONCE):
        part = slice(first, first + _FOLLOWERS_AT_ONCE)
        one, other = np.nonzero(is_alike(leaders, followers[part]))
        lags.append(later[first + other] - onsets[one])
        who.append(first + other)
    return np.concatenate(lags), np.concatenate(who)


def _takes(
    times: Array, a: Person, b: Person, plan: Plan, hop: float, start: float, end: float
) -> tuple[list[Take], float]:
    """Return the new postures of both people, and for how many minutes postures were scored."""
    takes, minutes = list[Take](), 0.0
    for part in unbroken(times, plan.rate):
        postures = Postures(plan)
        found = list[Take]()
        mimicry = Mimicry(hop, postures.delay, found)
        due = part.start + row_ends(0, part.stop - part.start, hop * plan.rate)
        for first in range(part.start, part.stop, TICKS_AT_ONCE):
            last = min(first + TICKS_AT_ONCE, part.stop)
            postures.take(a.cut(slice(first, last)), b.cut(slice(first, last)))
            ends = due[(due >= first) & (due < last)]
            rows = np.full((len(ends), len(COLUMNS)), np.nan)
            mimicry.score(rows, times[ends], *postures.score(rows, times[ends], last - 1 - ends))
            within = (times[ends] >= start) & (times[ends] <= end)
            minutes += (rows[within, _STATE] == _OK).sum() * hop / 60.0
        takes += [take for take in found if start <= take.onset <= end]
    return takes, float(minutes)
