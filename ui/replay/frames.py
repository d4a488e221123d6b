"""Stored pictures, fetched on a thread of their own: the newest moment asked for wins."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal

from mirror._support.threads import Latest, run_in_thread
from mirror.landmarks import Feed, Pose
from mirror.recording.playback import Replay
from ui.replay.player import Direction, neighbour

_FEEDS: Final[tuple[Feed, Feed]] = ("a", "b")
_NEAR: Final = 2.0  # seconds


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What one feed saw at a moment.

    Attributes
    ----------
    feed : {"a", "b"}
    image : ndarray, uint8 [height, width, 3], or None
        RGB; None where none is stored.
    pose : Pose or None
    """

    feed: Feed
    image: NDArray[np.uint8] | None
    pose: Pose | None

    def same_as(self, other: Shown | None) -> bool:
        """Whether it is the same picture and pose of the same feed, fetched once more."""
        return (
            other is not None
            and self.feed == other.feed
            and self.image is other.image
            and _time(self.pose) == _time(other.pose)
        )


def seen(replay: Replay, time_s: float) -> tuple[Shown, ...]:
    """What both feeds saw at a moment; where pictures are stored, it may take a tenth of a second.

    Raises
    ------
    RecordingError
        Where the recording cannot be read there.
    """
    return tuple(
        Shown(feed, replay.frame(feed, time_s), replay.pose(feed, time_s)) for feed in _FEEDS
    )


def _time(pose: Pose | None) -> float | None:
    return None if pose is None else pose.time


def frames(replay: Replay, time_s: float, direction: Direction) -> NDArray[np.float64]:
    """Rising times, s, among which are those of the frames just before, or after, a moment.

    Of person A, or of B where A has none; none at the ends. Of plain series, the rows' times.

    Raises
    ------
    RecordingError
        Where the recording cannot be read there.
    """
    # Nearby they are found at once. A longer gap is worth the search.
    beyond = (time_s, math.inf) if direction > 0 else (-math.inf, time_s)
    for start, end in ((time_s - _NEAR, time_s + _NEAR), beyond):
        for feed in _FEEDS:
            times = replay.times(feed, start, end)
            if neighbour(times, time_s, direction) is not None:
                return times
    return np.empty(0)


class Pictures(QObject):
    """Fetches what both feeds saw, for a recording with pictures.

    Moments that are asked for while others are fetched are passed over, but for the newest.

    Parameters
    ----------
    recording : Path
        Opened once more, on the thread itself: one `Replay` is not for two threads at once.
    """

    fetched = pyqtSignal(object)
    """What was seen at a moment: a `Shown` a feed. None comes after `close`."""

    warned = pyqtSignal(str)
    """Why pictures are not shown though they are stored; once."""

    _came = pyqtSignal(object, list)

    def __init__(self, recording: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recording = recording
        self._wanted: Latest[float] = Latest()
        self._is_closed = False
        # From the thread, it is queued for the window's.
        self._came.connect(self._tell)
        self._outcome = run_in_thread(self._fetch, "stored pictures")

    def ask(self, time_s: float) -> None:
        """Fetch this moment, s, soon.

        Raises
        ------
        MirrorError
            Where an earlier one could not be fetched; nothing more comes then.
        """
        if self._outcome.done():
            self._outcome.result()
        self._wanted.put(time_s)

    def close(self) -> None:
        """Let go of the recording; waits for the picture that is being fetched."""
        self._is_closed = True
        self._wanted.close()
        self._outcome.exception()

    def _tell(self, shown: tuple[Shown, ...], warnings: list[str]) -> None:
        if self._is_closed:
            return
        self.fetched.emit(shown)
        for text in warnings:
            self.warned.emit(text)

    def _fetch(self) -> None:
        with Replay.open(self._recording) as replay:
            while (time_s := self._wanted.take()) is not None:
                told = len(replay.warnings)
                shown = seen(replay, time_s)
                self._came.emit(shown, replay.warnings[told:])
