"""Windows of a movement, with a leading window axis and time last."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mirror.estimator.movement import Movement, arrays, cut
from mirror.estimator.spectrum import Plan, Spectra, score_windows
from mirror.estimator.validity import CODE, Array
from mirror.timeline import State

_WINDOWS_AT_ONCE = 64  # the result does not depend on it


def all_windows(person: Movement, length: int) -> Movement:
    """Return every window of `length` samples, as views; none if the movement is shorter."""
    if len(person.present) < length:
        person = Movement(*(np.resize(each, (length, *each.shape[1:])) for each in arrays(person)))
        return Movement(*(sliding_window_view(each, length, axis=0)[:0] for each in arrays(person)))
    return Movement(*(sliding_window_view(each, length, axis=0) for each in arrays(person)))


def take(windows: Movement, rows: NDArray[np.intp]) -> Movement:
    """Return copies of some windows."""
    return Movement(*(np.ascontiguousarray(each[rows]) for each in arrays(windows)))


def unbroken(times: Array, rate: float) -> list[slice]:
    """Return the parts of the grid without a break in time; one empty part if there is no tick."""
    breaks = np.flatnonzero(np.diff(times) > 1.5 / rate) + 1
    edges = [0, *breaks.tolist(), len(times)]
    return [slice(start, end) for start, end in pairwise(edges)]


def window_spectra(
    plan: Plan, times: Array, a: Movement, b: Movement, step: int
) -> tuple[Array, NDArray[np.int8], Spectra]:
    """Score windows that start every `step` samples; none spans a break in `times` [tick].

    Returns the time of each window's last tick [K], the code of its state [K], and the spectra.
    """
    length = len(plan.taper)
    ends, states, parts = [np.empty(0)], [np.empty(0, np.int8)], []
    for part in unbroken(times, plan.rate):
        windows_a, windows_b = (all_windows(cut(each, part), length) for each in (a, b))
        starts = np.arange(0, len(windows_a.present), step)
        ends.append(times[part][starts + length - 1] if len(starts) else np.empty(0))
        for first in range(0, max(1, len(starts)), _WINDOWS_AT_ONCE):
            rows = starts[first : first + _WINDOWS_AT_ONCE]
            state, _, spectra = score_windows(plan, take(windows_a, rows), take(windows_b, rows))
            states.append(state)
            parts.append(spectra)
    return np.concatenate(ends), np.concatenate(states), Spectra.concatenate(parts)


def disjoint_window_spectra(
    plan: Plan,
    times: Array,
    a: Movement,
    b: Movement,
    start: float = -math.inf,
    end: float = math.inf,
) -> Spectra:
    """Return the spectra of windows within `start` to `end`, s, that do not overlap.

    Windows without a score keep their place, and are NaN.
    """
    length = len(plan.taper)
    ends, state, spectra = window_spectra(plan, times, a, b, length)
    inside = (ends - (length - 1) / plan.rate >= start - 1e-6) & (ends <= end + 1e-6)
    spectra = spectra.take(inside)
    unscored = state[inside] != CODE[State.OK]
    spectra.a[unscored] = np.nan
    spectra.b[unscored] = np.nan
    return spectra
