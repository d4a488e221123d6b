"""The signs of a player, drawn: a font may lack them, or give them colours of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

SIDE: Final = 18
"""Width and height of a sign, device-independent pixels."""

_RATIOS: Final = (1, 2, 3)


def _triangle(path: QPainterPath, left: float, right: float) -> None:
    """Pointing from left to right, whichever lies where; in units of the sign, 0…18."""
    path.addPolygon(QPolygonF([QPointF(left, 3), QPointF(right, 9), QPointF(left, 15)]))
    path.closeSubpath()


def _bar(path: QPainterPath, left: float, width: float = 2.5) -> None:
    path.addRect(QRectF(left, 3, width, 12))


def _play(path: QPainterPath) -> None:
    _triangle(path, 4, 15)


def _pause(path: QPainterPath) -> None:
    _bar(path, 4, 3.5)
    _bar(path, 10.5, 3.5)


def _forward(path: QPainterPath) -> None:
    _triangle(path, 2, 9)
    _triangle(path, 9, 16)


def _frame_forward(path: QPainterPath) -> None:
    _bar(path, 3)
    _triangle(path, 7.5, 16)


def _to_event(path: QPainterPath) -> None:
    _triangle(path, 2, 10)
    _bar(path, 11, 1.8)
    path.addPolygon(QPolygonF([QPointF(12.8, 3), QPointF(17.5, 5.5), QPointF(12.8, 8)]))


def _selection_start(path: QPainterPath) -> None:
    path.addRect(QRectF(5, 3, 2, 12))
    path.addRect(QRectF(7, 3, 5, 2))
    path.addRect(QRectF(7, 13, 5, 2))


def _loop(path: QPainterPath) -> None:
    outer, inner = QPainterPath(), QPainterPath()
    outer.addRoundedRect(QRectF(1.5, 4.5, 15, 11), 5.5, 5.5)
    inner.addRoundedRect(QRectF(3.3, 6.3, 11.4, 7.4), 3.7, 3.7)
    arrow = QPainterPath()
    arrow.addPolygon(QPolygonF([QPointF(7.5, 1), QPointF(13, 5.5), QPointF(7.5, 10)]))
    arrow.closeSubpath()
    path.addPath(outer.subtracted(inner).united(arrow))


_SIGNS: Final[dict[str, tuple[Callable[[QPainterPath], None], bool]]] = {
    # Each with whether it is turned round.
    "play": (_play, False),
    "pause": (_pause, False),
    "back": (_forward, True),
    "forward": (_forward, False),
    "frame back": (_frame_forward, True),
    "frame forward": (_frame_forward, False),
    "previous event": (_to_event, True),
    "next event": (_to_event, False),
    "selection start": (_selection_start, False),
    "selection end": (_selection_start, True),
    "loop": (_loop, False),
}


def sign(name: str, colour: str) -> QIcon:
    """A sign by the name of what it stands for, sharp at every density of pixels."""
    draw, turned = _SIGNS[name]
    path = QPainterPath()
    draw(path)
    icon = QIcon()
    for ratio in _RATIOS:
        pixmap = QPixmap(SIDE * ratio, SIDE * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if turned:
            painter.translate(SIDE, 0)
            painter.scale(-1, 1)
        painter.setPen(QPen(Qt.PenStyle.NoPen))
        painter.setBrush(QColor(colour))
        painter.drawPath(path)
        painter.end()
        icon.addPixmap(pixmap)
    return icon
