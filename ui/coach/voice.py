"""The tone's samples: a soft sine that follows the score, with no click anywhere.

The pitch says how well the two are coordinated, from 220 Hz (not at all) over an octave and a half
to 660 Hz (perfectly), by equal intervals for equal steps of the score. Whether they do the same or
the opposite is in the sound itself: in phase it is steady, in anti-phase it trembles, five times a
second and more deeply the stronger anti-phase is. Where there is no score there is no tone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror.timeline import Score, State

LOWEST: Final = 220.0
HIGHEST: Final = 660.0
TREMOLO: Final = 5.0  # Hz
VOLUME: Final = 0.12  # of full scale: soft, also with the volume turned up
_DEPTH: Final = 0.7  # of the tremolo in full anti-phase

_GLIDE: Final = (
    0.06  # time constants, s: quick enough to follow a score that comes 10 times a second
)
_FADE: Final = 0.15
_SILENCE: Final = 1e-5  # a loudness that nobody hears


@dataclass(frozen=True, slots=True)
class Sound:
    """What a score sounds like.

    Attributes
    ----------
    frequency : float
        Hz.
    loudness : float
        0…1 of full scale.
    depth : float
        Of the tremolo, 0…1 of the loudness.
    """

    frequency: float
    loudness: float
    depth: float


def sound(score: Score | None) -> Sound | None:
    """What a score sounds like; None where it is undefined: that is silence."""
    if score is None or score.state is not State.OK:
        return None
    strength = max(score.in_phase, score.anti_phase)
    return Sound(LOWEST * (HIGHEST / LOWEST) ** strength, VOLUME, _DEPTH * score.anti_phase)


class Voice:
    """Makes the samples, block after block, with a phase that never jumps.

    Parameters
    ----------
    rate : int
        Samples a second.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._aim = Sound(LOWEST, 0.0, 0.0)
        self._now = self._aim
        self._phase = 0.0
        self._tremolo = 0.0

    @property
    def silent(self) -> bool:
        """Whether it has faded out, and will stay so until it is given a sound."""
        return self._aim.loudness == 0.0 == self._now.loudness

    def aim(self, target: Sound | None) -> None:
        """Glide to that sound from the next block on; None fades out on the pitch that is heard."""
        if target is None:
            target = Sound(self._aim.frequency, 0.0, self._aim.depth)
        elif self.silent:
            # From silence it comes with its own pitch, not gliding there from an old one.
            self._now = Sound(target.frequency, 0.0, target.depth)
        self._aim = target

    def samples(self, count: int) -> NDArray[np.float32]:
        """The next samples, −1…1.

        Parameters
        ----------
        count : int
            How many; blocks of any size make the same sound.
        """
        if count == 0 or self.silent:
            return np.zeros(count, np.float32)
        passed = np.arange(1, count + 1) / self._rate
        frequency = _approach(self._now.frequency, self._aim.frequency, passed, _GLIDE)
        depth = _approach(self._now.depth, self._aim.depth, passed, _FADE)
        loudness = _approach(self._now.loudness, self._aim.loudness, passed, _FADE)
        phase = self._phase + np.cumsum(frequency) / self._rate
        tremolo = self._tremolo + TREMOLO * passed
        trembling = 1 - depth * (1 - np.cos(2 * np.pi * tremolo)) / 2
        self._phase, self._tremolo = float(phase[-1] % 1), float(tremolo[-1] % 1)
        last = float(loudness[-1])
        over = self._aim.loudness == 0.0 and last < _SILENCE
        self._now = Sound(float(frequency[-1]), 0.0 if over else last, float(depth[-1]))
        made: NDArray[np.float64] = loudness * trembling * np.sin(2 * np.pi * phase)
        return made.astype(np.float32)


def _approach(
    start: float, aim: float, passed: NDArray[np.float64], constant: float
) -> NDArray[np.float64]:
    """From a value towards another, exponentially."""
    return aim + (start - aim) * np.exp(-passed / constant)
