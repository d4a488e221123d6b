"""Small videos of numbered frames, and servers that send them."""

from __future__ import annotations

import http.server
import re
import socket
import socketserver
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import av
import cv2
import numpy as np

from mirror.capture import Frame, Source

WIDTH, HEIGHT, BLOCK = 128, 96, 16
MEDIA = Path(__file__).parents[2] / ".." / "shared" / "media"
CASES = MEDIA.parent / "cases"


def numbered_image(number: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """Return an image with its number in binary as blocks along the top, above moving colours."""
    down, across = np.mgrid[0:height, 0:width]
    image = np.stack([across + 3 * number, 2 * down, np.full_like(across, 60)], axis=2) % 256
    image = image.astype(np.uint8)
    image[:BLOCK] = 0
    for bit in range(8):
        if number >> bit & 1:
            image[:BLOCK, BLOCK * bit : BLOCK * (bit + 1)] = 255
    return image


def number(image: np.ndarray) -> int:
    """Return the number that `numbered_image` drew."""
    blocks = (image[4:12, BLOCK * bit + 4 : BLOCK * bit + 12] for bit in range(8))
    return sum(int(block.mean() > 127) << bit for bit, block in enumerate(blocks))


def write_video(
    path: Path,
    times: Sequence[float],
    *,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    rate: Fraction = Fraction(30),
    tick: Fraction | None = None,
    turn: int = 0,
    aspect: Fraction | None = None,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    options: dict[str, str] | None = None,
    container: dict[str, str] | None = None,
    sound: float = 0.0,
    numbers: Sequence[int] | None = None,
) -> Path:
    """Write numbered images 0, 1, … (or other `numbers`) at the given seconds.

    Times are in units of `tick`, by default one frame's duration. With `turn`, the frames are
    stored rotated, with a display matrix.
    """
    tick = tick or 1 / rate
    with av.open(str(path), "w", options=container or {}) as file:
        # The sound first, as telephones have it: video is not always the first stream.
        voice = file.add_stream("aac", rate=8000, layout="mono") if sound else None
        stream = file.add_stream(codec, rate=rate, options={"g": "10", **(options or {})})
        assert isinstance(stream, av.VideoStream)
        turned = [
            np.rot90(numbered_image(n, *size), -turn // 90) for n in numbers or range(len(times))
        ]
        stream.height, stream.width = turned[0].shape[:2]
        stream.pix_fmt = pixels
        stream.codec_context.time_base = tick
        stream.time_base = tick
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        if turn:
            stream.set_display_rotation(turn)
        for at, image in zip(times, turned, strict=True):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
            frame.time_base, frame.pts = tick, round(at / tick)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
        if voice is not None:
            for start in range(0, int(sound * 8000), 1024):
                silence = np.zeros((1, 1024), np.float32)
                part = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
                part.sample_rate, part.pts = 8000, start
                file.mux(voice.encode(part))
            file.mux(voice.encode())
    return path


class _Quiet(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class Server:
    """A server on the loopback interface that ends with the test."""

    def __init__(self, handler: type[socketserver.BaseRequestHandler], port: int = 0) -> None:
        self._server = _Quiet(("127.0.0.1", port), handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}
        )
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def file_handler(
    path: Path, *, ranges: bool = True, share: float = 1.0
) -> type[http.server.BaseHTTPRequestHandler]:
    """Serve one file over HTTP, with or without ranges, or only a share of its bytes."""
    body = path.read_bytes()

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None: ...

        def do_GET(self) -> None:
            asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            start = int(asked[1]) if asked and ranges else 0
            stop = int(asked[2]) + 1 if asked and ranges and asked[2] else len(body)
            self.send_response(206 if asked and ranges else 200)
            self.send_header("Content-Type", "video/mp4")
            self.send_header("Content-Length", str(stop - start))
            if ranges:
                self.send_header("Accept-Ranges", "bytes")
                self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{len(body)}")
            self.end_headers()
            with suppress(OSError):  # the client has seen enough
                self.wfile.write(body[start : min(stop, int(len(body) * share))])

    return Handler


def jpeg_handler(
    count: int, *, then_stall: threading.Event | None = None, pause: float = 0.01
) -> type[http.server.BaseHTTPRequestHandler]:
    """Serve a stream of JPEG images, as network cameras do."""
    jpegs = []
    for n in range(count):
        bgr = cv2.cvtColor(numbered_image(n), cv2.COLOR_RGB2BGR)
        jpegs.append(cv2.imencode(".jpg", bgr)[1].tobytes())

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None: ...

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace;boundary=frame")
            self.end_headers()
            with suppress(OSError):  # the client has seen enough
                for jpeg in jpegs:
                    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}"
                    self.wfile.write(head.encode() + b"\r\n\r\n" + jpeg + b"\r\n")
                    time.sleep(pause)  # a live stream has a pace
                if then_stall is not None:
                    then_stall.wait(30)

    return Handler


class _Interleaved:
    """Takes packets from libav's rtp muxer and sends them through the RTSP connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def write(self, packet: bytes) -> int:
        channel = 1 if 200 <= packet[1] <= 204 else 0  # RTCP has packet types where RTP has marks
        head = b"$" + bytes([channel]) + len(packet).to_bytes(2, "big")
        self._connection.sendall(head + packet)
        return len(packet)


_SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=test\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    "a=fmtp:96 packetization-mode=1\r\na=control:track0\r\n"
)


class RtspHandler(socketserver.StreamRequestHandler):
    """A minimal RTSP server that libav accepts: one H.264 stream, then the end."""

    count = 80
    tcp = True
    transport = ""
    asked: ClassVar[list[str]] = []  # transports, in order

    def handle(self) -> None:
        while request := self._request():
            method, headers = request
            self.wfile.write(self._answer(method, headers).encode())
            if method == "PLAY":
                with suppress(OSError, av.FFmpegError):  # the client has seen enough
                    self._play()
                return

    def _request(self) -> tuple[str, dict[str, str]] | None:
        lines = []
        while line := self.rfile.readline().decode().strip():
            lines.append(line)
        if not lines:
            return None
        pairs = (line.partition(":") for line in lines[1:])
        return lines[0].split()[0], {key.lower(): value.strip() for key, _, value in pairs}

    def _answer(self, method: str, headers: dict[str, str]) -> str:
        status, more, body = "200 OK", ["Session: 1"], ""
        if method == "OPTIONS":
            more = ["Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN"]
        elif method == "DESCRIBE":
            body = _SDP
            more = ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
        elif method == "SETUP":
            self.transport = headers["transport"]
            self.asked.append(self.transport)
            if ("/TCP" in self.transport) != self.tcp:
                status = "461 Unsupported Transport"
            else:
                ports = "" if self.tcp else ";server_port=9998-9999"
                more.append(f"Transport: {self.transport}{ports}")
        lines = [f"RTSP/1.0 {status}", f"CSeq: {headers['cseq']}", *more]
        return "\r\n".join(lines) + "\r\n\r\n" + body

    def _play(self) -> None:
        target: Any = _Interleaved(self.connection)
        if not self.tcp:
            ports = re.search(r"client_port=(\d+)-(\d+)", self.transport)
            assert ports is not None
            target = f"rtp://127.0.0.1:{ports[1]}?rtcpport={ports[2]}"
        options = {"packetsize": "1200", "rtpflags": "send_bye"}
        with av.open(target, "w", format="rtp", options=options) as file:
            stream = file.add_stream(
                "libx264",
                rate=50,
                options={"g": "5", "tune": "zerolatency", "x264-params": "repeat-headers=1"},
            )
            stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            for n in range(self.count):
                file.mux(stream.encode(av.VideoFrame.from_ndarray(numbered_image(n))))
                time.sleep(0.01)
            file.mux(stream.encode())


class RtspOverUdpHandler(RtspHandler):
    """An RTSP server that refuses TCP."""

    tcp = False


def collect(source: Source, into: list[Frame]) -> None:
    """Read up to the end or an error, keeping what came before it."""
    while (frame := source.read()) is not None:
        into.append(frame)
