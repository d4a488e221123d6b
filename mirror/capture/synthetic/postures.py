"""Postures that are held one after the other, and taken over by another person."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import pi, sin
from typing import Final

import numpy as np

from mirror.capture.synthetic.joints import Point, Posture
from mirror.capture.synthetic.motion import Motion, between, ease

MOVE_S: Final = 0.8  # how long a change of posture takes, s

_HEAD: Final[Point] = (0.34, -0.92)
_HIP: Final[Point] = (-0.22, 1.12)
_CHIN: Final[Point] = (0.46, -0.28)
_ONE_SIDED: Final = (
    *(Posture(right=_CHIN, tilt=tilt) for tilt in (0.0, 0.16)),
    Posture(left=(-0.70, 0.62), right=_CHIN),
    *(
        Posture(right=wrist)
        for wrist in (*(_HIP, _HEAD, (0.42, 0.42), (-0.45, -0.95)), *((-1.20, 0.10), (-0.75, 0.35)))
    ),
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

    def motion(time: float) -> Posture | None:
        number = max(0, bisect_right(starts, time) - 1)
        before, share = changes[max(0, number - 1)].posture, (time - starts[number]) / MOVE_S
        moved = between(before, changes[number].posture, ease(min(1.0, max(0.0, share))))
        breath = 0.008 * sin(2 * pi * 0.24 * time)
        return moved and Posture.of(moved.vector() + np.eye(13)[9] * breath)

    return motion


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
