"""The page for the people of a session: what was seen, in plain words."""

import itertools
from collections.abc import Iterator
from operator import attrgetter
from typing import Final

import numpy as np

from mirror.moments import Moment
from mirror.practice.run import Result
from mirror.report.document import Document, Figure, Paragraph, Part, Section, clean_text
from mirror.report.facts import SessionFacts
from mirror.summary import NO_LAG
from mirror.timeline import State
from mirror.wording import clock_time, duration, is_lag_brief, leader_of, percent

NOT_MEANT: Final = (
    "This page describes movement. It does not say how two people get on, what they feel or how "
    "well they did; more is not better."
)

PROGRESS: Final = "Sessions so far"
CHANCE_LINE: Final = (
    "The dashed line, where sessions are long enough for it, is the level that 19 of 20 single "
    "values of unrelated movement stay below; the mean of a session may lie below it."
)
PROGRESS_MEANING: Final = f"Each dot is the mean mirroring of a session, from 0 to 1. {CHANCE_LINE}"


def closest_moment(facts: SessionFacts) -> Moment | None:
    """Return the moment in which one person's movement came back most closely in the other's."""
    return next((each for each in facts.moments if each.kind == "mirroring"), None)


def client_document(
    facts: SessionFacts,
    *,
    still: Figure | None,
    progress: Figure | None,
    notes: str = "",
    trainer: str = "",
) -> Document:
    """Return the page, with what the trainer wrote.

    `still` shows both people at `closest_moment`, `progress` the pair's sessions over dates.
    """
    trainer = clean_text(trainer)
    head = (
        facts.when,
        clock_time(facts.duration_s),
        facts.condition,
        f"with {trainer}" if trainer else "",
    )
    moment = closest_moment(facts)
    parts: list[tuple[str, tuple[Part, ...]]] = [
        ("", () if still is None else (still,)),
        ("What we saw", tuple(map(Paragraph, _what_was_seen(facts)))),
        ("The goal", tuple(map(Paragraph, _goals(facts)))),
        ("The best moment", () if moment is None else (Paragraph(_describe(facts, moment)),)),
        (PROGRESS, () if progress is None else (progress,)),
        (
            "Notes",
            tuple(Paragraph(line) for each in notes.splitlines() if (line := clean_text(each))),
        ),
        ("What this does not mean", (Paragraph(NOT_MEANT),)),
    ]
    return Document(
        facts.title,
        " · ".join(part for part in head if part),
        tuple(Section(title, part) for title, part in parts if part),
    )


def _goals(facts: SessionFacts) -> Iterator[str]:
    """Yield each goal, before the sentences of its rounds."""
    for goal, results in itertools.groupby(facts.results, attrgetter("goal")):
        yield f"To reach: {goal.describe(facts.names)}."
        yield from map(_held, results)


def _held(result: Result) -> str:
    """Return what was practised in a round, and for how long it was held, in a sentence."""
    if result.success is None:
        return f"{result.title}: there was too little to see."
    what = ["reached" if result.success else "not reached this time"]
    if result.longest_s >= 0.5:
        what.append(f"held for {result.longest_s:.0f} s without a break")
    if result.share_text:
        what.append(f"met for {result.share_text}")
    return f"{result.title}: {', '.join(what)}."


def _what_was_seen(facts: SessionFacts) -> tuple[str, ...]:
    summary = facts.summary
    if not (facts.timeline.state == State.OK).any():
        return ("Nothing could be measured: at no time were both people seen to move.",)
    a, b = facts.names
    same, opposite, mirrored = (
        duration(share * summary.duration_s)
        for share in (summary.in_phase, summary.anti_phase, summary.mirroring)
    )
    within = f"within {facts.settings.max_lag:g} seconds"
    if not summary.mirroring:
        who = f"None of their movements came back clearly in the other's {within}."
    else:
        who = f"For {mirrored}, the movements of one came back in the other's {within}"
        leader = leader_of(summary, facts.names)
        if is_lag_brief(summary):
            who += "; that is too little to tell who led."
        elif leader is None:
            who += "; neither of the two led for clearly longer."
        else:
            follower = b if leader == a else a
            who += (
                f"; mostly {leader} led, and {follower} followed about "
                f"{abs(summary.lag_s):.1f} seconds later."
            )
    how = (
        f"In {duration(summary.duration_s)}, {a} and {b} moved the same way at the same time for "
        f"{same}, and opposite ways at the same time for {opposite}."
    )
    unmeasured_s = (summary.still + summary.untracked + summary.warming_up) * summary.duration_s
    if unmeasured_s >= 0.5:
        how += f" For {duration(unmeasured_s)}, nothing could be measured."
    goals = {result.goal.score for result in facts.results}
    first, second = (who, how) if goals & {"mirroring", "leader_changes"} else (how, who)
    return first, second, _against_chance(facts)


def _against_chance(facts: SessionFacts) -> str:
    timeline = facts.timeline
    comparable = (timeline.state == State.OK) & np.isfinite(timeline.chance_mirroring)
    if comparable.mean() < 0.5:
        return "Too little of the session could be compared with chance."
    above = (timeline.mirroring > timeline.chance_mirroring)[comparable].mean()
    return (
        "They mirrored each other more closely than chance would explain for "
        f"{percent(float(above))} of the {duration(comparable.mean() * facts.summary.duration_s)} "
        "that could be compared; by chance alone, that is about 5 %."
    )


def _describe(facts: SessionFacts, moment: Moment) -> str:
    a, b = facts.names
    row = int(np.argmin(np.abs(facts.timeline.time_s - moment.time_s)))
    lag = float(facts.timeline.lag_s[row])
    how = "at the same time"
    if abs(lag) > NO_LAG:
        leader, follower = (a, b) if lag > 0 else (b, a)
        how = f"with {leader} ahead and {follower} {abs(lag):.1f} seconds later"
    start, end = clock_time(moment.start_s), clock_time(moment.end_s)
    return f"From {start} to {end} they mirrored each other most closely, {how}."
