"""ELAN: tiers of states, scores, leader and events; links to stored videos."""

import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

from mirror._support.optional import import_optional
from mirror.events import Event
from mirror.export.base import Format, Interval, Selection, intervals, milliseconds
from mirror.recording.database import video_paths
from mirror.recording.provenance import person_names
from mirror.summary import NO_LAG, TOGETHER, has_lag
from mirror.timeline import Score, State

_EVENT_MS: Final = 1000
_EVENTS: Final = (
    f"kind: text, for {_EVENT_MS / 1000:g} s or until the next one; those of one moment are one"
)

# What XML 1.0 cannot hold.
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class _Tier:
    """A tier: it annotates the intervals of rows whose label is not empty."""

    name: str
    meaning: str
    label: Callable[[Score], str]
    text: Callable[[Interval], str]


def _write(selection: Selection, path: Path) -> None:
    elan = import_optional("pympi", "elan", "an export to ELAN").Elan
    document = elan.Eaf(author="mirror")
    document.remove_tier("default")
    document.header["TIME_UNITS"] = "milliseconds"
    tiers = _tiers(person_names(selection.recording.session))
    metadata = selection.metadata(
        tiers={each.name: each.meaning for each in tiers} | {"events": _EVENTS},
        times_from_s=selection.origin_s,
    )
    origin = milliseconds(selection.origin_s)
    document.add_property("mirror", _xml(json.dumps(metadata, ensure_ascii=False)))
    for video in video_paths(selection.recording.path.resolve()).values():
        if video.exists():
            relative = _relative(video, selection.target.parent)
            document.add_linked_file(video.as_uri(), relative, "video/mp4")
    rows = list(selection.rows())
    for tier in tiers:
        document.add_tier(tier.name)
        for each in intervals(rows, selection.recording.settings_history, tier.label):
            start, end = each.start_ms - origin, each.end_ms - origin
            document.add_annotation(tier.name, start, end, _xml(tier.text(each)))
    document.add_tier("events")
    for start, end, text in _event_annotations(selection.events()):
        document.add_annotation("events", start - origin, end - origin, _xml(text))
    _sort_slots(document)
    elan.to_eaf(path, document)


def _tiers(names: tuple[str, str]) -> list[_Tier]:
    def leader(row: Score) -> str:
        if row.state is not State.OK or not has_lag(row):
            return ""
        return "together" if abs(row.lag_s) <= NO_LAG else names[row.lag_s < 0]

    label = attrgetter("label")
    return [
        _Tier("state", "whether the scores are valid, or why not", attrgetter("state"), label),
        _score_tier("in phase", "in_phase"),
        _score_tier("anti-phase", "anti_phase"),
        _score_tier("mirroring", "mirroring"),
        _Tier("leader", "who is followed, where a lag says who", leader, label),
    ]


def _score_tier(name: str, score: str) -> _Tier:
    def label(row: Score) -> str:
        return name if row.state is State.OK and getattr(row, score) >= TOGETHER else ""

    def mean(interval: Interval) -> str:
        return f"{sum(getattr(row, score) for row in interval.rows) / len(interval.rows):.3f}"

    return _Tier(name, f"where {score} is at least {TOGETHER:g}; its mean there", label, mean)


def _event_annotations(events: Sequence[Event]) -> Iterator[tuple[int, int, str]]:
    """Yield start and end, ms, and text of each annotation; no two overlap."""
    texts: dict[int, list[str]] = {}
    for event in events:
        text = ": ".join(each for each in (event.kind, event.text) if each)
        texts.setdefault(milliseconds(event.time_s), []).append(text)
    starts = list(texts)
    for place, start in enumerate(starts):
        end = min([start + _EVENT_MS, *starts[place + 1 : place + 2]])
        yield start, end, "\n".join(texts[start])


def _sort_slots(document: Any) -> None:
    """Number the time slots in order of time, as the format requires, not tier by tier."""
    slots = sorted(document.timeslots.items(), key=lambda slot: slot[1])
    names = {old: f"ts{number}" for number, (old, _) in enumerate(slots, 1)}
    document.timeslots = {names[old]: time for old, time in slots}
    for aligned, *_ in document.tiers.values():
        for name, (start, end, *rest) in aligned.items():
            aligned[name] = (names[start], names[end], *rest)


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _relative(path: Path, folder: Path) -> str | None:
    try:
        relative = Path(os.path.relpath(path, folder))
    except ValueError:  # on another drive
        return None
    return relative.as_posix() if relative.parts[0] == ".." else f"./{relative.as_posix()}"


EAF: Final = Format(
    "eaf", ".eaf", "ELAN annotations, with stored videos linked", _write, extra="elan"
)
