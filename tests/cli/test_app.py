"""Every command: its output, the files it leaves and its exit status."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import av
import pytest
from typer.testing import CliRunner

from mirror import Recording, Settings, Timeline
from mirror._support.process import STOP_SIGNALS
from mirror.capture.synthetic.demo import truth
from mirror.cli.app import app, main
from mirror.estimator.scoring import Scoring
from mirror.recording.database import FORMAT
from mirror.recording.writer import Recorder
from mirror.settings_history import SettingsHistory
from tests.support.clips import Server, jpeg_handler
from tests.support.commands import (
    Terminal,
    error_line,
    finish,
    recordings,
    run,
    run_here,
    start,
)
from tests.support.once import make_once
from tests.support.rendered import LOOKS, RATE, encode_pair, encode_video, person

COMMANDS = ("demo", "live", "analyze", "replay", "rescore", "export", "info", "cameras", "doctor")
SHORT = ("--window", 2)
CSV = ("--to", "csv", "-o")


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with videos of two people in anti-phase and with unusable videos."""
    folder = tmp_path_factory.mktemp("clips")
    return make_once(tmp_path_factory, "clips", lambda: write_clips(folder))


def write_clips(folder: Path) -> Path:
    _, b = encode_pair(folder, seconds=5)
    shutil.copy(b, folder / "b [bold]:x.mp4")
    encode_video(folder / "room.mp4", person(LOOKS[1], lambda _: None, seconds=1))
    whole = (folder / "b.mp4").read_bytes()
    (folder / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("this is not a video\n")
    (folder / "folder").mkdir()
    return folder


@pytest.fixture(scope="session")
def analyzed(clips: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Recording of the two people, alone in a folder."""

    def analyze() -> bytes:
        settings = clips / "settings.toml"
        settings.write_text('window = 3.0\nhop = 0.2\nmapping = "mirror"\n')
        about = ("--label-a", "Änne", "--label-b", "[red]Bo", "--condition", "c:1")
        sources = ("a.mp4", "b [bold]:x.mp4#t=0,4.5")
        words = ("analyze", *sources, "-o", "ab.mirror", "--config", settings, *SHORT, *about)
        finished = run(*words, "--notes", "[/x]", folder=clips)
        assert (finished.returncode, finished.stderr) == (0, "")
        assert "anti-phase" in finished.stdout
        assert "Recorded in ab.mirror" in finished.stdout
        assert recordings(clips) == ["ab.mirror"]
        return (clips / "ab.mirror").read_bytes()

    path = tmp_path_factory.mktemp("analyzed") / "ab.mirror"
    path.write_bytes(make_once(tmp_path_factory, "analyzed pair", analyze))
    return path


@pytest.fixture
def folder(clips: Path, tmp_path: Path) -> Path:
    """Fresh working folder with links to the videos."""
    for path in clips.iterdir():
        if path.suffix in (".mp4", ""):
            (tmp_path / path.name).symlink_to(path)
    return tmp_path


# The commands


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_and_speaks_of_no_types(command: str, tmp_path: Path) -> None:
    finished = run_here(command, "--help", folder=tmp_path)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert f"Usage: mirror {command}" in finished.stdout
    assert command in ("cameras", "doctor") or f"Example:  mirror {command}" in finished.stdout
    text = finished.stdout.replace("--help", "", 1)
    assert "inf]" not in text
    assert "<int" not in text
    assert "<bool" not in text


def test_main_help_version_and_completion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shellingham.detect_shell", lambda: ("bash", "/bin/bash"))
    help_text = run_here("--help", folder=tmp_path).stdout
    assert all(f" {command} " in help_text for command in COMMANDS)
    assert "<bool" not in help_text
    assert run_here("--version", folder=tmp_path).stdout.startswith("mirror 0.")
    script = run_here("--show-completion", "bash", folder=tmp_path).stdout
    assert "_MIRROR_COMPLETE=complete_bash" in script


def test_without_display_mirror_alone_shows_its_help(tmp_path: Path) -> None:
    finished = run_here(folder=tmp_path)
    assert finished.returncode == 2
    assert "the window cannot be opened without a display" in finished.stderr
    assert finished.stdout == run_here("--help", folder=tmp_path).stdout


def test_without_display_replay_names_the_alternatives(analyzed: Path) -> None:
    for words in (("replay", analyzed.name), (analyzed.name,)):
        error = refusal(analyzed.parent, *words)
        assert "ab.mirror cannot be shown without a display" in error
        assert "mirror info" in error


def test_option_values_complete_in_the_shell(tmp_path: Path) -> None:
    def asked(begun: str) -> dict[str, str]:
        words = f"mirror {begun}"
        return {
            "_MIRROR_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split(" ")) - 1),
        }

    for begun, values in (
        ("export s.mirror --to landmarks", {"landmarks-csv", "landmarks-parquet"}),
        ("demo --mapping ", {"mirror", "same-side"}),
        ("test s.mirror --null sh", {"shuffle", "shift"}),
    ):
        completed = CliRunner().invoke(app, env=asked(begun), prog_name="mirror")
        assert set(completed.stdout.split()) == values
    found = run(folder=tmp_path, environment=asked("demo --taper ")).stdout  # as a shell does
    assert set(found.split()) == {"lopsided", "hann", "quick"}


def test_usage_errors_exit_with_status_2(tmp_path: Path) -> None:
    for words in (("frobnicate",), ("analyze", "one"), ("demo", "--window", "x"), ("info", "-z")):
        finished = run_here(*words, folder=tmp_path)
        assert finished.returncode == 2
        assert "Usage: mirror" in finished.stderr


def test_a_word_too_long_for_a_path_is_no_command_and_no_recording(tmp_path: Path) -> None:
    word = "x" * 300
    done = run_here(word, folder=tmp_path)
    assert done.returncode == 2
    assert "No such command" in done.stderr
    for each in (word, f"{word}.csv"):
        assert "File name too long" in error_line(run_here("replay", each, folder=tmp_path))


IMPORTS = """
import sys, mirror.cli.app
assert not {"mediapipe", "cv2"} & set(sys.modules)
from mirror._support.mediapipe import mediapipe
unused = {"matplotlib", "mediapipe.tasks.python.audio.audio_classifier"}
assert not unused & set(sys.modules)
assert mediapipe.tasks.audio.AudioClassifier
"""


def test_what_takes_long_is_imported_when_it_is_used() -> None:
    subprocess.run([sys.executable, "-c", IMPORTS], check=True, cwd=Path(__file__).parents[2])


def test_cameras_are_listed(tmp_path: Path) -> None:
    finished = run_here("cameras", folder=tmp_path)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert finished.stdout.strip()


def test_analysis_records_settings_labels_and_sources(analyzed: Path) -> None:
    with Recording.open(analyzed) as recording:
        assert recording.settings == Settings(window=2, hop=0.2)  # a flag wins over the file
        assert recording.counts() == {"a": (5 * RATE, 5 * RATE), "b": (54, 54)}
        assert recording.session["sources"]["b"] == "b [bold]:x.mp4#t=0,4.5"
        scored = recording.timeline()
        assert scored.anti_phase[scored.state == "ok"].mean() > 0.9


def test_info_shows_names_without_markup(analyzed: Path) -> None:
    shown = run_here("info", analyzed.name, folder=analyzed.parent)
    assert (shown.returncode, shown.stderr) == (0, "")
    for text in ("Änne", "[red]Bo", "c:1", "[/x]", "b [bold]:x.mp4#t=0,4.5", f"{5 * RATE} frames"):
        assert text in shown.stdout
    facts = json.loads(run_here("info", analyzed, "--json", folder=analyzed.parent).stdout)
    assert facts["session"]["labels"] == {"a": "Änne", "b": "[red]Bo"}
    assert facts["frames"]["a"] == {"frames": 5 * RATE, "with_person": 5 * RATE}
    assert facts["summary"]["anti_phase"] > 0.3
    assert facts["summary"]["lag_s"] is None


def test_closed_output_pipe_is_no_error(analyzed: Path) -> None:
    process = start("info", analyzed, folder=analyzed.parent)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    process.wait()


def test_output_in_latin_1(analyzed: Path) -> None:
    latin = {"PYTHONIOENCODING": "latin-1"}
    with start(
        "info", analyzed, folder=analyzed.parent, environment=latin, encoding="latin-1"
    ) as it:
        out, err = it.communicate()
    assert (it.returncode, err) == (0, "")
    assert "Änne" in out


def test_rescoring_without_changes_exports_the_same_file(analyzed: Path, tmp_path: Path) -> None:
    again = run_here("rescore", analyzed, "-o", "again.mirror", folder=tmp_path)
    assert (again.returncode, again.stderr) == (0, "")
    for path, name in ((analyzed, "one.csv"), ("again.mirror", "two.csv")):
        finished = run_here("export", path, *CSV, name, folder=tmp_path)
        assert (finished.returncode, finished.stderr) == (0, "")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    other = run_here("rescore", "again.mirror", "--window", 4, folder=tmp_path)
    assert "again.mirror exists" not in other.stdout  # the name was not requested
    with Recording.open(tmp_path / "again-2.mirror") as recording:
        assert recording.settings == Settings(window=4, hop=0.2)
        assert recording.session["labels"]["b"] == "[red]Bo"


def test_label_with_invalid_bytes_is_stored_replaced(folder: Path) -> None:
    half = ("a.mp4#t=0,0.5", "b.mp4#t=0,0.5")
    words = ("analyze", *half, "--label-a", "J\udcfcrgen", "-o", "s.mirror")
    finished = run_here(*words, folder=folder, mediapipe=False)
    assert (finished.returncode, finished.stderr) == (0, "")
    with Recording.open(folder / "s.mirror") as recording:
        assert recording.session["labels"]["a"] == "J?rgen"


def test_rescoring_repeats_changes_made_during_the_session(analyzed: Path, tmp_path: Path) -> None:
    other = Settings(window=1.5, hop=0.2, mapping="same-side")
    scoring, rows = Scoring(SettingsHistory(Settings(window=2, hop=0.2))), []
    with Recording.open(analyzed) as recording:
        about = recording.session
        with Recorder(tmp_path / "live.mirror", about) as recorder:
            for number, (feed, pose) in enumerate(recording.poses()):
                if number == 60:
                    scoring.change(other)
                recorder.add_pose(feed, pose)
                rows += scoring.push(feed, pose)
            rows += scoring.finish()
            recorder.add_scores(rows)
            recorder.update_session(scoring.settings_history.to_session())
    finished = run_here("rescore", "live.mirror", "-o", "again.mirror", folder=tmp_path)
    assert (finished.returncode, finished.stderr) == (0, "")
    with Recording.open(tmp_path / "again.mirror") as recording:
        assert recording.timeline().equals(Timeline.from_scores(rows))
    finished = run_here(
        "rescore", "live.mirror", "-o", "whole.mirror", "--hop", 0.5, folder=tmp_path
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    with Recording.open(tmp_path / "whole.mirror") as recording:
        assert recording.settings_history == SettingsHistory(
            other.changed(hop=0.5)
        )  # the last settings are the base
    shown = " ".join(run_here("info", "again.mirror", folder=tmp_path).stdout.split())
    assert "s: window 1.5 s, band 0.6667–3 Hz, mapping same-side" in shown


def test_video_is_recorded_on_request(folder: Path, slow_pair: tuple[Path, Path]) -> None:
    half = ("a.mp4#t=0,1", "b.mp4#t=0,1")
    words = ("analyze", *half, "-o", "s.mirror", "--video")
    finished = run_here(*words, folder=folder, mediapipe=False)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert "Recorded in s.video.mirror" in finished.stdout
    assert "exists" not in finished.stdout
    assert "stored in s.video.a.mp4 and" in run_here("info", "s.video.mirror", folder=folder).stdout
    with av.open(str(folder / "s.video.b.mp4")) as video:
        assert sum(1 for _ in video.decode(video=0)) == RATE
    live = ("live", *slow_pair, "--seconds", 1, "-o", "d.mirror", "--video")
    shown = run_here(*live, folder=folder, mediapipe=False)
    assert shown.stdout.startswith("● Recording d.video.mirror — ")
    assert shown.stdout.splitlines()[0].endswith("MB and video of both people")
    assert (folder / "d.video.a.mp4").stat().st_size > 1_000
    words = ("analyze", "--series", "x.csv", "--columns", "p,q", "--video")
    assert "leave --video out" in run_here(*words, folder=folder).stderr


# Bad input


def refusal(folder: Path, *words: object, **how: object) -> str:
    """Return the error of a command that must not leave a recording."""
    before = recordings(folder)
    finished = run(*words, folder=folder, **how) if how else run_here(*words, folder=folder)
    assert recordings(folder) == before
    return error_line(finished)


@pytest.mark.parametrize(
    ("words", "name", "fix"),
    [
        (("analyze", "nowhere.mp4", "b.mp4"), "nowhere.mp4", "check the spelling"),
        (("analyze", "folder", "b.mp4"), "folder", "name a video file"),
        (("analyze", "empty.mp4", "b.mp4"), "empty.mp4", "copy or record it again"),
        (("live", "a.mp4", "text.mp4"), "text.mp4", "name a video file"),
        (("analyze", "a.mp4#middle", "b.mp4"), "#middle", "known are #t="),
        (("live", "7", "b.mp4"), "camera 7", "plugged in: "),
        (("live", "0", "0"), "0 and 0", "0#left 0#right"),
        (("live", "a.mp4", "b.mp4", "--window", 0.4), "window 0.4 s", "0.67 s or more"),
        (("demo", "--window", 2, "--band", "0.2,3"), "window 2 s", "5 s or more"),
        (("demo", "--band", "low"), "band", "such as 0.2,3"),
        (("demo", "--mapping", "upside-down"), "upside-down", "mirror or same-side"),
        (("demo", "--taper", "square"), "square", "lopsided or hann"),
        (("demo", "--config", "bad.toml"), "bad.toml", "line 1"),
        (("demo", "--config", "odd.toml"), "'windw'", "did you mean window?"),
        (("demo", "--config", "none.toml"), "none.toml", "No such file"),
        (("demo", "--model", "none.task"), "none.task", "check its name"),
        (("demo", "--model", "bad.toml"), "bad.toml", "official pose_landmarker"),
        (("demo", "-o", "folder"), "folder", "name a file in it"),
        (("analyze", "a.mp4", "b.mp4", "-o", "text.mp4/x.mirror"), "x.mirror", "another place"),
        (("analyze", "a.mp4", "b.mp4", "-o", "/proc/x.mirror"), "/proc/x.mirror", "another place"),
        (("info", "none.mirror"), "none.mirror", "there is no recording"),
        (("replay", "none.mirror"), "none.mirror", "there is no recording"),
        (("info", "text.mp4"), "text.mp4", "not a recording"),
        (("info", "foreign.mirror"), "foreign.mirror", "another program"),
        (("rescore", "newer.mirror"), f"format {FORMAT + 1}", "update mirror"),
        (("rescore", "damaged.mirror", "-o", "x.mirror"), "damaged.mirror", "damaged"),
        (("export", "good.mirror", *CSV, "text.mp4"), "text.mp4", "--force"),
        (("export", "good.mirror", "--to", "docx", "-o", "x"), "'docx'", "known are csv"),
        (("export", "good.mirror", *CSV, "no/x"), "no/x", "another place"),
        (("export", "good.mirror", *CSV, "folder"), "folder", "name a file"),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_bad_input_is_one_line_with_name_and_fix(
    folder: Path, analyzed: Path, words: tuple[object, ...], name: str, fix: str
) -> None:
    (folder / "bad.toml").write_text("window = = 3\n")
    (folder / "odd.toml").write_text("windw = 3\n")
    for each, script in {
        "good": "SELECT 1",
        "newer": f"PRAGMA user_version = {FORMAT + 1}",
        "damaged": "UPDATE pose SET landmarks = x'00' WHERE id = 100",
        "foreign": "PRAGMA application_id = 7",
    }.items():
        if f"{each}.mirror" not in words:
            continue
        shutil.copy(analyzed, folder / f"{each}.mirror")
        database = sqlite3.connect(folder / f"{each}.mirror")
        with database:
            database.execute(script)
        database.close()
    error = refusal(folder, *words)
    assert name in error
    assert fix in error
    assert (folder / "text.mp4").read_text() == "this is not a video\n"


@pytest.mark.parametrize("command", ["analyze", "live"])
def test_model_refused_by_mediapipe_is_an_error(folder: Path, command: str) -> None:
    with zipfile.ZipFile(folder / "odd.task", "w") as bundle:
        for name in ("pose_detector.tflite", "pose_landmarks_detector.tflite"):
            bundle.writestr(name, b"\0\0\0\0TFL3" + bytes(1000))
    words = (command, "a.mp4", "b.mp4", "--model", "odd.task", "-o", "s.mirror")
    # In a process of its own, what MediaPipe writes to stderr would be seen.
    error = error_line((run if command == "live" else run_here)(*words, folder=folder))
    assert recordings(folder) == []
    assert "odd.task" in error
    assert "official" in error


def test_analysis_without_a_person_is_an_error(folder: Path) -> None:
    words = ("analyze", "a.mp4#t=0,1", "room.mp4", "-o", "s.mirror")
    error = error_line(run_here(*words, folder=folder))
    assert f"nobody was found in room.mp4 ({RATE} frames)" in error
    assert "#left" in error
    assert recordings(folder) == ["s.mirror"]


def test_cut_off_video_is_scored_up_to_there(folder: Path) -> None:
    words = ("analyze", "cut.mp4", "a.mp4", "-o", "s.mirror", *SHORT)
    finished = run_here(*words, folder=folder, mediapipe=False)
    note, error = finished.stderr.splitlines()
    assert finished.returncode == 1
    assert note == "mirror: note: cut.mp4: damaged frames that were left out: 1"
    assert "cut.mp4 is cut off at 2." in error
    assert "copy the file again" in error
    assert "Recorded in s.mirror" in finished.stdout
    with Recording.open(folder / "s.mirror") as recording:
        assert recording.counts()["b"] == (5 * RATE, 5 * RATE)
        assert 24 < recording.counts()["a"][0] < 36
        assert "ok" in recording.timeline().state
        assert [event.text for event in recording.events()] == [error.removeprefix("mirror: ")]


def test_live_streams_are_not_analyzed_and_passwords_not_stored(folder: Path) -> None:
    server = Server(jpeg_handler(1_500))
    stream = f"http://anna:secret@127.0.0.1:{server.port}/x"
    try:
        error = refusal(folder, "analyze", stream, stream, "-o", "s.mirror")
        assert "has no end" in error
        assert "live session" in error
        assert "secret" not in error
        halves = (f"{stream}#left&fps=25", f"{stream}#right&fps=25")
        words = ("live", *halves, "--seconds", 1, "-o", "s.mirror")
        finished = run_here(*words, folder=folder, mediapipe=False)
    finally:
        server.close()
    assert (finished.returncode, finished.stderr) == (0, "")
    assert "secret" not in finished.stdout
    assert b"secret" not in (folder / "s.mirror").read_bytes()
    assert b"***@127.0.0.1" in (folder / "s.mirror").read_bytes()


@pytest.mark.parametrize(
    ("command", "room"), [("analyze", 8_000), ("analyze", 160_000), ("live", 100_000)]
)
def test_full_disk_keeps_recorded_rows(folder: Path, command: str, room: int) -> None:
    def fill() -> None:  # like a full disk: writing fails from this size on
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    words = (command, "a.mp4", "b.mp4", "-o", "s.mirror", *SHORT)
    finished = run(*words, folder=folder, mediapipe=False, preexec_fn=fill)
    error = error_line(finished)
    assert "s.mirror" in error
    assert "free some space" in error
    if room < 10_000:
        assert recordings(folder) == []
        return
    with Recording.open(folder / "s.mirror") as recording:
        # A busy machine follows few of the frames of a live session before the disk is full.
        few = 2 if command == "live" else 20
        assert recording.counts()["a"][0] > few
        assert len(recording.timeline()) > min(few, 5)
    assert "Share of" in finished.stdout


def test_full_disk_leaves_no_partial_copy(analyzed: Path, tmp_path: Path) -> None:
    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))

    for words in (("rescore", analyzed, "-o", "s.x"), ("export", analyzed, *CSV, "s.x")):
        error = refusal(tmp_path, *words, preexec_fn=fill)
        assert "s.x" in error
        assert "another place" in error
    assert list(tmp_path.iterdir()) == []


# Endings


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_signal_ends_live_session_properly(
    how: signal.Signals, tmp_path: Path, slow_pair: tuple[Path, Path]
) -> None:
    """Where the output goes into a pipe; test_orderly_ends.py does it on a terminal."""
    words = ("live", *slow_pair, "-o", "s.mirror", *SHORT)
    process = start(*words, folder=tmp_path, mediapipe=False)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("● Recording s.mirror")
        assert "in phase" in process.stdout.readline()
        process.send_signal(how)
        out, err = finish(process)
    assert (process.returncode, err) == (0, "")
    assert "Share of" in out
    assert "Recorded in s.mirror" in out
    assert recordings(tmp_path) == ["s.mirror"]
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.counts()["a"][0] > 0
        assert "quality" in recording.session


@pytest.mark.parametrize("times", [1, 2])
def test_interrupted_analysis_keeps_its_recording(
    times: int, tmp_path: Path, slow_pair: tuple[Path, Path]
) -> None:
    terminal = Terminal()
    words = ("analyze", *slow_pair, "-o", "s.mirror", *SHORT)
    with start(*words, folder=tmp_path, stderr=terminal) as process:
        terminal.wait_for(r" [1-9]% +\d+ frames/s +\d+:\d\d:\d\d left")
        for _ in range(times):
            process.send_signal(signal.SIGINT)
        out, _ = finish(process)
    drawn = terminal.full_text()
    assert "Traceback" not in drawn
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.counts()["a"][0] > 0
    if times == 1:
        assert process.returncode == 1
        assert "mirror: stopped at " in drawn
        assert "what came before is in s.mirror" in " ".join(drawn.split())
        assert "Share of" in out
        assert recordings(tmp_path) == ["s.mirror"]


def test_demo_draws_the_meter_on_a_terminal(tmp_path: Path) -> None:
    terminal = Terminal()
    environment = {"TERM": "xterm-256color", "COLUMNS": "80"}
    words = ("demo", "--seconds", 2, *SHORT)
    how = {"environment": environment, "stdout": terminal, "stderr": terminal}
    with start(*words, folder=tmp_path, mediapipe=False, **how) as process:
        finish(process)
    drawn = terminal.full_text()
    assert process.returncode == 0
    (name,) = recordings(tmp_path)
    for text in ("mirror · demo", "in phase", "anti-phase", "relative phase", "lag", "script"):
        assert text in drawn
    for text in ("seen", "frames/s", "dropped", "Ctrl-C ends", "Share of 0:0", name):
        assert text in drawn
    with Recording.open(tmp_path / "recordings" / name) as recording:
        events = [(event.time_s, event.kind, event.text) for event in recording.events()]
        assert events == [(time_s, "truth", text) for time_s, text in truth(2)]


def test_no_record_leaves_no_file(tmp_path: Path, slow_pair: tuple[Path, Path]) -> None:
    words = ("live", *slow_pair, "--seconds", 1, "--no-record")
    finished = run_here(*words, folder=tmp_path, mediapipe=False)
    assert (finished.returncode, finished.stderr) == (0, "")
    first, second, *_ = finished.stdout.splitlines()
    assert first == "Not recording"
    assert "Warming up" in second
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("test", "a" * 300), ("forget", "--yes", f"{'a' * 300}.mirror")])
def test_names_that_no_file_can_have_are_refused_in_one_line(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["mirror", *words])
    monkeypatch.setattr("mirror.cli.app.log_to_file", lambda: None)
    # Where a library with threads is loaded, the program would end this process at once.
    monkeypatch.setattr("mirror.cli.app._exit", sys.exit)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"mirror: {words[-1]}: File name too long; check the name")


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize(
    "moment",
    ["mirror.recording.rescore.score_arrays", "mirror.recording.writer.Recorder.update_session"],
)
def test_a_signal_leaves_no_half_of_a_copy(
    analyzed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
    number: signal.Signals,
    times: int,
) -> None:
    """A second one comes while what there is of the copy is deleted."""
    before = {each: signal.getsignal(each) for each in STOP_SIGNALS}
    monkeypatch.setattr(sys, "argv", ["mirror", "rescore", str(analyzed), "-o", "copy.mirror"])
    monkeypatch.setattr("mirror.cli.app.log_to_file", lambda: None)
    # Where a library with threads is loaded, the program would end this process at once.
    monkeypatch.setattr("mirror.cli.app._exit", sys.exit)
    delete = Path.unlink

    def interrupted(path: Path, *rest: Any, **named: Any) -> None:
        if times == 2:
            os.kill(os.getpid(), number)
        delete(path, *rest, **named)

    monkeypatch.setattr(Path, "unlink", interrupted)
    monkeypatch.setattr(moment, lambda *_: os.kill(os.getpid(), number))
    monkeypatch.chdir(tmp_path)
    try:
        with pytest.raises(SystemExit) as end:
            main()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    assert end.value.code == 128 + number
    assert list(tmp_path.iterdir()) == []
    assert [each.name for each in analyzed.parent.glob(f"{analyzed.name}*")] == [analyzed.name]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_standard_output_on_a_full_disk_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["mirror", "exercises"])
    monkeypatch.setattr("mirror.cli.app.log_to_file", lambda: None)
    monkeypatch.setattr("mirror.cli.app._exit", sys.exit)  # as above
    with suppress(OSError), Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(SystemExit) as end:
            main()
    assert end.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("mirror: standard output: No space left on device; ")
