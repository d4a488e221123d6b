"""What a timeline draws: rows kept in growing arrays, and taken down to one value a pixel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from mirror.timeline import BREAK_HOPS, Score, State, Timeline, median_step
from mirror.timeline_bins import Floats, break_s

Value = Literal["in_phase", "anti_phase", "chance_in_phase", "chance_anti_phase"]

_KEPT: Final = ("time_s", "in_phase", "anti_phase", "chance_in_phase", "chance_anti_phase")
_STATES: Final = tuple(State)
_CODES: Final = {state: code for code, state in enumerate(_STATES)}
_OK: Final = _CODES[State.OK]

_DEFAULT_HOP: Final = 0.1
_HOP_ROWS: Final = 64
_DENSE: Final = 2
"""From this many rows a column on, columns are drawn; below it, the rows themselves."""


@dataclass(frozen=True, eq=False)
class Columns:
    """A curve to draw: one point a column, NaN where there is none.

    Attributes
    ----------
    time_s : ndarray [point]
        Middles of the columns, rising.
    highest : ndarray [point]
        The largest value within each column: no peak is ever lost.
    mean : ndarray [point]
        The mean of the values within each column; where points are rows, both are the row.
    step_s : float
        Width of a column, s.
    """

    time_s: Floats
    highest: Floats
    mean: Floats
    step_s: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch without a score, and the reason."""

    start_s: float
    end_s: float
    state: State


class Rows:
    """The rows of a timeline, in order of time; appending costs the same however many there are.

    Each row stands for the hop around its time.
    """

    def __init__(self) -> None:
        self._values = np.empty((len(_KEPT), 1024))
        self._codes = np.empty(1024, dtype=np.int8)
        self._count = 0
        self._measure(0)

    def __len__(self) -> int:
        return self._count

    @property
    def hop_s(self) -> float:
        """Usual distance between two rows, s; 0.1 before there are two."""
        return self._hop

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
        return first - self._hop / 2, last + self._hop / 2

    def clear(self) -> None:
        """Hold no rows."""
        self._count = 0
        self._measure(0)

    def replace(self, timeline: Timeline, hop_s: float | None = None) -> None:
        """Hold these rows instead; where they are some of many, those are `hop_s` apart."""
        self._count = 0
        self._room(len(timeline))
        self._count = len(timeline)
        for row, name in enumerate(_KEPT):
            self._values[row, : self._count] = timeline[name]
        states = timeline.state
        for state, code in _CODES.items():
            self._codes[: self._count][states == str(state)] = code
        self._measure(self._count, hop_s)

    def append(self, scores: Iterable[Score]) -> int:
        """Add rows after the last one, and say how many there were.

        Raises
        ------
        ValueError
            If a row's time lies before the last one's.
        """
        before = self._count
        for score in scores:
            if self._count and score.time_s < self._values[0, self._count - 1]:
                raise ValueError(f"a row at {score.time_s} s comes after a later one")
            self._room(self._count + 1)
            self._values[:, self._count] = [getattr(score, name) for name in _KEPT]
            self._codes[self._count] = _CODES[score.state]
            self._count += 1
        if before < _HOP_ROWS:
            self._measure(_HOP_ROWS)
        return self._count - before

    def at(self, time_s: float) -> Score | None:
        """The row whose hop holds a moment, with the values kept here; None where there is none."""
        times = self._values[0, : self._count]
        row = int(np.searchsorted(times, time_s - self._hop / 2))
        if row == self._count or times[row] - time_s > self._hop / 2:
            return None
        values = dict(zip(_KEPT, self._values[:, row].tolist(), strict=True))
        return Score(state=_STATES[self._codes[row]], **values)

    def columns(self, name: Value, start_s: float, end_s: float, count: int) -> Columns:
        """One score's curve between two moments, in about so many columns.

        Columns lie on a grid that stays put while the view is moved, so that nothing flickers.
        Where there are too few rows for that, the points are the rows, and NaN parts rows that
        have nothing between them.

        Parameters
        ----------
        name : str
            Which score.
        start_s, end_s : float
            What is in view, s.
        count : int
            Width of the view in columns.
        """
        width = (end_s - start_s) / count
        row = _KEPT.index(name)
        if width < _DENSE * self._hop:
            seen = self._seen(start_s, end_s)
            times, values = self._values[0, seen], self._values[row, seen]
            after = np.flatnonzero(np.diff(times) > self._break_s) + 1
            times = np.insert(times, after, times[after] - self._hop)
            values = np.insert(values, after, np.nan)
            return Columns(times, values, values, self._hop)
        middles, starts = self._grid(start_s, end_s, width)
        highest = np.full(len(middles), np.nan)
        mean = highest.copy()
        held = np.flatnonzero(np.diff(starts))
        if len(held):
            values = self._values[row, : starts[-1]]
            known = np.isfinite(values[starts[0] :])
            begin = starts[held] - starts[0]
            counts = np.add.reduceat(known, begin, dtype=np.intp)
            sums = np.add.reduceat(np.where(known, values[starts[0] :], 0.0), begin)
            highest[held] = np.fmax.reduceat(values, starts[held])
            mean[held] = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
        return Columns(middles, highest, mean, width)

    def stretches(self, start_s: float, end_s: float, count: int) -> list[Stretch]:
        """The stretches without a score between two moments, as `columns` would have them.

        A column that holds several states is given the one that most of its rows have.
        """
        step = (end_s - start_s) / count
        longest = BREAK_HOPS * step
        if step < _DENSE * self._hop:
            seen = self._seen(start_s, end_s)
            times, codes = self._values[0, seen], self._codes[seen]
            step, longest = self._hop, self._break_s
        else:
            middles, starts = self._grid(start_s, end_s, step)
            column = np.repeat(np.arange(len(middles)), np.diff(starts))
            tally = np.zeros((len(middles), len(_STATES)), dtype=np.intp)
            np.add.at(tally, (column, self._codes[starts[0] : starts[-1]]), 1)
            held = tally.any(axis=1)
            times, codes = middles[held], tally.argmax(axis=1)[held]
        if not len(times):
            return []
        between = np.diff(times)
        near = between <= longest
        half = np.where(near, between, step) / 2
        left = times - np.concatenate([[step / 2], half])
        right = times + np.concatenate([half, [step / 2]])
        edges = np.flatnonzero((np.diff(codes) != 0) | ~near) + 1
        firsts = [0, *edges.tolist()]
        lasts = [*(edges - 1).tolist(), len(times) - 1]
        return [
            Stretch(float(left[first]), float(right[last]), _STATES[codes[first]])
            for first, last in zip(firsts, lasts, strict=True)
            if codes[first] != _OK
        ]

    def _seen(self, start_s: float, end_s: float) -> slice:
        """The rows in view, and one more at either side for the line that leaves it."""
        first, last = np.searchsorted(self._values[0, : self._count], [start_s, end_s])
        return slice(max(int(first) - 1, 0), min(int(last) + 1, self._count))

    def _grid(self, start_s: float, end_s: float, width: float) -> tuple[Floats, NDArray[np.intp]]:
        """The columns in view and one more at either side.

        Their middles, and the row with which each begins; at the end, the row after the last.
        """
        first, last = np.floor(np.array([start_s, end_s]) / width).astype(int).tolist()
        edges = np.arange(first - 1, last + 3) * width
        return (edges[:-1] + edges[1:]) / 2, np.searchsorted(self._values[0, : self._count], edges)

    def _room(self, rows: int) -> None:
        capacity = len(self._codes)
        if rows > capacity:
            capacity = max(2 * capacity, rows)
            values = np.empty((len(_KEPT), capacity))
            values[:, : self._count] = self._values[:, : self._count]
            codes = np.empty(capacity, dtype=np.int8)
            codes[: self._count] = self._codes[: self._count]
            self._values, self._codes = values, codes

    def _measure(self, rows: int, hop_s: float | None = None) -> None:
        """Measure the hop among the first so many rows, where it is not known."""
        times = self._values[0, : min(self._count, rows)]
        # Rounded, the hop does not depend on how many rows it was measured from.
        self._hop = hop_s or round(median_step(times), 6) or _DEFAULT_HOP
        self._break_s = break_s(times, self._hop)
