"""The coordinates of a timeline, and how its times are written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plot:
    """The rectangle of the curves, and its time range.

    Attributes
    ----------
    left, right, top, bottom : float
        Edges, pixels.
    start_s, end_s : float
        Times at the left and right edge, s.
    """

    left: float
    right: float
    top: float
    bottom: float
    start_s: float
    end_s: float

    @property
    def width(self) -> float:
        """Width, pixels."""
        return self.right - self.left

    @property
    def middle(self) -> float:
        """Position of the axis between the two scores, pixels from the top."""
        return (self.top + self.bottom) / 2

    @property
    def scale(self) -> float:
        """Pixels per second."""
        return self.width / (self.end_s - self.start_s)

    def x(self, time_s: float) -> float:
        """Return the position of a time, pixels."""
        return self.left + (time_s - self.start_s) * self.scale

    def time(self, x: float) -> float:
        """Return the time at a position, s."""
        return self.start_s + (x - self.left) / self.scale

    def y(self, value: float) -> float:
        """Return the position of a score, pixels: 1 at the top, −1 (anti-phase 1) at the bottom."""
        return self.middle - value * (self.bottom - self.top) / 2
