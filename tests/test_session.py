"""Sessions with fakes for cameras and for MediaPipe: order, drops, failures, endings."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mirror import Landmark, Pose, Recording, Settings, Timeline
from mirror.errors import CutOffError, RecordingError, SourceError
from mirror.model import Model
from mirror.provenance import describe
from mirror.recorder import Recorder
from mirror.recording import Event
from mirror.rescore import rescore, ticks_of
from mirror.session import LiveSession, OfflineSession, Session, Update
from mirror.sources.base import Frame, Source
from mirror.sources.shared import share
from mirror.synchrony import score_ticks
from people import nobody, pose

RATE = 30.0
PICTURE = np.zeros((4, 4, 3), np.uint8)


class Film(Source):
    """A recorded source of blank pictures at given times."""

    def __init__(self, times: list[float], error: SourceError | None = None) -> None:
        self.text, self.live, self.rate = "film", False, RATE
        self.duration = times[-1] if times else 0.0
        self.closed = False
        self._times = iter(times)
        self._error = error

    def read(self) -> Frame | None:
        for each in self._times:
            return Frame(each, PICTURE)
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        return None

    def close(self) -> None:
        self.closed = True


class Camera(Source):
    """A live source that the test feeds by hand; closing it ends a blocked read."""

    def __init__(self) -> None:
        self.text, self.live, self.rate, self.duration = "camera", True, RATE, None
        self._frames: list[Frame | SourceError] = []
        self._something = threading.Semaphore(0)

    def give(self, thing: SourceError | None = None, *, stamp: float | None = None) -> None:
        self._frames.append(thing or Frame(stamp or time.monotonic(), PICTURE))
        self._something.release()

    def read(self) -> Frame | None:
        self._something.acquire()
        if not self._frames:
            return None
        thing = self._frames.pop(0)
        if isinstance(thing, SourceError):
            raise thing
        return thing

    def close(self) -> None:
        self._something.release()


class Waving:
    """A tracker that always sees a person who waves."""

    closed = 0

    def track(self, frame: Frame) -> Pose:
        x = 0.1 * math.sin(2 * math.pi * 0.7 * frame.time)
        both = {Landmark.LEFT_WRIST: (x, 0.0), Landmark.RIGHT_WRIST: (-x, 0.0)}
        return pose(frame.time, both)

    def close(self) -> None:
        Waving.closed += 1


class Nobody(Waving):
    def track(self, frame: Frame) -> Pose:
        return nobody(frame.time)


def steady(seconds: float, rate: float = RATE) -> list[float]:
    return [k / rate for k in range(round(seconds * rate))]


def recorder(folder: Path) -> Recorder:
    about = describe(Settings(), ("film a", "film b"), Model(Path("fake.task"), "", "fake"))
    return Recorder(folder / "s.mirror", about)


def offline(a: Source, b: Source, **more) -> OfflineSession:
    return OfflineSession(a, b, more.pop("settings", Settings()), tracker=Waving, **more)


def test_offline_scores_every_frame_and_closes_everything(tmp_path: Path) -> None:
    a, b = Film(steady(10)), Film(steady(10, 24.0))
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


def test_scoring_a_recording_again_gives_every_row_bit_for_bit(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    irregular = np.cumsum(rng.choice([0.02, 0.04, 0.3], 300, p=[0.5, 0.45, 0.05])).tolist()
    session = offline(Film(irregular), Film(steady(9, 12.5)), recorder=recorder(tmp_path))
    assert len(list(session.run())) > 300
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert score_ticks(ticks_of(recording, recording.settings), recording.settings).equals(
            recording.timeline()
        )
        told: list[tuple[int, int]] = []
        other = Settings(window=3.0, mapping="same-side")
        timeline, path = rescore(
            recording, tmp_path / "s.mirror", other, lambda *done: told.append(done)
        )
        assert told[-1][0] == told[-1][1] == sum(n for n, _ in recording.counts().values())
        poses = [(feed, each.time) for feed, each in recording.poses()]
    assert path.name == "s-2.mirror"
    with Recording.open(path) as again:
        assert again.settings == other
        assert again.timeline().equals(timeline)
        assert again.session["rescored_from"] == "s.mirror"
        assert [(feed, each.time) for feed, each in again.poses()] == poses


def test_a_cut_off_film_is_scored_up_to_there_with_a_warning(tmp_path: Path) -> None:
    cut = Film(steady(8), CutOffError("film is cut off at 8.0 s of 60.0 s"))
    session = offline(cut, Film(steady(8)), recorder=recorder(tmp_path))
    updates = list(session.run())
    assert session.warnings == ["film is cut off at 8.0 s of 60.0 s"]
    assert sum(len(update.scores) for update in updates) == 80
    with Recording.open(tmp_path / "s.mirror") as recording:
        (event,) = recording.events()
        assert (event.kind, event.text) == ("warning", session.warnings[0])


def test_an_unreadable_film_ends_the_analysis_with_the_recording_closed(tmp_path: Path) -> None:
    broken = Film(steady(4), SourceError("film cannot be read"))
    session = offline(broken, Film(steady(60)), recorder=recorder(tmp_path))
    with pytest.raises(SourceError, match="film cannot be read"):
        list(session.run())
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.counts()["a"] == (120, 120)
        assert "quality" in recording.session


def test_a_tracker_that_breaks_is_not_hidden() -> None:
    class Broken(Waving):
        def track(self, frame: Frame) -> Pose:
            raise ZeroDivisionError(f"a bug at {frame.time}")

    for kind in (OfflineSession, LiveSession):
        session = kind(Film(steady(5)), Film(steady(5)), Settings(), tracker=Broken)
        with pytest.raises(ZeroDivisionError, match="a bug"):
            list(session.run())


def test_stopping_offline_keeps_what_was_done(tmp_path: Path) -> None:
    session = offline(Film(steady(600)), Film(steady(600)), recorder=recorder(tmp_path))
    for update in session.run():
        if update.time > 7.0:
            session.stop()
    assert session.interrupted
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert 70 <= len(recording.timeline()) < 100
        assert "quality" in recording.session


def test_leaving_the_loop_early_closes_the_recording(tmp_path: Path) -> None:
    session = offline(Film(steady(600)), Film(steady(600)), recorder=recorder(tmp_path))
    running = session.run()
    next(running)
    running.close()
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert "quality" in recording.session


def test_an_empty_picture_is_counted_as_such() -> None:
    session = OfflineSession(Film(steady(7)), Film(steady(7)), Settings(), tracker=Nobody)
    updates = list(session.run())
    assert session.status()["a"].found_frames == 0
    assert {str(s.state) for u in updates for s in u.scores} == {"warming_up", "no_person_a"}


def test_recorded_sources_play_at_their_own_pace_when_live() -> None:
    session = LiveSession(Film(steady(0.6)), Film(steady(0.6)), Settings(), tracker=Waving)
    started = time.monotonic()
    updates = list(session.run())
    assert time.monotonic() - started >= 17 / RATE  # the last picture is due then
    assert session.status()["a"].frames + session.status()["a"].dropped == 18
    assert session.status()["a"].ended == "at its end"
    assert updates[-1].pose is None


def drive(session: LiveSession, until: Iterator[bool]) -> list[Update]:
    """Run until the condition holds; give up (and fail in the caller) after 20 s."""
    updates = []
    for update in session.run(seconds=20):
        updates.append(update)
        if next(until):
            session.stop()
    return updates


def test_the_newest_frame_wins_and_every_drop_is_counted() -> None:
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


def test_a_camera_that_fails_leaves_the_other_going(tmp_path: Path) -> None:
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


def test_a_camera_that_never_answers_does_not_hold_the_end_up() -> None:
    class Dead(Camera):
        def close(self) -> None:
            pass

    session = LiveSession(Dead(), Dead(), Settings(), tracker=Waving)
    updates = list(session.run(seconds=0.3))
    assert all(update.pose is None for update in updates)


def test_a_full_disk_ends_the_recording_and_not_the_session(tmp_path: Path) -> None:
    class Full(Recorder):
        def add_pose(self, feed, pose) -> None:
            if pose.time > 3.0:
                raise RecordingError("recording s.mirror: database or disk is full; free space")
            super().add_pose(feed, pose)

    keeper = Full(tmp_path / "s.mirror", {"settings": Settings().to_dict()})
    session: Session = offline(Film(steady(8)), Film(steady(8)), recorder=keeper)
    updates = list(session.run())
    assert len(session.warnings) == 1
    assert session.recorder is None
    assert updates[-1].time == pytest.approx(8 - 1 / RATE)
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.counts()["a"][0] == 91


def test_a_silent_session_is_committed_too(tmp_path: Path) -> None:
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
    assert updates[-1].time < 15  # it was seen from outside while the session ran


def test_what_came_late_or_backwards_is_replayed_the_same(tmp_path: Path) -> None:
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
        assert score_ticks(ticks_of(recording, recording.settings), recording.settings).equals(
            recording.timeline()
        )


def test_both_sources_and_trackers_are_closed_when_a_tracker_cannot_start() -> None:
    made = []

    class Picky(Waving):
        def __init__(self) -> None:
            if made:
                raise SourceError("no second one")
            made.append(self)

        def close(self) -> None:
            made.append("closed")

    a, b = Film(steady(1)), Film(steady(1))
    with pytest.raises(SourceError, match="no second one"):
        list(LiveSession(a, b, Settings(), tracker=Picky).run())
    assert made[1:] == ["closed"]
    assert a.closed
    assert b.closed


def test_trackers_of_silent_cameras_are_closed() -> None:
    before = Waving.closed
    a, b = Camera(), Camera()
    list(LiveSession(a, b, Settings(), tracker=Waving).run(seconds=0.1))
    assert Waving.closed == before + 2


def test_a_tracker_that_fails_does_not_hang_two_views_of_one_film() -> None:
    class Fails(Waving):
        calls = 0

        def track(self, frame: Frame) -> Pose:
            Fails.calls += 1
            if Fails.calls == 10:
                raise ZeroDivisionError("a bug")
            return super().track(frame)

    class Large(Film):
        def read(self) -> Frame | None:
            frame = super().read()
            return frame and Frame(frame.time, np.zeros((2160, 3840, 3), np.uint8))

    a, b = share(Large(steady(3)), 2)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        list(OfflineSession(a, b, Settings(), tracker=Fails).run())


def test_a_film_slower_than_real_time_drops_pictures_and_says_how_many() -> None:
    class Slow(Film):
        def read(self) -> Frame | None:
            frame = super().read()
            if frame is not None and frame.time == 0.1:
                turn.wait(0.8)  # never set: a decoder that takes its time
            return frame

    turn = threading.Event()
    a, b = Slow(steady(1.2)), Film(steady(1.2))
    session = LiveSession(a, b, Settings(), tracker=Waving)
    list(session.run())
    status = session.status()["a"]
    assert status.frames + status.dropped == 36
    assert status.dropped >= 10


def test_marks_are_kept(tmp_path: Path) -> None:
    session = offline(Film(steady(2)), Film(steady(2)), recorder=recorder(tmp_path))
    for update in session.run():
        if update.time == 1.0 and update.feed == "a":
            session.mark(Event(1.0, "mark", "she laughs"))
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert [event.text for event in recording.events()] == ["she laughs"]
