"""Windows of a movement: views and copies with a leading window axis and time last."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mirror.movement import Movement, arrays
from mirror.spectrum import Plan, Spectra, score_windows

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


def spectra_every(
    plan: Plan, a: Movement, b: Movement, step: int
) -> tuple[NDArray[np.intp], NDArray[np.int8], Spectra]:
    """Spectra of windows a fixed step apart.

    Parameters
    ----------
    plan : Plan
    a, b : Movement
        Already mapped onto each other.
    step : int
        Samples between two windows; the window's length, where they must not overlap.

    Returns
    -------
    (ndarray of int [K], ndarray of int8 [K], Spectra)
        The last tick of each window, its state's code, and the spectra.
    """
    length = len(plan.taper)
    windows_a, windows_b = every_window(a, length), every_window(b, length)
    starts = np.arange(0, len(windows_a.present), step)
    states, parts = [np.empty(0, np.int8)], []
    for first in range(0, max(1, len(starts)), _BLOCK):
        rows = starts[first : first + _BLOCK]
        state, _, spectra = score_windows(plan, take(windows_a, rows), take(windows_b, rows))
        states.append(state)
        parts.append(spectra)
    whole = Spectra(
        np.concatenate([each.a for each in parts]),
        np.concatenate([each.b for each in parts]),
        np.concatenate([each.counts for each in parts]),
        np.concatenate([each.weights for each in parts]),
    )
    return starts + length - 1, np.concatenate(states), whole
