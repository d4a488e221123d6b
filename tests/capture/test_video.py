"""Video files as cameras, phones and programs write them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from mirror.capture import open_source
from mirror.errors import SourceError
from tests.support.clips import HEIGHT, MEDIA, WIDTH, number, write_video


def test_rotation_agrees_with_opencv(tmp_path: Path) -> None:
    """OpenCV has its own code for the display matrix."""
    for turn in (90, 180, 270):
        path = write_video(tmp_path / f"{turn}.mp4", [n / 30 for n in range(3)], turn=turn)
        capture = cv2.VideoCapture(str(path))
        read, bgr = capture.read()
        capture.release()
        assert read
        with open_source(str(path)) as source:
            frame = source.read()
        assert frame is not None
        theirs = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB).astype(int)
        assert np.abs(frame.image.astype(int) - theirs).mean() < 4


def test_scales_to_square_pixels(tmp_path: Path) -> None:
    path = write_video(tmp_path / "dv.mp4", [0, 0.1], aspect=Fraction(16, 11), rate=Fraction(10))
    with open_source(str(path)) as source:
        frame = source.read()
    assert frame is not None
    assert frame.image.shape == (HEIGHT, round(WIDTH * 16 / 11), 3)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("balance_cam01.mp4", 100),
        ("balance_cam03.mp4", 100),
        ("head_turning_pair.gif", 56),
        ("person_leaves.mov", 169),
        ("signer.mkv", 61),
        ("sit_tpose.mp4", 187),
        ("two_people_cam01.mp4", 100),
    ],
)
def test_reads_real_clips_to_their_end(name: str, count: int) -> None:
    path = MEDIA / name
    if not path.exists():
        pytest.skip("the real clips are not beside this checkout")
    with open_source(str(path)) as source:
        times = [frame.time for frame in source]
    assert len(times) == count
    assert times[0] == 0
    assert np.all(np.diff(times) > 0)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "avi"])
def test_seeking_far_from_key_frames_is_exact(tmp_path: Path, suffix: str) -> None:
    """Key frames six seconds apart, and B-frames."""
    codec, frames = ("mpeg4" if suffix == "avi" else "libx264"), {"bf": "3"}
    path = write_video(
        tmp_path / f"long.{suffix}",
        [n / 10 for n in range(200)],
        rate=Fraction(10),
        codec=codec,
        options={"g": "60", "sc_threshold": "0", **(frames if suffix != "avi" else {})},
    )
    with open_source(str(path)) as source:
        whole = list(source)
    assert [number(frame.image) for frame in whole] == list(range(200))
    for start in (1.0, 5.9, 6.0, 11.9, 12.1, 17.9, 19.9):
        with open_source(f"{path}#t={start}") as source:
            part = list(source)
        wanted = [frame for frame in whole if frame.time >= start]
        assert [frame.time for frame in part] == [frame.time - start for frame in wanted]
        for ours, theirs in zip(part, wanted, strict=True):
            assert np.array_equal(ours.image, theirs.image)


def test_rejects_start_beyond_the_end(tmp_path: Path) -> None:
    path = write_video(tmp_path / "short.mp4", [n / 30 for n in range(30)])
    with pytest.raises(SourceError, match=r"short\.mp4#t=5: .* it lasts 1\.0 s$"):
        open_source(f"{path}#t=5")


def test_times_are_relative_to_the_first_frame(tmp_path: Path) -> None:
    path = write_video(tmp_path / "late.mkv", [90 + n / 30 for n in range(30)])
    with open_source(str(path)) as source:
        times = [frame.time for frame in source]
    assert times == pytest.approx([n / 30 for n in range(30)], abs=1.1e-3)
