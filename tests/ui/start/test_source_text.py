from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.fake_cameras import camera
from ui.start.source_text import camera_text, halves, same_file


@pytest.mark.parametrize(
    ("name", "others", "text"),
    [
        ("Front", ["Side"], "Front"),
        ("Front", ["front"], "0"),  # names are compared in any case when they are opened
        ("7", [], "0"),  # it would be taken for a number
        ("Cam #2", [], "0"),  # it would be taken for a fragment
        (" ", [], "0"),
    ],
)
def test_a_camera_is_opened_by_its_name_where_that_says_which(
    name: str, others: list[str], text: str
) -> None:
    first = camera(0, name, "one")
    plugged_in = [first, *(camera(k + 1, other, other) for k, other in enumerate(others))]
    assert camera_text(first, plugged_in) == text


def test_halves_go_left_to_a_and_right_to_b() -> None:
    assert halves("room.mp4") == ("room.mp4#left", "room.mp4#right")
    assert halves("room.mp4", swapped=True) == ("room.mp4#right", "room.mp4#left")
    assert halves("room.mp4#t=5") == ("room.mp4#t=5&left", "room.mp4#t=5&right")


def test_a_file_is_the_same_under_two_names(tmp_path: Path) -> None:
    film, other, link = tmp_path / "film.mp4", tmp_path / "other.mp4", tmp_path / "link.mp4"
    film.touch()
    other.touch()
    link.symlink_to(film)
    assert same_file(str(film), str(link))
    assert not same_file(str(film), str(other))
    assert not same_file(str(film), str(tmp_path / "missing.mp4"))
    assert not same_file("", "")
