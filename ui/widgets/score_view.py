"""The widgets that show a score, shared by session and replay."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QCursor
from PyQt6.QtWidgets import QMenu, QSizePolicy, QWidget

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

    person_shown = pyqtSignal(object, object)  # (x, y) in the one frame, pixels; a feed or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mapping: Mapping_ = "mirror"  # of B's body to A's
        self.tiles: dict[Feed, FeedTile] = {feed: FeedTile(self, feed=feed) for feed in FEEDS}
        self._names, self._in_one_frame = ("A", "B"), False
        self.menu = QMenu(self)  # who is at the place that was clicked
        for tile in self.tiles.values():
            tile.clicked.connect(self._ask_who)
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

    def set_one_frame(self, one: bool) -> None:
        """Write the names at two people in one frame, and ask who is who where it is clicked."""
        self._in_one_frame = one
        self.set_names(*self._names)

    def _ask_who(self, x: float, y: float) -> None:
        self.menu.clear()
        texts = (*(f"This is {name}" for name in self._names), "Not one of us")
        for text, feed in zip(texts, (*FEEDS, None), strict=True):
            action = self.menu.addAction(text + self.reach())
            assert action is not None
            action.triggered.connect(lambda _on, feed=feed: self.person_shown.emit((x, y), feed))
        self.menu.popup(QCursor.pos())

    def reach(self) -> str:
        """Return for how long it holds who somebody is said to be, after a comma; "" for now."""
        return ""

    def set_names(self, a: str, b: str) -> None:
        self._names = (a, b)
        for tile, name in zip(self.tiles.values(), (a, b), strict=True):
            tile.set_name(name)
            tile.frame_view.set_tag(name if self._in_one_frame else "")
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
            tile.frame_view.show_alike(regions_of(alike, feed, self.mapping))
