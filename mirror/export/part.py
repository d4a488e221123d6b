"""What is exported: a recording, or a part of it, with all that a reader must know about it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mirror._support.jsonable import to_jsonable
from mirror.errors import ExportError
from mirror.events import Event
from mirror.landmarks import Feed, Pose
from mirror.recording.provenance import versions
from mirror.recording.reader import Recording
from mirror.timeline import Score, Timeline

Progress = Callable[[int, int], None]
"""Told how many of how many rows or poses are done; it may raise to cancel."""

_ABOUT: Final = (
    "started",
    "labels",
    "condition",
    "notes",
    "sources",
    "signals",
    "model",
    "versions",
    "quality",
    "rescored_from",
)
_UNITS: Final = {
    "window": "s",
    "hop": "s",
    "band": "Hz",
    "max-lag": "s",
    "rate": "Hz",
    "floor": "shoulder widths, or the unit of plain series",
}
_TIMES: Final = (
    "Seconds on the session's clock, also where a part was exported: 0 is the session's start"
)


@dataclass(frozen=True, slots=True)
class Part:
    """What is exported.

    Attributes
    ----------
    recording : Recording
    target : Path
        Where the export will be in the end.
    timeline : Timeline
        The rows from `start` to `end`.
    start, end : float
        s, both included; −inf and inf for the whole.
    progress : callable
    """

    recording: Recording
    target: Path
    timeline: Timeline
    start: float
    end: float
    progress: Progress

    def rows(self) -> Iterator[Score]:
        """The rows of the timeline, one after the other."""
        total = len(self.timeline)
        for done, row in enumerate(self.timeline):
            self.progress(done, total)
            yield row
        self.progress(total, total)

    def events(self) -> list[Event]:
        """The events, in order of time."""
        return [each for each in self.recording.events() if self.start <= each.time_s <= self.end]

    def poses(self) -> Iterator[tuple[Feed, Pose]]:
        """The poses of both feeds, in the order in which they came; not those of plain series.

        Raises
        ------
        ExportError
            Where there is none.
        """
        total = sum(frames for frames, _ in self.recording.counts().values())
        found, signals = False, self.recording.signals
        for done, (feed, pose) in enumerate(self.recording.poses()):
            self.progress(done, total)
            if signals.of(feed) is None and self.start <= pose.time <= self.end:
                found = True
                yield feed, pose
        if not found:
            raise ExportError(
                f"{self.recording.path} has no landmarks there; export its scores, such as with "
                "--to csv"
            )
        self.progress(total, total)

    def labels(self) -> dict[Feed, str]:
        """What the two people are called."""
        given = self.recording.session.get("labels", {})
        return {"a": str(given.get("a") or "A"), "b": str(given.get("b") or "B")}

    def about(self, **more: object) -> dict[str, Any]:
        """What a reader of the export must know, as JSON holds it.

        Parameters
        ----------
        **more
            What only this format has to say.
        """
        session, whole = self.recording.session, math.isinf(self.start) and math.isinf(self.end)
        found: dict[str, Any] = {
            "recording": self.recording.path.name,
            "part": "whole" if whole else "selection",
            "from_s": None if math.isinf(self.start) else self.start,
            "until_s": None if math.isinf(self.end) else self.end,
            "times": _TIMES,
            **{key: session[key] for key in _ABOUT if key in session},
            **self.recording.course.to_session(),
            "settings_units": _UNITS,
            "exported_with": versions(),
            **more,
        }
        known: dict[str, Any] = to_jsonable(found)
        return known
