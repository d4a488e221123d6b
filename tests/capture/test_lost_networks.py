"""Network streams that drop, freeze or change, over real connections."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import cv2
import numpy as np
import pytest

from mirror.capture import Source, container, open_source
from mirror.capture.thinning import FROZEN_TEXT
from mirror.capture.video import network_reconnection
from mirror.errors import SourceError
from tests.support.clips import RtspHandler, Server, jpeg_handler, numbered_image
from tests.support.reading import Reader

LOST = "connection lost; trying again"


def mjpeg(
    images: Sequence[np.ndarray], ended: threading.Event, *, endless: bool = False
) -> type[http.server.BaseHTTPRequestHandler]:
    """Serve these images to every client, repeating the last one if `endless`."""
    bgr = [cv2.cvtColor(each, cv2.COLOR_RGB2BGR) for each in images]
    jpegs = [cv2.imencode(".jpg", each)[1].tobytes() for each in bgr]

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None: ...

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace;boundary=frame")
            self.end_headers()
            number = 0
            with suppress(OSError):  # the client has seen enough
                while not ended.wait(0.01) and (endless or number < len(jpegs)):
                    jpeg = jpegs[min(number, len(jpegs) - 1)]
                    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}"
                    self.wfile.write(head.encode() + b"\r\n\r\n" + jpeg + b"\r\n")
                    number += 1

    return Handler


@pytest.fixture
def ended() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def reading(port: int, scheme: str = "http") -> Reader:
    return Reader(open_source(f"{scheme}://127.0.0.1:{port}/live", reopen=True))


def test_reconnects_after_the_stream_breaks_off(serve: Callable[..., int]) -> None:
    reader = reading(serve(jpeg_handler(20)))
    reader.wait_until(lambda: len(reader.tags) > 50)
    assert reader.stamps == sorted(set(reader.stamps))
    reader.close()


def test_reconnects_after_rtsp_goodbye(serve: Callable[..., int]) -> None:
    reader = reading(serve(RtspHandler), "rtsp")
    reader.wait_until(lambda: len(reader.tags) > RtspHandler.count + 10)
    reader.close()


def test_waits_for_a_server_that_is_down(ended: threading.Event) -> None:
    images = [numbered_image(n) for n in range(30)]
    server = Server(mjpeg(images, ended))
    reader = reading(server.port)
    reader.wait_until(lambda: len(reader.tags) > 5)
    server.close()
    reader.wait_for_trouble(LOST)
    count = len(reader.tags)
    again = Server(mjpeg(images, ended), port=server.port)
    reader.wait_until(lambda: len(reader.tags) > count and reader.source.trouble is None)
    reader.close()
    again.close()


def test_reconnects_to_a_silent_stream(
    serve: Callable[..., int], monkeypatch: pytest.MonkeyPatch, ended: threading.Event
) -> None:
    monkeypatch.setattr(container, "READ_TIMEOUT_S", 0.3)
    reader = reading(serve(jpeg_handler(20, then_stall=ended)))
    reader.wait_until(lambda: len(reader.tags) > 30)
    reader.close()


def test_closing_does_not_wait_for_a_hanging_reconnection(
    ended: threading.Event,
) -> None:
    asked = threading.Event()
    first = mjpeg([numbered_image(n) for n in range(20)], ended)

    class Once(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None: ...

        def do_GET(self) -> None:
            if asked.is_set():
                ended.wait(20)
            else:
                asked.set()
                first.do_GET(self)  # type: ignore[attr-defined]

    server = Server(Once)
    reader = reading(server.port)
    reader.wait_for_trouble(LOST)
    reader.close()
    ended.set()
    server.close()


def test_delays_between_tries_grow() -> None:
    delays = network_reconnection("http://127.0.0.1:9/x", "x").delays
    assert delays[:2] == (0.0, 0.5)
    assert delays[-1] == 15.0
    assert list(delays) == sorted(delays)


def test_frozen_network_camera_is_reported(
    serve: Callable[..., int], ended: threading.Event
) -> None:
    reader = reading(serve(mjpeg([numbered_image(n) for n in range(10)], ended, endless=True)))
    reader.wait_for_trouble(FROZEN_TEXT)
    assert len(reader.tags) <= 10
    reader.close()


def test_network_stream_may_change_size(serve: Callable[..., int], ended: threading.Event) -> None:
    small, large = (
        [numbered_image(n) for n in range(10)],
        [numbered_image(n, 160, 120) for n in range(10, 30)],
    )
    with open_source(f"http://127.0.0.1:{serve(mjpeg(small + large, ended))}/live") as source:
        shapes = shapes_of(source)
    assert shapes == {(96, 128, 3), (120, 160, 3)}


def shapes_of(source: Source) -> set[tuple[int, ...]]:
    shapes = set()
    with suppress(SourceError):  # it breaks off
        for frame in source:
            shapes.add(frame.image.shape)
    return shapes


def test_missing_server_is_an_error_at_the_start() -> None:
    with pytest.raises(SourceError, match="refused"):
        open_source("http://127.0.0.1:9/x", reopen=True)
