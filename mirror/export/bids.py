"""BIDS: a dataset folder of the motion of two people, and the scores as a derivative of it.

Each person is a participant with a tracking system of their own: the landmarks of every picture
that the feed delivered, nothing interpolated. Pictures come at uneven intervals, so the first
channel is each one's latency, as the standard has it for such systems. Times in BIDS count from the
first sample of a file; the session's own time is a channel, or a column, beside them.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

from mirror.columns import EVENTS, LANDMARKS, TIMELINE
from mirror.export.base import Format
from mirror.export.bids_files import MISSING, TEXTS, described, label, write_json, write_table
from mirror.export.delimited import create
from mirror.export.landmark_table import NAMES
from mirror.export.part import Part
from mirror.landmarks import FEEDS, Feed, Pose
from mirror.recording.provenance import versions
from mirror.timeline import COLUMNS

BIDS_VERSION: Final = "1.10.0"

_VALUES: Final = len(NAMES) * len(LANDMARKS)
_NOBODY: Final = f"\t{MISSING}" * _VALUES
# Nine digits tell any two single-precision numbers apart.
_SOMEBODY: Final = "\t%.9g" * _VALUES

_UNITS: Final = {
    "picture_width": "fraction of the picture's width",
    "picture_height": "fraction of the picture's height",
    "px": "pixels",
    "s": "seconds",
}


@dataclass(frozen=True, slots=True)
class _Person:
    """One participant.

    Attributes
    ----------
    feed : {"a", "b"}
    subject, task : str
        Labels of BIDS, of letters and digits.
    name : str
        What the person is called.
    first_s, last_s : float
        Times of the first and of the last picture, s.
    rates : (float, float)
        Pictures a second, nominal and on the whole, Hz.
    """

    feed: Feed
    subject: str
    task: str
    name: str
    first_s: float
    last_s: float
    rates: tuple[float, float]

    def file(self, suffix: str) -> str:
        """A file in the person's ``motion`` folder."""
        tracked = f"tracksys-{self.feed.upper()}"
        return f"sub-{self.subject}_task-{self.task}_{tracked}_{suffix}"


def _write(part: Part, folder: Path) -> None:
    folder.mkdir()
    session = part.recording.session
    people = _people(part)
    _describe(folder, part, people)
    with ExitStack() as closing:
        files = {}
        for person in people:
            motion = folder / f"sub-{person.subject}" / "motion"
            motion.mkdir(parents=True)
            _write_sidecars(motion, part, person)
            _write_events(motion, part, person)
            _write_scans(motion.parent, person, str(session.get("started", "")))
            files[person.feed] = (
                closing.enter_context(create(motion / person.file("motion.tsv"))),
                person.first_s,
            )
        for feed, pose in part.poses():
            if feed in files:  # else it began after its rates were looked at, in a live session
                file, first_s = files[feed]
                file.write(_sample(pose, first_s))
    _write_scores(folder / "derivatives" / "mirror", part, people)


def _sample(pose: Pose, first_s: float) -> str:
    place = f"{pose.time - first_s:.6f}\t{pose.time!r}\t{pose.width}\t{pose.height}"
    if pose.landmarks is None:
        return f"{place}{_NOBODY}\n"
    return f"{place}{_SOMEBODY % tuple(pose.landmarks.ravel().tolist())}\n"


def _people(part: Part) -> list[_Person]:
    """Those of whom there are pictures."""
    labels = part.labels()
    names = {feed: label(labels[feed]) for feed in FEEDS}
    if "" in names.values() or names["a"].lower() == names["b"].lower():
        names = {"a": "A", "b": "B"}
    task = label(str(part.recording.session.get("condition", ""))) or "interaction"
    found = []
    signals = part.recording.signals
    for feed in FEEDS:
        if signals.of(feed) is not None:
            continue  # no motion tracking system of ours
        times = part.recording.pose_times(feed, part.start, part.end)
        if len(times):
            rates = _rates(times, part.recording.settings.rate)
            first, last = float(times[0]), float(times[-1])
            found.append(_Person(feed, names[feed], task, labels[feed], first, last, rates))
    return found


def _rates(times: Any, otherwise: float) -> tuple[float, float]:
    """Pictures a second by the usual interval, and on the whole."""
    steps = np.diff(times)
    steps = steps[steps > 0]
    if not len(steps):
        return otherwise, otherwise
    return round(1 / float(np.median(steps)), 2), (len(times) - 1) / float(times[-1] - times[0])


def _describe(folder: Path, part: Part, people: list[_Person]) -> None:
    """What the dataset is, and who is in it."""
    write_json(folder / "dataset_description.json", _dataset(part, "raw"))
    with create(folder / "README.md") as file:
        file.write(
            f"# {part.recording.path.stem}\n\nBody landmarks of two people, followed by mirror in "
            "two video feeds: one participant and one tracking system a person. How their movement "
            "was coordinated is in derivatives/mirror. No picture is in this dataset.\n"
        )
    rows = [(f"sub-{each.subject}", each.name, each.feed.upper()) for each in people]
    write_table(folder / "participants.tsv", ("participant_id", "label", "person"), rows)
    write_json(
        folder / "participants.json",
        {
            "label": {"Description": f"What the person is called. {TEXTS}"},
            "person": {
                "Description": "Which of the two people, as the scores call them",
                "Levels": {"A": "in feed a", "B": "in feed b"},
            },
        },
    )


def _dataset(part: Part, kind: str) -> dict[str, Any]:
    found = versions()
    return {
        "Name": part.recording.path.stem,
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": kind,
        "GeneratedBy": [
            {"Name": "mirror", "Version": found["mirror-synchrony"], "Mirror": part.about()}
        ],
    }


def _write_sidecars(folder: Path, part: Part, person: _Person) -> None:
    session = part.recording.session
    made = session.get("versions", {})
    nominal, effective = person.rates
    write_json(
        folder / person.file("motion.json"),
        {
            "TaskName": person.task,
            "TaskDescription": str(session.get("condition") or MISSING),
            "TrackingSystemName": f"video feed {person.feed}",
            "SoftwareVersions": ", ".join(f"{name} {value}" for name, value in made.items()),
            "SamplingFrequency": nominal,
            "SamplingFrequencyEffective": effective,
            "RecordingDuration": person.last_s - person.first_s,
            "TrackedPointsCount": len(NAMES),
            "MotionChannelCount": len(_CHANNELS),
            **{f"{kind}ChannelCount": _count(kind) for kind in _KINDS},
            "MissingValues": MISSING,
            "SessionTimeOfFirstSample": person.first_s,
            "Units": _UNITS,
        },
    )
    columns = ("name", "component", "type", "tracked_point", "units", "reference_frame")
    write_table(folder / person.file("channels.tsv"), columns, _CHANNELS)
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
    "ACCEL",
    "ANGACCEL",
    "GYRO",
    "JNTANG",
    "LATENCY",
    "MAGN",
    "MISC",
    "ORNT",
    "POS",
    "VEL",
)


def _count(kind: str) -> int:
    return sum(each[2] == kind for each in _CHANNELS)


def _write_events(folder: Path, part: Part, person: _Person) -> None:
    write_table(
        folder / person.file("events.tsv"),
        ("onset", "duration", "trial_type", "text", "session_time"),
        (
            (each.time_s - person.first_s, 0, each.kind, each.text, each.time_s)
            for each in part.events()
        ),
    )
    write_json(
        folder / person.file("events.json"),
        {
            "trial_type": {"Description": f"{EVENTS['kind'].definition}. {TEXTS}"},
            "text": {"Description": f"{EVENTS['text'].definition}. {TEXTS}"},
            "session_time": {"Description": EVENTS["time_s"].definition, "Units": "s"},
        },
    )


def _write_scans(folder: Path, person: _Person, started: str) -> None:
    try:
        start = datetime.fromisoformat(started).astimezone(UTC)
        first = start + timedelta(seconds=person.first_s)
        at = first.isoformat(timespec="microseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError):  # of a recording that does not say when it was made
        at = ""
    rows = [(f"motion/{person.file('motion.tsv')}", at)]
    write_table(folder / f"sub-{person.subject}_scans.tsv", ("filename", "acq_time"), rows)


def _write_scores(folder: Path, part: Part, people: list[_Person]) -> None:
    """The scores, which belong to both people: a derivative of the dataset."""
    folder.mkdir(parents=True)
    write_json(
        folder / "dataset_description.json",
        _dataset(part, "derivative") | {"SourceDatasets": [{"URL": "../.."}]},
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
    rows = ((getattr(row, column) for column in COLUMNS) for row in part.rows())
    write_table(folder / f"{name}.tsv", COLUMNS, rows)
    write_json(folder / f"{name}.json", described(TIMELINE))


TSV_BIDS: Final = Format("tsv-bids", "", "BIDS motion dataset, a folder", _write, is_folder=True)
