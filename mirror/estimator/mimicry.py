"""Postures that one person takes over from the other: mimicry.

A region has a **new posture** where the mean of the last second is steady and differs by `CHANGED`
from the last steady one. Its onset is when the mean was half-way between the two. Regions that
change together are one **take** of a person. It follows a take of the other person if its onset is
`LATENCY_S` later, and the deviations from what is usual match (`mirror.estimator.posture.match_of`)
by `ALIKE` or more, and above chance, over all regions that changed in either, none of which differs
by more than `NEAR`, and in one that changed in the follower, and came closer by `CLOSER`. Only the
past is used.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.posture import FEATURES, LEAST_NUMBER, match_of
from mirror.estimator.products import dot, product
from mirror.estimator.validity import Array
from mirror.timeline import COLUMNS, REGIONS

CHANGED: Final = 0.3
"""The smallest change (root mean square over a region's features) to a new posture."""

LATENCY_S: Final = (0.5, 10.0)  # how much later a posture is taken over, s
ALIKE: Final = 0.6  # the lowest match of postures that are taken over
NEAR: Final = 0.75  # the largest difference of a region that changed in either
CLOSER: Final = 0.05  # how much more a region must match after it changed than before, in both

MIMICRY = [
    COLUMNS.index(f"mimicry_{name}") for name in ("latency_s", "ago_s", "likeness", "regions")
]
"""The columns of mimicry."""

_STEADY: Final = 0.12  # largest change of a mean that is steady
_STEADY_S: Final = 0.5  # in this time, s
_SLOWEST_S: Final = 6.0  # a change that takes longer has no onset
_TOGETHER_S: Final = 1.0  # regions that change within this time are one take
_SHAPE: Final = (2, len(REGIONS), FEATURES)
_CHANCE: Final = COLUMNS.index("chance_posture_match")


@dataclass(slots=True, eq=False)
class Take:
    """A new posture of a person."""

    person: int  # 0 for A, 1 for B
    onset: float  # s
    known: float  # when its first region was known to be held, s
    deviations: Array  # from what was usual [region, feature]; NaN where not seen
    before: Array  # the same of the posture before it, of the regions that changed
    changed: NDArray[np.bool_]  # [region]
    # The lowest match of a posture that was taken over: the chance level, but not less than
    # `ALIKE`; NaN if there was no level when the take was complete.
    least: float = math.nan
    follows: bool = False  # whether it was taken over from the other person


class Mimicry:
    """The takes of a session so far, and who took over from whom.

    Rows are `hop` seconds apart; the middle of a mean is `delay` seconds before its end. If `takes`
    is given, takes are appended to it once they are complete, and not compared.
    """

    def __init__(self, hop: float, delay: float, takes: list[Take] | None = None) -> None:
        self._takes = takes
        self._recent: list[Take] = []  # complete ones that a coming one may belong to
        self._lag, self._rows = (max(1, round(each / hop)) for each in (_STEADY_S, _SLOWEST_S))
        self._delay = delay
        self._times = np.empty(0)  # of the last rows
        self._postures = np.empty((0, *_SHAPE))
        self._held = np.full(_SHAPE, np.nan)
        self._open: dict[int, Take] = {}
        self._waiting: list[tuple[int, Take, Take]] = []  # events that found no row yet

    def score(
        self, rows: Array, times: Array, whole: NDArray[np.intp], postures: Array, usual: Array
    ) -> None:
        """Fill in the columns of mimicry in rows [row, column], in place.

        Parameters are those of `Postures.score`, and what it returned.
        """
        past = len(self._times)
        self._times = np.concatenate([self._times, times[whole]])
        self._postures = np.concatenate([self._postures, postures])
        chance = np.maximum(rows[whole, _CHANCE], ALIKE)
        for row, person, region, onset, held in self._find_changes(past):
            self._complete(row, past, chance)
            take = self._open.get(person)
            if take is not None and abs(onset - take.onset) > _TOGETHER_S:
                self._close(person, row, past, chance)
                take = None
            if take is None:
                known, unchanged = float(self._times[row]), np.zeros(len(REGIONS), bool)
                take = Take(person, onset, known, held, np.full(_SHAPE[1:], np.nan), unchanged)
                self._open[person] = take
            take.deviations = self._postures[row, person] - usual[row - past, person]
            if not take.changed[region]:
                take.before[region] = held - usual[row - past, person, region]
            take.changed[region] = True
            take.onset = min(take.onset, onset)
        self._complete(len(self._times) - 1, past, chance)
        self._fill_in(rows, whole, past)
        self._times, self._postures = (
            each[-self._rows :].copy() for each in (self._times, self._postures)
        )

    def _find_changes(self, past: int) -> list[tuple[int, int, int, float, Array]]:
        """Return new postures as (row, person, region, onset in s, the one before), by rows."""
        x = self._postures
        first = max(past, min(self._lag, len(x)))
        new = x[first:]
        steady = _size(new - x[first - self._lag :][: len(new)]) <= _STEADY**2
        found: list[tuple[int, int, int, float, Array]] = []
        if not steady.any():
            return found
        differ, is_new = _differences(new, self._held)
        for person, region in np.argwhere((is_new & steady).any(axis=0)).tolist():
            at, held, least = 0, self._held[person, region], LEAST_NUMBER[region]
            rows = np.flatnonzero(steady[:, person, region])
            values, differs, due = (each[rows, person, region] for each in (new, differ, is_new))
            while due.any():
                skip = int(due.argmax())
                at += skip
                now, row = values[at], first + int(rows[at])
                if differs[skip]:
                    onset = self._onset(row, person, region)
                    if not math.isnan(onset):
                        found.append((row, person, region, onset, held.copy()))
                    held[:] = now
                else:
                    held[:] = np.where(np.isnan(held), now, held)
                at += 1
                differs, due = _differences(values[at:], held, least)
        return sorted(found, key=lambda each: each[:3])

    def _onset(self, row: int, person: int, region: int) -> float:
        """Return when the mean was half-way to that of a row; NaN if it was not seen then."""
        start = max(0, row - self._rows)
        x = self._postures[start : row + 1, person, region] - self._held[person, region]
        known = ~np.isnan(x[-1])
        share = x[:, known] @ x[-1, known] / (x[-1, known] @ x[-1, known]) - 0.5
        before = np.flatnonzero(share < 0.0)
        if not len(before):
            return math.nan
        at = int(before[-1])
        times = self._times[start + at : start + at + 2]
        part = share[at] / (share[at] - share[at + 1])
        return float(times[0] + part * (times[1] - times[0])) - self._delay

    def _complete(self, row: int, past: int, chance: Array) -> None:
        """Close the takes that are complete at a row."""
        ends = [
            (int(self._times.searchsorted(take.known + _TOGETHER_S)), person)
            for person, take in self._open.items()
        ]
        for end, person in sorted(ends):
            if end <= row:
                self._close(person, end, past, chance)

    def _close(self, person: int, row: int, past: int, chance: Array) -> None:
        take = self._open.pop(person)
        take.least = float(chance[row - past])
        if self._takes is not None:
            self._takes.append(take)
            return
        others = sorted(self._recent, key=lambda each: -each.onset)
        lags = [(each, each.onset - take.onset) for each in others if each.person != person]
        shortest, longest = LATENCY_S
        leaders = [each for each, lag in lags if shortest <= -lag <= longest]
        followers = [each for each, lag in lags if shortest <= lag <= longest and not each.follows]
        pairs = [(take, each) for each in compress(followers, is_alike([take], followers).flat)]
        pairs += [(each, take) for each in compress(leaders, is_alike(leaders, [take]).flat)][:1]
        for leader, follower in pairs:
            follower.follows = True
            self._waiting.append((row - past, leader, follower))
        oldest = take.onset - LATENCY_S[1] - _SLOWEST_S
        self._recent = [*(each for each in self._recent if each.onset >= oldest), take]

    def _fill_in(self, rows: Array, whole: NDArray[np.intp], past: int) -> None:
        """Fill in the events, one a row."""
        place, self._waiting, waiting = 0, [], self._waiting
        for row, leader, follower in waiting:
            place = max(place, row)
            if place >= len(whole):
                self._waiting.append((0, leader, follower))
                continue
            regions, likeness = _compare([leader], [follower])
            latency = follower.onset - leader.onset
            rows[whole[place], MIMICRY] = (
                latency if follower.person else -latency,
                self._times[past + place] - follower.onset,
                likeness[0, 0],
                2.0 ** np.arange(len(REGIONS)) @ regions[:, 0, 0],
            )
            place += 1


def is_alike(leaders: Sequence[Take], followers: Sequence[Take]) -> NDArray[np.bool_]:
    """Return whether takes are as alike as those that are taken over [leader, follower]."""
    if not leaders or not followers:
        return np.empty((len(leaders), len(followers)), bool)
    regions, likeness = _compare(leaders, followers)
    least = np.array([each.least for each in followers])
    return np.asarray(regions.any(axis=0) & (likeness >= least))


def _compare(leaders: Sequence[Take], followers: Sequence[Take]) -> tuple[NDArray[np.bool_], Array]:
    """Return what became alike [region, leader, follower], and the match of both takes."""
    one, other = (
        np.stack([each.changed for each in takes], axis=1) for takes in (leaders, followers)
    )
    changed = one[:, :, None] | other[:, None]
    x, y = ([each.deviations for each in takes] for takes in (leaders, followers))
    match, apart = _match(x, y, changed)
    is_taken = other[:, None] & (match[1:] >= ALIKE)
    for before in (
        _match(x, [each.before for each in followers], changed)[0],
        _match([each.before for each in leaders], y, changed)[0],
    ):
        is_taken &= ~(match[1:] - before[1:] < CLOSER)  # also where it was hidden before
    is_near = ~(changed & (apart > NEAR**2)).any(axis=0)
    return is_taken & is_near, match[0]


def _match(
    a: Sequence[Array], b: Sequence[Array], changed: NDArray[np.bool_]
) -> tuple[Array, Array]:
    """Return the match of deviations [region, feature] of the body and of each region.

    And the mean squares of their differences in each region.
    """
    x, y = np.stack(a, axis=1), np.stack(b, axis=2)
    of_x, of_y = ((~np.isnan(each)).astype(float) for each in (x, y))
    x, y = np.where(of_x, x, 0.0), np.where(of_y, y, 0.0)
    products, number = product(x, y), product(of_x, of_y)
    squares = product(x * x, of_y) + product(of_x, y * y)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = (squares - 2.0 * products) / number
    return match_of(products, squares, number, changed), apart


def _size(difference: Array, least: Array = LEAST_NUMBER) -> Array:
    """Return the mean square over features [...]; NaN where too few are seen."""
    seen = ~np.isnan(difference)
    d = np.where(seen, difference, 0.0)
    number = seen.sum(axis=-1)
    return np.where(number >= least, dot(d, d) / np.maximum(number, 1), np.nan)


def _differences(
    x: Array, held: Array, least: Array = LEAST_NUMBER
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where postures differ much from those held, and where they do or show more of them."""
    difference = x - held
    differs = np.asarray(_size(difference, least) >= CHANGED**2)
    more = np.isnan(difference) & ~np.isnan(x)
    return differs, differs | more.any(axis=-1)
