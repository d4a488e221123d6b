"""The widgets that show a score, shared by session and replay."""

from __future__ import annotations

from PyQt6.QtWidgets import QSizePolicy, QWidget

from mirror.landmarks import FEEDS, Feed
from mirror.mimicry import regions_of, same_posture
from mirror.settings import Mapping_
from mirror.timeline import Score
from ui.widgets.dial import PhaseDial
from ui.widgets.feed import FeedTile
from ui.widgets.meters import Meters
from ui.widgets.regions import RegionBars
from ui.widgets.timeline.view import TimelineView
from ui.widgets.verdict import Verdict


class ScoreView(QWidget):
    """Both people, dial, meters, verdict, regions and timeline; laid out by subclasses."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mapping: Mapping_ = "mirror"
        """Of B's body to A's."""
        self.tiles: dict[Feed, FeedTile] = {feed: FeedTile(self, feed=feed) for feed in FEEDS}
        self.dial = PhaseDial(self)
        self.meters = Meters(self)
        self.verdict = Verdict(self)
        self.regions = RegionBars(self)
        self.regions.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.timeline = TimelineView(self)

    def clear(self) -> None:
        for tile in self.tiles.values():
            tile.clear()
        self.dial.clear()
        self.timeline.clear()
        self.show_score(None)

    def set_names(self, a: str, b: str) -> None:
        for tile, name in zip(self.tiles.values(), (a, b), strict=True):
            tile.set_name(name)
        for widget in (self.dial, self.meters, self.verdict, self.timeline):
            widget.set_names(a, b)

    def set_skeleton_only(self, only: bool) -> None:
        """Show only skeletons, or frames again as they arrive."""
        for tile in self.tiles.values():
            tile.set_skeleton_only(only)

    def show_score(self, score: Score | None) -> None:
        """Show a row everywhere but in the timeline."""
        for widget in (self.dial, self.meters, self.verdict, self.regions):
            widget.show_score(score)
        alike = () if score is None else same_posture(score)
        for feed, tile in self.tiles.items():
            tile.show_alike(regions_of(alike, feed, self.mapping))
