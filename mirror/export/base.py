"""What an export format defines, and the rows, events and poses that it is given."""

import itertools
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO

from mirror._support.jsonable import to_jsonable
from mirror.errors import ExportError
from mirror.events import Event
from mirror.landmarks import Feed, Pose
from mirror.recording.provenance import versions
from mirror.recording.reader import Recording
from mirror.settings_history import SettingsHistory
from mirror.timeline import BREAK_HOPS, Score, Span, Timeline

Progress = Callable[[int, int], None]  # rows or poses done, and their total; may raise to cancel

_SESSION_KEYS: Final = (
    *("started", "labels", "condition", "notes", "sources", "alignment"),
    *("signals", "model", "versions", "quality", "exercises", "rescored_from"),
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
class Selection:
    """A recording, or the part of it that is exported."""

    recording: Recording
    target: Path  # the exported file's final path
    timeline: Timeline  # the rows of the part
    span: Span
    origin_s: float  # what subtitles and annotations count times from: `Timeline.origin_s`
    progress: Progress

    def rows(self) -> Iterator[Score]:
        """Yield the rows of the timeline."""
        total = len(self.timeline)
        for done, row in enumerate(self.timeline):
            self.progress(done, total)
            yield row
        self.progress(total, total)

    def events(self) -> list[Event]:
        """Return the events in order of time."""
        return [e for e in self.recording.events() if self.span.start <= e.time_s <= self.span.end]

    def poses(self) -> Iterator[tuple[Feed, Pose]]:
        """Yield the poses of both feeds in recorded order, except those of plain series.

        Raise ExportError if there are none.
        """
        total = self.recording.pose_count
        is_empty, signals = True, self.recording.signals
        for done, (feed, pose) in enumerate(self.recording.poses()):
            self.progress(done, total)
            if signals.of(feed) is None and self.span.start <= pose.time <= self.span.end:
                is_empty = False
                yield feed, pose
        if is_empty:
            raise ExportError(
                f"{self.recording.path} has no landmarks there; export its scores, as CSV"
            )
        self.progress(total, total)

    def metadata(self, **more: object) -> dict[str, Any]:
        """Return what a reader of the export must know, plus `more`, for JSON."""
        span, session = self.span, self.recording.session
        results = [
            each.to_dict()
            for each in self.recording.results()
            if span.start <= each.end_s and each.start_s <= span.end
        ]
        values: dict[str, Any] = {
            "recording": self.recording.path.name,
            "part": "whole" if span.is_whole else "selection",
            "from_s": None if math.isinf(span.start) else span.start,
            "until_s": None if math.isinf(span.end) else span.end,
            **({"while": span.name} if span.name else {}),
            "times": _TIMES,
            **{key: session[key] for key in _SESSION_KEYS if key in session},
            **self.recording.settings_history.to_session(),
            **({"exercise_results": results} if results else {}),
            "settings_units": _UNITS,
            "exported_with": versions(),
            **more,
        }
        plain: dict[str, Any] = to_jsonable(values)
        return plain


@dataclass(frozen=True, slots=True)
class Format:
    """A format that a recording can be exported to."""

    name: str  # the value of ``mirror export --to``
    suffix: str  # of the file's name, with its dot; "" for a folder
    description: str  # one line for a file dialog
    # Writes a `Selection` to a path that does not exist yet.
    write: Callable[[Selection, Path], None]
    # Returns the other files that are written with the named one.
    side_files: Callable[[Path], tuple[Path, ...]] = lambda _path: ()
    is_folder: bool = False  # whether the export is a folder of files
    extra: str | None = None  # the optional dependency that it needs


def create(path: Path) -> TextIO:
    """Open a new text file."""
    # JSON may hold a lone surrogate, which UTF-8 cannot encode.
    return path.open("x", encoding="utf-8", errors="replace", newline="")


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write an object to a new JSON file."""
    with create(path) as file:
        json.dump(value, file, ensure_ascii=False, indent=2)
        file.write("\n")


def events_path(path: Path) -> Path:
    """Return the path of the events' table for that of the scores' table."""
    return path.with_name(f"{path.stem}.events{path.suffix}")


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
        earlier = [each.settings for each in history.changes if row.time_s > each.time_s]
        hop = [history.first, *earlier][-1].hop
        is_joined = following is not None and following.time_s - row.time_s <= BREAK_HOPS * hop
        text = label(row)
        if following is not None and is_joined and label(following) == text:
            continue
        start = milliseconds(run[0].time_s)
        end = milliseconds(following.time_s if following and is_joined else row.time_s + hop)
        if text and end > start:
            yield Interval(start, end, text, tuple(run))
        run = []
