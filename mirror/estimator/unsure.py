"""Stretches in which it is not known who is who: poses do not count, and nothing is scored."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror.errors import SettingsError
from mirror.timeline import LEVELS, State, Timeline

_KEY: Final = "unsure"
_KEPT: Final = {"time_s", "tracked_a", "tracked_b"}
_MISSING: Final = [str(each) for each in (State.NO_PERSON_A, State.NO_PERSON_B, State.GAP)]

Span = tuple[float, float]


class Unsure:
    """The stretches of a session in which it is not known who is who.

    Each has a start and an end, s: the first moment that is sure again, inf if it has not come. A
    moment, which starts and ends at once, is that of an exchange of A and B.
    """

    def __init__(self, spans: Sequence[Span] = ()) -> None:
        self.spans = list(spans)

    @property
    def exchanges(self) -> list[Span]:
        """The moments from which on A and B are exchanged."""
        return [each for each in self.spans if each[0] == each[1]]

    def note(self, time: float, *, unsure: bool, exchanged: bool = False) -> None:
        """Note whether a pose, in order of time, is unsure, and the first after an exchange."""
        exchanged &= (time, time) not in self.spans[-2:]  # by the other's pose
        begun = bool(self.spans) and self.spans[-1][1] == math.inf
        if begun and (exchanged or not unsure):
            self.spans[-1] = self.spans[-1][0], time
        self.spans += [(time, time)] * exchanged
        if unsure and (exchanged or not begun):
            self.spans.append((time, math.inf))

    def covers(self, times: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which times lie in a span."""
        inside = np.zeros(np.shape(times), bool)
        for start, end in self.spans:
            inside |= (times >= start) & (times < end)
        return inside

    def without(self, start: float, end: float) -> "Unsure":
        """Return the spans without what lies between two times, s, but with exchanges."""
        before = [(first, min(last, start)) for first, last in self.spans]
        after = [(max(first, end), last) for first, last in self.spans]
        parts = [each for each in before + after if each[0] < each[1]]
        return Unsure(sorted(parts + self.exchanges))

    def at(self, time: float) -> Span | None:
        """Return the span in which a time lies, if any."""
        return next((each for each in self.spans if each[0] <= time < each[1]), None)

    def mask(self, timeline: Timeline, window: float) -> Timeline:
        """Return the rows without scores where they are unsure.

        Those are in a span, or have an exchange, or too much of a span, in their window, s.
        """
        if not self.spans:
            return timeline
        later = Unsure([(s, e + window) for s, e in self.spans]).covers(timeline.time_s)
        moved = Unsure([(s, e + window) for s, e in self.exchanges]).covers(timeline.time_s)
        masked = self.covers(timeline.time_s) | moved | later & np.isin(timeline.state, _MISSING)
        columns = dict(timeline.columns)
        for name in columns.keys() - _KEPT:
            value = State.UNSURE.value if name in LEVELS else math.nan
            columns[name] = np.where(masked, value, columns[name])
        return Timeline(columns)

    def to_session(self) -> dict[str, Any]:
        """Return the key of a recording's ``session`` table."""
        return {_KEY: [[start, end if end < math.inf else None] for start, end in self.spans]}

    @classmethod
    def from_session(cls, session: Mapping[str, Any]) -> "Unsure":
        """Parse a recording's ``session`` table; raise SettingsError if it is damaged."""
        stored, last, spans = session.get(_KEY, []), -math.inf, []
        for each in stored if isinstance(stored, list) else [None]:
            pair: list[Any] = each if isinstance(each, list) and len(each) == 2 else ["", 0]
            start, end = pair[0], math.inf if pair[1] is None else pair[1]
            are_times = isinstance(start, float | int) and isinstance(end, float | int)
            if not (are_times and last <= start <= end):
                raise SettingsError("its unsure stretches are damaged")
            spans.append((float(start), float(end)))
            last = end
        return cls(spans)
