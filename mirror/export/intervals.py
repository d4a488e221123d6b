"""Intervals of a timeline: consecutive rows with the same label, such as their state."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from mirror.settings_history import SettingsHistory
from mirror.timeline import BREAK_HOPS, Score


@dataclass(frozen=True, slots=True)
class Interval:
    """Consecutive rows with the same label.

    It ends at the row that follows, or a hop after its last: milliseconds on the session's clock,
    for formats without times below 0.
    """

    start_ms: int
    end_ms: int
    label: str
    rows: tuple[Score, ...]


def milliseconds(time_s: float) -> int:
    """Return a time in milliseconds; 0 for times before the session's start."""
    return max(0, round(1000 * time_s))


def intervals(
    rows: Iterable[Score], history: SettingsHistory, label: Callable[[Score], str]
) -> Iterator[Interval]:
    """Yield the intervals of rows, in order of time, whose label is not empty.

    `history` holds the settings that the rows were scored with.
    """
    run: list[Score] = []
    for row, following in itertools.pairwise(itertools.chain(rows, [None])):
        assert row is not None
        run.append(row)
        hop = _hop_at(history, row.time_s)
        is_joined = following is not None and following.time_s - row.time_s <= BREAK_HOPS * hop
        text = label(row)
        if following is not None and is_joined and label(following) == text:
            continue
        start = milliseconds(run[0].time_s)
        end = milliseconds(following.time_s if following and is_joined else row.time_s + hop)
        if text and end > start:
            yield Interval(start, end, text, tuple(run))
        run = []


def _hop_at(history: SettingsHistory, time_s: float) -> float:
    hop = history.first.hop
    for change in history.changes:
        if time_s > change.time_s:
            hop = change.settings.hop
    return hop
