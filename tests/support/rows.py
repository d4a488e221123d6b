"""Rows and events that every stream must carry whole."""

from __future__ import annotations

import numpy as np

from mirror import Score, State
from mirror.events import Event
from mirror.timeline import COLUMNS, PostureState


def rows() -> list[Score]:
    """One of each state, with numbers that no rounding leaves as they are; NaN as they have it."""
    rng = np.random.default_rng(3)
    found, postures = [], tuple(PostureState)
    for k, state in enumerate(State):
        values = rng.uniform(-1, 1, len(COLUMNS) - 3)
        values[rng.uniform(size=len(values)) < (0.1 if state is State.OK else 0.9)] = np.nan
        found.append(Score(0.1 + k / 3, state, *values.tolist(), posture_state=postures[k]))
    return found


EVENTS = [
    Event(0.05, "mark", "the bell: Glocke läutet “laut”"),
    Event(1.25, "warning", "camera 0\nwas unplugged"),
]
