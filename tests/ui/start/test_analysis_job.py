"""Analyses of short films, with a fake in MediaPipe's place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mirror.capture.tracker
import mirror.session.start
from mirror import Pose, Recording
from mirror.capture.base import Frame
from mirror.errors import SourceError
from mirror.landmarks import Model
from mirror.session.start import SessionRequest
from tests.support.clips import write_video
from tests.support.fakes import Waving
from tests.support.people import nobody
from ui.runtime.background import Cancelled
from ui.start.analysis_job import Pace, analysed


class Follows(Waving):
    def __init__(self, _model: Path) -> None:
        """It needs no model."""


class SeesNobody(Follows):
    def track(self, frame: Frame) -> Pose:
        return nobody(frame.time)


@pytest.fixture(autouse=True)
def no_mediapipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror.capture.tracker, "PoseTracker", Follows)
    model = Model(Path("fake.task"), "", "fake")
    monkeypatch.setattr(mirror.session.start, "provide_model", lambda *_, **__: model)


@pytest.fixture
def start(tmp_path: Path) -> SessionRequest:
    times = np.arange(90) / 30
    films = [write_video(tmp_path / name, times) for name in ("anna.mp4", "ben.mp4")]
    return SessionRequest(a=str(films[0]), b=str(films[1]), output=tmp_path / "s.mirror")


def test_every_frame_is_followed_and_recorded(start: SessionRequest) -> None:
    told, pace = [], Pace()
    result = analysed(start, lambda done, total: told.append((done, total)), pace)
    assert (result.path, result.faults) == (start.output, ())
    assert pace.frames == 180
    assert told[0] == (0, 0)
    assert {total for _, total in told[1:]} == {3000}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    with Recording.open(start.output) as recording:
        assert recording.counts() == {"a": (90, 90), "b": (90, 90)}


def test_what_came_before_it_was_cancelled_is_kept(start: SessionRequest) -> None:
    def progress(done: int, _total: int) -> None:
        if done >= 1500:
            raise Cancelled

    result = analysed(start, progress, Pace())
    assert result.path == start.output
    assert result.faults == (f"stopped at 1.5 s of 3.0 s; what came before is in {start.output}",)
    with Recording.open(start.output) as recording:
        assert 40 < recording.counts()["a"][0] < 60


def test_nothing_is_opened_for_what_was_cancelled_before(start: SessionRequest) -> None:
    def progress(_done: int, _total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        analysed(start, progress, Pace())
    assert not start.output.exists()


def test_films_without_anybody_in_them_are_named(
    start: SessionRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror.capture.tracker, "PoseTracker", SeesNobody)
    result = analysed(start, lambda _done, _total: None, Pace())
    assert result.path == start.output
    (fault,) = result.faults
    assert fault.startswith(
        f"nobody was found in {start.a} (90 frames) and {start.b} (90 frames); "
    )


def test_a_film_that_is_not_there_is_an_error(start: SessionRequest, tmp_path: Path) -> None:
    missing = SessionRequest(a=start.a, b=str(tmp_path / "carol.mp4"), output=start.output)
    with pytest.raises(SourceError, match=r"carol\.mp4 does not exist"):
        analysed(missing, lambda _done, _total: None, Pace())
    assert not start.output.exists()
