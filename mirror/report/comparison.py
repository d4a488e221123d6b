"""The comparison of several recordings: timelines, and tables by pair, condition and person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Final

import numpy as np

from mirror.report.document import (
    Data,
    Document,
    Facts,
    Figure,
    Figures,
    Paragraph,
    Part,
    Section,
    Table,
    clean_text,
)
from mirror.report.facts import NAMELESS, SessionFacts
from mirror.report.figures.timeline import small_timeline
from mirror.report.session_report import MEANING
from mirror.report.svg import BLUE, LINE, ORANGE, draw_figure
from mirror.settings_history import describe_settings
from mirror.summary import Summary
from mirror.wording import (
    NO_BREAK,
    UNDEFINED,
    clock_time,
    number,
    percent,
    plain_name,
    run_length,
    signed,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas


_MAX_LABEL: Final = 34
_KINDS: Final = ("in_phase", "anti_phase", "other_phase", "not_together")


def comparison_document(sessions: Sequence[SessionFacts]) -> Document:
    """Return the comparison of several recordings."""
    pairs = list(dict.fromkeys(" and ".join(_pair(each)) for each in sessions if _has_names(each)))
    conditions = list(dict.fromkeys(each.condition for each in sessions if each.condition))
    longest = max(float(each.timeline.time_s[-1]) for each in sessions)
    timelines = tuple(
        small_timeline(each, number, longest) for number, each in enumerate(sessions, 1)
    )
    groups = _means_by_group(sessions)
    return Document(
        f"{len(sessions)} recordings",
        " · ".join((*pairs, *conditions)) or "people without names",
        (
            Section("What is compared", _introduction(sessions)),
            Section("Timelines", (Paragraph(_KEY), Figures(timelines))),
            Section("Shares of time", (_shares_figure(sessions), _every_share(sessions))),
            Section("Who led, and the longest time in phase", (_every_lag(sessions),)),
            *((Section("Means by group", groups),) if groups else ()),
            Section("Recordings", (_settings(sessions),)),
        ),
    )


def _introduction(sessions: Sequence[SessionFacts]) -> tuple[Part, ...]:
    unnamed = sum(not _has_names(each) for each in sessions)
    parts: list[Part] = []
    if unnamed:
        verb = "has" if unnamed == 1 else "have"
        parts.append(
            Paragraph(
                f"{unnamed} of the {len(sessions)} recordings {verb} no names for the two people; "
                "the tables by pair and person are without them."
            )
        )
    if len({each.settings_history for each in sessions}) > 1:
        parts.append(
            Paragraph(
                "They were not all scored with the same settings (see the end): compare their "
                "scores with care, or score them alike with mirror rescore."
            )
        )
    spans = {each.span for each in sessions}
    if not all(each.is_whole for each in spans):
        parts.append(Paragraph("Only a part of each is shown: the same seconds of every session."))
    return (*parts, Paragraph(MEANING))


def _shares_figure(sessions: Sequence[SessionFacts]) -> Figure:
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
                    each.file_name,
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


def _every_share(sessions: Sequence[SessionFacts]) -> Table:
    def row(number: int, facts: SessionFacts) -> tuple[str, ...]:
        summary = facts.summary
        return (
            str(number),
            facts.title,
            *(percent(getattr(summary, kind)) for kind in _KINDS),
            percent(summary.still + summary.untracked + summary.warming_up),
        )

    head = ("no.", "pair", *(plain_name(kind) for kind in _KINDS), "no score")
    rows = tuple(row(number, each) for number, each in enumerate(sessions, 1))
    return Table("Shares of all rows of a recording.", head, rows, words=2)


def _every_lag(sessions: Sequence[SessionFacts]) -> Table:
    def row(place: int, facts: SessionFacts) -> tuple[str, ...]:
        summary = facts.summary
        return (
            str(place),
            facts.title,
            facts.condition or UNDEFINED,
            facts.when,
            clock_time(summary.duration_s),
            _seconds(summary.lag_s),
            percent(summary.a_led),
            percent(summary.b_led),
            f"{number(summary.mimicry_by_a, 1)} / {number(summary.mimicry_by_b, 1)}",
            run_length(facts.longest),
        )

    return Table(
        "Median lag: positive if the person named first (A) led. Ahead: share of the time with a "
        "clear lag. Mirrored: postures of the other taken over a minute.",
        (
            "no.",
            "pair",
            "condition",
            "started",
            "length",
            "median lag",
            "A ahead",
            "B ahead",
            "mirrored by A / B",
            "longest in phase",
        ),
        tuple(row(number, each) for number, each in enumerate(sessions, 1)),
        words=4,
    )


_KEY: Final = (
    "Scores over minutes and seconds. Upwards and blue: in phase. Downwards and orange: "
    "anti-phase. Dashed: chance. Stretches without a score are dotted (warming up), shaded (still) "
    "or hatched (untracked)."
)


def _means_by_group(sessions: Sequence[SessionFacts]) -> tuple[Table, ...]:
    """Return tables by pair, condition and person, where they say more than the recordings."""
    named = [each for each in sessions if _has_names(each)]
    pairs = _grouped(
        (
            " and ".join(_pair(each)),
            each.summary if each.names == _pair(each) else each.summary.swapped(),
        )
        for each in named
    )
    conditions = _grouped((each.condition or UNDEFINED, each.summary) for each in sessions)
    people = _grouped(
        (name, each.summary.swapped() if at else each.summary)
        for each in named
        for at, name in enumerate(each.names)
    )
    tables = []
    if any(len(group) > 1 for group in pairs.values()):
        lag = "positive if the person named first led"
        tables.append(_means("pair", lag, pairs, _leading("first ahead", "second ahead")))
    if set(conditions) != {UNDEFINED}:
        size: _Column = ("size of lag", lambda each: abs(each.lag_s), _size_spread)
        tables.append(_means("condition", "its size, regardless of who led", conditions, [size]))
    if any(len(group) > 1 for group in people.values()):
        lag = "positive if this person led"
        tables.append(_means("person", lag, people, _leading("ahead", "behind")))
    return tuple(tables)


_Describe = Callable[[float, float], str]
_Column = tuple[str, Callable[[Summary], float], _Describe]


def _means(
    kind: str, lag: str, groups: dict[str, list[Summary]], columns: Sequence[_Column]
) -> Table:
    shares = [(plain_name(each), attrgetter(each), _percent_spread) for each in _KINDS]
    every: list[_Column] = [*shares, *columns]
    return Table(
        f"By {kind}. Means over recordings, with equal weights; after ± the standard deviation. "
        f"Lag: {lag}.",
        (kind, "recordings", *(head for head, *_ in every)),
        tuple(
            (name, str(len(group)), *(_spread(group, value, how) for _, value, how in every))
            for name, group in groups.items()
        ),
    )


def _leading(first: str, second: str) -> tuple[_Column, ...]:
    return (
        ("median lag", attrgetter("lag_s"), _seconds_spread),
        (first, attrgetter("a_led"), _percent_spread),
        (second, attrgetter("b_led"), _percent_spread),
    )


def _spread(
    group: Sequence[Summary], value: Callable[[Summary], float], describe: _Describe
) -> str:
    """Return mean and standard deviation of the defined values, in words."""
    values = np.array([value(each) for each in group])
    values = values[np.isfinite(values)]
    if not len(values):
        return UNDEFINED
    return describe(float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else np.nan)


def _percent_spread(mean: float, spread: float) -> str:
    return percent(mean) if np.isnan(spread) else f"{100 * mean:.0f} ± {percent(spread)}"


def _seconds_spread(mean: float, spread: float) -> str:
    return _seconds(mean) if np.isnan(spread) else f"{signed(mean)} ± {spread:.2f}{NO_BREAK}s"


def _size_spread(mean: float, spread: float) -> str:
    return _seconds_spread(mean, spread).removeprefix("+")


def _seconds(value: float) -> str:
    return UNDEFINED if np.isnan(value) else f"{signed(value)}{NO_BREAK}s"


def _has_names(facts: SessionFacts) -> bool:
    return facts.names != NAMELESS


def _pair(facts: SessionFacts) -> tuple[str, str]:
    """Return both names, in an order that does not depend on who was A."""
    first, second = sorted(facts.names)
    return first, second


def _grouped(items: Iterable[tuple[str, Summary]]) -> dict[str, list[Summary]]:
    groups: dict[str, list[Summary]] = {}
    for key, each in items:
        groups.setdefault(key, []).append(each)
    return groups


def _settings(sessions: Sequence[SessionFacts]) -> Facts:
    def describe(facts: SessionFacts) -> str:
        changes = "".join(
            f"; after {time_s:.1f} s {words}"
            for time_s, words in facts.settings_history.describe_changes()
        )
        return (
            f"{facts.file_name}: {describe_settings(None, facts.settings_history.first)}{changes}"
        )

    return Facts(
        tuple((str(number), clean_text(describe(each))) for number, each in enumerate(sessions, 1))
    )
