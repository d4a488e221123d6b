"""Read a source on a thread while a test waits for conditions."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from mirror.capture import Source, open_pair

BLANK = np.zeros((16, 16, 3), np.uint8)


def open_frame_sources(a: str, b: str, *, reopen: bool = False) -> tuple[Source, Source]:
    """Open a pair as `open_pair` does; both must be sources of frames."""
    one, other = open_pair(a, b, reopen=reopen)
    assert isinstance(one, Source)
    assert isinstance(other, Source)
    return one, other


class Reader:
    """Reads a source on a thread, as a session does."""

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

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition, checked at every frame and every 5 ms."""
        for _ in range(4000):
            with self._changed:
                if condition():
                    return
                self._changed.wait(0.005)
        pytest.fail(f"the condition was never true; trouble is {self.source.trouble}")

    def wait_for_frames(self, tag: int) -> None:
        """Wait for a new frame with this tag."""
        seen = len(self.tags)
        self.wait_until(lambda: tag in self.tags[seen:])

    def wait_for_frame(self) -> None:
        """Wait for a new frame."""
        count = len(self.tags)
        self.wait_until(lambda: len(self.tags) > count)

    def wait_for_shape(self, shape: tuple[int, ...]) -> None:
        """Wait until a frame of this shape has come."""
        self.wait_until(lambda: shape in self.shapes)

    def wait_for_trouble(self, text: str) -> None:
        """Wait until the source reports this trouble."""
        self.wait_until(lambda: self.source.trouble == text)

    def close(self) -> None:
        self.source.close()
        self._thread.join(20)
        assert not self._thread.is_alive()
