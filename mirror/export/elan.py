"""ELAN: tiers for the states, who was in phase or in anti-phase when, who led, and the events.

Pictures that were stored with the recording are linked.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mirror._support.optional import import_optional
from mirror.events import Event
from mirror.export.base import Format
from mirror.export.intervals import Stretch, milliseconds, stretches
from mirror.export.part import Part
from mirror.recording.video import video_paths
from mirror.summary import NO_LAG, TOGETHER, has_lag
from mirror.timeline import Score, State

_WANTED: Final = "an export to ELAN"

_EVENT_MS: Final = 1000
_EVENTS: Final = (
    f"kind: text, for {_EVENT_MS / 1000:g} s or until the next one; those of one moment are one"
)

# What XML 1.0 cannot hold.
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class _Tier:
    """Annotations that do not overlap.

    Attributes
    ----------
    name, meaning : str
    say : callable
        What a row says; "" where the tier has nothing there.
    value : callable
        The text of the annotation of rows that say the same.
    """

    name: str
    meaning: str
    say: Callable[[Score], str]
    value: Callable[[Stretch], str]


def _write(part: Part, path: Path) -> None:
    elan = import_optional("pympi", "elan", _WANTED).Elan
    document = elan.Eaf(author="mirror")
    document.remove_tier("default")
    document.header["TIME_UNITS"] = "milliseconds"
    tiers = _tiers(part)
    about = part.about(tiers={each.name: each.meaning for each in tiers} | {"events": _EVENTS})
    document.add_property("mirror", _xml(json.dumps(about, ensure_ascii=False)))
    for picture in video_paths(part.recording.path.resolve()).values():
        if picture.exists():
            beside = _relative(picture, part.target.parent)
            document.add_linked_file(picture.as_uri(), beside, "video/mp4")
    rows = list(part.rows())
    for tier in tiers:
        document.add_tier(tier.name)
        for each in stretches(rows, part.recording.course, tier.say):
            document.add_annotation(tier.name, each.start_ms, each.end_ms, _xml(tier.value(each)))
    document.add_tier("events")
    for start, end, text in _spans(part.events()):
        document.add_annotation("events", start, end, _xml(text))
    _sort_slots(document)
    elan.to_eaf(path, document)


def _tiers(part: Part) -> list[_Tier]:
    labels = part.labels()

    def leader(row: Score) -> str:
        if row.state is not State.OK or not has_lag(row):
            return ""
        if abs(row.lag_s) <= NO_LAG:
            return "together"
        return labels["a" if row.lag_s > 0 else "b"]

    return [
        _Tier("state", "whether the scores are valid, or why not", lambda row: row.state, _said),
        _scored("in phase", "in_phase"),
        _scored("anti-phase", "anti_phase"),
        _Tier("leader", "who is followed, where a lag says who", leader, _said),
    ]


def _said(stretch: Stretch) -> str:
    return stretch.text


def _scored(name: str, score: str) -> _Tier:
    """Where a score is high enough to be called by its name."""

    def say(row: Score) -> str:
        return name if row.state is State.OK and getattr(row, score) >= TOGETHER else ""

    def mean(stretch: Stretch) -> str:
        return f"{sum(getattr(row, score) for row in stretch.rows) / len(stretch.rows):.3f}"

    return _Tier(name, f"where {score} is at least {TOGETHER:g}; its mean there", say, mean)


def _spans(events: Sequence[Event]) -> Iterator[tuple[int, int, str]]:
    """Start, end and text of each annotation: in one tier, no two may overlap."""
    texts: dict[int, list[str]] = {}
    for event in events:
        said = ": ".join(each for each in (event.kind, event.text) if each)
        texts.setdefault(milliseconds(event.time_s), []).append(said)
    starts = list(texts)
    for place, start in enumerate(starts):
        end = min([start + _EVENT_MS, *starts[place + 1 : place + 2]])
        yield start, end, "\n".join(texts[start])


def _sort_slots(document: Any) -> None:
    """Number the time slots in order of time, as the format has them, rather than tier by tier."""
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
        beside = Path(os.path.relpath(path, folder))
    except ValueError:  # on another drive
        return None
    return beside.as_posix() if beside.parts[0] == ".." else f"./{beside.as_posix()}"


EAF: Final = Format(
    "eaf", ".eaf", "ELAN annotations, with stored pictures linked", _write, extra="elan"
)
