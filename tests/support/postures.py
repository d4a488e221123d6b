"""Landmarks of people who hold one posture after another, without frames."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror import Landmark, Pose, Settings, Tick, Timeline
from mirror.capture.synthetic.demo import LOOKS
from mirror.capture.synthetic.joints import Point, Posture, joints
from mirror.capture.synthetic.motion import Motion, between, ease
from mirror.estimator.estimator import score_ticks
from mirror.landmarks import Feed

MOVE_S: Final = 0.8
"""How long a change of posture takes, s."""

_CHIN: Final[Point] = (0.46, -0.28)
_HIP: Final[Point] = (-0.22, 1.12)
_HEAD: Final[Point] = (0.34, -0.92)
_CHEST: Final[Point] = (0.42, 0.42)


def _right(wrist: Point, **rest: float) -> Posture:
    return Posture(right=wrist, **rest)  # type: ignore[arg-type]


_ONE_SIDED: Final = (
    _right(_CHIN),
    _right(_CHIN, tilt=0.16),
    Posture(left=(-0.70, 0.62), right=_CHIN),
    _right(_HIP),
    _right(_HEAD),
    _right(_CHEST),
    _right((-0.45, -0.95)),
    _right((-1.20, 0.10)),
    _right((-0.75, 0.35)),
    Posture(tilt=0.26),
    Posture(turn=0.30),
    Posture(sway=0.22, lean=0.22),
)
POSTURES: Final = (
    *_ONE_SIDED,
    *(posture.mirrored() for posture in _ONE_SIDED),
    Posture(left=(-0.72, 0.55), right=(0.72, 0.62)),  # arms folded
    Posture(left=(-0.42, 0.95), right=(0.42, 0.98)),  # hands clasped
    Posture(left=(0.22, 1.12), right=_HIP),  # hands on the hips
    Posture(left=(-0.34, -0.92), right=_HEAD),  # hands on the head
    Posture(left=(1.20, 0.05), right=(-1.20, 0.05)),  # arms wide
    Posture(left=(0.45, -0.95), right=(-0.45, -0.95)),  # arms up
    Posture(nod=0.30),
)
"""Thirty-one postures, twelve of them with a side, and those mirrored."""


@dataclass(frozen=True)
class Held:
    """A posture that is held from a time on, s."""

    start: float
    posture: Posture


def holding(changes: Sequence[Held]) -> Motion:
    """Return a movement from each posture to the next one; the first is held from the start."""
    starts = [each.start for each in changes]

    def motion(time: float) -> Posture:
        number = max(0, bisect_right(starts, time) - 1)
        now = changes[number].posture
        before = changes[max(0, number - 1)].posture
        share = min(1.0, (time - starts[number]) / MOVE_S)
        moved = between(before, now, ease(max(0.0, share)))
        assert moved is not None
        sway = 0.008 * np.sin(2 * np.pi * 0.24 * time)  # breathing
        return Posture.of(moved.vector() + np.eye(13)[9] * sway)

    return motion


RATE = 10.0
NOISE = 0.01
"""Of each coordinate, shoulder widths."""

LOWER_BODY = tuple(mark for mark in Landmark if mark >= Landmark.LEFT_HIP)


def hold(seed: int, seconds: float, each: tuple[float, float] = (6.0, 9.0)) -> list[Held]:
    """Return postures in random order, each held for some seconds."""
    rng = np.random.default_rng(seed)
    changes, time, order = [], 0.0, list[int]()
    while time < seconds:
        order = order or rng.permutation(len(POSTURES)).tolist()
        changes.append(Held(time, POSTURES[order.pop()]))
        time += float(rng.uniform(*each))
    return changes


def take_over(changes: Sequence[Held], seed: int, latency: tuple[float, float]) -> list[Held]:
    """Return the mirrored postures, each taken some seconds later."""
    rng = np.random.default_rng(seed)
    return [
        Held(each.start + float(rng.uniform(*latency)), each.posture.mirrored()) for each in changes
    ]


def people(
    changes: Sequence[Held],
    seconds: float,
    *,
    feed: Feed = "a",
    size: float = 1.0,
    shift: float = 0.0,
    roll_deg: float = 0.0,
    hidden: Collection[Landmark] = (),
) -> list[Pose]:
    """Return the poses of a person of that size, shifted and seen by a rolled camera."""
    places = _places(tuple(changes), seconds, feed)
    turned = size * np.exp(1j * np.radians(roll_deg)) * places
    marks = np.ones((*places.shape, 4), np.float32)
    marks[..., 0], marks[..., 1] = 0.5 + turned.real / 640 + shift, 0.5 + turned.imag / 480
    marks[:, list(hidden), 3] = 0.1
    return [Pose(tick / RATE, each, None, 640, 480) for tick, each in enumerate(marks)]


@cache
def _places(changes: tuple[Held, ...], seconds: float, feed: Feed) -> NDArray[np.complex128]:
    """Landmarks [tick, 33] in pixels from the middle of the frame, x + 1j · y, with jitter."""
    rng, motion = np.random.default_rng(ord(feed)), holding(changes)
    places = np.zeros((round(seconds * RATE), len(Landmark)), complex)
    for tick, row in enumerate(places):
        posture = motion(tick / RATE)
        assert posture is not None
        for mark, (x, y) in joints(LOOKS[feed], posture, 640, 480).items():
            row[mark] = x - 320 + 1j * (y - 240)
    unit = np.abs(places[:1, Landmark.LEFT_SHOULDER] - places[:1, Landmark.RIGHT_SHOULDER])
    jitter = rng.normal(size=(2, *places.shape))
    return places + NOISE * unit * (jitter[0] + 1j * jitter[1])


def score(a: Sequence[Pose | None], b: Sequence[Pose | None], **settings: object) -> Timeline:
    """Return the rows of two people."""
    used = Settings(rate=RATE).changed(**settings)
    return score_ticks([Tick(k / RATE, *both) for k, both in enumerate(zip(a, b))], used)  # noqa: B905


def mirrored_rows(timeline: Timeline, a: Sequence[Held], b: Sequence[Held]) -> NDArray[np.bool_]:
    """Return the rows in which both hold the same posture, mirrored, since 2 s at least."""
    held = []
    for changes in (a, b):
        starts = np.array([each.start for each in changes])
        held.append(np.searchsorted(starts + 2.0, timeline.time_s, side="right") - 1)
        held.append(np.searchsorted(starts, timeline.time_s, side="right") - 1)
    return np.array(
        [
            i == k >= 0 and j == m >= 0 and a[i].posture == b[j].posture.mirrored()
            for i, k, j, m in zip(*held, strict=True)
        ]
    )


def still(posture: Posture = POSTURES[0]) -> list[Held]:
    """Return one posture, held for ever."""
    return [Held(0.0, posture)]
