"""Synthetic poses for tests: landmarks that move by a formula."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mirror import Landmark, Pose
from mirror.colours import rgb
from mirror.landmarks import UNMOVED
from mirror.skeleton import shaded_parts

STANDING = {
    Landmark.NOSE: (0.50, 0.20),
    Landmark.LEFT_EAR: (0.54, 0.20),
    Landmark.RIGHT_EAR: (0.46, 0.20),
    Landmark.LEFT_SHOULDER: (0.60, 0.35),
    Landmark.RIGHT_SHOULDER: (0.40, 0.35),
    Landmark.LEFT_ELBOW: (0.65, 0.50),
    Landmark.RIGHT_ELBOW: (0.35, 0.50),
    Landmark.LEFT_WRIST: (0.68, 0.62),
    Landmark.RIGHT_WRIST: (0.32, 0.62),
    Landmark.LEFT_HIP: (0.57, 0.65),
    Landmark.RIGHT_HIP: (0.43, 0.65),
    Landmark.LEFT_KNEE: (0.57, 0.80),
    Landmark.RIGHT_KNEE: (0.43, 0.80),
    Landmark.LEFT_ANKLE: (0.57, 0.95),
    Landmark.RIGHT_ANKLE: (0.43, 0.95),
}
"""Landmarks of a person who faces the camera: their left is on the right of the frame."""

Offsets = Callable[[float], dict[Landmark, tuple[float, float]]]


def pose(
    time: float,
    offsets: dict[Landmark, tuple[float, float]] | None = None,
    *,
    visibility: float | dict[Landmark, float] = 1.0,
    size: tuple[int, int] = (640, 480),
) -> Pose:
    """Return the pose of a standing person, with offsets in fractions of the frame."""
    landmarks = np.zeros((33, 4), np.float32)
    landmarks[:, :2] = 0.5
    for mark, (x, y) in STANDING.items():
        dx, dy = (offsets or {}).get(mark, (0.0, 0.0))
        landmarks[mark, :2] = x + dx, y + dy
    if isinstance(visibility, dict):
        landmarks[:, 3] = 1.0
        for mark, value in visibility.items():
            landmarks[mark, 3] = value
    else:
        landmarks[:, 3] = visibility
    return Pose(time, landmarks, None, *size)


def filmed(pose: Pose, camera: ArrayLike) -> Pose:
    """Return the pose as a camera that has moved sees it (see `Pose.camera`)."""
    moved = np.append(camera, UNMOVED[4])
    turn, shift = complex(*moved[:2]), complex(*moved[2:4])
    seen = landmarks(pose).astype(float)
    shape = pose.width / pose.height
    places = (seen[:, 0] * shape + 1j * seen[:, 1] - shift) / turn
    seen[:, 0], seen[:, 1] = places.real / shape, places.imag
    return replace(pose, landmarks=seen.astype(np.float32), camera=moved)


def landmarks(pose: Pose | None) -> NDArray[np.float32]:
    """Return the landmarks of a pose, which must have them."""
    assert pose is not None
    assert pose.landmarks is not None
    return pose.landmarks


def empty_pose(time: float) -> Pose:
    """Return the pose of a frame without a person."""
    return Pose(time, None, None, 640, 480)


def track(offsets: Offsets, seconds: float, rate: float = 30.0) -> list[Pose]:
    """Return the poses of a person who moves by a formula, at a steady frame rate."""
    return [pose(k / rate, offsets(k / rate)) for k in range(round(seconds * rate))]


def noise(
    seed: int,
    samples: int,
    channels: int,
    rate: float = 30.0,
    band: tuple[float, float] = (0.2, 2.0),
) -> NDArray[np.float64]:
    """Return independent noise with a flat spectrum within the band, Hz, and none outside."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.standard_normal((samples, channels)), axis=0)
    frequency = np.fft.rfftfreq(samples, 1 / rate)
    spectrum[(frequency < band[0]) | (frequency > band[1])] = 0.0
    series = np.fft.irfft(spectrum, samples, axis=0)
    return series / series.std(axis=0)


def skeleton_shades(colour: str) -> list[str]:
    """Return the colours of a skeleton's middle, right and left as "#rrggbb"."""
    return ["#{:02x}{:02x}{:02x}".format(*shade) for _, shade in shaded_parts(rgb(colour))]
