"""A synthetic recording of hours from the demo's script, with frames, rows and events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.people import script_ticks
from benchmarks.sessions import recorder
from mirror import Pose, Score, Settings, Tick
from mirror.capture.synthetic.demo import LENGTH
from mirror.estimator.estimator import score_ticks
from mirror.events import Event
from mirror.landmarks import FEEDS

_RATE = 30
_ROWS = 10  # a second
_EVENTS = 20
_LATER = 0.011  # delay between the two cameras, s


def script_rows() -> Iterator[Score]:
    """Yield rows of the script, repeated endlessly; with chance levels from minute 2 on."""
    once = round(LENGTH * _ROWS)
    rows = list(score_ticks(_ticks(2), Settings()))
    number = 0
    while True:
        row = rows[number if number < once else once + number % once]
        yield replace(row, time_s=number / _ROWS)
        number += 1


def record(folder: Path, hours: float) -> Path:
    """Write a recording of some hours; return its path."""
    seconds = round(3600 * hours)
    ticks, rows = _ticks(1), script_rows()
    world = np.random.default_rng(0).normal(scale=0.3, size=(33, 3)).astype(np.float16)
    with recorder(folder, ("demo:a", "demo:b"), Settings()) as kept:
        for second in range(seconds):
            for frame in range(second * _RATE, (second + 1) * _RATE):
                tick = ticks[frame % len(ticks)]
                for feed, pose, late in zip(FEEDS, (tick.a, tick.b), (0, _LATER), strict=True):
                    assert pose is not None
                    seen = None if pose.landmarks is None else world
                    kept.add_pose(feed, replace(pose, time=frame / _RATE + late, world=seen))
            kept.add_scores(islice(rows, _ROWS))
        for number in range(_EVENTS):
            kept.add_event(Event(seconds * (number + 0.5) / _EVENTS, "mark", f"Mark {number + 1}"))
    return kept.path


def _ticks(times: int) -> list[Tick]:
    """Repeat the script; a person who is away is a frame with nobody in it."""
    return [
        Tick(time, *(Pose(time, None, None, 640, 480) if each is None else each for each in both))
        for time, *both in script_ticks(round(times * LENGTH * _RATE))
    ]
