"""Spectra of a movement's windows, for analyses of a whole recording."""

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.movement import Person
from mirror.estimator.spectrum import Plan, Spectra, score_windows
from mirror.estimator.table import measure_jitter, tabulate
from mirror.estimator.validity import CODE, Array
from mirror.timeline import WHOLE, Span, State

_SAMPLES_AT_ONCE = 18432  # of windows computed together
_TICKS_AT_ONCE = 1800  # that windows of a whole recording are made of
# The codes of the states of windows [K], their spectra, and their numbers since a break [K].
Found = tuple[NDArray[np.int8], Spectra, NDArray[np.intp]]


def blocks(plan: Plan, count: int) -> Iterator[slice]:
    """Yield which of so many windows to compute together; the results do not depend on it."""
    size = max(1, _SAMPLES_AT_ONCE // len(plan.taper))
    for first in range(0, count, size):
        yield slice(first, min(first + size, count))


def unbroken(times: Array, rate: float) -> list[slice]:
    """Return the parts of the grid without a break in time; one empty part if there is no tick."""
    breaks = np.flatnonzero(np.diff(times) > 1.5 / rate) + 1
    return [slice(start, end) for start, end in pairwise([0, *breaks.tolist(), len(times)])]


def row_ends(first: int, ticks: int, step: float) -> NDArray[np.intp]:
    """Return the last tick of each row from number `first` on, of so many ticks without a break.

    `step` is the number of ticks from one row to the next, which need not be whole.
    """
    total = math.floor((ticks - 1) / step + 1e-6) + 1
    ends = [math.ceil(row * step - 1e-6) for row in range(first, total)]
    return np.array([end for end in ends if end < ticks], np.intp)


def window_spectra(
    plan: Plan, times: Array, a: Person, b: Person, step: int, span: Span = WHOLE
) -> Found:
    """Score windows between the ends of a part, that start every `step` samples.

    None spans a break in `times` [tick]; the first begins at the first tick after it. Windows that
    the part does not choose are gaps.
    """
    length, (channels, _) = len(plan.taper), plan.layout.needs.shape
    found, numbers, at_once = [], [np.empty(0, np.intp)], max(1, _TICKS_AT_ONCE // step)
    for part in unbroken(times, plan.rate):
        starts = np.arange(part.start, part.stop - length + 1, step)
        last = times[starts + length - 1]
        begun = last - (length - 1) / plan.rate >= span.start - 1e-6
        starts = starts[begun & (last <= span.end + 1e-6)]
        numbers.append((starts - part.start) // step)
        found += [starts[first : first + at_once] for first in range(0, len(starts), at_once)]
    count = sum(map(len, found))
    state = np.empty(count, np.int8)
    # Filled in place: joining parts would take twice the memory, 60 MB for an hour.
    one, other = (np.empty((count, 2, channels, plan.bins)) for _ in range(2))
    spectra = Spectra(one, other, np.empty((count, channels), bool), np.empty((count, length)))
    stop = 0
    for starts in found:
        at = slice(stop, stop := stop + len(starts))
        ticks = slice(int(starts[0]), int(starts[-1]) + length)
        table = tabulate(plan.columns, a.cut(ticks), b.cut(ticks))
        measure_jitter(plan.columns, table, 0)
        scored = score_windows(plan, table, starts - ticks.start)
        chosen = span.chooses(times[starts + length - 1], length / plan.rate)
        state[at] = np.where(chosen, scored.state, CODE[State.GAP])
        rows = np.arange(len(starts))
        for whole, new in zip(spectra, scored.spectra.take(rows, scored.width), strict=True):
            whole[at] = new
    return state, spectra, np.concatenate(numbers)


def disjoint_window_spectra(
    plan: Plan, times: Array, a: Person, b: Person, span: Span = WHOLE, halves: Found | None = None
) -> Spectra:
    """Return the spectra of a part's windows that do not overlap, of `halves` if these are known.

    Windows without a score, or that the part does not choose, keep their place, and are NaN.
    Those of `halves` are moved, and no longer usable there: a copy of two hours takes 21 MB.
    """
    if halves is None or len(plan.taper) % 2:
        state, spectra, _ = window_spectra(plan, times, a, b, len(plan.taper), span)
    else:
        rows = np.flatnonzero(halves[2] % 2 == 0).tolist()
        for each in (halves[0], *halves[1]):
            for place, row in enumerate(rows):
                each[place] = each[row]
        state, spectra = halves[0][: len(rows)], Spectra._make(x[: len(rows)] for x in halves[1])
    unscored = state != CODE[State.OK]
    spectra.a[unscored] = np.nan
    spectra.b[unscored] = np.nan
    return spectra
