"""Landmarks as CSV, read with pandas."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mirror import Landmark, Pose, Recording
from mirror.errors import ExportError
from mirror.export import export
from tests.support.talk import MakeRecording, poses


def test_pandas_reads_every_landmark(recording: Recording, folder: Path) -> None:
    export(recording, "landmarks-csv", folder / "talk.csv")
    table = pd.read_csv(folder / "talk.csv")
    recorded = list(recording.poses())
    assert list(table["feed"]) == [feed for feed, _ in recorded]
    assert list(table["time_s"]) == [pose.time for _, pose in recorded]
    assert list(zip(table["width"], table["height"], strict=True)) == [
        (pose.width, pose.height) for _, pose in recorded
    ]
    values = table.iloc[:, 4:].to_numpy(float).astype(np.float32).reshape(-1, 33, 4)
    for read, (_, pose) in zip(values, recorded, strict=True):
        if pose.landmarks is None:
            assert np.isnan(read).all()
        else:
            assert np.array_equal(read, pose.landmarks)


def test_columns_are_named_after_landmarks(recording: Recording, folder: Path) -> None:
    export(recording, "landmarks-csv", folder / "talk.csv")
    table = pd.read_csv(folder / "talk.csv")
    first = next(pose for _, pose in recording.poses())
    assert first.landmarks is not None
    wrist = first.landmarks[Landmark.LEFT_WRIST]
    for value, name in zip(wrist, ("x", "y", "z", "visibility"), strict=True):
        assert np.float32(table[f"left_wrist_{name}"][0]) == value
    about = json.loads((folder / "talk.csv.json").read_text(encoding="utf-8"))
    assert list(about["tables"]["talk.csv"]) == list(table.columns)
    assert about["tables"]["talk.csv"]["left_wrist_y"]["units"] == "picture heights"


def test_reads_back_extreme_numbers(make: MakeRecording, folder: Path) -> None:
    landmarks = np.full((33, 4), 0.1, np.float32)
    edge = [1e-38, -1e-45, 0.0, -0.0, 1 / 3, 987.654321, -1.0000001]
    landmarks[: len(edge), 0] = edge
    export(make(frames=[("a", Pose(0.5, landmarks, None, 8, 6))]), "landmarks-csv", folder / "t")
    table = pd.read_csv(folder / "t")
    read = table.iloc[:, 4:].to_numpy(float).astype(np.float32).reshape(33, 4)
    assert np.array_equal(read, landmarks)


def test_exports_the_frames_of_a_part(recording: Recording, folder: Path) -> None:
    export(recording, "landmarks-csv", folder / "talk.csv", start=1.0, end=2.0)
    times = pd.read_csv(folder / "talk.csv")["time_s"]
    wanted = [pose.time for _, pose in poses() if 1.0 <= pose.time <= 2.0]
    assert len(wanted) > 10
    assert list(times) == wanted


@pytest.mark.parametrize("kind", ["landmarks-csv", "landmarks-parquet", "tsv-bids"])
def test_rejects_recording_of_plain_series(make: MakeRecording, folder: Path, kind: str) -> None:
    with pytest.raises(ExportError, match=r"talk\.mirror has no landmarks .*as CSV"):
        export(make(frames=[]), kind, folder / "talk")
    assert list(folder.iterdir()) == []
