"""The log: levels, its file, and that nothing personal gets into it."""

from __future__ import annotations

import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest
from typer.testing import CliRunner

import mirror.session.start
from mirror._support import logs
from mirror.cli import app, run
from mirror.errors import RecordingError
from mirror.landmarks import Model
from mirror.recording.writer import Recorder
from tests.support.clips import write_video
from tests.support.fakes import Waving

NAMES = ("Annabel", "Benedikt", "at the clinic", "she was late")


class Follows(Waving):
    def __init__(self, _model: Path) -> None:
        """It needs no model."""


@pytest.fixture(autouse=True)
def log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """The log file, in a folder of its own; no handlers are left behind."""
    folder = tmp_path / "log"
    monkeypatch.setattr(platformdirs, "user_log_path", lambda *_, **__: folder)
    loggers = [logging.getLogger(name) for name in logs.PACKAGES]
    before = [(logger, logger.level, logger.handlers.copy()) for logger in loggers]
    yield folder / "mirror.log"
    for logger, level, handlers in before:
        for handler in logger.handlers:
            if handler not in handlers:
                handler.close()
        logger.setLevel(level)
        logger.handlers = handlers


@pytest.fixture
def films(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Two short films, with a fake in MediaPipe's place."""
    monkeypatch.setattr(mirror.session.start, "PoseTracker", Follows)
    model = Model(tmp_path / "fake.task", "", "fake")
    monkeypatch.setattr(mirror.session.start, "provide_model", lambda *_, **__: model)
    monkeypatch.setattr(run, "redirect_native_stderr", lambda: None)
    times = [frame / 30 for frame in range(30)]
    return [str(write_video(tmp_path / name, times)) for name in ("annabel.mp4", "ben.mp4")]


def sessions(films: list[str], folder: Path, *flags: str) -> list[str]:
    """What a live and an offline session write to stderr."""
    a, b, condition, notes = NAMES
    about = ("--label-a", a, "--label-b", b, "--condition", condition, "--notes", notes)
    said = []
    for command in (("live", "--no-window", "--jsonl", str(folder / "rows.jsonl")), ("analyze",)):
        output = ("-o", str(folder / "clinic.mirror"))
        words = [*flags, *command, *films, *about, *output, "--window", "2"]
        done = CliRunner().invoke(app.app, words)
        assert done.exit_code == 0, done.output
        said.append(done.stderr)
    return said


def test_log_holds_kinds_and_counts_and_nothing_personal(
    films: list[str], tmp_path: Path, log: Path
) -> None:
    logs.log_to_file()
    sessions(films, tmp_path)
    missing = CliRunner().invoke(app.app, ["live", "--no-window", str(tmp_path / "no.mp4"), "0"])
    assert missing.exit_code == 1
    text = log.read_text()
    for line in (
        "opening a source: file",
        "opened a recording",
        "live session started: recording on, video of 0 feeds, 1 outputs",
        "feed a ended: at its end",
        "offline session started: recording on, video of 0 feeds, 0 outputs",
        "feed b: 30 frames, 30 with a person, 0 dropped, 0 while paused",
        "closed the recording",
        "the session does not start: SourceError at mirror.capture.",
    ):
        assert line in text
    words = [*NAMES, *films, "annabel", "ben.mp4", "no.mp4", "clinic.mirror", "rows.jsonl"]
    for word in (*words, str(tmp_path), str(Path.home()) + "/"):
        assert word not in text


def test_log_file_is_private_and_rotates(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 200)
    logs.log_to_file()
    for number in range(30):
        logging.getLogger("mirror.test").info("record %d", number)
    files = logs.log_files()
    assert [file.name for file in files] == ["mirror.log", *(f"mirror.log.{n}" for n in (1, 2, 3))]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert "record 29" in log.read_text()


def test_log_file_that_cannot_be_written_is_no_error(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.parent.write_text("a file, not a folder")
    logs.log_to_file()
    log.parent.unlink()
    log.mkdir(parents=True)
    logs.log_to_file()
    logging.getLogger("mirror.test").info("lost")
    assert capsys.readouterr() == ("", "")
    assert logs.log_files() == []


@pytest.mark.parametrize(
    ("flags", "levels"), [((), set()), (("-v",), {"INFO"}), (("-vv",), {"INFO", "DEBUG"})]
)
def test_verbose_logs_to_stderr(
    films: list[str], tmp_path: Path, flags: tuple[str, ...], levels: set[str]
) -> None:
    records = [
        line.split() for said in sessions(films, tmp_path, *flags) for line in said.splitlines()
    ]
    assert {each[2] for each in records if len(each) > 2} & {"INFO", "DEBUG", "WARNING"} == levels


def test_errors_are_described_without_their_text(tmp_path: Path) -> None:
    with pytest.raises(RecordingError) as caught:
        Recorder(tmp_path, {})
    text = logs.describe_error(caught.value)
    assert text.startswith("RecordingError at mirror.recording.writer:")
    assert str(tmp_path) not in text
    assert logs.describe_error(ValueError("Annabel")) == "ValueError"
