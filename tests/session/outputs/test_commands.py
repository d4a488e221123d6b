"""Streams as a person asks for them: flags, and what comes out of the program."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mirror import Recording, Timeline
from mirror.cli import app, run, sessions
from mirror.events import Event
from mirror.session.start import SessionRequest
from mirror.timeline import COLUMNS, LEVELS, PostureState, Score, State
from tests.support import commands

WORDS = ("--lsl", "synchrony", "--osc", "127.0.0.1:9000", "--jsonl", "-")
STREAMS = ("lsl:synchrony", "osc:127.0.0.1:9000", "jsonl:-")


@pytest.mark.parametrize("display", [True, False])
@pytest.mark.parametrize("command", [("demo",), ("live", "0", "lsl:Anna#flip&up=y")])
def test_streams_are_passed_to_the_session(
    monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], display: bool
) -> None:
    asked: list[SessionRequest] = []
    monkeypatch.setattr(sessions, "has_display", lambda: display)
    monkeypatch.setattr(sessions, "open_window", lambda start: asked.append(start) or 0)
    monkeypatch.setattr(run, "live", asked.append)
    for words, streams in ((WORDS, STREAMS), ((), ()), (WORDS[2:4], STREAMS[1:2])):
        assert CliRunner().invoke(app.app, [*command, *words]).exit_code == 0
        assert asked.pop().streams == streams


def parsed(line: str) -> Score | Event:
    value = json.loads(line)
    if value.pop("type") == "event":
        return Event(**value)
    numbers = [value[name] for name in COLUMNS if name not in LEVELS]
    time_s, *rest = (float("nan") if number is None else number for number in numbers)
    posture = PostureState(value["posture_state"])
    return Score(time_s, State(value["state"]), *rest, posture_state=posture)


def test_rows_are_on_stdout_and_the_meter_is_on_stderr(tmp_path: Path) -> None:
    terminal = commands.Terminal(100, 40)
    words = ("demo", "--window", 2, "-o", "s.mirror", "--jsonl", "-")
    with commands.start(*words, folder=tmp_path, mediapipe=False, stderr=terminal) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(10)]
        process.send_signal(signal.SIGINT)
        lines += process.stdout
    shown = terminal.full_text()
    assert process.returncode == 0, shown
    assert "Ctrl-C ends the session" in shown
    assert "Recorded in s.mirror" in shown
    rows = [parsed(line) for line in lines]
    with Recording.open(tmp_path / "s.mirror") as recording:
        scores = [each for each in rows if isinstance(each, Score)]
        assert Timeline.from_scores(scores).equals(recording.timeline())
        assert [each for each in rows if isinstance(each, Event)] == recording.events() != []


def test_closed_reader_is_one_line_and_session_continues(
    tmp_path: Path, slow_pair: tuple[Path, Path]
) -> None:
    words = ("live", *slow_pair, "--seconds", 3, "--window", 2, "-o", "s.mirror", "--jsonl", "-")
    with commands.start(*words, folder=tmp_path, mediapipe=False) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        lines: list[str] = []
        errors = process.stderr
        listening = threading.Thread(target=lambda: lines.extend(errors))
        listening.start()
        assert parsed(process.stdout.readline())
        process.stdout.close()
        assert process.wait(60) == 1
        listening.join(20)
    message = "mirror: standard output: Broken pipe; nothing more is written there"
    assert [line.strip() for line in lines if line.startswith("mirror: ")] == [message]
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.timeline().time_s[-1] > 2.5
        assert recording.session["quality"]["duration_s"] > 2.5


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--osc", "studio"), "'studio' is no host and port"),
        (("--jsonl", "there.jsonl"), "there.jsonl exists and is not replaced"),
    ],
)
def test_unopenable_stream_is_a_one_line_error(
    tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    (tmp_path / "there.jsonl").touch()
    finished = commands.run_here("demo", "--seconds", 3, *words, folder=tmp_path, mediapipe=False)
    assert says in commands.error_line(finished)
    assert [each.name for each in tmp_path.iterdir()] == ["there.jsonl"]
