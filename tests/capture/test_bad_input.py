"""Inputs that are not a whole, valid video."""

from __future__ import annotations

import base64
import http.server
import os
import re
import socketserver
import struct
import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.stream import Disposition

from mirror.capture import Frame, container, open_pair, open_source, video
from mirror.errors import CutOffError, SourceError
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

COUNT = 90
SECONDS = [n / 30 for n in range(COUNT)]


def refusal(text: str) -> str:
    with pytest.raises(SourceError) as caught:
        open_source(text)
    message = str(caught.value)
    assert message.startswith(text)
    assert "\n" not in message
    assert ";" in message  # what is wrong; what to do
    return message


def test_rejects_missing_file(tmp_path: Path) -> None:
    assert "does not exist; check the spelling" in refusal(str(tmp_path / "nope.mp4"))


def test_rejects_folder(tmp_path: Path) -> None:
    assert "is a folder; name a video file in it" in refusal(str(tmp_path))


def test_rejects_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.touch()
    assert "is empty (0 bytes)" in refusal(str(path))


@pytest.mark.parametrize("name", ["a.mp4", "a.txt", "a.nfo", "a.srt", "a", "a.mjpeg", "a.h264"])
def test_rejects_text_files(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    times = "1\n00:00:01,000 --> 00:00:02,000\n" if name.endswith("srt") else ""
    path.write_text(f"{times}This is no video.\n" * 40)
    message = refusal(str(path))
    assert "name a video file" in message or "decoded" in message
    assert "decoded" not in message or not name.endswith(("mp4", "txt", "nfo"))


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.ts", "a.gif"])
def test_rejects_noise_files(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(np.random.default_rng(1).bytes(200_000))
    refusal(str(path))


def test_rejects_sound_only(tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("pcm_s16le", rate=8000, layout="mono")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), layout="mono")
        silence.sample_rate = 8000
        file.mux(stream.encode(silence))
    assert "has no video in it" in refusal(str(path))


def test_rejects_sound_with_cover_image(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    with av.open(str(path), "w") as file:
        voice = file.add_stream("libmp3lame", rate=44100, layout="mono")
        cover = file.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 44100), np.float32), "fltp", "mono")
        silence.sample_rate = 44100
        file.mux(cover.encode(av.VideoFrame.from_ndarray(numbered_image(0))))
        file.mux(cover.encode())
        file.mux(voice.encode(silence))
        file.mux(voice.encode())
    assert "has no video in it" in refusal(str(path))


@pytest.mark.parametrize("ending", ["avi", "mp4", "mkv"])
def test_reads_a_video_whose_title_is_not_utf_8(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    with av.open(str(path), "w") as file:
        file.metadata["title"] = "Caf_ ueber alles"
        stream = file.add_stream("mpeg4", rate=30)
        stream.width, stream.height = WIDTH, HEIGHT
        for k in range(5):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(numbered_image(k))))
        file.mux(stream.encode())
    content = path.read_bytes()
    assert b"Caf_" in content
    path.write_bytes(content.replace(b"Caf_ ue", b"Caf\xe9 \xfce"))
    with open_source(str(path)) as source:
        assert len(list(source)) == 5


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_rejects_unreadable_file(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", SECONDS[:5])
    path.chmod(0)
    assert "may not be read" in refusal(str(path))


def test_rejects_mp4_without_index(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", SECONDS)
    path.write_bytes(path.read_bytes()[:-200])
    assert "interrupted" in refusal(str(path))


def test_rejects_video_with_all_frames_damaged(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", SECONDS, container={"movflags": "faststart"})
    data = path.read_bytes()
    body = data.index(b"mdat") + 4
    path.write_bytes(data[:body] + b"\xff" * (len(data) - body))
    assert "no frame of it can be decoded" in refusal(str(path))


CUT = {
    "mp4": {"container": {"movflags": "faststart"}},
    "fragmented.mp4": {"container": {"movflags": "frag_keyframe+empty_moov"}},
    "mkv": {},
    "flv": {},
    "avi": {"codec": "mjpeg", "pixels": "yuvj420p"},
    "sound.mkv": {"sound": 3.0},
    "sound.flv": {"sound": 3.0},
}


def read_until_cut(source: Any) -> tuple[list[Frame], str]:
    frames: list[Frame] = []
    with source:
        with pytest.raises(CutOffError) as caught:
            collect(source, frames)
        assert [source.read() for _ in range(3)] == [None] * 3
    return frames, str(caught.value)


@pytest.mark.parametrize("suffix", CUT)
def test_reads_cut_off_file_up_to_the_cut(tmp_path: Path, suffix: str) -> None:
    path = write_video(tmp_path / f"a.{suffix}", SECONDS, **CUT[suffix])  # type: ignore[arg-type]
    with open_source(str(path)) as source:
        whole = list(source)
    assert [number(frame.image) for frame in whole] == list(range(COUNT))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * 0.6)])

    frames, message = read_until_cut(open_source(str(path)))
    last = len(frames)
    assert 15 < last < 75
    # libav may conceal the damage of the one frame that was cut.
    assert [number(frame.image) for frame in frames[:-1]] == list(range(last - 1))
    for ours, theirs in zip(frames[:-1], whole, strict=False):
        assert ours.time == theirs.time
        assert np.array_equal(ours.image, theirs.image)
    assert f"is cut off at {frames[-1].time + 1 / 30:.1f} s" in message
    assert " s of 3." in message or "fragmented" in suffix
    assert "\n" not in message

    # Both people of one cut-off room, and a part that ends before the cut.
    for one in open_pair(f"{path}#left", f"{path}#right"):
        assert len(read_until_cut(one)[0]) == last
    with open_source(f"{path}#t=,0.5") as source:
        assert len(list(source)) == sum(frame.time < 0.5 for frame in whole)


def test_rejects_part_beyond_the_cut(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", SECONDS)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(CutOffError, match="is cut off at"):
        open_source(f"{path}#t=2.5")


def test_shortened_transport_stream_just_ends(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.ts", SECONDS)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with open_source(str(path)) as source:
        numbers = [number(frame.image) for frame in source]
    assert numbers[:-1] == list(range(len(numbers) - 1))
    assert 15 < len(numbers) < 75


def test_reads_fragmented_mp4_torn_in_an_index(tmp_path: Path) -> None:
    path = write_video(
        tmp_path / "a.mp4",
        [n / 30 for n in range(250)],
        container={"movflags": "frag_keyframe+empty_moov"},
        options={"g": "30"},
    )
    data = path.read_bytes()
    index = [found.start() - 4 for found in re.finditer(b"moof", data)][5]
    for more in (40, 140, 180, 240):
        path.write_bytes(data[: index + more])
        frames, message = read_until_cut(open_source(str(path)))
        numbers = [number(frame.image) for frame in frames]
        assert numbers == list(range(len(numbers)))
        assert len(numbers) >= 147
        assert "is cut off at" in message
        # Nothing can be sought in it, but all of it can be had.
        part, _ = read_until_cut(open_source(f"{path}#t=3"))
        assert [number(frame.image) for frame in part] == numbers[90:]


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_skips_damage_in_the_middle(tmp_path: Path, suffix: str) -> None:
    options = {"container": {"movflags": "faststart"}} if suffix == "mp4" else {}
    path = write_video(tmp_path / f"a.{suffix}", SECONDS, **options)  # type: ignore[arg-type]
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = np.random.default_rng(2).bytes(400)
    path.write_bytes(data)
    with open_source(str(path)) as source:
        frames = list(source)
    assert np.all(np.diff([frame.time for frame in frames]) > 0)
    assert COUNT - 35 < len(frames) <= COUNT
    assert [number(frame.image) for frame in frames[-10:]] == list(range(COUNT - 10, COUNT))
    assert frames[-1].time == pytest.approx(SECONDS[-1], abs=2e-3)


@pytest.mark.parametrize(
    ("suffix", "times", "options"),
    [
        ("mp4", [0, 0.1, 0.2, 9.0], {}),  # one long gap
        ("mkv", [0, 0.1, 0.2, 9.0], {}),
        ("mp4", SECONDS, {"sound": 12.0}),  # the sound goes on
        ("mkv", SECONDS, {"sound": 12.0}),
        ("flv", SECONDS, {"sound": 12.0}),
        ("avi", SECONDS, {"codec": "mpeg4", "sound": 12.0}),
        ("gif", [0, 0.1, 5.0], {"codec": "gif", "pixels": "rgb8"}),
        ("mp4", [0.0], {}),
    ],
)
def test_whole_files_are_not_cut_off(
    tmp_path: Path, suffix: str, times: list[float], options: dict[str, Any]
) -> None:
    tick = None if suffix == "avi" else Fraction(1, 100)
    path = write_video(tmp_path / f"a.{suffix}", times, tick=tick, **options)
    with open_source(str(path)) as source:
        got = [frame.time for frame in source]
    assert len(got) == len(times)


@pytest.mark.parametrize("name", ["2026-11-27T10:20.mp4", "http:a.mp4"])
def test_a_name_with_a_colon_is_no_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_video(tmp_path / "a.mp4", [0, 0.1]).rename(name)
    with open_source(name) as source:
        assert len(list(source)) == 2


def test_long_last_frame_is_not_a_cut(tmp_path: Path) -> None:
    """With variable frame rates, the last frame may last long, too."""
    path = write_video(tmp_path / "a.mkv", [0, 0.1, 5.1, 5.2], tick=Fraction(1, 100))
    data = path.read_bytes()
    tag = re.search(rb"00:00:05\.\d+", data)
    length = data.index(b"\x44\x89\x88") + 3  # Duration, a float of 8 bytes
    assert tag is not None
    stated = bytearray(data)
    stated[tag.start() : tag.start() + 10] = b"00:00:09.5"
    stated[length : length + 8] = struct.pack(">d", 9500)
    path.write_bytes(stated)
    with open_source(str(path)) as source:
        assert source.duration == pytest.approx(9.5)
        assert len(list(source)) == 4
    stated[tag.start() : tag.start() + 10] = b"00:00:29.5"
    stated[length : length + 8] = struct.pack(">d", 29_500)
    path.write_bytes(stated)
    assert len(read_until_cut(open_source(str(path)))[0]) == 4


def test_failed_opening_closes_the_other_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_video(tmp_path / "a.mp4", SECONDS[:5])
    closed = []
    close = video.VideoSource.close

    def spy(self: video.VideoSource) -> None:
        closed.append(self.text)
        close(self)

    monkeypatch.setattr(video.VideoSource, "close", spy)
    with pytest.raises(SourceError, match="nope"):
        open_pair(str(path), str(tmp_path / "nope.mp4"))
    assert closed == [str(path)]
    with pytest.raises(SourceError, match="a larger"):
        open_source(f"{path}#xywh=0,0,5,5")
    assert closed == [str(path)] * 2
    with pytest.raises(SourceError, match="a larger"):
        open_pair(f"{path}#left", f"{path}#xywh=0,0,5,5")
    assert closed == [str(path)] * 3


def test_shared_file_is_opened_once_unless_starts_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_video(tmp_path / "a.mp4", SECONDS)
    opened = []
    real = av.open
    monkeypatch.setattr(av, "open", lambda *a, **k: opened.append(a) or real(*a, **k))
    for fragments, count in ((("", ""), 1), (("#left", "#right"), 1), (("#t=1", "#t=2"), 2)):
        opened.clear()
        one, other = open_frame_sources(*(f"{path}{fragment}" for fragment in fragments))
        with one, other:
            numbers = [number(frame.image) for frame in other] if "#t=2" in fragments else None
        assert len(opened) == count
    assert numbers == list(range(60, 90))
    # By another name it is still the same file.
    link = tmp_path / "link.mp4"
    link.symlink_to(path)
    opened.clear()
    for source in open_pair(str(path), str(link)):
        source.close()
    assert len(opened) == 1


# The network


def test_reports_refused_connection() -> None:
    for scheme in ("http", "rtsp"):
        assert "refused" in refusal(f"{scheme}://127.0.0.1:9/x")


@pytest.mark.parametrize(("status", "word"), [(404, "404"), (401, "401"), (500, "5XX")])
def test_reports_http_errors(serve: Callable[..., int], status: int, word: str) -> None:
    class No(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None: ...

        def do_GET(self) -> None:
            self.send_error(status)

    assert word in refusal(f"http://127.0.0.1:{serve(No)}/x")


@pytest.mark.parametrize("written", ["a#b/c?d@e:f%", "a%23b%2Fc%3Fd%40e%3Af%25"])
def test_passwords_reach_the_server(serve: Callable[..., int], written: str) -> None:
    given = []

    class Door(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None: ...

        def do_GET(self) -> None:
            given.append(self.headers.get("Authorization"))
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="x"')
            self.end_headers()

    with pytest.raises(
        SourceError, match=r"^http://\*\*\*@127\.0\.0\.1:[0-9]+/x cannot be opened.*%23"
    ):
        open_source(f"http://me:{written}@127.0.0.1:{serve(Door)}/x")
    assert given[-1] == "Basic " + base64.b64encode(b"me:a#b/c?d@e:f%").decode()


def test_reports_server_that_never_answers(
    serve: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()

    class Silent(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            ended.wait(30)

    monkeypatch.setattr(container, "OPEN_TIMEOUT_S", 0.5)
    port = serve(Silent)
    try:
        for scheme in ("http", "rtsp"):
            assert "did not answer" in refusal(f"{scheme}://127.0.0.1:{port}/x")
    finally:
        ended.set()


def test_rtsp_prefers_tcp_and_accepts_udp(serve: Callable[..., int]) -> None:
    for handler, first, last in (
        (RtspHandler, "RTP/AVP/TCP", "RTP/AVP/TCP"),
        (RtspOverUdpHandler, "RTP/AVP/TCP", "RTP/AVP/UDP"),
    ):
        RtspHandler.asked.clear()
        open_source(f"rtsp://127.0.0.1:{serve(handler)}/x").close()
        assert RtspHandler.asked[0].startswith(first)
        assert RtspHandler.asked[-1].startswith(last)


def test_reports_silent_stream(serve: Callable[..., int], monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    monkeypatch.setattr(container, "READ_TIMEOUT_S", 0.5)
    port = serve(jpeg_handler(40, then_stall=ended))
    try:
        source = open_source(f"http://127.0.0.1:{port}/x")
        with pytest.raises(SourceError, match="has sent nothing for") as caught:
            collect(source, [])
        assert source.read() is None
        assert "\n" not in str(caught.value)
        source.close()
    finally:
        ended.set()


def test_closing_does_not_wait_for_a_silent_stream(serve: Callable[..., int]) -> None:
    ended, waiting = threading.Event(), threading.Event()
    port = serve(jpeg_handler(40, then_stall=ended))
    source = open_source(f"http://127.0.0.1:{port}/x")

    def read() -> None:
        while (frame := source.read()) is not None:
            if number(frame.image) == 38:  # libav keeps the last until it sees the next
                waiting.set()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        assert waiting.wait(20)
        source.close()
        reader.join(container.READ_TIMEOUT_S - 1.5)
        assert not reader.is_alive()
    finally:
        ended.set()


def test_interrupted_download_is_cut_off(serve: Callable[..., int], tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", SECONDS, container={"movflags": "faststart"})
    port = serve(file_handler(path, ranges=False, share=0.6))
    frames, message = read_until_cut(open_source(f"http://127.0.0.1:{port}/a.mp4"))
    assert 15 < len(frames) < 75
    assert "is cut off at" in message


def test_rejects_impossible_file_name() -> None:
    for name in ("x" * 5000, "a\0b.mp4"):
        with pytest.raises(SourceError) as caught:
            open_source(name)
        assert "\n" not in str(caught.value)
