"""Which windows have a score, why others have none, and which joints count.

A score needs enough of the window, of both people; only visible joints count.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.movement import Layout, Movement
from mirror.landmarks import MIN_VISIBILITY
from mirror.timeline import State

Array = NDArray[np.float64]

ENOUGH = 0.5
"""Share of the window, and of the taper's energy, in which both must be present for a score."""

SAME_SHAPE = 0.01
"""Largest relative difference of the aspect ratios of frames of one shape."""

STATES = tuple(State)
"""States by code."""

CODE = {state: code for code, state in enumerate(STATES)}
"""Codes by state."""


def drop_other_shapes(person: Movement) -> Movement:
    """Mark samples whose frame has not the shape of the window's newest one as a gap.

    A camera that changes its shape shows the room at another scale: everything seems to move.
    """
    shape = np.where(person.present, person.shape, 0.0)
    last = shape.shape[-1] - 1 - person.present[:, ::-1].argmax(axis=-1)
    newest = np.take_along_axis(shape, last[:, None], axis=-1)
    other = person.present & (np.abs(shape - newest) > SAME_SHAPE * newest)
    if not other.any():
        return person
    return replace(person, present=person.present & ~other, delivered=person.delivered & ~other)


def reasons(
    taper: Array, a: Movement, b: Movement, energy: Array
) -> dict[str, tuple[State, NDArray[np.bool_]]]:
    """Return why windows hold too little, first reason first: by name, the state and where.

    `energy` [K] is the sum of the taper's squares over the samples in which both are present.
    """
    nobody_a, nobody_b = (~each.present & each.delivered for each in (a, b))
    missing = ~a.delivered | ~b.delivered
    # Losses are weighted by the taper, and the largest one is named.
    lost_a, lost_b, lost = (
        (taper**2 * where).sum(axis=-1) for where in (nobody_a, nobody_b, missing)
    )
    half = ENOUGH * len(taper)
    few = (a.present & b.present).sum(axis=-1) < half
    little = few | (energy < ENOUGH * (taper**2).sum())
    blame_a = little & (lost_a >= lost_b) & (lost_a > lost)
    blame_b = little & (lost_b > lost_a) & (lost_b > lost)
    return {
        "nobody_a": (State.NO_PERSON_A, (nobody_a.sum(axis=-1) > half) | blame_a),
        "nobody_b": (State.NO_PERSON_B, (nobody_b.sum(axis=-1) > half) | blame_b),
        "gap": (State.GAP, little),
    }


def joint_visibility(person: Movement, both: NDArray[np.bool_]) -> Array:
    """Return the mean visibility of each joint [K, joint] where both people are present."""
    mean: Array = (person.visibility * both[:, None, :]).sum(axis=-1) / both.sum(axis=-1)[:, None]
    return mean


def visible_channels(layout: Layout, seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which channels count [K, channel]: those whose joints are all seen."""
    return np.asarray(~(layout.needs & ~seen[:, None, :]).any(axis=-1))


def has_enough(layout: Layout, visibility: Array) -> NDArray[np.bool_]:
    """Whether enough of a person is seen [K]: the shoulders, or any channel if without regions."""
    seen = visibility >= MIN_VISIBILITY
    if not layout.regions:
        return np.asarray(visible_channels(layout, seen).any(axis=-1))
    needed = layout.needs[layout.regions["torso"]].any(axis=0)
    return np.asarray(seen[:, needed].all(axis=-1))
