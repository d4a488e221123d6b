"""No more frames than a grid needs: of a fast source, those nearest to the grid's ticks."""

from __future__ import annotations

import math
from typing import Final

_DENSE: Final = 0.8  # of a tick: frames closer than this, on average, are thinned out
_WEIGHT: Final = 0.1  # of the newest step in the average
_MAX_STEP_S: Final = 0.25  # more is a gap


class Thinning:
    """Tells which frames of a source to use, each on its arrival.

    Parameters
    ----------
    rate : float or None
        Ticks of the grid per second; None uses every frame.

    Attributes
    ----------
    skipped : int
        Frames that were not needed.

    Notes
    -----
    Frames that come at the grid's rate, or more slowly, are all used, however unevenly they come.
    """

    def __init__(self, rate: float | None) -> None:
        self.rate = rate
        self.skipped = 0
        self._last = -math.inf
        self._spacing = math.inf  # mean, s
        self._tick = 0  # the last one that has its frame

    def wants(self, time: float) -> bool:
        """Return whether to use the next frame, at `time`, s."""
        if self.rate is None:
            return True
        step = time - self._last
        self._last = time
        if self._spacing == math.inf:
            self._spacing = step
        elif step <= _MAX_STEP_S:
            self._spacing += _WEIGHT * (step - self._spacing)
        if self._spacing * self.rate >= _DENSE:
            self._tick = math.floor(time * self.rate + 0.5)
            return True
        # The frame that is half a frame or less before the next tick, or after it, is the nearest.
        tick = math.floor((time + self._spacing / 2) * self.rate)
        if tick > self._tick:
            self._tick = tick
            return True
        self.skipped += 1
        return False

    def limit(self, rate: float | None) -> float | None:
        """Return how many frames per second are used of a source with this nominal rate."""
        if rate is None or self.rate is None or self.rate / rate >= _DENSE:
            return rate
        return self.rate
