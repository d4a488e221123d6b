"""The timeline of a recording as a figure: in phase above, anti-phase below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from mirror.colours import LIGHT
from mirror.events import Event
from mirror.report.document import Data, Figure
from mirror.report.facts import SessionFacts
from mirror.report.svg import BLUE, GREY, INK, ORANGE, figure
from mirror.timeline import State
from mirror.timeline_bins import Bins, axis_step, axis_ticks, bin_rows
from mirror.wording import SHARES, clock_time, describe_run, percent, plain_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas
    from matplotlib.lines import Line2D

MOST: Final = 1000
"""Points of a curve, at most: about one a pixel."""

_FEW: Final = 300  # of a small figure
_MOST_TOLD: Final = 12
_APART: Final = 0.22  # inches between the numbers of two events

_UNSCORED: Final = {
    State.WARMING_UP: ("warming up", LIGHT["paper"], "..."),
    State.STILL: ("still", LIGHT["still"], ""),
    State.NO_PERSON_A: ("untracked", LIGHT["untracked"], "////"),
    State.NO_PERSON_B: ("untracked", LIGHT["untracked"], "////"),
    State.GAP: ("untracked", LIGHT["untracked"], "////"),
}


def timeline_figure(facts: SessionFacts) -> Figure:
    """The whole session, with its events."""
    shown = bin_rows(facts.timeline, MOST)
    has_chance = bool(np.isfinite(facts.timeline.chance_in_phase).any())
    chance = (
        "The dashed line is chance: one row in twenty of people who cannot be coordinated lies "
        "beyond it."
        if has_chance
        else "The session is too short for a line of chance."
    )

    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        draw_timeline(axes, facts, shown)
        _draw_events(axes, facts.events)
        name_times(axes)
        axes.set_ylabel("anti-phase ← score → in phase")
        _draw_legend(axes, shown, has_chance=has_chance)

    return figure(
        "Timeline",
        f"{_how(shown, facts)} In phase upwards, anti-phase downwards. {chance} Shaded "
        "stretches have no score, which is not a score of 0."
        f"{' The numbers are those of the events.' if facts.events else ''}",
        _told(facts, shown),
        (9.4, 3.5),
        draw,
        narrow=(4.1, 3.9),
        data=_data(shown, facts, "timeline.csv"),
    )


def small_timeline(facts: SessionFacts, number: int, end: float) -> Figure:
    """One of several timelines, on a common axis up to `end`, s."""
    shown = bin_rows(facts.timeline, _FEW)

    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        draw_timeline(axes, facts, shown)
        axes.set_xlim(0.0, end)
        label_times(axes)

    what = f" · {facts.condition}" if facts.condition else ""
    return figure(
        f"{number}. {facts.title}{what}",
        f"{facts.when}; {facts.length}.",
        _told(facts, shown),
        (4.6, 1.7),
        draw,
        data=_data(shown, facts, f"timeline-{number}.csv"),
        name=f"timeline-{number}",
    )


def draw_timeline(axes: Axes, facts: SessionFacts, shown: Bins) -> None:
    """Both scores, chance, and the stretches without a score."""
    for state, start, end in shown.stretches():
        _, colour, hatch = _UNSCORED[state]
        axes.axvspan(
            start, end, facecolor=colour, hatch=hatch, edgecolor=GREY, linewidth=0, zorder=0
        )
    for name, sign, colour in (("in_phase", 1, BLUE), ("anti_phase", -1, ORANGE)):
        time, mean = shown.curve(sign * shown.mean(facts.timeline[name]))
        if not shown.are_rows:
            _, highest = shown.curve(sign * shown.highest(facts.timeline[name]))
            axes.fill_between(time, 0, highest, color=colour, alpha=0.25, linewidth=0)
        depth = 0.6 if shown.are_rows else 0.45
        axes.fill_between(time, 0, mean, color=colour, alpha=depth, linewidth=0)
        axes.plot(time, mean, color=colour, linewidth=0.9)
        time, chance = shown.curve(sign * shown.mean(facts.timeline[f"chance_{name}"]))
        axes.plot(time, chance, color=INK, linewidth=0.8, dashes=(4, 2))
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.set_ylim(-1.04, 1.04)
    axes.set_yticks([-1, -0.5, 0, 0.5, 1], ["1", ".5", "0", ".5", "1"])
    axes.set_xlim(float(shown.edges[0, 0]), float(shown.edges[-1, 1]))
    label_times(axes)


def label_times(axes: Axes) -> None:
    """Round moments below an axis of seconds, as many as there is room for."""
    start, end = axes.get_xlim()
    width = axes.get_figure(root=True).get_figwidth()  # type: ignore[union-attr]
    step = max(1.0, axis_step(end - start, 1.1 * width))  # labels have whole seconds
    ticks = axis_ticks(start, end, step)
    axes.set_xticks(ticks, [clock_time(each) for each in ticks])


def name_times(axes: Axes) -> None:
    """Say how the moments below an axis are written."""
    hours = "hours:" if axes.get_xlim()[1] >= 3600 else ""
    axes.set_xlabel(f"time ({hours}minutes:seconds)")


def _draw_events(axes: Axes, events: Sequence[Event]) -> None:
    start, end = axes.get_xlim()
    width = axes.get_figure(root=True).get_figwidth() - 0.7  # type: ignore[union-attr]
    last = -np.inf
    for number, event in enumerate(events, 1):
        # where the session ends, it may be a moment after its last row
        time = min(max(event.time_s, start), end)
        axes.plot([time, time], [-1.04, 1.04], color=INK, linewidth=0.7, dashes=(1, 2))
        if (time - last) / (end - start) * width >= _APART:
            axes.annotate(
                str(number), (time, 1.04), (0, 2), textcoords="offset points", ha="center"
            )
            last = time


def _chance_line() -> Line2D:
    from matplotlib.lines import Line2D

    return Line2D([], [], color=INK, linewidth=0.8, dashes=(4, 2), label="chance")


def _draw_legend(axes: Axes, shown: Bins, *, has_chance: bool) -> None:
    from matplotlib.patches import Patch

    found = {_UNSCORED[state][0]: state for state, *_ in shown.stretches()}
    handles = [
        Patch(facecolor=BLUE, alpha=0.7, label=plain_name("in_phase")),
        Patch(facecolor=ORANGE, alpha=0.7, label=plain_name("anti_phase")),
        *([_chance_line()] if has_chance else []),
        *(
            Patch(
                facecolor=_UNSCORED[state][1],
                hatch=_UNSCORED[state][2],
                edgecolor=GREY,
                linewidth=0,
                label=name,
            )
            for name, state in found.items()
        ),
    ]
    is_broad = axes.get_figure(root=True).get_figwidth() > 6  # type: ignore[union-attr]
    axes.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.06),
        ncols=6 if is_broad else 2,
        borderaxespad=0.0,
    )


def _how(shown: Bins, facts: SessionFacts) -> str:
    if shown.are_rows:
        return f"One row every {facts.settings.hop:g} s."
    each = float(np.diff(shown.edges[0])[0])
    return (
        f"Each point stands for {each:.1f} s: the line is the mean of its rows, the pale area "
        "their highest."
    )


def _told(facts: SessionFacts, shown: Bins) -> str:
    parts = [
        f"{plain_name(kind)} {percent(getattr(facts.summary, kind))}"
        for kind in SHARES
        if getattr(facts.summary, kind)
    ]
    gaps = [
        f"{_UNSCORED[state][0]} {clock_time(start)} to {clock_time(end)}"
        for state, start, end in shown.stretches()
    ]
    more = "; …" if gaps[_MOST_TOLD:] else ""
    without = f" Without a score: {'; '.join(gaps[:_MOST_TOLD])}{more}." if gaps else ""
    return (
        f"Scores from {clock_time(shown.edges[0, 0])} to {clock_time(shown.edges[-1, 1])}: "
        f"{', '.join(parts)}. Longest time in phase: {describe_run(facts.longest)}.{without}"
    )


def _data(shown: Bins, facts: SessionFacts, name: str) -> Data:
    scores = ("in_phase", "anti_phase", "chance_in_phase", "chance_anti_phase")
    values = [shown.mean(facts.timeline[each]).tolist() for each in scores]
    peaks = [shown.highest(facts.timeline[each]).tolist() for each in scores[:2]]
    return Data(
        name,
        ("time_s", "state", *scores, "highest_in_phase", "highest_anti_phase"),
        list(zip(shown.middle.tolist(), shown.state.tolist(), *values, *peaks, strict=True)),
    )
