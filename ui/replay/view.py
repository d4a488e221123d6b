"""A recording as it is seen at one moment, and its whole timeline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from mirror.landmarks import Feed
from mirror.recording.playback import row_at
from mirror.timeline import Score, Timeline
from ui.replay.frames import Shown
from ui.widgets.dial import PhaseDial
from ui.widgets.feed import FeedTile
from ui.widgets.meters import Meters
from ui.widgets.regions import RegionBars
from ui.widgets.timeline.view import TimelineView
from ui.widgets.verdict import Verdict

_SHARES: Final = (5, 3)
"""Of the height: pictures and meters, regions and timeline."""

NO_SCORE: Final = "No score at this moment"
NO_POSES: Final = "This recording holds scores only, of plain series"
OUTLINE: Final = "An outline; not all rows are read yet"

RowAt = Callable[[float], Score | None]
"""The row that holds at a moment, s."""


class ReplayView(QWidget):
    """Both people, the dial, the meters, one sentence and the timeline; it asks nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles: dict[Feed, FeedTile] = {
            "a": FeedTile(self, feed="a"),
            "b": FeedTile(self, feed="b"),
        }
        self.dial = PhaseDial(self)
        self.meters = Meters(self)
        self.verdict = Verdict(self)
        self.regions = RegionBars(self)
        self.timeline = TimelineView(self)
        self._row_at: RowAt | None = None
        self._has_poses = True
        self._score: Score | None = None
        self._seen: dict[Feed, Shown] = {}

        middle = QVBoxLayout()
        middle.setSpacing(8)
        middle.addWidget(self.dial, 3)
        middle.addWidget(self.meters, 2)
        pictures = QHBoxLayout()
        pictures.setSpacing(12)
        pictures.addWidget(self.tiles["a"], 4)
        pictures.addLayout(middle, 3)
        pictures.addWidget(self.tiles["b"], 4)
        upper = QWidget(self)
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(pictures, 1)
        column.addWidget(self.verdict)
        lower = QWidget(self)
        grid = QGridLayout(lower)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(12)
        grid.addWidget(self.regions, 0, 0)
        grid.addWidget(self.timeline, 0, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 4)
        self.regions.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        parts = QSplitter(Qt.Orientation.Vertical, self)
        parts.setChildrenCollapsible(False)
        for part, share in zip((upper, lower), _SHARES, strict=True):
            parts.addWidget(part)
            parts.setStretchFactor(parts.count() - 1, share)
        parts.setSizes([100 * share for share in _SHARES])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(parts)

    @property
    def score(self) -> Score | None:
        """The row that is shown."""
        return self._score

    def clear(self) -> None:
        """Show nothing, for another recording."""
        self._row_at = self._score = None
        self._seen = {}
        for tile in self.tiles.values():
            tile.clear()
        for widget in (self.dial, self.meters, self.regions, self.timeline):
            widget.clear()
        self.verdict.show_text("")

    def begin(self, names: tuple[str, str], *, has_poses: bool) -> None:
        """Another recording, of these two people."""
        self.clear()
        self._has_poses = has_poses
        for tile, name in zip(self.tiles.values(), names, strict=True):
            tile.set_name(name)
            tile.show_message("" if has_poses else NO_POSES)
        for widget in (self.dial, self.verdict, self.timeline):
            widget.set_names(*names)

    def show_timeline(self, timeline: Timeline, hop: float) -> None:
        """These rows from now on, `hop` seconds apart; what is in view and selected stays so."""
        self.timeline.set_timeline(timeline)
        self._begin_rows(partial(row_at, timeline, hop=hop))

    def show_outline(self, outline: Timeline, hop: float, row_at: RowAt) -> None:
        """Some rows of a timeline that has one every `hop` seconds; any of them by its moment."""
        self.timeline.set_outline(outline, hop, OUTLINE)
        self._begin_rows(row_at)

    def complete(self, timeline: Timeline, hop: float) -> None:
        """All rows of the timeline whose outline is shown; what is shown of a moment stays so."""
        self.timeline.set_timeline(timeline)
        self._row_at = partial(row_at, timeline, hop=hop)  # no more looks into the file

    def _begin_rows(self, row_at: RowAt) -> None:
        self._row_at, self._score = row_at, None
        self.dial.clear()

    def show_moment(self, time_s: float) -> None:
        """Put the cursor at a moment, s, and show the scores of it."""
        self.timeline.set_cursor(time_s)
        if self._row_at is None:
            return
        score = self._row_at(time_s)
        if score is not None and self._score is not None and score.time_s == self._score.time_s:
            return
        self._score = score
        for widget in (self.dial, self.meters, self.regions):
            widget.show_score(score)
        if score is None:
            self.verdict.show_text(NO_SCORE)
        else:
            self.verdict.show_score(score)

    def show_seen(self, seen: Sequence[Shown]) -> None:
        """Show what the feeds saw; what is shown already is not drawn again."""
        if not self._has_poses:
            return
        for each in seen:
            if not each.same_as(self._seen.get(each.feed)):
                self._seen[each.feed] = each
                self.tiles[each.feed].show_picture(each.image, each.pose)

    def set_skeleton_only(self, only: bool) -> None:
        """Show the skeletons alone, from the next `show_seen` on."""
        self._seen = {}
        for tile in self.tiles.values():
            tile.set_skeleton_only(only)
