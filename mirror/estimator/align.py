"""The clock: two irregular streams of poses onto one regular grid.

A tick of the grid is given out once, in order, as soon as both feeds are known there. Nothing is
looked up but the poses' own times, in the order in which they were pushed: the same poses in the
same order always give the same ticks, live or replayed.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from mirror.landmarks import Feed, Pose

_Array = TypeVar("_Array", NDArray[np.float32], NDArray[np.float64])

BRIDGE = 0.25
"""Longest time between two poses that is interpolated, s; more is missing."""

PATIENCE = 0.5
"""How far one feed may fall behind the other before its ticks are given up as missing, s.

Longer than `BRIDGE`, so that a slow feed is not given up while it could still be bridged; short,
because the meter waits that long when a camera stops.
"""

LONGEST_GAP = 600.0
"""A longer silence of both feeds has no ticks: the grid goes on after it, s.

A laptop that slept, or a time that jumped, is a break between two sessions rather than hours of
missing ticks.
"""

_DENSE = 2 / 3  # of the grid's step: samples of a series as close as this are averaged by ticks
_EPSILON = 1e-6  # of a tick: a pose stamped at a tick belongs to it in spite of rounding


class Tick(NamedTuple):
    """Both people at one moment of the grid.

    Attributes
    ----------
    time : float
        Seconds; a multiple of 1/rate.
    a, b : Pose or None
        The pose, interpolated to this moment; a pose without landmarks where the feed showed
        nobody; None where the feed delivered nothing that could be bridged.
    """

    time: float
    a: Pose | None
    b: Pose | None


class Aligner:
    """Brings two feeds onto one grid.

    Parameters
    ----------
    rate : float
        Ticks per second.

    Notes
    -----
    Positions between two poses at most `BRIDGE` apart are interpolated linearly, which delays
    nothing and shifts no phase; a person lost for less than that is bridged too. Poses that are
    not later than the one before from the same feed are ignored.

    A plain series may be much faster than the grid, and what is faster than half of the grid's rate
    would turn up on it as slow movement (aliasing). So the samples nearest to a tick are averaged,
    their times with their values: this shifts no phase, and delays the tick by half a step.
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
            Where the pose's time is not finite.
        """
        if not math.isfinite(pose.time):
            raise ValueError(f"a pose needs a time in seconds, not {pose.time}")
        before = self._pass_over(pose.time)
        track = self._tracks[feed]
        if self._next is None:
            self._next = _index_at_or_after(pose.time, self._rate)
            for each in self._tracks.values():
                each.resolved = self._next
        track.push(pose)
        other = self._tracks["b" if feed == "a" else "a"]
        other.give_up(_index(track.seen - PATIENCE, self._rate) + 1)
        return before + list(self._ready())

    def _pass_over(self, time: float) -> list[Tick]:
        """Where both feeds were silent for too long: end what was before, go on at `time`."""
        if self._next is None or time - self._seen() <= LONGEST_GAP:
            return []
        ticks = self.finish()
        self._next = _index_at_or_after(time, self._rate)
        for track in self._tracks.values():
            track.resolved = self._next
        return ticks

    def _seen(self) -> float:
        return max(track.seen for track in self._tracks.values())

    def finish(self) -> list[Tick]:
        """The ticks that were still waiting when both feeds ended, up to the later one's end."""
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


def _index(time: float, rate: float) -> int:
    """The last tick at or before a time."""
    return math.floor(time * rate + _EPSILON)


def _index_at_or_after(time: float, rate: float) -> int:
    return math.ceil(time * rate - _EPSILON)


class _Track:
    """One feed's way onto the grid: which ticks are known, and what they hold."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.known: deque[Pose | None] = deque()
        self.resolved = 0  # first tick that is not known yet
        self.seen = float("-inf")  # time of the last pose of any kind
        self._anchor: Pose | None = None  # last pose with a person in it
        self._last: Pose | None = None  # last pose of any kind
        self._newest = float("-inf")  # time of the last pose that came, be it waiting
        self._waiting: list[Pose] = []  # dense samples, all nearest to the same tick
        self._until = 0.0  # where that tick ends, and the next one begins

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
        if not dense or pose.time + step >= self._until:  # no other is to be expected
            self.flush()

    def flush(self) -> None:
        """Take the samples that wait, as one."""
        if not self._waiting:
            return
        first, last = self._waiting[0], self._waiting[-1]
        if first is not last:
            after = np.mean([each.time - first.time for each in self._waiting])
            series = [each.series for each in self._waiting if each.series is not None]
            time = min(first.time + float(after), last.time)  # in spite of rounding
            last = replace(last, time=time, series=np.mean(series, axis=0))
        self._waiting = []
        self._take(last)

    def _take(self, pose: Pose) -> None:
        anchor = self._anchor
        bridged = anchor is not None and _bridges(anchor, pose)
        if pose.found:
            if bridged:
                assert anchor is not None
                self._interpolate(anchor, pose)
            else:
                self._leave_open(pose)
                if self.resolved <= _index(pose.time, self.rate):
                    self._resolve(self.resolved + 1, pose)
            self._anchor = pose
        elif not bridged:
            # Until BRIDGE has passed since the person was last seen, the ticks wait: they are
            # bridged if the person comes back in time.
            self._leave_open(pose)
            self._resolve(_index(pose.time, self.rate) + 1, _nobody(pose))
        self._last = pose
        self.seen = pose.time

    def give_up(self, end: int) -> None:
        """Resolve every tick before `end` with what is known by now."""
        if self._last is not None:
            held = min(end, _index(self.seen, self.rate) + 1)
            self._resolve(held, _nobody(self._last))
        self._resolve(end, None)

    def _leave_open(self, pose: Pose) -> None:
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
            landmarks = _between(start.landmarks, end.landmarks, share)
            series = _between(start.series, end.series, share)
            self.known.append(
                Pose(tick / self.rate, landmarks, None, end.width, end.height, series)
            )
        self.resolved = max(self.resolved, _index(end.time, self.rate) + 1)

    def _resolve(self, end: int, pose: Pose | None) -> None:
        self.known.extend([pose] * max(0, end - self.resolved))
        self.resolved = max(self.resolved, end)


def _bridges(start: Pose, end: Pose) -> bool:
    """Whether the time between two poses can be interpolated: short, in pictures of one shape."""
    shape = abs(start.width * end.height - end.width * start.height)
    alike = shape <= 0.01 * start.width * end.height
    return alike and end.time - start.time <= BRIDGE + 1e-6  # 4 pictures a second are bridged


def _between(start: _Array | None, end: _Array | None, share: float) -> _Array | None:
    return None if start is None or end is None else start + share * (end - start)


def _nobody(pose: Pose) -> Pose:
    return Pose(pose.time, None, None, pose.width, pose.height)
