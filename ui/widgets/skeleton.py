"""Painting of skeletons: joints and the lines between them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from mirror.colours import rgb
from mirror.landmarks import MIN_VISIBILITY
from mirror.skeleton import shaded_parts

_OUTLINE: Final = QColor(0, 0, 0, 170)
_FAINT_ALPHA: Final = 150  # of 255
_THICKNESS: Final = 1 / 130  # of a line, in heights of the frame


def paint_skeleton(
    painter: QPainter, landmarks: NDArray[np.float32], box: QRectF, colour: str
) -> None:
    """Paint a skeleton, clipped to the frame.

    Joints with a visibility below `MIN_VISIBILITY` are hollow, their lines faint and dotted. Solid
    lines have a dark edge, so that they are visible on any frame.

    Parameters
    ----------
    painter : QPainter
    landmarks : ndarray [33, 4]
        x and y in frame widths and heights, z, visibility.
    box : QRectF
        The frame's rectangle.
    colour : str
        The person's colour, "#rrggbb".
    """
    points = [
        QPointF(box.left() + x * box.width(), box.top() + y * box.height())
        for x, y in landmarks[:, :2].tolist()
    ]
    seen: list[bool] = (landmarks[:, 3] >= MIN_VISIBILITY).tolist()
    thick = max(2.0, box.height() * _THICKNESS)
    parts = [(part, QColor(*shade)) for part, shade in shaded_parts(rgb(colour))]
    painter.save()
    painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for faint in (True, False):  # solid lines over faint ones
        for part, shade in parts:
            lines = [
                QLineF(points[a], points[b])
                for a, b in part.bones
                if (seen[a] and seen[b]) != faint
            ]
            _paint_lines(painter, lines, shade, thick, faint=faint)
    for part, shade in parts:
        for joint in part.joints:
            _paint_joint(painter, points[joint], shade, thick, hollow=not seen[joint])
    painter.restore()


def _paint_lines(
    painter: QPainter, lines: list[QLineF], shade: QColor, thick: float, *, faint: bool
) -> None:
    if not lines:
        return
    if faint:
        painter.setPen(QPen(_faint_colour(shade), 0.8 * thick, Qt.PenStyle.DotLine))
        painter.drawLines(*lines)
        return
    for colour, width in ((_OUTLINE, 1.8 * thick), (shade, thick)):
        painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLines(*lines)


def _paint_joint(
    painter: QPainter, point: QPointF, shade: QColor, thick: float, *, hollow: bool
) -> None:
    if hollow:
        painter.setPen(QPen(_faint_colour(shade), 0.6 * thick))
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        painter.setPen(QPen(_OUTLINE, 0.4 * thick))
        painter.setBrush(shade)
    painter.drawEllipse(point, 1.4 * thick, 1.4 * thick)


def _faint_colour(shade: QColor) -> QColor:
    faint = QColor(shade)
    faint.setAlpha(_FAINT_ALPHA)
    return faint
