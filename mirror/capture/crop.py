"""A part of a source: some of its time, some of its frame."""

import math
from collections import Counter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror.capture.address import Address, Crop
from mirror.capture.base import TOO_SMALL, Callback, Frame, Source, count_notes
from mirror.errors import SourceError

MIN_SIDE_PX: Final = 16  # no pose can be seen in less


def crop_box(crop: Crop, width: int, height: int) -> tuple[int, int, int, int]:
    """Return the pixels of a crop: left, top, right and bottom, half-open, at least 16 each way.

    Edges in percent are rounded to the nearest pixel edge, one by one, so that adjacent crops
    neither overlap nor leave out a column. Pixels beyond the frame are cut off. Raise SourceError
    if it is less than 16 pixels wide or high.
    """
    across, down, of = (width, height, 100) if crop.unit == "percent" else (1, 1, 1)
    left = min(_round(crop.x * across / of), width)
    right = min(_round((crop.x + crop.width) * across / of), width)
    top = min(_round(crop.y * down / of), height)
    bottom = min(_round((crop.y + crop.height) * down / of), height)
    if right - left < MIN_SIDE_PX or bottom - top < MIN_SIDE_PX:
        raise SourceError(
            f"the crop leaves {right - left}x{bottom - top} of the frame's {width}x{height} "
            f"pixels, and {MIN_SIDE_PX}x{MIN_SIDE_PX} is the least; choose a larger #xywh"
        )
    return left, top, right, bottom


def _round(edge: float) -> int:
    # Half a pixel always goes up; Python rounds half to even, which would move the middle of a
    # 5-pixel frame one way and that of a 7-pixel frame the other.
    return math.floor(edge + 0.5)


def cropped(image: NDArray[np.uint8], crop: Crop | None, flip: bool) -> NDArray[np.uint8]:
    """Crop an image, uint8 [height, width, 3], then exchange left and right if `flip`.

    Without a crop, all is kept. The result is C-contiguous; `image` itself if there is no change.
    """
    if crop is not None:
        left, top, right, bottom = crop_box(crop, image.shape[1], image.shape[0])
        image = image[top:bottom, left:right]
    if flip:
        image = image[:, ::-1]
    return np.ascontiguousarray(image)


class CroppedSource(Source):
    """The part of a source that the fragment of its address selects.

    The first frame of a recorded source is read at once, so that a part that does not exist is an
    error on opening. Closes the whole `source` with itself. Times are counted from the ``start`` of
    the address, without its drift and delay. Raise SourceError if nothing is left of the source.
    """

    def __init__(self, source: Source, address: Address) -> None:
        self.text = address.text
        self.live = source.live
        self.rate = source.rate
        self.person = address.person
        # Who is who depends on all that came before.
        self.seekable = source.seekable and self.person is None
        self._source: Source = source
        self._address = address
        self._at_end = False
        self._first: Frame | None = None
        self._has_cropped = False
        self._too_small = 0
        self._trouble: str | None = None
        ends = [end for end in (address.end, source.duration) if end is not None]
        self.duration = max(0.0, address.session_time(min(ends))) if ends else None
        if self.live and (address.start or address.drift or address.end is not None):
            raise SourceError(
                f"{self.text}: a live stream has no beginning to count from; "
                "leave out #t and #drift, and stop the session in time"
            )
        if address.delay and not self.live:
            raise SourceError(f"{self.text} is a recording; write when to start as #t=0.5")
        if not self.live:
            self._first = self._next()
            if self._first is None:
                length = source.duration
                lasts = "" if length is None else f"; it lasts {length:.1f} s"
                raise SourceError(
                    f"{self.text}: there is no frame in the part that #t names{lasts}"
                )

    @property
    def dropped(self) -> int:
        return super().dropped + self._too_small

    @property
    def counts(self) -> Counter[str]:
        return super().counts + Counter({TOO_SMALL: self._too_small})

    @property
    def notes(self) -> tuple[str, ...]:
        own = Counter({TOO_SMALL: 0 if self.live else self._too_small})
        return (*super().notes, *count_notes(self.text, own))

    @property
    def trouble(self) -> str | None:
        return super().trouble or self._trouble

    def on_arrival(self, callback: Callback) -> bool:
        return self._source.on_arrival(callback)

    def skip(self, until: float) -> int:
        return self._source.skip(self._address.source_time(until))

    def read(self) -> Frame | None:
        first, self._first = self._first, None
        return first or self._next()

    def close(self) -> None:
        self._at_end = True
        self._first = None
        self._source.close()

    def _next(self) -> Frame | None:
        start, end = self._address.start, self._address.end
        while not self._at_end:
            frame = self._source.read()
            if frame is None or (end is not None and frame.time >= end):
                self._at_end = True
            elif frame.time >= start and (image := self._crop(frame.image)) is not None:
                return Frame(self._address.session_time(frame.time), image)
        return None

    def _crop(self, image: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
        """Crop an image; None if the source now has frames too small for the crop."""
        try:
            part = cropped(image, self._address.crop, self._address.flip)
        except SourceError as error:
            if self._has_cropped:
                self._too_small += 1
                self._trouble = str(error)
                return None
            raise SourceError(f"{self.text}: {error}") from error
        self._has_cropped, self._trouble = True, None
        return part


class SecondPerson(Source):
    """The picture of another source, as the source of a second person in it.

    A session reads each frame once, from the other source, and finds both people in it.
    """

    def __init__(self, picture: Source, text: str) -> None:
        self.text = text
        self.live, self.rate, self.duration = picture.live, picture.rate, picture.duration
        self._source: Source = picture

    def read(self) -> Frame | None:
        return self._source.read()
