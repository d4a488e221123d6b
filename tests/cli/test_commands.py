"""Commands that open the window, and what they do if it cannot open."""

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


class FakeInterfaces:
    """Fakes of the window and the terminal meter that store their requests."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.window: list[object] = []
        self.terminal: list[SessionRequest] = []
        self.display = True
        self.error: WindowError | None = None
        self.output = ""
        for module in (app, recordings, sessions):
            monkeypatch.setattr(module, "has_display", lambda: self.display)
            monkeypatch.setattr(module, "open_window", self._open)
        # Ignore recordings in the current folder.
        monkeypatch.setattr(sessions, "new_abrupt_ends", lambda folder: [])
        monkeypatch.setattr(run, "live", self.terminal.append)

    def _open(self, request: object = None) -> int:
        if self.error is not None:
            raise self.error
        self.window.append(request)
        return 5

    def run(self, *words: str) -> int:
        result = CliRunner().invoke(app.app, list(words))
        if isinstance(result.exception, WindowError):
            raise result.exception
        self.output = " ".join(result.output.split())
        return result.exit_code


@pytest.fixture
def interfaces(monkeypatch: pytest.MonkeyPatch) -> FakeInterfaces:
    return FakeInterfaces(monkeypatch)


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


def test_sessions_run_in_window_with_display(interfaces: FakeInterfaces) -> None:
    assert interfaces.run(*DEMO_WORDS) == 5
    assert interfaces.run(*LIVE_WORDS) == 5
    assert interfaces.run(*DEMO_WORDS, "--seconds", "9") == 5
    assert interfaces.window == [DEMO, LIVE, replace(DEMO, seconds=9.0)]
    assert interfaces.terminal == []


@pytest.mark.parametrize("why", ["no display", "--no-window", "no libraries"])
def test_sessions_run_in_terminal_without_window(interfaces: FakeInterfaces, why: str) -> None:
    interfaces.display = why != "no display"
    interfaces.error = WindowError("install libegl1") if why == "no libraries" else None
    more = ("--no-window",) if why == "--no-window" else ()
    assert interfaces.run(*DEMO_WORDS, *more) == 0
    assert interfaces.run(*LIVE_WORDS, *more) == 0
    assert interfaces.window == []
    error = "mirror: install libegl1 (the terminal meter shows the session instead)"
    assert interfaces.output == (error if interfaces.error else "")
    # In the terminal the demo ends with its script; in the window it runs until stopped.
    assert interfaces.terminal == [replace(DEMO, seconds=LENGTH), LIVE]


def test_unnamed_session_goes_to_recordings_folder(interfaces: FakeInterfaces) -> None:
    interfaces.run("live", "0", "1")
    (start,) = interfaces.window
    assert isinstance(start, SessionRequest)
    assert start.output is not None
    assert start.output.parent == Path("recordings")


def test_mirror_without_command_opens_start_page(interfaces: FakeInterfaces) -> None:
    assert interfaces.run() == 5
    assert interfaces.window == [None]


def test_replay_opens_recording(interfaces: FakeInterfaces, tmp_path: Path) -> None:
    Recorder(tmp_path / "s.mirror", {}).close()
    assert interfaces.run("replay", str(tmp_path / "s.mirror")) == 5
    assert interfaces.window == [tmp_path / "s.mirror"]


def test_window_error_ends_commands_that_need_window(
    interfaces: FakeInterfaces, tmp_path: Path
) -> None:
    Recorder(tmp_path / "s.mirror", {}).close()
    interfaces.error = WindowError("install libegl1")
    for words in ((), ("replay", str(tmp_path / "s.mirror"))):
        with pytest.raises(WindowError, match="install libegl1"):
            interfaces.run(*words)
