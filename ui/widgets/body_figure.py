"""A small figure whose joints light up as they are seen well enough to count."""

from collections.abc import Hashable
from itertools import pairwise
from typing import Final

from PyQt6.QtCore import QPointF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPen
from PyQt6.QtWidgets import QWidget

from mirror.estimator.movement import JOINTS
from mirror.landmarks import Landmark
from mirror.session.placement import Placement
from mirror.wording import percent
from ui.shell.theme import theme
from ui.widgets.painting import PaintedWidget, inner_rect, paint_panel, with_opacity

# Of the person's left, which is on the right as seen from the front: x from the middle, y from the
# top, in heights of the figure.
_LEFT: Final = {
    "SHOULDER": (0.11, 0.27),
    "ELBOW": (0.19, 0.42),
    "WRIST": (0.24, 0.57),
    "HIP": (0.07, 0.56),
    "KNEE": (0.08, 0.75),
    "ANKLE": (0.08, 0.94),
}
_HEAD: Final = (0.0, 0.1)
_HEAD_RADIUS: Final = 0.085
_DOT: Final = 0.038
_CHAINS: Final = (("SHOULDER", "ELBOW", "WRIST"), ("SHOULDER", "HIP", "KNEE", "ANKLE"))
_LINES: Final = (
    ("LEFT_SHOULDER", "RIGHT_SHOULDER"),
    ("LEFT_HIP", "RIGHT_HIP"),
    *(
        (f"{side}_{a}", f"{side}_{b}")
        for side in ("LEFT", "RIGHT")
        for chain in _CHAINS
        for a, b in pairwise(chain)
    ),
)
_SIZE: Final = QSize(46, 76)

_PLACES: Final = {
    f"{side}_{name}": (sign * x, y)
    for side, sign in (("LEFT", 1), ("RIGHT", -1))
    for name, (x, y) in _LEFT.items()
}


class BodyFigure(PaintedWidget):
    """Shows a `Placement`: joints that count are filled, the others hollow, their lines dotted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("What is seen of the body", parent)
        self._placement: Placement | None = None
        self.setFixedSize(_SIZE)

    def show_placement(self, placement: Placement | None) -> None:
        self._placement = placement
        self.describe("" if placement is None else f"{percent(placement.share)} of the body seen")
        self.update()

    def background_key(self) -> Hashable:
        return None if self._placement is None else self._placement.seen.tobytes()

    def paint_background(self, painter: QPainter) -> None:
        palette, high = theme().palette, float(self.height())
        marks = [] if self._placement is None else zip(JOINTS, self._placement.seen, strict=True)
        seen = {mark.name for mark, is_seen in marks if is_seen}
        room = inner_rect(self)
        paint_panel(painter, room, with_opacity(palette.surface, 0.9))  # it may lie over a frame
        lit, unlit = QColor(palette.text), QColor(palette.outline)

        def at(place: tuple[float, float]) -> QPointF:
            return QPointF(room.center().x() + place[0] * high, (0.03 + 0.94 * place[1]) * high)

        for a, b in _LINES:
            both = {a, b} <= seen
            style = Qt.PenStyle.SolidLine if both else Qt.PenStyle.DotLine
            painter.setPen(QPen(lit if both else unlit, 2.0 if both else 1.0, style))
            painter.drawLine(at(_PLACES[a]), at(_PLACES[b]))
        for name, place in (*_PLACES.items(), (Landmark.NOSE.name, _HEAD)):
            radius = (_HEAD_RADIUS if place == _HEAD else _DOT) * high
            painter.setPen(QPen(lit if name in seen else unlit, 1.2))
            painter.setBrush(lit if name in seen else QColor(palette.surface))
            painter.drawEllipse(at(place), radius, radius)
