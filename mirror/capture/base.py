"""The contract of every source: frames or poses in order of time, then the end."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from mirror._support.closing import Closeable
from mirror.landmarks import Pose

T = TypeVar("T")

# Notes on what is counted of a source.
NOT_NEEDED: Final = (
    "{text} has more frames than the time grid needs: {count} were skipped; "
    "--all-frames tracks them, too"
)
REPEATED: Final = "{text}: frames in which nothing had changed, and that were left out: {count}"
DAMAGED: Final = "{text}: damaged frames that were left out: {count}"
UNORDERED: Final = (
    "{text}: frames that were left out, as their times are not between those before and after "
    "them: {count}"
)
MISSING: Final = "{text}: frames that are missing where its times have gaps: {count}"
TOO_SMALL: Final = "{text}: frames that were left out, too small for the crop: {count}"
TRACKED_HERE: Final = (
    "{text}: the main process tracked {count} of its parts, as the system ended a worker; if its "
    "memory was full, use fewer --jobs"
)
LOST: Final = (DAMAGED, UNORDERED, MISSING, TOO_SMALL)
Callback = Callable[[float], None]  # with the time on the steady clock


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """An image with a time.

    The time, s, of a recorded source is that of presentation since the start of the file, or of the
    part that ``#t=`` selects; of a live one, `mirror._support.steady_clock.now` at its arrival.
    """

    time: float
    image: NDArray[np.uint8]  # [height, width, 3]: RGB, C-contiguous, mirrored only by ``#flip``


def count_notes(text: str, counts: Counter[str]) -> tuple[str, ...]:
    """Return a line for each note whose count is not 0."""
    return tuple(note.format(text=text, count=count) for note, count in counts.items() if count)


class BaseSource(Closeable, Generic[T]):
    """Base class of `Source`, which gives frames, and `PoseSource`, which gives poses.

    If it is `live` (camera, network stream), frames arrive in real time and are stamped on arrival;
    if not (file, rendered people), they wait to be read and carry their own times.
    """

    text: str  # the source as the user wrote it; errors name it
    live: bool
    rate: float | None  # nominal frames per second, if known; only for progress and display
    duration: float | None  # seconds to be delivered, if known; only for progress and display
    series: tuple[str, ...] | None = None  # channels of a plain series (`Pose.series`), else None
    seekable: bool = False  # whether it opens from any time on, with the same frames
    _source: "BaseSource[T] | None" = None
    """The source that this one reads, if any: what it reports is reported here, too."""

    @property
    def dropped(self) -> int:
        """Number of frames that were lost.

        Of live sources, those replaced by a newer one before they were read; of recorded ones,
        those that are damaged or missing, or not later than the one before.
        """
        return 0 if self._source is None else self._source.dropped

    @property
    def counts(self) -> Counter[str]:
        """How often what is noted happened so far, by the note, as `count_notes` takes them."""
        return Counter() if self._source is None else self._source.counts

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of what was read so far, one line each."""
        return () if self._source is None else self._source.notes

    @property
    def trouble(self) -> str | None:
        """Why no frames arrive at present, if the source knows; live sources only."""
        return None if self._source is None else self._source.trouble

    def on_arrival(self, callback: Callback) -> bool:  # noqa: ARG002
        """Call `callback` when a frame arrives; False if frames only come when they are read."""
        return False

    @abstractmethod
    def read(self) -> T | None:
        """Return the next frame or pose, or None at the end.

        Raise CutOffError once, in place of the end, if a recorded source stops before its stated
        length, and SourceError if nothing (more) can be read.
        """

    def skip(self, until: float) -> int:  # noqa: ARG002
        """Leave out frames before a time, if that saves work; return how many.

        Frames that are left out later count as `dropped`.
        """
        return 0

    def interrupt(self) -> None:
        """Ask a read on another thread to return as soon as it can, without waiting for it."""

    def perform(self, clock: Callable[[float], float]) -> None:
        """Let rendered people perform their exercise by its own time at a frame's time."""
        if self._source is not None:
            self._source.perform(clock)

    def close(self) -> None:
        """Release the device or file; may be called twice, and from another thread."""
        if self._source is not None:
            self._source.close()

    def __iter__(self) -> Iterator[T]:
        while (item := self.read()) is not None:
            yield item


class Source(BaseSource[Frame]):
    """A stream of frames with rising times."""


class PoseSource(BaseSource[Pose]):
    """A stream of one person's poses with rising times; needs neither camera nor tracker.

    Live ones stamp poses with `mirror._support.steady_clock.now` at the time of measurement.
    Positions are fractions of a virtual frame, square unless the stream declares its size.
    """


FeedSource = Source | PoseSource  # a source of either kind, as a session takes it
