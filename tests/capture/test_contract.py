"""The contract of sources, checked for every kind of source."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirror.capture import Frame, Source, open_source, parse
from mirror.capture.camera import CameraSource
from mirror.capture.crop import CroppedSource
from mirror.capture.fanout import share
from mirror.errors import SourceError
from tests.support.clips import (
    HEIGHT,
    WIDTH,
    RtspHandler,
    RtspOverUdpHandler,
    collect,
    file_handler,
    jpeg_handler,
    number,
    numbered_image,
    write_video,
)
from tests.support.reading import open_frame_sources

COUNT = 32
RATES = {
    "59.94": Fraction(60000, 1001),
    "23.976": Fraction(24000, 1001),
    "12.5": Fraction(25, 2),
    "7": Fraction(7),
}
# Seconds, in whole milliseconds: from 5 ms to nearly a second apart.
UNEVEN = [round(0.005 * n + 0.4 * (n // 7) ** 1.3, 3) for n in range(COUNT)]
FILES: dict[str, tuple[str, dict[str, Any]]] = {
    **{f"h264 {name} fps": ("mp4", {"rate": rate}) for name, rate in RATES.items()},
    "vfr mp4": ("mp4", {"tick": Fraction(1, 1000)}),
    "vfr mkv": ("mkv", {"tick": Fraction(1, 1000)}),
    "turned by 90": ("mp4", {"turn": 90}),
    "turned by 180": ("mp4", {"turn": 180}),
    "turned by 270": ("mp4", {"turn": 270}),
    "transport stream": ("ts", {}),
    "animated gif": ("gif", {"codec": "gif", "pixels": "rgb8", "rate": Fraction(10)}),
    "mjpeg avi": ("avi", {"codec": "mjpeg", "pixels": "yuvj420p", "rate": Fraction(25)}),
    "odd width": ("mkv", {"codec": "ffv1", "pixels": "bgr0", "size": (131, 97)}),
    "more sound than video": ("mkv", {"sound": 5.0}),
    "transparent": ("mov", {"codec": "png", "pixels": "rgba"}),
}
LIVE = ("camera", "mpjpeg", "rtsp over tcp", "rtsp over udp")
KINDS = (*FILES, "http", "http without ranges", "demo", *LIVE)


@dataclass(frozen=True)
class Case:
    """A source of some kind, with known properties."""

    kind: str
    open: Callable[[str], Source]  # with this fragment
    open_two: Callable[[], tuple[Source, Source]]
    times: list[float] | None = None  # the truth
    size: tuple[int, int] = (WIDTH, HEIGHT)
    numbered: bool = True
    ends_with: type[SourceError] | None = None

    @property
    def live(self) -> bool:
        return self.kind in LIVE


@pytest.fixture(scope="module", params=KINDS)
def case(request: Any, tmp_path_factory: Any, serve: Callable[..., int]) -> Case:
    kind = request.param
    folder: Path = tmp_path_factory.mktemp("source")
    even = [n / 30 for n in range(COUNT)]
    facts: dict[str, Any] = {"times": even}
    if kind in FILES:
        suffix, options = FILES[kind]
        facts["times"] = (
            UNEVEN
            if kind.startswith("vfr")
            else [float(n / options.get("rate", Fraction(30))) for n in range(COUNT)]
        )
        facts["size"] = options.get("size", (WIDTH, HEIGHT))
        text = str(write_video(folder / f"video.{suffix}", facts["times"], **options))
    elif kind == "demo":
        return demo_case()
    elif kind == "camera":
        camera = str(write_video(folder / "camera.mp4", even))

        def open_camera(fragment: str) -> Source:
            return CroppedSource(CameraSource(camera, text="0"), parse("0" + fragment))

        def open_two() -> tuple[Source, Source]:
            one, other = share(CameraSource(camera, text="0"))
            return one, other

        return Case(kind, open_camera, open_two, ends_with=SourceError)
    elif kind == "mpjpeg":
        text = f"http://127.0.0.1:{serve(jpeg_handler(COUNT))}/live"
        facts = {"ends_with": SourceError}
    elif kind.startswith("rtsp"):
        port = serve(RtspHandler if "tcp" in kind else RtspOverUdpHandler)
        text = f"rtsp://127.0.0.1:{port}/live"
        facts = {}
    else:
        path = write_video(folder / "a.mp4", even, container={"movflags": "faststart"})
        port = serve(file_handler(path, ranges=kind == "http"))
        text = f"http://127.0.0.1:{port}/a.mp4"

    def open_same() -> tuple[Source, Source]:
        # The same live stream twice is refused but for two parts of it.
        return open_frame_sources(f"{text}#left", f"{text}#xywh=percent:0,0,100,99")

    return Case(kind, lambda fragment: open_source(text + fragment), open_same, **facts)


def demo_case() -> Case:
    """The first second of a rendered person."""
    second = "t=,1"

    def open_part(fragment: str) -> Source:
        part = fragment if "t=" in fragment else f"{fragment or '#'}{'&' * bool(fragment)}{second}"
        return open_source("demo:a" + part)

    with open_part("") as source:
        first = source.read()
    assert first is not None
    height, width = first.image.shape[:2]
    return Case(
        "demo",
        open_part,
        lambda: open_frame_sources(f"demo:a#{second}", f"demo:a#{second}&flip"),
        size=(width, height),
        numbered=False,
    )


def read_all(source: Source, case: Case) -> list[Frame]:
    """Read everything up to the end, and check the end."""
    frames = []
    with source:
        if case.ends_with is None:
            frames = list(source)
        else:
            with pytest.raises(case.ends_with) as caught:
                collect(source, frames)
            assert "\n" not in str(caught.value)
        assert [source.read() for _ in range(3)] == [None] * 3
    return frames


@pytest.fixture(scope="module")
def whole(case: Case) -> list[Frame]:
    """All frames, uncropped."""
    return read_all(case.open(""), case)


def test_frames_are_contiguous_uint8_rgb_of_one_size(case: Case, whole: list[Frame]) -> None:
    width, height = case.size
    for frame in whole:
        assert frame.image.dtype == np.uint8
        assert frame.image.shape == (height, width, 3)
        assert frame.image.flags.c_contiguous


def test_times_rise(whole: list[Frame]) -> None:
    assert len(whole) > 1
    assert np.all(np.diff([frame.time for frame in whole]) > 0)


def test_times_match_the_file(case: Case, whole: list[Frame]) -> None:
    if case.times is None:
        pytest.skip("this kind has no times of its own")
    # Matroska rounds to milliseconds, GIF was given whole hundredths.
    assert [frame.time for frame in whole] == pytest.approx(case.times, abs=1.1e-3)


def test_no_frame_is_lost_or_out_of_order(case: Case, whole: list[Frame]) -> None:
    if not case.numbered:
        pytest.skip("these frames are not numbered")
    numbers = [number(frame.image) for frame in whole]
    if case.live:  # the newest wins
        assert numbers == sorted(set(numbers))
        assert len(numbers) >= COUNT // 2
    else:
        assert numbers == list(range(COUNT))


def test_frames_are_upright_and_in_colour(case: Case, whole: list[Frame]) -> None:
    if not case.numbered:
        pytest.skip("these frames are not numbered")
    for frame in whole[::10]:
        truth = numbered_image(number(frame.image), *case.size).astype(float)
        # Smooth parts only: a 32-pixel-high strip where the red ramp does not wrap round, coarsely,
        # because GIF has 256 colours and H.264 a quarter of the chroma.
        difference = np.abs(frame.image.astype(float) - truth)[40:72]
        assert np.median(difference, axis=(0, 1)) == pytest.approx([0, 0, 0], abs=30)


def test_live_flag(case: Case) -> None:
    with case.open("") as source:
        assert source.live is case.live
        assert source.dropped == 0 or source.live
        assert (source.duration is None) >= source.live


def test_duration_and_rate_match_the_file(case: Case) -> None:
    if case.times is None:
        pytest.skip("not known beforehand")
    with case.open("") as source:
        assert source.duration == pytest.approx(case.times[-1], abs=0.2)
        if not case.kind.startswith("vfr"):
            assert source.rate == pytest.approx(1 / case.times[1], rel=1e-3)


def test_closing_ends_the_source(case: Case) -> None:
    source = case.open("")
    assert source.read() is not None
    source.close()
    source.close()
    assert source.read() is None
    assert source.read() is None


def test_closing_ends_a_read_on_another_thread(case: Case) -> None:
    source = case.open("")
    started = threading.Event()
    outcome: list[SourceError | None] = []

    def read() -> None:
        try:
            while source.read() is not None:
                started.set()
        except SourceError as error:
            outcome.append(error)
        outcome.append(None)

    reader = threading.Thread(target=read)
    reader.start()
    assert started.wait(20)
    source.close()
    reader.join(20)
    assert not reader.is_alive()
    assert outcome[-1] is None


CROPS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "#left": lambda image: image[:, : -(-image.shape[1] // 2)],
    "#right": lambda image: image[:, -(-image.shape[1] // 2) :],
    "#flip": lambda image: image[:, ::-1],
    "#right&flip": lambda image: image[:, -(-image.shape[1] // 2) :][:, ::-1],
    "#xywh=10,20,30,40": lambda image: image[20:60, 10:40],
    "#xywh=pixel:80,60,4000,4000": lambda image: image[60:, 80:],
    "#flip&xywh=percent:25,0,50,100": lambda image: image[
        :, int(image.shape[1] * 0.25 + 0.5) : int(image.shape[1] * 0.75 + 0.5)
    ][:, ::-1],
}


# The same code crops the frames of any source: one crop shows that it is used.
ALL_CROPS = ("h264 7 fps", "turned by 90", "odd width")


def test_crop_and_flip_are_slices_of_the_frame(case: Case, whole: list[Frame]) -> None:
    for fragment in CROPS if case.kind in ALL_CROPS else ["#right&flip"]:
        part = read_all(case.open(fragment), case)
        cut = CROPS[fragment]
        if case.live:  # other frames were dropped; find each one's whole by its pixels
            wanted = {np.ascontiguousarray(cut(frame.image)).tobytes() for frame in whole}
            found = [frame.image.tobytes() in wanted for frame in part]
            assert np.mean(found) > 0.5, fragment
            continue
        assert len(part) == len(whole), fragment
        for narrow, wide in zip(part, whole, strict=True):
            assert narrow.time == wide.time
            assert np.array_equal(narrow.image, cut(wide.image)), fragment
            assert narrow.image.flags.c_contiguous


@pytest.mark.parametrize(
    ("fragment", "start", "end"),
    [("#t=0.3", 0.3, 99), ("#t=npt:0:00:00.30,1", 0.3, 1), ("#t=,0.5", 0, 0.5)],
)
def test_time_fragment_is_a_part_of_the_whole(
    case: Case, whole: list[Frame], fragment: str, start: float, end: float
) -> None:
    if case.live:
        with pytest.raises(SourceError, match="no beginning") as caught:
            case.open(fragment)
        assert "\n" not in str(caught.value)
        return
    if case.kind == "demo" and end == 99:
        pytest.skip("its end is a minute away")
    part = read_all(case.open(fragment), case)
    wanted = [frame for frame in whole if start <= frame.time < end]
    assert [frame.time for frame in part] == [frame.time - start for frame in wanted]
    for ours, theirs in zip(part, wanted, strict=True):
        assert np.array_equal(ours.image, theirs.image)
    with case.open(fragment) as source:
        length = min(end, whole[-1].time + 0.04) - start
        if source.duration is not None:
            assert source.duration == pytest.approx(length, abs=0.2)


def test_time_fragment_deep_in_the_file_is_exact(case: Case, whole: list[Frame]) -> None:
    """Far enough in to need seeking, from key frames before the wanted frame."""
    if case.live or case.kind == "demo":
        pytest.skip("nothing to seek in")
    for frame in whole[-8::3]:
        part = read_all(case.open(f"#t={frame.time:.9f}"), case)
        wanted = [one for one in whole if one.time >= float(f"{frame.time:.9f}")]
        assert len(part) == len(wanted)
        for ours, theirs in zip(part, wanted, strict=True):
            assert np.array_equal(ours.image, theirs.image)


def test_two_readers_get_the_same_frames(case: Case, whole: list[Frame]) -> None:
    one, other = case.open_two()
    frames: tuple[list[Frame], list[Frame]] = ([], [])
    errors: list[SourceError] = []

    def read(source: Source, into: list[Frame]) -> None:
        try:
            collect(source, into)
        except SourceError as error:
            errors.append(error)

    threads = [
        threading.Thread(target=read, args=pair) for pair in zip((one, other), frames, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert one.read() is None
    assert other.read() is None
    one.close()
    other.close()
    assert [type(error) for error in errors] == [case.ends_with] * (2 if case.ends_with else 0)
    for got in frames:
        assert np.all(np.diff([frame.time for frame in got]) > 0)
        if not case.live:
            assert [frame.time for frame in got] == [frame.time for frame in whole]
            assert len(got) == len(whole)
