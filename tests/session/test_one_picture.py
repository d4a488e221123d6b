"""Sessions with two people in one picture, with a fake tracker of both."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from mirror import Pose, Recording, Settings, Timeline
from mirror._support.threads import run_in_thread
from mirror.capture.address import parse
from mirror.capture.base import Frame
from mirror.capture.crop import CroppedSource, SecondPerson
from mirror.identity.assignment import IdentityEvent, IdentityTracker
from mirror.recording.rescore import score_again
from mirror.recording.video import VideoReader, VideoWriter
from mirror.session.live import LiveSession
from mirror.session.offline import OfflineSession
from tests.support.fakes import Camera, FakeVideo, drive, recorder, steady
from tests.support.people import landmarks, pose
from tests.support.stage import ManualClock

UNSURE = (1.0, 1.5)
SWAPPED = (2.0, 2.4)
"""When it is not known who is who, and when they are mistaken for each other, s."""


class FakePeople:
    """A tracker of two people who come together twice."""

    opened: ClassVar[list[bool]] = []
    closed = 0

    def __init__(self, *, right: bool) -> None:
        self.identities = IdentityTracker()
        self.hints: list[object] = []
        self.frames: list[float] = []
        FakePeople.opened.append(right)

    def track(self, frame: Frame) -> tuple[tuple[Pose, Pose], tuple[IdentityEvent, ...]]:
        time = frame.time
        self.frames.append(time)
        unsure = UNSURE[0] <= time < UNSURE[1]
        poses = [
            Pose(time, landmarks(pose(time, {0: (x, 0.0)})), None, 64, 48, unsure=unsure)  # type: ignore[dict-item]
            for x in (0.0, 0.1)
        ]
        if SWAPPED[0] <= time < SWAPPED[1]:
            poses.reverse()
        near = (1.0, 1.4), SWAPPED
        self.identities._encounter = None  # noqa: SLF001  what it would have decided
        if any(start <= time < end for start, end in near):
            self.identities._met = True  # noqa: SLF001
            self.identities._meet(doubtful=False)  # noqa: SLF001
        said: tuple[IdentityEvent, ...] = ()
        if math.isclose(time, SWAPPED[1]):
            said = (IdentityEvent("exchanged", "A and B were exchanged", SWAPPED[0]),)
            poses = [replace(each, exchanged=True) for each in poses]
        return (poses[0], poses[1]), said

    def hint(self, hint: object) -> None:
        self.hints.append(hint)

    def close(self) -> None:
        FakePeople.closed += 1


def sources(seconds: float, first: int = 1) -> tuple[CroppedSource, SecondPerson]:
    picture = CroppedSource(FakeVideo(steady(seconds)), parse(f"room.mp4#person={first}"))
    return picture, SecondPerson(picture, f"room.mp4#person={3 - first}")


def noses(recording: Recording) -> list[tuple[float, float]]:
    """Return where the noses of A and B are in each frame."""
    found: dict[float, list[float]] = {}
    for feed, each in recording.poses():
        assert feed == "ab"[len(found.setdefault(each.time, []))]
        found[each.time].append(round(float(landmarks(each)[0, 0]), 2))
    return [(one, other) for one, other in found.values()]


@pytest.mark.parametrize("video", [False, True])
def test_offline_every_frame_gives_both_and_exchanges_are_undone(
    tmp_path: Path, *, video: bool
) -> None:
    videos = {}
    if video:
        videos = {"a": VideoWriter(tmp_path / "a.mp4", every=True)}
    settings = Settings(window=1.0)
    session = OfflineSession(
        *sources(4),
        settings,
        people=FakePeople,  # type: ignore[arg-type]
        recorder=recorder(tmp_path, settings),
        videos=videos,  # type: ignore[arg-type]
    )
    before = FakePeople.closed
    updates = list(session.run())
    scores = Timeline.from_scores([score for update in updates for score in update.scores])
    assert FakePeople.closed == before + 1
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert noses(recording) == [(0.5, 0.6)] * 120
        assert recording.unsure.spans == []  # it was decided in time
        assert [(e.kind, e.time_s) for e in recording.events()] == [("exchanged", 2.4)]
        assert recording.timeline().equals(scores)
        assert score_again(recording, settings, lambda *_: None).equals(scores)
        quality = recording.session["quality"]["feeds"]
        assert [quality[feed]["frames"] for feed in "ab"] == [120, 120]
    if video:
        with VideoReader(tmp_path / "a.mp4") as reader:
            times = {0.5, *UNSURE, *SWAPPED}  # also while they were close together
            assert all(reader.at(time) is not None for time in times)
    held = [update.time for update in updates if update.pose and update.frame is None]
    assert min(held) == pytest.approx(1.0)  # no image waits until it is decided who was who
    assert max(held) < SWAPPED[1]


def test_offline_session_stops_while_both_queues_are_full() -> None:
    full = threading.Event()

    class Ahead(FakePeople):
        def track(self, frame: Frame) -> tuple[tuple[Pose, Pose], tuple[IdentityEvent, ...]]:
            found = super().track(frame)
            if len(self.frames) == 6:  # one is at the session, and four wait
                full.set()
            return found

    session = OfflineSession(*sources(10), Settings(), people=Ahead)  # type: ignore[arg-type]
    updates = session.run()
    next(updates)
    assert full.wait(10)
    session.stop()
    run_in_thread(lambda: [*updates], "the rest").result(timeout=10)
    assert session.interrupted


def test_offline_session_stops_while_poses_wait_for_a_decision() -> None:
    class Alone(FakePeople):
        def track(self, frame: Frame) -> tuple[tuple[Pose, Pose], tuple[IdentityEvent, ...]]:
            found = super().track(frame)
            self.identities._met = True  # noqa: SLF001
            self.identities._meet()  # noqa: SLF001
            if len(self.frames) == 50:
                session.stop()
            tracked.append(frame.time)
            return found

    tracked: list[float] = []
    session = OfflineSession(*sources(10), Settings(), people=Alone)  # type: ignore[arg-type]
    assert list(session.run())
    assert len(tracked) == 50


def test_live_session_tracks_each_frame_once_and_equals_its_recording(tmp_path: Path) -> None:
    settings = Settings(window=1.0)
    made: list[FakePeople] = []

    def people(*, right: bool) -> FakePeople:
        made.append(FakePeople(right=right))
        return made[-1]

    session = LiveSession(
        *sources(2.6, first=2),
        settings,
        people=people,  # type: ignore[arg-type]
        recorder=recorder(tmp_path, settings),
    )
    updates = list(session.run())
    (tracker,) = made
    assert FakePeople.opened[-1]  # A is the right one
    assert len({*tracker.frames}) == len(tracker.frames)
    status = session.status()
    assert status["a"].frames == status["b"].frames == len(tracker.frames)
    scores = Timeline.from_scores([score for update in updates for score in update.scores])
    kinds = [event.kind for update in updates for event in update.events]
    with Recording.open(tmp_path / "s.mirror") as recording:
        (start, end), *moved = recording.unsure.spans
        assert (start, end) == pytest.approx(UNSURE, abs=0.1)
        assert score_again(recording, settings, lambda *_: None).equals(scores)
        exchanged = [event for event in recording.events() if event.kind == "exchanged"]
    assert kinds.count("exchanged") == len(exchanged)
    assert [start for start, _ in moved] == [event.time_s for event in exchanged]
    assert "unsure" in scores.state


def test_exchange_during_a_pause_is_noted_at_its_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clock, lens, settings = ManualClock(monkeypatch), Camera(), Settings(window=1.0)
    picture = CroppedSource(lens, parse("0#person=1"))
    session = LiveSession(
        *(picture, SecondPerson(picture, "0#person=2")),
        settings,
        people=FakePeople,  # type: ignore[arg-type]
        recorder=recorder(tmp_path, settings),
    )
    updates, shown = session.run(), 0
    next(updates)
    for tick in range(1, 100):
        if tick in (68, 80):  # A and B are exchanged in between
            session.pause() if tick == 68 else session.resume()
        clock.ticks = tick
        lens.give(stamp=clock.now())
        while shown < 2 * tick:
            shown += next(updates).feed is not None
    session.stop()
    deque(updates, 0)
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.unsure.spans[1:] == [pytest.approx((80 / 30, 80 / 30))]
        assert score_again(recording, settings, lambda *_: None).equals(recording.timeline())


def test_who_is_who_can_be_said_while_it_runs() -> None:
    made: list[FakePeople] = []

    def people(*, right: bool) -> FakePeople:
        made.append(FakePeople(right=right))
        return made[-1]

    session = LiveSession(*sources(10), Settings(), people=people)  # type: ignore[arg-type]

    def steps() -> Iterator[bool]:
        yield False
        session.exchange_people()
        session.show_person((3.0, 4.0), "b")
        while True:
            yield True

    drive(session, steps())
    assert len(made[0].hints) == 2
