"""Live sources that reconnect as often as they are lost, until they are closed."""

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mirror.capture.base import Callback, Frame, Source
from mirror.capture.fanout import Reader, share
from mirror.errors import SourceError

_log = logging.getLogger(__name__)

_CHECK_AFTER_S: Final = 0.5  # without a frame
_STABLE_AFTER_S: Final = 2.0  # of frames
_MAX_HANGING: Final = 2  # threads that hang in a device that never returns


@dataclass(frozen=True, kw_only=True)
class Reconnection:
    """How to reconnect to a source of one kind."""

    # Opens it again, on a thread of its own; raises `SourceError` if that is not possible (yet).
    open: Callable[[], Source]
    lost_text: str  # the source's `trouble` while it is lost
    # Seconds before each try; the last one repeats. They restart after two seconds of connection.
    delays: tuple[float, ...]
    # Seconds from opening to the first frame, after which it is opened again.
    first_within: float = math.inf
    # Seconds from one frame to the next, after which it is opened again.
    next_within: float = math.inf
    # Returns why there is nothing to open yet, else None. Called before every try.
    gone: Callable[[], str | None] = lambda: None
    # Whether what is open is not what would be opened now. Called while no frame comes.
    moved: Callable[[], bool] = lambda: False


class ReconnectingSource(Source):
    """A live source that ends only when it is closed.

    The first one is already open: what cannot be opened in the first place is an error before this.
    The connection is checked after so many seconds without a frame.

    Every connection is read on a daemon thread of its own. One that hangs in a driver is abandoned
    and releases the device when it returns; `read` and `close` never wait for it for long.
    """

    _source: Reader  # of the present connection

    def __init__(
        self, first: Source, reconnection: Reconnection, *, check_after: float = _CHECK_AFTER_S
    ) -> None:
        self.text, self.live = first.text, first.live
        self.rate, self.duration = first.rate, first.duration
        self._reconnection = reconnection
        self._check_after = check_after
        self._closed = threading.Event()
        self._dropped = 0
        self._tries = 0
        self._trouble: str | None = None
        self._callback: Callback | None = None
        self._hanging: list[Reader] = []
        self._start(first)

    @property
    def dropped(self) -> int:
        return self._dropped + super().dropped

    @property
    def trouble(self) -> str | None:
        return self._trouble or super().trouble

    def on_arrival(self, callback: Callback) -> bool:
        self._callback = callback
        self._source.callback = callback
        return True

    def read(self) -> Frame | None:
        while not self._closed.is_set():
            try:
                frame = self._source.read(self._check_after)
            except TimeoutError:
                if self._is_lost():
                    self._reconnect()
                continue
            except SourceError:
                frame = None  # the reason does not matter while it is reconnected
            if frame is None:
                self._reconnect()
                continue
            self._note_frame()
            return frame
        return None

    def close(self) -> None:
        self._closed.set()
        self._source.close()

    def _start(self, source: Source) -> None:
        (self._source,) = share(source, 1, threaded=True, callback=self._callback)
        self._since = time.monotonic()
        self._last: float | None = None  # when the newest frame came
        if self._closed.is_set():  # `close` may have come before there was this reader to close
            self._source.close()

    def _note_frame(self) -> None:
        now = time.monotonic()
        if self._last is None:
            self._since = now
        elif now - self._since >= _STABLE_AFTER_S:
            self._tries = 0
        self._last = now
        if self._trouble is not None:
            _log.info("a live source is back")
        self._trouble = None

    def _is_lost(self) -> bool:
        now = time.monotonic()
        if self._last is None:
            late = now - self._since > self._reconnection.first_within
        else:
            late = now - self._last > self._reconnection.next_within
        return late or self._reconnection.moved()

    def _reconnect(self) -> None:
        """Wait until there is something to open, and open it; return at once when closed."""
        if self._trouble is None:
            _log.warning("a live source is lost")
        _log.debug("reconnecting, attempt %d", self._tries + 1)
        reason = self._reconnection.gone() or self._source.trouble
        self._trouble = reason or self._reconnection.lost_text
        self._source.close()
        self._hanging.append(self._source)
        while not self._closed.wait(self._next_delay()):
            gone = self._reconnection.gone()
            if gone is not None:
                self._trouble = gone
                continue
            self._hanging = [each for each in self._hanging if each.busy]
            if len(self._hanging) < _MAX_HANGING:
                self._dropped += self._source.dropped
                self._start(_LazySource(self, self._reconnection.open))
                return

    def _next_delay(self) -> float:
        delays = self._reconnection.delays
        delay = delays[min(self._tries, len(delays) - 1)]
        self._tries += 1
        return delay


class _LazySource(Source):
    """A source opened by its first read, so that a hanging open blocks only its own thread."""

    def __init__(self, like: Source, open_source: Callable[[], Source]) -> None:
        self.text, self.live = like.text, like.live
        self.rate, self.duration = like.rate, like.duration
        self._open = open_source
        self._source: Source | None = None
        self._interrupted = False

    def read(self) -> Frame | None:
        if self._source is None:
            self._source = self._open()
            if not self._source.live:  # a file now stands where a camera was
                raise SourceError(f"{self.text} is no longer a live source; name another")
        return None if self._interrupted else self._source.read()

    def interrupt(self) -> None:
        self._interrupted = True
        if self._source is not None:
            self._source.interrupt()

    def close(self) -> None:
        if self._source is not None:
            self._source.close()
