"""Hand over values between threads; the pipeline's only locks are in here."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class BoundedQueue(Generic[T]):
    """A queue of limited size. `put` drops the new item if it is full, or waits if asked to.

    `dropped` counts the items dropped as the queue was full or closed.
    """

    def __init__(self, size: int) -> None:
        self._changed = threading.Condition()
        self._size = size
        self._items: deque[T] = deque()
        self._closed = False
        self.dropped = 0

    def put(self, item: T, *, wait: bool = False) -> None:
        """Append an item; with `wait`, first wait until there is room or the queue is closed."""
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._closed or len(self._items) < self._size)
            if self._closed or len(self._items) >= self._size:
                self.dropped += 1
                return
            self._items.append(item)
            self._changed.notify_all()

    def take(self) -> T | None:
        """Wait for an item and return the oldest; None once closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._closed)
            item = self._items.popleft() if self._items else None
            self._changed.notify_all()
            return item

    def close(self) -> None:
        """Refuse further items; those in the queue can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class Latest(BoundedQueue[T]):
    """A queue of one item, in which a new item replaces the old one, which counts as dropped."""

    def __init__(self) -> None:
        super().__init__(1)

    def put(self, item: T, *, wait: bool = False) -> None:  # noqa: ARG002
        """Put an item in place of the one before; never waits."""
        with self._changed:
            self.dropped += len(self._items)
            self._items.clear()
            self._items.append(item)
            self._changed.notify_all()


def run_in_thread(work: Callable[[], T], name: str) -> Future[T]:
    """Run `work` on a daemon thread; the future has its result or exception.

    A daemon, so that a device driver that never returns does not keep the program from exiting.
    """
    future: Future[T] = Future()
    threading.Thread(target=settle, args=(future, work), name=name, daemon=True).start()
    return future


def settle(future: Future[T], work: Callable[[], T]) -> None:
    """Give a future the result or exception of `work`, for whoever asks for it."""
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001  raised again by future.result()
        future.set_exception(error)
