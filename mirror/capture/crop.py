"""The wanted part of a source: some of its time, some of its picture."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror.capture.address import Address, Crop
from mirror.capture.base import Frame, Source
from mirror.errors import SourceError

SMALLEST: Final = 16  # pixels; no pose can be seen in less


def crop_box(crop: Crop, width: int, height: int) -> tuple[int, int, int, int]:
    """The pixels of a crop.

    Edges in percent are rounded to the nearest pixel edge, one by one, so that crops that touch
    neither overlap nor leave a column out. Pixels beyond the picture are cut off.

    Returns
    -------
    left, top, right, bottom : int
        Half-open ranges of columns and rows, at least 16 pixels each.

    Raises
    ------
    SourceError
        Where it is less than 16 pixels wide or high.
    """
    across, down, of = (width, height, 100) if crop.unit == "percent" else (1, 1, 1)
    left = min(_round(crop.x * across / of), width)
    right = min(_round((crop.x + crop.width) * across / of), width)
    top = min(_round(crop.y * down / of), height)
    bottom = min(_round((crop.y + crop.height) * down / of), height)
    if right - left < SMALLEST or bottom - top < SMALLEST:
        raise SourceError(
            f"the crop leaves {right - left}x{bottom - top} of the picture's {width}x{height} "
            f"pixels, and {SMALLEST}x{SMALLEST} is the least; choose a larger #xywh"
        )
    return left, top, right, bottom


def _round(edge: float) -> int:
    # Half a pixel always goes up; Python's own rounding goes to even, and would move the middle
    # of a 5-pixel picture one way and that of a 7-pixel picture the other.
    return math.floor(edge + 0.5)


def narrow(image: NDArray[np.uint8], crop: Crop | None, flip: bool) -> NDArray[np.uint8]:
    """The wanted part of one picture, cropped first and then flipped.

    Parameters
    ----------
    image : ndarray, uint8 [height, width, 3]
        The whole picture.
    crop : Crop or None
        What to keep of it.
    flip : bool
        Whether to exchange left and right.

    Returns
    -------
    ndarray, uint8 [height, width, 3]
        C-contiguous; `image` itself where nothing is to be done.
    """
    if crop is not None:
        left, top, right, bottom = crop_box(crop, image.shape[1], image.shape[0])
        image = image[top:bottom, left:right]
    if flip:
        image = image[:, ::-1]
    return np.ascontiguousarray(image)


class CroppedSource(Source):
    """A source through the fragment of its address.

    The first picture of a recorded source is read at once, so that a part that is not there is
    said when it is opened.

    Parameters
    ----------
    source : Source
        What is looked at; closed with the view, and where the view cannot be made.
    address : Address
        Times are counted from its ``start``.

    Raises
    ------
    SourceError
        Where nothing is left to see.
    """

    def __init__(self, source: Source, address: Address) -> None:
        self.text = address.text
        self.live = source.live
        self.rate = source.rate
        self._source = source
        self._address = address
        self._over = False
        self._ahead: Frame | None = None
        self._seen = False
        self._trouble: str | None = None
        ends = [end for end in (address.end, source.duration) if end is not None]
        self.duration = max(0.0, min(ends) - address.start) if ends else None
        try:
            if self.live and (address.start or address.end is not None):
                raise SourceError(
                    f"{self.text}: a live stream has no beginning to count from; "
                    "leave out #t and use --seconds"
                )
            if not self.live:
                self._ahead = self._next()
                if self._ahead is None:
                    raise SourceError(f"{self.text}: {self._nothing_there()}")
        except SourceError:
            source.close()
            raise

    @property
    def dropped(self) -> int:
        return self._source.dropped

    @property
    def trouble(self) -> str | None:
        return self._source.trouble or self._trouble

    def read(self) -> Frame | None:
        ahead, self._ahead = self._ahead, None
        return ahead or self._next()

    def close(self) -> None:
        self._over = True
        self._ahead = None
        self._source.close()

    def _next(self) -> Frame | None:
        start, end = self._address.start, self._address.end
        while not self._over:
            frame = self._source.read()
            if frame is None or (end is not None and frame.time >= end):
                self._over = True
            elif frame.time >= start:
                narrowed = self._narrowed(frame)
                if narrowed is not None:
                    return narrowed
        return None

    def _narrowed(self, frame: Frame) -> Frame | None:
        """The wanted part; None where a camera now sends pictures in which there is none."""
        address = self._address
        try:
            image = narrow(frame.image, address.crop, address.flip)
        except SourceError as error:
            if self.live and self._seen:
                self._trouble = str(error)
                return None
            raise SourceError(f"{self.text}: {error}") from error
        self._seen, self._trouble = True, None
        return Frame(frame.time - address.start, image)

    def _nothing_there(self) -> str:
        length = self._source.duration
        lasts = "" if length is None else f"; it lasts {length:.1f} s"
        return f"there is no picture in the part that #t names{lasts}"
