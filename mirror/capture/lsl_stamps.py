"""Times of a live stream's samples, whatever the sender's clock does."""

import math
from collections import deque
from collections.abc import Iterable
from typing import Final

import numpy as np

MAX_OFF_S: Final = 60.0  # how far a stamp may be from its arrival without being of another clock
_TOLERANCE_S: Final = 0.25  # as much is interpolated
_KNOWN_AFTER: Final = 5  # samples after which a stamp is compared with those before
_JUMPED_AFTER: Final = 3  # samples, and
_JUMPED_AFTER_S: Final = 0.25  # seconds, of a clock that stays where it jumped to
_DELAYS: Final = 50  # samples whose median delay is kept across a jump


class StampFilter:
    """Drops single wrong stamps, and follows a clock that jumps and stays.

    `rate` is the nominal one, samples per second. `shift`, s, is what is added to the stamps since
    the clock jumped: samples then keep the median delay from stamp to arrival that they had before.
    """

    def __init__(self, rate: float | None = None) -> None:
        self.shift = 0.0
        self._tolerance = _TOLERANCE_S + (1 / rate if rate else 0.0)
        self._last, self._last_arrival = -math.inf, math.inf
        self._delays: deque[float] = deque(maxlen=_DELAYS)
        self._suspects: deque[tuple[float, float]] = deque(maxlen=_DELAYS)
        self._suspected_at = math.inf

    def time(self, stamp: float, arrival: float) -> float | None:
        """Return a sample's time; None if its stamp is not later than the one before, or wrong.

        Stamp and arrival are seconds on one clock. Raise ValueError, with the offset, s, if all
        stamps from the beginning are more than `MAX_OFF_S` off.
        """
        if not math.isfinite(stamp):
            return None
        for shift in (self.shift, 0.0):
            if self._fits(stamp + shift, arrival):
                self.shift = shift
                return self._take(stamp + shift, arrival)
        if not self._has_jumped(stamp, arrival):
            return None
        offset = _median([came - sent for sent, came in self._suspects])
        if not self._delays and abs(offset) > MAX_OFF_S:
            raise ValueError(-offset)
        self.shift = offset - (_median(self._delays) if self._delays else 0.0)
        time = stamp + self.shift
        return self._take(time, arrival) if time > self._last else None

    def _fits(self, time: float, arrival: float) -> bool:
        if not self._last < time <= arrival + MAX_OFF_S:
            return False
        if not self._delays and time < arrival - MAX_OFF_S:
            return False
        # No more ahead of its arrival than usual, or soon after the last: a sender may run fast.
        usual = min(self._delays) if len(self._delays) >= _KNOWN_AFTER else 0.0
        step, waited = time - self._last, arrival - self._last_arrival
        return time <= arrival - usual + self._tolerance or step <= waited + self._tolerance

    def _take(self, time: float, arrival: float) -> float:
        self._last, self._last_arrival = time, arrival
        self._delays.append(arrival - time)
        self._suspects.clear()
        return time

    def _has_jumped(self, stamp: float, arrival: float) -> bool:
        """Whether the last stamps rise like their arrivals, so that only their origin is wrong."""
        if self._suspects:
            sent, came = self._suspects[-1]
            if not (stamp > sent and abs((stamp - sent) - (arrival - came)) <= self._tolerance):
                self._suspects.clear()
        if not self._suspects:
            self._suspected_at = arrival
        self._suspects.append((stamp, arrival))
        return (
            len(self._suspects) >= _JUMPED_AFTER and arrival - self._suspected_at >= _JUMPED_AFTER_S
        )


def _median(values: Iterable[float]) -> float:
    return float(np.median(list(values)))
