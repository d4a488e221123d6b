"""Shared painting: a cached background, fonts that fit, the three fills, animated values."""

import math
from collections.abc import Hashable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PyQt6 import QtGui
from PyQt6.QtCore import QElapsedTimer, QObject, QPointF, QRectF, QSize, QSizeF, Qt
from PyQt6.QtWidgets import QStyle, QWidget

from mirror._support.opencv import cv2
from ui.shell.theme import theme
from ui.widgets.build import timer

ANIMATION_MS: Final = 100  # duration of an animation: until the next score at the default hop

WRAPPED: Final = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

_FRAME_MS: Final = 25


class PaintedWidget(QWidget):
    """A widget that paints itself in the theme's colours, over a cached background.

    The background is painted again only when size, theme, font, pixel density or `background_key`
    has changed. `hint` and `least` are its preferred and its smallest size; invalid for any.
    """

    hint = least = QSize()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._background: tuple[Hashable, QtGui.QPixmap] | None = None
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return self.hint

    def minimumSizeHint(self) -> QSize:
        return self.least

    def background_key(self) -> Hashable:
        """Return what else the background depends on."""
        return None

    def paint_background(self, painter: QtGui.QPainter) -> None:
        """Paint what rarely changes, and store the layout for `paint_foreground`."""

    def paint_foreground(self, painter: QtGui.QPainter) -> None:
        """Paint what often changes, over the background."""

    def describe(self, text: str, note: str = "") -> None:
        """Set the text for screen readers and the tooltip, which has a note below it."""
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
            self.setToolTip(f"{text}\n{note}" if note else text)

    def paintEvent(self, _event: QtGui.QPaintEvent | None) -> None:
        background = self._cached_background()
        painter = smooth_painter(self)
        painter.drawPixmap(0, 0, background)
        self.paint_foreground(painter)
        painter.end()

    def _cached_background(self) -> QtGui.QPixmap:
        ratio = self.devicePixelRatioF()
        size = (self.width(), self.height())
        key = (size, ratio, theme().palette, self.font().key(), self.background_key())
        if self._background is None or self._background[0] != key:
            pixmap = blank_pixmap(*size, ratio)
            painter = smooth_painter(pixmap)
            self.paint_background(painter)
            painter.end()
            self._background = (key, pixmap)
        return self._background[1]


class ValueAnimation(QObject):
    """Moves shown values linearly to the newest ones within `ANIMATION_MS`.

    It jumps to and from NaN, while the widget is hidden, and if the desktop or `enabled` says so.

    The widget, which shows the `count` numbers of `values`, is updated at every step.
    """

    def __init__(self, widget: QWidget, count: int) -> None:
        super().__init__(widget)
        self._widget = widget
        self.enabled = True
        self._start = self._target = self.values = (math.nan,) * count
        self._clock = QElapsedTimer()
        self._timer = timer(self, _FRAME_MS, self._step)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)

    def set_target(self, *values: float) -> None:
        """Move to these values; NaN is undefined."""
        style = self._widget.style()
        hint = QStyle.StyleHint.SH_Widget_Animation_Duration
        animated = style is not None and style.styleHint(hint, None, self._widget) > 0
        self._start, self._target = self.values, values
        if not (self._widget.isVisible() and animated and self.enabled) or any(
            map(math.isnan, (*self._start, *values))
        ):
            self._finish()
        elif self.values != values:
            self._clock.start()
            self._timer.start()

    def _step(self) -> None:
        share = self._clock.elapsed() / ANIMATION_MS
        if share >= 1:
            self._finish()
            return
        self.values = tuple(
            start + share * (end - start)
            for start, end in zip(self._start, self._target, strict=True)
        )
        self._widget.update()

    def _finish(self) -> None:
        self._timer.stop()
        self.values = self._target
        self._widget.update()


def blank_pixmap(width: int, height: int, ratio: float = 1.0) -> QtGui.QPixmap:
    """Return a transparent pixmap of a size in device-independent pixels."""
    pixmap = QtGui.QPixmap(*(max(1, math.ceil(side * ratio)) for side in (width, height)))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap


def smooth_painter(device: QtGui.QPaintDevice) -> QtGui.QPainter:
    """Return a painter of smooth edges."""
    painter = QtGui.QPainter(device)
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
    return painter


def as_image(pixels: NDArray[np.uint8]) -> QtGui.QImage:
    """Return a copy of RGB pixels [height, width, 3], in the form that Qt paints fastest."""
    height, width = pixels.shape[:2]
    data: Any = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGRA)  # Qt takes any buffer, its stubs bytes
    return QtGui.QImage(data, width, height, 4 * width, QtGui.QImage.Format.Format_RGB32).copy()


def paint_panel(painter: QtGui.QPainter, room: QRectF, fill: QtGui.QColor | None = None) -> None:
    """Paint the ground of a frame or figure: a rounded rectangle with a border."""
    painter.setPen(QtGui.QPen(QtGui.QColor(theme().palette.border), 1))
    painter.setBrush(fill or QtGui.QColor(theme().palette.surface))
    painter.drawRoundedRect(room, 6, 6)


def inner_rect(widget: QWidget) -> QRectF:
    """Return where a line of one pixel around a widget is drawn."""
    return QRectF(widget.rect()).adjusted(0.5, 0.5, -0.5, -0.5)


def with_opacity(colour: str, opacity: float) -> QtGui.QColor:
    """Return a colour with an opacity of 0…1."""
    result = QtGui.QColor(colour)
    result.setAlphaF(min(1.0, max(0.0, opacity)))
    return result


def sized_font(font: QtGui.QFont, pixels: float, *, bold: bool = False) -> QtGui.QFont:
    """Return the font in a size of device-independent pixels."""
    result = QtGui.QFont(font)
    result.setPixelSize(max(1, round(pixels)))
    result.setBold(bold)
    return result


def fit_font(
    font: QtGui.QFont, text: str, room: QRectF, largest: float, smallest: float = 5
) -> QtGui.QFont:
    """Return the font in the largest size, within bounds, in which the wrapped text fits."""
    low, high = round(smallest), max(round(smallest), round(largest))
    unlimited = QRectF(0, 0, room.width(), 1e6)
    while low < high:
        middle = (low + high + 1) // 2
        metrics = QtGui.QFontMetricsF(sized_font(font, middle, bold=font.bold()))
        needed = metrics.boundingRect(unlimited, int(Qt.TextFlag.TextWordWrap), text)
        if needed.width() <= room.width() and needed.height() <= room.height():
            low = middle
        else:
            high = middle - 1
    return sized_font(font, low, bold=font.bold())


def draw_text(
    painter: QtGui.QPainter,
    font: QtGui.QFont,
    colour: str,
    room: QRectF,
    text: str,
    flags: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignCenter,
) -> None:
    """Draw a text in a rectangle; flags such as `WRAPPED` or an alignment may be given."""
    painter.setFont(font)
    painter.setPen(QtGui.QColor(colour))
    painter.drawText(room, int(flags), text)


def paint_tag(
    painter: QtGui.QPainter, corner: QPointF, room: float, name: str, colour: str
) -> None:
    """Write a name, cut to a room in pixels, on a dark tag with a coloured edge, on any frame."""
    name = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(room) - 12)
    tag = QRectF(corner, QSizeF(painter.fontMetrics().horizontalAdvance(name) + 12, 20))
    painter.setPen(QtGui.QPen(QtGui.QColor(colour), 2))
    painter.setBrush(QtGui.QColor(0, 0, 0, 190))
    painter.drawRoundedRect(tag, 4, 4)
    draw_text(painter, painter.font(), "#ffffff", tag, name)


def fill_score(painter: QtGui.QPainter, room: QRectF, kind: str, pitch: float) -> None:
    """Fill the bar of a score, so that it can be told apart without colour.

    In phase is solid, with round ends; anti-phase striped, with square ends; mirroring dotted, with
    cut corners; same posture has lines across, with square ends. `pitch`, device-independent
    pixels, is the distance between stripes or dots.
    """
    colour = QtGui.QColor(getattr(theme().palette, kind))
    pale = with_opacity(theme().palette.surface, 0.55)
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPath(outline_score(room, kind))
    if kind in ("anti_phase", "posture_match"):
        painter.setClipRect(room)
        painter.setPen(QtGui.QPen(pale, 0.22 * pitch))
        slant = room.width() if kind == "anti_phase" else 0.0
        # From the bottom, so that stripes stay in place while the bar grows.
        y = room.bottom() + slant
        while y > room.top():
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y - slant))
            y -= pitch
    elif kind == "mirroring" and not room.isEmpty():
        painter.setClipRect(room)
        painter.setBrush(pale)
        columns = max(1, round(room.width() / pitch))
        step = room.width() / columns
        for row in range(math.ceil(room.height() / step)):
            y = room.bottom() - (row + 0.5) * step
            for column in range(columns):
                x = room.left() + (column + 0.5) * step
                painter.drawEllipse(QPointF(x, y), 0.22 * step, 0.22 * step)
    painter.restore()


def outline_score(room: QRectF, kind: str) -> QtGui.QPainterPath:
    """Return the shape of a score's bar."""
    path = QtGui.QPainterPath()
    corner = min(room.width(), room.height(), 12.0) / 2
    if kind == "in_phase":
        path.addRoundedRect(room, corner, corner)
    elif kind in ("anti_phase", "posture_match"):
        path.addRect(room)
    else:
        left, top, right, bottom = room.left(), room.top(), room.right(), room.bottom()
        (x1, x2), (y1, y2) = (left + corner, right - corner), (top + corner, bottom - corner)
        xs = (x1, x2, right, right, x2, x1, left, left)
        ys = (top, top, y1, y2, bottom, bottom, y2, y1)
        path.addPolygon(QtGui.QPolygonF(map(QPointF, xs, ys)))
        path.closeSubpath()
    return path


def paint_arrows(painter: QtGui.QPainter, room: QRectF, kind: str) -> None:
    """Paint two arrows: both up, up and down, or one later; an equals sign for same posture."""
    side = min(room.width(), room.height())
    painter.save()
    painter.translate(room.center())
    colour = QtGui.QColor(getattr(theme().palette, kind))
    cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    painter.setPen(QtGui.QPen(colour, 0.11 * side, Qt.PenStyle.SolidLine, cap, join))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if kind == "posture_match":
        for y in (-0.16 * side, 0.16 * side):
            painter.drawLine(QPointF(-0.34 * side, y), QPointF(0.34 * side, y))
        painter.restore()
        return
    second = {"in_phase": (-0.36, 0.36), "anti_phase": (0.36, -0.36), "mirroring": (-0.02, 0.36)}
    for x, ends in ((-0.22 * side, second["in_phase"]), (0.22 * side, second[kind])):
        tip, end = (side * each for each in ends)
        back = tip + math.copysign(0.2 * side, end - tip)
        path = QtGui.QPainterPath(QPointF(x, end))
        path.lineTo(x, tip)
        path.moveTo(x - 0.16 * side, back)
        path.lineTo(x, tip)
        path.lineTo(x + 0.16 * side, back)
        painter.drawPath(path)
    painter.restore()
