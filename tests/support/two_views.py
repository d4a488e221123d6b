"""One simulated person in front of two cameras, one of which delivers later."""

from __future__ import annotations

import numpy as np

from mirror.landmarks import Feed, Landmark, Pose
from tests.support.people import pose

_MARKS = (
    Landmark.LEFT_WRIST,
    Landmark.RIGHT_WRIST,
    Landmark.LEFT_ELBOW,
    Landmark.RIGHT_ELBOW,
    Landmark.NOSE,
)


def two_views(
    delay: float,
    rates: tuple[float, float] = (30.0, 30.0),
    *,
    seed: int = 0,
    jitter: float = 0.003,
    amount: float = 1.0,
    regular_hz: float | None = None,
    opposite: bool = False,
    others: bool = False,
) -> list[tuple[Feed, Pose]]:
    """Return ten seconds of poses in order of arrival.

    Parameters
    ----------
    delay : float
        By how much later B arrives, s.
    jitter : float
        Of landmarks, in frame heights; a shoulder width is about .2.
    amount : float
        Of movement; 1 is as lively as asked for.
    regular_hz : float, optional
        Move up and down at this steady pace.
    opposite : bool
        Whether B's camera sees left and right the other way round.
    others : bool
        Whether B sees somebody else.
    """
    rng = np.random.default_rng(seed)
    shape = (2, len(_MARKS), 2, 6)  # person, mark, axis, rhythm
    frequency = rng.uniform(0.3, 2.5, shape)
    phase = rng.uniform(0, 2 * np.pi, shape)
    size = 0.03 * amount * rng.exponential(1.0, shape) / frequency
    if regular_hz is not None:
        frequency[:], phase[:] = regular_hz, 0.0
    found: list[tuple[float, Feed, Pose]] = []
    for feed, rate, late in zip("ab", rates, (0.0, delay), strict=True):
        who = int(others and feed == "b")
        times = np.arange(rng.uniform(0, 1 / rate), 10.0, 1 / rate) + rng.normal(0, 0.002)
        for time in times.tolist():
            waves = size[who] * np.sin(2 * np.pi * frequency[who] * time + phase[who])
            place = waves.sum(axis=-1) + rng.normal(0, jitter, waves.shape[:2])
            if opposite and feed == "b":
                place[:, 0] *= -1
            arrival = time + late + 0.5
            moved = {mark: (x, y) for mark, (x, y) in zip(_MARKS, place.tolist(), strict=True)}
            found.append((arrival, "a" if feed == "a" else "b", pose(arrival, moved)))
    found.sort(key=lambda each: each[0])
    return [(feed, each) for _, feed, each in found]
