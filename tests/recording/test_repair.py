"""Who was who, said by hand afterwards."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from mirror import Recording, State
from mirror.errors import RecordingError, SourceError
from mirror.landmarks import Feed, Pose
from mirror.recording.repair import Repair
from mirror.recording.rescore import rescore, score_again
from tests.support.recordings import make_recording


def poses(recording: Recording) -> dict[Feed, list[Pose]]:
    found: dict[Feed, list[Pose]] = {"a": [], "b": []}
    for feed, pose in recording.poses():
        found[feed].append(pose)
    return found


def same(one: Pose, other: Pose) -> bool:
    return np.array_equal(one.landmarks, other.landmarks)  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return make_recording(tmp_path / "s.mirror", unsure=[[11.0, 14.0], [16.0, None]])


def test_exchange_swaps_a_and_b_and_makes_it_sure(path: Path) -> None:
    with Recording.open(path) as recording:
        before = poses(recording)
        recording.repairs = (Repair("exchange", 12.0, 15.0),)
        after = poses(recording)
        assert recording.unsure.spans == [(11.0, 12.0), (16.0, math.inf)]
        for own, a, b in zip(before["a"], after["a"], after["b"], strict=True):
            inside = 12.0 <= own.time < 15.0
            assert same(own, b if inside else a)
            at = recording.pose_at("b" if inside else "a", own.time)
            assert at is not None
            assert same(own, at)


def test_two_exchanges_undo_each_other(path: Path) -> None:
    with Recording.open(path) as recording:
        before = recording.pose_arrays()
        recording.repairs = (Repair("exchange", 3.0), Repair("exchange", 3.0))
        after = recording.pose_arrays()
    assert np.array_equal(before.is_b, after.is_b)
    assert np.array_equal(before.joints, after.joints)


def test_somebody_else_is_left_out(path: Path) -> None:
    with Recording.open(path) as recording:
        recording.repairs = (Repair("exchange", 2.0, 4.0), Repair("not_a", 3.0, 5.0))
        after = poses(recording)
        gone = [pose.time for pose in after["a"] if not pose.found]
        assert gone == pytest.approx([k / 15 for k in range(45, 75)])
        assert all(pose.found for pose in after["b"])
        assert recording.unsure.spans == [(11.0, 14.0), (16.0, math.inf)]


def test_rescored_recording_keeps_the_repair(path: Path, tmp_path: Path) -> None:
    repair = Repair("exchange", 11.0)
    with Recording.open(path) as recording:
        recording.repairs = (repair,)
        expected = score_again(recording, recording.settings_history, lambda *_: None)
        timeline, new = rescore(recording, tmp_path / "new.mirror", recording.settings_history)
        after = poses(recording)
        history = recording.settings_history
    assert timeline.equals(expected)
    assert State.UNSURE not in timeline.state[timeline.time_s > 11.0]
    with Recording.open(new) as again:
        assert again.session["repairs"] == [{"what": "exchange", "start_s": 11.0, "end_s": None}]
        assert [event.text for event in again.events() if event.kind == "repaired"] == [
            "A and B were exchanged by hand"
        ]
        assert all(map(same, poses(again)["a"], after["a"]))
        assert score_again(again, history, lambda *_: None).equals(timeline)


def test_stretches_are_written_as_in_sources() -> None:
    assert Repair.exchange("12.5,0:00:20") == Repair("exchange", 12.5, 20.0)
    assert Repair.exchange("3") == Repair("exchange", 3.0, math.inf)
    assert Repair("not_b", 1.0, 2.0).describe() == "B was said to be somebody else until 2.00 s"
    with pytest.raises(SourceError, match="exchange 5,2: ends before it starts"):
        Repair.exchange("5,2")


def test_damaged_unsure_stretches_are_named(tmp_path: Path) -> None:
    path = make_recording(tmp_path / "s.mirror", unsure=[[3.0, 1.0]])
    with (
        Recording.open(path) as recording,
        pytest.raises(RecordingError, match="damaged: its unsure stretches"),
    ):
        list(recording.poses())
