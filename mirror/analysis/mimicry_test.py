"""How often postures are taken over, against the same count with B shifted along the session."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror.analysis.surrogates import TestResult
from mirror.estimator.estimator import TICKS_AT_ONCE
from mirror.estimator.mimicry import LATENCY_S, Mimicry, Take, alike
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
    takes, minutes = _takes(times, a, b, Plan.of(settings, layout), settings.hop, span)
    onsets = [take.onset for take in takes]
    length = max(onsets, default=0.0) - min(onsets, default=0.0)
    if not minutes or length < MIN_LENGTH_S:
        return []
    shifts = rng.uniform(2 * LATENCY_S[1], length - 2 * LATENCY_S[1], number)
    results = []
    for person, sign in ((0, -1.0), (1, 1.0)):
        followers = [take for take in takes if take.person == person and take.least[0] >= 0.0]
        lags, who = alike([take for take in takes if take.person != person], followers)
        circle = np.concatenate([lags, lags - length]) % (2 * length)
        null = _count(circle, np.tile(who, 2), -sign * shifts % length) / minutes
        observed = float(_count(lags, who, np.zeros(1))[0]) / minutes
        mean, sd = float(null.mean()), float(null.std())
        effect = (observed - mean) / sd if sd else math.nan
        p = (1 + int((null >= observed - 1e-9).sum())) / (1 + number)
        numbers = (observed, mean, sd, effect, p, len(followers), number, number)
        results.append(TestResult(f"mimicry_by_{'ab'[person]}", "body", *numbers))
    return results


def _count(lags: Array, who: NDArray[np.intp], shifts: Array) -> Array:
    """Return how many followers are within the latencies of a leader, shifted by each [shift]."""
    order = lags.argsort()
    ends = lags[order].searchsorted(np.add.outer(LATENCY_S, shifts))
    return np.array([len(np.unique(who[order[first:stop]])) for first, stop in ends.T], float)


def _takes(
    times: Array, a: Person, b: Person, plan: Plan, hop: float, span: Span
) -> tuple[list[Take], float]:
    """Return the new postures of both people, and for how many minutes postures were scored."""
    takes, minutes = list[Take](), 0.0
    for part in unbroken(times, plan.rate):
        postures = Postures(plan)
        mimicry = Mimicry(hop, postures.delay)
        due = part.start + row_ends(0, part.stop - part.start, hop * plan.rate)
        for first in range(part.start, part.stop, TICKS_AT_ONCE):
            last = min(first + TICKS_AT_ONCE, part.stop)
            postures.take(a.cut(slice(first, last)), b.cut(slice(first, last)))
            ends = due[(due >= first) & (due < last)]
            rows = np.full((len(ends), len(COLUMNS)), np.nan)
            scored = postures.score(rows, times[ends], last - 1 - ends)
            found = mimicry.score(rows, times[ends], *scored)
            takes += [take for take in found if span.start <= take.onset <= span.end]
            within = (times[ends] >= span.start) & (times[ends] <= span.end)
            minutes += (rows[within, _STATE] == _OK).sum() * hop / 60.0
    return takes, float(minutes)
