"""Parsing the text of a source, and the errors for texts that name none."""

from __future__ import annotations

import string
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from mirror.capture.address import (
    LEFT,
    RIGHT,
    Address,
    Crop,
    both_people,
    escape_name,
    is_of_screen,
    names_person,
    parse,
    with_parts,
)
from mirror.errors import SourceError
from tests.support.texts import CHARACTERS


@pytest.mark.parametrize(
    ("text", "base", "kind"),
    [
        ("0", "0", "camera"),
        ("12", "12", "camera"),
        ("room.mp4", "room.mp4", "file"),
        ("./0", "./0", "file"),
        ("0.mp4", "0.mp4", "file"),
        ("C:\\Videos\\a.mp4", "C:\\Videos\\a.mp4", "file"),
        ("demo:a", "demo:a", "demo"),
        ("demo:b", "demo:b", "demo"),
        ("rtsp://10.0.0.7:554/live", "rtsp://10.0.0.7:554/live", "network"),
        ("HTTPS://host/a.mp4?x=1&y=2", "HTTPS://host/a.mp4?x=1&y=2", "network"),
    ],
)
def test_recognizes_kinds(text: str, base: str, kind: str) -> None:
    assert parse(text) == Address(text, base, kind)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fragment", "start", "end"),
    [
        ("t=12.5", 12.5, None),
        ("t=10,70", 10, 70),
        ("t=,70", 0, 70),
        ("t=0", 0, None),
        ("t=npt:10,20", 10, 20),
        ("t=1:30", 90, None),
        ("t=0:01:30.25,00:02:00", 90.25, 120),
        ("t=120:00:00", 432000, None),
        ("t=5.", 5, None),
    ],
)
def test_parses_times(fragment: str, start: float, end: float | None) -> None:
    address = parse(f"a.mp4#{fragment}")
    assert (address.base, address.start, address.end) == ("a.mp4", start, end)


@pytest.mark.parametrize(
    ("fragment", "crop", "flip"),
    [
        ("xywh=percent:0,0,50,100", Crop("percent", 0, 0, 50, 100), False),
        ("xywh=percent:14.3,0,85.7,100", Crop("percent", 14.3, 0, 85.7, 100), False),
        ("xywh=pixel:10,10,200,300", Crop("pixel", 10, 10, 200, 300), False),
        ("xywh=10,10,200,300", Crop("pixel", 10, 10, 200, 300), False),
        ("left", LEFT, False),
        ("right&flip", RIGHT, True),
        ("flip&left", LEFT, True),
    ],
)
def test_parses_crops(fragment: str, crop: Crop, flip: bool) -> None:
    address = parse(f"a.mp4#{fragment}")
    assert (address.base, address.crop, address.flip) == ("a.mp4", crop, flip)


def test_parses_stream_and_rate() -> None:
    address = parse("a.mkv#stream=1&left")
    assert (address.stream, address.fps, address.crop) == (1, None, LEFT)
    assert parse("a.h264#fps=30000/1001").fps == pytest.approx(29.97003)
    assert parse("a.h264#fps=12.5").fps == 12.5


@pytest.mark.parametrize("text", ["0#stream=1", "0#fps=30", "demo:a#fps=30", "demo:b#stream=0"])
def test_stream_and_rate_are_for_files(text: str) -> None:
    with pytest.raises(SourceError, match="#fps and #drift are for video files"):
        parse(text)


@pytest.mark.parametrize(
    "fragment",
    [
        "",
        "&",
        "left&",
        "top",
        "left=1",
        "flip=",
        "Left",
        "left#flip",
        "t",
        "t=",
        "t=,",
        "t=10,",
        "t=-1",
        "t=+1",
        "t=1e3",
        "t=nan",
        "t=٣",
        "t=10s",
        "t=10,10",
        "t=10,5",
        "t=1,2,3",
        "t=0:61:00",
        "t=0:00:61",
        "t=99999999999999999999999999",
        "t=1&t=2",
        "xywh=",
        "xywh=1,2,3",
        "xywh=1,2,3,4,5",
        "xywh=0,0,0,10",
        "xywh=-1,0,10,10",
        "xywh=1.5,0,10,10",
        "xywh=percent:0,0,101,100",
        "xywh=percent:60,0,50,100",
        "xywh=inches:0,0,50,100",
        "left&right",
        "left&left",
        "right&xywh=0,0,100,100",
        "flip&flip",
        "stream",
        "stream=",
        "stream=-1",
        "stream=a",
        "stream=1&stream=2",
        "fps=0",
        "fps=30/0",
        "fps=1001",
        "fps=nan",
        "fps=30fps",
        "drift=",
        "drift=a",
        "drift=1e1",
        "drift=-1001",
        "drift=1&drift=2",
        "delay=",
        "delay=0.1s",
        "delay=-0.1",
        "delay=2.5",
    ],
)
def test_rejects_bad_fragments(fragment: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse(f"a.mp4#{fragment}")
    message = str(caught.value)
    assert message.startswith(f"a.mp4#{fragment}: #")
    assert "\n" not in message
    assert "#" in message.split(": #", 1)[1] or ";" in message  # names the fix


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lsl:Anna's suit", Address("lsl:Anna's suit", "lsl:Anna's suit", "lsl")),
        ("lsl:A#up=z&flip", Address("lsl:A#up=z&flip", "lsl:A", "lsl", up="z", flip=True)),
        ("lsl:A%231%26%2c%25", Address("lsl:A%231%26%2c%25", "lsl:A#1&,%", "lsl")),
        ("lsl:50%", Address("lsl:50%", "lsl:50%", "lsl")),
        (
            "lsl:A#series=x%2Cy,z%26&host=lab%232&uid=a-1",
            Address(
                "lsl:A#series=x%2Cy,z%26&host=lab%232&uid=a-1",
                "lsl:A",
                "lsl",
                series=("x,y", "z&"),
                host="lab#2",
                uid="a-1",
            ),
        ),
        (
            "series:a%23.csv#columns=x%2Cy, z&rate=25",
            Address(
                "series:a%23.csv#columns=x%2Cy, z&rate=25",
                "series:a#.csv",
                "series",
                series=("x,y", "z"),
                rate=25.0,
            ),
        ),
        (
            "series:a.csv#time=t%26&columns=x",
            Address(
                "series:a.csv#time=t%26&columns=x",
                "series:a.csv",
                "series",
                series=("x",),
                column="t&",
            ),
        ),
        ("lsl:A#up=y", Address("lsl:A#up=y", "lsl:A", "lsl", up="y")),
        (
            "a.xdf#stream=x%26",
            Address("a.xdf#stream=x%26", "a.xdf", "series", series=(), who="x&"),
        ),
        (
            "series:a.xdf#stream=x&columns=y,z",
            Address(
                "series:a.xdf#stream=x&columns=y,z",
                *("series:a.xdf", "series"),
                series=("y", "z"),
                who="x",
            ),
        ),
        ("lsl:A#series", Address("lsl:A#series", "lsl:A", "lsl", series=())),
        (
            "lsl:A#series= x ,,2",
            Address("lsl:A#series= x ,,2", "lsl:A", "lsl", series=("x", "2")),
        ),
    ],
)
def test_parses_streams(text: str, expected: Address) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lsl:", "names no stream"),
        ("series:", "names no file"),
        ("series:a.csv#columns=x&rate=0", "write #rate=25"),
        ("a.xdf", "of an .xdf file #stream=NAME"),
        ("a.xdf#stream=x&columns=", "of an .xdf file #stream=NAME"),
        ("a.xdf#stream=x&rate=25", "of an .xdf file #stream=NAME"),
        ("series:a.csv#columns=x&rate=x", "write #rate=25"),
        *(
            (f"series:a.csv#{wrong}", "write #columns=NAME,NAME, and &rate=25 or &time=COLUMN")
            for wrong in (
                *("", "columns=x", "rate=25", "columns=x,&rate=2", "flip"),
                *("columns=x&rate=2&time=t", "columns=x&time=", "left"),
                *("columns=x&columns=x&rate=2", "columns=x&rate=2&flip"),
            )
        ),
        ("lsl:Anna#", "# is not known"),
        ("lsl:Anna#left", "#left is not known.*known for lsl: are #flip, #up=y"),
        ("lsl:Anna#t=3", "#t=3 is not known"),
        ("lsl:Anna#up=x", "#up=x is not known"),
        ("lsl:Anna#up=y&up=z", "#up=z is not known, or is given twice"),
        ("lsl:Anna#host=", "#host= is not known"),
        ("lsl:Anna#uid=1&uid=2", "#uid=2 is not known, or is given twice"),
        ("lsl:Anna#flip&flip", "#flip is not known, or is given twice"),
        ("lsl:Anna#series&series=1", "is not known, or is given twice"),
        ("lsl:Anna#series&flip", "a plain series has no sides"),
        ("lsl:Anna#up=y&series=1", "a plain series has no sides"),
        ("demo:a#up=y", "#up=y is not a known part"),
    ],
)
def test_rejects_bad_stream_fragments(text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        parse(text)
    assert "\n" not in str(caught.value)


@given(st.text(CHARACTERS, min_size=1, max_size=12))
def test_any_name_of_a_stream_can_be_given(name: str) -> None:
    assume(name.strip() and "\0" not in name)
    assert parse(f"lsl:{escape_name(name)}").base == f"lsl:{name}"


def test_error_lists_known_fragments() -> None:
    with pytest.raises(SourceError, match=r"#t=12\.5.*#t=10,70.*#xywh=.*#left.*#right.*#flip.*&"):
        parse("a.mp4#top")


@pytest.mark.parametrize("text", ["", "  ", "#left", "a\0b", "ftp://host/a.mp4", "rtsp://"])
def test_rejects_texts_without_a_source(text: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["demo:", "demo:c", "demo:A"])
def test_rejects_unknown_demos(text: str) -> None:
    with pytest.raises(SourceError, match="demo:a and demo:b"):
        parse(text)


@pytest.mark.parametrize("text", ["0#t=1", "0#t=,5", "0#left&t=1,2"])
def test_rejects_start_time_of_a_camera(text: str) -> None:
    with pytest.raises(SourceError, match=r"camera has no beginning"):
        parse(text)


def test_errors_explain_percent_encoding() -> None:
    with pytest.raises(SourceError, match="write # as %23, / as %2F, @ as %40 and : as %3A"):
        parse("rtsp://h/x?name=a#b")


def test_file_name_may_contain_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("take#1.mp4").touch()
    Path("take").touch()
    Path("a#left").touch()
    assert parse("take#1.mp4") == Address("take#1.mp4", "take#1.mp4", "file")
    assert parse("take#1.mp4#left").base == "take#1.mp4"
    assert parse("take#1.mp4#left").crop == LEFT
    assert parse("take#left").base == "take"
    assert parse("a#left").crop is None
    with pytest.raises(SourceError, match=r"#2\.mp4 is not a known part"):
        parse("take#2.mp4")


PRINTABLE = st.text(st.sampled_from(string.printable + "é#&=:,/"), max_size=40)


@st.composite
def almost_valid(draw: st.DrawFn) -> str:
    """Almost valid texts, which plain random ones never are."""
    base = draw(
        st.sampled_from(["0", "a.mp4", "demo:a", "lsl:s", "rtsp://h/x", "http://h", "", "x y"])
    )
    words = ["t=", "xywh=", "percent:", "pixel:", "npt:", "left", "right", "flip", "up=y", "series"]
    words += ["&", "#", ",", ":", ".", "-", "1", "05", "50", "100", "1e9", " ", "\n", "٣"]
    return base + "#" + "".join(draw(st.lists(st.sampled_from(words), max_size=12)))


@given(st.one_of(st.text(CHARACTERS, max_size=60), PRINTABLE, almost_valid()))
@example("0" * 5000 + ":00:00")
@example("a#t=" + "9" * 5000 + ":00:00")
@example("a#xywh=percent:" + ",".join(["9" * 400] * 4))
def test_any_text_parses_or_fails_in_one_line(text: str) -> None:
    try:
        address = parse(text)
    except SourceError as error:
        message = str(error)
    else:
        message = "fine"
        assert text.startswith(address.base)
        assert address.start >= 0
        assert address.end is None or address.end > address.start
    assert len(message.splitlines()) == 1


def clock(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def fragments() -> Iterator[st.SearchStrategy[tuple[str, dict[str, object]]]]:
    """Fragments with the fields that they must set."""
    moment = st.integers(0, 9000)
    yield st.tuples(moment, st.integers(1, 9000)).map(
        lambda t: (f"t={clock(t[0])},{t[0] + t[1]}", {"start": t[0], "end": t[0] + t[1]})
    )
    yield moment.map(lambda t: (f"t={t / 8}", {"start": t / 8}))
    yield st.tuples(*[st.integers(0, 49)] * 2, *[st.integers(1, 50)] * 2).map(
        lambda r: (f"xywh=percent:{','.join(map(str, r))}", {"crop": Crop("percent", *r)})
    )
    yield st.tuples(*[st.integers(0, 4000)] * 2, *[st.integers(1, 4000)] * 2).map(
        lambda r: (f"xywh={','.join(map(str, r))}", {"crop": Crop("pixel", *r)})
    )
    yield st.sampled_from([("left", {"crop": LEFT}), ("right", {"crop": RIGHT})])
    yield st.just(("flip", {"flip": True}))


@given(st.lists(st.one_of(*fragments()), min_size=1, max_size=3), st.randoms())
def test_parses_combined_fragments(parts: list[tuple[str, dict]], random: object) -> None:
    fields = [name for _, part in parts for name in part]
    assume(len(set(fields)) == len(fields))
    text = "b.mp4#" + "&".join(part for part, _ in parts)
    merged = {name: value for _, part in parts for name, value in part.items()}
    assert parse(text) == Address(text, "b.mp4", "file", **merged)


@given(
    st.sampled_from(["percent", "pixel"]),
    st.lists(st.integers(0, 50), min_size=8, max_size=8),
)
def test_contains_compares_all_points(unit: Literal["percent", "pixel"], edges: list[int]) -> None:
    one = Crop(unit, edges[0], edges[1], edges[2] + 1, edges[3] + 1)
    other = Crop(unit, edges[4], edges[5], edges[6] + 1, edges[7] + 1)

    def points(crop: Crop) -> set[tuple[int, int]]:
        across = range(int(crop.x), int(crop.x + crop.width))
        return {(x, y) for x in across for y in range(int(crop.y), int(crop.y + crop.height))}

    assert one.contains(other) == (points(other) <= points(one))
    assert not one.contains(Crop("percent" if unit == "pixel" else "pixel", 0, 0, 1, 1))


def test_drift_and_delay_shift_times() -> None:
    address = parse("a.mp4#t=10&drift=-50")
    assert (address.start, address.drift) == (10.0, -50.0)
    assert address.session_time(1810.0) == pytest.approx(1800.09, abs=1e-5)
    assert address.source_time(address.session_time(1810.0)) == pytest.approx(1810.0)
    assert parse("0#delay=0.083").session_time(7.0) == pytest.approx(6.917)
    assert parse("0#delay=0.083").source_time(6.917) == pytest.approx(7.0)
    assert parse("rtsp://192.0.2.7/a#delay=2").delay == 2.0


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("0#drift=10", "#drift are for video files"),
        ("demo:a#drift=10", "#drift are for video files"),
        ("a.mp4#delay=0.1", "write when to start as #t=0.5"),
        ("demo:b#delay=0.1", "write when to start as #t=0.5"),
    ],
)
def test_rejects_drift_of_cameras_and_delay_of_videos(text: str, fix: str) -> None:
    with pytest.raises(SourceError, match=fix):
        parse(text)


@pytest.mark.parametrize(
    ("text", "parts", "expected"),
    [
        ("a.mp4", {"t": "3"}, "a.mp4#t=3"),
        ("a.mp4#t=1&left", {"t": "3,4", "drift": "12"}, "a.mp4#left&t=3,4&drift=12"),
        ("a.mp4#t=1&left", {"t": None}, "a.mp4#left"),
        ("a.mp4#t=1", {"t": None, "drift": None}, "a.mp4"),
        ("0", {"delay": "0.08"}, "0#delay=0.08"),
    ],
)
def test_replaces_parts_of_a_text(text: str, parts: dict[str, str | None], expected: str) -> None:
    assert with_parts(text, **parts) == expected


def test_exercise_of_a_rendered_person() -> None:
    assert parse("demo:a#exercise=be-my-mirror").exercise == "be-my-mirror"
    assert parse("demo:a#exercise=swap&level=hard").level == "hard"
    assert parse("demo:a#exercise=my%20own").exercise == "my own"
    for wrong in ("demo:a#exercise=", "clip.mp4#exercise=swap", "0#exercise=swap"):
        with pytest.raises(SourceError, match="is not a known part of a source"):
            parse(wrong)


def test_people_are_short_for_two_persons() -> None:
    assert both_people("0#people") == ("0#person=1", "0#person=2")
    assert both_people("room.mp4#t=5&people&flip") == (
        "room.mp4#t=5&flip&person=1",
        "room.mp4#t=5&flip&person=2",
    )
    assert both_people("room.mp4#left") is None
    assert names_person("0#flip&person=2")
    assert not names_person("0#people")
    assert [parse(text).person for text in both_people("0#people") or ()] == [1, 2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0#people", "two people; name it as the only source"),
        ("0#person=3", "write #person=1 or #person=2"),
        ("demo:a#person=1", "a demo shows one person"),
        ("0#person=1&person=2", "repeats or contradicts"),
    ],
)
def test_persons_that_cannot_be_are_refused(text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        parse(text)


def test_only_the_screen_and_its_parts_are_of_the_screen() -> None:
    assert is_of_screen("screen:1#xywh=percent:5,20,40,60")
    assert is_of_screen("screen:2")
    assert not any(map(is_of_screen, ("0#left", "screen.mp4", "demo:a", "lsl:screen:1", "")))
