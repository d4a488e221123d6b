"""Live sessions with fake cameras and a fake MediaPipe: order, drops, failures, endings."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mirror import Pose, Recording, Settings, Timeline
from mirror.capture.base import Frame, Source
from mirror.capture.fanout import share
from mirror.capture.reconnect import ReconnectingSource, Reconnection
from mirror.capture.synthetic.demo import truth
from mirror.errors import CutOffError, SourceError
from mirror.estimator.estimator import score_ticks
from mirror.recording.rescore import recorded_ticks
from mirror.session.disk import DiskMonitor
from mirror.session.live import LiveSession
from mirror.session.offline import OfflineSession
from tests.support.fakes import RATE, Camera, FakeVideo, Waving, drive, recorder, steady


def test_bug_in_a_tracker_is_raised() -> None:
    class Broken(Waving):
        def track(self, frame: Frame) -> Pose:
            raise ZeroDivisionError(f"a bug at {frame.time}")

    for kind in (OfflineSession, LiveSession):
        session = kind(FakeVideo(steady(5)), FakeVideo(steady(5)), Settings(), tracker=Broken)
        with pytest.raises(ZeroDivisionError, match="a bug"):
            list(session.run())


def test_bug_in_a_source_is_raised() -> None:
    class Broken(FakeVideo):
        def read(self) -> Frame | None:
            raise ZeroDivisionError("a bug")

    session = LiveSession(Broken([]), FakeVideo(steady(5)), Settings(), tracker=Waving)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        list(session.run())


def test_frames_before_a_cut_are_tracked() -> None:
    cut = CutOffError("film is cut off at 0.1 s")
    session = LiveSession(FakeVideo([0.0, 0.1], cut), FakeVideo([0.0]), Settings(), tracker=Waving)
    list(session.run())
    status = session.status()["a"]
    assert (status.frames, status.dropped, status.ended) == (2, 0, str(cut))


def test_recorded_sources_play_at_their_own_pace_when_live() -> None:
    session = LiveSession(
        FakeVideo(steady(0.6)), FakeVideo(steady(0.6)), Settings(), tracker=Waving
    )
    started = time.monotonic()
    updates = list(session.run())
    assert time.monotonic() - started >= 17 / RATE  # the last frame is due then
    assert session.status()["a"].frames + session.status()["a"].dropped == 18
    assert session.status()["a"].ended == "at its end"
    assert updates[-1].pose is None


def test_live_session_marks_the_scenes_of_the_demo(tmp_path: Path) -> None:
    a, b = FakeVideo(steady(1)), FakeVideo(steady(1))
    a.text, b.text = "demo:a", "demo:b"
    session = LiveSession(a, b, Settings(), tracker=Waving, recorder=recorder(tmp_path))
    events = [event for update in session.run() for event in update.events]
    assert [(event.time_s, event.text) for event in events] == truth(0.5)
    assert events
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.events() == events


def test_live_session_warns_of_a_full_disk_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DiskMonitor.__init__, "__defaults__", (lambda _folder: 90_000_000,))
    pair = FakeVideo(steady(1)), FakeVideo(steady(1))
    session = LiveSession(*pair, Settings(), tracker=Waving, recorder=recorder(tmp_path))
    list(session.run())
    (warning,) = session.warnings
    assert f"{tmp_path} has 90 MB left, enough for 30 minutes of this session" in warning
    assert session.faults == []  # nothing is lost so far
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.session["quality"]["warnings"] == []


def test_newest_frame_wins_and_drops_are_counted() -> None:
    entered, gate = threading.Event(), threading.Event()

    class Slow(Waving):
        def track(self, frame: Frame) -> Pose:
            entered.set()
            gate.wait(20)
            return super().track(frame)

    a, b = Camera(), Camera()
    session = LiveSession(a, b, Settings(), tracker=Slow)
    given = 25

    def condition() -> Iterator[bool]:
        a.give()
        while not entered.is_set():
            yield False
        for _ in range(given - 1):  # while the tracker is busy with the first
            a.give()
        while True:
            status = session.status()["a"]
            if status.dropped == given - 2:
                gate.set()
            yield status.frames + status.dropped == given

    updates = drive(session, condition())
    status = session.status()["a"]
    assert status.frames + status.dropped == given
    assert status.frames == 2  # the one in the works, and the newest
    stamps = [update.pose.time for update in updates if update.pose is not None]
    assert stamps == sorted(stamps)
    assert all(0 <= stamp < 20 for stamp in stamps)  # on the session's clock


@pytest.mark.parametrize("kind", ["plain", "reconnecting", "two halves"])
def test_feed_has_one_slot_and_two_threads(kind: str) -> None:
    class Slow(Waving):
        def track(self, frame: Frame) -> Pose:
            time.sleep(0.002)
            return super().track(frame)

    before = set(threading.enumerate())
    cameras = Camera(), Camera()
    way = Reconnection(open=Camera, lost_text="lost", delays=(0.0,))
    a: Source
    b: Source
    a, b = cameras
    if kind == "reconnecting":
        a, b = (ReconnectingSource(camera, way) for camera in cameras)
    elif kind == "two halves":
        a, b = share(ReconnectingSource(cameras[0], way), 2, threaded=True)
    session = LiveSession(a, b, Settings(), tracker=Slow)
    given = 1000
    names: list[str] = []

    def condition() -> Iterator[bool]:
        yield False
        names.extend(thread.name for thread in set(threading.enumerate()) - before)
        for _ in range(given):
            for camera in cameras:
                camera.give()
        while True:
            yield all(each.frames + each.dropped == given for each in session.status().values())

    drive(session, condition())
    assert len(names) == 4
    assert {"pose a", "pose b"} < set(names)
    for status in session.status().values():
        assert status.frames + status.dropped == given
        assert status.dropped > 0


def test_slow_tracker_is_not_trouble_with_the_camera() -> None:
    class Hanging(Waving):
        def track(self, frame: Frame) -> Pose:
            entered.set()
            assert gate.wait(20)
            return super().track(frame)

    entered, gate = threading.Event(), threading.Event()
    way = Reconnection(open=Camera, lost_text="lost", delays=(0.0,))
    camera = Camera()
    session = LiveSession(ReconnectingSource(camera, way), Camera(), Settings(), tracker=Hanging)

    def condition() -> Iterator[bool]:
        camera.give()
        while not entered.is_set():
            yield False
        while session.now() < 4:
            for _ in range(20):
                camera.give()
                time.sleep(0.01)
            yield False
        status = session.status()["a"]
        assert (status.frames, status.trouble) == (0, None)
        gate.set()
        while True:
            yield True

    drive(session, condition())


def test_failed_camera_leaves_the_other_running(tmp_path: Path) -> None:
    a, b = Camera(), Camera()
    session = LiveSession(a, b, Settings(), tracker=Waving, recorder=recorder(tmp_path))

    def condition() -> Iterator[bool]:
        a.give(SourceError("camera 0 was unplugged"))
        while True:
            b.give()
            yield session.status()["b"].frames > 5 and bool(session.warnings)

    drive(session, condition())
    assert session.warnings == ["camera 0 was unplugged"]
    assert session.status()["a"].ended == "camera 0 was unplugged"
    assert session.status()["b"].ended is None
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert [event.text for event in recording.events()] == ["camera 0 was unplugged"]


def test_unresponsive_camera_does_not_delay_the_end() -> None:
    class Dead(Camera):
        def close(self) -> None:
            pass

    session = LiveSession(Dead(), Dead(), Settings(), tracker=Waving)
    updates = list(session.run(seconds=0.3))
    assert all(update.pose is None for update in updates)


def test_session_without_new_frames_is_committed(tmp_path: Path) -> None:
    a, b = Camera(), Camera()
    session = LiveSession(a, b, Settings(), tracker=Waving, recorder=recorder(tmp_path))

    def condition() -> Iterator[bool]:
        a.give()
        b.give()
        while True:
            with Recording.open(tmp_path / "s.mirror") as recording:
                seen = recording.counts()
            yield seen == {"a": (1, 1), "b": (1, 1)}

    updates = drive(session, condition())
    assert updates[-1].time < 15  # it was read while the session ran


def test_late_and_backward_frames_are_rescored_the_same(tmp_path: Path) -> None:
    a, b = Camera(), Camera()
    session = LiveSession(a, b, Settings(), tracker=Waving, recorder=recorder(tmp_path))
    rng = np.random.default_rng(8)

    def condition() -> Iterator[bool]:
        for k in range(400):
            for camera in (a, b):
                jump = rng.choice([0.0, -0.3, -1.2], p=[0.8, 0.15, 0.05])
                camera.give(stamp=np.float64(session.epoch + k / 30 + jump))
            while session.status()["a"].frames + session.status()["a"].dropped <= k:
                yield False
        while True:
            yield True

    updates = drive(session, condition())
    scores = [score for update in updates for score in update.scores]
    assert len(scores) > 50
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.timeline().equals(Timeline.from_scores(scores))
        assert score_ticks(
            recorded_ticks(recording, recording.settings), recording.settings
        ).equals(recording.timeline())


def test_failed_tracker_closes_everything() -> None:
    calls: list[str] = []

    class Picky(Waving):
        def __init__(self) -> None:
            if calls:
                raise SourceError("no second one")
            calls.append("opened")

        def close(self) -> None:
            calls.append("closed")

    a, b = FakeVideo(steady(1)), FakeVideo(steady(1))
    with pytest.raises(SourceError, match="no second one"):
        list(LiveSession(a, b, Settings(), tracker=Picky).run())
    assert calls == ["opened", "closed"]
    assert a.closed
    assert b.closed


def test_trackers_of_silent_cameras_are_closed() -> None:
    before = Waving.closed
    a, b = Camera(), Camera()
    list(LiveSession(a, b, Settings(), tracker=Waving).run(seconds=0.1))
    assert Waving.closed == before + 2


def test_slow_video_drops_frames_and_counts_them() -> None:
    class Slow(FakeVideo):
        def read(self) -> Frame | None:
            frame = super().read()
            if frame is not None and frame.time == 0.1:
                turn.wait(0.8)  # never set: a slow decoder
            return frame

    turn = threading.Event()
    a, b = Slow(steady(1.2)), FakeVideo(steady(1.2))
    session = LiveSession(a, b, Settings(), tracker=Waving)
    list(session.run())
    status = session.status()["a"]
    assert status.frames + status.dropped == 36
    assert status.dropped >= 10
