"""Start of a session: the order of failures, and that a failure leaves nothing open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import mirror.capture
import mirror.recording.video
from mirror import MirrorError, Recording, Settings
from mirror._support.opencv import cv2
from mirror.recording.video import VideoWriter
from mirror.session.start import SessionRequest, default_name, start_live, start_offline
from tests.support.fakes import FakeVideo, Waving, steady

OTHER = Settings(window=2.0, band=(0.5, 3.0))


def silent(line: str) -> None:
    raise AssertionError(line)


@pytest.fixture(autouse=True)
def without_mediapipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is seen is not the point here, and takes seconds of computing."""
    monkeypatch.setattr("mirror.session.start.PoseTracker", Waving)


@pytest.fixture
def videos(monkeypatch: pytest.MonkeyPatch) -> tuple[FakeVideo, FakeVideo]:
    """Replace the opened sources by two fake videos."""
    pair = FakeVideo(steady(2)), FakeVideo(steady(2))
    monkeypatch.setattr(mirror.capture, "open_pair", lambda a, b, **_: pair)
    return pair


@pytest.mark.parametrize(("video", "jobs"), [(False, 3), (True, 1)])
def test_frames_to_be_recorded_stay_in_this_process(
    tmp_path: Path, videos, video: bool, jobs: int
) -> None:
    request = SessionRequest(a="x", b="y", output=tmp_path / "s.mirror", video=video, jobs=3)
    session = start_offline(request, silent)
    assert (session.jobs, session.grid_rate) == (jobs, 30.0)
    session.stop()
    list(session.run())


@pytest.mark.parametrize("start", [start_live, start_offline])
def test_session_stopped_before_it_ran_leaves_no_file(tmp_path: Path, videos, start) -> None:
    session = start(
        SessionRequest(a="x", b="y", settings=OTHER, output=tmp_path / "s.mirror"), silent
    )
    assert session.settings == OTHER
    assert (tmp_path / "s.mirror").exists()
    session.stop()
    assert all(update.pose is None for update in session.run())
    assert list(tmp_path.iterdir()) == []
    assert videos[0].closed
    assert videos[1].closed


def test_live_session_records_video(tmp_path: Path) -> None:
    start = SessionRequest(
        a="demo:a",
        b="demo:b",
        settings=OTHER,
        output=tmp_path / "s.mirror",
        video=True,
        labels=("Anna", "Ben"),
        condition="C",
        notes="N",
    )
    cv2.setNumThreads(2)
    session = start_live(start, silent)
    assert cv2.getNumThreads() == 1
    for update in session.run(seconds=20):
        if update.time > 1.0 and session.status()["b"].frames > 5:
            session.stop()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["s.video.a.mp4", "s.video.b.mp4", "s.video.mirror"]
    with Recording.open(tmp_path / "s.video.mirror") as recording:
        about = recording.session
        assert recording.settings == OTHER
        assert recording.counts()["a"][0] > 0
    assert about["video"] == {"a": "s.video.a.mp4", "b": "s.video.b.mp4"}
    assert about["sources"] == {"a": "demo:a", "b": "demo:b"}
    assert about["labels"] == {"a": "Anna", "b": "Ben"}
    assert (about["condition"], about["notes"]) == ("C", "N")
    assert "sha256" in about["model"]


@pytest.mark.parametrize(("start", "every"), [(start_live, False), (start_offline, True)])
def test_only_offline_sessions_wait_for_video_writers(
    tmp_path: Path, videos, monkeypatch, start, every: bool
) -> None:
    asked: list[bool] = []

    class Writer(VideoWriter):
        def __init__(self, path: Path, *, every: bool) -> None:
            asked.append(every)
            super().__init__(path, every=every)

    monkeypatch.setattr(mirror.recording.video, "VideoWriter", Writer)
    session = start(SessionRequest(a="x", b="y", output=tmp_path / "s.mirror", video=True), silent)
    session.stop()
    list(session.run())
    assert asked == [every, every]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        # cheapest first: settings before sources, sources before the model, then the recording
        ({"settings": Settings(band=(1.001, 1.002)), "a": "none.mp4"}, "holds no frequency"),
        ({"a": "none.mp4", "model": Path("none.task")}, "none.mp4"),
        ({"model": Path("none.task"), "output": Path("/proc/x.mirror")}, "none.task"),
        ({"output": Path("/proc/x.mirror")}, "/proc/x.mirror"),
    ],
)
@pytest.mark.parametrize("start", [start_live, start_offline])
def test_cheapest_failure_comes_first(start, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(MirrorError, match=says):
        start(replace(SessionRequest(a="demo:a", b="demo:b"), **changes), silent)


def test_failure_closes_the_sources_and_leaves_no_file(tmp_path: Path, videos) -> None:
    (tmp_path / "s.video.b.mp4").touch()  # of an earlier session whose recording was removed
    start = SessionRequest(a="x", b="y", output=tmp_path / "s.mirror", video=True)
    with pytest.raises(MirrorError, match=r"s\.video\.b\.mp4 exists"):
        start_live(start, silent)
    assert [path.name for path in tmp_path.iterdir()] == ["s.video.b.mp4"]
    assert videos[0].closed
    assert videos[1].closed


def test_offline_session_refuses_live_sources(videos) -> None:
    videos[1].live, videos[1].text = True, "camera 0"
    with pytest.raises(MirrorError, match=r"camera 0 has no end.*start it as a live session"):
        start_offline(SessionRequest(a="x", b="y"), silent)
    assert videos[0].closed
    assert videos[1].closed


def test_default_name_is_the_time() -> None:
    name = default_name()
    assert name.parent == Path("recordings")
    assert name.suffix == ".mirror"
    assert [len(part) for part in name.stem.replace("_", "-").split("-")] == [4, 2, 2, 2, 2, 2]
