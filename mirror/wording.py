"""A session's figures in words. They say what was measured, and that nothing is better."""

from __future__ import annotations

import math
from typing import Final

from mirror.moments import Moment, Run
from mirror.summary import NO_LAG, Summary

UNDEFINED: Final = "–"
"""What stands where there is no number; never 0."""

SHARES: Final = {
    "in_phase": "In phase",
    "anti_phase": "Anti-phase",
    "other_phase": "At another phase",
    "not_together": "Not together",
    "still": "Still",
    "untracked": "Untracked",
    "warming_up": "Warming up",
}
"""The shares of a `Summary`, and what they are called; together they are the whole."""

NO_BREAK: Final = "\u00a0"


def moment(seconds: float, *, tenths: bool = False) -> str:
    """A moment or a length of time: "0:07", "12:30", "1:02:03"; "0:07.4" with tenths."""
    if math.isnan(seconds):
        return UNDEFINED
    whole, tenth = divmod(round(abs(seconds) * 10), 10) if tenths else (round(abs(seconds)), 0)
    sign = "−" if seconds < 0 and (whole or tenth) else ""
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    shown = f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
    return f"{sign}{shown}.{tenth}" if tenths else f"{sign}{shown}"


def spoken(name: str) -> str:
    """A score or a region in words: "in phase", "anti-phase", "left arm"."""
    return "anti-phase" if name == "anti_phase" else name.replace("_", " ")


def duration(seconds: float) -> str:
    """A length of time in a sentence: "32 s", "1 min 32 s", "2 h 5 min"."""
    whole = round(seconds)
    units = ((whole // 3600, "h"), (whole // 60 % 60, "min"), (whole % 60, "s"))
    told = [f"{count}{NO_BREAK}{unit}" for count, unit in units if count]
    return " ".join(told[:2]) or f"0{NO_BREAK}s"


def span(start_s: float, end_s: float) -> str:
    """From when to when, such as "0:06.0 to 0:19.4"."""
    return f"{moment(start_s, tenths=True)} to {moment(end_s, tenths=True)}"


def number(value: float, decimals: int = 2) -> str:
    """A score: "0.42", "−0.70"; "–" for NaN."""
    if math.isnan(value):
        return UNDEFINED
    shown = f"{value:.{decimals}f}"
    return shown.replace("-", "−") if float(shown) else shown.lstrip("-")


def signed(value: float, decimals: int = 2) -> str:
    """The same with a sign also where it is positive: "+0.42"."""
    shown = number(value, decimals)
    return f"+{shown}" if value > 0 and float(shown) else shown


def percent(share: float) -> str:
    """A share 0…1 as "42 %"; "–" for NaN."""
    return UNDEFINED if math.isnan(share) else f"{100 * share:.0f}{NO_BREAK}%"


def p_value(p: float) -> str:
    """A p-value: ".034"; "< .001" below that; "–" for NaN."""
    if math.isnan(p):
        return UNDEFINED
    return f"<{NO_BREAK}.001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def longest(run: Run | None) -> str:
    """The longest time in phase, in a sentence."""
    if run is None:
        return "Never in phase."
    if run.end_s == run.start_s:
        return f"The longest time in phase was a moment, at {moment(run.start_s, tenths=True)}."
    return (
        f"The longest time in phase was {run.end_s - run.start_s:.1f}{NO_BREAK}s, "
        f"from {span(run.start_s, run.end_s)}."
    )


def who_led(summary: Summary, names: tuple[str, str]) -> str:
    """Who led and by how much, in a sentence or two."""
    if math.isnan(summary.lag_s):
        return "Nobody led: at no time did the same movement come back with a lag that can be told."
    a, b = names
    ahead, behind = names if summary.lag_s > 0 else (b, a)
    if abs(summary.lag_s) <= NO_LAG:
        told = f"Mostly nobody led: the median lag is {number(summary.lag_s)}{NO_BREAK}s."
    else:
        told = (
            f"{ahead} led: {behind} followed by {abs(summary.lag_s):.2f}{NO_BREAK}s in the median."
        )
    return (
        f"{told} Of the time in which a lag can be told, {a} was ahead in "
        f"{percent(summary.a_led)}, {b} in {percent(summary.b_led)}."
    )


def of_moment(found: Moment) -> str:
    """Which kind a moment is, its mean score, and when it was."""
    when = span(found.start_s, found.end_s)
    return f"{SHARES[found.kind]}, mean score {number(found.score)}: {when}"
