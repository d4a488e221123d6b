"""Live sources that come back: opened anew as often as they are lost, until they are closed."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mirror.capture.base import Frame, Source
from mirror.capture.fanout import Reader, share
from mirror.errors import SourceError

_log = logging.getLogger(__name__)

_LOOK: Final = 0.5  # seconds without a picture after which a source is looked after
_HELD: Final = 2.0  # seconds of pictures after which a connection counts as one that holds
_MOST_STUCK: Final = 2  # threads that sit in a device which never comes back; more are not begun


@dataclass(frozen=True, kw_only=True)
class Reconnection:
    """How a source of one kind is taken back.

    Attributes
    ----------
    open : callable
        Opens it again; raises `SourceError` where it cannot (yet). Runs on a thread of its own.
    words : str
        What its trouble is called while it is being taken back.
    delays : tuple of float
        Seconds before each try, the last one again and again. They begin anew once a connection
        has held for two seconds.
    first_within : float
        Seconds from opening to the first picture, after which it is opened anew.
    next_within : float
        Seconds from one picture to the next, after which it is opened anew.
    gone : callable
        Says in words where there is nothing to open yet, else None. Asked before every try.
    moved : callable
        Whether what is open is not what would be opened now. Asked while no picture comes.
    """

    open: Callable[[], Source]
    words: str
    delays: tuple[float, ...]
    first_within: float = math.inf
    next_within: float = math.inf
    gone: Callable[[], str | None] = lambda: None
    moved: Callable[[], bool] = lambda: False


class ReconnectingSource(Source):
    """A live source that ends only when it is closed.

    Parameters
    ----------
    first : Source
        Already open: what cannot be opened at all is an error of its own, before this.
    comeback : Reconnection
    look : float
        Seconds without a picture after which it is looked after.

    Notes
    -----
    Every opening is read on a daemon thread of its own. One that hangs in a driver is left there,
    and lets go of the device when it returns; `read` and `close` never wait for it for long.
    """

    def __init__(self, first: Source, comeback: Reconnection, *, look: float = _LOOK) -> None:
        self.text, self.live = first.text, first.live
        self.rate, self.duration = first.rate, first.duration
        self._comeback = comeback
        self._look = look
        self._closed = threading.Event()
        self._dropped = 0
        self._tries = 0
        self._trouble: str | None = None
        self._left: list[Reader] = []  # that hang
        self._begin(first)

    @property
    def dropped(self) -> int:
        return self._dropped + self._reader.dropped

    @property
    def trouble(self) -> str | None:
        return self._trouble or self._reader.trouble

    def read(self) -> Frame | None:
        while not self._closed.is_set():
            try:
                frame = self._reader.read_within(self._look)
            except TimeoutError:
                if self._is_lost():
                    self._take_back()
                continue
            except SourceError:
                frame = None  # the reason is of no use to anyone who waits for it to come back
            if frame is None:
                self._take_back()
                continue
            self._note()
            return frame
        return None

    def close(self) -> None:
        self._closed.set()
        self._reader.close()

    def _begin(self, source: Source) -> None:
        (self._reader,) = share(source, 1, threaded=True)
        self._since = time.monotonic()
        self._last: float | None = None  # when the newest picture came
        if self._closed.is_set():  # perhaps before there was this one to close
            self._reader.close()

    def _note(self) -> None:
        """A picture has come."""
        now = time.monotonic()
        if self._last is None:
            self._since = now
        elif now - self._since >= _HELD:
            self._tries = 0
        self._last = now
        if self._trouble is not None:
            _log.info("a live source is back")
        self._trouble = None

    def _is_lost(self) -> bool:
        now = time.monotonic()
        if self._last is None:
            late = now - self._since > self._comeback.first_within
        else:
            late = now - self._last > self._comeback.next_within
        return late or self._comeback.moved()

    def _take_back(self) -> None:
        """Wait until it is there again, and open it; returns at once where it is closed."""
        if self._trouble is None:
            _log.warning("a live source is lost")
        _log.debug("reconnecting, attempt %d", self._tries + 1)
        found = self._comeback.gone() or self._reader.trouble
        self._trouble = found or self._comeback.words
        self._reader.close()
        self._left.append(self._reader)
        while not self._closed.wait(self._delay()):
            gone = self._comeback.gone()
            if gone is not None:
                self._trouble = gone
                continue
            self._left = [each for each in self._left if each.busy]
            if len(self._left) < _MOST_STUCK:
                self._dropped += self._reader.dropped
                self._begin(_Late(self, self._comeback.open))
                return

    def _delay(self) -> float:
        delays = self._comeback.delays
        delay = delays[min(self._tries, len(delays) - 1)]
        self._tries += 1
        return delay


class _Late(Source):
    """A source that is opened by its first read, so that opening hangs nobody either."""

    def __init__(self, like: Source, open_it: Callable[[], Source]) -> None:
        self.text, self.live = like.text, like.live
        self.rate, self.duration = like.rate, like.duration
        self._open = open_it
        self._source: Source | None = None
        self._over = False

    @property
    def trouble(self) -> str | None:
        return None if self._source is None else self._source.trouble

    def read(self) -> Frame | None:
        if self._source is None:
            self._source = self._open()
            if not self._source.live:  # a file now stands where a camera was
                raise SourceError(f"{self.text} is no live source any more; name another")
        return None if self._over else self._source.read()

    def interrupt(self) -> None:
        self._over = True
        if self._source is not None:
            self._source.interrupt()

    def close(self) -> None:
        if self._source is not None:
            self._source.close()
