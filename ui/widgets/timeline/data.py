"""The rows of a timeline in growing arrays, reduced to one value per pixel for drawing."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mirror.timeline import BREAK_HOPS, Score, State, Timeline, median_step
from mirror.timeline_bins import (
    STATE_NAMES,
    Floats,
    Stretch,
    break_s,
    drawn_hop_s,
    row_edges,
    stretches,
)

Value = Literal[
    "in_phase",
    "anti_phase",
    "mirroring",
    "chance_in_phase",
    "chance_anti_phase",
    "chance_mirroring",
]

_FIELDS: Final = ("time_s", *get_args(Value), "lag_s")
_STATES: Final = tuple(State)
_CODES: Final = {state: code for code, state in enumerate(_STATES)}

_HOP_ROWS: Final = 64  # appended rows the hop is measured from
_DENSE: Final = 2  # rows per column from which on columns are drawn; below it, the rows themselves


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve with one point per column, NaN without a value."""

    time_s: Floats  # middles of the columns
    highest: Floats  # within each column, so that no peak is lost
    mean: Floats  # within each column; the same array where points are rows
    step_s: float  # width of a column


class RowBuffer:
    """The rows of a timeline in order of time; appending takes constant time.

    Each covers the hop around it: `hop_s`, the median distance between rows, s; 0.1 below two.
    """

    def __init__(self) -> None:
        self._values = np.empty((len(_FIELDS), 1024))
        self._codes = np.empty(1024, dtype=np.int8)
        self._count = 0
        self._measure(0)

    def __len__(self) -> int:
        return self._count

    @property
    def ends(self) -> tuple[float, float] | None:
        """Times of the first and the last row, s; None if empty."""
        if not self._count:
            return None
        return float(self._values[0, 0]), float(self._values[0, self._count - 1])

    @property
    def span(self) -> tuple[float, float] | None:
        """From the start of the first row's hop to the end of the last one's, s; None if empty."""
        if self.ends is None:
            return None
        first, last = self.ends
        return first - self.hop_s / 2, last + self.hop_s / 2

    def clear(self) -> None:
        self._count = 0
        self._measure(0)

    def replace(self, timeline: Timeline, hop_s: float | None = None) -> None:
        """Hold these rows instead; `hop_s` is the hop if they are a sample of more rows."""
        self._count = 0
        self._reserve(len(timeline))
        self._count = len(timeline)
        for row, name in enumerate(_FIELDS):
            self._values[row, : self._count] = timeline[name]
        states = timeline.state
        for state, code in _CODES.items():
            self._codes[: self._count][states == str(state)] = code
        self._measure(self._count, hop_s)

    def append(self, scores: Iterable[Score]) -> int:
        """Add rows and return their number; raise ValueError if one is before the last row."""
        before = self._count
        for score in scores:
            if self._count and score.time_s < self._values[0, self._count - 1]:
                raise ValueError(f"a row at {score.time_s} s comes after a later one")
            self._reserve(self._count + 1)
            self._values[:, self._count] = [getattr(score, name) for name in _FIELDS]
            self._codes[self._count] = _CODES[score.state]
            self._count += 1
        if before < _HOP_ROWS:
            self._measure(_HOP_ROWS)
        return self._count - before

    def at(self, time_s: float) -> Score | None:
        """Return the row that covers a time, with the values held here; None if there is none."""
        times = self._values[0, : self._count]
        row = int(np.searchsorted(times, time_s - self.hop_s / 2))
        if row == self._count or times[row] - time_s > self.hop_s / 2:
            return None
        values = dict(zip(_FIELDS, self._values[:, row].tolist(), strict=True))
        return Score(state=_STATES[self._codes[row]], **values)

    def curve(self, name: Value, start_s: float, end_s: float, count: int) -> Curve:
        """Return one score's curve in about `count` columns.

        The columns lie on a fixed grid, so that nothing flickers while the view moves. Below
        `_DENSE` rows per column, the points are the rows, with NaN at breaks.
        """
        width = (end_s - start_s) / count
        field = _FIELDS.index(name)
        if width < _DENSE * self.hop_s:
            rows = self._in_view(start_s, end_s)
            times, values = self._values[0, rows], self._values[field, rows]
            after = np.flatnonzero(np.diff(times) > self._break_s) + 1
            if len(after):
                times = np.insert(times, after, times[after] - self.hop_s)
                values = np.insert(values, after, np.nan)
            return Curve(times, values, values, self.hop_s)
        middles, starts = self._grid(start_s, end_s, width)
        highest = np.full(len(middles), np.nan)
        mean = highest.copy()
        filled = np.flatnonzero(np.diff(starts))
        if len(filled):
            values = self._values[field, : starts[-1]]
            finite = np.isfinite(values[starts[0] :])
            begin = starts[filled] - starts[0]
            counts = np.add.reduceat(finite, begin, dtype=np.intp)
            sums = np.add.reduceat(np.where(finite, values[starts[0] :], 0.0), begin)
            highest[filled] = np.fmax.reduceat(values, starts[filled])
            mean[filled] = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
        return Curve(middles, highest, mean, width)

    def stretches(self, start_s: float, end_s: float, count: int) -> list[Stretch]:
        """Return the stretches without a score, on the columns of `curve`.

        A column with several states has the most frequent one.
        """
        step = (end_s - start_s) / count
        longest = BREAK_HOPS * step
        if step < _DENSE * self.hop_s:
            rows = self._in_view(start_s, end_s)
            times, codes = self._values[0, rows], self._codes[rows]
            step, longest = self.hop_s, self._break_s
        else:
            middles, starts = self._grid(start_s, end_s, step)
            column = np.repeat(np.arange(len(middles)), np.diff(starts))
            tally = np.zeros((len(middles), len(_STATES)), dtype=np.intp)
            np.add.at(tally, (column, self._codes[starts[0] : starts[-1]]), 1)
            held = tally.any(axis=1)
            times, codes = middles[held], tally.argmax(axis=1)[held]
        return stretches(STATE_NAMES[codes], row_edges(times, step, longest))

    def _in_view(self, start_s: float, end_s: float) -> slice:
        """Return the rows in view, and one more at either side for lines that leave it."""
        first, last = np.searchsorted(self._values[0, : self._count], [start_s, end_s])
        return slice(max(int(first) - 1, 0), min(int(last) + 1, self._count))

    def _grid(self, start_s: float, end_s: float, width: float) -> tuple[Floats, NDArray[np.intp]]:
        """Return the columns in view and one more at either side: middles and first rows.

        The array of first rows ends with the row after the last column.
        """
        first, last = np.floor(np.array([start_s, end_s]) / width).astype(int).tolist()
        edges = np.arange(first - 1, last + 3) * width
        return (edges[:-1] + edges[1:]) / 2, np.searchsorted(self._values[0, : self._count], edges)

    def _reserve(self, rows: int) -> None:
        capacity = len(self._codes)
        if rows > capacity:
            capacity = max(2 * capacity, rows)
            values = np.empty((len(_FIELDS), capacity))
            values[:, : self._count] = self._values[:, : self._count]
            codes = np.empty(capacity, dtype=np.int8)
            codes[: self._count] = self._codes[: self._count]
            self._values, self._codes = values, codes

    def _measure(self, rows: int, hop_s: float | None = None) -> None:
        """Set the hop, measured among the first rows if it is not given."""
        times = self._values[0, : min(self._count, rows)]
        # Rounded, so that it does not depend on the number of rows it was measured from.
        self.hop_s = drawn_hop_s(round(median_step(times), 6)) if hop_s is None else hop_s
        self._break_s = break_s(times, self.hop_s)
