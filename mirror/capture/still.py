"""A picture as a source: a posture to copy."""

from contextlib import suppress
from itertools import count
from typing import Final

from mirror.capture.base import Frame, Source
from mirror.errors import SourceError

PICTURES: Final = (".png", ".jpg", ".jpeg", ".webp", ".bmp")  # suffixes of files of one picture


def is_picture(source: str) -> bool:
    """Whether a source is a file of one picture."""
    return source.partition("#")[0].lower().endswith(PICTURES)


class StillSource(Source):
    """One picture, again and again, 30 times a second."""

    def __init__(self, path: str) -> None:
        from mirror.capture.video import VideoSource

        self.text, self.live, self.rate, self.duration = path, False, 30.0, None
        self._numbers = count()
        self._first: Frame | None = None
        with suppress(SourceError), VideoSource(path) as file:
            self._first = file.read()
        if self._first is None:
            raise SourceError(f"{path} cannot be read as a picture; choose another PNG or JPEG")

    def read(self) -> Frame | None:
        first = self._first
        return None if first is None else Frame(next(self._numbers) / 30.0, first.image)

    def close(self) -> None:
        self._first = None
