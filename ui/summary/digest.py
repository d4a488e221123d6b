"""What the summary page shows of a recording, read in one go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from mirror.events import Event
from mirror.moments import Moment, Run, best_moments, longest_run
from mirror.recording.library import EarlierSession, earlier_sessions
from mirror.recording.reader import Recording
from mirror.summary import Summary, summarize
from mirror.timeline import Timeline
from ui.runtime.background import Progress

NAMELESS: Final = ("A", "B")

_EARLIER: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class Digest:
    """A recording in figures.

    Attributes
    ----------
    path : Path
    session : dict
        What the recording says about itself.
    duration_s : float
    timeline : Timeline
    events : list of Event
    summary : Summary
    longest : Run or None
        The longest time in phase.
    moments : list of Moment
        The five strongest stretches.
    """

    path: Path
    session: dict[str, Any]
    duration_s: float
    timeline: Timeline
    events: list[Event]
    summary: Summary
    longest: Run | None
    moments: list[Moment]


@dataclass(frozen=True, slots=True)
class Line:
    """One session in the table of a pair's sessions.

    Attributes
    ----------
    started : datetime or None
    duration_s : float
    condition : str
    summary : Summary
        With A and B as in the session that the page is about.
    longest : Run or None
    """

    started: datetime | None
    duration_s: float
    condition: str
    summary: Summary
    longest: Run | None


def digest(path: Path) -> Digest:
    """Read a recording and sum it up; a long one takes seconds.

    Raises
    ------
    RecordingError
        Where it cannot be read.
    """
    with Recording.open(path) as recording:
        timeline = recording.timeline()
        return Digest(
            path,
            recording.session,
            recording.duration,
            timeline,
            recording.events(),
            summarize(timeline),
            longest_run(timeline),
            best_moments(timeline, length=recording.settings.window),
        )


def earlier(path: Path, names: tuple[str, str], progress: Progress) -> list[Line]:
    """The newest of this pair's earlier sessions, newest first.

    Raises
    ------
    RecordingError
        Where the recording or its folder cannot be read.
    """
    progress(0, 0)
    found = earlier_sessions(path, names, _EARLIER)
    lines = []
    for done, session in enumerate(found):
        progress(done, len(found))
        lines.append(_line(session))
    return lines


def _line(session: EarlierSession) -> Line:
    with Recording.open(session.path) as recording:
        longest = longest_run(recording.timeline())
    return Line(session.started, session.duration_s, session.condition, session.summary, longest)
