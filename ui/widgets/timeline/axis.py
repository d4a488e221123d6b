"""Where on a timeline a moment and a score lie, and which moments are written below it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plot:
    """The rectangle that the curves are drawn in, and the moments that it shows.

    Attributes
    ----------
    left, right, top, bottom : float
        Its edges in pixels.
    start_s, end_s : float
        The moments at its left and right edge, s.
    """

    left: float
    right: float
    top: float
    bottom: float
    start_s: float
    end_s: float

    @property
    def width(self) -> float:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def middle(self) -> float:
        """Height of the axis between the two scores, in pixels from the top."""
        return (self.top + self.bottom) / 2

    @property
    def scale(self) -> float:
        """Pixels a second."""
        return self.width / (self.end_s - self.start_s)

    def x(self, time_s: float) -> float:
        """Where a moment lies, in pixels."""
        return self.left + (time_s - self.start_s) * self.scale

    def time(self, x: float) -> float:
        """The moment at a pixel, s."""
        return self.start_s + (x - self.left) / self.scale

    def y(self, value: float) -> float:
        """Where a score lies, in pixels: 1 at the top, −1 (anti-phase 1) at the bottom."""
        return self.middle - value * (self.bottom - self.top) / 2
