"""Rendered people whose frames MediaPipe has tracked, to be scored again without tracking."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from mirror import Pose
from mirror.capture.base import Frame, Source
from mirror.capture.synthetic.demo import RenderedSource
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.motion import Motion
from mirror.capture.tracker import PoseTracker

Person = tuple[Looks, Motion]


@dataclass(frozen=True)
class Pair:
    """The poses of two people who face each other; B follows A by `lag_s`."""

    lag_s: float
    a: list[Pose]
    b: list[Pose]


@dataclass(frozen=True, slots=True, eq=False)
class TrackedFrame(Frame):
    """A blank frame with the pose found in the real one."""

    pose: Pose


class TrackedSource(Source):
    """A recorded source of poses that are known already."""

    def __init__(self, poses: Sequence[Pose]) -> None:
        self.text, self.live, self.rate, self.duration = "tracked", False, None, poses[-1].time
        self._poses = iter(poses)

    def read(self) -> Frame | None:
        pose = next(self._poses, None)
        return (
            None if pose is None else TrackedFrame(pose.time, np.zeros((1, 1, 3), np.uint8), pose)
        )

    def close(self) -> None:
        self._poses = iter(())


class KnownPoses:
    """A tracker for `TrackedSource`."""

    def track(self, frame: Frame) -> Pose:
        assert isinstance(frame, TrackedFrame)
        return frame.pose

    def close(self) -> None: ...


def track(source: Source) -> list[Pose]:
    """Track all frames of a source with MediaPipe."""
    with source, PoseTracker() as tracker:
        return [tracker.track(frame) for frame in source]


def track_people(people: Sequence[Person], seconds: float, rate: float) -> list[list[Pose]]:
    """Render people and track them, two at a time."""
    sources = [RenderedSource(*person, duration=seconds, rate=rate) for person in people]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(track, sources))
