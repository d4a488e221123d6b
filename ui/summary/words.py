"""A session's figures in words. They say what was measured, and that nothing is better."""

from __future__ import annotations

import math
from typing import Final

from mirror.moments import Moment, Run
from mirror.summary import NO_LAG, Summary
from ui.widgets.timeline.axis import moment
from ui.words import UNDEFINED, number, percent

SHARES: Final = {
    "in_phase": "In phase",
    "anti_phase": "Anti-phase",
    "other_phase": "Other phase",
    "not_together": "Not together",
    "still": "Still",
    "untracked": "Untracked",
    "warming_up": "Warming up",
}
"""The shares of a `Summary`, and what they are called; together they are the whole."""

NEVER: Final = "Never in phase."

NO_BREAK: Final = "\u00a0"

_TENTHS: Final = 0.1


def span(start_s: float, end_s: float) -> str:
    """From when to when, such as "0:06.0 to 0:19.4"."""
    return f"{moment(start_s, _TENTHS)} to {moment(end_s, _TENTHS)}"


def length(run: Run | None) -> str:
    """How long a stretch in phase was, for a table; "–" where there was none."""
    return UNDEFINED if run is None else f"{run.end_s - run.start_s:.1f} s"


def longest(run: Run | None) -> str:
    """The longest time in phase, in a sentence."""
    if run is None:
        return NEVER
    if run.end_s == run.start_s:
        return f"A moment, at {moment(run.start_s, _TENTHS)}."
    return f"{run.end_s - run.start_s:.1f} s, from {span(run.start_s, run.end_s)}."


def who_led(summary: Summary, names: tuple[str, str]) -> str:
    """Who led and by how much, in a sentence or two."""
    if math.isnan(summary.lag_s):
        return "Nobody: at no time did the same movement come back with a lag that can be told."
    a, b = names
    ahead, behind = names if summary.lag_s > 0 else (b, a)
    if abs(summary.lag_s) <= NO_LAG:
        told = f"Mostly nobody: the median lag is {number(summary.lag_s)} s."
    else:
        told = f"{ahead} led: {behind} followed by {abs(summary.lag_s):.2f} s in the median."
    a_led, b_led = (
        percent(share).replace(" ", NO_BREAK) for share in (summary.a_led, summary.b_led)
    )
    return (
        f"{told} Of the time in which a lag can be told, {a} was ahead in {a_led}, {b} in {b_led}."
    )


def of_moment(found: Moment) -> str:
    """Which kind a moment is, its mean score, and when it was."""
    return f"{SHARES[found.kind]}  {number(found.score)}   {span(found.start_s, found.end_s)}"
