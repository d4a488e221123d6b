"""The longest time in phase of a session, and its moments of highest scores."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mirror.settings import Settings
from mirror.summary import TOGETHER, has_follower, has_lags
from mirror.timeline import BREAK_HOPS, Span, State, Timeline
from mirror.timeline_bins import runs

APART = 5.0  # least number of seconds between two of the best moments

Kind = Literal["in_phase", "anti_phase", "mirroring"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A part of a session with a high mean score."""

    # Times of the row with the highest score, of the first and of the last row, s.
    time_s: float
    start_s: float
    end_s: float
    kind: Kind
    score: float  # mean over the rows, 0…1


def longest_run(timeline: Timeline) -> Span | None:
    """Return the first and longest run of rows with ``in_phase`` of at least `TOGETHER`, if any."""
    time = timeline.time_s
    in_phase = runs(timeline, _score(timeline, "in_phase") >= TOGETHER)
    if not in_phase:
        return None
    first, last = max(in_phase, key=lambda run: time[run[1]] - time[run[0]])
    return Span(float(time[first]), float(time[last]))


def best_moments(
    timeline: Timeline,
    count: int = 5,
    length: float = Settings().window,
    kinds: Sequence[Kind] = ("in_phase", "anti_phase"),
) -> list[Moment]:
    """Return the `count` moments with the highest mean of one of the scores, best first.

    Each is of `length` s, by default that of the default window; every row is `State.OK`, no mean
    score below `TOGETHER`, and at least `APART` seconds lie between any two.
    """
    time = timeline.time_s
    # Without two different times, nothing is a break.
    hop = timeline.hop_s if math.isfinite(timeline.hop_s) else math.inf
    rows = max(1, round(length / hop))
    if len(time) < rows:
        return []
    spans = time[rows - 1 :] - time[: len(time) - rows + 1]
    unbroken = spans < (rows - 1 + BREAK_HOPS / 2) * hop
    means = {
        # NaN if a row is undefined
        kind: np.where(
            unbroken, sliding_window_view(_score(timeline, kind), rows).mean(axis=1), np.nan
        )
        for kind in kinds
    }
    # Not the mean of each row's maximum: that is high at a change from one to the other.
    best = np.nan_to_num(np.fmax.reduce([*means.values()]))
    ends = time[rows - 1 :]
    moments: list[Moment] = []
    while len(moments) < count and best.max() >= TOGETHER:
        first = int(np.argmax(best))
        kind = next(each for each in kinds if means[each][first] == best[first])
        peak = first + int(np.argmax(timeline[kind][first : first + rows]))
        start, end = float(time[first]), float(time[first + rows - 1])
        moments.append(Moment(float(time[peak]), start, end, kind, float(best[first])))
        best[(ends > start - APART) & (time[: len(ends)] < end + APART)] = 0.0
    return moments


def session_moments(timeline: Timeline, window: float) -> tuple[Moment, ...]:
    """Return the best moment of mirroring, then the five best in phase or in anti-phase."""
    mirroring = best_moments(timeline, 1, window, ("mirroring",))
    return (*mirroring, *best_moments(timeline, length=window))


def _score(timeline: Timeline, name: str) -> NDArray[np.float64]:
    is_valid = timeline.state == State.OK
    if name == "mirroring":  # which a steady rhythm in anti-phase only seems to be
        is_valid &= has_lags(timeline, least=0.0)
    elif name == "anti_phase":  # these rows count as mirroring with a lag
        is_valid &= ~has_follower(timeline)
    return np.where(is_valid, timeline[name], np.nan)
