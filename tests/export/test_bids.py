"""BIDS: the dataset checked by the official validator, and its values read with pandas."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mirror import Pose, Recording
from mirror.errors import ExportError
from mirror.events import Event
from mirror.export import export
from mirror.landmarks import Feed
from mirror.recording.writer import Recorder
from mirror.timeline import COLUMNS, LEVELS
from tests.support.talk import MakeRecording, poses
from tests.support.texts import CHARACTERS

A = "sub-Anna/motion/sub-Anna_task-Freetalk2_tracksys-A"
B = "sub-BenBo/motion/sub-BenBo_task-Freetalk2_tracksys-B"
SCORES = "derivatives/mirror/task-Freetalk2_desc-synchrony_timeseries"


@pytest.fixture
def dataset(recording: Recording, folder: Path) -> Path:
    export(recording, "tsv-bids", folder / "study")
    return folder / "study"


def issues(dataset: Path) -> list[dict[str, Any]]:
    """Return the issues of the official validator, for all rows of all tables."""
    validator = shutil.which("bids-validator-deno", path=Path(sys.executable).parent)
    assert validator is not None
    found = subprocess.run(
        [validator, dataset, "--format", "json", "--max-rows", "-1"],
        capture_output=True,
        text=True,
        check=False,
    )
    result = json.loads(found.stdout)
    assert result["summary"]["totalFiles"] > 0
    found_issues: list[dict[str, Any]] = result["issues"]["issues"]
    return found_issues


def errors(dataset: Path) -> list[dict[str, Any]]:
    """Return the errors among the issues."""
    return [each for each in issues(dataset) if each["severity"] == "error"]


def read(path: Path, **how: Any) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", **how)


def text(cell: str) -> str:
    """Undo the rule for texts of participants.json and events.json."""
    if cell == "n/a":
        return ""
    plain, rest = "", cell
    while rest:
        taken = 2 if rest.startswith("\\") else 1
        escaped = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\\\": "\\"}
        plain += escaped[rest[:2]] if taken == 2 else rest[0]
        rest = rest[taken:]
    return plain[1:] if plain.startswith("'") else plain


def test_validator_finds_no_error(dataset: Path) -> None:
    """Only recommended fields that researchers know are missing."""
    found = issues(dataset)
    assert [each for each in found if each["severity"] == "error"] == []
    assert errors(dataset / "derivatives" / "mirror") == []
    missing = {each["subCode"] for each in found if "RECOMMENDED" in each["code"]}
    assert missing <= {
        *("DeviceSerialNumber", "HEDVersion", "Instructions", "License", "Manufacturer"),
        *("InstitutionAddress", "InstitutionName", "InstitutionalDepartmentName"),
        *("ManufacturersModelName", "StimulusPresentation", "SubjectArtefactDescription"),
        "SourceDatasets",  # there is none
    }


def test_validator_finds_a_planted_error(dataset: Path) -> None:
    channels = dataset / f"{A}_channels.tsv"
    channels.write_text(channels.read_text().replace("LATENCY", "LATE"), encoding="utf-8")
    assert [each["code"] for each in errors(dataset)] == ["TSV_VALUE_INCORRECT_TYPE"]


@pytest.mark.parametrize(
    ("session", "subjects", "task"),
    [
        ({"labels": {}, "condition": ""}, ("A", "B"), "interaction"),
        ({"labels": {"a": "P 07", "b": "p07"}, "condition": "…"}, ("A", "B"), "interaction"),
        ({"labels": {"a": "佐藤", "b": "P08"}}, ("A", "B"), "Freetalk2"),
        ({"labels": {"a": "P07", "b": "P08"}, "started": "long ago"}, ("P07", "P08"), "Freetalk2"),
    ],
)
def test_dataset_is_valid_with_any_labels(
    make: MakeRecording, folder: Path, session: dict[str, Any], subjects: tuple[str, str], task: str
) -> None:
    export(make(**session), "tsv-bids", folder / "study")
    assert errors(folder / "study") == []
    for subject, person in zip(subjects, "AB", strict=True):
        name = f"sub-{subject}_task-{task}_tracksys-{person}_motion.tsv"
        assert (folder / "study" / f"sub-{subject}" / "motion" / name).is_file()


@pytest.mark.parametrize(("feed", "stem"), [("a", A), ("b", B)])
def test_motion_holds_every_landmark(
    recording: Recording, dataset: Path, feed: Feed, stem: str
) -> None:
    channels = read(dataset / f"{stem}_channels.tsv", keep_default_na=False)
    motion = read(dataset / f"{stem}_motion.tsv", header=None, na_values="n/a")
    assert motion.shape[1] == len(channels) == 4 + 33 * 4
    motion.columns = pd.Index(channels["name"])
    recorded = [pose for each, pose in recording.poses() if each == feed]
    assert list(motion["session_time"]) == [pose.time for pose in recorded]
    assert list(motion["picture_height"]) == [pose.height for pose in recorded]
    first = min(pose.time for pose in recorded)
    latencies = [pose.time - first for pose in recorded]
    assert motion["latency"].to_numpy() == pytest.approx(latencies, abs=0.51e-6)
    values = motion.iloc[:, 4:].to_numpy(float).astype(np.float32).reshape(-1, 33, 4)
    for found, pose in zip(values, recorded, strict=True):
        if pose.landmarks is None:
            assert np.isnan(found).all()
        else:
            assert np.array_equal(found, pose.landmarks)


def test_sidecar_counts_match_the_channels(recording: Recording, dataset: Path) -> None:
    about = json.loads((dataset / f"{B}_motion.json").read_text(encoding="utf-8"))
    channels = read(dataset / f"{B}_channels.tsv", keep_default_na=False)
    types = channels["type"].value_counts()
    assert about["MotionChannelCount"] == len(channels)
    assert about["POSChannelCount"] == types["POS"] == 99
    assert about["MISCChannelCount"] == types["MISC"] == 36
    assert about["LATENCYChannelCount"] == types["LATENCY"] == 1
    assert about["ORNTChannelCount"] == 0
    assert about["TrackedPointsCount"] == channels["tracked_point"].nunique() - 1 == 33
    assert set(channels["units"]) - {"n/a"} == set(about["Units"])
    times = np.array([pose.time for feed, pose in recording.poses() if feed == "b"])
    assert about["SessionTimeOfFirstSample"] == times[0]
    assert about["RecordingDuration"] == times[-1] - times[0]
    assert about["SamplingFrequency"] == round(1 / np.median(np.diff(times)), 2)
    assert about["SamplingFrequencyEffective"] == pytest.approx(59 / (times[-1] - times[0]))


@pytest.mark.parametrize("stem", [A, B])
def test_events_have_onset_and_session_time(recording: Recording, dataset: Path, stem: str) -> None:
    events = read(dataset / f"{stem}_events.tsv", keep_default_na=False)
    found = [
        Event(row["session_time"], text(row["trial_type"]), text(row["text"]))
        for row in events.to_dict("records")
    ]
    assert found == recording.events()
    motion = read(dataset / f"{stem}_motion.tsv", header=None)
    onsets = [event.time_s - motion[1].min() for event in found]
    assert list(events["onset"].astype(float)) == onsets


def test_scans_hold_the_time_of_the_first_sample(dataset: Path) -> None:
    for stem, feed in ((A, "a"), (B, "b")):
        subject = Path(stem).parts[0]
        scans = read(dataset / subject / f"{subject}_scans.tsv")
        assert list(scans["filename"]) == [f"{stem.partition('/')[2]}_motion.tsv"]
        first = min(pose.time for each, pose in poses() if each == feed)
        taken = datetime.fromisoformat(scans["acq_time"][0])
        began = datetime.fromisoformat("2026-11-23T09:15:02Z")
        assert (taken - began).total_seconds() == pytest.approx(first, abs=1e-6)


def test_participants_are_the_two_people(dataset: Path) -> None:
    people = read(dataset / "participants.tsv")
    assert people.to_numpy().tolist() == [
        ["sub-Anna", "Änna", "A"],
        ["sub-BenBo", "Ben & <Bo>", "B"],
    ]


def test_derivative_holds_every_score(recording: Recording, dataset: Path) -> None:
    table, timeline = read(dataset / f"{SCORES}.tsv", na_values="n/a"), recording.timeline()
    assert tuple(table.columns) == COLUMNS
    assert list(table["state"]) == list(timeline.state)
    for name in COLUMNS:
        if name not in LEVELS:
            assert np.array_equal(table[name].astype(float), timeline[name], equal_nan=True), name
    about = json.loads((dataset / f"{SCORES}.json").read_text(encoding="utf-8"))
    assert tuple(about) == COLUMNS
    assert about["relative_phase_deg"]["Units"] == "degrees"
    described = json.loads((dataset / "derivatives/mirror/dataset_description.json").read_bytes())
    assert described["DatasetType"] == "derivative"
    assert described["GeneratedBy"][0]["Name"] == "mirror"


def test_times_of_a_part_count_from_its_first_sample(recording: Recording, folder: Path) -> None:
    export(recording, "tsv-bids", folder / "part", start=1.0, end=3.0)
    assert errors(folder / "part") == []
    motion = read(folder / "part" / f"{A}_motion.tsv", header=None)
    wanted = [pose.time for feed, pose in poses() if feed == "a" and 1.0 <= pose.time <= 3.0]
    assert list(motion[1]) == wanted
    assert motion[0][0] == 0.0
    events = read(folder / "part" / f"{A}_events.tsv")
    assert list(events["session_time"]) == [1.2, 2.0]
    assert list(events["onset"]) == [1.2 - wanted[0], 2.0 - wanted[0]]


def test_leaves_out_person_without_frames(make: MakeRecording, folder: Path) -> None:
    only = [(feed, pose) for feed, pose in poses() if feed == "b"]
    export(make(frames=only), "tsv-bids", folder / "study")
    assert errors(folder / "study") == []
    assert [each.name for each in (folder / "study").glob("sub-*")] == ["sub-BenBo"]


def test_single_frame_has_the_nominal_rate(make: MakeRecording, folder: Path) -> None:
    frames = [("a", Pose(0.5, None, None, 8, 6)), ("b", Pose(0.5, None, None, 8, 6))]
    export(make(frames=frames), "tsv-bids", folder / "study")
    about = json.loads((folder / "study" / f"{A}_motion.json").read_bytes())
    assert about["SamplingFrequency"] == 30.0
    assert errors(folder / "study") == []


def test_replaces_folder_only_if_it_holds_no_other_file(
    recording: Recording, dataset: Path
) -> None:
    with pytest.raises(ExportError, match=r"study exists; .*--force"):
        export(recording, "tsv-bids", dataset)
    (dataset / "participants.tsv").write_text("old")
    export(recording, "tsv-bids", dataset, replace=True)
    assert (dataset / "participants.tsv").read_text(encoding="utf-8").startswith("participant_id")
    own = dataset / "sub-Anna" / "eeg" / "precious.edf"
    own.parent.mkdir()
    own.write_text("precious")
    with pytest.raises(ExportError, match=r"sub-Anna.eeg.precious\.edf in it would be lost"):
        export(recording, "tsv-bids", dataset, replace=True)
    assert own.read_text() == "precious"
    assert [each.name for each in dataset.parent.iterdir()] == ["study"]


def test_rejects_file_as_folder(recording: Recording, folder: Path) -> None:
    (folder / "study").write_text("precious")
    with pytest.raises(ExportError, match="study is a file"):
        export(recording, "tsv-bids", folder / "study", replace=True)
    assert (folder / "study").read_text() == "precious"


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.text(CHARACTERS, max_size=12) | st.text("\\ntr/a'=\t\r\n", max_size=8), max_size=20)
)
def test_reads_back_any_text_from_one_cell(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("texts")
    with Recorder(folder / "s.mirror", {}) as recorder:
        recorder.add_pose("a", Pose(0.0, None, None, 8, 6))
        for said in texts:
            recorder.add_event(Event(1.5, "mark", said))
    with Recording.open(recorder.path) as opened:
        export(opened, "tsv-bids", folder / "s")
    path = folder / "s/sub-A/motion/sub-A_task-interaction_tracksys-A_events.tsv"
    lines = path.read_bytes().decode().split("\n")
    cells = [line.split("\t")[3] for line in lines[1:-1]]
    assert [text(cell) for cell in cells] == texts
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
