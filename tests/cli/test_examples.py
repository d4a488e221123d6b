"""Every example of the README, the documents and the commands' help, typed as it stands."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from mirror import Recording
from mirror.capture.base import Frame
from mirror.capture.camera import list_cameras
from mirror.capture.synthetic.demo import RenderedSource
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.motion import mirrored, periodic
from mirror.cli import app
from mirror.export import FORMATS
from tests.support import commands as typed
from tests.support.examples import (
    DOCUMENTS,
    ROOT,
    blocks,
    commands,
    help_examples,
    inline_commands,
    programs,
)
from tests.support.recordings import make_recording

NOT_RUN = {
    "make demo": "installs into .venv; CI begins with it",
    "make test": "is what runs this",
    "source .venv/bin/activate": "the environment is what runs this",
    "mirror demo": "takes as long as its script; tests/test_cli.py plays a part of it",
    "mirror validate -o validation.html": "takes ten minutes; tests/validation has --quick",
    "mirror validate -o report.html": "the same",
    "mirror validate -o report.html --json report.json --seed 1": "the same",
    "mirror live rtsp://192.0.2.7/stream 0 --seconds 600 -o talk.mirror": "an address of nobody",
    "mirror live 0 lsl:Anna": "needs a sender; tests/streams has them",
    "mirror live 0 lsl:Anna --lsl synchrony": "the same",
    "mirror live lsl:Anna lsl:Ben#up=y": "the same",
    "mirror live 'lsl:belt a' 'lsl:belt b'": "the same",
    "mirror live lsl:Suit#series=left_wrist_x,left_wrist_y 1": "the same",
}

SHORTER = {
    "--to video": "--until 5 --to video",
    "mirror demo --seconds 30": "mirror demo --seconds 2",
    "mirror demo --jsonl": "mirror demo --seconds 6 --window 2 --jsonl",
}
"""What is played in real time or drawn picture by picture, and the part of it that is here."""

LONG = ROOT / "recordings" / "sample.mirror"
RECORDINGS = ("talk.mirror", "monday.mirror", "tuesday.mirror", "FILE", "recordings/sample.mirror")
CLIP = 2.0
"""Seconds of the films: enough to be followed, and no more to wait for."""

_OUTPUT = re.compile(r"(?:-o|--output|--pdf) (\S+)")
_IN_A_SHELL = re.compile(r"[|>]|&&")
# MediaPipe and cameras write past Python's streams, and hold the process that they were loaded by.
_ALONE = ("demo", "live", "analyze", "doctor")


class _Room:
    """Pictures of two people side by side, from a picture of each."""

    def __init__(self, *people: RenderedSource) -> None:
        self._people = people

    def __iter__(self) -> Iterator[Frame]:
        for a, b in zip(*self._people, strict=True):
            halves = [each.image[:, 160:480] for each in (a, b)]
            yield Frame(a.time, np.hstack(halves))


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all that the examples name."""
    folder = tmp_path_factory.mktemp("things")
    moving = periodic(0.8, seed=1)
    people = (
        lambda: RenderedSource(Looks.random(3), moving, duration=CLIP),
        lambda: RenderedSource(Looks.random(4), mirrored(moving), duration=CLIP),
    )
    typed.encode_video(folder / "anna.mp4", people[0]())
    typed.encode_video(folder / "ben.mp4", people[1]())
    typed.encode_video(folder / "room.mp4", _Room(*(person() for person in people)))
    for name in ("study", "recordings"):
        (folder / name).mkdir()
    for name in RECORDINGS:
        shutil.copy(LONG, folder / name)
    for number in range(5):
        started = f"2026-11-23T1{number}:00:00+00:00"
        make_recording(folder / "study" / f"{number}.mirror", started=started)
    time = np.arange(0, 120, 1 / 25)
    waves = np.sin(5 * time), np.sin(5 * time - 0.5)
    noise = np.random.default_rng(0).normal(0, 0.3, (2, len(time)))
    np.savetxt(folder / "dyad.txt", (waves + noise).T, header="pat th", comments="")
    (folder / "bin").mkdir()
    command = folder / "bin" / "mirror"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m mirror "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    return folder


@pytest.fixture
def folder(things: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh copy of it to type in, without a display."""
    place = tmp_path / "here"
    shutil.copytree(things, place)
    monkeypatch.chdir(place)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PATH", f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    return place


@pytest.mark.parametrize("document", DOCUMENTS)
def test_document_commands(document: str, folder: Path) -> None:
    for line in dict.fromkeys(commands(document)):
        if line not in NOT_RUN:
            _type(line, folder)


def test_help_commands(folder: Path) -> None:
    elsewhere = {line for document in DOCUMENTS for line in commands(document)}
    examples = help_examples()
    assert len(examples) > 20
    forgetting = [line for line in examples if line.startswith("mirror forget")]
    for line in [each for each in examples if each not in forgetting] + forgetting:
        if line not in NOT_RUN and line not in elsewhere:
            _type(line, folder)


def test_python_examples(folder: Path) -> None:
    with Recording.open(folder / "talk.mirror") as recording:
        scores, events = list(recording), recording.events()
    found = [text for document in DOCUMENTS for text in programs(document)]
    assert len(found) == 2
    for text in found:
        printed = io.StringIO()
        with redirect_stdout(printed):
            names = {"__name__": "example", "scores": scores, "events": events}
            exec(compile(text, "an example", "exec"), names)
        said = re.findall(r"(?<=\n)# (.*)", text)
        _compare(printed.getvalue(), " ".join(said))
        for name in re.findall(r"jsonl:(\w+\.jsonl)", text):
            rows = (folder / name).read_text(encoding="ascii").splitlines()
            assert len(rows) == len(scores) + len(events)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_inline_commands_and_options_exist(document: str) -> None:
    known = typer.main.get_group(app.app)
    for line in inline_commands(document):
        _, name, *words = line.split()
        if name.startswith("-"):
            continue
        assert name in known.commands, line
        options = {text for each in known.commands[name].params for text in each.opts}
        named = {word.partition("=")[0] for word in words if word.startswith("-")}
        assert named <= options, line


def test_skipped_and_shortened_commands_are_examples() -> None:
    every = [*help_examples(), *(line for document in DOCUMENTS for line in commands(document))]
    assert set(NOT_RUN) <= set(every)
    assert all(any(part in line for line in every) for part in SHORTER)


def test_every_code_block_is_covered() -> None:
    languages = {language for document in DOCUMENTS for language, _ in blocks(document)}
    assert languages == {"sh", "python", "text"}
    texts = [text for each in DOCUMENTS for kind, text in blocks(each) if kind == "text"]
    assert [text for text in texts if "mirror " in text] == []


def test_every_export_format_has_an_example() -> None:
    shown = {
        found[1]
        for document in DOCUMENTS
        for line in commands(document)
        if (found := re.search(r"mirror export .*--to (\S+)", line))
    }
    assert shown == set(FORMATS)


def _type(line: str, folder: Path) -> None:
    """Type one example, and see that it does what its reader may expect."""
    outputs = [folder / name for name in _OUTPUT.findall(line)]
    for each in outputs:  # made by an example before it
        shutil.rmtree(each) if each.is_dir() else each.unlink(missing_ok=True)
    short = line
    for whole, part in SHORTER.items():
        short = short.replace(whole, part)
    status, out, err = _run(short, folder)
    said = f"{line}\n{out}{err}"
    words = line.split()
    if words == ["mirror"]:
        assert (status, "Usage: mirror" in out) == (2, True), said
    elif words[1] == "replay":
        assert status == 1, said
        assert "cannot be replayed without a display" in err, said
    elif words[1] == "live":
        assert status == 1, said
        assert re.fullmatch(r"mirror: .*camera.*\n", err), said
    elif words[1] == "doctor":
        assert status == ("✗" in out), said
    else:
        assert status == 0, said
        assert out.strip(), said
        for each in outputs:
            assert any(each.iterdir()) if each.is_dir() else each.stat().st_size > 0, said
    if words[1:2] == ["analyze"] and "--series" not in words and outputs:
        with Recording.open(outputs[0]) as recording:
            assert all(found > 30 for _, found in recording.counts().values()), said
        shutil.copy(LONG, outputs[0])  # the examples that follow speak of a session of minutes


def _run(line: str, folder: Path) -> tuple[int, str, str]:
    if _IN_A_SHELL.search(line):
        if "jq" in line and shutil.which("jq") is None:
            pytest.skip("an example needs jq")
        shell = subprocess.run(  # as a reader would
            line,
            check=False,
            shell=True,
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )
        return shell.returncode, shell.stdout, shell.stderr
    program, *words = shlex.split(line)
    assert program == "mirror", line
    if words[:1] == ["live"] and list_cameras():
        pytest.skip("a camera is plugged in, and nobody has asked to be filmed")
    if words[:1] and words[0] in _ALONE:
        ended = typed.run(*words, folder=folder)
        return ended.returncode, ended.stdout, ended.stderr
    result = CliRunner().invoke(app.app, words, input="y\n")
    fault = "" if result.exception is None else str(result.exception)
    return result.exit_code, result.stdout, f"{result.stderr}{fault}"


def _compare(printed: str, comment: str) -> None:
    """A comment's numbers are those that were printed, rounded as the comment has them."""
    told = re.findall(r"-?\d+(?:\.\d+)?", comment)
    found = [float(each) for each in printed.split()]
    assert [float(each) for each in told] == [
        round(value, len(text.partition(".")[2])) for value, text in zip(found, told, strict=True)
    ]
