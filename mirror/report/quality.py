"""Quality of a recording's feeds: frames, drops, gaps, and frames with a person."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.align import BRIDGE
from mirror.landmarks import FEEDS, Feed
from mirror.recording.reader import Recording
from mirror.timeline import Span


@dataclass(frozen=True, slots=True, eq=False)
class FeedQuality:
    """One feed's frames.

    Attributes
    ----------
    times : ndarray
        Times of the frames within the report's span, s.
    frames, with_person : int
        Frames of the whole session, and those with a person.
    dropped : int or None
        Frames that were dropped; None if the recording does not say.
    paused : int
        Frames that arrived while the session was paused.
    """

    times: NDArray[np.float64]
    frames: int
    with_person: int
    dropped: int | None
    paused: int

    @property
    def rate(self) -> float:
        """Frames per second, the median; NaN for fewer than two."""
        between = np.diff(self.times)
        return float(1.0 / np.median(between)) if len(between) else math.nan

    @property
    def gaps(self) -> int:
        """Number of gaps longer than `BRIDGE`."""
        return int((np.diff(self.times) > BRIDGE).sum())

    @property
    def longest_gap(self) -> float:
        """The longest time between two frames, s; NaN for fewer than two."""
        between = np.diff(self.times)
        return float(between.max()) if len(between) else math.nan

    @property
    def person_share(self) -> float:
        """Share of the frames with a person, 0…1; NaN for none."""
        return self.with_person / self.frames if self.frames else math.nan


def feed_quality(recording: Recording, span: Span) -> dict[Feed, FeedQuality]:
    """Return the quality of both feeds; empty for plain series, which have no frames."""
    counts = recording.counts()
    if not any(frames for frames, _ in counts.values()):
        return {}
    stored = recording.session.get("quality", {}).get("feeds", {})
    quality: dict[Feed, FeedQuality] = {}
    for feed in FEEDS:
        values = stored.get(feed, {})
        quality[feed] = FeedQuality(
            recording.pose_times(feed, span.start, span.end),
            *counts[feed],
            _count(values.get("dropped")),
            _count(values.get("paused")) or 0,
        )
    return quality


def _count(value: object) -> int | None:
    return value if isinstance(value, int) else None
