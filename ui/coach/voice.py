"""The tone's samples: a soft sine that follows the score, without clicks.

The pitch shows the stronger of the two scores, from 220 Hz (0) to 660 Hz (1), with equal intervals
for equal steps. The tone is steady in phase and has a tremolo of 5 Hz in anti-phase, deeper the
stronger anti-phase is. It is silent without a score.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror.timeline import Score, State

LOWEST_HZ: Final = 220.0
HIGHEST_HZ: Final = 660.0
TREMOLO_HZ: Final = 5.0
VOLUME: Final = 0.12  # of full scale: soft, also with the volume turned up
_DEPTH: Final = 0.7  # of the tremolo in full anti-phase

_GLIDE_S: Final = 0.06  # time constant of the pitch: follows 10 scores per second
_FADE_S: Final = 0.15  # time constant of the loudness
_SILENCE: Final = 1e-5  # inaudible loudness


@dataclass(frozen=True, slots=True)
class Sound:
    """A pitch, loudness and tremolo."""

    frequency: float  # Hz
    loudness: float  # 0…1 of full scale
    depth: float  # of the tremolo, 0…1 of the loudness


def score_sound(score: Score | None) -> Sound | None:
    """Return the sound of a score; None (silence) if it is undefined."""
    if score is None or score.state is not State.OK:
        return None
    strength = max(score.in_phase, score.anti_phase)
    return Sound(
        LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** strength, VOLUME, _DEPTH * score.anti_phase
    )


class Voice:
    """Makes the samples block by block, `rate` a second, without jumps of the phase."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._target = Sound(LOWEST_HZ, 0.0, 0.0)
        self._now = self._target
        self._phase = 0.0
        self._tremolo = 0.0

    @property
    def silent(self) -> bool:
        """Whether it has faded out and has no target."""
        return self._target.loudness == 0.0 == self._now.loudness

    def set_target(self, target: Sound | None) -> None:
        """Glide to a sound from the next block on; with None, fade out at the current pitch."""
        if target is None:
            target = Sound(self._target.frequency, 0.0, self._target.depth)
        elif self.silent:
            # From silence, start at the new pitch.
            self._now = Sound(target.frequency, 0.0, target.depth)
        self._target = target

    def samples(self, count: int) -> NDArray[np.float32]:
        """Return the next samples, −1…1; blocks of any size make the same sound."""
        if count == 0 or self.silent:
            return np.zeros(count, np.float32)
        elapsed = np.arange(1, count + 1) / self._rate
        frequency = _approach(self._now.frequency, self._target.frequency, elapsed, _GLIDE_S)
        depth = _approach(self._now.depth, self._target.depth, elapsed, _FADE_S)
        loudness = _approach(self._now.loudness, self._target.loudness, elapsed, _FADE_S)
        phase = self._phase + np.cumsum(frequency) / self._rate
        tremolo = self._tremolo + TREMOLO_HZ * elapsed
        tremolo_gain = 1 - depth * (1 - np.cos(2 * np.pi * tremolo)) / 2
        self._phase, self._tremolo = float(phase[-1] % 1), float(tremolo[-1] % 1)
        last = float(loudness[-1])
        faded_out = self._target.loudness == 0.0 and last < _SILENCE
        self._now = Sound(float(frequency[-1]), 0.0 if faded_out else last, float(depth[-1]))
        samples: NDArray[np.float64] = loudness * tremolo_gain * np.sin(2 * np.pi * phase)
        return samples.astype(np.float32)


def _approach(
    start: float, target: float, elapsed: NDArray[np.float64], constant: float
) -> NDArray[np.float64]:
    return target + (start - target) * np.exp(-elapsed / constant)
