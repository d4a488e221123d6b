"""Send scores and events to other programs while a session runs, without ever waiting for them."""

from abc import abstractmethod
from collections.abc import Sequence
from concurrent.futures import wait
from typing import Final

from mirror._support.closing import Closeable
from mirror._support.optional import import_optional
from mirror._support.threads import BoundedQueue, run_in_thread
from mirror.errors import StreamError
from mirror.events import Event
from mirror.timeline import Score

_MAX_WAITING: Final = 600  # rows and events: a minute, for a receiver that pauses
CLOSE_TIMEOUT_S: Final = 2.0  # for what is still to be sent


class Stream(Closeable):
    """A destination for rows and events while a session runs."""

    text: str  # as the user wrote it; errors name it
    epoch: float = 0.0  # when the session's clock began, on the steady clock; set before `send`

    @abstractmethod
    def send(self, scores: Sequence[Score], events: Sequence[Event]) -> None:
        """Send rows and events, in their order; raise StreamError if nothing more can be sent."""


class StreamThread:
    """Feeds a stream on a thread of its own, which also closes it."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self._fault: str | None = None
        self._waiting: BoundedQueue[tuple[Sequence[Score], Sequence[Event]]] = BoundedQueue(
            _MAX_WAITING
        )
        self._work = run_in_thread(self._send, f"stream {stream.text}")

    @property
    def fault(self) -> str | None:
        """Why nothing is sent any more, in one line; None while the stream works."""
        return self._fault or (self._stuck if self._waiting.dropped else None)

    @property
    def kind(self) -> str:
        """The stream's protocol, such as "lsl"."""
        return self.stream.text.partition(":")[0]

    @property
    def _stuck(self) -> str:
        return f"{self.stream.text}: the receiver does not keep up; nothing more is sent there"

    def put(self, scores: Sequence[Score], events: Sequence[Event]) -> None:
        """Send these soon, if there is room; returns at once."""
        self._waiting.put((scores, events))

    def close(self) -> None:
        """Send what is waiting, within `CLOSE_TIMEOUT_S`, and close the stream."""
        self._waiting.close()
        wait([self._work], CLOSE_TIMEOUT_S)
        if self._work.done():
            self._work.result()  # raises what is a bug in the stream
        else:  # a daemon thread stuck in a write: it ends with the program
            self._fault = self._stuck

    def _send(self) -> None:
        with self.stream as stream:
            try:
                while (batch := self._waiting.take()) is not None:
                    stream.send(*batch)
            except StreamError as error:
                self._fault = str(error)


def open_stream(text: str) -> Stream:
    """Open a stream: ``lsl:NAME``, ``osc:HOST:PORT``, ``jsonl:FILE``, or ``jsonl:-`` for stdout.

    Raise MirrorError, which names the fix, if it cannot be opened or its library is not installed.
    """
    kind, _, place = text.partition(":")
    # Imported per protocol: each needs its own library.
    if kind == "lsl" and place:
        from mirror.session.outputs.lsl import LslStream

        return LslStream(place)
    if kind == "osc" and place:
        import_optional("pythonosc", "osc", text)
        from mirror.session.outputs.osc import OscStream

        return OscStream(place)
    if kind == "jsonl" and place:
        from mirror.session.outputs.jsonl import JsonlStream

        return JsonlStream(place)
    raise StreamError(
        f"{text!r} names no stream; "
        "known are lsl:NAME, osc:HOST:PORT, jsonl:FILE and jsonl:- (standard output)"
    )
