"""Alignment of a whole recording's poses to the grid, without an object a pose.

The array form of `mirror.estimator.align.Aligner`: which poses each tick lies between follows from
their times alone, so it is found for all ticks at once, and the interpolated landmarks are equal to
the last bit.
"""

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.align import BRIDGE, EPSILON, LONGEST_GAP, PATIENCE
from mirror.estimator.movement import Movement, from_landmarks
from mirror.estimator.unsure import Unsure
from mirror.estimator.validity import Array

_POSES_AT_ONCE = 4096  # compared; all at once would double the memory

Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class PoseArrays:
    """The poses of two bodies, a row a pose, in the order in which the aligner took them."""

    is_b: Flags  # [pose]: whether it is of feed b
    time: Array  # [pose]: seconds
    found: Flags  # [pose]: whether there is a person
    # [pose, joint, 4]: landmarks of `mirror.estimator.movement.JOINTS`; 0 where there is nobody.
    joints: NDArray[np.float32]
    # [pose]: size of the frame in pixels.
    width: NDArray[np.int64]
    height: NDArray[np.int64]
    camera: Array  # [pose, 5]: as in `mirror.landmarks.Pose`
    # when it is not known who is who, and poses do not count
    unsure: Unsure = field(default_factory=Unsure)


@dataclass(frozen=True, slots=True, eq=False)
class AlignedFeed:
    """What is known of one person at each tick."""

    # [tick]: the poses (rows of `PoseArrays`) that the tick lies between; where nobody is, any.
    start: Indices
    end: Indices
    share: Array  # [tick]: 0…1 of the way from `start` to `end`
    # [pose]: when the pose's landmarks came first, s: before its time if its frame was repeated.
    since: Array
    # [tick]: as in `mirror.estimator.movement.Movement`.
    present: Flags
    delivered: Flags
    poses: PoseArrays
    mirrored: bool  # as in `mirror.estimator.movement.from_poses`

    def cut(self, part: slice) -> Movement:
        """Return the person's movement at some of the ticks."""
        start, end, share, poses = self.start[part], self.end[part], self.share[part], self.poses
        first = poses.joints[start]
        joints = first + share.astype(np.float32)[:, None, None] * (poses.joints[end] - first)
        camera = poses.camera[start]
        camera += share[:, None] * (poses.camera[end] - camera)
        aspect = poses.width[end] / poses.height[end]
        frames = np.stack([self.since[start], self.since[end], share], axis=1)
        known = self.present[part], self.delivered[part]
        return from_landmarks(joints, aspect, camera, frames, *known, mirrored=self.mirrored)


def align(
    poses: PoseArrays, rate: float, *, mirrored: bool = False
) -> tuple[Array, AlignedFeed, AlignedFeed]:
    """Return the times [tick] of the grid, s, and both people there, B as `mirrored` says."""
    highest = np.maximum.accumulate(poses.time)
    breaks = np.flatnonzero(poses.time[1:] - highest[:-1] > LONGEST_GAP) + 1
    ticks, finished = [np.empty(0, np.intp)], [np.empty(0, np.intp)]
    for first, stop in pairwise([0, *breaks.tolist(), len(poses.time)]):
        if stop > first:
            start = int(np.ceil(poses.time[first] * rate - EPSILON))
            part = np.arange(start, int(_index(highest[stop - 1], rate)) + 1)
            ticks.append(part)
            finished.append(np.full(len(part), stop))
    tick = np.concatenate(ticks)
    feeds = [_kept(poses.time, np.flatnonzero(poses.is_b == of_b)) for of_b in (False, True)]
    a, b = (
        _aligned(poses, one, other, tick, np.concatenate(finished), rate)
        for one, other in (feeds, feeds[::-1])
    )
    b = replace(b, mirrored=mirrored)
    return tick / rate, a, b


def _index(time: Array, rate: float) -> Indices:
    """Index of the last tick at or before each time."""
    index: Indices = np.floor(time * rate + EPSILON).astype(np.intp)
    return index


def _kept(time: Array, rows: Indices) -> Indices:
    """Poses of one feed that are later than all before."""
    if not len(rows):
        return rows
    newest = np.maximum.accumulate(time[rows])
    later: Indices = rows[np.concatenate([[True], newest[1:] > newest[:-1]])]
    return later


def _aligned(
    poses: PoseArrays, own: Indices, other: Indices, tick: Indices, finished: Indices, rate: float
) -> AlignedFeed:
    """Align one feed, of the poses `own`; see the states of `mirror.estimator.align._Track`.

    `finished` is the number of poses after which each tick is given up at the latest.
    """
    if not len(own):
        none, no = np.zeros(len(tick), np.intp), np.zeros(len(tick), bool)
        share = np.zeros(len(tick))
        return AlignedFeed(none, none, share, poses.time, no, no, poses, mirrored=False)
    time = poses.time[own]
    found = poses.found[own] & ~poses.unsure.covers(time)
    number = np.arange(len(own))
    last_found = np.maximum.accumulate(np.where(found, number, -1))
    anchor = np.concatenate([[-1], last_found[:-1]])
    bridged = (anchor >= 0) & _bridges(poses, own[anchor], own)
    follows = (number > 0) & _bridges(poses, own[number - 1], own)
    same = np.empty(len(own), bool)
    for begin in range(0, len(own), _POSES_AT_ONCE):
        part = slice(begin, begin + _POSES_AT_ONCE)
        here, there = poses.joints[own[part]], poses.joints[own[anchor[part]]]
        same[part] = (here == there).all(axis=(1, 2))
    first = np.maximum.accumulate(np.where(found & ~(bridged & same), number, 0))
    since = poses.time.copy()
    since[own] = time[first]
    index = _index(time, rate)
    # Ticks wait while a person that was lost may come back.
    resolving = np.flatnonzero(found | ~bridged)
    by = np.searchsorted(index[resolving], tick)
    resolved = by < len(resolving)
    pose = resolving[np.minimum(by, len(resolving) - 1)]
    # The other feed's poses do not wait for longer than `PATIENCE`.
    ahead = np.searchsorted(_index(poses.time[other] - PATIENCE, rate), tick)
    limit = np.append(other, len(poses.time))[ahead]
    limit = np.minimum(limit, finished)
    resolved &= own[pose] < limit
    between = resolved & found[pose] & bridged[pose]
    # Elsewhere nobody is known to be there, or nothing.
    newest = np.where(resolved, pose, np.searchsorted(own, limit)) - 1
    held = (newest >= 0) & (tick <= index[newest])
    before = tick < np.ceil(time[pose] * rate - EPSILON)
    at_pose = resolved & found[pose] & ~bridged[pose] & ~before & ~held
    nobody = held | (resolved & np.where(before, follows[pose], ~found[pose]))
    start, end = own[np.where(between, anchor[pose], pose)], own[pose]
    span = poses.time[end] - poses.time[start]
    share = (tick / rate - poses.time[start]) / np.where(between, span, 1.0)
    present = between | at_pose
    return AlignedFeed(
        start,
        end,
        np.where(between, np.minimum(1.0, np.maximum(0.0, share)), 0.0),
        since,
        present,
        present | nobody,
        poses,
        mirrored=False,
    )


def _bridges(poses: PoseArrays, start: Indices, end: Indices) -> Flags:
    """As `mirror.estimator.align._bridges`."""
    wide, high = poses.width[start] * poses.height[end], poses.width[end] * poses.height[start]
    alike = np.abs(wide - high) <= 0.01 * poses.width[start] * poses.height[end]
    return np.asarray(alike & (poses.time[end] - poses.time[start] <= BRIDGE + 1e-6))
