"""How well a recording was made: pictures, drops, gaps, and how often somebody was found."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.align import BRIDGE
from mirror.landmarks import Feed
from mirror.recording.reader import Recording
from mirror.timeline import Span


@dataclass(frozen=True, slots=True, eq=False)
class Feeding:
    """One feed's pictures.

    Attributes
    ----------
    times : ndarray
        When its pictures were taken, s; those within the report's part.
    frames, with_person : int
        Pictures of the whole session, and those in which somebody was found.
    dropped : int or None
        Pictures that came and could not be followed; None where the recording does not say.
    paused : int
        Pictures that came while the session was paused.
    """

    times: NDArray[np.float64]
    frames: int
    with_person: int
    dropped: int | None
    paused: int

    @property
    def rate(self) -> float:
        """Pictures a second, the median; NaN for fewer than two."""
        between = np.diff(self.times)
        return float(1.0 / np.median(between)) if len(between) else math.nan

    @property
    def gaps(self) -> int:
        """How often two pictures were further apart than the clock bridges."""
        return int((np.diff(self.times) > BRIDGE).sum())

    @property
    def longest_gap(self) -> float:
        """The longest time between two pictures, s; NaN for fewer than two."""
        between = np.diff(self.times)
        return float(between.max()) if len(between) else math.nan

    @property
    def found(self) -> float:
        """Share of the pictures with somebody in them, 0…1; NaN for none."""
        return self.with_person / self.frames if self.frames else math.nan


def feeding(recording: Recording, span: Span) -> dict[Feed, Feeding]:
    """Both feeds' pictures; nothing for plain series, which have none."""
    counts = recording.counts()
    if not any(frames for frames, _ in counts.values()):
        return {}
    said = recording.session.get("quality", {}).get("feeds", {})
    found: dict[Feed, Feeding] = {}
    for feed in ("a", "b"):
        kept = said.get(feed, {})
        found[feed] = Feeding(
            recording.pose_times(feed, span.start, span.end),
            *counts[feed],
            _count(kept.get("dropped")),
            _count(kept.get("paused")) or 0,
        )
    return found


def _count(value: object) -> int | None:
    return value if isinstance(value, int) else None
