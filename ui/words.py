"""Numbers and times in words, for labels and for screen readers."""

from __future__ import annotations

import math
from typing import Final

UNDEFINED: Final = "–"
"""What stands where there is no number; never 0."""


def elapsed(seconds: float) -> str:
    """A length of time: "0:07", "12:30", "1:02:03"; whole seconds that have passed."""
    if math.isnan(seconds):
        return UNDEFINED
    sign = "−" if seconds <= -1 else ""
    minutes, second = divmod(int(abs(seconds)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{sign}{hours}:{minute:02}:{second:02}" if hours else f"{sign}{minute}:{second:02}"


def size(count: int) -> str:
    """Bytes, in thousands as file browsers show them: "812 B", "24 kB", "3.4 MB"."""
    value = float(count)
    for unit in ("B", "kB", "MB"):
        if value < 999.5:
            return f"{value:.1f} {unit}" if unit == "MB" and value < 9.95 else f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def number(value: float, decimals: int = 2) -> str:
    """A score: "0.42", "−0.70"; "–" for NaN."""
    if math.isnan(value):
        return UNDEFINED
    shown = f"{value:.{decimals}f}"
    return shown.replace("-", "−") if float(shown) else shown.lstrip("-")


def percent(share: float) -> str:
    """A share 0…1 as "42 %"; "–" for NaN."""
    return UNDEFINED if math.isnan(share) else f"{100 * share:.0f} %"
