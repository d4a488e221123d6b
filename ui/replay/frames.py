"""Stored frames, read on a thread of their own."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal

from mirror._support.threads import Latest, run_in_thread
from mirror.landmarks import FEEDS, Feed, Pose
from mirror.recording.playback import Replay
from mirror.recording.repair import Repair
from ui.replay.player import Direction, neighbour

_NEAR_S: Final = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class FeedFrame:
    """A feed's frame and pose at some time."""

    feed: Feed
    image: NDArray[np.uint8] | None  # RGB [height, width, 3]; None where none is stored
    pose: Pose | None

    def is_same(self, other: "FeedFrame | None") -> bool:
        """Return whether the other is the same frame and pose, read again."""
        return (
            other is not None
            and self.feed == other.feed
            and self.image is other.image
            and _content(self.pose) == _content(other.pose)
        )


def _content(pose: Pose | None) -> object:
    """Return what is drawn of a pose: a correction changes it, but not its time."""
    if pose is None or pose.landmarks is None:
        return None if pose is None else pose.time
    return pose.time, pose.unsure, pose.landmarks.tobytes()


def read_feeds(replay: Replay, time_s: float) -> tuple[FeedFrame, ...]:
    """Read both feeds' frames and poses at a time; may take 0.1 s where frames are stored.

    Raise RecordingError if the recording cannot be read there.
    """
    return tuple(
        FeedFrame(feed, replay.frame(feed, time_s), replay.pose(feed, time_s)) for feed in FEEDS
    )


def frame_times(replay: Replay, time_s: float, direction: Direction) -> NDArray[np.float64]:
    """Return rising times, s, that include the frame just before or after a time.

    The frames are those of A, or of B where A has none; the rows for plain series. Empty if there
    is no further frame. Raise RecordingError if the recording cannot be read there.
    """
    # Searching nearby is fast; only a gap needs the full search.
    beyond = (time_s, math.inf) if direction > 0 else (-math.inf, time_s)
    for start, end in ((time_s - _NEAR_S, time_s + _NEAR_S), beyond):
        for feed in FEEDS:
            times = replay.times(feed, start, end)
            if neighbour(times, time_s, direction) is not None:
                return times
    return np.empty(0)


class FrameReader(QObject):
    """Reads both feeds' stored frames; of the times asked for meanwhile, only the newest is read.

    The recording is opened again on the thread: two threads must not use one `Replay` at once.
    """

    fetched = pyqtSignal(object)  # a `FeedFrame` of each feed; not emitted after `close`
    warned = pyqtSignal(str)  # why stored frames cannot be shown; once per video
    _read = pyqtSignal(object, list)

    def __init__(self, recording: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recording = recording
        self.shift_b = 0.0  # how much later than stored B is shown, s; from the next request on
        self.repairs: tuple[Repair, ...] = ()  # who was who, said by hand; from the next request on
        self._requests: Latest[tuple[float, float, tuple[Repair, ...]]] = Latest()
        self._is_closed = False
        # Emitted on the thread and queued to this one.
        self._read.connect(self._report)
        self._outcome = run_in_thread(self._run, "stored frames")

    def ask(self, time_s: float) -> None:
        """Request the frames at a time, s; raise MirrorError if reading has failed before."""
        if self._outcome.done():
            self._outcome.result()
        self._requests.put((time_s, self.shift_b, self.repairs))

    def close(self) -> None:
        """Close the recording, after the frame being read."""
        self._is_closed = True
        self._requests.close()
        self._outcome.exception()

    def _report(self, feeds: tuple[FeedFrame, ...], warnings: list[str]) -> None:
        if self._is_closed:
            return
        self.fetched.emit(feeds)
        for text in warnings:
            self.warned.emit(text)

    def _run(self) -> None:
        with Replay.open(self._recording) as replay:
            while (request := self._requests.take()) is not None:
                time_s, replay.recording.shift_b, replay.recording.repairs = request
                warnings = len(replay.warnings)
                self._read.emit(read_feeds(replay, time_s), replay.warnings[warnings:])
