"""Painting of skeletons: what `mirror.skeleton` says is drawn."""

from collections.abc import Collection, Iterable
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPolygonF

from mirror.colours import ALIKE, rgb
from mirror.skeleton import Circle, Line, draw_figure

_OUTLINE: Final = QColor(0, 0, 0, 170)
_FAINT_ALPHA: Final = 150  # of 255


def paint_skeleton(
    painter: QPainter,
    landmarks: NDArray[np.float32],
    box: QRectF,
    colour: str,
    *,
    room: QRectF,
    on_dark: bool,
    alike: Collection[str] = (),
) -> None:
    """Paint those parts of a skeleton, in the person's colour "#rrggbb", that are within `room`.

    `landmarks` [33, 4] are x and y in widths and heights of the frame, of which `box` is the
    rectangle, z, and visibility. Joints with a visibility below `MIN_VISIBILITY` are hollow, their
    lines faint and dotted. Solid lines have a dark edge, so that they are visible on any frame;
    `on_dark` says that there is no frame, and the ground is dark. Regions whose posture is `alike`
    the other's are thick, in one colour, with a core.
    """
    figure = draw_figure(
        landmarks, (box.width(), box.height()), rgb(colour), on_dark=on_dark, alike=alike
    )
    thick = figure.thick
    painter.save()
    painter.setClipRect(room, Qt.ClipOperation.IntersectClip)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.topLeft())
    for part in figure.parts:  # solid lines over faint ones
        shade = _faint_colour(QColor(*part.shade))
        painter.setPen(QPen(shade, 0.6 * thick, Qt.PenStyle.DotLine))
        for start, end in part.faint:
            painter.drawLine(QPointF(*start), QPointF(*end))
    for part in figure.parts:
        _paint_lines(painter, part.solid, QPen(_OUTLINE, thick + 2))
        _paint_lines(painter, part.solid, QPen(QColor(*part.shade), thick))
    same = ((_OUTLINE, 2 * thick + 2), (ALIKE, 2 * thick), (_OUTLINE, 0.3 * thick))
    pens = [QPen(QColor(edge), width) for edge, width in same]
    for pen in pens:
        _paint_lines(painter, figure.alike, pen)
    shade = QColor(*figure.parts[0].shade)
    if not figure.head.seen:
        pens = [QPen(_faint_colour(shade), 0.5 * thick)]
    elif "head" not in alike:
        pens = [QPen(_OUTLINE, 0.8 * thick + 2), QPen(shade, 0.8 * thick)]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in pens:
        painter.setPen(pen)
        painter.drawEllipse(QPointF(*figure.head.centre), figure.head.radius, figure.head.radius)
    for part in figure.parts:
        for joint in part.joints:
            _paint_joint(painter, joint, QColor(*part.shade), thick)
    painter.restore()


def _paint_lines(painter: QPainter, lines: Iterable[Line], pen: QPen) -> None:
    # Flat lines and dots at their ends: Qt takes five times as long for lines with round ends.
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    for start, end in lines:
        painter.drawLine(QPointF(*start), QPointF(*end))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawPoints(QPolygonF([QPointF(*end) for end in {*chain.from_iterable(lines)}]))


def _paint_joint(painter: QPainter, joint: Circle, shade: QColor, thick: float) -> None:
    if joint.seen:
        painter.setPen(QPen(_OUTLINE, max(1.0, 0.15 * thick)))
        painter.setBrush(shade)
    else:
        painter.setPen(QPen(_faint_colour(shade), 0.3 * thick))
        painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(*joint.centre), joint.radius, joint.radius)


def _faint_colour(shade: QColor) -> QColor:
    faint = QColor(shade)
    faint.setAlpha(_FAINT_ALPHA)
    return faint
