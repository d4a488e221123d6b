"""Recordings that were copied only in part are read up to where they end."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import pytest

from mirror import Event, Pose, Recording, Score, State
from mirror.errors import RecordingError
from mirror.export import export
from mirror.recording.writer import Recorder

SECONDS = 120


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a recording whose tables grew together and have several levels of pages."""
    path = tmp_path_factory.mktemp("torn") / "whole.mirror"
    rng = np.random.default_rng(2)
    with Recorder(path, {"labels": {"a": "Anna", "b": "Ben"}}) as recorder:
        for n in range(SECONDS * 30):
            pose = Pose(n / 30, rng.random((33, 4), np.float32), None, 640, 480)
            recorder.add_pose("a", pose)
            if n % 3 == 0:
                recorder.add_scores([Score(n / 30, State.OK, in_phase=0.5)])
            if n % 300 == 0:
                recorder.add_event(Event(n / 30, "mark", "bell"))
    return path


def test_what_is_before_the_tear_is_copied(whole: Path, tmp_path: Path) -> None:
    """A torn file is read from a temporary copy, which cannot be attached."""
    torn = tmp_path / "torn.mirror"
    content = whole.read_bytes()
    torn.write_bytes(content[: len(content) // 8])
    with Recording.open(torn) as recording, Recorder(tmp_path / "copy.mirror", {}) as recorder:
        recorder.copy_poses(recording, recording.pose_count)
        expected = [(feed, pose.time) for feed, pose in recording.poses()]
    with Recording.open(tmp_path / "copy.mirror") as copied:
        assert [(feed, pose.time) for feed, pose in copied.poses()] == expected
    assert len(expected) > 100


@pytest.mark.parametrize(
    "share",
    [0.15, *(pytest.param(each, marks=pytest.mark.untraced) for each in (0.5, 0.77, 0.999))],
)
def test_reads_what_is_before_the_tear(whole: Path, tmp_path: Path, share: float) -> None:
    content = whole.read_bytes()
    torn = tmp_path / "torn.mirror"
    torn.write_bytes(content[: int(len(content) * share)])
    before = torn.read_bytes()
    with Recording.open(torn) as recording, Recording.open(whole) as original:
        poses, rows = list(recording.poses()), recording.timeline()
        seconds = SECONDS * share
        assert poses[-1][1].time == pytest.approx(seconds, abs=8)
        assert rows.time_s[-1] == pytest.approx(seconds, abs=8)
        assert rows.equals(original.timeline().between(0, rows.time_s[-1]))
        for (_, pose), (_, expected) in zip(poses, original.poses(), strict=False):
            assert pose.time == expected.time
            assert np.array_equal(pose.landmarks, expected.landmarks)  # type: ignore[arg-type]
        assert recording.session["labels"] == {"a": "Anna", "b": "Ben"}
        (said,) = [each.text for each in recording.events() if each.kind == "warning"]
        assert said.startswith(
            f"the file is torn: it holds landmarks up to {poses[-1][1].time:.1f} s and scores "
            f"up to {rows.time_s[-1]:.1f} s"
        )
        export(recording, "csv", tmp_path / "torn.csv")
    assert torn.read_bytes() == before
    assert {each.name for each in tmp_path.iterdir()} >= {"torn.mirror", "torn.csv"}
    assert not list(tmp_path.glob("torn.mirror-*"))


def test_a_file_torn_before_its_tables_is_damaged(whole: Path, tmp_path: Path) -> None:
    torn = tmp_path / "torn.mirror"
    torn.write_bytes(whole.read_bytes()[:3000])
    with pytest.raises(RecordingError, match=r"damaged|malformed"):
        Recording.open(torn)


@pytest.mark.untraced
@pytest.mark.skipif(os.name != "posix", reason="Windows deletes no open file")
def test_leaves_no_copy_even_if_the_program_is_killed(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    torn = tmp_path / "torn.mirror"
    torn.write_bytes(whole.read_bytes()[:-20_000])
    with Recording.open(torn) as recording:
        assert list((tmp_path / "temporary").iterdir()) == []
        assert recording.counts()["a"][0] > 100
        assert len(list(recording.poses())) > 100
