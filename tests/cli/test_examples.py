"""Run every example of the README, the documents and the commands' help."""

from __future__ import annotations

import io
import json
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
from pympi.Elan import Eaf
from typer.core import TyperGroup

from docs.corpus import write_corpus
from mirror import Recording
from mirror.capture.base import Frame
from mirror.capture.camera import list_cameras
from mirror.cli import app
from mirror.export import FORMATS
from tests.support.commands import WITHOUT_MEDIAPIPE, run_here
from tests.support.examples import (
    DOCUMENTS,
    ROOT,
    blocks,
    commands,
    help_examples,
    inline_commands,
    programs,
)
from tests.support.fakes import Waving
from tests.support.once import make_once
from tests.support.recordings import make_recording
from tests.support.rendered import IN_PHASE, LOOKS, RATE, encode_video, person
from tests.support.reports import draw_once
from tests.support.sounds import recorded, speech, write_sounding_video

NOT_RUN = {
    "make demo": "installs into .venv; CI begins with it",
    "make test": "is what runs this",
    "source .venv/bin/activate": "the environment is what runs this",
    "mirror doctor": "tests/cli/test_doctor.py runs it",
    "mirror doctor --bundle report.zip": "the same",
    "mirror demo": "takes as long as its script; tests/cli/test_app.py runs a part",
    "mirror validate -o validation.html": "takes ten minutes; test_validate.py runs --quick",
    "mirror validate -o report.html": "the same",
    "mirror validate -o report.html --json report.json --seed 1": "the same",
    "mirror validate -o report.html --detection": "the same; test_detection.py measures few pairs",
    "mirror live rtsp://192.0.2.7/stream 0 --seconds 600 -o talk.mirror": "an unused address",
    "mirror live 0 1 --measure-delay": "needs two cameras; see tests/clocks/test_cameras.py",
    "mirror live screen:1#xywh=20,80,640,360 screen:1#xywh=700,80,640,360": "needs a screen; "
    "see tests/capture/test_screen.py",
    "mirror live 0 lsl:Anna": "needs a sender; see tests/capture/test_lsl.py",
    "mirror live 0 lsl:Anna --lsl synchrony": "the same",
    "mirror live lsl:Anna lsl:Ben#up=y": "the same",
    "mirror live 'lsl:belt a' 'lsl:belt b'": "the same",
    "mirror live lsl:Suit#series=left_wrist_x,left_wrist_y 1": "the same",
}

SHORTENED = {
    "mirror study run": "mirror study run --workers 0",
    "--to video": "--until 1 --to video",
    "--from 60 --until 70": "--from 60 --until 61",
    "mirror demo --seconds 30": "mirror demo --seconds 2",
    "--exercise swap": "--exercise swap --seconds 1",
    "--exercise be-my-mirror": "--exercise be-my-mirror --seconds 1",
    "mirror demo --jsonl": "mirror live a.mp4 b.mp4 --seconds 4 --window 2 --jsonl",
}
"""Slow commands and the shorter ones that run here."""

SAMPLE = ROOT / "recordings" / "sample.mirror"
RECORDINGS = (
    *("talk.mirror", "monday.mirror", "tuesday.mirror", "room.mirror", "FILE"),
    "recordings/sample.mirror",
)
CLIP_S = 1.5
"""Length of the videos in seconds."""

_OUTPUT = re.compile(r"(?:-o|--output|--pdf) (\S+)")
_SHELL_SYNTAX = re.compile(r"[|>]|&&")


def _side_by_side(*people: list[Frame]) -> Iterator[Frame]:
    for a, b in zip(*people, strict=True):
        yield Frame(a.time, np.hstack([each.image[:, 80:240] for each in (a, b)]))


@pytest.fixture(scope="module")
def example_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with all files that the examples use."""
    folder = tmp_path_factory.mktemp("example_files")
    return make_once(tmp_path_factory, "example files", lambda: write_files(folder))


def write_files(folder: Path) -> Path:
    people = [
        list(person(looks, motion, CLIP_S)) for looks, motion in zip(LOOKS, IN_PHASE, strict=True)
    ]
    encode_video(folder / "anna.mp4", people[0])
    encode_video(folder / "ben.mp4", people[1])
    encode_video(folder / "room.mp4", _side_by_side(*people))
    sound = speech(0, 12)
    for number, frames in enumerate(people):
        heard = recorded(sound, number, start=0.1 - 0.1 * number, seconds=11)
        images = [each.image for each in frames]
        write_sounding_video(folder / f"phone{number + 1}.mp4", heard, images, rate=RATE)
    for name in ("study", "recordings"):
        (folder / name).mkdir()
    for name in RECORDINGS:
        shutil.copy(SAMPLE, folder / name)
    for number in range(5):
        started = f"2026-11-23T1{number}:00:00+00:00"
        make_recording(folder / "study" / f"{number}.mirror", started=started)
    write_corpus(folder / "corpus", 12, 45)
    time = np.arange(0, 70, 1 / 25)  # SUSY needs a minute
    waves = np.sin(5 * time), np.sin(5 * time - 0.5)
    noise = np.random.default_rng(0).normal(0, 0.3, (2, len(time)))
    np.savetxt(folder / "dyad.txt", (waves + noise).T, header="pat th", comments="")
    codes = "start,end,tier,code\n0,50,therapist,speaks\n51,,client,nods\n"
    (folder / "codes.csv").write_text(codes)
    document = Eaf()
    document.add_annotation("default", 0, 500, "nods")
    document.to_file(str(folder / "codes.eaf"))
    events = {name: {"events": [[1.0, "client", "nods", ""]]} for name in ("session 1", "2")}
    project = {"behaviors_conf": {"0": {"code": "nods", "type": "Point event"}}}
    (folder / "project.boris").write_text(json.dumps(project | {"observations": events}))
    (folder / "bin").mkdir()
    command = folder / "bin" / "mirror"
    program = shlex.quote(WITHOUT_MEDIAPIPE)
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c {program} "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    return folder


@pytest.fixture(scope="module", autouse=True)
def _draw_figures_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        draw_once(patch)
        yield


@pytest.fixture
def folder(
    example_files: Path,
    slow_pair: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Fresh copy of the example files as the working folder, without a display."""
    copy = tmp_path / "here"
    shutil.copytree(example_files, copy)
    for video in slow_pair:
        (copy / video.name).symlink_to(video)
    monkeypatch.chdir(copy)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PATH", f"{copy / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    return copy


@pytest.mark.parametrize("document", DOCUMENTS)
def test_document_commands(document: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an earlier document gives, too, is run there; what it makes is among the files."""
    if document != "README.md":  # which tries MediaPipe for all
        monkeypatch.setattr("mirror.session.start.PoseTracker", Waving)
    earlier = DOCUMENTS[: DOCUMENTS.index(document)]
    done = {line for each in earlier for line in commands(each)}
    for line in dict.fromkeys(commands(document)):
        if line not in NOT_RUN and line not in done:
            _check_example(line, folder)


def test_help_commands(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mirror.session.start.PoseTracker", Waving)
    in_documents = {line for document in DOCUMENTS for line in commands(document)}
    examples = help_examples()
    assert len(examples) > 20
    forget = [line for line in examples if line.startswith("mirror forget")]
    for line in [each for each in examples if each not in forget] + forget:
        if line not in NOT_RUN and line not in in_documents:
            _check_example(line, folder)


def test_python_examples(folder: Path) -> None:
    with Recording.open(folder / "talk.mirror") as recording:
        scores, events = list(recording), recording.events()
    examples = [text for document in DOCUMENTS for text in programs(document)]
    assert len(examples) == 2
    for text in examples:
        printed = io.StringIO()
        with redirect_stdout(printed):
            names = {"__name__": "example", "scores": scores, "events": events}
            exec(compile(text, "an example", "exec"), names)
        comments = re.findall(r"(?<=\n)# (.*)", text)
        _check_numbers(printed.getvalue(), " ".join(comments))
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
        command = known.commands[name]
        if isinstance(command, TyperGroup) and words:
            command = command.commands[words.pop(0)]
        options = {text for each in command.params for text in each.opts}
        named = {word.partition("=")[0] for word in words if word.startswith("-")}
        assert named <= options, line


def test_skipped_and_shortened_commands_are_examples() -> None:
    examples = [*help_examples(), *(line for document in DOCUMENTS for line in commands(document))]
    assert set(NOT_RUN) <= set(examples)
    assert all(any(part in line for line in examples) for part in SHORTENED)


def test_every_code_block_is_covered() -> None:
    languages = {language for document in DOCUMENTS for language, _ in blocks(document)}
    assert languages == {"bat", "sh", "python", "text", "toml"}  # bat: installation on Windows
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


def _check_example(line: str, folder: Path) -> None:
    """Run one example and check its output."""
    outputs = [folder / name for name in _OUTPUT.findall(line)]
    for path in outputs:  # of an earlier example
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    short = line
    for whole, part in SHORTENED.items():
        short = short.replace(whole, part)
    status, out, err = _run(short, folder)
    output = f"{line}\n{out}{err}"
    words = line.split()
    if words == ["mirror"]:
        assert (status, "Usage: mirror" in out) == (2, True), output
    elif words[1] == "replay":
        assert status == 1, output
        assert "cannot be shown without a display" in err, output
    elif words[1] == "live":
        assert status == 1, output
        assert re.fullmatch(r"mirror: .*camera.*\n", err), output
    else:
        assert status == 0, output
        assert out.strip(), output
        for path in outputs:
            assert any(path.iterdir()) if path.is_dir() else path.stat().st_size > 0, output
    if words[1:2] == ["analyze"] and "--series" not in words and outputs:
        with Recording.open(outputs[0]) as recording:
            least = 0.8 * CLIP_S * RATE
            assert all(found > least for _, found in recording.counts().values()), output
        shutil.copy(SAMPLE, outputs[0])  # the next examples need minutes of rows


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_example_finds_its_output_written_by_another(document: str) -> None:
    outputs = [
        name
        for line in commands(document)
        if "--force" not in line
        for name in _OUTPUT.findall(line)
        if not name.isupper()  # stands for any name
    ]
    assert sorted(set(outputs)) == sorted(outputs)


def _run(line: str, folder: Path) -> tuple[int, str, str]:
    if _SHELL_SYNTAX.search(line):
        if "jq" in line and shutil.which("jq") is None:
            pytest.skip("an example needs jq")
        shell = subprocess.run(
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
        pytest.skip("a camera is connected, and the example would film with it")
    finished = run_here(*words, folder=folder, answers="y\n")
    return finished.returncode, finished.stdout, finished.stderr


def _check_numbers(printed: str, comment: str) -> None:
    """Assert that the comment's numbers are the printed ones, rounded."""
    numbers = re.findall(r"-?\d+(?:\.\d+)?", comment)
    values = [float(each) for each in printed.split()]
    assert [float(each) for each in numbers] == [
        round(value, len(text.partition(".")[2]))
        for value, text in zip(values, numbers, strict=True)
    ]
