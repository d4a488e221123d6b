"""Windows of a movement: views and copies with a leading window axis and time last."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mirror.estimator.movement import Movement, arrays, cut
from mirror.estimator.spectrum import Plan, Spectra, concatenated, score_windows
from mirror.estimator.validity import CODE, Array
from mirror.timeline import State

_BLOCK = 64  # windows computed at once; the result does not depend on it


def every_window(person: Movement, length: int) -> Movement:
    """Every window of `length` samples, as views; a movement that is shorter has none."""
    if len(person.present) < length:
        person = Movement(*(np.resize(each, (length, *each.shape[1:])) for each in arrays(person)))
        return Movement(*(sliding_window_view(each, length, axis=0)[:0] for each in arrays(person)))
    return Movement(*(sliding_window_view(each, length, axis=0) for each in arrays(person)))


def take(windows: Movement, rows: NDArray[np.intp]) -> Movement:
    """Copies of some windows."""
    return Movement(*(np.ascontiguousarray(each[rows]) for each in arrays(windows)))


def unbroken(times: Array, rate: float) -> list[slice]:
    """The stretches of the grid without a break in time; one, empty, where there is no tick."""
    breaks = np.flatnonzero(np.diff(times) > 1.5 / rate) + 1
    edges = [0, *breaks.tolist(), len(times)]
    return [slice(start, end) for start, end in pairwise(edges)]


def spectra_every(
    plan: Plan, times: Array, a: Movement, b: Movement, step: int
) -> tuple[Array, NDArray[np.int8], Spectra]:
    """Spectra of windows a fixed step apart.

    Parameters
    ----------
    plan : Plan
    times : ndarray [tick]
        Seconds; no window spans a break.
    a, b : Movement
        Already mapped onto each other.
    step : int
        Samples between two windows; the window's length, where they must not overlap.

    Returns
    -------
    (ndarray [K], ndarray of int8 [K], Spectra)
        The time of each window's last tick, its state's code, and the spectra.
    """
    length = len(plan.taper)
    ends, states, parts = [np.empty(0)], [np.empty(0, np.int8)], []
    for stretch in unbroken(times, plan.rate):
        windows_a, windows_b = (every_window(cut(each, stretch), length) for each in (a, b))
        starts = np.arange(0, len(windows_a.present), step)
        ends.append(times[stretch][starts + length - 1] if len(starts) else np.empty(0))
        for first in range(0, max(1, len(starts)), _BLOCK):
            rows = starts[first : first + _BLOCK]
            state, _, spectra = score_windows(plan, take(windows_a, rows), take(windows_b, rows))
            states.append(state)
            parts.append(spectra)
    return np.concatenate(ends), np.concatenate(states), concatenated(parts)


def windows_apart(
    plan: Plan,
    times: Array,
    a: Movement,
    b: Movement,
    start: float = -math.inf,
    end: float = math.inf,
) -> Spectra:
    """Spectra of the windows from `start` to `end`, s, that do not overlap, to test with.

    Those without a score keep their place, and are NaN.
    """
    length = len(plan.taper)
    ends, state, found = spectra_every(plan, times, a, b, length)
    inside = (ends - (length - 1) / plan.rate >= start - 1e-6) & (ends <= end + 1e-6)
    spectra = Spectra(found.a[inside], found.b[inside], found.counts[inside], found.weights[inside])
    unscored = state[inside] != CODE[State.OK]
    spectra.a[unscored] = np.nan
    spectra.b[unscored] = np.nan
    return spectra
