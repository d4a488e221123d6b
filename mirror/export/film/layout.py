"""Positions and colours in a frame of the film."""

from dataclasses import dataclass
from typing import Final

from mirror.colours import DARK, PEOPLE, Rgb, rgb
from mirror.landmarks import Feed
from mirror.summary import normalised_cross_spectrum
from mirror.timeline import Score

WIDTH: Final = 1280
HEIGHT: Final = 720

# RGB, by their names in `mirror.colours.DARK`.
COLOURS: Final[dict[str, Rgb]] = {name: rgb(colour) for name, colour in DARK.items()}
PERSON_COLOURS: Final[dict[Feed, Rgb]] = {feed: rgb(colour) for feed, colour in PEOPLE.items()}


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of whole pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first pixel beyond the right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first pixel below the lower edge."""
        return self.y + self.height

    @property
    def slices(self) -> tuple[slice, slice]:
        """Indices into an image [row, column]."""
        return slice(self.y, self.bottom), slice(self.x, self.right)

    def fit(self, width: float, height: float) -> "Box":
        """Return the largest centred box of these proportions."""
        scale = min(self.width / width, self.height / height)
        wide, high = max(1, round(width * scale)), max(1, round(height * scale))
        left, top = self.x + (self.width - wide) // 2, self.y + (self.height - high) // 2
        return Box(left, top, wide, high)


PERSON_BOXES: Final[dict[Feed, Box]] = {"a": Box(16, 44, 618, 400), "b": Box(646, 44, 618, 400)}
NAME_BOXES: Final[dict[Feed, Box]] = {"a": Box(16, 8, 618, 32), "b": Box(646, 8, 430, 32)}
CLOCK: Final = Box(1084, 8, 180, 32)

DIAL: Final = Box(16, 456, 320, 256)
CENTRE: Final = (176, 584)
RADIUS: Final = 98  # of the dial, where coherence is 1
SENTENCE: Final = Box(364, 458, 900, 40)
LEGEND: Final = Box(364, 502, 900, 22)
TRACK: Final = Box(364, 530, 900, 86)  # in phase upwards, anti-phase downwards
LANE: Final = Box(364, 620, 900, 24)  # mirroring, below the timeline

# A line for each person, and arcs from who took a posture to who took it over.
ARCS: Final = Box(364, 648, 900, 24)
AXIS: Final = Box(364, 674, 900, 24)
WHOLE: Final = Box(364, 702, 900, 6)  # of the session, with the film's part


def needle_tip(score: Score) -> tuple[float, float] | None:
    """Return the needle's tip: up is in phase, right A ahead; None if C is undefined."""
    c = normalised_cross_spectrum(score)
    return None if c is None else (CENTRE[0] + RADIUS * c.imag, CENTRE[1] - RADIUS * c.real)


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """The times at the ends of `TRACK`, s."""

    start: float
    end: float

    def x(self, time_s: float) -> float:
        """Return the position of a time in pixels, limited to the track."""
        share = (time_s - self.start) / max(self.end - self.start, 1e-9)
        return TRACK.x + min(max(share, 0.0), 1.0) * (TRACK.width - 1)
