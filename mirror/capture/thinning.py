"""No more frames than a grid needs: of a fast source, those nearest to the grid's ticks."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

_DENSE: Final = 0.8  # of a tick: frames closer than this, on average, are thinned out
_AVERAGED: Final = 60  # frames; networks deliver them in bursts
_FEWEST: Final = 8  # frames that tell the rate; before them, the nominal one holds


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
        self._times: deque[float] = deque(maxlen=_AVERAGED)
        self._nominal = math.inf  # s from one frame to the next
        self._tick = -math.inf  # the last one that has its frame

    def wants(self, time: float) -> bool:
        """Return whether to use the next frame, at `time`, s."""
        if self.rate is None:
            return True
        times = self._times
        known = len(times) >= _FEWEST
        spacing = (time - times[0]) / len(times) if known else self._nominal
        times.append(time)
        if spacing * self.rate >= _DENSE:
            self._tick = math.floor(time * self.rate + 0.5)
            return True
        # The frame that is half a frame or less before the next tick, or after it, is the nearest.
        tick = math.floor((time + spacing / 2) * self.rate)
        if tick > self._tick:
            self._tick = tick
            return True
        self.skipped += 1
        return False

    def limit(self, rate: float | None) -> float | None:
        """Expect frames at a source's nominal rate; return at which rate they are used."""
        self._nominal = 1 / rate if rate else math.inf
        dense = rate is not None and self.rate is not None and self.rate / rate < _DENSE
        return self.rate if dense else rate
