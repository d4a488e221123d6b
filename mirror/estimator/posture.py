"""How alike two people's postures are, against how alike they are at other times.

A posture is what the landmarks of the last second say of each region: directions of the limbs,
places of the wrists, tilt and turn of the head, lean and twist of the trunk. What counts is how it
deviates from the person's usual posture (the most frequent one so far), so that what is alike in
everybody, such as hanging arms, says nothing. With deviations d of the features f of a region r::

    d_p[f]  = w[f] · (x_p[f] − usual_p[f])                      p = A, B
    P[r]    = mean over f of d_A · d_B,  E_p[r] = mean over f of d_p²
    of a region   max(0, 2·P[r] / (E_A[r] + E_B[r] + ν²))
    of the body   max(0, 2·Σ_r P[r] / (Σ_r (E_A[r] + E_B[r]) + ν²))

This is near 1 only if both deviate much, and alike. The body's sums are over the regions in which
somebody has changed posture. The chance level is the 95th percentile of the same for A's posture
now with B's at earlier times, and for B's now with A's, but .25 at least: a posture in which either
spends much time is not special. A match that is no higher, but would be if what is hidden in one,
and often seen, were as in the other, is undefined: nobody can tell. Only the past is used, so live
and replayed rows are equal.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.chance import FEWEST_PAIRS, MEMORY, PERCENTILE
from mirror.estimator.movement import CHANNELS, JOINTS, Movement, from_poses
from mirror.estimator.products import dot, product
from mirror.estimator.spectrum import FROM_BEHIND, Plan
from mirror.estimator.table import windows
from mirror.estimator.validity import Array
from mirror.landmarks import MIN_VISIBILITY, Landmark, Pose
from mirror.timeline import COLUMNS, REGIONS, PostureState

HELD_S = 1.0  # A posture is a mean over this time, s: over a window, if that is shorter

APART_S = 15.0
"""Postures so far apart in time, s, are compared for the chance level.

A posture is taken over within some 10 s, and held: those closer in time may be the same one.
"""

# The smallest deviation (root mean square over a region's features) that says something.
CHANGE = 0.25
_TARGET = 0.4  # the smallest deviation of a posture to copy: of people who just stand, it is .3
_LOWEST = 0.25  # chance level: a lower match is not alike, even if the others are less so
NOISE = 0.12  # ν: the median deviation of regions that have not changed

_AT_MOST = 70  # so many postures tell the most frequent one: all, or every second, third … one
_SEEN = 0.5  # share of that time in which a person must be there
_COMPARED_S = 0.45  # interval between chance levels, s
_SOFT = 0.3  # of the shoulder width: limbs that look shorter point at the camera

_ALL = ("", *(f"_{region}" for region in REGIONS))
_COLUMNS = [
    COLUMNS.index(name)
    for name in (
        *(f"{kind}posture_match{of}" for kind in ("", "chance_") for of in _ALL),
        "posture_state",
    )
]
POSTURE_STATES = tuple(PostureState)  # states by code

_CODE = {state: code for code, state in enumerate(POSTURE_STATES)}

# Columns of what is averaged, of each person.
_HIPS = len(CHANNELS)
_ACROSS, _SCALE, _PRESENT, _DELIVERED, _VISIBILITY = range(_HIPS + 4, _HIPS + 9)
_COUNT = _VISIBILITY + len(JOINTS)

FEATURES = 8  # of a region, at most

_HEAD, _TORSO, _LEFT_ARM, _RIGHT_ARM, _LEGS = range(len(REGIONS))
# How many features of each region must be seen: of an arm, the direction of the upper arm, as of
# folded arms one wrist is hidden.
LEAST_NUMBER = np.array([2.0, 1.0, 2.0, 2.0, 3.0])

# How much a shoulder width (or a unit vector) of each region counts, and how far apart two people
# may be usually: by their build, the roll of their cameras, or how they sit.
_WEIGHT = np.array([8.0, 4.0, 2.0, 2.0, 2.0])[:, None] * np.ones(FEATURES)
_WEIGHT[_HEAD, 1:5] = 14.0, 14.0, 8.0, 3.0
_OWN = np.array([0.03, 0.125, 0.1, 0.1, 0.1])[:, None] * _WEIGHT

_UPRIGHT = np.full((len(REGIONS), FEATURES), np.nan)
"""What is usual in anybody: upright, with hanging arms, as the synthetic people stand."""

_UPRIGHT[_HEAD, [0, 1, 3]] = _UPRIGHT[_TORSO, [0, 2]] = 0.0  # others depend on build
_UPRIGHT[_LEFT_ARM] = (0.3, 0.9, 0.0, 0.93, 0.6, 1.4, 0.6, 2.05)
_UPRIGHT[_RIGHT_ARM] = (-0.3, 0.9, 0.0, 0.93, -0.6, 1.4, -0.6, 2.05)
_UPRIGHT[_LEGS] = 4 * (0.0, 0.95)
_UPRIGHT *= _WEIGHT


# Columns of each joint's x and y, from the midpoint of the shoulders, which are half of their line
# from it; knees and ankles from that of the hips.
_LINE = (_ACROSS, CHANNELS.index("torso_tilt"))
_PLACES = np.array(
    [_LINE, _LINE, (_HIPS, _HIPS + 1), (_HIPS + 2, _HIPS + 3)]
    + [[CHANNELS.index(f"{mark.name.lower()}_{axis}") for axis in "xy"] for mark in JOINTS[4:]]
)
_FACTORS = np.array([0.5, -0.5] + [1.0] * (len(JOINTS) - 2))[:, None, None]
# The joints that limbs go from and to: of the left arm, the right one, the left leg, the right one.
_STARTS, _ENDS = np.array(
    [
        [JOINTS.index(Landmark[f"{side}_{joint}"]) for joint in limb]
        for parts in (("SHOULDER", "ELBOW", "WRIST"), ("HIP", "KNEE", "ANKLE"))
        for side in ("LEFT", "RIGHT")
        for limb in pairwise(parts)
    ]
).T
_WRISTS = _ENDS[1:4:2]


def _features(places: Array) -> Array:
    """Return features [feature, n] of places [joint, axis, n], and the middle of the hips last.

    They are sums of places, not divided by lengths yet; NaN where a region has no more of them.
    """
    left, right, nose, ears = places[0], places[1], places[4], places[5:7]
    middle, centre = 0.5 * (places[2] + places[3]), 0.5 * (ears[0] + ears[1])
    joints = places.copy()
    joints[-4:] += middle  # knees and ankles
    limbs, wrists = joints[_ENDS] - joints[_STARTS], places[_WRISTS]
    features = np.full((len(REGIONS) + 1, FEATURES, places.shape[-1]), np.nan)
    features[_HEAD, 0] = ears[0, 1] - ears[1, 1]
    features[_HEAD, 1:3] = nose - centre
    features[_HEAD, 3:5] = centre + 0.0 * (left + right)
    features[_TORSO, [0, 2, 3]] = left[1] - right[1], -middle[0], left[0] - right[0]
    features[_LEFT_ARM : _RIGHT_ARM + 1, :4] = limbs[:4].reshape(2, 4, -1)
    features[_LEFT_ARM : _RIGHT_ARM + 1, 4:6] = wrists
    features[_LEFT_ARM : _RIGHT_ARM + 1, 6:] = wrists - nose
    features[_LEGS] = limbs[4:].reshape(FEATURES, -1)
    features[-1, :2] = middle
    return features.reshape(-1, places.shape[-1])


# From what is averaged, up to `_ACROSS`, to features [column, feature].
_LINEAR = _features(np.eye(_SCALE)[_PLACES] * _FACTORS).T.copy()
# [joint, feature]: 1 for features that follow from a joint, and for those that a region has not.
_NEEDS = np.isnan(
    _features(np.where(np.eye(len(JOINTS), dtype=bool)[:, None], np.nan, np.zeros((2, 1))))
).T.astype(float)
# What features are multiplied by if the person is seen from behind: nobody knows where a face
# looks that is not seen.
_BEHIND = np.tile([-1.0, 1.0], (len(REGIONS) + 1) * FEATURES // 2)
_BEHIND[[_HEAD * FEATURES, _TORSO * FEATURES, _TORSO * FEATURES + 3]] = 1.0, 1.0, -1.0
_BEHIND[_HEAD * FEATURES + 1 : _HEAD * FEATURES + 5] = np.nan, np.nan, -1.0, 1.0
# [pair]: pairs of features that are a direction; and the one of the trunk.
_IS_LIMB = np.repeat([0, 0, 0, 0, 1, 0, 1, 0, 1, 1], 2) > 0
_OF_TRUNK = (_TORSO * FEATURES + 2) // 2


def mark_not_scored(rows: Array) -> None:
    """Mark rows [row, column] as without postures, in place."""
    rows[:, _COLUMNS[-1]] = _CODE[PostureState.NOT_SCORED]


class Postures:
    """The postures of a session so far.

    One posture a window length is kept for some minutes, as for the other chance levels. A match is
    defined from when there are enough of them for a chance level on.
    """

    def __init__(self, plan: Plan) -> None:
        self._length = min(round(HELD_S * plan.rate), len(plan.taper))
        self.delay = 0.5 * (self._length - 1) / plan.rate
        """How long before its end the middle of a posture is, s."""
        self._apart = (len(plan.taper) - 0.5) / plan.rate  # half a step for rounding
        self._mean = np.ones((self._length, 1))
        self._table = np.empty((0, 2 * _COUNT))  # of less than a posture
        self._number = 0  # of postures kept so far
        self._times = np.empty(0)  # of those kept still
        self._kept = np.empty((0, 2, len(REGIONS), FEATURES))
        self._usual = np.full(self._kept.shape[1:], np.nan)
        self._changed = np.zeros(len(REGIONS), bool)
        self._levels = np.full(len(_ALL), np.nan)
        self._compared = -np.inf  # when these levels were computed

    def take(self, a: Movement, b: Movement) -> None:
        """Take the next ticks."""
        both = np.concatenate([_tabulate(a), _tabulate(b)], axis=1)
        self._table = np.concatenate([self._table, both])

    def score(
        self, rows: Array, times: Array, back: NDArray[np.intp]
    ) -> tuple[NDArray[np.intp], Array, Array]:
        """Fill in the columns of postures in rows [row, column], in place.

        Each ends at one of the `times`, s, so many ticks `back` from the last one taken; ticks that
        no later row needs are let go. Return the rows [K] that have a posture, the postures
        [K, person, region, feature], NaN where not seen, and what was usual then.
        """
        last = len(self._table)
        starts = last - back - self._length
        whole = (starts >= 0).nonzero()[0]
        rows[:, _COLUMNS[-1]] = _CODE[PostureState.WARMING_UP]
        postures = usual = np.empty((0, *self._usual.shape))
        if len(whole):
            samples = windows(self._table, self._length, starts[whole])
            sums = product(samples.transpose(0, 2, 1), self._mean).reshape(-1, 2, _COUNT)
            postures = _describe(sums, self._length)
            rows[whole[:, None], _COLUMNS], usual = self._score(times[whole], sums, postures)
        self._table = self._table[max(0, last - self._length + 1) :].copy()
        return whole, postures, usual

    def _score(self, times: Array, sums: Array, postures: Array) -> tuple[Array, Array]:
        """Return the columns of postures, and what was usual.

        From sums over the last second [K, person, column] and the postures.
        """
        found = np.asarray(~np.isnan(postures).all(axis=(2, 3)))
        rows = np.empty((len(times), len(_COLUMNS)))
        usual = np.empty_like(postures)
        begin, both = 0, (found[:, 0] & found[:, 1]).tolist()
        last = self._times[-1] if len(self._times) else -np.inf
        for row, time in enumerate(times.tolist()):
            if both[row] and time - last >= self._apart:
                rows[begin:row] = self._compare(times[begin:row], postures[begin:row])
                usual[begin:row] = self._usual
                self._keep(time, postures[row])
                begin, last = row, time
        rows[begin:] = self._compare(times[begin:], postures[begin:])
        usual[begin:] = self._usual
        gone = sums[:, :, _DELIVERED] < _SEEN * self._length
        if found.all() and not gone.any():
            return rows, usual
        for state, where in (
            (PostureState.NO_PERSON_B, ~found[:, 1]),
            (PostureState.NO_PERSON_A, ~found[:, 0]),
            (PostureState.GAP, gone.any(axis=1)),
        ):
            rows[where] = np.nan
            rows[where, -1] = _CODE[state]
        return rows, usual

    def _keep(self, time: float, posture: Array) -> None:
        """Keep a posture [person, region, feature]; from all kept, learn what is usual."""
        recent = self._times >= time - MEMORY
        self._times = np.append(self._times[recent], time)
        self._kept = np.concatenate([self._kept[recent], posture[None]])
        self._number += 1
        # Always the same ones: what is usual would change with the choice.
        step = 1 + len(self._kept) // _AT_MOST
        a, b = _most_frequent(self._kept[(len(self._kept) - self._number) % step :: step])
        middle, half = 0.5 * (a + b), 0.5 * (a - b)
        half = np.minimum(np.maximum(half, -_OWN), _OWN)
        self._usual = np.stack([middle + half, middle - half])
        # B's for A's postures, and A's for B's [person, 1, region, feature, kept]
        self._others = [
            np.ascontiguousarray(each[:, ::-1].transpose(1, 2, 3, 0)[:, None])
            for each in split(self._kept - self._usual)
        ]
        _, squares, seen = self._others
        self._often = (seen.mean(axis=-1) > 0.5)[::-1, 0].astype(float)
        size = squares.sum(axis=3) / np.maximum(seen.sum(axis=3), 1.0)
        self._changed = size.max(axis=(0, 1, 3)) >= CHANGE**2
        self._compared = -np.inf

    def _compare(self, times: Array, postures: Array) -> Array:
        """Return the columns of postures [K, person, region, feature]."""
        rows = np.full((len(times), len(_COLUMNS)), np.nan)
        if not len(self._times) or not len(times):
            rows[:, -1] = _CODE[PostureState.WARMING_UP]
            return rows
        d, squares, seen = split(postures - self._usual)
        both = seen[:, 0] * seen[:, 1]
        sums = dot(d[:, 0], d[:, 1]), dot(squares[:, 0] + squares[:, 1], both), both.sum(axis=-1)
        match = match_of([each.T for each in sums], self._changed).T
        gone = self._often * (1.0 - seen)
        undefined = np.isnan(match[:, 0])
        due = []
        for row, time in enumerate(times.tolist()):
            # A row without a match would give levels without one for what follows.
            if time - self._compared >= _COMPARED_S and not undefined[row]:
                due.append(row)
                self._compared = time
        levels = self._levels[None]
        if due:
            new = self._chance(times[due], [each[due] for each in (d, squares, seen)])
            levels = np.concatenate([levels, new]).repeat(np.diff([0, *due, len(times)]), axis=0)
            self._levels = new[-1]
        if gone.any():
            most = self._most(gone, sums, squares, seen)
            match[(match <= levels) & (most > levels)] = np.nan
        rows[:, : len(_ALL)] = match + 0.0 * levels
        rows[:, len(_ALL) : -1] = levels
        state = PostureState.HIDDEN if self._changed.any() else PostureState.ONE_POSTURE
        other = np.where(np.isnan(match[:, 0]), _CODE[state], _CODE[PostureState.WARMING_UP])
        rows[:, -1] = np.where(np.isnan(rows[:, 0]), other, _CODE[PostureState.OK])
        return rows

    def _most(self, gone: Array, sums: Sequence[Array], squares: Array, seen: Array) -> Array:
        """Return the match [K, 6] if what is `gone` (hidden) in one were as in the other."""
        products, of_both, number = sums
        more = dot(gone, squares[:, ::-1]).sum(axis=1)
        both = number + dot(gone, seen[:, ::-1]).sum(axis=1)
        filled = products + more, of_both + 2.0 * more, both
        most = match_of([each.T for each in filled], self._changed).T
        in_both = self._changed & (dot(gone[:, 0], gone[:, 1]) > 0.0)
        most[:, 1:][in_both] = 1.0
        most[in_both.any(axis=1), 0] = 1.0
        return most

    def _chance(self, times: Array, parts: Iterable[Array]) -> Array:
        """Return chance levels [K, 6]: of A's postures with B's at other times, and of B's."""
        rows = [each.transpose(1, 0, 2, 3)[:, :, :, None] for each in parts]
        sums = all_sums(rows, self._others)
        # From [person, K, region, 1, kept] to [region, K, person, kept].
        of_regions = [each[:, :, :, 0].transpose(2, 1, 0, 3) for each in sums]
        match = match_of(of_regions, self._changed)
        near = self._times > times[:, None] - APART_S
        np.copyto(match, np.nan, where=near[:, None])
        return np.maximum(_percentile(match.reshape(*match.shape[:2], -1)).T, _LOWEST)


def match_of(sums: Sequence[Array], changed: NDArray[np.bool_]) -> Array:
    """Return the match of the body and of each region [6, ...]; NaN where nothing is seen.

    From sums of products and of squares over the features of each region [5, ...], and their
    number. Regions in which nobody has `changed` posture [5, ...] say nothing.
    """
    products, squares, number = sums
    shape = (-1, *(1,) * (products.ndim - 1))
    changed = changed.reshape(*changed.shape, *shape[changed.ndim :])
    counts = (number >= LEAST_NUMBER.reshape(shape)) & changed
    each = counts / np.maximum(number, 1.0)
    p, e = 2.0 * products * each, squares * each
    match = np.empty((len(_ALL), *p.shape[1:]))
    np.divide(np.add.reduce(p), np.add.reduce(e) + NOISE**2, out=match[0])
    np.divide(p, e + NOISE**2, out=match[1:])
    np.copyto(match[0], np.nan, where=~counts.any(axis=0))
    np.copyto(match[1:], np.nan, where=~counts)
    return np.maximum(match, 0.0, out=match)


def split(d: Array) -> tuple[Array, Array, Array]:
    """Return deviations, 0 where not seen (NaN); their squares; and 1 for what is seen, else 0."""
    hidden = np.isnan(d)
    d = np.where(hidden, 0.0, d)
    return d, d * d, (~hidden).astype(float)


def all_sums(one: Iterable[Array], other: Iterable[Array]) -> tuple[Array, Array, Array]:
    """Return sums for `match_of` from `split`, of [..., n, feature] and [..., feature, m] ones."""
    (x, x_squares, of_x), (y, y_squares, of_y) = one, other
    squares = product(x_squares, of_y) + product(of_x, y_squares)
    return product(x, y), squares, product(of_x, of_y)


def deviations(poses: Sequence[Pose], *, mirrored: bool) -> Array:
    """Return how the mean of a person's poses deviates from standing upright [region, feature].

    NaN where not seen, and where a picture does not tell a posture from the person's build.
    """
    table = _tabulate(from_poses(poses, mirrored=mirrored))
    described: Array = _describe(table.sum(axis=0)[None], len(poses))[0] - _UPRIGHT
    return described


def copied(target: Array, person: Array) -> float:
    """Return the match, 0…1, of a person's `deviations` with those of a target.

    Relative to that of the target with itself. NaN if too little of either is seen, or the target
    deviates too little to be told from anybody.
    """
    both = np.stack([target, person], axis=-1)
    sums = [each[:, 0] for each in all_sums(split(target[:, None]), split(both))]
    own, match = match_of(sums, np.ones((len(REGIONS), 2), bool))[0].tolist()
    least = 2 * _TARGET**2
    return min(1.0, match / own) if own >= least / (least + NOISE**2) else np.nan


def _tabulate(person: Movement) -> Array:
    """Return what is averaged of a person [tick, column], 0 where not present."""
    marks = person.across, person.scale, person.present, person.delivered
    columns = person.channels.T, person.hips.T, marks, person.visibility.T
    table: Array = np.concatenate(columns).T.copy()
    if not person.present.all():
        absent = ~person.present
        table[absent, :_PRESENT] = table[absent, _VISIBILITY:] = 0.0
    return table


def _describe(sums: Array, length: int) -> Array:
    """Return postures [K, person, region, feature], NaN where not seen, from sums over ticks."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = sums / sums[..., _PRESENT, None]
        mean[sums[..., _PRESENT] < _SEEN * length] = np.nan
        hidden = (mean[..., _VISIBILITY:] < MIN_VISIBILITY).astype(float)
        mean /= mean[..., _SCALE, None]
        features = product(mean[..., :_SCALE], _LINEAR)
        is_behind = mean[..., _ACROSS] <= -FROM_BEHIND
        if is_behind.any():
            features[is_behind] *= _BEHIND
        np.copyto(features, np.nan, where=product(hidden, _NEEDS) > 0.0)
        squares = features * features
        lengths = squares[..., 0::2] + squares[..., 1::2]
        # Directions in shoulder widths; shorter if the limb points at the camera.
        divisor = np.where(_IS_LIMB, np.sqrt(lengths[..., : len(_IS_LIMB)] + _SOFT**2), 1.0)
        trunk = lengths[..., len(_IS_LIMB)]
        divisor[..., _OF_TRUNK] = np.where(trunk > 0.0, np.sqrt(trunk), np.nan)
        pairs = features[..., :-FEATURES].reshape(*divisor.shape, 2)
        described = (pairs / divisor[..., None]).reshape(*mean.shape[:-1], len(REGIONS), FEATURES)
        return described * _WEIGHT


def _most_frequent(kept: Array) -> Array:
    """Return what is usual [person, region, feature] from postures kept [n, ...].

    It is the mean over the smallest ball about one of them that holds a third: where an arm hangs
    more often than it is anywhere else, the median may be a place where it never is.
    """
    x = kept.transpose(1, 2, 0, 3)  # [person, region, n, feature]
    x, _, seen = parts = split(x)
    products, squares, number = all_sums(parts, [each.swapaxes(-1, -2) for each in parts])
    apart = squares - 2.0 * products
    apart = np.where(number >= LEAST_NUMBER[:, None, None], apart / np.maximum(number, 1.0), np.inf)
    third = len(kept) // 3
    radius = np.partition(apart, third, axis=-1)[..., third]
    # What shows less than most is near to all that differ in what it hides: no centre.
    full = seen.sum(axis=-1)
    radius = np.where(full >= np.sort(full)[..., len(kept) // 2, None], radius, np.inf)
    at = radius.argmin(axis=-1)[..., None]
    near = np.take_along_axis(apart, at[..., None], axis=-2)[..., 0, :]
    is_near = (near <= np.take_along_axis(radius, at, axis=-1)).astype(float)[..., None, :]
    with np.errstate(invalid="ignore"):
        usual: Array = (product(is_near, x) / product(is_near, seen))[..., 0, :]
    return usual


def _percentile(match: Array) -> Array:
    """Return the level [...] that one more value like those of the last axis exceeds in 5 %.

    NaN values are left out; NaN if too few are left. Among n values and one more, all ranks are
    equally likely: the level is the value that at most 5 % of the n + 1 are above. Sorts in place.
    """
    match.sort(axis=-1)  # NaN last
    rows = match.reshape(-1, match.shape[-1])
    count = rows.shape[1] - np.isnan(rows).sum(axis=1)
    place = np.ceil(0.01 * PERCENTILE * (count + 1)).astype(np.intp) - 1
    enough = (count >= FEWEST_PAIRS) & (place < count)
    levels = np.where(enough, rows[np.arange(len(rows)), np.where(enough, place, 0)], np.nan)
    return levels.reshape(match.shape[:-1])
