"""Warnings of a filling disk, with the remaining minutes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mirror import Recording, Settings
from mirror.cli import run as running
from mirror.session import disk
from mirror.session.disk import LOW_BYTES, DiskMonitor
from mirror.session.live import LiveSession
from mirror.session.start import SessionRequest
from tests.support.commands import run
from tests.support.fakes import FakeVideo, Waving, recorder, steady


class Disk:
    def __init__(self, free: float) -> None:
        self.free = free
        self.calls = 0

    def __call__(self, _folder: Path) -> int:
        self.calls += 1
        return int(self.free)


def test_enough_space_gives_no_warning(tmp_path: Path) -> None:
    disk = Disk(LOW_BYTES)
    watch = DiskMonitor(tmp_path / "s.mirror", disk)
    assert [watch.check(second, lambda: 0) for second in range(60)] == [None] * 60
    assert disk.calls == 12


def test_warns_once_and_again_at_half(tmp_path: Path) -> None:
    disk = Disk(480e6)
    watch = DiskMonitor(tmp_path / "s.mirror", disk)
    warnings: list[str] = []
    second = 0

    def recorded_bytes() -> int:
        return second * 240_000

    for second in range(30, 2000):
        disk.free -= 240e3
        text = watch.check(float(second), recorded_bytes)
        warnings += [] if text is None else [text]
    first, again = warnings
    assert f"{tmp_path} has 480 MB left, enough for 33 minutes" in first
    assert "240 MB left, enough for 16 minutes" in again


def test_video_files_count(tmp_path: Path) -> None:
    (tmp_path / "s.a.mp4").write_bytes(bytes(3_000_000))
    (tmp_path / "s.b.mp4").write_bytes(bytes(3_000_000))
    watch = DiskMonitor(tmp_path / "s.mirror", Disk(240e6))
    text = watch.check(30.0, lambda: 6_000_000)
    assert text is not None
    assert "enough for 10 minutes" in text


@pytest.mark.parametrize(
    ("free", "words"), [(1e6, "less than a minute"), (24.5e6, "one minute"), (100e6, "4 minutes")]
)
def test_warning_says_how_long_the_space_lasts(tmp_path: Path, free: float, words: str) -> None:
    watch = DiskMonitor(tmp_path / "s.mirror", Disk(free))
    text = watch.check(60.0, lambda: 24_000_000)
    assert text is not None
    assert f"enough for {words} of this session" in text


def test_uses_the_usual_rate_at_the_beginning(tmp_path: Path) -> None:
    text = DiskMonitor(tmp_path / "s.mirror", Disk(180e6)).check(0.0, lambda: 0)
    assert text is not None
    assert "enough for 60 minutes" in text


def test_missing_folder_gives_no_warning(tmp_path: Path) -> None:
    watch = DiskMonitor(tmp_path / "gone" / "s.mirror")
    assert watch.check(0.0, lambda: 0) is None


def test_terminal_shows_the_warning_during_the_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(disk.DiskMonitor.__init__, "__defaults__", (Disk(90e6),))
    videos = FakeVideo(steady(1)), FakeVideo(steady(1))
    session = LiveSession(*videos, Settings(), tracker=Waving, recorder=recorder(tmp_path))
    monkeypatch.setattr(running, "start_live", lambda *_, **__: session)
    monkeypatch.setattr(running, "redirect_native_stderr", lambda: None)
    running.live(SessionRequest(a="a", b="b", output=tmp_path / "s.mirror"))
    output = capsys.readouterr().out
    assert output.count("has 90 MB left, enough for 30 minutes") == 1
    assert "Recorded in" in output


@pytest.mark.skipif(sys.platform != "linux", reason="needs tmpfs")
@pytest.mark.skipif(getattr(os, "geteuid", int)() != 0, reason="only root may mount a tmpfs")
@pytest.mark.parametrize("video", [(), ("--video",)])
def test_full_disk_ends_the_recording_and_not_the_meter(
    tmp_path: Path, slow_pair: tuple[Path, Path], video: tuple[str, ...]
) -> None:
    size = "180k"
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(tmp_path)],
        capture_output=True,
        check=False,
    )
    if mount.returncode:
        pytest.skip("this machine cannot mount a tmpfs")
    try:
        done = run(
            *("live", *slow_pair, "--seconds", 8, "--window", 2, "-o", "s.mirror", *video),
            folder=tmp_path,
            mediapipe=False,
        )
        name = "s.video.mirror" if video else "s.mirror"
        with Recording.open(tmp_path / name) as recording:
            assert recording.counts()["a"][0] > 5
            recording.timeline()
            recorded = recording.duration
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
    assert done.returncode == 1
    assert "MB left, enough for" in done.stdout
    times = [float(each) for each in re.findall(r"^ *([\d.]+) s  in phase", done.stdout, re.M)]
    assert recorded < max(times) > 5  # the meter went on to the end
    errors = done.stderr.splitlines()
    assert sum(f"recording {name}" in each for each in errors) == 1
    assert all(each.startswith("mirror: ") for each in errors)
    assert all("free some space" in each for each in errors)
