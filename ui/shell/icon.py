"""The program's sign: two people's circles, and where they meet."""

from __future__ import annotations

from typing import Final

from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPixmap

from ui.shell.palette import LIGHT

_SIZES: Final = (16, 24, 32, 48, 64, 128, 256)


def icon() -> QIcon:
    """The icon in the usual sizes, each drawn for its own."""
    whole = QIcon()
    for size in _SIZES:
        whole.addPixmap(_draw(size))
    return whole


def _draw(size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    circles = []
    for x, colour in ((0.34, LIGHT.in_phase), (0.66, LIGHT.anti_phase)):
        circle = QPainterPath()
        circle.addEllipse(QPointF(x * size, 0.5 * size), 0.31 * size, 0.31 * size)
        painter.fillPath(circle, QColor(colour))
        circles.append(circle)
    painter.fillPath(circles[0].intersected(circles[1]), QColor("#ffffff"))
    painter.end()
    return pixmap
