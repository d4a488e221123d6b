"""Frames to leave out: more than a grid needs, and repeats, as dead cameras send them."""

import math
from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

_DENSE: Final = 0.8  # of a tick: frames closer than this, on average, are thinned out
_AVERAGED: Final = 60  # frames; networks deliver them in bursts
_FEWEST: Final = 8  # frames that tell the rate; before them, the nominal one holds

FROZEN_TEXT: Final = "repeats its last frame"
_FROZEN_AFTER_S: Final = 1.0  # a frame repeated for less is a stutter


class Thinning:
    """Tells which frames of a source to use, each on its arrival.

    `rate` is that of the grid, Hz; None uses every frame. Frames that come at this rate, or more
    slowly, are all used, however unevenly they come. `skipped` counts those that were not needed.
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
        spacing = (time - times[0]) / len(times) if len(times) >= _FEWEST else self._nominal
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


class FrozenFilter:
    """Tells new frames from repeated ones.

    A sensor is never free of noise, so an identical frame carries no new information about the
    person. It is left out, so that a hanging camera shows as a gap and not as standing still.
    """

    def __init__(self) -> None:
        self.trouble: str | None = None  # `FROZEN_TEXT` after a second of one frame
        self._last: NDArray[np.uint8] | None = None
        self._since = 0.0

    def is_new(self, image: NDArray[np.uint8], now: float) -> bool:
        """Return whether an image, which must not be modified later, differs from the last."""
        last = self._last
        # Compare a few rows first: it tells live images apart at a fiftieth of the cost.
        if (
            last is not None
            and last.shape == image.shape
            and np.array_equal(last[::48], image[::48])
            and np.array_equal(last, image)
        ):
            self.trouble = FROZEN_TEXT if now - self._since > _FROZEN_AFTER_S else None
            return False
        self._last, self._since, self.trouble = image, now, None
        return True
