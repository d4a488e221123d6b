"""Exports read back with another program's reader."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from mirror import Recording, Score, State
from mirror.errors import ExportError
from mirror.exports import export
from mirror.recorder import Recorder
from mirror.timeline import COLUMNS


@pytest.fixture
def recording(tmp_path: Path):
    rows = [
        Score(0.0, State.WARMING_UP, tracked_a=1.0),
        Score(0.1, State.OK, in_phase=1 / 3, lag_s=-0.1, coherence_legs=0.25),
    ]
    with Recorder(tmp_path / "s.mirror", {}) as recorder:
        recorder.add_scores(rows)
    with Recording.open(recorder.path) as opened:
        yield opened


def test_csv_holds_every_value_exactly(recording: Recording, tmp_path: Path) -> None:
    export(recording, "csv", tmp_path / "s.csv")
    with (tmp_path / "s.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    assert tuple(header) == COLUMNS
    assert header[:8] == (
        [
            "time_s",
            "state",
            "in_phase",
            "anti_phase",
            "coherence",
            "relative_phase_deg",
            "mirroring",
            "lag_s",
        ]
    )
    timeline = recording.timeline()
    assert len(rows) == len(timeline)
    for name, column in zip(header, zip(*rows, strict=True), strict=True):
        if name == "state":
            assert list(column) == ["warming_up", "ok"]
        else:
            read = np.array([float(value) if value else np.nan for value in column])
            assert np.array_equal(read, timeline[name], equal_nan=True)


def test_a_file_that_exists_is_only_replaced_when_told(
    recording: Recording, tmp_path: Path
) -> None:
    path = tmp_path / "precious.csv"
    path.write_text("precious")
    with pytest.raises(ExportError, match="--force"):
        export(recording, "csv", path)
    assert path.read_text() == "precious"
    export(recording, "csv", path, replace=True)
    assert path.read_text().startswith("time_s,")
    assert not [each for each in tmp_path.iterdir() if each.name.startswith(".")]


def test_what_cannot_be_written_is_said(recording: Recording, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="known are csv"):
        export(recording, "docx", tmp_path / "s.docx")
    with pytest.raises(ExportError, match="No such file or directory; choose another place"):
        export(recording, "csv", tmp_path / "nowhere" / "s.csv")


def read_times(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row["time_s"] for row in csv.DictReader(file)]


@pytest.mark.parametrize(
    ("part", "rows"),
    [
        ({}, ["0.0", "0.1"]),
        ({"start": 0.05}, ["0.1"]),
        ({"end": 0.0}, ["0.0"]),
        ({"start": 0.0, "end": 0.1}, ["0.0", "0.1"]),
        ({"start": 0.1, "end": 0.1}, ["0.1"]),
    ],
)
def test_a_part_can_be_exported(
    recording: Recording, tmp_path: Path, part: dict[str, float], rows: list[str]
) -> None:
    export(recording, "csv", tmp_path / "s.csv", **part)
    assert read_times(tmp_path / "s.csv") == rows


@pytest.mark.parametrize("part", [{"start": 0.2}, {"end": -1.0}, {"start": 0.1, "end": 0.0}])
def test_a_part_without_a_row_is_said(
    recording: Recording, tmp_path: Path, part: dict[str, float]
) -> None:
    with pytest.raises(ExportError, match=r"its rows are from 0 to 0\.1 s"):
        export(recording, "csv", tmp_path / "s.csv", **part)
    assert not (tmp_path / "s.csv").exists()
