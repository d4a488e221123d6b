"""Figures of a timeline: in phase above, anti-phase below, and mirroring in a lane under both."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from mirror.colours import LIGHT
from mirror.events import Event
from mirror.report.document import Data, Figure
from mirror.report.facts import SessionFacts
from mirror.report.svg import BLUE, GREY, INK, ORANGE, PLUM, Axes, Canvas, draw_figure
from mirror.timeline import State
from mirror.timeline_bins import Bins, axis_step, axis_ticks, bin_rows
from mirror.wording import clock_time, describe_run, list_shares, plain_name

MAX_POINTS: Final = 1000  # points of a curve: about one per pixel

_MAX_POINTS_SMALL: Final = 300
_LANE: Final = -1.6  # where mirroring is 0, on the axis of the other two
_LANE_HEIGHT: Final = 0.4
_MAX_GAPS: Final = 12
_EVENT_GAP_IN: Final = 0.22  # between the numbers of two events

_UNSEEN: Final = (State.NO_PERSON_A, State.NO_PERSON_B, State.GAP, State.UNSURE)
_UNSCORED: Final = {
    State.WARMING_UP: (plain_name("warming_up"), LIGHT["paper"], "..."),
    State.STILL: (plain_name("still"), LIGHT["still_shade"], ""),
    **dict.fromkeys(_UNSEEN, (plain_name("untracked"), LIGHT["untracked_shade"], "////")),
}


def timeline_figure(facts: SessionFacts) -> Figure:
    """Draw the whole session with its events."""
    bins = bin_rows(facts.timeline, MAX_POINTS)
    chance = (
        "The dashed line is the chance level: one row in twenty of unrelated people is above it."
        if np.isfinite(facts.timeline.chance_in_phase).any()
        else "The session is too short for a chance level."
    )

    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        draw_timeline(axes, facts, bins)
        _draw_events(axes, facts.events)
        name_times(axes)
        axes.set_ylabel("mirroring | anti-phase ← score → in phase")
        _draw_legend(axes)

    return draw_figure(
        "Timeline",
        f"{_resolution(bins, facts)} In phase upwards, anti-phase downwards, mirroring below. "
        f"{chance} Shaded stretches have no score, which is not a score of 0."
        f"{' The numbers mark the events.' if facts.events else ''}",
        _alternative(facts, bins),
        (9.4, 3.5),
        draw,
        narrow=(4.1, 3.9),
        data=_data(bins, facts, "timeline.csv"),
    )


def small_timeline(facts: SessionFacts, number: int, end: float) -> Figure:
    """Draw one of several timelines, on a common axis up to `end`, s."""
    bins = bin_rows(facts.timeline, _MAX_POINTS_SMALL)

    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        draw_timeline(axes, facts, bins)
        axes.set_xlim(0.0, end)
        label_times(axes)

    what = f" · {facts.condition}" if facts.condition else ""
    return draw_figure(
        f"{number}. {facts.title}{what}",
        f"{facts.when}; {facts.length}.",
        _alternative(facts, bins),
        (4.6, 1.7),
        draw,
        data=_data(bins, facts, f"timeline-{number}.csv"),
        name=f"timeline-{number}",
    )


def draw_timeline(axes: Axes, facts: SessionFacts, bins: Bins) -> None:
    """Draw the three scores, chance, and the parts without a score."""
    for name, zero, scale, colour in (
        ("in_phase", 0.0, 1.0, BLUE),
        ("anti_phase", 0.0, -1.0, ORANGE),
        ("mirroring", _LANE, _LANE_HEIGHT, PLUM),
    ):
        time, mean = bins.curve(zero + scale * bins.mean(facts.timeline[name]))
        if not bins.are_rows:
            _, highest = bins.curve(zero + scale * bins.highest(facts.timeline[name]))
            axes.fill_between(time, zero, highest, color=colour, alpha=0.25, linewidth=0)
        depth = 0.6 if bins.are_rows else 0.45
        label = plain_name(name)
        axes.fill_between(time, zero, mean, color=colour, alpha=depth, linewidth=0, label=label)
        axes.plot(time, mean, color=colour, linewidth=0.9)
        time, chance = bins.curve(zero + scale * bins.mean(facts.timeline[f"chance_{name}"]))
        label = "chance" if np.isfinite(chance).any() else "_"
        axes.plot(time, chance, color=INK, linewidth=0.8, dashes=(4, 2), label=label)
        axes.axhline(zero, color=GREY, linewidth=0.8)
    for state, start, end in bins.stretches():
        name, colour, hatch = _UNSCORED[state]
        axes.axvspan(
            start, end, facecolor=colour, hatch=hatch, edgecolor=GREY, lw=0, zorder=0, label=name
        )
    axes.set_ylim(_LANE - 0.04, 1.04)
    ticks = (_LANE, _LANE + _LANE_HEIGHT, -1, -0.5, 0, 0.5, 1)
    axes.set_yticks(ticks, ["0", "1", "1", ".5", "0", ".5", "1"])
    axes.set_xlim(float(bins.edges[0, 0]), float(bins.edges[-1, 1]))
    label_times(axes)


def label_times(axes: Axes) -> None:
    """Label round times below an axis of seconds, as many as fit."""
    start, end = axes.get_xlim()
    width = axes.get_figure(root=True).get_figwidth()  # type: ignore[union-attr]
    step = max(1.0, axis_step(end - start, 1.1 * width))  # labels have whole seconds
    ticks = axis_ticks(start, end, step)
    axes.set_xticks(ticks, [clock_time(each) for each in ticks])


def name_times(axes: Axes) -> None:
    """Label an axis with the format of its times."""
    hours = "hours:" if axes.get_xlim()[1] >= 3600 else ""
    axes.set_xlabel(f"time ({hours}minutes:seconds)")


def _draw_events(axes: Axes, events: Sequence[Event]) -> None:
    start, end = axes.get_xlim()
    width = axes.get_figure(root=True).get_figwidth() - 0.7  # type: ignore[union-attr]
    last = -np.inf
    for number, event in enumerate(events, 1):
        # The last event may be slightly later than the last row.
        time = min(max(event.time_s, start), end)
        axes.plot([time, time], [_LANE - 0.04, 1.04], color=INK, linewidth=0.7, dashes=(1, 2))
        if (time - last) / (end - start) * width >= _EVENT_GAP_IN:
            axes.annotate(
                str(number), (time, 1.04), (0, 2), textcoords="offset points", ha="center"
            )
            last = time


def _draw_legend(axes: Axes) -> None:
    handles, labels = axes.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    is_broad = axes.get_figure(root=True).get_figwidth() > 6  # type: ignore[union-attr]
    axes.legend(
        unique.values(),
        unique.keys(),
        loc="lower left",
        bbox_to_anchor=(0.0, 1.06),
        ncols=6 if is_broad else 2,
        borderaxespad=0.0,
    )


def _resolution(bins: Bins, facts: SessionFacts) -> str:
    if bins.are_rows:
        return f"One row every {facts.settings.hop:g} s."
    width = float(np.diff(bins.edges[0])[0])
    return (
        f"Each point covers {width:.1f} s: the line is the mean of its rows, the pale area their "
        "maximum."
    )


def _alternative(facts: SessionFacts, bins: Bins) -> str:
    gaps = [
        f"{_UNSCORED[state][0]} {clock_time(start)} to {clock_time(end)}"
        for state, start, end in bins.stretches()
    ]
    more = "; …" if gaps[_MAX_GAPS:] else ""
    without = f" Without a score: {'; '.join(gaps[:_MAX_GAPS])}{more}." if gaps else ""
    return (
        f"Scores from {clock_time(bins.edges[0, 0])} to {clock_time(bins.edges[-1, 1])}: "
        f"{list_shares(facts.summary)}. Longest time in phase: "
        f"{describe_run(facts.longest)}.{without}"
    )


def _data(bins: Bins, facts: SessionFacts, name: str) -> Data:
    both = ("in_phase", "anti_phase", "chance_in_phase", "chance_anti_phase")
    scores = (*both, "mirroring", "chance_mirroring")
    values = [bins.mean(facts.timeline[each]).tolist() for each in scores]
    peaks = [bins.highest(facts.timeline[each]).tolist() for each in scores[:2]]
    return Data(
        name,
        ("time_s", "state", *scores, "highest_in_phase", "highest_anti_phase"),
        list(zip(bins.middle.tolist(), bins.state.tolist(), *values, *peaks, strict=True)),
    )
