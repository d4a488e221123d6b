"""The comparison of several recordings: their timelines, and tables."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np

from mirror.report import document
from mirror.report.facts import NAMELESS, SessionFacts
from mirror.report.figures.timeline import small_timeline
from mirror.report.session_report import MEANING
from mirror.settings_history import describe_settings
from mirror.summary import SCORED, mean_levels
from mirror.wording import (
    NO_BREAK,
    SCORES,
    UNDEFINED,
    clock_time,
    number,
    percent,
    plain_name,
    run_length,
    signed,
)


def comparison_document(sessions: Sequence[SessionFacts]) -> document.Document:
    """Return the comparison of several recordings."""
    # In an order that does not depend on who was A.
    named = (sorted(each.names) for each in sessions if each.names != NAMELESS)
    pairs = list(dict.fromkeys(map(" and ".join, named)))
    conditions = list(dict.fromkeys(each.condition for each in sessions if each.condition))
    longest = max(float(each.timeline.time_s[-1]) for each in sessions)
    timelines = tuple(
        small_timeline(each, number, longest) for number, each in enumerate(sessions, 1)
    )
    return document.Document(
        f"{len(sessions)} recordings",
        " · ".join((*pairs, *conditions)) or "people without names",
        (
            document.Section("What is compared", _introduction(sessions)),
            document.Section("Timelines", (document.Paragraph(_KEY), document.Figures(timelines))),
            document.Section("Shares of time", (_every_share(sessions),)),
            document.Section("Mean scores", (_every_level(sessions),)),
            document.Section("Who led, and the longest time in phase", (_every_lag(sessions),)),
            document.Section("Recordings", (_settings(sessions),)),
        ),
    )


def _introduction(sessions: Sequence[SessionFacts]) -> tuple[document.Part, ...]:
    parts: list[document.Part] = []
    if len({each.settings_history for each in sessions}) > 1:
        parts.append(
            document.Paragraph(
                "They were not all scored with the same settings (see the end): compare their "
                "scores with care, or score them alike with mirror rescore."
            )
        )
    span = sessions[0].span  # the same for all
    if not span.is_whole:
        what = "the same seconds of every session"
        if span.name:
            what = f"while {document.clean_text(span.name)}"
        parts.append(document.Paragraph(f"Only a part of each is shown: {what}."))
    return (*parts, document.Paragraph(MEANING))


def _table(
    sessions: Sequence[SessionFacts],
    caption: str,
    head: Iterable[str],
    cells: Callable[[SessionFacts], Iterable[str]],
    words: int = 2,
) -> document.Table:
    """Return a table of numbered sessions: no., pair, and `cells` under `head`."""
    rows = tuple((str(k), each.title, *cells(each)) for k, each in enumerate(sessions, 1))
    return document.Table(caption, ("no.", "pair", *head), rows, words=words)


def _every_share(sessions: Sequence[SessionFacts]) -> document.Table:
    def cells(facts: SessionFacts) -> Iterable[str]:
        yield from (percent(getattr(facts.summary, kind)) for kind in SCORED)
        yield percent(facts.summary.still + facts.summary.untracked + facts.summary.warming_up)

    head = (*map(plain_name, SCORED), "no score")
    return _table(sessions, "Shares of all rows of a recording.", head, cells)


def _every_level(sessions: Sequence[SessionFacts]) -> document.Table:
    def cells(facts: SessionFacts) -> Iterable[str]:
        levels = mean_levels(facts.timeline)
        known = (levels[name] for name in SCORES)
        return (number(each) for level in known for each in (level.score, level.chance))

    text = "Means over the rows with a chance level, beside that level; – where there is none."
    head = (each for name in SCORES for each in (plain_name(name), "chance"))
    return _table(sessions, text, head, cells)


def _every_lag(sessions: Sequence[SessionFacts]) -> document.Table:
    def cells(facts: SessionFacts) -> Iterable[str]:
        summary = facts.summary
        return (
            facts.condition or UNDEFINED,
            facts.when,
            clock_time(summary.duration_s),
            UNDEFINED if np.isnan(lag := summary.lag_s) else f"{signed(lag)}{NO_BREAK}s",
            percent(summary.a_led),
            percent(summary.b_led),
            f"{number(summary.mimicry_by_a, 1)} / {number(summary.mimicry_by_b, 1)}",
            run_length(facts.longest),
        )

    text = (
        "Median lag: positive if the person named first (A) led. Ahead: share of the time with a "
        "clear lag. Mirrored: postures of the other taken over a minute."
    )
    head = ("condition", "started", "length", "median lag", "A ahead", "B ahead")
    more = ("mirrored by A / B", "longest in phase")
    return _table(sessions, text, head + more, cells, words=4)


_KEY: Final = (
    "Scores over minutes and seconds. Upwards and blue: in phase. Downwards and orange: "
    "anti-phase. Below, plum: mirroring. Dashed: chance. Stretches without a score are dotted "
    "(warming up), shaded (still) or hatched (not seen or few frames)."
)


def _settings(sessions: Sequence[SessionFacts]) -> document.Facts:
    def describe(facts: SessionFacts) -> str:
        changes = "".join(
            f"; after {time_s:.1f} s {words}"
            for time_s, words in facts.settings_history.describe_changes()
        )
        first = describe_settings(None, facts.settings_history.first)
        return document.clean_text(f"{facts.file_name}: {first}{changes}")

    items = enumerate(map(describe, sessions), 1)
    return document.Facts(tuple((str(number), text) for number, text in items))
