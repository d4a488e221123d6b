"""Reads a source on a thread, and waits for what a test expects of it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from mirror.capture import Source

PICTURE = np.zeros((16, 16, 3), np.uint8)


class Reader:
    """Reads a source on a thread, as a session does, and waits for what the test wants to see."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tags: list[int] = []
        self.shapes: list[tuple[int, ...]] = []
        self.stamps: list[float] = []
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        for frame in self.source:
            with self._changed:
                self.tags.append(int(frame.image[0, 0, 0]))
                self.shapes.append(frame.image.shape)
                self.stamps.append(frame.time)
                self._changed.notify_all()

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something holds; looks again at every picture, and often in between."""
        for _ in range(4000):
            with self._changed:
                if condition():
                    return
                self._changed.wait(0.005)
        pytest.fail(f"it never held; the trouble is {self.source.trouble}")

    def pictures_from(self, tag: int) -> None:
        """Wait for pictures that come from now on."""
        seen = len(self.tags)
        self.until(lambda: tag in self.tags[seen:])

    def close(self) -> None:
        self.source.close()
        self._thread.join(20)
        assert not self._thread.is_alive()
