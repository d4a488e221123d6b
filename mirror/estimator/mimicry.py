"""Postures that one person takes over from the other: mimicry.

A region has a **new posture** where the mean of the last second is steady and differs by `CHANGED`
from the last steady one. Its onset is when the mean was half-way between the two. Regions that
change together are one **take** of a person. It follows a take of the other person if deviations
from what is usual match (`mirror.estimator.posture.match_of`) by `ALIKE` or more, over all regions
that changed in either, none of which differs by more than `_NEAR`, and in one that changed in the
follower, and came closer by `CLOSER`; all of them or that one above its chance level; and if the
onsets of what changed alike in both are `LATENCY_S` later (median). Only the past is used.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.posture import FEATURES, LEAST_NUMBER, NOISE, match_of, split
from mirror.estimator.products import dot, product
from mirror.estimator.validity import Array
from mirror.timeline import COLUMNS, REGIONS

# The smallest change (root mean square over a region's features) to a new posture.
CHANGED: Final = 0.3
LATENCY_S: Final = (0.3, 10.0)  # how much later, s: half a second, less what it may be off by
ALIKE: Final = 0.6  # the lowest match of postures that are taken over
_NEAR: Final = 0.75  # the largest difference of a region that changed in either
CLOSER: Final = 0.1  # how much less a region must differ after it changed than before, in both

MIMICRY = [
    COLUMNS.index(f"mimicry_{name}") for name in ("latency_s", "ago_s", "likeness", "regions")
]
"""The columns of mimicry."""

_STEADY: Final = 0.12  # largest change of a mean that is steady
_STEADY_S: Final = 0.5  # in this time, s
_SLOWEST_S: Final = 6.0  # a change that takes longer has no onset
_TOGETHER_S: Final = 1.0  # regions that change within this time are one take
_FOLLOWERS_AT_ONCE: Final = 4  # compared with all leaders
_SHAPE: Final = (2, len(REGIONS), FEATURES)
_CHANCE = [k for k, name in enumerate(COLUMNS) if name.startswith("chance_posture_match")]


@dataclass(slots=True, eq=False)
class Take:
    """A new posture of a person."""

    person: int  # 0 for A, 1 for B
    onset: float  # s
    known: float  # when its first region was known to be held, s
    posture: Array  # [region, feature]; NaN where not seen
    before: Array  # the posture before it, of the regions that changed
    onsets: Array  # when each region changed, s; NaN where it did not
    # The lowest match of a posture that was taken over, and of each of its regions: the chance
    # levels, but not less than `ALIKE`; NaN if there were none when the take was complete.
    least: Array
    usual: Array  # in both people then [person, region, feature]
    follows: bool = False  # whether it was taken over from the other person


class Mimicry:
    """The takes of a session so far, and who took over from whom.

    Rows are `hop` seconds apart; the middle of a mean is `delay` seconds before its end.
    """

    def __init__(self, hop: float, delay: float) -> None:
        self._recent: list[Take] = []  # complete ones that a coming one may belong to
        self._lag, self._rows = (max(1, round(each / hop)) for each in (_STEADY_S, _SLOWEST_S))
        self._delay = delay
        self._times = np.empty(0)  # of the last rows
        self._postures = np.empty((0, *_SHAPE))
        self._held = np.full(_SHAPE, np.nan)
        self._open: dict[int, Take] = {}
        self._closed: list[tuple[int, Take]] = []  # those not compared yet, and the rows since
        # Events that found no row yet: the first row, and columns, with the onset for its age.
        self._waiting: list[tuple[int, list[float]]] = []

    def score(
        self, rows: Array, times: Array, whole: NDArray[np.intp], postures: Array, usual: Array
    ) -> list[Take]:
        """Fill in the columns of mimicry in rows [row, column]; return takes that are complete now.

        Parameters are those of `Postures.score`, and what it returned.
        """
        past = len(self._times)
        self._times = np.concatenate([self._times, times[whole]])
        self._postures = np.concatenate([self._postures, postures])
        chance = rows[whole[:, None], _CHANCE]
        for row, person, region, onset, held in self._find_changes(past):
            self._complete(row, past, chance)
            take = self._open.get(person)
            if take is not None and abs(onset - take.onset) > _TOGETHER_S:
                self._close(person, row, past, chance)
                take = None
            if take is None:
                known, no = float(self._times[row]), np.full((len(REGIONS), FEATURES), np.nan)
                then = chance[row - past], usual[row - past]
                take = Take(person, onset, known, held, no, no[:, 0].copy(), *then)
                self._open[person] = take
            take.usual = usual[row - past].copy()
            take.posture = self._postures[row, person].copy()
            if np.isnan(take.onsets[region]):
                take.before[region] = held
            take.onsets[region] = onset
            take.onset = min(take.onset, onset)
        self._complete(len(self._times) - 1, past, chance)
        closed, self._closed = self._closed, []
        self._relate(closed)
        self._fill_in(rows, whole, past)
        self._times, self._postures = (
            each[-self._rows :].copy() for each in (self._times, self._postures)
        )
        return [take for _, take in closed]

    def _find_changes(self, past: int) -> list[tuple[int, int, int, float, Array]]:
        """Return new postures as (row, person, region, onset in s, the one before), by rows."""
        x = self._postures
        first = max(past, min(self._lag, len(x)))
        new = x[first:]
        steady = _size(new - x[first - self._lag :][: len(new)]) <= _STEADY**2
        found: list[tuple[int, int, int, float, Array]] = []
        differ, is_new = _differences(new, self._held)
        for person, region in np.transpose(np.nonzero((is_new & steady).any(axis=0))).tolist():
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
        least = chance[row - past]
        take.least = np.fmax(least, ALIKE) + 0.0 * least[0]  # NaN if there is no level of the body
        self._closed.append((row - past, take))

    def _relate(self, closed: list[tuple[int, Take]]) -> None:
        """Find who took over whose posture, of (row, take) pairs just closed and recent takes."""
        pairs: list[tuple[int, Take, Take]] = []
        for row, take in closed:
            for each in sorted(self._recent, key=lambda each: -each.onset):
                if each.person != take.person:
                    pairs += [(row, each, take), (row, take, each)]
            oldest = take.onset - LATENCY_S[1] - _SLOWEST_S
            self._recent = [*(each for each in self._recent if each.onset >= oldest), take]
        if not pairs:
            return
        _, leaders, followers = zip(*pairs, strict=True)
        own = np.arange(len(pairs))
        found = zip(*_judge(_Arrays.of(leaders), _Arrays.of(followers), own, own), strict=True)
        for (row, _, follower), (number, match, late) in zip(pairs, found, strict=True):
            # The first one: of the leader nearest in time.
            if LATENCY_S[0] <= late <= LATENCY_S[1] and not follower.follows:
                follower.follows = True
                latency = late if follower.person else -late
                self._waiting.append((row, [latency, follower.onset, match, number]))

    def _fill_in(self, rows: Array, whole: NDArray[np.intp], past: int) -> None:
        """Fill in the events, one a row."""
        place, self._waiting, waiting = 0, [], self._waiting
        for row, event in waiting:
            place = max(place, row)
            if place >= len(whole):
                self._waiting.append((0, event))
                continue
            rows[whole[place], MIMICRY] = event
            rows[whole[place], MIMICRY[1]] = self._times[past + place] - event[1]
            place += 1


def alike(leaders: Sequence[Take], followers: Sequence[Take]) -> tuple[Array, NDArray[np.intp]]:
    """Return the follower's delay, s, and its number in all pairs that are alike enough [pair]."""
    x, y = _Arrays.of(leaders), _Arrays.of(followers)
    lags, who = [np.empty(0)], [np.empty(0, np.intp)]
    of_x = np.concatenate(split(x.now), axis=-1)
    seen = ~np.isnan(y.deviations + y.partners)
    e, u = (np.where(seen, each, 0.0) for each in (y.deviations, y.partners))
    rest = -2.0 * e * u - ALIKE * (e * e + u * u + NOISE**2 * seen)
    of_y = np.concatenate([2.0 * e + 2.0 * ALIKE * u, -ALIKE * seen, rest], axis=-1)
    for start in range(0, len(followers), _FOLLOWERS_AT_ONCE):
        at = slice(start, start + _FOLLOWERS_AT_ONCE)
        # All that match in a region, and others.
        maybe = product(of_x, of_y[:, at].swapaxes(-1, -2)) > -1e-9
        one, other = np.nonzero((maybe & ~np.isnan(y.onsets[:, None, at])).any(axis=0))
        late = _judge(x, y, one, start + other)[2]
        taken = ~np.isnan(late)
        who.append(start + other[taken])
        lags.append(late[taken])
    return np.concatenate(lags), np.concatenate(who)


class _Arrays(NamedTuple):
    """Takes as arrays [region, take, feature]."""

    now: Array
    before: Array
    deviations: Array  # of now, from what was usual
    usual: Array  # in the person
    partners: Array  # what was usual in the other one
    onsets: Array  # [region, take]; NaN where it did not change
    least: Array  # [body and regions, take]

    @classmethod
    def of(cls, takes: Sequence[Take]) -> "_Arrays":
        each = [(t.posture, t.before, *t.usual[:: -1 if t.person else 1]) for t in takes]
        now, before, usual, partners = np.reshape(each, (-1, 4, *_SHAPE[1:])).transpose(1, 2, 0, 3)
        onsets = np.reshape([take.onsets for take in takes], (-1, len(REGIONS)))
        least = np.reshape([take.least for take in takes], (-1, len(_CHANCE)))
        return cls(now, before, now - usual, usual, partners, onsets.T, least.T)


def _judge(
    x: _Arrays, y: _Arrays, one: NDArray[np.intp], other: NDArray[np.intp]
) -> tuple[Array, Array, Array]:
    """Return what followers took over from leaders, how alike they are, and how much later, s.

    Pairs are given by the numbers of both takes [pair]. Regions are a sum of powers of two; the
    delay is NaN where nothing is taken over.
    """
    lags, usual = y.onsets[:, other] - x.onsets[:, one], y.partners[:, other]
    followed = ~np.isnan(y.onsets[:, other])
    changed = followed | ~np.isnan(x.onsets[:, one])
    leader, follower = x.now[:, one] - usual, y.deviations[:, other]
    (d, d_squares, seen), (e, e_squares, of_e) = split(leader), split(follower)
    squares = dot(d_squares, of_e) + dot(seen, e_squares)
    match = match_of((dot(d, e), squares, dot(seen, of_e)), changed)
    above = match >= y.least[:, other]
    regions = followed & (match[1:] >= ALIKE) & (above[0] | above[1:]) & (match[0] >= ALIKE)
    few = np.flatnonzero(regions.any(axis=0))  # what is left to be told, of these alone
    leader, follower, usual = leader[:, few], follower[:, few], usual[:, few]
    apart = np.sqrt(_size(leader - follower, np.ones(1)))
    regions[:, few] &= ~(changed[:, few] & (apart > _NEAR)).any(axis=0)
    before = x.before[:, one[few]] - usual, (y.before - y.usual)[:, other[few]]
    for difference in (leader - before[1], before[0] - follower):  # NaN where hidden before
        regions[:, few] &= ~(np.sqrt(_size(difference, LEAST_NUMBER[:, None])) - apart < CLOSER)
    # Also of regions that are alike, but were not told to be taken over: several measure better.
    same = (match[1:] > 0.0) & regions.any(axis=0)
    lags = np.sort(np.where(same, lags, np.nan), axis=0)
    number, pair = (~np.isnan(lags)).sum(axis=0), np.arange(len(one))
    late = 0.5 * (lags[(number - 1) // 2, pair] + lags[number // 2, pair])
    return 2.0 ** np.arange(len(REGIONS)) @ regions, match[0], late


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
