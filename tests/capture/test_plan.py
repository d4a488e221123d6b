"""The plan for opening two sources: values only, before anything is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from mirror.capture.address import parse
from mirror.capture.plan import Opening, plan_pair
from mirror.errors import SourceError


def plan(a: str, b: str) -> tuple[Opening, ...]:
    return plan_pair(parse(a), parse(b))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("0#left", "0#right"),
        ("room.mp4", "room.mp4#flip"),
        ("room.mp4#t=1,2&left", "./room.mp4#t=1,2&right"),
        ("rtsp://host/live#left", "rtsp://host/live#right"),
        ("http://host/a.mp4", "http://host/a.mp4"),
    ],
)
def test_same_source_is_opened_once(a: str, b: str) -> None:
    (opening,) = plan(a, b)
    assert opening.parts == (parse(a), parse(b))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("0", "1"),
        ("0", "0.mp4"),
        ("room.mp4", "other.mp4"),
        ("room.mp4#t=1,2", "room.mp4#t=2,3"),  # each seeks in a file of its own
        ("rtsp://host/a", "rtsp://host/b"),
        ("demo:a", "demo:a"),
        ("demo:a", "demo:b"),
        ("lsl:suit", "lsl:suit"),  # known to be one stream only once both are open
        ("lsl:suit", "0"),
    ],
)
def test_different_sources_are_opened_separately(a: str, b: str) -> None:
    assert [opening.parts for opening in plan(a, b)] == [(parse(a),), (parse(b),)]


def test_link_to_a_file_is_the_same_file(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    (tmp_path / "b.mp4").symlink_to(tmp_path / "a.mp4")
    assert len(plan(str(tmp_path / "a.mp4"), str(tmp_path / "b.mp4"))) == 1


@pytest.mark.parametrize("base", ["0", "rtsp://host/live", "RTSPS://host/live"])
@pytest.mark.parametrize(
    ("a", "b"), [("", ""), ("", "#left"), ("#right", "#xywh=percent:50,0,40,100"), ("", "#flip")]
)
def test_rejects_same_part_of_one_camera(base: str, a: str, b: str) -> None:
    with pytest.raises(SourceError, match=f"{base}#left {base}#right") as caught:
        plan(base + a, base + b)
    assert "\n" not in str(caught.value)


def test_password_opens_but_is_not_shown() -> None:
    opening, _ = plan("rtsp://me:secret@host/live#left", "0")
    assert opening.place == "rtsp://me:secret@host/live"
    assert opening.text == "rtsp://***@host/live"


@pytest.mark.parametrize("base", ["0", "room.mp4", "rtsp://host/live"])
def test_two_people_in_one_picture_are_opened_once(base: str) -> None:
    for first, second in ((1, 2), (2, 1)):
        (opening,) = plan(f"{base}#flip&person={first}", f"{base}#person={second}&flip")
        assert [part.person for part in opening.parts] == [first, second]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("room.mp4#person=1", "room.mp4#person=1"),
        ("room.mp4#person=1", "room.mp4"),
        ("room.mp4", "room.mp4#person=2"),
        ("room.mp4#person=1", "other.mp4#person=2"),
        ("room.mp4#person=1&t=2", "room.mp4#person=2"),
        ("0#person=1&flip", "0#person=2"),
    ],
)
def test_other_pairs_of_persons_are_refused(a: str, b: str) -> None:
    with pytest.raises(SourceError, match="#people' as the only source"):
        plan(a, b)
