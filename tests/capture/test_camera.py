"""Cameras: their names, and reading them."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import cv2_enumerate_cameras
import pytest
from cv2_enumerate_cameras.camera_info import CameraInfo

from mirror.capture import open_pair, open_source, parse
from mirror.capture.camera import BACKEND, CameraSource, camera_index, list_cameras
from mirror.errors import SourceError
from tests.support.clips import number, write_video


@pytest.fixture
def plugged_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Three cameras, two of one make, with Linux's persistent names in the returned folder."""
    for name in ("video0", "video2", "video4"):
        (tmp_path / name).touch()
    (tmp_path / "by-id").mkdir()
    (tmp_path / "by-path").mkdir()
    (tmp_path / "by-id" / "usb-Maker_HD_SN7-index0").symlink_to(tmp_path / "video2")
    (tmp_path / "by-path" / "pci-usb-0:1").symlink_to(tmp_path / "video2")
    (tmp_path / "by-path" / "pci-usb-0:2").symlink_to(tmp_path / "video4")
    found = [
        CameraInfo(4, "HD: Webcam", str(tmp_path / "video4"), 1, 2, BACKEND),
        CameraInfo(2, "HD: Webcam", str(tmp_path / "video2"), 1, 2, BACKEND),
        CameraInfo(0, "Built-in", str(tmp_path / "video0"), None, None, BACKEND),
    ]

    def enumerate_cameras(backend: int) -> list[CameraInfo]:
        assert backend == BACKEND
        return found

    monkeypatch.setattr(cv2_enumerate_cameras, "enumerate_cameras", enumerate_cameras)
    monkeypatch.setattr(cv2_enumerate_cameras, "supported_backends", (BACKEND,))
    monkeypatch.setattr("mirror.capture.camera._LINKS", tmp_path)
    return tmp_path


def test_lists_cameras_in_order_with_identities(plugged_in: Path) -> None:
    cameras = list_cameras()
    assert [str(camera) for camera in cameras] == ["0: Built-in", "2: HD: Webcam", "4: HD: Webcam"]
    assert [camera.identity for camera in cameras] == [
        str(plugged_in / "video0"),
        "by-id/usb-Maker_HD_SN7-index0",
        "by-path/pci-usb-0:2",
    ]


def test_finds_cameras_by_name(plugged_in: Path) -> None:
    assert camera_index("3") == 3
    assert camera_index("built-in") == 0
    assert camera_index(str(plugged_in / "video4")) == 4
    assert parse("Built-In#left").kind == "camera"
    assert parse("Built-out").kind == "file"
    with pytest.raises(SourceError, match="2 cameras are called 'HD: Webcam'; say which: 2 or 4"):
        camera_index("HD: Webcam")


def test_reports_missing_camera(plugged_in: Path) -> None:
    with pytest.raises(SourceError) as caught:
        open_source("7")
    assert "camera 7 is not there" in str(caught.value)
    assert "plugged in: 0: Built-in, 2: HD: Webcam, 4: HD: Webcam" in str(caught.value)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("0", "0"),
        ("0", "built-in"),
        ("0", "0#flip"),
        ("0", "0#left"),
        ("0#left", "0#left&flip"),
        ("0#xywh=percent:0,0,50,100", "Built-in#left"),
        ("rtsp://u:secret@127.0.0.1:9/x", "rtsp://u:secret@127.0.0.1:9/x"),
    ],
)
def test_rejects_same_part_of_one_camera_twice(plugged_in: Path, a: str, b: str) -> None:
    with pytest.raises(SourceError) as caught:
        open_pair(a, b)
    first, second = (parse(text).text.partition("#")[0] for text in (a, b))
    halves = f"{first}#left {second}#right"
    assert str(caught.value).endswith(f"write {first}#people, or its halves: {halves}")
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_accepts_two_parts_of_one_camera(plugged_in: Path) -> None:
    with pytest.raises(SourceError, match="camera 31 is not there"):
        open_pair("31#left", "31#right")


def test_leaves_out_repeated_frames(tmp_path: Path) -> None:
    shown = [0, 1, 1, 1, 2, 3, 3, 4]
    path = write_video(
        tmp_path / "stuck.mkv",
        [n / 30 for n in range(len(shown))],
        codec="ffv1",
        pixels="bgr0",
        numbers=shown,
    )
    with CameraSource(str(path), text="0") as camera:
        got = [camera.read() for _ in range(5)]
        with pytest.raises(SourceError, match="camera 0 has stopped sending frames; check"):
            camera.read()
        assert camera.read() is None
    assert [number(frame.image) for frame in got if frame] == [0, 1, 2, 3, 4]


def test_stamps_frames_with_the_monotonic_clock(tmp_path: Path) -> None:
    path = write_video(tmp_path / "camera.mp4", [n / 30 for n in range(5)])
    before = time.monotonic()
    with CameraSource(str(path), text="0") as camera:
        frame = camera.read()
    assert frame is not None
    assert before <= frame.time <= time.monotonic()


SCRIPT = """
import os, sys
os.environ.pop("QT_QPA_PLATFORM_PLUGIN_PATH", None)
os.environ.pop("QT_QPA_FONTDIR", None)
from mirror.errors import SourceError
from mirror.capture import open_source
for text in sys.argv[1:]:
    try:
        with open_source(text) as source:
            for _ in source:
                pass
    except SourceError:
        pass
from mirror.capture.camera import CameraSource
try:
    CameraSource(sys.argv[1])
except SourceError:
    pass
print(sorted({"QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"} & set(os.environ)))
"""


def test_libraries_print_nothing_and_load_no_qt(tmp_path: Path) -> None:
    text, cut = tmp_path / "text.mp4", tmp_path / "cut.mp4"
    text.write_text("no video")
    whole = write_video(
        tmp_path / "whole.mp4",
        [n / 30 for n in range(60)],
        container={"movflags": "faststart"},
    ).read_bytes()
    cut.write_bytes(whole[: len(whole) * 2 // 3])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(text), str(cut), "31", "http://127.0.0.1:9/x"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
        check=True,
    )
    assert done.stdout == "[]\n"
    assert done.stderr == ""
