"""Landmarks of people who hold one posture after another, without frames."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mirror import Landmark, Pose, Settings, Tick, Timeline
from mirror.capture.synthetic.demo import LOOKS
from mirror.capture.synthetic.joints import Posture, joints
from mirror.capture.synthetic.postures import POSTURES, Held, holding
from mirror.estimator.estimator import score_ticks
from mirror.landmarks import Feed

RATE = 10.0
NOISE = 0.01
"""Of each coordinate, shoulder widths."""

LOWER_BODY = tuple(mark for mark in Landmark if mark >= Landmark.LEFT_HIP)


def people(
    changes: Sequence[Held],
    seconds: float,
    *,
    feed: Feed = "a",
    size: float = 1.0,
    shift: float = 0.0,
    roll_deg: float = 0.0,
    hidden: Collection[Landmark] = (),
) -> list[Pose]:
    """Return the poses of a person of that size, shifted and seen by a rolled camera."""
    places = _places(tuple(changes), seconds, feed)
    turned = size * np.exp(1j * np.radians(roll_deg)) * places
    marks = np.ones((*places.shape, 4), np.float32)
    marks[..., 0], marks[..., 1] = 0.5 + turned.real / 640 + shift, 0.5 + turned.imag / 480
    marks[:, list(hidden), 3] = 0.1
    return [Pose(tick / RATE, each, None, 640, 480) for tick, each in enumerate(marks)]


@cache
def _places(changes: tuple[Held, ...], seconds: float, feed: Feed) -> NDArray[np.complex128]:
    """Landmarks [tick, 33] in pixels from the middle of the frame, x + 1j · y, with jitter."""
    rng, motion = np.random.default_rng(ord(feed)), holding(changes)
    places = np.zeros((round(seconds * RATE), len(Landmark)), complex)
    for tick, row in enumerate(places):
        posture = motion(tick / RATE)
        assert posture is not None
        for mark, (x, y) in joints(LOOKS[feed], posture, 640, 480).items():
            row[mark] = x - 320 + 1j * (y - 240)
    unit = np.abs(places[:1, Landmark.LEFT_SHOULDER] - places[:1, Landmark.RIGHT_SHOULDER])
    jitter = rng.normal(size=(2, *places.shape))
    return places + NOISE * unit * (jitter[0] + 1j * jitter[1])


def score(a: Sequence[Pose | None], b: Sequence[Pose | None], **settings: object) -> Timeline:
    """Return the rows of two people."""
    used = Settings(rate=RATE).changed(**settings)
    return score_ticks([Tick(k / RATE, *both) for k, both in enumerate(zip(a, b))], used)  # noqa: B905


def mirrored_rows(timeline: Timeline, a: Sequence[Held], b: Sequence[Held]) -> NDArray[np.bool_]:
    """Return the rows in which both hold the same posture, mirrored, since 2 s at least."""
    held = []
    for changes in (a, b):
        starts = np.array([each.start for each in changes])
        held.append(np.searchsorted(starts + 2.0, timeline.time_s, side="right") - 1)
        held.append(np.searchsorted(starts, timeline.time_s, side="right") - 1)
    return np.array(
        [
            i == k >= 0 and j == m >= 0 and a[i].posture == b[j].posture.mirrored()
            for i, k, j, m in zip(*held, strict=True)
        ]
    )


def still(posture: Posture = POSTURES[0]) -> list[Held]:
    """Return one posture, held for ever."""
    return [Held(0.0, posture)]
