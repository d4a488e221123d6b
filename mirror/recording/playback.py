"""A recording made ready to be looked at: its timeline at hand, its poses and pictures by time."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror._support.closing import Closeable
from mirror.errors import MirrorError, RecordingError
from mirror.events import Event
from mirror.landmarks import Feed, Pose
from mirror.recording.reader import MAX_AGE_S, Progress, Recording
from mirror.recording.video import VideoReader, video_paths
from mirror.settings import Settings
from mirror.timeline import Score, Timeline

OUTLINE: Final = 2000
"""As many rows are there at once, however long the recording is: one a pixel, on most screens."""

_SLACK: Final = 1e-6  # s; a row and the frame that completed it are at the same moment


class Replay(Closeable):
    """What a player needs of a recording. Use `Replay.open`, as a context manager or with `close`.

    Eight hours open as fast as a minute: of the poses and rows, only an outline and those that are
    asked for are read.

    Attributes
    ----------
    recording : Recording
        Open until `close`.
    session : dict
        The recording's ``session`` table, as it was at opening.
    settings : Settings
        What the timeline's last rows were computed with.
    outline : Timeline
        At most `OUTLINE` of the stored rows, spread evenly from the first to the last.
    duration : float
        Seconds from the start to the last pose or row.
    has_video : bool
        Whether the pictures of one feed at least were stored and are still there.
    warnings : list of str
        What turned out to be missing on the way, one line each.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.session: dict[str, Any] = recording.session
        self.settings: Settings = recording.settings
        self.outline: Timeline = recording.sample(OUTLINE)
        self._timeline = self.outline if recording.rows <= OUTLINE else None
        self.duration: float = recording.duration
        self._unopened = {
            feed: path for feed, path in video_paths(recording.path).items() if path.exists()
        }
        self._readers: dict[Feed, VideoReader] = {}
        self.has_video = bool(self._unopened)
        self.warnings: list[str] = []

    @classmethod
    def open(cls, path: Path | str) -> Replay:
        """Open a recording to look at.

        Raises
        ------
        RecordingError
            Where it cannot be read; where the damage is further in, from the methods.
        """
        recording = Recording.open(path)
        try:
            return cls(recording)
        except MirrorError:
            recording.close()
            raise

    @property
    def whole(self) -> bool:
        """Whether every row is at hand; until then, `timeline` reads them when asked for."""
        return self._timeline is not None

    @property
    def timeline(self) -> Timeline:
        """Every stored row."""
        if self._timeline is None:
            self._timeline = self.recording.timeline()
        return self._timeline

    def read(self, progress: Progress) -> None:
        """Have every row at hand; may be called on a thread beside those who look at the outline.

        Parameters
        ----------
        progress : callable
            Called often with the rows read and the rows to read; what it raises ends the reading.

        Raises
        ------
        RecordingError
            Where a row cannot be read.
        """
        with Recording.open(self.recording.path) as recording:
            self._timeline = recording.timeline(progress)

    def score(self, time_s: float) -> Score | None:
        """The newest row at or before a moment, s; None if older than a hop and `MAX_AGE_S`.

        It is there at once, whatever is read of the timeline.
        """
        return self.recording.score_at(time_s + _SLACK, _lasts(self.settings.hop) + _SLACK)

    @property
    def events(self) -> list[Event]:
        """All events in order of time, with the changes made since it was opened."""
        return self.recording.events()

    def pose(self, feed: Feed, time: float) -> Pose | None:
        """The newest pose of a feed at or before `time`, s; None where it is over 0.5 s old."""
        return self.recording.pose_at(feed, time)

    def times(
        self, feed: Feed, start: float = -math.inf, end: float = math.inf
    ) -> NDArray[np.float64]:
        """Rising times of a feed's frames from `start` to `end`, s, both included.

        Of scores without frames, as are computed from arrays, the rows' times. Around a moment they
        are there at once; all of a long recording take a fraction of a second.
        """
        if self.session.get("series"):
            return self.recording.row_times(start, end)
        return self.recording.pose_times(feed, start, end)

    def frame(self, feed: Feed, time: float) -> NDArray[np.uint8] | None:
        """The newest stored picture of a feed at or before `time`, s, RGB [height, width, 3].

        None where none was stored, or it is over 0.5 s old. A file of pictures that cannot be read
        is said in `warnings`, once.
        """
        if feed in self._unopened:
            try:
                self._readers[feed] = VideoReader(self._unopened.pop(feed))
            except RecordingError as error:
                self.warnings.append(str(error))
        reader = self._readers.get(feed)
        return None if reader is None else reader.at(time)

    def close(self) -> None:
        """Close all files."""
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()
        self._unopened.clear()
        self.recording.close()


def row_at(timeline: Timeline, time_s: float, hop: float) -> Score | None:
    """The newest row at or before a moment, as `Replay.score` has it, of rows that are at hand.

    Parameters
    ----------
    timeline : Timeline
    time_s : float
        Seconds on the session's clock.
    hop : float
        Time between two rows, s.

    Returns
    -------
    Score or None
        None before the first row, and where the newest is older than a hop and `MAX_AGE_S`.
    """
    row = int(np.searchsorted(timeline.time_s, time_s + _SLACK, side="right")) - 1
    if row < 0 or time_s - timeline.time_s[row] > _lasts(hop):
        return None
    (score,) = Timeline({name: column[row : row + 1] for name, column in timeline.columns.items()})
    return score


def _lasts(hop: float) -> float:
    """How long a row stands for what comes after it, s."""
    return max(hop, MAX_AGE_S)
