"""What a recording's rows and session say, for reports and the summary page."""

import math
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror.capture.address import is_of_screen
from mirror.errors import ExportError
from mirror.estimator.align import BRIDGE
from mirror.estimator.align_arrays import PoseArrays
from mirror.events import Event
from mirror.landmarks import FEEDS, Feed
from mirror.mimicry import MIMICRY
from mirror.moments import Moment, longest_run, session_moments
from mirror.practice.run import Result
from mirror.recording.provenance import person_names
from mirror.recording.reader import Recording
from mirror.report.document import clean_text
from mirror.settings import Settings
from mirror.settings_history import SettingsHistory
from mirror.summary import Summary, summarize
from mirror.timeline import WHOLE, Span, Timeline
from mirror.wording import CALL, clock_time, describe_lag

NAMELESS = ("A", "B")


@dataclass(frozen=True, slots=True, eq=False)
class SessionFacts:
    """What a recording, a part of it, or an unrecorded session says."""

    path: Path | None  # None if it was not recorded
    session: dict[str, Any]
    duration_s: float  # of the whole recording, s
    names: tuple[str, str]
    condition: str
    started: datetime | None
    span: Span
    origin_s: float  # the stamp that all times count from, s; 0 but for series with calendar stamps
    settings_history: SettingsHistory
    timeline: Timeline  # the rows within the span; at least one
    # Those within the span, with clean texts.
    results: tuple[Result, ...]
    events: tuple[Event, ...]  # without postures taken over, which are in the timeline
    summary: Summary
    longest: Span | None
    moments: tuple[Moment, ...]

    @property
    def settings(self) -> Settings:
        """The settings in force at the end."""
        return self.settings_history.last

    @property
    def file_name(self) -> str:
        """The name of the recording."""
        return "not recorded" if self.path is None else self.path.name

    @property
    def title(self) -> str:
        """Both names."""
        return " and ".join(self.names)

    @property
    def when(self) -> str:
        """Date and time of the recording; its file name if it has none."""
        if self.started is None:
            return clean_text(self.file_name)
        return f"{self.started.day} {self.started:%B %Y, %H:%M}"

    @property
    def lag_text(self) -> str:
        """Who led and by how much, and what else is in the lags."""
        is_call = any(is_of_screen(str(each)) for each in self.session.get("sources", {}).values())
        return describe_lag(self.summary, self.names) + (f" {CALL}" if is_call else "")

    @property
    def length(self) -> str:
        """Its length, or which part of it."""
        first, last = (float(self.timeline.time_s[at]) for at in (0, -1))
        if self.span.is_whole:
            return clock_time(last)
        only = f", only while {clean_text(self.span.name)}" if self.span.name else ""
        return f"{clock_time(first)} to {clock_time(last)} of the session{only}"


def read_facts(recording: Recording, span: Span) -> SessionFacts:
    """Read and sum up a recording, or a part of it; a long one takes seconds.

    Raise ExportError if there is no row to report on, RecordingError if it is damaged.
    """
    whole = recording.timeline()
    if not len(whole):
        raise ExportError(
            f"{recording.path} has no rows to report on; mirror info says what is in it"
        )
    origin = whole.origin_s
    history = recording.settings_history
    timeline = whole.within(span, history.last.window).since(origin)
    if not len(timeline):
        raise ExportError(
            f"{recording.path} has no row {f'while {span.name} ' if span.name else ''}"
            f"from {span.start:g} to {span.end:g} s; its rows are from "
            f"{whole.time_s[0]:g} to {whole.time_s[-1]:g} s"
        )
    return _facts(
        *(recording.session, history, timeline, recording.results(), recording.events()),
        path=recording.path,
        span=span,
        duration_s=recording.duration - origin,
        origin=origin,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Unrecorded:
    """What is known of a session that was not recorded, in the terms of a recording."""

    session: dict[str, Any]
    settings_history: SettingsHistory
    timeline: Timeline  # at least one row
    results: tuple[Result, ...]
    events: tuple[Event, ...]

    def facts(self) -> SessionFacts:
        """Sum it up; a long one takes seconds."""
        return _facts(
            *(self.session, self.settings_history, self.timeline, self.results, self.events),
            duration_s=float(self.timeline.time_s[-1]),
        )


def _facts(
    session: dict[str, Any],
    history: SettingsHistory,
    timeline: Timeline,
    results: Iterable[Result],
    events: Iterable[Event],
    *,
    duration_s: float,
    path: Path | None = None,
    span: Span = WHOLE,
    origin: float = 0.0,
) -> SessionFacts:
    """Sum up a timeline whose times are counted from `origin`, unlike the other times."""
    a, b = map(clean_text, person_names(session))
    window = history.last.window
    return SessionFacts(
        path=path,
        session=session,
        duration_s=duration_s,
        names=(a or NAMELESS[0], b or NAMELESS[1]),
        condition=clean_text(str(session.get("condition") or "")),
        started=_started(session.get("started")),
        span=replace(span, start=span.start - origin, end=span.end - origin),
        origin_s=origin,
        settings_history=history,
        timeline=timeline,
        results=tuple(
            replace(
                each,
                exercise=clean_text(each.exercise),
                round=clean_text(each.round),
                start_s=each.start_s - origin,
                end_s=each.end_s - origin,
            )
            for each in results
            if each.start_s <= span.end and span.start <= each.end_s
        ),
        events=tuple(
            Event(each.time_s - origin, clean_text(each.kind), clean_text(each.text))
            for each in events
            if span.start <= each.time_s <= span.end and each.kind != MIMICRY
        ),
        summary=summarize(timeline),
        longest=longest_run(timeline),
        moments=session_moments(timeline, window),
    )


def _started(text: Any) -> datetime | None:
    with suppress(TypeError, ValueError):
        return datetime.fromisoformat(text)
    return None


@dataclass(frozen=True, slots=True, eq=False)
class FeedQuality:
    """One feed's frames."""

    times: NDArray[np.float64]  # times of the frames within the report's span, s
    rate: float  # frames per second, the median; NaN for fewer than two
    gaps: int  # number of gaps longer than `BRIDGE`
    longest_gap: float  # the longest time between two frames, s; NaN for fewer than two
    # Frames of the whole session, and those with a person.
    frames: int
    with_person: int
    dropped: int | None  # frames that were dropped; None if the recording does not say
    paused: int  # frames that arrived while the session was paused

    @property
    def person_share(self) -> float:
        """Share of the frames with a person, 0…1; NaN for none."""
        return self.with_person / self.frames if self.frames else math.nan


def feed_quality(
    recording: Recording, span: Span, poses: PoseArrays | None
) -> dict[Feed, FeedQuality]:
    """Return the quality of both feeds, from their poses if read; empty for plain series."""
    stored = recording.session.get("quality", {}).get("feeds", {})
    quality: dict[Feed, FeedQuality] = {}
    for feed in FEEDS if recording.has_poses else ():
        if poses is None:
            times, counts = recording.pose_times(feed), recording.counts()[feed]
        else:
            own = poses.is_b == (feed == "b")
            times = np.sort(poses.time[own])
            counts = len(times), int(poses.found[own].sum())
        times = times[(times >= span.start) & (times <= span.end)]
        between = np.diff(times)
        quality[feed] = FeedQuality(
            times,
            float(1.0 / np.median(between)) if len(between) else math.nan,
            int((between > BRIDGE).sum()),
            float(between.max()) if len(between) else math.nan,
            *counts,
            _count(stored.get(feed, {}).get("dropped")),
            _count(stored.get(feed, {}).get("paused")) or 0,
        )
    return quality


def _count(value: object) -> int | None:
    return value if isinstance(value, int) else None
