"""Live sessions with failing feeds: events, status and recording."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mirror import Recording, Settings, State, Timeline
from mirror.capture.base import Frame
from mirror.capture.reconnect import ReconnectingSource, Reconnection
from mirror.errors import SourceError
from mirror.estimator.estimator import score_ticks
from mirror.recording.rescore import recorded_ticks
from mirror.session.feeds import AT_ITS_END
from mirror.session.live import LiveSession
from mirror.timeline import Score
from tests.support.fakes import RATE, Camera, FakeVideo, Waving, drive, recorder, steady
from tests.support.stage import ManualClock, Stage


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ManualClock:
    return ManualClock(monkeypatch)


def states(scores: list[Score], start: float, end: float) -> set[State]:
    return {score.state for score in scores if start <= score.time_s <= end}


def replayed(recording: Recording) -> Timeline:
    return score_ticks(recorded_ticks(recording, recording.settings), recording.settings)


def test_unplugged_camera_is_a_gap_and_two_events(clock: ManualClock, tmp_path: Path) -> None:
    stage = Stage(clock, tmp_path)
    stage.advance(3)
    stage.cameras["a"].trouble = "unplugged; waiting for it"
    stage.advance(5, "b")
    status = stage.session.status()
    assert status["a"].trouble == "unplugged; waiting for it"
    assert (status["a"].silent, status["a"].found, status["a"].ended) == (True, False, None)
    assert (status["b"].trouble, status["b"].found) == (None, True)
    stage.cameras["a"].trouble = None
    stage.advance(3)
    assert stage.session.status()["a"].trouble is None
    with stage.end() as recording:
        events = [(event.kind, event.text) for event in recording.events()]
        assert events == [
            ("warning", "A: unplugged; waiting for it"),
            ("warning", "A: frames arrive again, after 5 s"),
        ]
        assert [text for _, text in stage.events] == [text for _, text in events]
        assert [round(event.time_s) for event in recording.events()] == [4, 8]
        assert recording.counts()["b"][0] == 330
        assert recording.timeline().equals(Timeline.from_scores(stage.scores))
        assert replayed(recording).equals(recording.timeline())
    assert states(stage.scores, 2.1, 3) == {State.OK}
    assert states(stage.scores, 4.5, 8) == {State.GAP}
    assert states(stage.scores, 10.5, 11) == {State.OK}
    assert stage.session.warnings == []  # solved troubles are not repeated at the end


def test_missing_first_frame_is_reported(clock: ManualClock, tmp_path: Path) -> None:
    stage = Stage(clock, tmp_path)
    stage.advance(8, "a")
    status = stage.session.status()["b"]
    assert status.trouble is not None
    assert status.trouble.startswith("no frames for ")
    assert [text for _, text in stage.events] == ["B: no frames for 5 s"]
    with stage.end() as recording:
        assert recording.counts()["a"][0] == 240
    assert states(stage.scores, 3, 8) == {State.GAP}


def test_slow_camera_is_reported_and_still_scored(clock: ManualClock, tmp_path: Path) -> None:
    stage = Stage(clock, tmp_path)
    stage.advance(3)
    for _ in range(75):
        stage.advance(1 / RATE)
        stage.advance(2 / RATE, "b")
    status = stage.session.status()["a"]
    assert (status.trouble, status.silent, status.found) == (
        "10 instead of 30 frames/s",
        False,
        True,
    )
    assert len(stage.events) == 1
    assert "instead of 30 frames/s" in stage.events[0][1]
    stage.end().close()
    assert states(stage.scores, 2.1, 10) == {State.OK}


def test_session_waits_for_both_cameras_to_return(clock: ManualClock, tmp_path: Path) -> None:
    stage = Stage(clock, tmp_path)
    stage.advance(4)
    for camera in stage.cameras.values():
        camera.trouble = "unplugged; waiting for it"
    stage.advance(30, "")
    assert [text for _, text in stage.events] == [
        "A: unplugged; waiting for it",
        "B: unplugged; waiting for it",
    ]
    for camera in stage.cameras.values():
        camera.trouble = None
    stage.advance(4)
    with stage.end() as recording:
        assert replayed(recording).equals(recording.timeline())
    assert states(stage.scores, 6, 34) == {State.GAP}
    assert states(stage.scores, 37, 38) == {State.OK}


def test_trouble_is_reported_while_paused(clock: ManualClock, tmp_path: Path) -> None:
    stage = Stage(clock, tmp_path)
    stage.advance(2)
    stage.session.pause()
    stage.advance(4, "")
    assert sorted(text for _, text in stage.events) == [
        "",  # of the pause
        "A: no frames for 2 s",
        "B: no frames for 2 s",
    ]
    with stage.end() as recording:
        assert [event.kind for event in recording.events()] == ["pause", "warning", "warning"]


def test_resolution_change_is_no_movement(clock: ManualClock, tmp_path: Path) -> None:
    timelines = []
    for name, later in (("same", (4, 3)), ("twice", (8, 6)), ("four times", (16, 12))):
        (tmp_path / name).mkdir()
        clock.ticks = 0
        stage = Stage(clock, tmp_path / name)
        stage.advance(3)
        stage.advance(3, size=later)
        with stage.end() as recording:
            timelines.append(recording.timeline())
            assert replayed(recording).equals(recording.timeline())
            sizes = {(each.width, each.height) for _, each in recording.poses()}
            assert sizes == {(4, 3), later}
    assert State.OK in timelines[0].between(3.0, 6.0).state
    assert timelines[0].equals(timelines[1])
    assert timelines[0].equals(timelines[2])


def test_aspect_ratio_change_is_a_gap_and_no_movement(clock: ManualClock, tmp_path: Path) -> None:
    stage = Stage(clock, tmp_path)
    stage.advance(4)
    stage.advance(3, size=(16, 9))
    with stage.end() as recording:
        assert replayed(recording).equals(recording.timeline())
    assert states(stage.scores, 4.6, 4.9) == {State.GAP}
    assert states(stage.scores, 6.1, 7) == {State.OK}
    assert all(score.in_phase > 0.98 for score in stage.scores if score.state is State.OK)


def test_reconnected_source_keeps_session_running() -> None:
    lost, reopened = Camera(), Camera()
    reconnection = Reconnection(
        open=lambda: reopened, lost_text="connection lost; trying again", delays=(0.0,)
    )
    other = Camera()
    session = LiveSession(ReconnectingSource(lost, reconnection), other, Settings(), tracker=Waving)

    def condition() -> Iterator[bool]:
        lost.give()
        while session.status()["a"].frames < 1:
            yield False
        lost.give(SourceError("it broke off; check the network"))
        reopened.give()
        while session.status()["a"].frames < 2:
            other.give()
            yield False
        while True:
            yield True

    updates = drive(session, condition())
    assert updates[-1].time < 15
    assert session.status()["a"].ended is None
    assert session.warnings == []


def test_ended_video_is_reported_while_camera_continues() -> None:
    camera = Camera()
    session = LiveSession(FakeVideo(steady(0.2)), camera, Settings(), tracker=Waving)

    def condition() -> Iterator[bool]:
        while session.status()["a"].ended is None:
            yield False
        count = session.status()["b"].frames
        while session.status()["b"].frames == count:  # the other feed goes on
            camera.give()
            yield False
        while True:
            yield True

    drive(session, condition())
    assert session.status()["a"].ended == AT_ITS_END
    assert session.status()["a"].trouble is None


def test_hanging_close_does_not_delay_the_end(tmp_path: Path) -> None:
    release = threading.Event()

    class Blocking(FakeVideo):
        """A source whose read and close block."""

        def read(self) -> Frame | None:
            release.wait(30)
            return None

        def close(self) -> None:
            release.wait(30)

    other = Camera()
    session = LiveSession(
        Blocking(steady(1)), other, Settings(), tracker=Waving, recorder=recorder(tmp_path)
    )

    def condition() -> Iterator[bool]:
        while session.status()["b"].frames < 3:
            other.give()
            yield False
        while True:
            yield True

    drive(session, condition())
    assert not release.is_set()
    release.set()
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.counts()["b"][0] >= 3
        assert recording.session["quality"]["feeds"]["b"]["frames"] >= 3
