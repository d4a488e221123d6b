from __future__ import annotations

from pathlib import Path

import pytest

from mirror.capture.address import Crop, parse
from tests.support.fake_cameras import camera
from ui.start.source_text import camera_text, halves, people, same_file


@pytest.mark.parametrize(
    ("name", "others", "text"),
    [
        ("Front", ["Side"], "Front"),
        ("Front", ["front"], "0"),  # names are compared ignoring case
        ("7", [], "0"),  # would be read as a number
        ("Cam #2", [], "0"),  # would be read as a fragment
        (" ", [], "0"),
    ],
)
def test_camera_text_is_unique_name_or_number(name: str, others: list[str], text: str) -> None:
    first = camera(0, name, "one")
    plugged_in = [first, *(camera(k + 1, other, other) for k, other in enumerate(others))]
    assert camera_text(first, plugged_in) == text


def test_people() -> None:
    assert people("room.mp4") == ("room.mp4#person=1", "room.mp4#person=2")
    assert people("0#flip", swapped=True) == ("0#flip&person=2", "0#flip&person=1")


def test_halves() -> None:
    assert halves("room.mp4") == ("room.mp4#left", "room.mp4#right")
    assert halves("room.mp4", swapped=True) == ("room.mp4#right", "room.mp4#left")
    left, right = halves("room.mp4", 0.37)
    assert (left, right) == (
        "room.mp4#xywh=percent:0,0,37,100",
        "room.mp4#xywh=percent:37,0,63,100",
    )
    assert parse(left).crop == Crop("percent", 0.0, 0.0, 37.0, 100.0)
    assert halves("room.mp4#t=5") == ("room.mp4#t=5&left", "room.mp4#t=5&right")


def test_same_file_follows_links(tmp_path: Path) -> None:
    video, other, link = tmp_path / "video.mp4", tmp_path / "other.mp4", tmp_path / "link.mp4"
    video.touch()
    other.touch()
    link.symlink_to(video)
    assert same_file(str(video), str(link))
    assert not same_file(str(video), str(other))
    assert not same_file(str(video), str(tmp_path / "missing.mp4"))
    assert not same_file("", "")
