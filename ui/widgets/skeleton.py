"""Painting of skeletons: what `mirror.skeleton` says is drawn."""

from collections.abc import Collection, Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

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
        pen = QPen(_faint_colour(QColor(*part.shade)), 0.6 * thick, Qt.PenStyle.DotLine)
        _paint_lines(painter, part.faint, pen)
    for part in figure.parts:
        for edge, width in ((_OUTLINE, thick + 2), (QColor(*part.shade), thick)):
            pen = QPen(edge, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
            _paint_lines(painter, part.solid, pen)
    same = [(_OUTLINE, 2 * thick + 2), (QColor(ALIKE), 2 * thick), (_OUTLINE, 0.3 * thick)]
    pens = [QPen(each, wide, cap=Qt.PenCapStyle.RoundCap) for each, wide in same]
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
    painter.setPen(pen)
    for start, end in lines:
        painter.drawLine(QPointF(*start), QPointF(*end))


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
