"""Delays that are remembered for two cameras, and what they do to a session."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

import mirror.capture.camera
import mirror.session.delay
from mirror.capture.address import parse
from mirror.capture.base import Frame, Source
from mirror.capture.crop import CroppedSource
from mirror.clocks.cameras import (
    delay_between,
    forget_delays,
    remember_delay,
    remembered_delays,
    two_cameras,
    with_delay,
)
from mirror.clocks.movement import Delay, measure_delay
from mirror.errors import SourceError
from mirror.landmarks import Feed, Pose
from mirror.recording.provenance import describe_alignment
from mirror.session.base import Update
from mirror.session.delay import measure_cameras
from mirror.session.start import SessionRequest, start_live
from tests.support.commands import run_here
from tests.support.fake_cameras import FRONT, SIDE
from tests.support.fakes import BLANK_IMAGE
from tests.support.two_views import two_views


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Plug in two cameras, with an empty configuration folder; return where delays are kept."""
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "config")
    monkeypatch.setattr(mirror.capture.camera, "list_cameras", lambda: [FRONT, SIDE])
    return tmp_path / "config" / "camera-delays.json"


def remember(a: str, b: str, seconds: float | None) -> None:
    remember_delay(*two_cameras(a, b), seconds)


def remembered(a: str, b: str) -> float | None:
    return delay_between(*two_cameras(a, b))


def test_a_delay_is_remembered_for_two_cameras_in_any_order(file: Path) -> None:
    assert remembered("0", "2") is None
    remember("0", "Side", 0.083)
    assert remembered("Front", "2") == pytest.approx(0.083)
    assert remembered("2", "0#flip") == pytest.approx(-0.083)
    assert with_delay("0", "2#flip") == ("0", "2#flip&delay=0.0830")
    assert with_delay("Side", "Front") == ("Side#delay=0.0830", "Front")
    assert with_delay("0", "2#delay=0") == ("0", "2#delay=0")
    assert with_delay("0", "demo:b") == ("0", "demo:b")
    remember("2", "0", None)
    assert with_delay("0", "2") == ("0", "2")
    remember("0", "2", 0.1)
    forget_delays()
    assert remembered_delays() == {}
    assert file.exists()


def test_a_delay_is_remembered_for_two_tiles_of_a_call(file: Path) -> None:
    a, b = "screen:1#xywh=0,0,300,200", "screen:1#xywh=320,0,300,200"
    remember(a, b, 0.2)
    assert with_delay(a, b) == (a, f"{b}&delay=0.2000")
    assert remembered(a, f"{b}&delay=0.1") == pytest.approx(0.2)
    assert remembered("screen:1#xywh=2,1,300,200", "screen:1#xywh=318,3,300,210") == 0.2
    assert remembered(b, a) == -0.2
    assert remembered("screen:2#xywh=0,0,300,200", "screen:2#xywh=320,0,300,200") is None
    assert remembered(a, "screen:1#right") is None  # not known whether it is the right one
    assert two_cameras(a, "screen:2#left") == ("screen:1 pixel", "screen:2 percent")
    remember("screen:1#xywh=percent:3,0,90,50", "screen:1#xywh=percent:0,50,90,50", 0.1)
    assert remembered("screen:1#xywh=percent:0,0,90,50", "screen:1#xywh=percent:3,50,90,50") == 0.1
    with pytest.raises(SourceError, match="are not two cameras"):
        two_cameras(a, f"{a}&flip")
    with pytest.raises(SourceError, match="are not two cameras"):
        two_cameras("screen:1#person=1", "screen:1#person=2")


def test_network_cameras_are_known_without_their_secrets(file: Path) -> None:
    remember("rtsp://me:secret@192.0.2.7/a", "0", -0.2)
    assert remembered("rtsp://me:other@192.0.2.7/a", "0") == pytest.approx(-0.2)
    assert "secret" not in file.read_text()


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"a | b": "x"}', '{"a | b": 1e9}'])
def test_a_damaged_file_holds_nothing(file: Path, text: str) -> None:
    file.parent.mkdir()
    file.write_text(text)
    assert remembered_delays() == {}


def test_refuses_what_are_not_two_cameras() -> None:
    for a, b in (("0", "demo:b"), ("0#left", "0#right"), ("a.mp4", "b.mp4")):
        with pytest.raises(SourceError, match="are not two cameras"):
            two_cameras(a, b)
        with pytest.raises(SourceError, match="are not two cameras"):
            measure_cameras(a, b, lambda _done, _total: None)


def test_a_folder_that_cannot_be_written_is_named(file: Path) -> None:
    file.parent.write_text("a file in the place of the folder")
    with pytest.raises(SourceError, match=r"cannot write .*nothing was changed"):
        remember("0", "2", 0.1)


class _Late(Source):
    def __init__(self, *, live: bool) -> None:
        self.text, self.live, self.rate, self.duration = "late", live, 30.0, None
        self._times = iter([100.0, 100.5])

    def read(self) -> Frame | None:
        time = next(self._times, None)
        return None if time is None else Frame(time, BLANK_IMAGE[:1].repeat(48, 0).repeat(16, 1))

    def close(self) -> None:
        pass


def test_frames_of_a_late_camera_are_moved_back() -> None:
    source = CroppedSource(_Late(live=True), parse("0#delay=0.083"))
    assert [frame.time for frame in source] == pytest.approx([99.917, 100.417])
    with pytest.raises(SourceError, match="is a recording; write when to start"):
        CroppedSource(_Late(live=False), parse("http://192.0.2.7/a.mp4#delay=0.083"))
    with pytest.raises(SourceError, match="leave out #t and #drift"):
        CroppedSource(_Late(live=True), parse("http://192.0.2.7/live#drift=3"))


def test_the_recording_says_which_camera_is_late() -> None:
    said = describe_alignment({"sources": {"a": "Front", "b": "Side#flip&delay=0.083"}})
    assert said == "the camera of B delivers 0.083 s late, taken off"
    assert describe_alignment({"sources": {"a": "0#delay=0", "b": "1"}}) == ""


def test_live_sessions_take_the_remembered_delay_off(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[str, str]] = []

    def open_pair(a: str, b: str, **_: object) -> None:
        opened.append((a, b))
        raise SourceError("in use")

    monkeypatch.setattr("mirror.capture.open_pair", open_pair)
    remember("0", "2", -0.05)
    for a, b in (("0", "2"), ("0", "a.mp4"), ("7", "2")):
        with pytest.raises(SourceError, match="in use"):
            start_live(SessionRequest(a=a, b=b), lambda _: None)
    assert opened == [("0#delay=0.0500", "2"), ("0", "a.mp4"), ("7", "2")]


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[SessionRequest]]:
    """Replace the live session by one with given poses; returns what was requested."""
    requested: list[SessionRequest] = []

    def prepare(poses, faults: tuple[str, ...] = ()) -> list[SessionRequest]:
        def run(seconds: float) -> Iterator[Update]:
            assert seconds == 10.0
            for feed, pose in poses:
                yield Update(pose.time, feed, None, pose)

        def start(request: SessionRequest, _announce) -> SimpleNamespace:
            requested.append(request)
            return SimpleNamespace(run=run, faults=list(faults))

        monkeypatch.setattr(mirror.session.delay, "start_live", start)
        return requested

    return prepare


def test_measuring_remembers_the_delay(sessions) -> None:
    remember("0", "2", 0.2)  # that of before does not count
    requested = sessions(two_views(0.083, seed=4))
    steps: list[tuple[int, int]] = []
    found = measure_cameras("0", "2", lambda *step: steps.append(step))
    assert found.seconds == pytest.approx(0.083, abs=0.003)
    assert remembered("0", "2") == pytest.approx(found.seconds)
    assert (requested[0].a, requested[0].b, requested[0].output) == ("0#delay=0", "2#delay=0", None)
    assert steps[-1][0] == steps[-1][1] == 10000


def test_nothing_is_remembered_if_measuring_fails(sessions) -> None:
    sessions(two_views(0.1, amount=0.0))
    with pytest.raises(SourceError):
        measure_cameras("0", "2", lambda _done, _total: None)
    sessions(two_views(0.1), faults=("Side is unplugged",))
    with pytest.raises(SourceError, match="Side is unplugged"):
        measure_cameras("0", "2", lambda _done, _total: None)
    assert remembered_delays() == {}


def test_nothing_is_remembered_if_it_is_cancelled_at_the_end(
    sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    class CancelledError(Exception):
        pass

    is_cancelled = False

    def measure(poses: Sequence[tuple[Feed, Pose]], max_error: float) -> Delay:
        nonlocal is_cancelled
        is_cancelled = True
        return measure_delay(poses, max_error)

    def report(_done: int, _total: int) -> None:
        if is_cancelled:
            raise CancelledError

    monkeypatch.setattr(mirror.session.delay, "measure_delay", measure)
    sessions(two_views(0.083, seed=4))
    with pytest.raises(CancelledError):
        measure_cameras("0", "2", report)
    assert remembered_delays() == {}


def test_commands_measure_list_and_forget(sessions, tmp_path: Path, file: Path) -> None:
    sessions(two_views(-0.12, seed=5))
    finished = run_here("live", "0", "2", "--measure-delay", folder=tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert "The camera of A delivers 1" in finished.stdout
    assert "moves both arms up and down" in finished.stderr
    assert list(json.loads(file.read_text())) == ["by-id/Front | by-id/Side"]
    listed = run_here("cameras", folder=tmp_path).stdout
    assert "by-id/Front delivers 1" in listed
    assert "delivers" not in run_here("cameras", "--forget-delays", folder=tmp_path).stdout
    finished = run_here("live", "0", "demo:b", "--measure-delay", folder=tmp_path)
    assert (finished.returncode, "are not two cameras" in finished.stderr) == (1, True)
