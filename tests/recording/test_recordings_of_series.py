"""Recordings of plain series in exports, reports, film and commands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mirror import Landmark, Pose, Recording, Settings
from mirror.errors import ExportError
from mirror.estimator.signals import Signals
from mirror.export import FORMATS, export
from mirror.export.film.frames import Frames
from mirror.export.film.layout import PERSON_BOXES, TimeAxis
from mirror.landmarks import Feed
from mirror.recording.playback import Replay
from mirror.report.methods_paragraph import methods_text
from tests.support.commands import error_line, run_here
from tests.support.people import pose
from tests.support.recordings import DURATION_S, breathing_poses, make_series_recording
from tests.support.reports import draw_nothing, page

BELTS = Signals(("chest [mm]", "胸, unten"), ("1", "2"))
SCORES = [name for name in FORMATS if not name.startswith("landmarks") and name != "tsv-bids"]
LANDMARKS = [name for name in FORMATS if name not in SCORES]


@pytest.fixture(scope="module")
def belts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("belts") / "belts.mirror"
    return make_series_recording(path, BELTS, breathing_poses(channels=2))


def body_and_belt() -> Iterator[tuple[Feed, Pose]]:
    """A has a camera, B a wrist sensor whose signal fails for a moment."""
    for feed, each in breathing_poses(30.0):
        if feed == "b":
            yield "a", pose(each.time, {Landmark.LEFT_WRIST: (0.0, 0.05 * np.sin(4 * each.time))})
            series = None if 5.0 < each.time < 5.1 else np.array([20 * np.sin(4 * each.time)])
            yield "b", Pose(each.time, None, None, 1000, 1000, series)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mixed") / "mixed.mirror"
    model = {"model": {"name": "pose_landmarker_full", "sha256": "0123456789abcdef"}}
    sources = {"sources": {"a": "0", "b": "lsl:wrist"}}
    used = Settings(window=4.0, mapping="same-side")
    signals = Signals(b=("left_wrist_y",))
    return make_series_recording(path, signals, body_and_belt(), used, **model, **sources)


def test_both_recordings_score_in_phase(belts: Path, mixed: Path) -> None:
    for path in (belts, mixed):
        with Recording.open(path) as recording:
            timeline = recording.timeline()
        scored = timeline.state == "ok"
        assert scored.mean() > 0.5
        assert timeline.in_phase[scored].min() > 0.99


@pytest.mark.parametrize("kind", SCORES)
@pytest.mark.parametrize("which", ["belts", "mixed"])
def test_exports_scores_in_every_format(
    which: str, kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    target = tmp_path / f"out{FORMATS[kind].suffix}"
    with Recording.open(request.getfixturevalue(which)) as recording:
        export(recording, kind, target, start=4.0, end=6.0)
    assert target.stat().st_size > 100


def test_export_names_compared_channels(belts: Path, tmp_path: Path) -> None:
    with Recording.open(belts) as recording:
        export(recording, "csv", tmp_path / "out.csv")
    about = json.loads((tmp_path / "out.csv.json").read_text(encoding="utf-8"))
    assert about["signals"] == {"a": list(BELTS.a or ()), "b": list(BELTS.b or ())}
    assert "in the unit of the series" in json.dumps(about)


@pytest.mark.parametrize("kind", LANDMARKS)
def test_series_have_no_landmarks_to_export(kind: str, belts: Path, tmp_path: Path) -> None:
    with (
        Recording.open(belts) as recording,
        pytest.raises(ExportError, match="has no landmarks there"),
    ):
        export(recording, kind, tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_exports_landmarks_of_the_body_only(mixed: Path, tmp_path: Path) -> None:
    with Recording.open(mixed) as recording:
        export(recording, "landmarks-csv", tmp_path / "out.csv")
        export(recording, "tsv-bids", tmp_path / "bids")
    table = pd.read_csv(tmp_path / "out.csv")
    assert set(table["feed"]) == {"a"}
    assert len(table) == 30 * DURATION_S
    assert [each.name for each in (tmp_path / "bids").glob("sub-*")] == ["sub-Anna"]


def test_methods_paragraph_names_what_was_compared(belts: Path, mixed: Path) -> None:
    with Recording.open(belts) as recording:
        text = methods_text(recording)
    assert "two series, one of each person" in text
    assert "of A: chest [mm], 胸, unten; of B: 1, 2" in text
    for word in ("video", "MediaPipe", "landmark", "shoulder", "left and right"):
        assert word not in text
    with Recording.open(mixed) as recording:
        text = methods_text(recording)
    assert "a video feed of person A and a series of person B" in text
    assert re.search("MediaPipe .* 0123456789ab…. gave 33 body landmarks per frame of A", text)
    assert "channels of the series (left_wrist_y)" in text
    assert "\n" not in text


def test_writes_reports(belts: Path, mixed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (mixed, belts):
        report = page(path)
        assert "Each sample of a stream counts as a frame" in report.text
        draw_nothing(monkeypatch)  # tests/cli/test_studies.py draws those of two series


def test_commands_on_series(belts: Path, mixed: Path, tmp_path: Path) -> None:
    output = run_here("info", belts, folder=tmp_path).stdout
    assert "1000 samples of chest [mm], 胸, unten, 95 % of them complete" in " ".join(
        output.split()
    )
    output = " ".join(run_here("info", mixed, folder=tmp_path).stdout.split())
    assert "600 frames, a person in 100 % of them" in output
    assert "600 samples of left_wrist_y" in output
    for path in (belts, mixed):
        assert "circular mean +0°" in run_here("phase", path, folder=tmp_path).stdout
        assert "in phase" in run_here("test", path, "--surrogates", "50", folder=tmp_path).stdout
    done = run_here("rescore", mixed, "--method", "rmea", folder=tmp_path)
    assert "compares a body with a series" in error_line(done)
    done = run_here("test", "--null", "pseudo-pairs", "--any-role", belts, belts, folder=tmp_path)
    assert "no mirror image" in error_line(done)


def test_film_labels_series_with_missing_sample(mixed: Path) -> None:
    box = PERSON_BOXES["b"]
    with Replay.open(mixed) as replay:
        frames = Frames(replay, TimeAxis(0.0, replay.duration))
        there, missing = (frames.draw(time)[box.slices].copy() for time in (4.0, 5.05))
    assert np.array_equal(there, missing)
