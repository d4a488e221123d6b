"""Consent: requested if the config has a consent note, and stored in the recording."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mirror import Recording, Settings
from mirror.cli import app, sessions
from mirror.cli import run as running
from mirror.cli.console import Terminal
from mirror.cli.tables import session_table
from mirror.session.start import SessionRequest, start_live
from tests.support.commands import error_line, finish, run_here, start
from tests.support.fakes import Waving

NOTE = "You are filmed; only we see it. Änderungen jederzeit."


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "lab.toml"
    path.write_text(f'consent = "{NOTE}"\nwindow = 4\n', encoding="utf-8")
    return path


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[SessionRequest]:
    """Requests that the terminal meter is called with."""
    started: list[SessionRequest] = []
    monkeypatch.setattr(running, "live", started.append)
    monkeypatch.setattr(sessions, "has_display", lambda: False)
    return started


def invoke(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app.app, [str(each) for each in words])
    return result.exit_code, " ".join(f"{result.output} {result.exception or ''}".split())


def test_consent_given_flag_starts_session(config: Path, requests: list[SessionRequest]) -> None:
    assert invoke("live", 0, 1, "--config", config, "--consent-given")[0] == 0
    assert requests[0].consent == NOTE
    assert requests[0].settings == Settings(window=4.0)


def test_missing_consent_without_terminal_is_refused(
    config: Path, requests: list[SessionRequest]
) -> None:
    status, output = invoke("live", 0, 1, "--config", config)
    assert status == 1
    assert NOTE in output
    assert "--consent-given" in output
    assert requests == []


def test_no_consent_note_asks_nothing(requests: list[SessionRequest]) -> None:
    assert invoke("live", 0, 1)[0] == 0
    assert requests[0].consent == ""
    status, output = invoke("live", 0, 1, "--consent-given")
    assert status == 2
    assert "needs a consent note" in output


def test_consent_note_must_be_text(tmp_path: Path, requests: list[SessionRequest]) -> None:
    path = tmp_path / "lab.toml"
    path.write_text("consent = true")
    status, output = invoke("live", 0, 1, "--config", path)
    assert status == 1
    assert "consent must be a text" in output


@pytest.mark.parametrize(("answer", "status"), [(b"n\n", 1), (b"y\n", 0)])
def test_terminal_asks_for_consent(
    config: Path, tmp_path: Path, slow_pair: tuple[Path, Path], answer: bytes, status: int
) -> None:
    master, slave = os.openpty()
    words = ("live", *slow_pair, "--seconds", 1, "-o", "s.mirror", "--config", config)
    process = start(*words, folder=tmp_path, mediapipe=False, stdin=slave)
    os.close(slave)
    os.write(master, answer)
    output, errors = finish(process)
    os.close(master)
    assert process.returncode == status, errors
    assert NOTE in " ".join(output.split())
    if status:
        assert "without the consent of both people" in errors
        assert not (tmp_path / "s.mirror").exists()
        return
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.session["consent"]["text"] == NOTE


def test_consent_is_recorded_with_time_and_shown(
    tmp_path: Path, slow_pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mirror.session.start.PoseTracker", Waving)
    a, b = map(str, slow_pair)
    session = start_live(
        SessionRequest(a=a, b=b, output=tmp_path / "s.mirror", consent=NOTE), print
    )
    for update in session.run(seconds=20):
        if update.pose is not None:
            session.stop()
    with Recording.open(tmp_path / "s.mirror") as recording:
        consent = recording.session["consent"]
        assert consent["text"] == NOTE
        assert consent["time"][:10] == recording.session["started"][:10]
        terminal = Terminal(width=200)
        with terminal.capture() as shown:
            terminal.print(session_table(recording))
    assert NOTE in shown.get()


def test_rescore_accepts_config_with_consent_note(config: Path, tmp_path: Path) -> None:
    assert "there is no recording" in error_line(
        run_here("rescore", "none.mirror", "--config", config, folder=tmp_path)
    )
