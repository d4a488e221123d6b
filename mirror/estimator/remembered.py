"""The last minutes of a session, in little room, for settings that come later."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import NamedTuple

import numpy as np

from mirror.estimator.align import Tick
from mirror.estimator.movement import JOINTS
from mirror.landmarks import Landmark, Pose

_JOINTS = list(JOINTS)


class _Packed(NamedTuple):
    """A pose's joints; the other landmarks, which no score uses, take twice the room."""

    time: float
    joints: bytes
    width: int
    height: int


_Kept = tuple[float, Pose | _Packed | None, Pose | _Packed | None]


class Remembered:
    """The newest ticks of a session, with what scores are made of.

    Parameters
    ----------
    most : int
        How many are kept.
    """

    def __init__(self, most: int) -> None:
        self._ticks: deque[_Kept] = deque(maxlen=most)

    def append(self, tick: Tick) -> None:
        """Keep a tick, in the place of the oldest where there is no more room."""
        self._ticks.append((tick.time, _packed(tick.a), _packed(tick.b)))

    def clear(self) -> None:
        """Forget all."""
        self._ticks.clear()

    def last(self, count: int) -> list[Tick]:
        """The newest so many ticks, in order of time, or all where there are fewer.

        Landmarks that no score uses are zero.
        """
        skipped = max(0, len(self._ticks) - count)
        kept = islice(self._ticks, skipped, None)
        return [Tick(time, _unpacked(a), _unpacked(b)) for time, a, b in kept]


def _packed(pose: Pose | None) -> Pose | _Packed | None:
    # A plain series is kept as it came: of ten channels, it is smaller than what joints pack to.
    # One landmark that is no number makes the whole pose none, so such a pose is kept whole.
    if pose is None or pose.landmarks is None or not np.isfinite(pose.landmarks).all():
        return pose
    return _Packed(pose.time, pose.landmarks[_JOINTS].tobytes(), pose.width, pose.height)


def _unpacked(kept: Pose | _Packed | None) -> Pose | None:
    if not isinstance(kept, _Packed):
        return kept
    landmarks = np.zeros((len(Landmark), 4), np.float32)
    landmarks[_JOINTS] = np.frombuffer(kept.joints, np.float32).reshape(-1, 4)
    return Pose(kept.time, landmarks, None, kept.width, kept.height)
