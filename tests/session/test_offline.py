"""Offline sessions with fake videos and a fake MediaPipe: order, failures, endings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mirror import Pose, Recording, Settings, State, Timeline
from mirror.capture.base import Frame, Source
from mirror.capture.fanout import share
from mirror.capture.synthetic.demo import truth
from mirror.errors import CutOffError, RecordingError, SourceError
from mirror.estimator.estimator import score_ticks
from mirror.events import Event
from mirror.recording.rescore import recorded_ticks, rescore, score_again
from mirror.recording.video import VideoReader, VideoWriter
from mirror.recording.writer import Recorder
from mirror.session.offline import OfflineResult, OfflineSession
from tests.support.fakes import RATE, EmptyTracker, FakeVideo, Waving, recorder, steady


def offline(a: Source, b: Source, **more) -> OfflineSession:
    return OfflineSession(a, b, more.pop("settings", Settings()), tracker=Waving, **more)


def test_scores_every_frame_and_closes_everything(tmp_path: Path) -> None:
    a, b = FakeVideo(steady(10)), FakeVideo(steady(10, 24.0))
    before = Waving.closed
    session = offline(a, b, recorder=recorder(tmp_path))
    updates = list(session.run())
    status = session.status()
    assert (status["a"].frames, status["b"].frames) == (300, 240)
    assert (status["a"].dropped, status["b"].dropped) == (0, 0)
    times = [update.pose.time for update in updates if update.pose is not None]
    assert times == sorted(times)
    scores = [score for update in updates for score in update.scores]
    assert scores[-1].in_phase == pytest.approx(1.0, abs=1e-3)
    assert a.closed
    assert b.closed
    assert Waving.closed == before + 2
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.timeline().equals(Timeline.from_scores(scores))
        assert recording.counts() == {"a": (300, 300), "b": (240, 240)}
        quality = recording.session["quality"]
        assert quality["feeds"]["b"] == {"frames": 240, "with_person": 240, "dropped": 0}
    assert session.summary().in_phase > 0.3


def test_rescoring_gives_every_row_bit_for_bit(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    irregular = np.cumsum(rng.choice([0.02, 0.04, 0.3], 300, p=[0.5, 0.45, 0.05])).tolist()
    session = offline(FakeVideo(irregular), FakeVideo(steady(9, 12.5)), recorder=recorder(tmp_path))
    assert len(list(session.run())) > 300
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert score_ticks(
            recorded_ticks(recording, recording.settings), recording.settings
        ).equals(recording.timeline())
        calls: list[tuple[int, int]] = []
        other = Settings(window=3.0, mapping="same-side")
        timeline, path = rescore(
            recording, tmp_path / "s.mirror", other, lambda *done: calls.append(done)
        )
        assert calls[-1][0] == calls[-1][1] == sum(n for n, _ in recording.counts().values())
        poses = [(feed, each.time) for feed, each in recording.poses()]
    assert path.name == "s-2.mirror"
    with Recording.open(path) as again:
        assert again.settings == other
        assert again.timeline().equals(timeline)
        assert again.session["rescored_from"] == "s.mirror"
        assert [(feed, each.time) for feed, each in again.poses()] == poses


def test_cut_off_video_is_scored_up_to_there(tmp_path: Path) -> None:
    cut = FakeVideo(steady(8), CutOffError("video is cut off at 8.0 s of 60.0 s"))
    session = offline(cut, FakeVideo(steady(8)), recorder=recorder(tmp_path))
    updates = list(session.run())
    assert session.warnings == ["video is cut off at 8.0 s of 60.0 s"]
    assert sum(len(update.scores) for update in updates) == 80
    with Recording.open(tmp_path / "s.mirror") as recording:
        (event,) = recording.events()
        assert (event.kind, event.text) == ("warning", session.warnings[0])


def test_unreadable_video_is_a_fault_of_the_result(tmp_path: Path) -> None:
    broken = FakeVideo(steady(4), SourceError("video cannot be read"))
    session = offline(broken, FakeVideo(steady(60)), recorder=recorder(tmp_path))
    list(session.run())
    assert session.result is not None
    assert session.result.path == tmp_path / "s.mirror"
    assert session.result.reached == pytest.approx(4.0, abs=0.2)
    assert session.result.faults == ("video cannot be read",)
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.counts()["a"] == (120, 120)
        assert "quality" in recording.session


def test_unreadable_video_is_an_error_without_a_recording(tmp_path: Path) -> None:
    for more in ({}, {"recorder": recorder(tmp_path)}):
        broken = FakeVideo([], SourceError("video cannot be read"))
        session = offline(broken, FakeVideo([]), **more)
        with pytest.raises(SourceError, match="video cannot be read"):
            list(session.run())
        assert session.result is None
    assert list(tmp_path.iterdir()) == []


def test_complete_analysis_has_no_faults(tmp_path: Path) -> None:
    session = offline(FakeVideo(steady(2)), FakeVideo(steady(3)), recorder=recorder(tmp_path))
    assert session.result is None
    frames = [session.frames for _ in session.run()]
    assert frames == [*range(1, 151), 150]
    assert session.result == OfflineResult(tmp_path / "s.mirror", 3 - 1 / RATE)


def test_a_video_of_too_few_frames_is_said_to_be_too_slow(tmp_path: Path) -> None:
    slow = FakeVideo(steady(12, 1.0))
    slow.rate = 1.0
    session = offline(slow, FakeVideo(steady(12)), recorder=recorder(tmp_path))
    assert all(score.state != "ok" for update in session.run() for score in update.scores)
    assert session.result is not None
    (fault,) = session.result.faults
    assert f"{slow.text} has 1 frames a second, too few to follow" in fault


def test_a_video_below_twice_the_band_is_not_scored(tmp_path: Path) -> None:
    slow = FakeVideo(steady(12, 5.0))
    slow.rate = 5.0
    session = offline(slow, FakeVideo(steady(12)), recorder=recorder(tmp_path))
    scores = [score for update in session.run() for score in update.scores]
    assert {score.state for score in scores if score.time_s > 6} == {State.GAP}
    assert session.result is not None
    (fault,) = session.result.faults
    assert "has 5 frames a second, too few to follow movement up to 3 Hz" in fault
    assert "at least 6, better 25 frames a second, or a lower band" in fault


def test_scenes_of_the_demo_are_marked(tmp_path: Path) -> None:
    a, b = FakeVideo(steady(21)), FakeVideo(steady(21))
    a.text, b.text = "demo:a", "demo:b"
    updates = list(offline(a, b, recorder=recorder(tmp_path)).run())
    marked = [event for update in updates for event in update.events]
    assert [(event.time_s, event.text) for event in marked] == truth(21.0)
    assert len(marked) > 1
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.events() == marked


def test_stopped_analysis_keeps_its_recording(tmp_path: Path) -> None:
    session = offline(FakeVideo(steady(600)), FakeVideo(steady(600)), recorder=recorder(tmp_path))
    for update in session.run():
        if update.time > 7.0:
            session.stop()
    assert session.interrupted
    assert session.result is not None
    assert session.result.path == tmp_path / "s.mirror"
    assert session.result.faults == (
        f"stopped at 7.0 s of 600.0 s; what came before is in {session.result.path}",
    )
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert 70 <= len(recording.timeline()) < 100
        assert "quality" in recording.session


def test_leaving_the_loop_early_closes_the_recording(tmp_path: Path) -> None:
    session = offline(FakeVideo(steady(600)), FakeVideo(steady(600)), recorder=recorder(tmp_path))
    running = session.run()
    next(running)
    running.close()
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert "quality" in recording.session


def test_frames_without_a_person_are_counted() -> None:
    session = OfflineSession(
        FakeVideo(steady(7)), FakeVideo(steady(7)), Settings(), tracker=EmptyTracker
    )
    updates = list(session.run())
    assert session.status()["a"].found_frames == 0
    assert session.result == OfflineResult(None, 7 - 1 / RATE)
    assert {str(s.state) for u in updates for s in u.scores} == {"warming_up", "no_person_a"}


def test_full_disk_ends_the_analysis(tmp_path: Path) -> None:
    class Full(Recorder):
        def add_pose(self, feed, pose) -> None:
            if pose.time > 3.0:
                raise RecordingError("recording s.mirror: database or disk is full; free space")
            super().add_pose(feed, pose)

    keeper = Full(tmp_path / "s.mirror", {"settings": Settings().to_dict()})
    session = offline(FakeVideo(steady(8)), FakeVideo(steady(8)), recorder=keeper)
    list(session.run())
    assert len(session.warnings) == 1
    assert session.recorder is None
    assert session.result is not None
    assert session.result.faults == tuple(session.warnings)
    assert session.result.reached == pytest.approx(3.0, abs=0.2)
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.counts()["a"][0] == 91


def test_failing_tracker_does_not_block_a_shared_source() -> None:
    class Fails(Waving):
        calls = 0

        def track(self, frame: Frame) -> Pose:
            Fails.calls += 1
            if Fails.calls == 10:
                raise ZeroDivisionError("a bug")
            return super().track(frame)

    class Large(FakeVideo):
        def read(self) -> Frame | None:
            frame = super().read()
            return frame and Frame(frame.time, np.zeros((2160, 3840, 3), np.uint8))

    a, b = share(Large(steady(3)), 2)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        list(OfflineSession(a, b, Settings(), tracker=Fails).run())


def test_marks_are_recorded(tmp_path: Path) -> None:
    session = offline(FakeVideo(steady(2)), FakeVideo(steady(2)), recorder=recorder(tmp_path))
    for update in session.run():
        if update.time == 1.0 and update.feed == "a":
            session.mark(Event(1.0, "mark", "she laughs"))
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert [event.text for event in recording.events()] == ["she laughs"]


def ignore(_done: int, _total: int) -> None:
    pass


def test_rescoring_is_the_same_with_and_without_a_file(tmp_path: Path) -> None:
    list(offline(FakeVideo(steady(9)), FakeVideo(steady(9)), recorder=recorder(tmp_path)).run())
    with Recording.open(tmp_path / "s.mirror") as recording:
        other = Settings(window=3.0, band=(0.5, 3.0))
        alone = score_again(recording, other, ignore)
        written, path = rescore(recording, tmp_path / "t.mirror", other, ignore)
        by_ticks = score_ticks(recorded_ticks(recording, other), other)
    assert alone.equals(written)
    assert alone.equals(by_ticks)
    assert (alone.state == "ok").sum() > 50
    with Recording.open(path) as again:
        assert again.timeline().equals(alone)


def test_rescored_recording_has_no_video(tmp_path: Path) -> None:
    with recorder(tmp_path) as keeper:
        keeper.update_session({"video": {"a": "s.a.mp4", "b": "s.b.mp4"}})
        list(offline(FakeVideo(steady(2)), FakeVideo(steady(2)), recorder=keeper).run())
    with Recording.open(tmp_path / "s.mirror") as recording:
        _, path = rescore(recording, tmp_path / "t.mirror", Settings(), ignore)
    with Recording.open(path) as again:
        assert "video" not in again.session
        assert again.session["labels"] == {"a": "A", "b": "B"}


def test_cancelled_rescoring_leaves_no_file(tmp_path: Path) -> None:
    list(offline(FakeVideo(steady(9)), FakeVideo(steady(9)), recorder=recorder(tmp_path)).run())
    calls = []

    class EnoughError(Exception):
        pass

    def progress(done: int, total: int) -> None:
        calls.append((done, total))
        if done > 0:
            raise EnoughError

    with Recording.open(tmp_path / "s.mirror") as recording:
        with pytest.raises(EnoughError):
            rescore(recording, tmp_path / "t.mirror", Settings(), progress)
        with pytest.raises(EnoughError):
            score_again(recording, Settings(), progress)
    assert 0 < calls[-1][0] < calls[-1][1] == 540
    assert [path.name for path in tmp_path.iterdir()] == ["s.mirror"]


class Coloured(FakeVideo):
    """A video whose frames get lighter."""

    def read(self) -> Frame | None:
        frame = super().read()
        level = 0 if frame is None else round(20 * frame.time)
        return frame and Frame(frame.time, np.full((48, 64, 3), level, np.uint8))


def test_video_frames_have_the_times_of_their_poses(tmp_path: Path) -> None:
    writers = {feed: VideoWriter(tmp_path / f"{feed}.mp4", every=True) for feed in ("a", "b")}
    sources = Coloured(steady(8)), Coloured(steady(8))
    session = offline(*sources, recorder=recorder(tmp_path), videos=writers)
    list(session.run())
    with Recording.open(tmp_path / "s.mirror") as recording:
        feeds = recording.session["quality"]["feeds"]
        times = [pose.time for feed, pose in recording.poses() if feed == "b"]
    assert feeds["a"]["pictures_dropped"] == feeds["b"]["pictures_dropped"] == 0
    with VideoReader(tmp_path / "b.mp4") as reader:
        for time in times:
            found = reader.at(time)
            assert found is not None
            assert found.mean() == pytest.approx(20 * time, abs=4)


def test_empty_recording_leaves_no_video(tmp_path: Path) -> None:
    writers = {feed: VideoWriter(tmp_path / f"{feed}.mp4") for feed in ("a", "b")}
    list(offline(FakeVideo([]), FakeVideo([]), recorder=recorder(tmp_path), videos=writers).run())
    assert list(tmp_path.iterdir()) == []


def test_video_error_is_a_warning_and_poses_are_still_recorded(tmp_path: Path) -> None:
    class Full(VideoWriter):
        def put(self, time_s: float, image: np.ndarray) -> None:
            super().put(time_s, image)
            self.error = f"video {self.path}: no space left" if time_s > 1 else None

    writers = {"a": Full(tmp_path / "a.mp4")}
    session = offline(
        FakeVideo(steady(4)), FakeVideo(steady(4)), recorder=recorder(tmp_path), videos=writers
    )
    list(session.run())
    assert session.warnings == [f"video {tmp_path / 'a.mp4'}: no space left"]
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.counts()["a"] == (120, 120)
