"""BIDS: a motion dataset of two people in a folder, and the scores as its derivative.

Each person is a participant with a tracking system: the landmarks of every frame of the feed,
nothing interpolated. Frames come at uneven intervals, so the first channel is their latency, as the
standard requires for such systems. Times in BIDS count from the first sample of a file; a channel
or a column holds the session's own time.
"""

import math
import re
import unicodedata
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror.columns import EVENTS, TIMELINE, Column
from mirror.export.base import Format, Selection, create, write_json
from mirror.export.delimited import FORMULA_RULE, NAMES, cell_writer, escape_formula
from mirror.landmarks import FEEDS, Feed
from mirror.recording.provenance import person_names, versions
from mirror.timeline import COLUMNS

_MISSING: Final = "n/a"
_TEXT_RULE: Final = (
    f"{FORMULA_RULE}. A text n/a does so too. A tab, a line feed, a carriage return and a "
    "backslash are \\t, \\n, \\r and \\\\"
)
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

_UNITS: Final = {
    "picture_width": "fraction of the picture's width",
    "picture_height": "fraction of the picture's height",
    "px": "pixels",
    "s": "seconds",
}


@dataclass(frozen=True, slots=True)
class _Person:
    """A participant with video."""

    feed: Feed
    subject: str  # a BIDS label, of letters and digits, like `task`
    task: str
    name: str
    first_s: float  # time of the first frame
    last_s: float
    rates: tuple[float, float]  # frames per second, nominal and effective

    def file(self, suffix: str) -> str:
        """Return the name of a file in the person's ``motion`` folder."""
        return f"sub-{self.subject}_task-{self.task}_tracksys-{self.feed.upper()}_{suffix}"


def _write(selection: Selection, folder: Path) -> None:
    folder.mkdir()
    session = selection.recording.session
    people = _people(selection)
    _describe(folder, selection, people)
    cells = cell_writer("\t", _MISSING)
    with ExitStack() as closing:
        files = {}
        for person in people:
            motion = folder / f"sub-{person.subject}" / "motion"
            motion.mkdir(parents=True)
            _write_sidecars(motion, selection, person)
            _write_events(motion, selection, person)
            _write_scans(motion.parent, person, str(session.get("started", "")))
            files[person.feed] = (
                closing.enter_context(create(motion / person.file("motion.tsv"))),
                person.first_s,
            )
        for feed, pose in selection.poses():
            if feed in files:  # else its first frame came after `_people`, in a live session
                file, first_s = files[feed]
                size = f"{pose.width}\t{pose.height}"
                file.write(f"{pose.time - first_s:.6f}\t{pose.time!r}\t{size}{cells(pose)}\n")
    _write_scores(folder / "derivatives" / "mirror", selection, people)


def _people(selection: Selection) -> list[_Person]:
    """Return the participants with video."""
    names = person_names(selection.recording.session)
    subjects = [_label(name) for name in names]
    if "" in subjects or subjects[0].lower() == subjects[1].lower():
        subjects = ["A", "B"]
    task = _label(str(selection.recording.session.get("condition", ""))) or "interaction"
    people = []
    for feed, subject, name in zip(FEEDS, subjects, names, strict=True):
        times = selection.recording.pose_times(feed, selection.span.start, selection.span.end)
        if len(times) and selection.recording.signals.of(feed) is None:  # no plain series
            rates = _rates(times, selection.recording.settings.rate)
            first, last = float(times[0]), float(times[-1])
            people.append(_Person(feed, subject, task, name, first, last, rates))
    return people


def _rates(times: NDArray[np.float64], default: float) -> tuple[float, float]:
    """Return the frames per second by the median interval, and on the whole."""
    steps = np.diff(times)
    steps = steps[steps > 0]
    if not len(steps):
        return default, default
    return round(1 / float(np.median(steps)), 2), (len(times) - 1) / float(times[-1] - times[0])


def _describe(folder: Path, selection: Selection, people: list[_Person]) -> None:
    """Write the files about the dataset and its participants."""
    write_json(folder / "dataset_description.json", _dataset(selection, "raw"))
    with create(folder / "README.md") as file:
        file.write(
            f"# {selection.recording.path.stem}\n\n"
            "Body landmarks of two people, followed by mirror in two video feeds: one participant "
            "and one tracking system a person. How their movement was coordinated is in "
            "derivatives/mirror. No picture is in this dataset.\n"
        )
    rows = [(f"sub-{each.subject}", each.name, each.feed.upper()) for each in people]
    _write_table(folder / "participants.tsv", ("participant_id", "label", "person"), rows)
    write_json(
        folder / "participants.json",
        {
            "label": {"Description": f"What the person is called. {_TEXT_RULE}"},
            "person": {
                "Description": "Which of the two people, as the scores call them",
                "Levels": {"A": "in feed a", "B": "in feed b"},
            },
        },
    )


def _dataset(selection: Selection, kind: str) -> dict[str, Any]:
    mirror = {"Name": "mirror", "Version": versions()["mirror-synchrony"]}
    return {
        "Name": selection.recording.path.stem,
        "BIDSVersion": "1.10.0",
        "DatasetType": kind,
        "GeneratedBy": [mirror | {"Mirror": selection.metadata()}],
    }


def _write_sidecars(folder: Path, selection: Selection, person: _Person) -> None:
    session = selection.recording.session
    nominal, effective = person.rates
    software = (f"{name} {value}" for name, value in session.get("versions", {}).items())
    write_json(
        folder / person.file("motion.json"),
        {
            "TaskName": person.task,
            "TaskDescription": str(session.get("condition") or _MISSING),
            "TrackingSystemName": f"video feed {person.feed}",
            "SoftwareVersions": ", ".join(software),
            "SamplingFrequency": nominal,
            "SamplingFrequencyEffective": effective,
            "RecordingDuration": person.last_s - person.first_s,
            "TrackedPointsCount": len(NAMES),
            "MotionChannelCount": len(_CHANNELS),
            **{
                f"{kind}ChannelCount": sum(each[2] == kind for each in _CHANNELS) for kind in _KINDS
            },
            "MissingValues": _MISSING,
            "SessionTimeOfFirstSample": person.first_s,
            "Units": _UNITS,
        },
    )
    columns = ("name", "component", "type", "tracked_point", "units", "reference_frame")
    _write_table(folder / person.file("channels.tsv"), columns, _CHANNELS)
    write_json(
        folder / person.file("channels.json"),
        {
            "units": {"Description": "Unit of the channel's values", "Levels": _UNITS},
            "reference_frame": {
                "Levels": {
                    "picture": {
                        "Description": "The feed's picture: x to the right and y downwards from "
                        "its upper left corner, z away from the camera from the depth of the hips"
                    }
                }
            },
        },
    )


_Channel = tuple[str, str | None, str, str | None, str | None, str | None]

_CHANNELS: Final[list[_Channel]] = [
    ("latency", None, "LATENCY", None, "s", None),
    ("session_time", None, "MISC", None, "s", None),
    ("picture_width", None, "MISC", None, "px", None),
    ("picture_height", None, "MISC", None, "px", None),
    *(
        channel
        for mark in NAMES
        for channel in (
            (f"{mark}_x", "x", "POS", mark, "picture_width", "picture"),
            (f"{mark}_y", "y", "POS", mark, "picture_height", "picture"),
            (f"{mark}_z", "z", "POS", mark, "picture_width", "picture"),
            (f"{mark}_visibility", None, "MISC", mark, None, None),
        )
    ),
]

_KINDS: Final = (
    *("ACCEL", "ANGACCEL", "GYRO", "JNTANG", "LATENCY"),
    *("MAGN", "MISC", "ORNT", "POS", "VEL"),
)


def _write_events(folder: Path, selection: Selection, person: _Person) -> None:
    _write_table(
        folder / person.file("events.tsv"),
        ("onset", "duration", "trial_type", "text", "session_time"),
        (
            (each.time_s - person.first_s, 0, each.kind, each.text, each.time_s)
            for each in selection.events()
        ),
    )
    write_json(
        folder / person.file("events.json"),
        {
            "trial_type": {"Description": f"{EVENTS['kind'].definition}. {_TEXT_RULE}"},
            "text": {"Description": f"{EVENTS['text'].definition}. {_TEXT_RULE}"},
            "session_time": {"Description": EVENTS["time_s"].definition, "Units": "s"},
        },
    )


def _write_scans(folder: Path, person: _Person, started: str) -> None:
    try:
        first = datetime.fromisoformat(started).astimezone(UTC) + timedelta(seconds=person.first_s)
        at = first.isoformat(timespec="microseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError):  # the start is missing or invalid
        at = ""
    rows = [(f"motion/{person.file('motion.tsv')}", at)]
    _write_table(folder / f"sub-{person.subject}_scans.tsv", ("filename", "acq_time"), rows)


def _write_scores(folder: Path, selection: Selection, people: list[_Person]) -> None:
    """Write the scores, which belong to both people, as a derivative of the dataset."""
    folder.mkdir(parents=True)
    write_json(
        folder / "dataset_description.json",
        _dataset(selection, "derivative") | {"SourceDatasets": [{"URL": "../.."}]},
    )
    with create(folder / "README.md") as file:
        file.write(
            "# Scores\n\nHow the movement of both people was coordinated, row by row: "
            "*_timeseries.tsv, its columns explained in the JSON file beside it. Its times are the "
            "session's, as session_time is in the motion files. BIDS has no rule yet for scores of "
            "two people, so .bidsignore names them.\n"
        )
    with create(folder / ".bidsignore") as file:
        file.write("*_timeseries.*\n")
    name = f"task-{people[0].task}_desc-synchrony_timeseries"
    rows = ((getattr(row, column) for column in COLUMNS) for row in selection.rows())
    _write_table(folder / f"{name}.tsv", COLUMNS, rows)
    write_json(
        folder / f"{name}.json", {name: _describe_column(TIMELINE[name]) for name in TIMELINE}
    )


def _write_table(path: Path, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Write a table; None, NaN and an empty text are missing."""
    with create(path) as file:
        file.write("\t".join(columns) + "\n")
        for row in rows:
            file.write("\t".join(map(_cell, row)) + "\n")


def _cell(value: object) -> str:
    if value in (None, "") or (isinstance(value, float) and math.isnan(value)):
        return _MISSING
    if isinstance(value, str):
        return (f"'{value}" if value == _MISSING else escape_formula(value)).translate(_ESCAPES)
    return repr(value)


def _label(text: str) -> str:
    """Return the letters and digits of a text, for names of files."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub("[^0-9a-zA-Z]", "", plain)


def _describe_column(column: Column) -> dict[str, object]:
    """Return the meaning of a table's column in the standard's terms."""
    range_ = f" ({column.range})" if column.range else ""
    more = {"Units": column.units, "Levels": dict(column.levels)}
    return {"Description": f"{column.definition}{range_}"} | {k: v for k, v in more.items() if v}


TSV_BIDS: Final = Format("tsv-bids", "", "BIDS motion dataset, a folder", _write, is_folder=True)
