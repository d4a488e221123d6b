"""Handing a session's rows and events on to whoever listens, without ever waiting for them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from concurrent.futures import wait
from typing import Final

from mirror._support.closing import Closeable
from mirror._support.threads import BoundedQueue, run_in_thread
from mirror.errors import StreamError
from mirror.events import Event
from mirror.timeline import Score

_ROOM: Final = 600  # rows and events that may wait: a minute, for a listener that pauses
_STUCK: Final = "nobody takes what is sent; nothing more is sent there"
_GOODBYE: Final = 2.0  # seconds that the end waits for what is still to be sent


class Stream(Closeable):
    """Where rows and events go while a session runs.

    Attributes
    ----------
    text : str
        What was asked for; errors name it.
    epoch : float
        When the session's clock began, on `mirror._support.steady_clock.now`; set before the first
        `send`.
    """

    text: str
    epoch: float = 0.0

    @abstractmethod
    def send(self, scores: Sequence[Score], events: Sequence[Event]) -> None:
        """Pass on rows of the timeline and events, in their order.

        Raises
        ------
        StreamError
            Where nothing more can be sent; the stream is of no use any more.
        """


class Sending:
    """A stream that is fed by a session, on a thread of its own.

    Parameters
    ----------
    stream : Stream
        Used by nobody else from now on; closed by its thread.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._fault: str | None = None
        self._waiting: BoundedQueue[tuple[Sequence[Score], Sequence[Event]]] = BoundedQueue(_ROOM)
        self._work = run_in_thread(self._send, f"stream {stream.text}")

    @property
    def fault(self) -> str | None:
        """Why nothing is sent any more, in one line; None while it is."""
        if self._fault is None and self._waiting.dropped:
            return f"{self._stream.text}: {_STUCK}"
        return self._fault

    @property
    def kind(self) -> str:
        """The stream's protocol, such as "lsl"."""
        return self._stream.text.partition(":")[0]

    def begin(self, epoch: float) -> None:
        """Say when the session's clock began, before the first `put`."""
        self._stream.epoch = epoch

    def put(self, scores: Sequence[Score], events: Sequence[Event]) -> None:
        """Send these soon, if there is room; returns at once."""
        self._waiting.put((scores, events))

    def close(self) -> None:
        """Send what is waiting, within two seconds, and close the stream."""
        self._waiting.close()
        wait([self._work], _GOODBYE)
        if self._work.done():
            self._work.result()  # a bug in the stream is not hidden
        else:  # a daemon that sits in a write: it ends with the program
            self._fault = f"{self._stream.text}: {_STUCK}"

    def _send(self) -> None:
        with self._stream as stream:
            try:
                while (news := self._waiting.take()) is not None:
                    stream.send(*news)
            except StreamError as error:
                self._fault = str(error)
