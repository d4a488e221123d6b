"""Landmarks of two people by the demo's script, without frames."""

from __future__ import annotations

import numpy as np

from mirror import Landmark, Pose, Tick
from mirror.capture.synthetic.demo import LENGTH, LOOKS, performance
from mirror.capture.synthetic.joints import joints
from mirror.landmarks import Feed

_WIDTH, _HEIGHT = 640, 480


def _script(feed: Feed) -> list[Pose | None]:
    """Landmarks of one person by the demo's script; None while away."""
    motion = performance(feed)
    track: list[Pose | None] = []
    for tick in range(round(LENGTH * 30)):
        posture = motion(tick / 30)
        if posture is None:
            track.append(None)
            continue
        landmarks = np.ones((len(Landmark), 4), np.float32)
        for mark, (x, y) in joints(LOOKS[feed], posture, _WIDTH, _HEIGHT).items():
            landmarks[mark, :2] = x / _WIDTH, y / _HEIGHT
        track.append(Pose(tick / 30, landmarks, None, _WIDTH, _HEIGHT))
    return track


def script_ticks(count: int) -> list[Tick]:
    """Return both people on the grid, repeating the script."""
    a, b = _script("a"), _script("b")
    return [Tick(k / 30, a[k % len(a)], b[k % len(b)]) for k in range(count)]
