"""Where on a timeline a moment and a score lie, and which moments are written below it."""

from __future__ import annotations

from dataclasses import dataclass

from ui.words import elapsed


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


def moment(time_s: float, step_s: float = 1.0) -> str:
    """A moment as "1:23" or "1:02:03", with tenths ("1:23.4") where steps are that fine."""
    if step_s >= 1:
        return elapsed(round(time_s))
    tenths = round(time_s * 10)
    sign = "−" if tenths < 0 else ""
    whole, tenth = divmod(abs(tenths), 10)
    return f"{sign}{elapsed(whole)}.{tenth}"
