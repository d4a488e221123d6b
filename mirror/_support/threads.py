"""Handing things from one thread to another; the pipeline's only locks are in here."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """A place for one thing, where the newest wins.

    The producer never waits: what was not taken in time is replaced, and counted.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._thing: T | None = None
        self._closed = False
        self.dropped = 0
        """How many things were replaced before anyone took them."""

    def put(self, thing: T) -> None:
        """Leave a thing, in place of the one before."""
        with self._changed:
            if self._thing is not None:
                self.dropped += 1
            self._thing = thing
            self._changed.notify()

    def take(self) -> T | None:
        """The newest thing, as soon as there is one; None once closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._thing is not None or self._closed)
            thing, self._thing = self._thing, None
            return thing

    def close(self) -> None:
        """Nothing more will be put; what is there can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify()


class BoundedQueue(Generic[T]):
    """A queue of a few things, all of which are wanted.

    The producer only waits where it asks to: else what finds no room is dropped, and counted.

    Parameters
    ----------
    room : int
        How many things may wait.
    """

    def __init__(self, room: int) -> None:
        self._changed = threading.Condition()
        self._room = room
        self._things: deque[T] = deque()
        self._closed = False
        self.dropped = 0
        """How many things found no room, or came too late."""

    def put(self, thing: T, *, wait: bool = False) -> None:
        """Add a thing at the end, where there is room and the queue is not closed.

        With `wait` there will be room, or the queue closed, before it returns.
        """
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._closed or len(self._things) < self._room)
            if self._closed or len(self._things) >= self._room:
                self.dropped += 1
                return
            self._things.append(thing)
            self._changed.notify_all()

    def take(self) -> T | None:
        """The oldest thing, as soon as there is one; None once closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._things or self._closed)
            thing = self._things.popleft() if self._things else None
            self._changed.notify_all()
            return thing

    def close(self) -> None:
        """Nothing more can be put; what is there can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def run_in_thread(work: Callable[[], T], name: str) -> Future[T]:
    """Run `work` on a daemon thread; its result, or whatever it raised, is in the future.

    A daemon, so that a device driver that never returns cannot keep the program from ending.
    """
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # noqa: BLE001  raised again where the future is read
            outcome.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return outcome
