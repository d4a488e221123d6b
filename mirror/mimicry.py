"""Postures that one person took over from the other, as events of a timeline."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from mirror.events import Event
from mirror.landmarks import Feed
from mirror.settings import Mapping_
from mirror.timeline import REGIONS, Score, Timeline

MIMICRY: Final = "mimicry"  # the kind of these events

_OTHER_SIDE: Final = {"left_arm": "right_arm", "right_arm": "left_arm"}


@dataclass(frozen=True, slots=True)
class TakeOver:
    """One person took a posture that the other had taken before."""

    time_s: float  # when it was taken over
    by: Feed  # who took it over
    regions: tuple[str, ...]  # of `REGIONS`; with the mapping ``mirror``, arms are A's
    latency_s: float  # how long after the other; positive
    likeness: float  # the match of both new postures, 0…1
    known_s: float  # the time of the row in which it became known

    def describe(self, names: tuple[str, str] = ("A", "B")) -> str:
        """Return the event in words: "B mirrored A after 3.2 s: arms"."""
        a, b = names
        first, second = (b, a) if self.by == "b" else (a, b)
        return (
            f"{first} mirrored {second} after {self.latency_s:.1f} s: {region_words(self.regions)}"
        )

    def arc(
        self, x: Callable[[float], float], ys: Mapping[Feed, float]
    ) -> tuple[tuple[float, float], ...]:
        """Return the control points of its cubic curve from one person's line to the other's.

        `x` is the position of a time, and `ys` are those of the lines.
        """
        start, end = x(self.time_s - self.latency_s), x(self.time_s)
        top, bottom = ys["a" if self.by == "b" else "b"], ys[self.by]
        return (start, top), (start, bottom), (end, top), (end, bottom)

    def event(self) -> Event:
        """Return the event of a session."""
        return Event(self.time_s, MIMICRY, self.describe())


def region_words(regions: tuple[str, ...]) -> str:
    """Return regions in a sentence, arms first: "arms and head", "left arm"."""
    arms = [each for each in regions if each in _OTHER_SIDE]
    rest = [each for each in regions if each not in _OTHER_SIDE]
    words = (["arms"] if len(arms) == 2 else arms) + rest
    *most, last = [each.replace("_", " ") for each in words]
    return f"{', '.join(most)} and {last}" if most else last


def same_posture(score: Score) -> tuple[str, ...]:
    """Return the regions whose postures match above chance, where the whole body's do too."""
    if not score.posture_match > score.chance_posture_match:
        return ()
    return tuple(
        region
        for region in REGIONS
        if getattr(score, f"posture_match_{region}")
        > getattr(score, f"chance_posture_match_{region}")
    )


def regions_of(regions: Iterable[str], feed: Feed, mapping: Mapping_) -> frozenset[str]:
    """Return regions that are named after A's as those of the person in a feed."""
    if feed == "b" and mapping == "mirror":
        return frozenset(_OTHER_SIDE.get(each, each) for each in regions)
    return frozenset(regions)


def take_over(score: Score) -> TakeOver | None:
    """Return the posture taken over that became known in a row, if there is one."""
    latency = score.mimicry_latency_s
    if math.isnan(latency):
        return None
    bits = int(score.mimicry_regions)
    return TakeOver(
        score.time_s - score.mimicry_ago_s,
        "b" if latency > 0 else "a",
        tuple(region for k, region in enumerate(REGIONS) if bits >> k & 1),
        abs(latency),
        score.mimicry_likeness,
        score.time_s,
    )


def take_overs(timeline: Timeline) -> list[TakeOver]:
    """Return the postures that were taken over, in order of the rows."""
    rows = np.flatnonzero(~np.isnan(timeline.mimicry_latency_s))
    part = Timeline({name: column[rows] for name, column in timeline.columns.items()})
    return [found for row in part if (found := take_over(row)) is not None]
