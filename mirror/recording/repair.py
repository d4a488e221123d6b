"""Repairs of a recording of one picture: who was who, said by hand.

Nothing that was measured is changed. A repair takes effect while the poses are read, and stays in
a recording that is scored again.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from mirror.capture.address import parse_span
from mirror.errors import RecordingError
from mirror.estimator.unsure import Span, Unsure
from mirror.landmarks import FEEDS, Feed

if TYPE_CHECKING:
    from mirror.recording.reader import Recording

What = Literal["exchange", "sure", "not_a", "not_b"]

_WORDS: Final[dict[What, str]] = {
    "exchange": "A and B were exchanged by hand",
    "sure": "it was said by hand who is who",
    "not_a": "A was said to be somebody else",
    "not_b": "B was said to be somebody else",
}


@dataclass(frozen=True, slots=True)
class Repair:
    """One thing said by hand, from `start` until before `end`, s.

    A and B are exchanged, or are as they are where it was unsure, or one of them is left out.
    """

    what: What
    start: float
    end: float = math.inf

    @classmethod
    def exchange(cls, text: str) -> "Repair":
        """Return the exchange over a stretch written as for ``#t=``: "12.5,20", "0:01:30"."""
        start, end = parse_span(text, f"exchange {text}:")
        return cls("exchange", start, math.inf if end is None else end)

    def describe(self) -> str:
        """Return it in words."""
        until = "" if math.isinf(self.end) else f" until {self.end:.2f} s"
        return f"{_WORDS[self.what]}{until}"

    def to_session(self) -> dict[str, Any]:
        """Return what a recording's session keeps of it."""
        end = None if math.isinf(self.end) else self.end
        return {"what": self.what, "start_s": self.start, "end_s": end}

    def covers(self) -> str:
        """Return SQL for whether a pose lies in it."""
        until = "" if math.isinf(self.end) else f" AND time_s < {self.end:.17g}"
        return f"(time_s >= {self.start:.17g}{until})"


def repair_at(
    recording: "Recording",
    time_s: float,
    place: tuple[float, float],
    feed: Feed | None,
    span: Span | None,
) -> Repair | None:
    """Return the repair that says who is at a place of the picture; None if nothing changes.

    It is for a span, s; without one, for the unsure stretch at that time, or from its poses on.
    Raise RecordingError also if nobody is followed near that place.
    """
    from mirror.identity.assignment import NEAR, reach_of
    from mirror.identity.body import Body  # imports OpenCV

    unsure = recording.unsure.at(time_s)
    start, end = span or unsure or (shown_from(recording, time_s), math.inf)
    near: list[tuple[float, Feed, Body]] = []
    for each in FEEDS:
        if (pose := recording.pose_at(each, time_s)) is not None and pose.landmarks is not None:
            body = Body(pose.landmarks[:, :2] * (pose.width, pose.height))
            apart = np.linalg.norm(body.landmarks - place, axis=1).min()
            near.append((float(apart), each, body))
    near.sort(key=lambda each: each[0])
    if not near or reach_of(near[0][2], place) > NEAR:
        raise RecordingError("nobody is followed there; click on a head or body with a skeleton")
    there = near[0][1]
    if feed is None:
        return Repair("not_a" if there == "a" else "not_b", start, end)
    if feed != there:
        return Repair("exchange", start, end)
    return Repair("sure", start, end) if unsure else None


def shown_from(recording: "Recording", time_s: float) -> float:
    """Return since when the poses at a time are shown, s: a repair made there begins with them."""
    poses = [recording.pose_at(feed, time_s) for feed in FEEDS]
    return min((pose.time for pose in poses if pose is not None), default=time_s)


def repair_columns(repairs: Sequence[Repair], columns: str) -> tuple[str, str]:
    """Return SQL for a pose's feed and its `columns`, as repaired."""
    feed, exchanged, gone = "feed", list[str](), list[str]()
    for each in repairs:
        if each.what == "exchange":
            exchanged.append(each.covers())
            # The number of exchanges is odd for a pose of A that becomes B's, even for one of B.
            feed = f"CASE ({' + '.join(exchanged)}) % 2 WHEN feed = 'a' THEN 'b' ELSE 'a' END"
        elif each.what != "sure":
            gone.append(f"{each.covers()} AND {feed} = '{each.what[-1]}'")
    for name in ("landmarks", "world") if gone else ():
        kept = f" CASE WHEN {' OR '.join(gone)} THEN NULL ELSE {name} END AS {name},"
        columns = columns.replace(f" {name},", kept, 1)
    return feed, columns


def stored_feed(repairs: Sequence[Repair], feed: Feed, time_s: float) -> Feed:
    """Return as whose pose that of a feed is stored at a time."""
    count = sum(each.what == "exchange" and each.start <= time_s < each.end for each in repairs)
    return ("b" if feed == "a" else "a") if count % 2 else feed


def repair_unsure(repairs: Sequence[Repair], unsure: Unsure) -> Unsure:
    """Return what is still unsure.

    An exchange decides stretches it starts in or encloses, and adds one at an end that was sure.
    """
    for each in repairs:
        if each.what == "sure":
            unsure = unsure.without(each.start, each.end)
        elif each.what == "exchange":
            decided = {math.inf} | {e for _, e in unsure.spans} - {e for _, e in unsure.exchanges}
            for start, end in unsure.spans:
                if start <= each.start < end or each.start <= start < end <= each.end < math.inf:
                    unsure = unsure.without(max(start, each.start), min(end, each.end))
            ends = {t for t in (each.start, each.end) if unsure.at(t) is None} - decided
            unsure = Unsure(sorted({*unsure.spans} ^ {(t, t) for t in ends}))
    return unsure
