"""A picture as a source: a posture to copy."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from typing import Final

from mirror.capture.address import Address
from mirror.capture.base import Frame, Source
from mirror.errors import SourceError

PICTURES: Final = (".png", ".jpg", ".jpeg", ".webp", ".bmp")  # suffixes of files of one picture


def is_picture(address: Address) -> bool:
    """Whether a source is a file of one picture."""
    return address.kind == "file" and address.base.lower().endswith(PICTURES)


class StillSource(Source):
    """One picture, again and again, 30 times a second."""

    def __init__(self, path: str) -> None:
        from mirror.capture.video import VideoSource

        self.text, self.live, self.rate, self.duration = path, False, 30.0, None
        self._numbers: Iterator[int] = count()
        frame = None
        with suppress(SourceError), VideoSource(path) as file:
            frame = file.read()
        if frame is None:
            raise SourceError(f"{path} cannot be read as a picture; choose another PNG or JPEG")
        self.image = frame.image

    def read(self) -> Frame | None:
        number = next(self._numbers, None)
        return None if number is None else Frame(number / 30.0, self.image)

    def close(self) -> None:
        self._numbers = iter(())
