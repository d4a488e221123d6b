"""Output streams and pose sources of sessions."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mirror.capture
import mirror.session.start
from mirror import Landmark, MirrorError, Pose, Recording, Score, Settings, Timeline
from mirror._support import steady_clock
from mirror.capture import PoseSource
from mirror.errors import SourceError, StreamError
from mirror.events import Event
from mirror.recording.rescore import score_again
from mirror.session.live import LiveSession
from mirror.session.offline import OfflineSession
from mirror.session.outputs import Stream
from mirror.session.start import SessionRequest, start_live, start_offline
from tests.support.fakes import RATE, Camera, FakeVideo, Waving, drive, recorder, steady
from tests.support.people import empty_pose, pose

QUICK = Settings(window=2.0, band=(0.5, 3.0))
SUIT_RATE = 60.0


class StoringStream(Stream):
    """A stream that stores what it is sent."""

    def __init__(self, fail_after: float = math.inf) -> None:
        self.text = "kept"
        self.scores: list[Score] = []
        self.events: list[Event] = []
        self.closed = threading.Event()
        self._fail_after = fail_after

    def send(self, scores: Sequence[Score], events: Sequence[Event]) -> None:
        if len(self.scores) >= self._fail_after:
            raise StreamError("kept: the listener is gone; nothing more is sent there")
        self.scores += scores
        self.events += events

    def close(self) -> None:
        self.closed.set()


class Suit(PoseSource):
    """Motion capture of a waving person, until it is closed or fails."""

    def __init__(self, text: str, seconds: float = math.inf, since: float = 0.0) -> None:
        self.text, self.live, self.rate, self.duration = text, True, SUIT_RATE, None
        self._begun = steady_clock.now() - since
        self._sent = 0
        self._seconds = seconds
        self._over = threading.Event()

    def read(self) -> Pose | None:
        self._sent += 1
        moment = self._sent / SUIT_RATE
        if moment > self._seconds:
            raise SourceError(f"{self.text} has ended")
        if self._over.wait(max(0.0, self._begun + moment - steady_clock.now())):
            return None
        if self._sent % 50 == 0:
            return replace(empty_pose(self._begun + moment), width=1000, height=1000)
        x = 0.1 * math.sin(2 * math.pi * 0.7 * moment)
        offsets = {Landmark.LEFT_WRIST: (x, 0.0), Landmark.RIGHT_WRIST: (-x, 0.0)}
        return pose(self._begun + moment, offsets, size=(1000, 1000))

    def close(self) -> None:
        self._over.set()


def replayed(path: Path) -> Timeline:
    """Assert that rescoring a recording gives the stored rows; return them."""
    with Recording.open(path) as recording:
        stored = recording.timeline()
        assert score_again(recording, recording.settings_history, lambda *_: None).equals(stored)
    return stored


def test_stream_gets_every_row_and_event(tmp_path: Path) -> None:
    streams = [StoringStream(), StoringStream()]
    a, b, kept = Camera(), Camera(), recorder(tmp_path, QUICK)
    session = LiveSession(a, b, QUICK, tracker=Waving, recorder=kept, streams=streams)

    def script() -> Iterator[bool]:
        session.mark(Event(0.5, "mark", "one"))
        for k in range(100):
            for camera in (a, b):
                camera.give(stamp=session.epoch + (k + 0.5) / RATE)
            while any(each.frames + each.dropped < k + 1 for each in session.status().values()):
                yield False
        session.change(replace(QUICK, mapping="same-side"))
        session.mark(Event(3.0, "mark", "two"))
        session.stop()
        while True:
            yield True

    drive(session, script())
    timeline = replayed(tmp_path / "s.mirror")
    with Recording.open(tmp_path / "s.mirror") as recording:
        events = recording.events()
    assert sorted(event.kind for event in events) == ["mark", "mark", "settings"]
    for stream in streams:
        assert stream.closed.is_set()
        assert stream.epoch == session.epoch
        assert Timeline.from_scores(stream.scores).equals(timeline)
        assert sorted(stream.events, key=lambda event: event.time_s) == events


def test_session_continues_without_a_failed_stream(tmp_path: Path) -> None:
    gone, there = StoringStream(fail_after=5), StoringStream()
    session = LiveSession(
        Suit("a"), Suit("b"), QUICK, recorder=recorder(tmp_path, QUICK), streams=[gone, there]
    )
    updates = list(session.run(seconds=3.0))
    rows = [score for update in updates for score in update.scores]
    assert session.warnings == ["kept: the listener is gone; nothing more is sent there"]
    assert gone.scores == rows[: len(gone.scores)]
    assert 5 <= len(gone.scores) < len(rows)
    assert there.scores == rows
    assert Timeline.from_scores(rows).equals(replayed(tmp_path / "s.mirror"))


def test_poses_need_no_tracker_and_none_is_dropped(tmp_path: Path) -> None:
    made: list[Waving] = []

    def tracker() -> Waving:
        made.append(Waving())
        return made[-1]

    film = FakeVideo(steady(3.0))
    session = LiveSession(
        film, Suit("suit"), QUICK, tracker=tracker, recorder=recorder(tmp_path, QUICK)
    )
    updates = list(session.run(seconds=3.0))
    assert len(made) == 1
    poses = {
        feed: [each for each in updates if each.feed == feed and each.pose is not None]
        for feed in ("a", "b")
    }
    assert all(each.frame is not None for each in poses["a"])
    assert all(each.frame is None for each in poses["b"])
    received = [each.pose for each in poses["b"] if each.pose is not None]
    times = [pose.time for pose in received]
    assert times[0] >= 0
    assert np.diff(times) == pytest.approx(1 / 60, abs=1e-6)
    status = session.status()["b"]
    assert (status.text, status.dropped, status.frames) == ("suit", 0, len(times))
    assert status.found_frames == sum(pose.landmarks is not None for pose in received)
    timeline = replayed(tmp_path / "s.mirror")
    assert (timeline.state == "ok").any()
    with Recording.open(tmp_path / "s.mirror") as recording:
        stored = [each for feed, each in recording.poses() if feed == "b"]
    assert len(stored) == len(times)
    assert {(each.width, each.height) for each in stored} == {(1000, 1000)}


def test_poses_from_before_the_session_are_ignored() -> None:
    suit = Suit("suit", since=0.5)  # sent while the other source was opened
    session = LiveSession(suit, Suit("other"), QUICK)
    updates = list(session.run(seconds=0.5))
    times = [each.pose.time for each in updates if each.pose is not None]
    assert len(times) > 30
    assert min(times) >= 0.0


def test_failed_pose_source_leaves_the_other_running() -> None:
    session = LiveSession(Suit("lost", seconds=0.3), Suit("kept"), QUICK)
    updates = list(session.run(seconds=1.0))
    assert session.warnings == ["lost has ended"]
    assert session.status()["a"].ended == "lost has ended"
    assert updates[-1].time > 0.9


@pytest.fixture
def suits(monkeypatch: pytest.MonkeyPatch) -> tuple[Suit, Suit]:
    """Replace the opened sources by two pose sources, and fail if a model is requested."""
    pair = Suit("lsl:a"), Suit("lsl:b")
    monkeypatch.setattr(mirror.capture, "open_pair", lambda a, b, **_: pair)

    def none(*_: object, **__: object) -> None:
        raise AssertionError("no model is needed")

    monkeypatch.setattr(mirror.session.start, "provide_model", none)
    return pair


def silent(line: str) -> None:
    raise AssertionError(line)


def test_two_streams_of_poses_need_no_model(tmp_path: Path, suits) -> None:
    rows = tmp_path / "rows.jsonl"
    start = SessionRequest(
        a="lsl:a", b="lsl:b", settings=QUICK, output=tmp_path / "s.mirror",
        streams=(f"jsonl:{rows}",),
    )  # fmt: skip
    session = start_live(start, silent)
    list(session.run(seconds=1.0))
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert "model" not in recording.session
        assert recording.session["sources"] == {"a": "lsl:a", "b": "lsl:b"}
        assert len(rows.read_text().splitlines()) == len(recording.timeline())


@pytest.mark.parametrize(
    ("start", "changes", "says"),
    [
        (start_live, {"video": True}, "lsl:a and lsl:b have no video to record"),
        (start_live, {"streams": ("jsonl:/proc/x", "osc:nowhere")}, "cannot write to /proc/x"),
        (start_live, {"streams": ("osc:nowhere",)}, "no host and port"),
        (start_offline, {}, "lsl:a has no end, so it cannot be analyzed"),
    ],
)
def test_failed_start_leaves_nothing_open_and_no_file(
    tmp_path: Path, suits, start, changes: dict[str, Any], says: str
) -> None:
    request = SessionRequest(a="lsl:a", b="lsl:b", output=tmp_path / "s.mirror")
    with pytest.raises(MirrorError, match=says):
        start(replace(request, **changes), silent)
    assert list(tmp_path.iterdir()) == []
    assert all(suit.read() is None for suit in suits)


def test_offline_session_sends_too() -> None:
    stream = StoringStream()
    session = OfflineSession(
        FakeVideo(steady(3.0)), FakeVideo(steady(3.0)), QUICK, tracker=Waving, streams=[stream]
    )
    rows = [score for update in session.run() for score in update.scores]
    assert stream.scores == rows
    assert stream.closed.is_set()
