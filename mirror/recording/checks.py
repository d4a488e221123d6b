"""What a recording holds, taken for what it says only where that can be.

Every file may come from a stranger. What cannot be is damage, and a `RecordingError` names it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror.errors import RecordingError
from mirror.landmarks import FARTHEST_JOINT, LARGEST_PICTURE, LARGEST_VALUE, Landmark, Pose

LATEST = 1e10
"""Seconds that a time may be from the start: three hundred years, as series may be stamped by a
calendar."""


def pose(
    path: Path,
    time_s: float,
    landmarks: bytes | None,
    world: bytes | None,
    width: int,
    height: int,
    series: bytes | None = None,
) -> Pose:
    """The pose of a row of the table ``pose``, with its row of ``series`` where there is one."""
    check_time(path, time_s, "a pose")
    if not all(isinstance(each, int) and 0 < each <= LARGEST_PICTURE for each in (width, height)):
        raise RecordingError(f"{path} is damaged: a pose without a usable size")
    return Pose(
        time_s,
        None if landmarks is None else _landmarks(path, landmarks, "<f4", 4),
        None if world is None else _landmarks(path, world, "<f2", 3),
        width,
        height,
        None if series is None else _channels(path, series),
    )


def check_numbers(path: Path, *ids: object) -> None:
    """Refuse ids of rows that are no whole numbers."""
    if not all(isinstance(each, int) for each in ids):
        raise RecordingError(f"{path} is damaged: a pose without a number")


def check_time(path: Path, time_s: object, what: str) -> None:
    """Refuse a time that is none, or centuries away."""
    if not (isinstance(time_s, float) and abs(time_s) <= LATEST):
        raise RecordingError(f"{path} is damaged: {what} without a usable time")


def _landmarks(path: Path, blob: bytes, kind: str, columns: int) -> NDArray[Any]:
    expected = len(Landmark) * columns * np.dtype(kind).itemsize
    if not isinstance(blob, bytes) or len(blob) != expected:
        raise RecordingError(f"{path} is damaged: a pose should have {expected} bytes of landmarks")
    array = np.frombuffer(blob, kind).reshape(len(Landmark), columns)
    if not np.abs(array).max() <= FARTHEST_JOINT:  # nor is NaN
        raise RecordingError(f"{path} is damaged: a pose with landmarks beyond any picture")
    return array


def _channels(path: Path, blob: bytes) -> NDArray[np.float64]:
    if isinstance(blob, bytes) and blob and len(blob) % 8 == 0:
        array: NDArray[np.float64] = np.frombuffer(blob, "<f8")
        if np.abs(array).max() <= LARGEST_VALUE:  # nor is NaN
            return array
    raise RecordingError(f"{path} is damaged: a series without usable values")
