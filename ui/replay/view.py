"""The view of a recording: frames and scores at one time, and its timeline."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QSplitter, QWidget

from mirror.landmarks import Feed
from mirror.recording.playback import row_at
from mirror.timeline import Score, Timeline
from ui.replay.frames import FeedFrame
from ui.widgets.build import horizontal, vertical
from ui.widgets.score_view import ScoreView

_STRETCH: Final = (5, 3)  # shares of the height: frames and meters; regions and timeline

NO_SCORE: Final = "No score at this time"
NO_POSES: Final = "Scores of plain series; no poses were recorded"
OUTLINE: Final = "Outline; not all rows are loaded"
SCORING: Final = "Outline; the other rows and chance levels follow"

RowAt = Callable[[float], Score | None]  # returns the row at a time, s


class ReplayView(ScoreView):
    """Shows frames, poses and scores of a recording."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row_at: RowAt | None = None
        self._has_poses = True
        self.score: Score | None = None
        self.feeds: dict[Feed, FeedFrame] = {}  # as they are shown

        upper, lower = QWidget(self), QWidget(self)
        middle = vertical((self.dial, 6), (self.meters, 5), spacing=8)
        frames = horizontal((self.tiles["a"], 4), (middle, 3), (self.tiles["b"], 4), spacing=12)
        vertical((frames, 1), self.verdict, inside=upper)
        horizontal((self.regions, 1), (self.timeline, 4), inside=lower, spacing=12)
        parts = QSplitter(Qt.Orientation.Vertical, self)
        parts.setChildrenCollapsible(False)
        for part, share in zip((upper, lower), _STRETCH, strict=True):
            parts.addWidget(part)
            parts.setStretchFactor(parts.count() - 1, share)
        parts.setSizes([100 * share for share in _STRETCH])
        vertical(parts, inside=self)

    def clear(self) -> None:
        self._row_at = self.score = None
        self.feeds = {}
        super().clear()

    def reach(self) -> str:
        is_unsure = any(each.pose is not None and each.pose.unsure for each in self.feeds.values())
        here = ", while it is not sure" if is_unsure else ", from here on"
        return here if self.timeline.selection is None else ", in the selection"

    def begin(self, names: tuple[str, str], *, has_poses: bool) -> None:
        """Clear the view for a recording of these two people."""
        self.clear()
        self._has_poses = has_poses
        self.set_names(*names)
        for tile in self.tiles.values():
            tile.show_message("" if has_poses else NO_POSES)

    def show_timeline(self, timeline: Timeline, hop: float) -> None:
        """Show these rows, `hop` seconds apart; the view and the selection stay."""
        self.timeline.set_timeline(timeline)
        self._begin_rows(partial(row_at, timeline, hop=hop))

    def show_outline(self, outline: Timeline, hop: float, row_at: RowAt, note: str) -> None:
        """Show some of a timeline's rows, to be drawn as wide as `hop`, s; `row_at` returns any."""
        self.timeline.set_timeline(outline, hop, note)
        self._begin_rows(row_at)

    def _begin_rows(self, row_at: RowAt) -> None:
        self._row_at, self.score = row_at, None
        self.dial.clear()

    def show_moment(self, time_s: float) -> None:
        """Move the cursor to a time, s, and show the scores there."""
        self.timeline.set_cursor(time_s)
        if self._row_at is None:
            return
        score = self._row_at(time_s)
        if score is not None and self.score is not None and score.time_s == self.score.time_s:
            return
        self.score = score
        self.show_score(score)
        if score is None:
            self.verdict.show_text(NO_SCORE)

    def show_feeds(self, frames: Sequence[FeedFrame]) -> None:
        """Show the feeds' frames and poses; those already shown are not drawn again."""
        if not self._has_poses:
            return
        for frame in frames:
            if not frame.is_same(self.feeds.get(frame.feed)):
                self.feeds[frame.feed] = frame
                self.tiles[frame.feed].show_frame(frame.image, frame.pose)

    def set_skeleton_only(self, only: bool) -> None:
        """Show only skeletons, or frames again, from the next `show_feeds` on."""
        self.feeds = {}
        super().set_skeleton_only(only)
