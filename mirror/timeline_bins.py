"""A timeline taken down to as many points as a figure can show: no peak and no state is lost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror.summary import has_lag
from mirror.timeline import BREAK_HOPS, State, Timeline

Floats = NDArray[np.float64]

_STATES: Final = tuple(State)
_DEFAULT_HOP_S: Final = 0.1
_UNEVEN_HOPS: Final = 2.5
_UNEVEN_SHARE: Final = 0.2
_STEPS_S: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


def break_s(time: Floats, hop_s: float) -> float:
    """Return the distance above which two rows have something between them, s.

    `BREAK_HOPS` hops. Where a hop is no whole number of grid steps, such as 0.05 s at 30 Hz, the
    rows lie one and two steps apart in turn: these distances are no breaks.
    """
    hops = np.diff(time) / hop_s if hop_s else np.zeros(0)
    uneven = np.count_nonzero((hops > BREAK_HOPS) & (hops < _UNEVEN_HOPS))
    return hop_s * (_UNEVEN_HOPS if uneven > _UNEVEN_SHARE * len(hops) else BREAK_HOPS)


def runs(timeline: Timeline, selected: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the first and last row of every unbroken run of selected rows."""
    rows = np.flatnonzero(selected)
    if not len(rows):
        return []
    longest = break_s(timeline.time_s, timeline.hop_s)
    apart = (np.diff(rows) > 1) | (np.diff(timeline.time_s[rows]) > longest)
    breaks = np.flatnonzero(apart) + 1
    firsts, lasts = rows[np.concatenate(([0], breaks))], rows[np.concatenate((breaks - 1, [-1]))]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def axis_step(span_s: float, most: float) -> float:
    """Return the smallest round step of an axis with at most so many steps in its span, s."""
    wanted = span_s / max(most, 1)
    # Of a recording that claims to last for years there are no more steps than of another.
    longest = math.ceil(wanted / _STEPS_S[-1]) * _STEPS_S[-1]
    return next((step for step in _STEPS_S if step >= wanted), longest)


def axis_ticks(start_s: float, end_s: float, step_s: float) -> list[float]:
    """Return the multiples of a step from `start_s` to `end_s`."""
    first, last = math.ceil(start_s / step_s - 1e-9), math.floor(end_s / step_s + 1e-9)
    return [number * step_s for number in range(first, last + 1)]


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Equal stretches of time, each with what its rows say; or the rows themselves, if few.

    Attributes
    ----------
    middle : ndarray [column]
        Its middle, s; where columns are rows, the row's time. Rising.
    edges : ndarray [column, 2]
        Start and end of each, s. Stretches without any row are left out.
    state : ndarray of str [column]
        The state of most of its rows.
    row : ndarray of int [row]
        Which column each row is in.
    are_rows : bool
        Whether each column is one row.
    """

    middle: Floats
    edges: Floats
    state: NDArray[np.str_]
    row: NDArray[np.intp]
    are_rows: bool

    def __len__(self) -> int:
        return len(self.edges)

    def mean(self, values: Floats) -> Floats:
        """Mean of the defined values [row] in each column; NaN where there is none."""
        known = np.isfinite(values)
        with np.errstate(invalid="ignore"):
            found: Floats = self._sum(np.where(known, values, 0.0)) / self._sum(known.astype(float))
        return found

    def highest(self, values: Floats) -> Floats:
        """The highest defined value in each column; NaN where there is none."""
        found = np.full(len(self), np.nan)
        np.fmax.at(found, self.row, values)
        return found

    def median(self, values: Floats) -> Floats:
        """Median of the defined values in each column; NaN where there is none."""
        found = np.full(len(self), np.nan)
        known = np.flatnonzero(np.isfinite(values))
        columns, starts = np.unique(self.row[known], return_index=True)
        for column, part in zip(columns, np.split(values[known], starts[1:]), strict=True):
            found[column] = np.median(part)
        return found

    def stretches(self) -> list[tuple[State, float, float]]:
        """The stretches without scores: state, start and end, s."""
        if not len(self):
            return []
        apart = self.edges[1:, 0] - self.edges[:-1, 1] > 1e-6
        breaks = np.flatnonzero((self.state[1:] != self.state[:-1]) | apart) + 1
        first, last = [0, *breaks.tolist()], [*(breaks - 1).tolist(), len(self) - 1]
        return [
            (State(self.state[low]), float(self.edges[low, 0]), float(self.edges[high, 1]))
            for low, high in zip(first, last, strict=True)
            if self.state[low] != State.OK
        ]

    def _sum(self, values: Floats) -> Floats:
        found: Floats = np.bincount(self.row, values, len(self)).astype(float)
        return found


def columns(timeline: Timeline, most: int) -> Columns:
    """At most so many columns of a timeline that has a row."""
    time = timeline.time_s
    hop = timeline.hop_s or _DEFAULT_HOP_S
    if len(time) <= most:
        between = np.diff(time)
        half = np.where(between <= break_s(time, hop), between, hop) / 2
        left, right = np.append(hop / 2, half), np.append(half, hop / 2)
        edges = np.stack([time - left, time + right], axis=1)
        return Columns(time, edges, timeline.state, np.arange(len(time)), True)
    start, width = time[0] - hop / 2, (time[-1] - time[0] + hop) / most
    place = np.clip(np.floor((time - start) / width), 0, most - 1).astype(int)
    held, row = np.unique(place, return_inverse=True)
    tally = np.zeros((len(held), len(_STATES)), int)
    for code, state in enumerate(_STATES):
        tally[:, code] = np.bincount(row, timeline.state == str(state), len(held))
    names = np.array([str(state) for state in _STATES])
    edges = start + width * np.stack([held, held + 1], axis=1)
    return Columns(edges.mean(axis=1), edges, names[tally.argmax(axis=1)], row, False)


def lags(timeline: Timeline) -> Floats:
    """The lag of each row whose lag says who leads, s; NaN elsewhere."""
    return np.array([each.lag_s if has_lag(each) else math.nan for each in timeline])


def curve(columns: Columns, values: Floats) -> tuple[Floats, Floats]:
    """A line through columns that is broken where one is left out: times and values."""
    apart = np.flatnonzero(columns.edges[1:, 0] - columns.edges[:-1, 1] > 1e-6) + 1
    return np.insert(columns.middle, apart, np.nan), np.insert(values, apart, np.nan)
