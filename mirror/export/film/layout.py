"""Where things are in a frame of the film."""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from typing import Final

from mirror.colours import DARK, PEOPLE, Rgb, rgb
from mirror.landmarks import Feed
from mirror.timeline import Score

WIDTH: Final = 1280
HEIGHT: Final = 720

COLOURS: Final[dict[str, Rgb]] = {name: rgb(colour) for name, colour in DARK.items()}
"""RGB, by their names in `mirror.colours.DARK`."""

PERSON_COLOURS: Final[dict[Feed, Rgb]] = {feed: rgb(colour) for feed, colour in PEOPLE.items()}
BLACK: Final[Rgb] = (0, 0, 0)
WHITE: Final[Rgb] = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of whole pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first pixel beyond it."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first pixel below it."""
        return self.y + self.height

    @property
    def part(self) -> tuple[slice, slice]:
        """Its place in an image [row, column]."""
        return slice(self.y, self.bottom), slice(self.x, self.right)

    def fitted(self, width: float, height: float) -> Box:
        """The largest box of these proportions in the middle of it."""
        scale = min(self.width / width, self.height / height)
        wide, high = max(1, round(width * scale)), max(1, round(height * scale))
        left, top = self.x + (self.width - wide) // 2, self.y + (self.height - high) // 2
        return Box(left, top, wide, high)


PICTURES: Final[dict[Feed, Box]] = {"a": Box(16, 44, 618, 400), "b": Box(646, 44, 618, 400)}
NAMES: Final[dict[Feed, Box]] = {"a": Box(16, 8, 618, 32), "b": Box(646, 8, 430, 32)}
CLOCK: Final = Box(1084, 8, 180, 32)

DIAL: Final = Box(16, 456, 320, 256)
CENTRE: Final = (176, 584)
RADIUS: Final = 98
"""The dial's circle, on which coherence is 1."""

SENTENCE: Final = Box(364, 458, 900, 40)
LEGEND: Final = Box(364, 502, 900, 22)
TRACK: Final = Box(364, 530, 900, 142)
"""The timeline: in phase upwards and anti-phase downwards from the line in its middle."""

AXIS: Final = Box(364, 674, 900, 24)
WHOLE: Final = Box(364, 702, 900, 6)
"""Where in the whole session a part of it lies."""


def needle(score: Score) -> tuple[float, float] | None:
    """Where the needle's tip is: up is in phase, right A ahead; None where C is undefined."""
    if math.isnan(score.coherence) or math.isnan(score.relative_phase_deg):
        return None
    c = cmath.rect(score.coherence, math.radians(score.relative_phase_deg))
    return CENTRE[0] + RADIUS * c.imag, CENTRE[1] - RADIUS * c.real


@dataclass(frozen=True, slots=True)
class Span:
    """The time that an axis shows, s."""

    start: float
    end: float

    def x(self, time_s: float) -> float:
        """Where a moment is on the timeline, in pixels; beyond its ends, at them."""
        share = (time_s - self.start) / max(self.end - self.start, 1e-9)
        return TRACK.x + min(max(share, 0.0), 1.0) * (TRACK.width - 1)
