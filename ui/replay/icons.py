"""Icons of the player, drawn: fonts may lack these symbols or colour them."""

from __future__ import annotations

from typing import Final

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPixmap, QPolygonF

ICON_SIZE: Final = 18
"""Width and height of an icon, device-independent pixels."""

_RATIOS: Final = (1, 2, 3)


def _triangle(left: float, tip: float, top: float = 3, bottom: float = 15) -> QPolygonF:
    """Return a triangle that points right, in units of the icon, 0…18."""
    middle = (top + bottom) / 2
    return QPolygonF([QPointF(left, top), QPointF(tip, middle), QPointF(left, bottom)])


def _bar(left: float, width: float = 2.5, top: float = 3, height: float = 12) -> QPolygonF:
    return QPolygonF(QRectF(left, top, width, height))


_SHAPES: Final = {
    "play": (_triangle(4, 15),),
    "pause": (_bar(4, 3.5), _bar(10.5, 3.5)),
    "forward": (_triangle(2, 9), _triangle(9, 16)),
    "frame forward": (_bar(3), _triangle(7.5, 16)),
    "next event": (_triangle(2, 10), _bar(11, 1.8), _triangle(12.8, 17.5, 3, 8)),
    "selection start": (_bar(5, 2), _bar(7, 5, 3, 2), _bar(7, 5, 13, 2)),
}
_MIRRORED: Final = {
    "back": "forward",
    "frame back": "frame forward",
    "previous event": "next event",
    "selection end": "selection start",
}


def _path(name: str) -> QPainterPath:
    path = QPainterPath()
    if name == "loop":
        inner = QPainterPath()
        path.addRoundedRect(QRectF(1.5, 4.5, 15, 11), 5.5, 5.5)
        inner.addRoundedRect(QRectF(3.3, 6.3, 11.4, 7.4), 3.7, 3.7)
        arrow = QPainterPath()
        arrow.addPolygon(_triangle(7.5, 13, 1, 10))
        return path.subtracted(inner).united(arrow)
    for shape in _SHAPES[name]:
        path.addPolygon(shape)
        path.closeSubpath()
    return path


def icon(name: str, colour: str) -> QIcon:
    """Return the icon of a command, sharp at every pixel density."""
    path = _path(_MIRRORED.get(name, name))
    result = QIcon()
    for ratio in _RATIOS:
        pixmap = QPixmap(ICON_SIZE * ratio, ICON_SIZE * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if name in _MIRRORED:
            painter.translate(ICON_SIZE, 0)
            painter.scale(-1, 1)
        painter.fillPath(path, QColor(colour))
        painter.end()
        result.addPixmap(pixmap)
    return result
