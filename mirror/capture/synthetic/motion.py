"""Movements of a person: functions from time to posture."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import cos, pi, radians, sin
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror.capture.synthetic.joints import Posture

Motion = Callable[[float], Posture | None]  # by time, s; None: out of view
Series = NDArray[np.float64] | Sequence[float]

_MIDDLE: Final = Posture(left=(0.62, 0.46), right=(-0.62, 0.46), knees=(0.14, 0.14)).vector()
_REACH: Final = Posture(
    left=(0.30, 0.44), right=(0.30, 0.44), turn=0.26, nod=0.16, tilt=0.20, sway=0.14, lean=0.10,
    rise=0.03, knees=(0.14, 0.14),
).vector()  # fmt: skip
"""Centre of a movement, and its largest amplitude."""
_PARTS: Final = _MIDDLE.size
# Indices of the knees in a posture's vector; one rises as the other falls, as in walking.
_LEFT_KNEE, _RIGHT_KNEE = 10, 11


def periodic(frequency: float, phase_deg: float = 0.0, seed: int = 0) -> Motion:
    """Return a movement of arms, head, torso and knees, each a sinusoid of a frequency, Hz.

    It lags by a phase behind the movement with phase 0; the seed is of phases and amplitudes.
    """
    rng = np.random.default_rng(seed)
    amplitudes = _REACH * rng.uniform(0.7, 1.0, _PARTS)
    phases = rng.uniform(0, 2 * pi, _PARTS) + radians(phase_deg)
    phases[_RIGHT_KNEE] = phases[_LEFT_KNEE] + pi
    return lambda time: Posture.of(
        _MIDDLE + amplitudes * np.cos(2 * pi * frequency * time - phases)
    )


def aperiodic(seed: int, lag_s: float = 0.0) -> Motion:
    """Return smooth gestures that never repeat, between 0.25 and 1.2 Hz.

    They follow those with lag 0 by `lag_s` seconds.
    """
    rng = np.random.default_rng(seed)
    # One tone in each eighth of the band; their sum rarely exceeds ±1.
    tones = 8
    edges = np.linspace(0.25, 1.2, tones + 1)
    angular = 2 * pi * rng.uniform(edges[:-1], edges[1:], (_PARTS, tones))
    phases = rng.uniform(0, 2 * pi, (_PARTS, tones))
    angular[_RIGHT_KNEE], phases[_RIGHT_KNEE] = angular[_LEFT_KNEE], phases[_LEFT_KNEE] + pi
    amplitudes = 1.6 / tones * _REACH

    def motion(time: float) -> Posture:
        waves = np.cos(angular * (time - lag_s) + phases).sum(axis=1)
        return Posture.of(_MIDDLE + amplitudes * waves)

    return motion


def reduced(motion: Motion, ratio: float) -> Motion:
    """Return `periodic` or `aperiodic` movement with a reach `ratio` times smaller.

    A negative ratio gives the opposite movement at the same time.
    """
    return blend(lambda _: Posture.of(_MIDDLE), motion, 1.0 / ratio)


def still() -> Motion:
    """Return standing with the arms down, and breathing."""
    return lambda time: Posture(rise=0.005 * cos(2 * pi * 0.25 * time))


def leaving(out: float, back: float, pace: float = 2.6) -> Motion:
    """Return standing, walking out of view to the right at `out` s, and back in at `back` s.

    Each way takes `pace` seconds.
    """

    def motion(time: float) -> Posture | None:
        if out + pace <= time < back:
            return None
        way = (time - out) / pace if time < back else 1 - (time - back) / pace
        way = min(1.0, max(0.0, way))
        effort = sin(pi * way)
        stride = effort * sin(2 * pi * 1.7 * time)
        rest = Posture()
        return Posture(
            left=(rest.left[0], rest.left[1] - 0.08 * effort + 0.06 * stride),
            right=(rest.right[0], rest.right[1] - 0.08 * effort - 0.06 * stride),
            lean=0.04 * stride,
            knees=(0.12 * (effort + stride), 0.12 * (effort - stride)),
            step=8.0 * ease(way),
        )

    return motion


def walking(motion: Motion, times: Series, steps: Series) -> Motion:
    """Return a movement that goes on while the person walks to the `steps` of some times, s."""

    def moving(time: float) -> Posture | None:
        posture = motion(time)
        return posture and replace(posture, step=float(np.interp(time, times, steps)))

    return moving


def mirrored(motion: Motion) -> Motion:
    """Return the mirror image of a movement, as somebody facing the person makes it."""
    return lambda time: (posture := motion(time)) and posture.mirrored()


def blend(first: Motion, second: Motion, share: float) -> Motion:
    """Return the mixture of two movements, the second with a `share` of 0…1."""
    return lambda time: between(first(time), second(time), share)


def between(first: Posture | None, second: Posture | None, share: float) -> Posture | None:
    """Interpolate between two postures; None if either is None."""
    if first is None or second is None:
        return None
    return Posture.of((1 - share) * first.vector() + share * second.vector())


def ease(share: float) -> float:
    """Ease from 0 to 1, with zero slope at both ends."""
    return share * share * (3 - 2 * share)
