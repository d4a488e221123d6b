"""`mirror align`, and `analyze --align sound`."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from mirror import Recording
from mirror.report.methods_paragraph import methods_text
from tests.support.commands import run_here
from tests.support.rendered import IN_PHASE, LOOKS, RATE, encode_video, person
from tests.support.sounds import music, recorded, speech, write_sounding_video

BEGAN_S = 0.4  # how much earlier the second one began


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two videos of a room with a person each, two of another room, and one without sound."""
    folder = tmp_path_factory.mktemp("phones")
    sound = speech(1, 30)
    sounds = recorded(sound, 1, start=BEGAN_S, seconds=20), recorded(sound, 2, seconds=20)
    for name, looks, motion, heard in zip(
        ("phone1.mp4", "phone2.mp4"), LOOKS, IN_PHASE, sounds, strict=True
    ):
        images = [frame.image for frame in person(looks, motion, 0.9)]
        write_sounding_video(folder / name, heard, images, rate=RATE)
    write_sounding_video(folder / "other.mp4", speech(9, 20))
    bars = music(3, 30, 2.0)
    write_sounding_video(folder / "loop1.mp4", recorded(bars, 1, start=1.0, noise_db=-20))
    write_sounding_video(folder / "loop2.mp4", recorded(bars, 2, noise_db=-20))
    encode_video(folder / "mute.mp4", person(LOOKS[0], IN_PHASE[0], 0.2))
    return folder


def test_align_says_how_the_clocks_relate(folder: Path) -> None:
    finished = run_here("align", "phone1.mp4", "phone2.mp4", folder=folder)
    assert finished.returncode == 0, finished.stderr
    words = " ".join(finished.stdout.split())
    assert "phone2.mp4 began 0.400" in words
    assert "before phone1.mp4" in words
    assert "windows agree" in words
    assert "mirror analyze phone1.mp4 'phone2.mp4#t=0." in words


def test_align_plots_and_replaces_no_file(folder: Path, tmp_path: Path) -> None:
    plot = tmp_path / "plot.html"
    command = ("align", "phone1.mp4", "phone2.mp4", "-o", plot)
    assert run_here(*command, folder=folder).returncode == 0
    text = plot.read_text("utf-8")
    assert "phone2.mp4 began 0.400" in text
    assert "windows agree" in text
    again = run_here(*command, folder=folder)
    assert (again.returncode, "exists" in again.stderr) == (1, True)


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        ("phone1.mp4", "other.mp4", "other.mp4.*no sound in common|is heard in the other"),
        ("phone1.mp4", "mute.mp4", "mute.mp4 has no sound"),
        ("phone1.mp4", "phone1.mp4", "one file"),
        ("phone1.mp4", "0", "0 is no video file"),
        ("loop1.mp4", "loop2.mp4", "that is unsure.*as in music that repeats"),
        ("phone1.mp4", "phone2.mp4#t=3", "give #t to the first alone"),
    ],
)
def test_align_refuses_or_marks_as_unsure(folder: Path, a: str, b: str, reason: str) -> None:
    for command in (("align", a, b), ("analyze", a, b, "--align", "sound", "-o", "x.mirror")):
        finished = run_here(*command, folder=folder)
        assert finished.returncode == 1
        assert len(finished.stderr.splitlines()) == 1
        assert re.search(reason, finished.stderr), finished.stderr
    assert not (folder / "x.mirror").exists()


def test_align_refuses_other_kinds_of_plots(folder: Path) -> None:
    finished = run_here("align", "phone1.mp4", "phone2.mp4", "-o", "plot.pdf", folder=folder)
    assert (finished.returncode, "must end in .svg, .png or .html" in finished.stderr) == (1, True)


def test_analysis_keeps_the_alignment(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "talk.mirror"
    command = ("analyze", "phone1.mp4", "phone2.mp4", "--align", "sound", "-o", path)
    finished = run_here(*command, folder=folder, mediapipe=False)
    assert finished.returncode == 0, finished.stderr
    assert "behind" not in finished.stderr
    with Recording.open(path) as recording:
        session = recording.session
        times = {feed: recording.pose_times(feed) for feed in ("a", "b")}
        text = methods_text(recording)
    assert session["alignment"]["offset_s"] == pytest.approx(BEGAN_S, abs=0.002)
    assert session["sources"]["b"].startswith("phone2.mp4#t=0.")
    # B's first frame is the one after what A's first one shows.
    assert times["a"][0] == 0.0
    assert times["b"][0] == pytest.approx(np.ceil(BEGAN_S * RATE) / RATE - BEGAN_S, abs=0.002)
    assert len(times["b"]) == len(times["a"]) - np.ceil(BEGAN_S * RATE)
    assert "The two recordings were aligned (by sound: B began 0.400" in text
    info = " ".join(run_here("info", path, folder=folder).stdout.split())
    assert "by sound: B began 0.400" in info
    assert run_here("rescore", path, "-o", tmp_path / "again.mirror", folder=folder).returncode == 0
    with Recording.open(tmp_path / "again.mirror") as again:
        assert again.session["alignment"] == session["alignment"]
        assert np.array_equal(again.pose_times("b"), times["b"])


def test_analysis_says_that_the_sound_matches_elsewhere(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "talk.mirror"
    words = ("analyze", "phone1.mp4", "phone2.mp4", "-o", path)
    finished = run_here(*words, folder=folder, mediapipe=False)
    assert finished.returncode == 0
    said = "by their sound, phone2.mp4 is 0.40 s behind phone1.mp4; start again"
    assert said in finished.stderr
    assert "align them by sound (--align sound)" in " ".join(finished.stderr.split())
    with Recording.open(path) as recording:
        assert any(said in each for each in recording.session["quality"]["warnings"])


@pytest.mark.parametrize(
    "words",
    [("phone1.mp4", "phone2.mp4", "--align", "claps"), ("--series", "x.csv", "--align", "sound")],
)
def test_align_takes_sound_alone(folder: Path, words: tuple[str, ...]) -> None:
    assert run_here("analyze", *words, folder=folder).returncode == 2
