"""One source for several readers, or for one reader that must never block on it.

A recorded source loses no frame: it is read at most a few frames ahead of the slowest reader, and
the faster one waits. A live one waits for nobody: each reader gets the newest frame, and the ones
it missed are counted.

All readers get the same frames, so nobody may modify their images.
"""

import threading
from collections import deque
from concurrent.futures import Future
from typing import Final

from mirror._support import steady_clock
from mirror._support.threads import settle
from mirror.capture.base import Callback, Frame, Source

MAX_AHEAD: Final = 64  # frames
_MAX_AHEAD_BYTES: Final = 128 * 2**20  # 64 frames in 4K would be 1.6 GB
_CLOSE_TIMEOUT_S: Final = 1.0


def share(
    base: Source, readers: int = 2, *, threaded: bool = False, callback: Callback | None = None
) -> "tuple[Reader, ...]":
    """Give one source to several readers; the base is closed when all of them are.

    The base must not be read elsewhere from now on. If `threaded`, it is read on a thread of its
    own, for bases that may block: closing a reader then ends its read at once, whatever the device
    or the network does. Otherwise any reader that finds no frame waiting reads the base. The
    callback is as for `Reader.on_arrival`, from the first frame on.
    """
    hub = _Hub(base)
    shared = tuple(Reader(hub, callback) for _ in range(readers))
    hub.start(shared, threaded=threaded)
    return shared


class Reader(Source):
    """One reader of a shared source."""

    def __init__(self, hub: "_Hub", callback: Callback | None) -> None:
        self._hub = hub
        self._source = hub.base
        self.text = hub.base.text
        self.live = hub.base.live
        self.rate = hub.base.rate
        self.seekable = hub.base.seekable
        self.duration = hub.base.duration
        # The hub's, under its lock:
        self.waiting: deque[Frame] = deque()
        self.missed = 0
        self.error: BaseException | None = None
        self.callback = callback

    @property
    def dropped(self) -> int:
        return self.missed + super().dropped

    @property
    def busy(self) -> bool:
        """Whether the base's own thread is still running."""
        return self._hub.thread is not None and self._hub.thread.is_alive()

    def on_arrival(self, callback: Callback) -> bool:
        if not self.live or self._hub.thread is None:
            return False
        self.callback = callback
        return True

    def read(self, timeout: float | None = None) -> Frame | None:
        """Read; `TimeoutError` if nothing comes within `timeout` from the base's own thread."""
        return self._hub.read(self, timeout)

    def close(self) -> None:
        self._hub.close(self)


class _Hub:
    """Hands the frames of a base to its readers. The lock is never held while the base is read."""

    def __init__(self, base: Source) -> None:
        self.base = base
        self._changed = threading.Condition()
        self._readers: set[Reader] = set()  # those that are open
        self.thread: threading.Thread | None = None
        self._reading = False  # one reader is in the base
        self._at_end = False
        self._max_ahead = MAX_AHEAD

    def start(self, readers: tuple[Reader, ...], *, threaded: bool) -> None:
        self._readers.update(readers)
        if threaded:
            # A daemon, because a program that ends need not wait for a network that hangs.
            self.thread = threading.Thread(
                target=self._pump, name=f"source {self.base.text}", daemon=True
            )
            self.thread.start()

    def read(self, reader: Reader, timeout: float | None) -> Frame | None:
        while True:
            with self._changed:
                if not self._changed.wait_for(lambda: self._can_go_on(reader), timeout):
                    raise TimeoutError
                if reader not in self._readers:
                    return None
                if reader.waiting:
                    self._changed.notify_all()
                    return reader.waiting.popleft()
                if self._at_end:
                    error, reader.error = reader.error, None
                    if error is not None:
                        raise error
                    return None
                self._reading = True
            self._read_base()

    def close(self, reader: Reader) -> None:
        with self._changed:
            if reader not in self._readers:
                return
            self._readers.discard(reader)
            reader.waiting.clear()
            reader.error = None
            self._changed.notify_all()
            if self._readers:
                return
        if self.thread is None:
            self.base.close()
        else:
            self.base.interrupt()
            self.thread.join(_CLOSE_TIMEOUT_S)

    def _can_go_on(self, reader: Reader) -> bool:
        may_read = self.thread is None and not self._reading and self._has_room()
        return reader not in self._readers or bool(reader.waiting) or self._at_end or may_read

    def _has_room(self) -> bool:
        return self.base.live or all(len(each.waiting) < self._max_ahead for each in self._readers)

    def _pump(self) -> None:
        try:
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: not self._readers or self._has_room())
                    if self._at_end or not self._readers:
                        break
                self._read_base()
        finally:
            self.base.close()

    def _read_base(self) -> None:
        outcome: Future[Frame | None] = Future()
        settle(outcome, self.base.read)
        with self._changed:
            self._reading = False
            self._hand_out(outcome)
            self._changed.notify_all()

    def _hand_out(self, outcome: Future[Frame | None]) -> None:
        error = outcome.exception()
        frame = outcome.result() if error is None else None
        if frame is None:
            self._at_end = True
            for reader in self._readers:
                reader.error = error  # every reader raises it
            return
        self._max_ahead = max(2, min(MAX_AHEAD, _MAX_AHEAD_BYTES // max(1, frame.image.nbytes)))
        for reader in self._readers:
            if self.base.live:
                reader.missed += len(reader.waiting)
                reader.waiting.clear()
            reader.waiting.append(frame)
            if reader.callback is not None:
                reader.callback(steady_clock.now())
