"""Where on a timeline a moment and a score lie, and which moments are written below it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from ui.words import elapsed

_STEPS: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


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


def ticks(start_s: float, end_s: float, most: int) -> tuple[list[float], float]:
    """Round moments between two moments, at most so many, and the step between them, s."""
    wanted = (end_s - start_s) / max(most, 1)
    step = next((step for step in _STEPS if step >= wanted), None)
    if step is None:
        step = math.ceil(wanted / _STEPS[-1]) * _STEPS[-1]
    first, last = math.ceil(start_s / step - 1e-9), math.floor(end_s / step + 1e-9)
    return [number * step for number in range(first, last + 1)], step


def moment(time_s: float, step_s: float = 1.0) -> str:
    """A moment as "1:23" or "1:02:03", with tenths ("1:23.4") where steps are that fine."""
    if step_s >= 1:
        return elapsed(round(time_s))
    tenths = round(time_s * 10)
    sign = "−" if tenths < 0 else ""
    whole, tenth = divmod(abs(tenths), 10)
    return f"{sign}{elapsed(whole)}.{tenth}"
