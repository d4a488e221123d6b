"""Analyses of short videos, with a fake in MediaPipe's place."""

from __future__ import annotations

from pathlib import Path

import pytest

import mirror.session.start
from mirror import Pose, Recording
from mirror.capture.base import Frame
from mirror.errors import SourceError
from mirror.landmarks import Model
from mirror.session.start import SessionRequest
from tests.support.clips import write_video
from tests.support.fakes import Waving
from tests.support.people import empty_pose
from ui.runtime.background import Cancelled
from ui.start.analysis_panel import AnalysisStatus, analyse_videos


class FakeTracker(Waving):
    def __init__(self, _model: Path) -> None:
        """Ignore the model."""


class EmptyTracker(FakeTracker):
    def track(self, frame: Frame) -> Pose:
        return empty_pose(frame.time)


@pytest.fixture(autouse=True)
def no_mediapipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror.session.start, "PoseTracker", FakeTracker)
    model = Model(Path("fake.task"), "", "fake")
    monkeypatch.setattr(mirror.session.start, "provide_model", lambda *_, **__: model)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "s.mirror"


@pytest.fixture
def videos(tmp_path: Path, output: Path) -> SessionRequest:
    times = [k / 30 for k in range(90)]
    paths = [write_video(tmp_path / name, times) for name in ("anna.mp4", "ben.mp4")]
    return SessionRequest(a=str(paths[0]), b=str(paths[1]), output=output)


def test_every_frame_is_tracked_and_recorded(videos: SessionRequest, output: Path) -> None:
    calls, status = [], AnalysisStatus()
    result = analyse_videos(videos, lambda done, total: calls.append((done, total)), status)
    assert (result.path, result.faults) == (output, ())
    assert status.n_frames == 180
    assert calls[0] == (0, 0)
    assert {total for _, total in calls[1:]} == {3000}
    assert [done for done, _ in calls] == sorted(done for done, _ in calls)
    with Recording.open(output) as recording:
        assert recording.counts() == {"a": (90, 90), "b": (90, 90)}


def test_cancelled_analysis_keeps_recording(videos: SessionRequest, output: Path) -> None:
    def progress(done: int, _total: int) -> None:
        if done >= 1500:
            raise Cancelled

    result = analyse_videos(videos, progress, AnalysisStatus())
    assert result.path == output
    assert result.faults == (f"stopped at 1.5 s of 3.0 s; what came before is in {output}",)
    with Recording.open(output) as recording:
        assert 40 < recording.counts()["a"][0] < 60


def test_cancel_before_start_opens_nothing(videos: SessionRequest, output: Path) -> None:
    def progress(_done: int, _total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        analyse_videos(videos, progress, AnalysisStatus())
    assert not output.exists()


def test_videos_without_people_are_named(
    videos: SessionRequest, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror.session.start, "PoseTracker", EmptyTracker)
    result = analyse_videos(videos, lambda _done, _total: None, AnalysisStatus())
    assert result.path == output
    (fault,) = result.faults
    assert fault.startswith(
        f"nobody was found in {videos.a} (90 frames) and {videos.b} (90 frames); "
    )


def test_missing_video_is_an_error(videos: SessionRequest, output: Path, tmp_path: Path) -> None:
    missing = SessionRequest(a=videos.a, b=str(tmp_path / "carol.mp4"), output=output)
    with pytest.raises(SourceError, match=r"carol\.mp4 does not exist"):
        analyse_videos(missing, lambda _done, _total: None, AnalysisStatus())
    assert not output.exists()
