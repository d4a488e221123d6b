"""Open Sound Control, received by python-osc's own server on this machine."""

from __future__ import annotations

import errno
import queue
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("pythonosc", reason="python-osc is not installed")

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_server import BlockingOSCUDPServer

from mirror import Score, State
from mirror.errors import StreamError
from mirror.landmarks import MAX_VALUE
from mirror.session.outputs import open_stream
from mirror.timeline import COLUMNS, LEVELS
from tests.support.rows import EVENTS, rows

Heard = tuple[str, tuple[Any, ...]]


class Server:
    """Receives messages, one at a time and in their order."""

    def __init__(self, host: str) -> None:
        self.heard: queue.Queue[Heard] = queue.Queue()
        dispatcher = Dispatcher()
        dispatcher.set_default_handler(lambda address, *values: self.heard.put((address, values)))
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        kind = type("Kind", (BlockingOSCUDPServer,), {"address_family": family})
        self._server = kind((host, 0), dispatcher)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def take(self, count: int) -> list[Heard]:
        return [self.heard.get(timeout=20) for _ in range(count)]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join(20)
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    each = Server("127.0.0.1")
    yield each
    each.close()


def single(value: float) -> bytes:
    """The bits of a number as OSC carries it."""
    return struct.pack(">f", value)


def test_values_are_received_as_32_bit_floats(server: Server) -> None:
    with open_stream(f"osc:127.0.0.1:{server.port}") as stream:
        stream.send(rows(), [])
        for score in rows():
            taken = server.take(len(COLUMNS))
            states, rest = taken[: len(LEVELS)], taken[len(LEVELS) :]
            assert states == [(f"/mirror/{name}", (str(getattr(score, name)),)) for name in LEVELS]
            names = [name for name in COLUMNS if name not in LEVELS]
            assert [address for address, _ in rest] == [f"/mirror/{name}" for name in names]
            sent = [getattr(score, name) for name in names]
            assert [single(value) for _, (value,) in rest] == list(map(single, sent))


def test_events_have_time_kind_and_text(server: Server) -> None:
    with open_stream(f"osc:localhost:{server.port}") as stream:
        stream.send([], EVENTS)
        for (address, (time_s, kind, text)), event in zip(server.take(2), EVENTS, strict=True):
            assert address == "/mirror/event"
            assert single(time_s) == single(event.time_s)
            assert (kind, text) == (event.kind, event.text)


def test_address_in_brackets() -> None:
    try:
        server = Server("::1")
    except OSError:
        pytest.skip("this machine has no IPv6")
    try:
        with open_stream(f"osc:[::1]:{server.port}") as stream:
            stream.send([], EVENTS[:1])
            assert server.take(1)[0][0] == "/mirror/event"
    finally:
        server.close()


def test_missing_receiver_is_no_failure() -> None:
    with open_stream("osc:127.0.0.1:9") as stream:
        for _ in range(3):
            stream.send(rows(), EVENTS)


def test_missing_network_is_a_one_line_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    with open_stream("osc:127.0.0.1:9000") as stream:
        monkeypatch.setattr("pythonosc.udp_client.UDPClient.send", gone)
        with pytest.raises(
            StreamError, match=r"osc:127.0.0.1:9000: Network is unreachable; nothing"
        ):
            stream.send(rows(), [])


def test_nothing_is_broadcast() -> None:
    with (
        open_stream("osc:255.255.255.255:9000") as stream,
        pytest.raises(StreamError, match=r"osc:255.255.255.255:9000: Permission denied"),
    ):
        stream.send([], EVENTS)


@pytest.mark.parametrize("place", ["9000", "localhost", "localhost:0", "localhost:70000", "a b:1"])
def test_invalid_host_and_port_are_refused(place: str) -> None:
    with pytest.raises(StreamError, match="is no host and port; write such as"):
        open_stream(f"osc:{place}")


def test_unknown_host_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(StreamError, match="studio:9000: unknown host"):
        open_stream("osc:studio:9000")


def test_movement_of_the_largest_series_fits(server: Server) -> None:
    with open_stream(f"osc:127.0.0.1:{server.port}") as stream:
        stream.send([Score(1.0, State.STILL, energy_a=MAX_VALUE)], [])
        heard = dict(server.take(len(COLUMNS)))
    assert heard["/mirror/energy_a"] == (pytest.approx(MAX_VALUE),)
