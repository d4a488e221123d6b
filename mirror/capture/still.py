"""A picture as a source: a posture to copy."""

from __future__ import annotations

from contextlib import suppress
from math import ceil
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror.capture.base import Frame, Source
from mirror.errors import SourceError

PICTURES: Final = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
"""Suffixes of files that hold one picture."""

_RATE: Final = 30.0


def is_picture(source: str) -> bool:
    """Whether a source is a file of one picture."""
    return source.partition("#")[0].lower().endswith(PICTURES)


def read_picture(path: str) -> NDArray[np.uint8]:
    """Return the image of a file; raises SourceError."""
    from mirror.capture.video import VideoSource

    with suppress(SourceError), VideoSource(path) as file:
        if (frame := file.read()) is not None:
            return frame.image
    raise SourceError(f"{path} cannot be read as a picture; choose another PNG or JPEG file")


class StillSource(Source):
    """One picture, again and again."""

    def __init__(self, path: str) -> None:
        self.text, self.live, self.rate, self.duration = path, False, _RATE, None
        self._image = read_picture(path)
        self._next = 0
        self._closed = False

    def read(self) -> Frame | None:
        self._next += 1
        return None if self._closed else Frame((self._next - 1) / _RATE, self._image)

    def skip(self, until: float) -> int:
        before, self._next = self._next, max(self._next, ceil(until * _RATE))
        return self._next - before

    def close(self) -> None:
        self._closed = True
