"""Scores and events through Open Sound Control over UDP, for music, light and games."""

import re
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.udp_client import UDPClient

from mirror.errors import StreamError
from mirror.events import Event
from mirror.session.outputs import Stream
from mirror.timeline import COLUMNS, LEVELS, Score

ADDRESS: Final = "/mirror"  # prefix of every address

_PLACE: Final = re.compile(r"(\[[^\]]+\]|[^:\s]+):([0-9]{1,5})")
_NUMBERS: Final = tuple(name for name in COLUMNS if name not in LEVELS)


class OscStream(Stream):
    """Sends each row as one bundle to one host, and each event as a message.

    The bundle holds ``/mirror/state`` and ``/mirror/posture_state`` (strings), then one message per
    column, such as ``/mirror/in_phase 0.83``, with a 32-bit float that is NaN where the score is
    undefined. An event is ``/mirror/event`` with its time (s), kind and text.

    The place is ``host:port``; an IPv6 address stands in brackets. Raise StreamError if it is not
    of this form, or the host is unknown.
    """

    def __init__(self, place: str) -> None:
        self.text = f"osc:{place}"
        match = _PLACE.fullmatch(place)
        if match is None or not 0 < int(match[2]) < 65536:
            raise StreamError(f"{place!r} is no host and port; write such as 127.0.0.1:9000")
        try:
            # Once, so that a name server that fails later cannot delay the session.
            addresses = socket.getaddrinfo(
                match[1].strip("[]"), int(match[2]), type=socket.SOCK_DGRAM
            )
        except (OSError, UnicodeError) as error:
            raise StreamError(f"{place}: unknown host; check its name") from error
        family, _, _, _, (host, port, *_) = addresses[0]
        self._client = UDPClient(str(host), int(port), family=family)

    def send(self, scores: Sequence[Score], events: Sequence[Event]) -> None:
        try:
            for score in scores:
                self._put(_bundle(score))
            for event in events:
                self._put(_message("event", event.time_s, event.kind, event.text))
        except OSError as error:
            raise StreamError(
                f"{self.text}: {error.strerror or error}; nothing more is sent there"
            ) from error

    def close(self) -> None:
        self._client.close()

    def _put(self, content: OscBundle | OscMessage) -> None:
        with suppress(BlockingIOError):  # the buffer is full; UDP may lose messages anyway
            self._client.send(content)


def _bundle(score: Score) -> OscBundle:
    bundle = OscBundleBuilder(IMMEDIATELY)
    for name in LEVELS:
        bundle.add_content(_message(name, str(getattr(score, name))))
    for name in _NUMBERS:
        bundle.add_content(_message(name, getattr(score, name)))
    return bundle.build()


def _message(name: str, *values: float | str) -> OscMessage:
    builder = OscMessageBuilder(f"{ADDRESS}/{name}")
    for value in values:
        builder.add_arg(value)
    return builder.build()
