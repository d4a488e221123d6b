"""A timeline for drawing: its breaks, its axis, and bins that lose no peak and no state."""

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirror.summary import has_lags
from mirror.timeline import BREAK_HOPS, State, Timeline

Floats = NDArray[np.float64]

STATE_NAMES: Final = np.array([str(state) for state in State])
_DEFAULT_HOP_S: Final = 0.1
_UNEVEN_HOPS: Final = 2.5
_UNEVEN_SHARE: Final = 0.2
_STEPS_S: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


def break_s(time: Floats, hop_s: float) -> float:
    """Return the distance above which two rows have something between them, s.

    `BREAK_HOPS` hops; NaN without a hop, so that nothing is a break. If a hop is not a whole number
    of grid steps, such as 0.05 s at 30 Hz, the rows lie one and two steps apart in turn, unbroken.
    """
    hops = np.diff(time) / hop_s
    uneven = np.count_nonzero((hops > BREAK_HOPS) & (hops < _UNEVEN_HOPS))
    return hop_s * (_UNEVEN_HOPS if uneven > _UNEVEN_SHARE * len(hops) else BREAK_HOPS)


def drawn_hop_s(hop_s: float) -> float:
    """Return the width of a row on a time axis, s: the hop, or the default one if it is NaN."""
    return hop_s if math.isfinite(hop_s) else _DEFAULT_HOP_S


def runs(timeline: Timeline, selected: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the first and last row of every unbroken run of selected rows."""
    rows = np.flatnonzero(selected)
    longest = break_s(timeline.time_s, timeline.hop_s)
    is_apart = (np.diff(rows) > 1) | (np.diff(timeline.time_s[rows]) > longest)
    return [(int(rows[first]), int(rows[last])) for first, last in groups(len(rows), is_apart)]


def groups(count: int, is_apart: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the first and last of each group of neighbours, where some are apart [count - 1]."""
    breaks = np.flatnonzero(is_apart).tolist()
    firsts, lasts = [0, *(last + 1 for last in breaks)], [*breaks, count - 1]
    return list(zip(firsts, lasts, strict=True)) if count else []


class Stretch(NamedTuple):
    """A stretch without scores, and the reason."""

    state: State
    start_s: float
    end_s: float


def stretches(state: NDArray[np.str_], edges: Floats) -> list[Stretch]:
    """Return the stretches without scores of intervals with these states and edges."""
    is_apart = (state[1:] != state[:-1]) | _has_gap(edges)
    return [
        Stretch(State(state[first]), float(edges[first, 0]), float(edges[last, 1]))
        for first, last in groups(len(state), is_apart)
        if state[first] != State.OK
    ]


def row_edges(time: Floats, width_s: float, longest_s: float) -> Floats:
    """Return start and end of rows that reach half way to their neighbours.

    Neighbours more than `longest_s` apart have a gap between them; each row is then `width_s` wide.
    """
    steps = np.diff(time)
    half = np.where(steps <= longest_s, steps, width_s) / 2
    left, right = np.append(width_s / 2, half), np.append(half, width_s / 2)
    return np.stack([time - left, time + right], axis=1)


def _has_gap(edges: Floats) -> NDArray[np.bool_]:
    """Return whether there is a gap after each interval but the last."""
    has_gap: NDArray[np.bool_] = edges[1:, 0] - edges[:-1, 1] > 1e-6
    return has_gap


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
class Bins:
    """Equal intervals of time with at least one row, or the rows themselves, if few."""

    # [bin]: middle, s; where bins are rows, the row's time. Rising.
    middle: Floats
    edges: Floats  # [bin, 2]: start and end, s
    state: NDArray[np.str_]  # [bin]: the state of most of its rows
    row: NDArray[np.intp]  # [row]: the bin of each row
    are_rows: bool  # whether each bin is one row

    def __len__(self) -> int:
        return len(self.edges)

    def mean(self, values: Floats) -> Floats:
        """Return the mean of the defined values [row] in each bin; NaN without one."""
        known = np.isfinite(values)
        with np.errstate(invalid="ignore"):
            means: Floats = self._sum(np.where(known, values, 0.0)) / self._sum(known.astype(float))
        return means

    def highest(self, values: Floats) -> Floats:
        """Return the highest defined value in each bin; NaN without one."""
        highest = np.full(len(self), np.nan)
        np.fmax.at(highest, self.row, values)
        return highest

    def median(self, values: Floats) -> Floats:
        """Return the median of the defined values in each bin; NaN without one."""
        medians = np.full(len(self), np.nan)
        known = np.flatnonzero(np.isfinite(values))
        bins, starts = np.unique(self.row[known], return_index=True)
        for each, part in zip(bins, np.split(values[known], starts[1:]), strict=True):
            medians[each] = np.median(part)
        return medians

    def stretches(self) -> list[Stretch]:
        """Return the stretches without scores."""
        return stretches(self.state, self.edges)

    def curve(self, values: Floats) -> tuple[Floats, Floats]:
        """Return times and values [bin] of a line that is broken at gaps."""
        gaps = np.flatnonzero(_has_gap(self.edges)) + 1
        return np.insert(self.middle, gaps, np.nan), np.insert(values, gaps, np.nan)

    def _sum(self, values: Floats) -> Floats:
        return np.bincount(self.row, values, len(self)).astype(float)


def bin_rows(timeline: Timeline, most: int) -> Bins:
    """Return at most so many bins of a timeline that has a row."""
    time = timeline.time_s
    hop = drawn_hop_s(timeline.hop_s)
    if len(time) <= most:
        edges = row_edges(time, hop, break_s(time, hop))
        return Bins(time, edges, timeline.state, np.arange(len(time)), True)
    start, width = time[0] - hop / 2, (time[-1] - time[0] + hop) / most
    place = np.clip(np.floor((time - start) / width), 0, most - 1).astype(int)
    filled, row = np.unique(place, return_inverse=True)
    counts = np.zeros((len(filled), len(STATE_NAMES)), int)
    for code, state in enumerate(STATE_NAMES):
        counts[:, code] = np.bincount(row, timeline.state == state, len(filled))
    edges = start + width * np.stack([filled, filled + 1], axis=1)
    return Bins(edges.mean(axis=1), edges, STATE_NAMES[counts.argmax(axis=1)], row, False)


def lags(timeline: Timeline) -> Floats:
    """Return the lag of each row, s; NaN where it does not say who leads."""
    return np.where(has_lags(timeline), timeline.lag_s, np.nan)
