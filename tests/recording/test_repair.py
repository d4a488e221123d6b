"""Who was who, said by hand afterwards."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mirror import Recording, State
from mirror.errors import RecordingError, SourceError
from mirror.estimator.unsure import Span, Unsure
from mirror.landmarks import Feed, Pose
from mirror.recording.repair import Repair, repair_at, repair_unsure
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
        marks = [(12.0, 12.0), (15.0, 15.0)]
        assert recording.unsure.spans == [(11.0, 12.0), *marks, (16.0, math.inf)]
        for own, a, b in zip(before["a"], after["a"], after["b"], strict=True):
            inside = 12.0 <= own.time < 15.0
            assert same(own, b if inside else a)
            at = recording.pose_at("b" if inside else "a", own.time)
            assert at is not None
            assert same(own, at)
            assert at.unsure == (11.0 <= own.time < 12.0 or own.time >= 16.0)


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
        marks = [(2.0, 2.0), (4.0, 4.0)]
        assert recording.unsure.spans == [*marks, (11.0, 14.0), (16.0, math.inf)]


def test_several_people_are_left_out(path: Path) -> None:
    every = (Repair("not_a", 1.0, 2.0), Repair("not_b", 3.0, 4.0), Repair("not_a", 15.0))
    with Recording.open(path) as recording:
        for count in (1, 2, 3):
            recording.repairs = every[:count]
            after = poses(recording)
            for pose in after["a"]:
                assert pose.found != (1 <= pose.time < 2 or (count == 3 and pose.time >= 15))
            for pose in after["b"]:
                assert pose.found != (count > 1 and 3 <= pose.time < 4)
            stored = recording.pose_at("b", 3.5)
            assert stored is not None
            assert stored.found == (count == 1)


@pytest.mark.untraced
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 20)), min_size=30, max_size=40))
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_many_exchanges_are_those_of_each_pose(path: Path, every: list[tuple[int, int]]) -> None:
    with Recording.open(path) as recording:
        before = poses(recording)
        recording.repairs = tuple(Repair("exchange", at, at + length) for at, length in every)
        after = poses(recording)
    for own, now in zip(before["a"], zip(after["a"], after["b"], strict=True), strict=True):
        count = sum(at <= own.time < at + length for at, length in every)
        assert same(own, now[count % 2])


@pytest.mark.parametrize(
    ("repair", "left"),
    [
        (Repair("exchange", 12.5), [(11.0, 12.5), (12.5, 12.5), (16.0, math.inf)]),
        (Repair("exchange", 5.0), [(5.0, 5.0), (11.0, 14.0), (16.0, math.inf)]),
        (Repair("exchange", 5.0, 15.0), [(5.0, 5.0), (15.0, 15.0), (16.0, math.inf)]),
        (Repair("exchange", 5.0, 13.0), [(5.0, 5.0), (11.0, 14.0), (16.0, math.inf)]),
        (Repair("exchange", 17.0), [(11.0, 14.0), (16.0, 17.0), (17.0, 17.0)]),
        (Repair("sure", 5.0), []),
    ],
)
def test_exchange_decides_no_later_stretch(repair: Repair, left: list[Span]) -> None:
    unsure = Unsure([(11.0, 14.0), (16.0, math.inf)])
    assert repair_unsure([repair], unsure).spans == left


def test_rescored_recording_keeps_the_repair(path: Path, tmp_path: Path) -> None:
    repair = Repair("exchange", 11.0)
    with Recording.open(path) as recording:
        recording.repairs = (repair,)
        expected = score_again(recording, recording.settings_history, lambda *_: None)
        timeline, new = rescore(recording, tmp_path / "new.mirror", recording.settings_history)
        after = poses(recording)
        history = recording.settings_history
    assert timeline.equals(expected)
    is_unsure = timeline.state == State.UNSURE
    moved = (timeline.time_s >= 11.0) & (timeline.time_s < 11.0 + history.last.window)
    assert is_unsure[moved].all()
    assert not is_unsure[~moved & (timeline.time_s < 16.0)].any()
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


def nose_of_a(recording: Recording, time_s: float) -> tuple[float, float]:
    """Return where A's nose is in the frame, pixels."""
    pose = recording.pose_at("a", time_s)
    assert pose is not None
    assert pose.landmarks is not None
    x, y = pose.landmarks[0, :2] * (pose.width, pose.height)
    return x, y


def test_click_at_an_exchange_answers_for_what_follows(tmp_path: Path) -> None:
    path = make_recording(tmp_path / "s.mirror", unsure=[[4.0, 4.0]])
    with Recording.open(path) as recording:
        nose = nose_of_a(recording, 4.0)
        assert repair_at(recording, 4.0, nose, "b", None) == Repair("exchange", 4.0)
        assert repair_at(recording, 4.0, nose, "a", None) is None


def test_exchange_that_was_noticed_too_late_moves_to_where_it_belongs() -> None:
    unsure = Unsure([(3.0, 4.0), (4.0, 4.0), (9.0, 9.0), (12.0, 12.0)])
    repaired = repair_unsure([Repair("exchange", 6.0, 9.0), Repair("sure", 2.0)], unsure)
    assert repaired.spans == [(4.0, 4.0), (6.0, 6.0), (12.0, 12.0)]


def test_doubt_is_no_exchange_however_short(tmp_path: Path) -> None:
    path = make_recording(tmp_path / "s.mirror", unsure=[[4.0, 4.2]])
    with Recording.open(path) as recording:
        nose = nose_of_a(recording, 4.1)
        assert repair_at(recording, 4.1, nose, "a", None) == Repair("sure", 4.0, 4.2)
        every = recording.unsure
    assert repair_unsure([Repair("sure", 3.0, 6.0)], every).spans == []
    left = repair_unsure([Repair("exchange", 3.0, 6.0)], every).spans
    assert left == [(3.0, 3.0), (6.0, 6.0)]


def test_exchange_in_place_of_one_that_ended_doubt_moves_it() -> None:
    unsure = Unsure([(3.0, 4.0), (4.0, 4.0)])
    assert repair_unsure([Repair("exchange", 3.0, 4.0)], unsure).spans == [(3.0, 3.0)]


def test_damaged_unsure_stretches_are_named(tmp_path: Path) -> None:
    path = make_recording(tmp_path / "s.mirror", unsure=[[3.0, 1.0]])
    with (
        Recording.open(path) as recording,
        pytest.raises(RecordingError, match="damaged: its unsure stretches"),
    ):
        list(recording.poses())
