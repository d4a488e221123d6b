"""Alignment of two irregular streams of poses to one regular grid.

Each tick of the grid is returned once, in order, as soon as both feeds are known there. Only the
poses' own times and the order in which they were pushed matter: the same poses in the same order
give the same ticks, live or replayed.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.movement import JOINTS
from mirror.landmarks import Feed, Pose

_Array = TypeVar("_Array", NDArray[np.float32], NDArray[np.float64])

BRIDGE = 0.25  # longest time between two poses that is interpolated, s

PATIENCE = 0.5
"""How far one feed may fall behind the other before its ticks count as missing, s.

Longer than `BRIDGE`, so that a slow feed can still be bridged; short, because the live meter waits
that long when a camera stops.
"""

LONGEST_GAP = 600.0
"""After a longer silence of both feeds the grid starts again, without ticks between, s.

A laptop that slept, or a clock that jumped, would otherwise give hours of missing ticks.
"""

_DENSE = 2 / 3  # of the grid's step: samples of a series this close are averaged per tick
_JOINTS = list(JOINTS)
EPSILON = 1e-6  # of a tick: rounding error of a pose stamped at a tick


class Tick(NamedTuple):
    """Both people at one time of the grid.

    Attributes
    ----------
    time : float
        Seconds; a multiple of 1/rate.
    a, b : Pose or None
        The pose, interpolated to this time; a pose without landmarks if nobody was in the frame;
        None if the feed delivered nothing that can be bridged.
    """

    time: float
    a: Pose | None
    b: Pose | None


class Aligner:
    """Aligns two feeds to one grid.

    Parameters
    ----------
    rate : float
        Ticks per second.

    Notes
    -----
    Positions between two poses at most `BRIDGE` apart are interpolated linearly, without delay or
    phase shift; so are positions of a person lost for less than that. Poses that are not later
    than the previous one of the same feed are ignored.

    A plain series may be much faster than the grid. Against aliasing, the samples nearest to a
    tick are averaged, times as well as values: this shifts no phase, and delays the tick by half a
    step.
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._tracks = {"a": _Track(rate), "b": _Track(rate)}
        self._next: int | None = None

    def push(self, feed: Feed, pose: Pose) -> list[Tick]:
        """Take the next pose of one feed; return the ticks that are now known, in order.

        Raises
        ------
        ValueError
            If the pose's time is not finite.
        """
        if not math.isfinite(pose.time):
            raise ValueError(f"a pose needs a time in seconds, not {pose.time}")
        earlier: list[Tick] = []
        if self._next is None or pose.time - self._seen() > LONGEST_GAP:
            earlier = self.finish()
            self._next = _index_at_or_after(pose.time, self._rate)
            for each in self._tracks.values():
                each.resolved = self._next
        track = self._tracks[feed]
        track.push(_nobody(pose) if pose.unsure else pose)
        other = self._tracks["b" if feed == "a" else "a"]
        other.give_up(_index(track.seen - PATIENCE, self._rate) + 1)
        return earlier + list(self._ready())

    def _seen(self) -> float:
        return max(track.seen for track in self._tracks.values())

    def finish(self) -> list[Tick]:
        """Return the ticks that were waiting when both feeds ended, up to the later end."""
        if self._next is None:
            return []
        for track in self._tracks.values():
            track.flush()
        end = _index(self._seen(), self._rate) + 1
        for track in self._tracks.values():
            track.give_up(end)
        return list(self._ready())

    def _ready(self) -> Iterator[Tick]:
        a, b = self._tracks["a"], self._tracks["b"]
        while a.known and b.known:
            assert self._next is not None
            yield Tick(self._next / self._rate, a.known.popleft(), b.known.popleft())
            self._next += 1


def to_grid(poses: Iterable[tuple[Feed, Pose]], rate: float) -> Iterator[Tick]:
    """Yield poses, in the order in which they came, on the grid, up to the later feed's end."""
    aligner = Aligner(rate)
    for feed, pose in poses:
        yield from aligner.push(feed, pose)
    yield from aligner.finish()


def _index(time: float, rate: float) -> int:
    """Index of the last tick at or before a time."""
    return math.floor(time * rate + EPSILON)


def _index_at_or_after(time: float, rate: float) -> int:
    return math.ceil(time * rate - EPSILON)


class _Track:
    """The ticks of one feed that are known."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.known: deque[Pose | None] = deque()
        self.resolved = 0  # first tick that is not known yet
        self.seen = float("-inf")  # time of the last pose taken
        self._anchor: Pose | None = None  # last pose with a person in it
        self._last: Pose | None = None  # last pose taken
        # of the two last poses with a person, when their landmarks came first
        self._since = (float("-inf"), float("-inf"))
        self._newest = float("-inf")  # time of the last pose pushed
        self._waiting: list[Pose] = []  # dense samples nearest to one tick
        self._until = 0.0  # where that tick's samples end

    def push(self, pose: Pose) -> None:
        step = pose.time - self._newest
        if step <= 0.0:
            return
        self._newest = pose.time
        dense = pose.series is not None and step <= _DENSE / self.rate
        if not dense or pose.time >= self._until:
            self.flush()
            self._until = (math.floor(pose.time * self.rate + 0.5) + 0.5) / self.rate
        self._waiting.append(pose)
        if not dense or pose.time + step >= self._until:  # no further sample is expected
            self.flush()

    def flush(self) -> None:
        """Take the waiting samples as one."""
        if not self._waiting:
            return
        first, last = self._waiting[0], self._waiting[-1]
        if first is not last:
            offset = np.mean([each.time - first.time for each in self._waiting])
            series = [each.series for each in self._waiting if each.series is not None]
            time = min(first.time + float(offset), last.time)  # against rounding
            last = replace(last, time=time, series=np.mean(series, axis=0))
        self._waiting = []
        self._take(last)

    def _take(self, pose: Pose) -> None:
        anchor = self._anchor
        bridged = anchor is not None and _bridges(anchor, pose)
        if pose.found:
            is_repeated = bridged and _is_repeated(anchor, pose)
            self._since = (self._since[1], self._since[1] if is_repeated else pose.time)
            if bridged:
                assert anchor is not None
                self._interpolate(anchor, pose)
            else:
                self._resolve_open(pose)
                if self.resolved <= _index(pose.time, self.rate):
                    self._resolve(self.resolved + 1, pose)
            self._anchor = pose
        elif not bridged:
            # While bridged, the ticks wait for the person to come back.
            self._resolve_open(pose)
            self._resolve(_index(pose.time, self.rate) + 1, _nobody(pose))
        self._last = pose
        self.seen = pose.time

    def give_up(self, end: int) -> None:
        """Resolve every tick before `end` with what is known."""
        if self._last is not None:
            held = min(end, _index(self.seen, self.rate) + 1)
            self._resolve(held, _nobody(self._last))
        self._resolve(end, None)

    def _resolve_open(self, pose: Pose) -> None:
        """Resolve the ticks before `pose` that no interpolation reaches."""
        if self._last is not None:
            self._resolve(_index(self.seen, self.rate) + 1, _nobody(self._last))
        before = _index_at_or_after(pose.time, self.rate)
        delivered = self._last is not None and _bridges(self._last, pose)
        self._resolve(before, _nobody(pose) if delivered else None)

    def _interpolate(self, start: Pose, end: Pose) -> None:
        span = end.time - start.time
        for tick in range(self.resolved, _index(end.time, self.rate) + 1):
            share = min(1.0, max(0.0, (tick / self.rate - start.time) / span))
            landmarks = _lerp(start.landmarks, end.landmarks, share)
            series = _lerp(start.series, end.series, share)
            camera = start.camera + share * (end.camera - start.camera)
            time, size = tick / self.rate, (end.width, end.height)
            frames = (*self._since, share)
            self.known.append(Pose(time, landmarks, None, *size, series, camera, frames))
        self.resolved = max(self.resolved, _index(end.time, self.rate) + 1)

    def _resolve(self, end: int, pose: Pose | None) -> None:
        self.known.extend([pose] * max(0, end - self.resolved))
        self.resolved = max(self.resolved, end)


def _bridges(start: Pose, end: Pose) -> bool:
    """Whether poses can be interpolated between: at most `BRIDGE` apart, frames of one shape."""
    difference = abs(start.width * end.height - end.width * start.height)
    alike = difference <= 0.01 * start.width * end.height
    return alike and end.time - start.time <= BRIDGE + 1e-6  # 4 frames a second are bridged


def _is_repeated(last: Pose | None, pose: Pose) -> bool:
    """Whether a pose has the landmarks of the last one, as of a repeated frame."""
    if last is None or last.landmarks is None or pose.landmarks is None:
        return False
    return np.array_equal(last.landmarks[_JOINTS], pose.landmarks[_JOINTS])


def _lerp(start: _Array | None, end: _Array | None, share: float) -> _Array | None:
    return None if start is None or end is None else start + share * (end - start)


def _nobody(pose: Pose) -> Pose:
    return Pose(pose.time, None, None, pose.width, pose.height)
