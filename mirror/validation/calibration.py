"""False alarms: how often unrelated movement passes the chance level of its own session.

Hundreds of pairs are needed to distinguish 5 % from 8 %, so these are not rendered: their known
joints replace the tracker's landmarks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import pi
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.stats import binom

from mirror.capture.synthetic.joints import Posture, joints
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.motion import aperiodic, mirrored
from mirror.estimator.align import Tick
from mirror.estimator.chance import SCORES
from mirror.estimator.estimator import score_ticks
from mirror.landmarks import Landmark, Pose
from mirror.settings import Settings
from mirror.timeline import State

LEVEL: Final = 0.05
"""The share of unrelated windows that should pass the 95th percentile."""

CONFIDENCE: Final = 0.99
"""Of the binomial interval. Three scores are tested: with 95 %, a correct program would fail one
run in seven."""

WINDOWS: Final = 24
"""Windows in a session."""

Array = NDArray[np.float64]

_SIZE = (640, 480)
_POSTURE_RATE = 5.0  # Hz; gestures are slower than 1.2 Hz, and a spline interpolates


@dataclass(frozen=True)
class FalseAlarms:
    """How often one score passed its chance level.

    Attributes
    ----------
    score : str
    alarms : int
        Pairs whose score was above the level.
    pairs : int
        Pairs with a level; one row each, so the windows are independent.
    rows_above, rows : int
        The same for all rows, a window apart; rows of a pair share their level.
    """

    score: str
    alarms: int
    pairs: int
    rows_above: int
    rows: int

    @property
    def rate(self) -> float:
        """Share of the pairs, 0…1."""
        return self.alarms / self.pairs if self.pairs else float("nan")

    @property
    def rows_rate(self) -> float:
        """Share of all rows, 0…1; the first levels of a session rest on few pairs and are low."""
        return self.rows_above / self.rows if self.rows else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """Binomial interval of the rate if the true one is `LEVEL`, with at least `CONFIDENCE`."""
        if not self.pairs:
            return float("nan"), float("nan")
        low, high = binom.interval(CONFIDENCE, self.pairs, LEVEL)
        return float(low) / self.pairs, float(high) / self.pairs

    @property
    def within(self) -> bool:
        """Whether the rate is within the interval."""
        low, high = self.interval
        return low <= self.rate <= high


def false_alarms(
    settings: Settings, pairs: int, seed: int, done: Callable[[], None]
) -> tuple[FalseAlarms, ...]:
    """Count false alarms over unrelated pairs, one row per pair.

    Parameters
    ----------
    settings : Settings
        All but the hop are used: the rows are a window apart.
    pairs : int
        Number of pairs, each of two new people.
    seed : int
    done : callable
        Called after every pair.

    Returns
    -------
    tuple of FalseAlarms
        One for each score with a chance level.
    """
    used = settings.changed(hop=settings.window)
    rng = np.random.default_rng(seed)
    alarms, passed, count, rows = np.zeros(len(SCORES), int), np.zeros(len(SCORES), int), 0, 0
    for _ in range(pairs):
        people = rng.integers(2**31, size=2).tolist()
        timeline = score_ticks(_session(used, people[0], people[1]), used)
        levels = np.stack([timeline[f"chance_{name}"] for name in SCORES])
        known = np.isfinite(levels).all(axis=0) & (timeline.state == State.OK)
        above = np.stack([timeline[name] for name in SCORES])[:, known] > levels[:, known]
        if known.any():
            count += 1
            alarms += above[:, -1]
        passed += above.sum(axis=1)
        rows += int(known.sum())
        done()
    return tuple(
        FalseAlarms(name, int(alarms[k]), count, int(passed[k]), rows)
        for k, name in enumerate(SCORES)
    )


def _session(settings: Settings, first: int, second: int) -> list[Tick]:
    """Return the poses of two unrelated people on the grid."""
    times = np.arange(round(WINDOWS * settings.window * settings.rate) + 1) / settings.rate
    a = _poses(first, times, facing=False)
    b = _poses(second, times, facing=True)
    return [Tick(*each) for each in zip(times.tolist(), a, b, strict=True)]


def _poses(seed: int, times: Array, *, facing: bool) -> list[Pose]:
    """Return a person's poses; gestures swell and die away, as in conversation."""
    looks, gestures = Looks.random(seed), aperiodic(seed)
    if facing:
        gestures = mirrored(gestures)
    posed = np.arange(0.0, times[-1] + 2.0 / _POSTURE_RATE, 1.0 / _POSTURE_RATE)
    places = np.stack([_places(looks, gestures(time)) for time in posed.tolist()])
    rest = _places(looks, Posture())
    effort = _effort(seed, posed)[:, None, None]
    moving = CubicSpline(posed, rest + effort * (places - rest))(times)
    landmarks = np.zeros((len(times), len(Landmark), 4), np.float32)
    landmarks[:, MARKS, :2] = moving / _SIZE
    landmarks[:, MARKS, 3] = 1.0
    return [
        Pose(time, each, None, *_SIZE) for time, each in zip(times.tolist(), landmarks, strict=True)
    ]


def _places(looks: Looks, posture: Posture | None) -> Array:
    """Return the joints of a posture in pixels [joint, 2], in the order of `MARKS`."""
    assert posture is not None, "these people stay in the frame"
    return np.array(list(joints(looks, posture, *_SIZE).values()))


MARKS: Final = tuple(joints(Looks.random(0), Posture(), *_SIZE))
"""The landmarks of a rendered person, in the order of `render.joints`."""


def _effort(seed: int, times: Array) -> Array:
    """Return the size of the gestures, 0.15…1; it swells every ten to thirty seconds."""
    rng = np.random.default_rng((seed, 1))
    angular, phases = 2 * pi * rng.uniform(0.03, 0.12, 3), rng.uniform(0, 2 * pi, 3)
    effort: Array = 0.55 + 0.35 * np.cos(angular * times[:, None] + phases).sum(axis=1)
    return np.clip(effort, 0.15, 1.0)
