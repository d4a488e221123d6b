"""The sample recording: small, complete, and scored as its script says."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mirror import Recording, Settings, State, Timeline
from mirror.capture.synthetic.demo import SCRIPT, Scene
from mirror.recording.playback import Replay
from mirror.recording.rescore import score_again
from mirror.summary import has_lag
from mirror.timeline import COLUMNS, LEVELS
from tests.support.commands import run_here

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "recordings" / "sample.mirror"
FADE = 1.0
"""Seconds at the start of a scene that blend with the one before."""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recording]:
    copy = tmp_path_factory.mktemp("sample") / SAMPLE.name
    shutil.copy(SAMPLE, copy)
    with Recording.open(copy) as recording:
        yield recording


def scene_rows(sample: Recording, name: str) -> Timeline:
    """Return the rows whose whole window lies in one scene."""
    scene = next(each for each in SCRIPT if each.name == name)
    events = [event for event in sample.events() if event.kind == "truth"]
    starts = [event.time_s for event in events]
    number = [event.text for event in events].index(scene.text)
    end = [*starts[1:], sample.duration][number]
    rows = sample.timeline().between(starts[number] + FADE + sample.settings.window, end)
    assert len(rows) >= 10
    return rows


def scenes(*, phase: bool = False) -> list[Scene]:
    known = [each for each in SCRIPT if (each.relative_phase_deg is not None) is phase]
    return known if phase else [each for each in known if each.lag_s is not None]


def test_sample_is_small_and_synthetic(sample: Recording) -> None:
    assert SAMPLE.stat().st_size < 1_000_000
    assert sample.session["sources"] == {"a": "demo:a", "b": "demo:b"}
    assert sample.settings == Settings()
    assert [event.text for event in sample.events()] == [scene.text for scene in SCRIPT]
    assert sample.session["quality"]["warnings"] == []


def test_sample_rescores_to_stored_rows(sample: Recording) -> None:
    again = score_again(sample, sample.settings_history, lambda _done, _total: None)
    stored = sample.timeline()
    assert np.array_equal(again.state, stored.state)
    whole = np.minimum(stored.tracked_a, stored.tracked_b) == 1.0
    for name in COLUMNS:
        # Since it was recorded, postures are compared in another way.
        if name not in LEVELS and "posture" not in name:
            # Since it was recorded, levels of rows with missing ticks follow what is missing.
            rows = whole if name.startswith("chance") else slice(None)
            # Other versions and processors sum in another order.
            digits = 1e-10 if name.endswith("_deg") else 1e-12
            assert np.allclose(
                again[name][rows], stored[name][rows], rtol=0, atol=digits, equal_nan=True
            ), name


@pytest.mark.parametrize("scene", scenes(phase=True), ids=lambda scene: scene.name)
def test_relative_phase_matches_script(sample: Recording, scene: Scene) -> None:
    rows = scene_rows(sample, scene.name)
    assert scene.relative_phase_deg is not None
    apart = np.exp(1j * np.radians(rows.relative_phase_deg - scene.relative_phase_deg))
    assert np.abs(np.angle(apart, deg=True)).max() < 10
    assert rows.coherence.min() > 0.85
    cosine = np.cos(np.radians(scene.relative_phase_deg))
    assert rows.in_phase == pytest.approx(np.full(len(rows), max(0.0, cosine)), abs=0.2)
    assert rows.anti_phase == pytest.approx(np.full(len(rows), max(0.0, -cosine)), abs=0.2)


def test_lag_matches_script(sample: Recording) -> None:
    (scene,) = scenes()
    rows = scene_rows(sample, scene.name)
    assert all(has_lag(row) for row in rows)
    assert np.median(rows.lag_s) == pytest.approx(scene.lag_s, abs=0.02)
    assert np.abs(rows.lag_s - scene.lag_s).max() < 0.1


def test_unrelated_still_and_absent_scenes(sample: Recording) -> None:
    unrelated = scene_rows(sample, "unrelated")
    assert set(unrelated.state) == {State.OK}
    assert np.median(unrelated.coherence) < 0.35
    assert np.median(unrelated.mirroring) < 0.5
    assert set(scene_rows(sample, "still").state) == {State.STILL}
    assert set(scene_rows(sample, "leaving").state) == {State.NO_PERSON_B}


def test_commands_accept_sample(tmp_path: Path, sample: Recording) -> None:
    before = sample.path.read_bytes()
    info = run_here("info", sample.path, folder=tmp_path)
    assert info.returncode == 0, info.stderr
    assert "Anna" in info.stdout
    assert "B follows A by 0.6 s" in info.stdout
    for kind in ("csv", "json", "landmarks-csv", "vtt"):
        found = run_here("export", sample.path, "--to", kind, "-o", f"s.{kind}", folder=tmp_path)
        assert found.returncode == 0, found.stderr
        assert (tmp_path / f"s.{kind}").stat().st_size > 1000
    with Replay.open(sample.path) as replay:
        for feed in ("a", "b"):
            assert len(replay.times(feed)) == 730
        seen = replay.pose("a", 30.0)
        assert seen is not None
        assert seen.landmarks is not None
        assert replay.warnings == []
    assert sample.path.read_bytes() == before


def test_only_sample_is_tracked_by_git(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    shutil.copy(ROOT / ".gitignore", tmp_path)
    folder = tmp_path / "recordings"
    folder.mkdir()
    shared = {"README.md", "sample.mirror"}
    private = {
        "2026-11-23_10-15-02.mirror",
        "sample-2.mirror",
        "sample.mirror-wal",
        "sample.video.mirror",
        "sample.a.mp4",
        "sample.csv",
    }
    for name in shared | private:
        (folder / name).touch()
    told = subprocess.run(
        ["git", "-C", tmp_path, "status", "--porcelain", "-uall"],
        check=True,
        capture_output=True,
        text=True,
    )
    found = {Path(line[3:]).name for line in told.stdout.splitlines() if "recordings/" in line}
    assert found == shared
