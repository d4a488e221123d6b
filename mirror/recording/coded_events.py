"""Coded events: read from files of ELAN, BORIS, XDF and tables, added to a recording, selected.

An event's kind is its tier: ELAN's tier, BORIS's subject, an XDF stream's name, a table's column.
Its text is its code, with BORIS's modifiers after ``|``, and the duration if it has one:
``speaks (for 2.350 s)``.
"""

import csv
import json
import math
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate

import numpy as np

from mirror._support.optional import import_optional
from mirror._support.text_tables import is_missing, open_text, parse_number
from mirror.capture.series_file import about, read_streams
from mirror.errors import EventsError
from mirror.events import Event
from mirror.recording.edit import add_events
from mirror.recording.reader import Recording
from mirror.timeline import Span

_COLUMNS: Final = {
    "observation": ("observation id",),
    "start": ("start (s)", "start_s", "time_s", "onset", "start", "begin", "time"),
    "end": ("stop (s)", "end_s", "end", "stop"),
    "lasts": ("duration (s)", "duration_s", "duration"),
    "tier": ("tier", "kind", "subject"),
    "code": ("code", "behavior", "trial_type", "label", "text", "value", "event"),
    "modifiers": ("modifiers", "modifier"),
    "status": ("status", "behavior type"),
}
"""Names of a table's columns by what they hold, in lower case, the first that it has: BORIS's of
both kinds of export, BIDS's, and this program's own."""


@dataclass(frozen=True, slots=True)
class _Coded:
    start: float  # s
    end: float | None
    tier: str
    code: str
    observation: str = ""
    # Without an end: START or STOP, or TOGGLE if every second one is a STOP.
    status: str = ""
    modifiers: str = ""

    @property
    def text(self) -> str:
        code, more = self.code.strip(), self.modifiers.strip()
        return code if more in ("", "None") else f"{code}|{more}"


def annotate(path: Path | str, source: str) -> tuple[list[Event], int]:
    """Add a file's events to a recording; return those added, and how many are outside of it."""
    with Recording.open(path) as recording:
        length = recording.duration
    events = read_events(source)
    if not (inside := [each for each in events if 0.0 <= each.time_s <= length]):
        raise EventsError(
            f"{source}: all its {len(events)} events, from {events[0].time_s:g} to "
            f"{events[-1].time_s:g} s, are outside the session, which is from 0 to {length:g} s; "
            "give them in seconds from its start"
        )
    return add_events(path, inside), len(events) - len(inside)


def read_events(source: str) -> list[Event]:
    """Return the events of a file, in order of time; raise EventsError if there are none.

    `source` is a path, with the name of an observation after ``#`` if the file has several.
    """
    name, wanted = source, ""
    if not Path(source).exists() and "#" in source:
        name, _, wanted = source.rpartition("#")
    path = Path(name)
    try:
        coded = list(_READERS.get(path.suffix.lower(), _read_table)(path))
    except OSError as error:
        raise EventsError(f"cannot read {path}: {error.strerror or error}") from None
    observations = sorted({each.observation for each in coded})
    if not coded:
        raise EventsError(f"{path} has no events; check that it is the file with the codes")
    if wanted or len(observations) > 1:
        coded = [each for each in coded if each.observation == wanted]
    if not coded:
        known = textwrap.shorten(", ".join(observations), 300)
        raise EventsError(f"{path}: name one observation after a #: {known}")
    events = []
    for each in _paired(path, coded):
        lasts = 0.0 if each.end is None else each.end - each.start
        if not (math.isfinite(each.start) and 0.0 <= lasts < math.inf):
            raise _fault(path, each, "has no time, or ends before it starts")
        events.append(Event.coded(each.start, lasts, each.tier.strip() or "coded", each.text))
    return sorted(events, key=lambda each: each.time_s)


def _fault(path: Path, each: _Coded, problem: str) -> EventsError:
    where = f"{each.text!r} of {each.tier!r} at {each.start:g} s"
    return EventsError(f"{path}: {where} {problem}; correct it")


def select(
    recording: Recording, only: str | None, start: float = -math.inf, end: float = math.inf
) -> Span:
    """Return a part of a recording, limited to the intervals of coded events unless that is None.

    `only` is ``tier`` or ``tier: code``; raise EventsError if none of these has a duration.
    """
    if only is None:
        return Span(start, end)
    tier, _, code = (part.strip() for part in only.partition(":"))
    lasting = [each for each in recording.events() if each.end_s > each.time_s]
    edges: list[list[float]] = []
    for each in lasting:
        if each.kind != tier or code not in ("", each.code, each.code.partition("|")[0]):
            continue
        if edges and each.time_s <= edges[-1][1]:
            edges[-1][1] = max(edges[-1][1], each.end_s)
        else:
            edges.append([each.time_s, each.end_s])
    if not edges:
        known = sorted({f"{each.kind}: {each.code}" for each in lasting})
        raise EventsError(
            f"{recording.path} has no events {only!r} with a duration; "
            + (
                f"it has {textwrap.shorten(', '.join(known), 300)}"
                if known
                else "add some with mirror annotate"
            )
        )
    return Span(start, end, tuple(chain.from_iterable(edges)), only)


def _paired(path: Path, coded: Iterable[_Coded]) -> Iterator[_Coded]:
    """Make one event of each pair of START and STOP."""
    begun: dict[tuple[str, str], _Coded] = {}
    for each in sorted(coded, key=lambda each: each.start):
        key, status = (each.tier, each.text), each.status.strip().upper()
        if each.end is not None or status not in ("START", "STOP", "TOGGLE"):
            yield each
        elif key in begun and status != "START":
            yield _Coded(begun.pop(key).start, each.start, *key)
        elif key in begun or status == "STOP":
            raise _fault(path, each, f"is a second {status}")
        else:
            begun[key] = each
    for each in begun.values():
        raise _fault(path, each, "never stops")


def _read_elan(path: Path) -> Iterator[_Coded]:
    elan = import_optional("pympi", "elan", str(path)).Elan
    try:
        with path.open("rb") as file:
            ParserCreate().ParseFile(file)  # of no XML, pympi says so by a plain Exception
        document = elan.Eaf(str(path), suppress_version_warning=True)
        for tier in document.tiers:
            for start, end, text, *_ in document.get_annotation_data_for_tier(tier):
                if start is not None and end is not None:
                    yield _Coded(start / 1000, end / 1000, tier, text or "")
    except (ExpatError, KeyError, ValueError, TypeError, AttributeError):
        raise EventsError(f"{path} is no file of ELAN; save it there again") from None


def _read_boris(path: Path) -> Iterator[_Coded]:
    try:
        project = json.loads(path.read_text(encoding="utf-8-sig"))
        lasts = {each["code"]: each["type"] for each in project["behaviors_conf"].values()}
        for name, observation in project["observations"].items():
            for time, subject, code, modifiers, *_ in observation["events"]:
                status = "TOGGLE" if lasts.get(code, "").lower().startswith("state") else ""
                yield _Coded(float(time), None, *map(str, (subject, code, name, status, modifiers)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise EventsError(f"{path} is no project of BORIS; export its events as CSV") from None


def _read_xdf(path: Path) -> Iterator[_Coded]:
    try:
        streams, start = read_streams(path)
    except ValueError as error:
        raise EventsError(str(error)) from None
    markers = []
    for each in streams:
        is_own = about(each, "source_id").startswith("mirror ")
        if about(each, "channel_format") == "string" and not is_own:
            markers.append((about(each, "name"), each))
        elif about(each, "type") == "Synchrony":  # its scores say their time on the session's clock
            start = np.median(each["time_stamps"] - np.asarray(each["time_series"])[:, 0])
    for name, each in markers:
        for stamp, values in zip(each["time_stamps"], each["time_series"], strict=True):
            yield _Coded(float(stamp - start), None, name, ", ".join(filter(None, values)))


def _read_table(path: Path) -> Iterator[_Coded]:
    try:
        with open_text(path) as file:
            lines = file.read().splitlines()
        delimiter = max("\t;,", key=lambda mark: sum(line.count(mark) for line in lines[:100]))
        rows = list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    except (UnicodeError, csv.Error):
        raise EventsError(f"{path} is no table in UTF-8; export the events as CSV") from None
    # Older exports of BORIS describe the observation first.
    line, places = 0, dict[str, int]()
    while not {"start", "code"} <= places.keys() and line < len(rows):
        names = [" ".join(field.split()).lower() for field in rows[line]]
        held = {what: [name for name in known if name in names] for what, known in _COLUMNS.items()}
        places = {what: names.index(found[0]) for what, found in held.items() if found}
        line += 1
    if not {"start", "code"} <= places.keys():
        raise EventsError(
            f"{path} has no columns of events; name them start (in s) and code, and end and tier"
        )
    for number, row in enumerate(rows[line:], line + 1):
        if not any(field.strip() for field in row):
            continue
        try:
            cell = dict.fromkeys(_COLUMNS, "") | {name: row[at] for name, at in places.items()}
            start, end, lasts = (_seconds(cell[name]) for name in ("start", "end", "lasts"))
        except (ValueError, IndexError):
            start = None
        if start is None:
            raise EventsError(f"{path}, line {number}: no time in seconds; correct it")
        if end is None and lasts is not None:
            end = start + lasts
        rest = (cell[name] for name in ("tier", "code", "observation", "status", "modifiers"))
        yield _Coded(start, end, *rest)


def _seconds(text: str) -> float | None:
    """Return a time in seconds or h:mm:ss; None if it is missing."""
    if is_missing(text):
        return None
    total = 0.0
    for part in text.replace(",", ".").split(":"):
        total = 60 * total + parse_number(part)
    return total


_READERS: Final = {".eaf": _read_elan, ".boris": _read_boris, ".xdf": _read_xdf}
