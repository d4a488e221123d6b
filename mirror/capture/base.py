"""What every source is: a picture at a time, one after the other, then the end."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from mirror._support.closing import Closeable
from mirror.landmarks import Pose

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture.

    Attributes
    ----------
    time : float
        Seconds. Of a recorded source: presentation time since the start of the file, or of the
        part that ``#t=`` names. Of a live one: `mirror._support.steady_clock.now` at its arrival.
    image : ndarray, uint8 [height, width, 3]
        RGB, C-contiguous, as the camera saw it (not mirrored) unless ``#flip`` was asked for.
    """

    time: float
    image: NDArray[np.uint8]


class BaseSource(Closeable, Generic[T]):
    """What a feed gets its pictures or poses from: a `Source` or a `PoseSource`.

    Attributes
    ----------
    text : str
        The source as the user wrote it; errors name it.
    live : bool
        True where frames come by themselves and are stamped on arrival (camera, network stream);
        False where they wait to be read and carry their own times (file, rendered people).
    rate : float or None
        Nominal frames per second, where known. Only for progress and display.
    duration : float or None
        Seconds that will be delivered, where known. Only for progress and display.
    series : tuple of str or None
        The names of the channels of a plain series (`Pose.series`); None for frames and landmarks.
    """

    text: str
    live: bool
    rate: float | None
    duration: float | None
    series: tuple[str, ...] | None = None

    @property
    def dropped(self) -> int:
        """Frames so far that nobody read before a newer one took their place; live ones only."""
        return 0

    @property
    def trouble(self) -> str | None:
        """Why no pictures come at present, in words, where the source knows; live ones only."""
        return None

    @abstractmethod
    def read(self) -> T | None:
        """The next frame or pose, or None at the end.

        Raises
        ------
        CutOffError
            Once, in place of the end, where a recorded source stops before its own length.
        SourceError
            Where nothing (more) can be read.
        """

    def interrupt(self) -> None:
        """Ask a read on another thread to return as soon as it can; waits for nothing."""
        return

    @abstractmethod
    def close(self) -> None:
        """Let go of the device or file; may be called twice, and from another thread."""

    def __iter__(self) -> Iterator[T]:
        while (thing := self.read()) is not None:
            yield thing


class Source(BaseSource[Frame]):
    """A stream of frames with rising times."""


class PoseSource(BaseSource[Pose]):
    """A stream of one person's poses with rising times, which needs no camera and no tracker.

    Live ones stamp poses with `mirror._support.steady_clock.now` at the moment that they were
    measured. Positions are fractions of a picture that nobody sees; where none is declared, it is
    square.
    """


FeedSource = Source | PoseSource
"""What a session can follow."""
