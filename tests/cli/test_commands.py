"""Which commands open the window, with what, and what they do where it does not open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mirror import Settings
from mirror.capture.synthetic.demo import LENGTH
from mirror.cli import app, recordings, run, sessions
from mirror.errors import WindowError
from mirror.recording.writer import Recorder
from mirror.session.start import SessionRequest


class Faces:
    """Stand-ins for the window and for the terminal meter, which keep what they are asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.window: list[object] = []
        self.terminal: list[SessionRequest] = []
        self.display = True
        self.fault: WindowError | None = None
        self.said = ""
        for module in (app, recordings, sessions):
            monkeypatch.setattr(module, "has_display", lambda: self.display)
            monkeypatch.setattr(module, "open_window", self._open)
        # What lies in the folder that the tests are run in is nobody's business here.
        monkeypatch.setattr(sessions, "new_abrupt_ends", lambda folder: [])
        monkeypatch.setattr(run, "live", self.terminal.append)

    def _open(self, request: object = None) -> int:
        if self.fault is not None:
            raise self.fault
        self.window.append(request)
        return 5

    def type(self, *words: str) -> int:
        result = CliRunner().invoke(app.app, list(words))
        if isinstance(result.exception, WindowError):
            raise result.exception
        self.said = " ".join(result.output.split())
        return result.exit_code


@pytest.fixture
def faces(monkeypatch: pytest.MonkeyPatch) -> Faces:
    return Faces(monkeypatch)


DEMO = SessionRequest(a="demo:a", b="demo:b", settings=Settings(window=3.0), title="demo")
LIVE = SessionRequest(
    a="0",
    b="1",
    output=Path("talk.mirror"),
    video=True,
    seconds=60.0,
    labels=("Anna", "Ben"),
    condition="C",
    notes="N",
    title="live",
)
DEMO_WORDS = ("demo", "--window", "3", "--no-record")
LIVE_WORDS = (
    *("live", "0", "1", "-o", "talk.mirror", "--video", "--seconds", "60"),
    *("--label-a", "Anna", "--label-b", "Ben", "--condition", "C", "--notes", "N"),
)


def test_sessions_run_in_window_with_display(faces: Faces) -> None:
    assert faces.type(*DEMO_WORDS) == 5
    assert faces.type(*LIVE_WORDS) == 5
    assert faces.type(*DEMO_WORDS, "--seconds", "9") == 5
    assert faces.window == [DEMO, LIVE, replace(DEMO, seconds=9.0)]
    assert faces.terminal == []


@pytest.mark.parametrize("why", ["no display", "no window wanted", "no libraries"])
def test_sessions_run_in_terminal_without_window(faces: Faces, why: str) -> None:
    faces.display = why != "no display"
    faces.fault = WindowError("install libegl1") if why == "no libraries" else None
    more = ("--no-window",) if why == "no window wanted" else ()
    assert faces.type(*DEMO_WORDS, *more) == 0
    assert faces.type(*LIVE_WORDS, *more) == 0
    assert faces.window == []
    fault = "mirror: install libegl1 (the terminal meter shows the session instead)"
    assert faces.said == (fault if faces.fault else "")
    # there the demo ends with its script; in the window it goes on until it is stopped
    assert faces.terminal == [replace(DEMO, seconds=LENGTH), LIVE]


def test_unnamed_session_goes_to_recordings_folder(faces: Faces) -> None:
    faces.type("live", "0", "1")
    (start,) = faces.window
    assert isinstance(start, SessionRequest)
    assert start.output is not None
    assert start.output.parent == Path("recordings")


def test_mirror_without_command_opens_start_page(faces: Faces) -> None:
    assert faces.type() == 5
    assert faces.window == [None]


def test_replay_opens_recording(faces: Faces, tmp_path: Path) -> None:
    Recorder(tmp_path / "s.mirror", {}).close()
    assert faces.type("replay", str(tmp_path / "s.mirror")) == 5
    assert faces.window == [tmp_path / "s.mirror"]


def test_window_error_ends_commands_that_need_window(faces: Faces, tmp_path: Path) -> None:
    Recorder(tmp_path / "s.mirror", {}).close()
    faces.fault = WindowError("install libegl1")
    for words in ((), ("replay", str(tmp_path / "s.mirror"))):
        with pytest.raises(WindowError, match="install libegl1"):
            faces.type(*words)
