"""Every frame of a video at its time, the right way up, and of the video that a player shows."""

from __future__ import annotations

import itertools
import re
import struct
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.stream import Disposition
from PIL import ExifTags, Image, ImageOps

from mirror.capture import Frame, open_source
from mirror.capture.base import Source
from mirror.capture.still import StillSource
from mirror.capture.video import VideoSource
from mirror.errors import SourceError
from tests.support.clips import CASES, HEIGHT, WIDTH, number, numbered_image, write_video
from tests.support.reading import open_frame_sources

ONE = 1 << 16  # in a display matrix


def read(text: Path | str) -> tuple[list[Frame], tuple[str, ...], int]:
    """Return a source's frames, notes and number of lost frames."""
    with open_source(str(text)) as source:
        return list(source), source.notes, source.dropped


def numbers(frames: Sequence[Frame]) -> list[int]:
    return [number(frame.image) for frame in frames]


def even(count: int, rate: float = 30.0, start: float = 0.0) -> list[float]:
    return [start + n / rate for n in range(count)]


# The right way up


def shown(image: np.ndarray, matrix: Sequence[int]) -> np.ndarray:
    """Move each pixel to where a display matrix puts it."""
    a, b, _, c, d, *_ = (np.sign(each) for each in matrix)
    height, width = image.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    right, down = a * x + c * y, b * x + d * y
    right, down = right - right.min(), down - down.min()
    result = np.zeros((down.max() + 1, right.max() + 1, 3), np.uint8)
    result[down, right] = image
    return result


@pytest.mark.parametrize(
    "corner",
    [(i, 0, 0, j) for i, j in itertools.product((1, -1), repeat=2)]
    + [(0, i, j, 0) for i, j in itertools.product((1, -1), repeat=2)],
)
def test_display_matrix_moves_pixels(tmp_path: Path, corner: tuple[int, ...]) -> None:
    """Four turns, and four flips with a turn, which have a negative determinant."""
    a, b, c, d = (each * ONE for each in corner)
    matrix = [a, b, 0, c, d, 0, 0, 0, 1 << 30]
    path = tmp_path / "matrix.mov"
    stored = numbered_image(5)
    with av.open(str(path), "w") as file:
        stream = file.add_stream("png", rate=30)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "rgb24"
        stream.set_display_matrix(matrix)
        file.mux(stream.encode(av.VideoFrame.from_ndarray(stored)))
        file.mux(stream.encode())
    (frame,), *_ = read(path)
    assert np.array_equal(frame.image, shown(stored, matrix))
    assert frame.image.flags.c_contiguous


def test_turn_in_matroska(tmp_path: Path) -> None:
    path = write_video(tmp_path / "turned.mkv", even(3), turn=90)
    frames, *_ = read(path)
    assert numbers(frames) == [0, 1, 2]
    assert frames[0].image.shape == (HEIGHT, WIDTH, 3)


def test_frames_of_another_size_keep_their_shape(tmp_path: Path) -> None:
    """As a telephone that is turned, or a call whose picture becomes smaller."""
    joined = tmp_path / "joined.ts"
    sizes = [(128, 96), (96, 128), (160, 96)]
    parts = [write_video(tmp_path / f"{n}.ts", even(10), size=size) for n, size in enumerate(sizes)]
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    frames, *_ = read(joined)
    assert [frame.image.shape[1::-1] for frame in frames[::10]] == sizes
    assert [frame.time for frame in frames] == pytest.approx(even(30))
    halves, *_ = read(f"{joined}#left")
    assert [frame.image.shape[1] for frame in halves[::10]] == [64, 48, 80]
    # What the crop leaves of a smaller frame may be nothing.
    wide, notes, lost = read(f"{joined}#xywh=100,0,20,96")
    assert [frame.time for frame in wide] == pytest.approx(even(10) + even(10, 30, 2 / 3))
    assert lost == 10
    assert "too small for the crop: 10" in notes[-1]


def test_wide_pixels_of_a_later_size(tmp_path: Path) -> None:
    parts = [
        write_video(tmp_path / "0.ts", even(10)),
        write_video(tmp_path / "1.ts", even(10), size=(96, 96), aspect=Fraction(4, 3)),
    ]
    joined = tmp_path / "joined.ts"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    frames, *_ = read(joined)
    assert [frame.image.shape[1::-1] for frame in frames[::10]] == [(128, 96), (128, 96)]


# Every frame, at its time


@pytest.mark.parametrize("codec", ["mpeg4", "libx264"])
@pytest.mark.parametrize("size", [(WIDTH, HEIGHT), (1280, 800)])
def test_avi_with_b_frames(tmp_path: Path, codec: str, size: tuple[int, int]) -> None:
    """Its stamps are those of decoding."""
    options = {"bf": "2", "preset": "ultrafast"} if codec == "libx264" else {"bf": "2"}
    count = 12 if size[0] > WIDTH else 60
    path = write_video(
        tmp_path / "a.avi", even(count), codec=codec, options={**options, "g": "30"}, size=size
    )
    frames, notes, lost = read(path)
    assert numbers(frames) == list(range(count))
    assert [frame.time for frame in frames] == pytest.approx(even(count))
    assert (notes, lost) == ((), 0)
    part, *_ = read(f"{path}#t={count / 40}")
    assert numbers(part) == list(range(count * 3 // 4, count))
    assert part[0].time == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("b_frames", [0, 2])
def test_avi_with_repeated_frames(tmp_path: Path, b_frames: int) -> None:
    """A frame shown for longer is followed by chunks without bytes."""
    times = [n / 30 + (n >= 12) * 5 / 30 for n in range(24)]
    path = write_video(tmp_path / "a.avi", times, codec="mpeg4", options={"bf": str(b_frames)})
    frames, notes, lost = read(path)
    assert (numbers(frames), notes, lost) == (list(range(24)), (), 0)
    if not b_frames:  # with them, FFmpeg's muxer writes the gap where decoding has it
        assert [frame.time for frame in frames] == pytest.approx(times)


@pytest.mark.parametrize("suffix", ["ts", "mpg", "mkv", "webm", "flv"])
def test_joined_files_go_on(tmp_path: Path, suffix: str) -> None:
    codec = {"mpg": "mpeg2video", "webm": "libvpx", "flv": "flv1"}.get(suffix, "libx264")
    part = write_video(tmp_path / f"part.{suffix}", even(60), codec=codec).read_bytes()
    joined = tmp_path / f"joined.{suffix}"
    count = 3
    joined.write_bytes(count * part)
    frames, notes, lost = read(joined)
    assert numbers(frames) == count * list(range(60))
    assert [frame.time for frame in frames] == pytest.approx(even(60 * count), abs=2e-3)
    assert lost == 0
    assert len(notes) == count - 1
    for n, note in enumerate(notes):
        assert f"begins again at {2 * n + 2}.00 s" in note
    for start in (1.5, 2.0, 3.2):
        later, *_ = read(f"{joined}#t={start}")
        wanted = [frame for frame in frames if frame.time >= start]
        assert numbers(later) == numbers(wanted)
        assert [frame.time + start for frame in later] == pytest.approx(
            [frame.time for frame in wanted]
        )


def test_what_is_no_video_behind_a_file_is_left_out(tmp_path: Path) -> None:
    part = write_video(tmp_path / "part.flv", even(30), codec="flv1").read_bytes()
    joined = tmp_path / "joined.flv"
    joined.write_bytes(2 * part + b"FLV\x01 and something else")
    frames, _, lost = read(joined)
    assert numbers(frames) == 2 * list(range(30))
    assert lost == 0


def test_joined_streams_with_a_far_clock_go_on(tmp_path: Path) -> None:
    """The second file's clock is an hour behind, which looks like one that has run over."""
    hour = write_video(tmp_path / "hour.ts", even(30, start=3600))
    zero = write_video(tmp_path / "zero.ts", even(30))
    for parts in ((hour, zero), (zero, hour, zero)):
        joined = tmp_path / "joined.ts"
        joined.write_bytes(b"".join(part.read_bytes() for part in parts))
        frames, *_ = read(joined)
        assert numbers(frames) == len(parts) * list(range(30))
    steps = np.diff([frame.time for frame in frames])
    assert np.sort(steps)[:-1] == pytest.approx(1 / 30)
    assert steps.max() == pytest.approx(3599, abs=1)  # forwards, it may be a true gap


def stray(path: Path, at: int, to: int) -> Path:
    """Write a video of key frames, each large enough for a cluster, and move the one `at`, ms."""
    write_video(path, even(60, 10), codec="rawvideo", pixels="yuv420p", rate=Fraction(10))
    data = path.read_bytes()
    cluster = b"\xe7\x82" + struct.pack(">h", at)
    assert data.count(cluster) == 1
    place = data.index(cluster) + 2
    path.write_bytes(data[:place] + struct.pack(">h", to) + data[place + 2 :])
    return path


@pytest.mark.parametrize("to", [500, 2900, 9000])
def test_stray_stamp_loses_one_frame(tmp_path: Path, to: int) -> None:
    """Backwards, twice the same, forwards."""
    path = stray(tmp_path / "stray.mkv", 3000, to)
    frames, notes, lost = read(path)
    assert numbers(frames) == [n for n in range(60) if n != 30]
    assert lost == 1
    (note,) = notes
    assert "their times are not between those before and after them: 1" in note
    assert read(f"{path}#t=4")[1:] == ((), 0)  # not in this part


def test_damaged_packets_are_counted(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mov", even(30), codec="png", pixels="rgb24")
    data = bytearray(path.read_bytes())
    for found in list(re.finditer(b"\x89PNG", data))[3:5]:
        data[found.start() : found.start() + 40] = bytes(40)
    path.write_bytes(data)
    frames, notes, lost = read(path)
    assert numbers(frames) == [n for n in range(30) if n not in (3, 4)]
    assert lost == 2
    assert "damaged frames that were left out: 2" in notes[0]


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_frames_lost_before_the_decoder_are_counted(tmp_path: Path, suffix: str) -> None:
    """Packets that were never written: 5 of these frames, and 1 of others."""
    times = [time for n, time in enumerate(even(60)) if n not in (20, 21, 22, 23, 24, 40)]
    path = write_video(tmp_path / f"lost.{suffix}", times)
    frames, (note,), lost = read(path)
    assert (len(frames), lost) == (54, 6)
    assert "missing where its times have gaps: 6" in note
    assert read(f"{path}#t=1")[2] == 1


@pytest.mark.parametrize(
    "steps",
    [
        [1] * 20 + [2] * 20 + [1] * 20,  # in the dark
        [1, 1, 1, 2] * 20,  # 24 frames a second in 30
        [1, 1, 1, 1, 2] * 20,  # 25
        [1, 2] * 20,  # 20
        [1, 9, 4, 2, 30, 1, 5, 1, 17, 3] * 3,  # of a screen
        [*[0.5] * 40, 12, *[0.5] * 60, 25, *[0.5] * 30, 9] * 2,  # that moves for a second at a time
        [*[1] * 40, 600, *[1] * 40],  # paused for 20 s
        np.random.default_rng(0).normal(1, 0.18, 200).tolist(),  # ms: 6
        np.abs(np.random.default_rng(0).normal(1, 0.36, 200)).tolist(),  # 12
    ],
)
def test_uneven_frames_are_not_missing(tmp_path: Path, steps: list[float]) -> None:
    times = [0.0, *(step / 30 for step in itertools.accumulate(steps))]
    frames, notes, lost = read(write_video(tmp_path / "uneven.mkv", times, tick=Fraction(1, 1000)))
    assert (len(frames), notes, lost) == (len(times), (), 0)


def test_frames_lost_beside_a_pause_are_counted(tmp_path: Path) -> None:
    steps = [*[1] * 40, 600, *[1] * 40, 4, *[1] * 40]
    times = [0.0, *(step / 30 for step in itertools.accumulate(steps))]
    _, (note,), lost = read(write_video(tmp_path / "paused.mkv", times))
    assert lost == 3
    assert "missing where its times have gaps: 3" in note


def test_frames_made_up_of_others_are_left_out(tmp_path: Path) -> None:
    """The decoder fills what is damaged in a frame with parts of frames before it."""
    path = write_video(tmp_path / "a.avi", even(30), codec="mpeg4", size=(256, 192))
    data = bytearray(path.read_bytes())
    tenth = list(re.finditer(b"00dc", data))[10].start()
    data[tenth + 300 : tenth + 340] = bytes(40)
    path.write_bytes(data)
    frames, (note,), lost = read(path)
    assert lost == 30 - len(frames) == 1
    assert "damaged frames that were left out: 1" in note


@pytest.mark.parametrize(
    ("suffix", "codec", "assumed"),
    [("h264", "libx264", 30), ("m2v", "mpeg2video", 30), ("mjpeg", "mjpeg", 25)],
)
def test_bare_streams_say_what_they_assume(
    tmp_path: Path, suffix: str, codec: str, assumed: int
) -> None:
    pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    path = write_video(tmp_path / f"bare.{suffix}", even(30), codec=codec, pixels=pixels)
    frames, (note,), _ = read(path)
    assert numbers(frames) == list(range(30))
    assert [frame.time for frame in frames] == pytest.approx(even(30, assumed))
    assert f"{assumed} frames/s are assumed" in note
    assert "#fps=RATE" in note
    frames, notes, _ = read(f"{path}#fps=60&t=0.1")
    assert numbers(frames) == list(range(6, 30))
    assert [frame.time for frame in frames] == pytest.approx(even(24, 60))
    assert notes == ()


def test_rate_is_refused_where_there_are_times(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", even(5))
    with pytest.raises(SourceError, match=r"has times of its own; leave out #fps$"):
        open_source(f"{path}#fps=30")


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "mov"])
def test_times_are_those_of_the_container(tmp_path: Path, suffix: str) -> None:
    """The sound begins first; a player shows the first frame after two seconds."""
    path = write_video(tmp_path / f"late.{suffix}", even(60, start=2.0), sound=4.0)
    frames, *_ = read(path)
    # AAC begins with up to 2,048 samples that no player plays, a quarter of a second of them here.
    assert frames[0].time == pytest.approx(2.0, abs=0.26)
    first = frames[0].time
    assert [frame.time - first for frame in frames] == pytest.approx(even(60), abs=1.1e-3)
    part, *_ = read(f"{path}#t=3")
    assert numbers(part) == [number(frame.image) for frame in frames if frame.time >= 3]


@pytest.mark.parametrize(("suffix", "start"), [("mkv", 90.0), ("ts", 7.0)])
def test_times_of_silent_video_begin_at_zero(tmp_path: Path, suffix: str, start: float) -> None:
    path = write_video(tmp_path / f"a.{suffix}", even(30, start=start))
    frames, *_ = read(path)
    assert [frame.time for frame in frames] == pytest.approx(even(30), abs=1.1e-3)


def test_edit_list_cuts_the_beginning(tmp_path: Path) -> None:
    """As telephones cut, without coding again: frames before zero are for decoding only."""
    options = {"avoid_negative_ts": "disabled"}
    path = write_video(tmp_path / "a.mp4", even(30, start=-0.5), container=options)
    frames, notes, lost = read(path)
    assert numbers(frames) == list(range(15, 30))
    assert [frame.time for frame in frames] == pytest.approx(even(15))
    assert (notes, lost) == ((), 0)


# The video that a player shows


def write_streams(path: Path, *streams: dict[str, Any]) -> Path:
    """Write several videos into one file: numbers `count` from `first`, of `size`."""
    with av.open(str(path), "w") as file:
        packets = []
        for each in streams:
            codec = each.get("codec", "mpeg4")
            stream = file.add_stream(codec, rate=30)
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height = each.get("size", (WIDTH, HEIGHT))
            stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            stream.disposition = each.get("disposition", Disposition(0))
            for n in range(each["count"]):
                image = numbered_image(each.get("first", 0) + n, stream.width, stream.height)
                frame = av.VideoFrame.from_ndarray(image)
                frame.pts, frame.time_base = n, Fraction(1, 30)
                packets += stream.encode(frame)
            packets += stream.encode()
        for packet in sorted(packets, key=lambda each: (each.dts or 0) * each.time_base):
            file.mux(packet)
    return path


THUMBNAIL = {"codec": "mjpeg", "count": 1, "first": 200}
FILM = {"count": 30}
OTHER = {"count": 30, "first": 100, "size": (160, 96)}
DEFAULT = {"disposition": Disposition.default}


@pytest.mark.parametrize("suffix", ["mkv", "mp4", "avi"])
@pytest.mark.parametrize("marked", ["film", "thumbnail", "neither"])
def test_a_thumbnail_is_not_the_film(tmp_path: Path, suffix: str, marked: str) -> None:
    path = write_streams(
        tmp_path / f"a.{suffix}",
        THUMBNAIL | (DEFAULT if marked == "thumbnail" else {}),
        FILM | (DEFAULT if marked == "film" else {}),
    )
    frames, notes, _ = read(path)
    assert numbers(frames) == list(range(30))
    assert notes == ()
    assert numbers(read(f"{path}#stream=1")[0]) == list(range(30))


def test_a_cover_is_not_the_film(tmp_path: Path) -> None:
    path = write_streams(
        tmp_path / "a.mp4", THUMBNAIL | {"disposition": Disposition.attached_pic}, FILM
    )
    frames, notes, _ = read(path)
    assert (numbers(frames), notes) == (list(range(30)), ())


def test_second_video_is_said_and_chosen(tmp_path: Path) -> None:
    path = write_streams(tmp_path / "two.mkv", FILM, THUMBNAIL, OTHER)
    frames, (note,), _ = read(path)
    assert numbers(frames) == list(range(30))
    assert note.endswith("has another video, which is not used: #stream=2 (160 × 96)")
    frames, notes, _ = read(f"{path}#stream=2&t=0.5")
    assert numbers(frames) == list(range(115, 130))
    assert frames[0].image.shape == (96, 160, 3)
    assert notes == ()
    with pytest.raises(SourceError, match=r"has no #stream=3; the last is #stream=2$"):
        open_source(f"{path}#stream=3")
    one, other = open_frame_sources(str(path), f"{path}#stream=2")
    with one, other:
        assert (numbers(list(one)), numbers(list(other))) == (
            list(range(30)),
            list(range(100, 130)),
        )


def test_default_video_is_taken(tmp_path: Path) -> None:
    path = write_streams(tmp_path / "two.mkv", FILM, OTHER | DEFAULT)
    frames, (note,), _ = read(path)
    assert numbers(frames) == list(range(100, 130))
    assert note.endswith(f"#stream=0 ({WIDTH} × {HEIGHT})")


# Videos that other programs read wrongly


@pytest.mark.parametrize(
    ("name", "count", "first", "last"),
    [
        ("pA.mp4", 480, 0.0, 479 / 30),
        ("pB.avi", 480, 0.0, 479 / 30),
        ("pBcat.ts", 480, 0.0, 479 / 30),
        ("pB.h264#fps=30", 480, 0.0, 479 / 30),
        ("pBthumb.mkv", 480, 0.0, 15.967),
        ("pBhflip.mp4", 480, 0.0, 479 / 30),
        ("pBturn.webm", 480, 0.0, 15.967),
        ("late.mp4", 300, 2.0, 2 + 299 / 30),
        ("late.mp4#t=5", 210, 0.0, 209 / 30),
    ],
)
def test_known_cases(name: str, count: int, first: float, last: float) -> None:
    if not (CASES / "films").exists():
        pytest.skip("the known cases are not beside this checkout")
    times: list[float] = []
    shapes: set[tuple[int, ...]] = set()
    images: list[np.ndarray] = []
    with open_source(str(CASES / "films" / name)) as source:
        for frame in source:
            times.append(frame.time)
            shapes.add(frame.image.shape)
            images += [frame.image] if not images else []
    assert len(times) == count
    assert times[0] == pytest.approx(first)
    assert times[-1] == pytest.approx(last, abs=1e-3)
    assert np.diff(times) == pytest.approx(1 / 30, abs=1e-3)
    if "turn" in name:
        assert shapes == {(480, 640, 3), (640, 360, 3)}
    if "hflip" in name:  # the figure stands on its feet, mirrored
        with open_source(str(CASES / "films" / "pB.avi")) as source:
            plain = source.read()
        assert plain is not None
        flipped, kept = images[0].astype(float), plain.image.astype(float)
        assert np.abs(flipped[:, ::-1] - kept).mean() < 3
        assert np.abs(flipped - kept).mean() > 3


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("opened", [StillSource, VideoSource])
def test_photograph_of_a_telephone_is_upright(
    tmp_path: Path, opened: Callable[[str], Source], orientation: int
) -> None:
    pixels = np.zeros((64, 96, 3), np.uint8)
    pixels[:32, :, 0] = pixels[:, :48, 1] = 255  # no turned copy of it is the same
    data = Image.Exif()
    data[ExifTags.Base.Orientation] = orientation
    path = tmp_path / "photo.jpg"
    Image.fromarray(pixels).save(path, exif=data, quality=95)
    with opened(str(path)) as source:
        frame = source.read()
    assert frame is not None
    with Image.open(path) as photo:
        expected = np.asarray(ImageOps.exif_transpose(photo), int)
    assert frame.image.shape == expected.shape
    assert np.abs(frame.image - expected).mean() < 5
