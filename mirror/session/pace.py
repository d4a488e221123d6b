"""Which frames to track where the computer is too slow to track all of them.

The newest frame wins, so that nothing queues up, and the slower feed takes one as soon as it is
done with the last. The other one is held near its rate: if each took what it could, one might take
all of the computer's time and the other get none, and scores need both. It takes the frames at or
after the ticks of a clock, so that they are evenly spaced.
"""

import math
import threading
from collections import deque
from statistics import median
from typing import Final

from mirror.landmarks import FEEDS, Feed

_SPAN_S: Final = 3.0  # of the costs that count
_FEWEST: Final = 3  # costs that tell something
_SHARE: Final = 0.9  # of the slower feed's median cost, so that it rarely waits for a tick
_RELIEF: Final = 0.8  # of the time between frames: a cost below this lets all be tracked again


class Pace:
    """Chooses the frames of two feeds to track.

    `wants`, `next_due` and `note` are for the feeds' threads, `adapt` for the session's loop. The
    interval, s, is between two frames of a feed that are tracked; 0 tracks all.
    """

    def __init__(self) -> None:
        self.interval = 0.0
        self._due = dict.fromkeys(FEEDS, 0.0)
        self._lock = threading.Lock()
        self._costs: dict[Feed, deque[tuple[float, float]]] = {feed: deque() for feed in FEEDS}

    def wants(self, feed: Feed, time: float) -> bool:
        """Return whether to track a frame at `time`, s."""
        interval = self.interval
        if not interval:
            return True
        if time < self._due[feed] <= time + interval:
            return False
        self._due[feed] = (math.floor(time / interval) + 1) * interval
        return True

    def next_due(self, time: float) -> float:
        """Return the time before which no frame is tracked after one at `time`, s."""
        return (math.floor(time / step) + 1) * step if (step := self.interval) else 0.0

    def note(self, feed: Feed, now: float, seconds: float) -> None:
        """Note how long tracking a frame took."""
        with self._lock:
            self._costs[feed].append((now, seconds))

    def adapt(self, now: float, spacing: float) -> None:
        """Choose the rate, from the median of what tracking has cost lately.

        `spacing` is the time from one frame to the next of the faster feed; both are seconds.
        """
        with self._lock:
            cost = max(_typical(costs, now) for costs in self._costs.values())
        too_much = cost > spacing * (_RELIEF if self.interval else 1.0)
        self.interval = _SHARE * cost if too_much else 0.0


def _typical(costs: deque[tuple[float, float]], now: float) -> float:
    while costs and costs[0][0] < now - _SPAN_S:
        costs.popleft()
    seconds = [each for _, each in costs]
    return median(seconds) if len(seconds) >= _FEWEST else 0.0
