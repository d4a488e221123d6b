"""Analysis of a rendered pair, and its errors against the true values."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import circstd

from mirror.capture.tracker import Tracker
from mirror.settings import Settings
from mirror.timeline import Score, State, Timeline
from mirror.validation.conditions import Condition

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Measurement:
    """The timeline of a condition, and statistics of it."""

    condition: Condition
    timeline: Timeline

    def scored(self, name: str) -> Array:
        """Return the values of a column in the scored rows."""
        values: Array = self.timeline[name][self.timeline.state == State.OK]
        return values

    def mean(self, name: str) -> float:
        """Return the mean of a column over the scored rows; NaN if there are none."""
        return _defined(self.scored(name), np.mean)

    @property
    def rows(self) -> int:
        """Number of scored rows."""
        return int((self.timeline.state == State.OK).sum())

    @property
    def tracked(self) -> float:
        """Tracked share of the less tracked person, 0…1."""
        if not len(self.timeline):
            return nan
        return float(min(self.timeline.tracked_a.mean(), self.timeline.tracked_b.mean()))

    @property
    def phase_deg(self) -> float:
        """Circular mean of the relative phase, (−180, 180]."""
        return _defined(self._turns(0.0), _direction)

    @property
    def phase_error_deg(self) -> float:
        """Measured minus true relative phase, (−180, 180]; its sign is the bias."""
        true = self.condition.phase_deg
        return nan if true is None else _defined(self._turns(true), _direction)

    @property
    def phase_sd_deg(self) -> float:
        """Circular standard deviation of the relative phase from row to row."""
        return _defined(self.scored("relative_phase_deg"), partial(circstd, high=360.0))

    @property
    def phase_error_s(self) -> float:
        """The phase error as a time: positive means that A seems further ahead than it is."""
        if self.condition.frequency is None:
            return nan
        return self.phase_error_deg / (360.0 * self.condition.frequency)

    @property
    def lag_s(self) -> float:
        """Median of the lag over the rows."""
        return _defined(self.scored("lag_s"), np.median)

    @property
    def lag_error_s(self) -> float:
        """Measured minus true lag; positive means that B seems later than it is."""
        return nan if self.condition.lag_s is None else self.lag_s - self.condition.lag_s

    @property
    def lag_sd_s(self) -> float:
        """Standard deviation of the lag from row to row."""
        return _defined(self.scored("lag_s"), np.std)

    @property
    def right_states(self) -> tuple[int, int]:
        """Number of rows with the expected state, and of rows with an expectation.

        Rows of the first window do not count, as they warm up in any case.
        """
        right = certain = 0
        time, state = self.timeline.time_s, self.timeline.state
        for expected in self.condition.states:
            there = (time >= expected.start) & (time < expected.end)
            there &= state != State.WARMING_UP
            certain += int(there.sum())
            right += int((state[there] == expected.state).sum())
        return right, certain

    def _turns(self, origin: float) -> NDArray[Any]:
        return np.exp(1j * np.radians(self.scored("relative_phase_deg") - origin))


def _defined(values: NDArray[Any], statistic: Callable[[NDArray[Any]], Any]) -> float:
    return float(statistic(values)) if len(values) else nan


def _direction(turns: NDArray[Any]) -> float:
    return float(np.angle(turns.mean(), deg=True))


def measure(
    condition: Condition,
    settings: Settings,
    tracker: Callable[[], Tracker],
    on_frame: Callable[[], None],
) -> Measurement:
    """Render a pair and track, align and score it; `on_frame` is called after every frame."""
    # Imports MediaPipe, which takes seconds.
    from mirror.session.offline import OfflineSession

    a, b = (person.source(condition.seconds) for person in (condition.a, condition.b))
    session = OfflineSession(a, b, settings, tracker=tracker)
    rows: list[Score] = []
    with closing(session.run()) as updates:
        for update in updates:
            rows += update.scores
            if update.pose is not None:
                on_frame()
    return Measurement(condition, Timeline.from_scores(rows))
