"""Several recordings beside each other: their timelines, and tables by pair, condition, person."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from mirror.report.document import (
    Document,
    Facts,
    Figures,
    Paragraph,
    Part,
    Section,
    Table,
    cleaned,
)
from mirror.report.facts import NAMELESS, SessionFacts
from mirror.report.figures.comparison import shares_figure
from mirror.report.figures.timeline import small_timeline
from mirror.report.session_report import MEANING
from mirror.settings_history import describe_settings
from mirror.wording import NO_BREAK, UNDEFINED, clock_time, percent, plain_name, run_length, signed

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_KINDS: Final = ("in_phase", "anti_phase", "other_phase", "not_together")


@dataclass(frozen=True, slots=True)
class _Seen:
    """A recording as one of two people, or a pair, was in it.

    Attributes
    ----------
    facts : SessionFacts
    is_turned : bool
        Whether who is asked about first was B.
    """

    facts: SessionFacts
    is_turned: bool = False

    @property
    def lag_s(self) -> float:
        """Median lag, s; positive: who is asked about first led."""
        return -self.facts.summary.lag_s if self.is_turned else self.facts.summary.lag_s

    @property
    def led(self) -> float:
        """Share of the rows with a lag in which who is asked about first was ahead."""
        return self.facts.summary.b_led if self.is_turned else self.facts.summary.a_led

    @property
    def followed(self) -> float:
        """The same for the other one."""
        return self.facts.summary.a_led if self.is_turned else self.facts.summary.b_led


def comparison(sessions: Sequence[SessionFacts]) -> Document:
    """The page on several recordings."""
    pairs = list(dict.fromkeys(" and ".join(_pair(each)) for each in sessions if _named(each)))
    conditions = list(dict.fromkeys(each.condition for each in sessions if each.condition))
    longest = max(float(each.timeline.time_s[-1]) for each in sessions)
    small = (small_timeline(each, number, longest) for number, each in enumerate(sessions, 1))
    tables = (_by_pair(sessions), _by_condition(sessions), _by_person(sessions))
    groups = tuple(part for part in tables if part is not None)
    return Document(
        f"{len(sessions)} recordings",
        " · ".join((*pairs, *conditions)) or "of people without names",
        (
            Section("What is compared", _introduction(sessions)),
            Section("Timelines", (Paragraph(_KEY), Figures(tuple(small)))),
            Section("Shares of time", (shares_figure(sessions), _every_share(sessions))),
            Section("Who led, and the longest time in phase", (_every_lag(sessions),)),
            *((Section("Means by group", groups),) if groups else ()),
            Section("Recordings", (_origins(sessions),)),
        ),
    )


def _introduction(sessions: Sequence[SessionFacts]) -> tuple[Part, ...]:
    unnamed = sum(not _named(each) for each in sessions)
    parts: list[Part] = []
    if unnamed:
        verb = "has" if unnamed == 1 else "have"
        parts.append(
            Paragraph(
                f"{unnamed} of the {len(sessions)} recordings {verb} no names for the two people, "
                "and cannot be told by pair or person."
            )
        )
    if len({each.course for each in sessions}) > 1:
        parts.append(
            Paragraph(
                "They were not all scored with the same settings (see the end), and their scores "
                "can only be compared with care; mirror rescore makes them alike."
            )
        )
    spans = {each.span for each in sessions}
    if not all(each.is_whole for each in spans):
        parts.append(Paragraph("Only a part of each is shown: the same seconds of each session."))
    return (*parts, Paragraph(MEANING))


def _every_share(sessions: Sequence[SessionFacts]) -> Table:
    def row(number: int, facts: SessionFacts) -> tuple[str, ...]:
        said = facts.summary
        return (
            str(number),
            facts.title,
            *(percent(getattr(said, kind)) for kind in _KINDS),
            percent(said.still + said.untracked + said.warming_up),
        )

    head = ("no.", "pair", *(plain_name(kind) for kind in _KINDS), "no score")
    rows = tuple(row(number, each) for number, each in enumerate(sessions, 1))
    return Table("Shares of all rows of a recording.", head, rows, words=2)


def _every_lag(sessions: Sequence[SessionFacts]) -> Table:
    def row(number: int, facts: SessionFacts) -> tuple[str, ...]:
        said = facts.summary
        return (
            str(number),
            facts.title,
            facts.condition or UNDEFINED,
            facts.when,
            clock_time(said.duration_s),
            _seconds(said.lag_s),
            percent(said.a_led),
            percent(said.b_led),
            run_length(facts.longest),
        )

    return Table(
        "Median lag: positive, the one named first led. A is the one named first; ahead: share of "
        "the time in which a lag can be told.",
        (
            "no.",
            "pair",
            "condition",
            "started",
            "length",
            "median lag",
            "A ahead",
            "B ahead",
            "longest in phase",
        ),
        tuple(row(number, each) for number, each in enumerate(sessions, 1)),
        words=4,
    )


def _by_pair(sessions: Sequence[SessionFacts]) -> Table | None:
    groups = _grouped((_pair(each), each) for each in sessions if _named(each))
    if not any(len(members) > 1 for members in groups.values()):
        return None
    rows = []
    for (first, second), members in groups.items():
        seen = [_Seen(each, is_turned=each.names != (first, second)) for each in members]
        rows.append((f"{first} and {second}", *_shares(seen), *_leading(seen)))
    return Table(
        f"By pair. {_HOW} Lag: positive, the one named first led.",
        ("pair", *_HEAD, "median lag", "first ahead", "second ahead"),
        tuple(rows),
    )


def _by_condition(sessions: Sequence[SessionFacts]) -> Table | None:
    groups = _grouped((each.condition or UNDEFINED, each) for each in sessions)
    if set(groups) == {UNDEFINED}:
        return None
    rows = tuple(
        (
            name,
            *_shares(list(map(_Seen, members))),
            _spread(members, lambda each: abs(each.summary.lag_s), _size_apart),
        )
        for name, members in groups.items()
    )
    return Table(
        f"By condition. {_HOW} Lag: its size, whoever led.",
        ("condition", *_HEAD, "size of lag"),
        rows,
    )


def _by_person(sessions: Sequence[SessionFacts]) -> Table | None:
    groups = _grouped(
        (name, _Seen(each, is_turned=at == 1))
        for each in sessions
        if _named(each)
        for at, name in enumerate(each.names)
    )
    if not any(len(members) > 1 for members in groups.values()):
        return None
    rows = tuple((name, *_shares(seen), *_leading(seen)) for name, seen in groups.items())
    return Table(
        f"By person. {_HOW} Lag: positive, this person led.",
        ("person", *_HEAD, "median lag", "ahead", "behind"),
        rows,
    )


_KEY: Final = (
    "Scores over minutes and seconds. Upwards and blue: in phase. Downwards and orange: "
    "anti-phase. Dashed: chance. Stretches without a score are dotted (warming up), shaded (still) "
    "or hatched (untracked)."
)
_HOW: Final = "Means over recordings, each counting once; after ± the standard deviation."
_HEAD: Final = ("recordings", *(plain_name(kind) for kind in _KINDS))


def _shares(seen: Sequence[_Seen]) -> tuple[str, ...]:
    def share(kind: str) -> str:
        return _spread(seen, lambda each: getattr(each.facts.summary, kind), _percent_apart)

    return (str(len(seen)), *map(share, _KINDS))


def _leading(seen: Sequence[_Seen]) -> tuple[str, str, str]:
    return (
        _spread(seen, lambda each: each.lag_s, _seconds_apart),
        _spread(seen, lambda each: each.led, _percent_apart),
        _spread(seen, lambda each: each.followed, _percent_apart),
    )


def _spread(
    members: Sequence[V], value: Callable[[V], float], said: Callable[[float, float], str]
) -> str:
    """Mean and standard deviation of what is defined, in words."""
    found = np.array([value(each) for each in members])
    found = found[np.isfinite(found)]
    if not len(found):
        return UNDEFINED
    return said(float(found.mean()), float(found.std(ddof=1)) if len(found) > 1 else np.nan)


def _percent_apart(mean: float, spread: float) -> str:
    return percent(mean) if np.isnan(spread) else f"{100 * mean:.0f} ± {percent(spread)}"


def _seconds_apart(mean: float, spread: float) -> str:
    return _seconds(mean) if np.isnan(spread) else f"{signed(mean)} ± {spread:.2f}{NO_BREAK}s"


def _size_apart(mean: float, spread: float) -> str:
    return _seconds_apart(mean, spread).removeprefix("+")


def _seconds(value: float) -> str:
    return UNDEFINED if np.isnan(value) else f"{signed(value)}{NO_BREAK}s"


def _named(facts: SessionFacts) -> bool:
    return facts.names != NAMELESS


def _pair(facts: SessionFacts) -> tuple[str, str]:
    """The two, in an order that does not depend on who was A."""
    first, second = sorted(facts.names)
    return first, second


def _grouped(found: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    groups: dict[K, list[V]] = {}
    for key, each in found:
        groups.setdefault(key, []).append(each)
    return groups


def _origins(sessions: Sequence[SessionFacts]) -> Facts:
    def told(facts: SessionFacts) -> str:
        changes = "".join(
            f"; after {time_s:.1f} s {words}" for time_s, words in facts.course.describe_changes()
        )
        return f"{facts.path.name}: {describe_settings(None, facts.course.first)}{changes}"

    return Facts(
        tuple((str(number), cleaned(told(each))) for number, each in enumerate(sessions, 1))
    )
