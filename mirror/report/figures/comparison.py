"""Shares of time of several recordings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mirror.report.document import Data, Figure
from mirror.report.facts import SessionFacts
from mirror.report.svg import BLUE, LINE, ORANGE, draw_figure
from mirror.wording import percent, plain_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

_MAX_LABEL = 34


def shares_figure(sessions: Sequence[SessionFacts]) -> Figure:
    """Draw the in-phase and anti-phase share of each recording, grouped by condition."""
    order = sorted(range(len(sessions)), key=lambda at: sessions[at].condition)
    rows = [(at + 1, sessions[at]) for at in order]

    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        places, place, before = [], 0.0, rows[0][1].condition
        for _, each in rows:
            place += 0.6 if each.condition != before else 0.0
            places.append(place)
            place, before = place + 1.0, each.condition
        for name, mark, colour in (("in_phase", "o", BLUE), ("anti_phase", "s", ORANGE)):
            shares = [100 * getattr(each.summary, name) for _, each in rows]
            axes.plot(shares, places, mark, color=colour, markersize=6, label=plain_name(name))
        axes.set_yticks(places, [_label(number, each) for number, each in rows])
        axes.set_ylim(places[-1] + 0.6, -0.6)
        axes.set_xlim(-2, 102)
        axes.set_xlabel("share of the time (%)")
        axes.grid(color=LINE)
        axes.set_axisbelow(True)
        axes.tick_params(axis="y", length=0)
        axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2)

    height = 0.26 * len(sessions) + 1.3
    return draw_figure(
        "In phase and in anti-phase",
        "One line per recording, grouped by condition; the rest of its time was at another phase, "
        "not together or without a score.",
        "; ".join(
            f"{_label(number, each)}: in phase {percent(each.summary.in_phase)}, anti-phase "
            f"{percent(each.summary.anti_phase)}"
            for number, each in rows
        )
        + ".",
        (9.4, height),
        draw,
        narrow=(4.1, height),
        data=Data(
            "shares.csv",
            ("recording", "a", "b", "condition", "in_phase", "anti_phase"),
            [
                (
                    each.path.name,
                    *each.names,
                    each.condition,
                    each.summary.in_phase,
                    each.summary.anti_phase,
                )
                for each in sessions
            ],
        ),
    )


def _label(number: int, facts: SessionFacts) -> str:
    text = f"{number}. {facts.title}" + (f" · {facts.condition}" if facts.condition else "")
    return text if len(text) <= _MAX_LABEL else f"{text[: _MAX_LABEL - 1]}…"
