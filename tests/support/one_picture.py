"""A rendered clip of two people in one picture as a source."""

from __future__ import annotations

from mirror.capture.base import Frame, Source
from mirror.validation.one_picture import RATE, Clip


class ClipSource(Source):
    """A clip as a source."""

    def __init__(self, clip: Clip) -> None:
        self.text, self.live, self.rate = clip.name, False, RATE
        self.duration = clip.seconds
        self._clip, self._next = clip, 0

    def read(self) -> Frame | None:
        if self._next >= self._clip.frames:
            return None
        self._next += 1
        return Frame((self._next - 1) / RATE, self._clip.image(self._next - 1))

    def close(self) -> None:
        self._next = self._clip.frames
