"""Play back a recording: its timeline, and poses and frames by time."""

import math
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror._support.closing import Closeable
from mirror.errors import RecordingError
from mirror.landmarks import FEEDS, Feed, Pose
from mirror.recording.database import video_paths
from mirror.recording.reader import MAX_AGE_S, Progress, Recording
from mirror.recording.video import VideoReader, own_shape
from mirror.settings import Settings
from mirror.skeleton import WHOLE_FRAME, Extent, find_extent
from mirror.timeline import Score, Timeline

OUTLINE: Final = 2000  # most rows read at opening: about one per pixel of a screen
_EXTENT_POSES: Final = 150  # of each feed
TOLERANCE_S: Final = 1e-6  # s; a row has the time of the frame that completed it, but for rounding


class Replay(Closeable):
    """What a player needs of a recording. Use `Replay.open`, as a context manager or with `close`.

    Eight hours open as fast as a minute: only an outline of the rows is read at once, everything
    else on demand. The outline has at most `OUTLINE` stored rows, evenly spread from the first to
    the last; session, settings and duration are those at opening. It `has_video` if one of at least
    one feed exists; `warnings` are problems with the videos, one line each.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.session: dict[str, Any] = recording.session
        self.settings: Settings = recording.settings
        self.outline: Timeline = recording.sample(OUTLINE)
        self._timeline = self.outline if recording.row_count <= OUTLINE else None
        self.duration: float = recording.duration
        self._unopened = {
            feed: path for feed, path in video_paths(recording.path).items() if path.exists()
        }
        self._readers: dict[Feed, VideoReader] = {}
        self.has_video = bool(self._unopened)
        self.warnings: list[str] = []

    @classmethod
    def open(cls, path: Path | str) -> "Replay":
        """Open a recording for playback.

        Raise RecordingError if it cannot be read; other methods do if rows or poses are damaged.
        """
        with ExitStack() as undo:
            replay = cls(undo.enter_context(Recording.open(path)))
            undo.pop_all()
        return replay

    @property
    def whole(self) -> bool:
        """Whether all rows are in memory; if not, `timeline` reads them."""
        return self._timeline is not None

    @property
    def timeline(self) -> Timeline:
        """All stored rows."""
        if self._timeline is None:
            self._timeline = self.recording.timeline()
        return self._timeline

    def read(self, progress: Progress) -> None:
        """Read all rows, as `Recording.timeline`; may run on another thread."""
        with Recording.open(self.recording.path) as recording:
            self._timeline = recording.timeline(progress)

    def score(self, time_s: float) -> Score | None:
        """Return the row that is valid at a time, s, as `row_at`; reads one row if need be."""
        if self._timeline is not None:
            return row_at(self._timeline, time_s, self.settings.hop)
        score = self.recording.score_at(time_s + TOLERANCE_S)
        if score is None or _is_outdated(score.time_s, time_s, self.settings.hop):
            return None
        return score

    def pose(self, feed: Feed, time: float) -> Pose | None:
        """Return a feed's newest pose at or before `time`, s; None if older than `MAX_AGE_S`."""
        return self.recording.pose_at(feed, time)

    @cached_property
    def extents(self) -> dict[Feed, Extent]:
        """The part of the frame in which each person moves, estimated from a sample of the poses.

        The whole frame if the recording has video, which is shown uncropped.
        """
        whole = dict.fromkeys(FEEDS, WHOLE_FRAME)
        if self.has_video:
            return whole
        times = np.linspace(0.0, self.duration, _EXTENT_POSES).tolist()
        try:
            return {feed: find_extent(self.pose(feed, time) for time in times) for feed in FEEDS}
        except RecordingError:  # reported where a damaged pose is shown
            return whole

    def times(
        self, feed: Feed, start: float = -math.inf, end: float = math.inf
    ) -> NDArray[np.float64]:
        """Return the rising times of a feed's frames from `start` to `end`, s, both included.

        For recordings that hold scores only, the times of the rows. Fast for a short span; all of a
        long recording take a fraction of a second.
        """
        if self.session.get("series"):
            return self.recording.row_times(start, end)
        return self.recording.pose_times(feed, start, end)

    def frame(self, feed: Feed, time: float) -> NDArray[np.uint8] | None:
        """Return a feed's newest stored frame at or before `time`, s, RGB [height, width, 3].

        None if none was stored, or it is older than `MAX_AGE_S`. A video that cannot be read is
        added to `warnings`, once.
        """
        if feed in self._unopened:
            try:
                self._readers[feed] = VideoReader(self._unopened.pop(feed))
            except RecordingError as error:
                self.warnings.append(str(error))
        reader = self._readers.get(feed)
        shift = self.recording.shift_b if feed == "b" else 0.0
        if reader is None or (image := reader.at(time - shift)) is None:
            return None
        pose = self.pose(feed, time)
        return image if pose is None else own_shape(image, pose.width, pose.height)

    def close(self) -> None:
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()
        self._unopened.clear()
        self.recording.close()


def row_at(timeline: Timeline, time_s: float, hop: float) -> Score | None:
    """Return the row that is valid at a time: the newest one at or before it.

    None before the first row, and if the newest is older than both `hop`, s, and `MAX_AGE_S`.
    """
    row = int(np.searchsorted(timeline.time_s, time_s + TOLERANCE_S, side="right")) - 1
    if row < 0 or _is_outdated(timeline.time_s[row], time_s, hop):
        return None
    (score,) = Timeline({name: column[row : row + 1] for name, column in timeline.columns.items()})
    return score


def _is_outdated(row_time_s: float, time_s: float, hop: float) -> bool:
    return time_s - row_time_s > max(hop, MAX_AGE_S)
