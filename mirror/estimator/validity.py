"""Which windows have a score, why others have none, and which joints count.

A score needs enough of the window, of both people; only visible joints count.
"""

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.movement import Layout
from mirror.timeline import State

Array = NDArray[np.float64]

# Share of the window, and of the taper's energy, in which both must be present for a score.
ENOUGH = 0.5
_SAME_SHAPE = 0.01  # largest relative difference of the aspect ratios of frames of one shape
STATES = tuple(State)  # states by code
CODE = {state: code for code, state in enumerate(STATES)}  # codes by state


def other_shapes(shape: Array, present: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which samples' frames have not the shape of the window's newest one.

    `shape` and `present` are [K, sample, person].
    """
    last = shape.shape[1] - 1 - present[:, ::-1].argmax(axis=1)
    newest = np.take_along_axis(shape, last[:, None], axis=1)
    return present & (np.abs(shape - newest) > _SAME_SHAPE * newest)


def reasons(
    taper: Array, present: NDArray[np.bool_], delivered: NDArray[np.bool_]
) -> list[tuple[State, NDArray[np.bool_]]]:
    """Return why windows hold too little, first reason first: the state, and where [K].

    `present` and `delivered` are [K, sample, person], as in `Movement`.
    """
    nobody_a, nobody_b = np.moveaxis(~present & delivered, -1, 0)
    both, missing = present.all(axis=-1), ~delivered.all(axis=-1)
    # Losses are weighted by the taper, and the largest one is named.
    lost_a, lost_b, lost, energy = (
        (taper**2 * where).sum(axis=-1) for where in (nobody_a, nobody_b, missing, both)
    )
    half = ENOUGH * len(taper)
    little = (both.sum(axis=-1) < half) | (energy < ENOUGH * (taper**2).sum())
    blame_a = little & (lost_a >= lost_b) & (lost_a > lost)
    blame_b = little & (lost_b > lost_a) & (lost_b > lost)
    return [
        (State.NO_PERSON_A, (nobody_a.sum(axis=-1) > half) | blame_a),
        (State.NO_PERSON_B, (nobody_b.sum(axis=-1) > half) | blame_b),
        (State.GAP, little),
    ]


def visible_channels(layout: Layout, is_seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which channels count [..., channel]: those whose joints [..., joint] are all seen."""
    return np.asarray(~(layout.needs & ~is_seen[..., None, :]).any(axis=-1))


def has_enough(layout: Layout, is_seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether enough of a person is seen: the shoulders, or any channel if without regions.

    `is_seen` [..., joint]: which joints are visible.
    """
    if not layout.regions:
        return np.asarray(visible_channels(layout, is_seen).any(axis=-1))
    needed = layout.needs[layout.regions["torso"]].any(axis=0)
    return np.asarray(is_seen[..., needed].all(axis=-1))
