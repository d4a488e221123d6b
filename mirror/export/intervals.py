"""A timeline told in stretches: consecutive rows of which the same can be said."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from mirror.settings_history import Course
from mirror.timeline import BREAK_HOPS, Score


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive rows of which the same is said.

    Attributes
    ----------
    start_ms, end_ms : int
        From its first row to the next row that follows, or a hop after its last: milliseconds on
        the session's clock, of formats that know no times below 0.
    text : str
        What is said.
    rows : tuple of Score
    """

    start_ms: int
    end_ms: int
    text: str
    rows: tuple[Score, ...]


def milliseconds(time_s: float) -> int:
    """A time as formats with milliseconds have it; 0 for what was before the session's start."""
    return max(0, round(1000 * time_s))


def stretches(
    rows: Iterable[Score], course: Course, say: Callable[[Score], str]
) -> Iterator[Stretch]:
    """The stretches of a timeline; rows of which "" is said are in none.

    Parameters
    ----------
    rows : iterable of Score
        In order of time.
    course : Course
        The settings they were scored with.
    say : callable
        What is said of a row.
    """
    run: list[Score] = []
    for row, following in itertools.pairwise(itertools.chain(rows, [None])):
        assert row is not None
        run.append(row)
        hop = _hop_at(course, row.time_s)
        goes_on = following is not None and following.time_s - row.time_s <= BREAK_HOPS * hop
        text = say(row)
        if following is not None and goes_on and say(following) == text:
            continue
        start = milliseconds(run[0].time_s)
        end = milliseconds(following.time_s if following and goes_on else row.time_s + hop)
        if text and end > start:
            yield Stretch(start, end, text, tuple(run))
        run = []


def _hop_at(course: Course, time_s: float) -> float:
    """The time between two rows at a moment, s."""
    hop = course.first.hop
    for change in course.changes:
        if time_s > change.time_s:
            hop = change.settings.hop
    return hop
