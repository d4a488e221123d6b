"""A recording read with B's times shifted equals one that was recorded so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mirror import Pose, Recording, Settings
from mirror.analysis.shared_rhythms import phase_and_rhythms
from mirror.landmarks import Feed
from mirror.recording.playback import Replay
from mirror.recording.provenance import describe_alignment
from mirror.recording.rescore import RecordedMovement, recorded_ticks, rescore, score_again
from mirror.recording.writer import Recorder
from mirror.timeline import Span
from tests.support.recordings import make_recording

OTHER = Settings(window=5.0)


def _written_shifted(source: Recording, path: Path, shift: float) -> Recording:
    """Return a recording whose poses were recorded with B that much later."""
    moved: list[tuple[Feed, Pose]] = [
        (feed, replace(pose, time=pose.time + shift) if feed == "b" else pose)
        for feed, pose in source.poses()
    ]
    moved = [each for each in sorted(moved, key=lambda each: each[1].time) if each[1].time >= 0]
    with Recorder(path, source.session) as recorder:
        for feed, pose in moved:
            recorder.add_pose(feed, pose)
    return Recording.open(path)


@pytest.mark.parametrize("shift", [-1 / 30, 2.5])
def test_shifted_reading_equals_a_shifted_recording(tmp_path: Path, shift: float) -> None:
    path = make_recording(tmp_path / "talk.mirror")
    with (
        Recording.open(path) as recording,
        _written_shifted(recording, tmp_path / "moved.mirror", shift) as expected,
    ):
        recording.shift_b = shift
        assert recording.pose_count == expected.pose_count
        assert [(feed, each.time) for feed, each in recording.poses()] == [
            (feed, each.time) for feed, each in expected.poses()
        ]
        timeline = score_again(expected, OTHER, lambda *_: None)
        assert score_again(recording, OTHER, lambda *_: None).equals(timeline)
        kept = RecordedMovement.read(recording, OTHER.rate)
        assert kept.score(OTHER, lambda *_: None).equals(timeline)
        ticks = zip(recorded_ticks(recording, OTHER), recorded_ticks(expected, OTHER), strict=True)
        assert all(one.time == other.time for one, other in ticks)
        for feed in ("a", "b"):
            times = expected.pose_times(feed, 5.0, 9.0)
            assert recording.pose_times(feed, 5.0, 9.0) == pytest.approx(times, abs=1e-12)
            for time_s in (0.7, 4.01, 11.3):
                one, other = recording.pose_at(feed, time_s), expected.pose_at(feed, time_s)
                assert (one is None) == (other is None)
                if one is not None and other is not None:
                    assert one.time == pytest.approx(other.time, abs=1e-12)
                    assert np.array_equal(np.asarray(one.landmarks), np.asarray(other.landmarks))
        assert recording.pose_at("b", -5.0) is None
        rows, saved = rescore(recording, tmp_path / "saved.mirror", OTHER)
        assert rows.equals(timeline)
    with Recording.open(saved) as again:
        assert again.session["alignment"] == {"shift_b_s": shift}
        words = "later" if shift > 0 else "earlier"
        said = f"B moved {abs(shift):.3f} s {words} by hand"
        assert describe_alignment(again.session) == said
        assert score_again(again, OTHER, lambda *_: None).equals(timeline)
        again.shift_b = 0.5
        _, twice = rescore(again, tmp_path / "twice.mirror", OTHER)
    with Recording.open(twice) as again:
        assert again.session["alignment"]["shift_b_s"] == pytest.approx(shift + 0.5)


def test_phases_are_not_those_of_the_stored_rows(tmp_path: Path) -> None:
    with Recording.open(make_recording(tmp_path / "talk.mirror")) as recording:
        settings, span = recording.settings, Span(2.0, 16.0)
        recording.shift_b = 0.4
        shifted, _ = phase_and_rhythms(recording, settings, span)
        _, saved = rescore(recording, tmp_path / "saved.mirror", settings)
    with Recording.open(saved) as moved:
        expected, _ = phase_and_rhythms(moved, settings, span)
    assert shifted.mean_deg == expected.mean_deg
    assert abs(shifted.mean_deg) > 45.0


def test_stored_frames_are_shifted_like_poses(tmp_path: Path) -> None:
    path = make_recording(tmp_path / "talk.mirror", with_video=True)
    with Replay.open(path) as replay:
        last = replay.frame("b", 0.9)
        assert last is not None
        assert replay.frame("b", 4.0) is None  # video of the first second alone
        replay.recording.shift_b = 3.0
        moved = replay.frame("b", 3.9)
        assert moved is not None
        assert np.array_equal(moved, last)
        assert replay.frame("b", 0.9) is None
        assert replay.frame("a", 0.9) is not None
