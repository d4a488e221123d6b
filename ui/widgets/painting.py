"""What painted widgets share: a ground drawn once, text that fits, the two fills, a glide."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Final

from PyQt6.QtCore import QElapsedTimer, QObject, QPointF, QRectF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PyQt6.QtWidgets import QStyle, QWidget

from ui.shell.theme import theme

GLIDE_MS: Final = 100
"""A glide is over when the next score comes: the default hop."""

_FRAME_MS: Final = 25


class Painted(QWidget):
    """A widget that paints itself, in the theme's colours and for the screen's pixels.

    What does not change with the values is drawn once into a pixmap, and again when the size, the
    colours, the font, the pixels' density or `ground_key` have changed.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._ground: tuple[Hashable, QPixmap] | None = None
        theme().changed.connect(self.update)

    def ground_key(self) -> Hashable:
        """What else the ground depends on."""
        return None

    def paint_ground(self, painter: QPainter) -> None:
        """Paint what stays, and note the places that `paint_values` needs."""
        raise NotImplementedError

    def paint_values(self, painter: QPainter) -> None:
        """Paint what changes, over the ground."""
        raise NotImplementedError

    def describe(self, text: str) -> None:
        """Say what is shown, for screen readers and as a tooltip."""
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
            self.setToolTip(text)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        ground = self._drawn_ground()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(0, 0, ground)
        self.paint_values(painter)
        painter.end()

    def _drawn_ground(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        size = (self.width(), self.height())
        key = (size, ratio, theme().palette, self.font().key(), self.ground_key())
        if self._ground is None or self._ground[0] != key:
            pixmap = QPixmap(*(max(1, math.ceil(side * ratio)) for side in size))
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.paint_ground(painter)
            painter.end()
            self._ground = (key, pixmap)
        return self._ground[1]


class Glide(QObject):
    """Moves what is shown to the newest values within `GLIDE_MS`, in a straight line.

    Between two scores it shows nothing that was not between them, and it arrives at the newest one
    exactly. To and from NaN it jumps: there is nothing between a number and none. It also jumps
    while its widget is hidden, and where the desktop wants no animation.

    Parameters
    ----------
    widget : QWidget
        What shows the values; it is updated at every step.
    count : int
        How many values there are.
    """

    arrived = pyqtSignal()
    """The newest values are shown."""

    def __init__(self, widget: QWidget, count: int) -> None:
        super().__init__(widget)
        self._widget = widget
        self._from = self._to = self.values = (math.nan,) * count
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._step)

    def to(self, *values: float) -> None:
        """Show these values, NaN for undefined."""
        style = self._widget.style()
        hint = QStyle.StyleHint.SH_Widget_Animation_Duration
        animated = style is not None and style.styleHint(hint, None, self._widget) > 0
        self._from, self._to = self.values, values
        if not (self._widget.isVisible() and animated) or any(
            map(math.isnan, (*self._from, *values))
        ):
            self._arrive()
        elif self.values != values:
            self._clock.start()
            self._timer.start()

    def _step(self) -> None:
        share = self._clock.elapsed() / GLIDE_MS
        if share >= 1:
            self._arrive()
            return
        self.values = tuple(
            start + share * (end - start) for start, end in zip(self._from, self._to, strict=True)
        )
        self._widget.update()

    def _arrive(self) -> None:
        self._timer.stop()
        self.values = self._to
        self._widget.update()
        self.arrived.emit()


def tinted(colour: str, opacity: float) -> QColor:
    """A palette's colour, opaque from 0 to 1."""
    mixed = QColor(colour)
    mixed.setAlphaF(min(1.0, max(0.0, opacity)))
    return mixed


def sized(font: QFont, pixels: float, *, bold: bool = False) -> QFont:
    """The font in another size, in device-independent pixels."""
    other = QFont(font)
    other.setPixelSize(max(1, round(pixels)))
    other.setBold(bold)
    return other


def fitting(font: QFont, text: str, room: QRectF, largest: float, smallest: float = 5) -> QFont:
    """The largest size of the font, within bounds, in which the text fits, wrapped if need be."""
    low, high = round(smallest), max(round(smallest), round(largest))
    while low < high:
        middle = (low + high + 1) // 2
        if _fits(sized(font, middle, bold=font.bold()), text, room):
            low = middle
        else:
            high = middle - 1
    return sized(font, low, bold=font.bold())


def _fits(font: QFont, text: str, room: QRectF) -> bool:
    endless = QRectF(0, 0, room.width(), 1e6)
    needed = QFontMetricsF(font).boundingRect(endless, int(Qt.TextFlag.TextWordWrap), text)
    return needed.width() <= room.width() and needed.height() <= room.height()


def in_phase_fill(painter: QPainter, room: QRectF) -> None:
    """Fill a bar with in-phase's colour: solid, with round ends."""
    radius = min(room.width(), room.height(), 12.0) / 2
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme().palette.in_phase))
    painter.drawRoundedRect(room, radius, radius)


def anti_phase_fill(painter: QPainter, room: QRectF, stripe: float) -> None:
    """Fill a bar with anti-phase's colour: striped, with square ends.

    Parameters
    ----------
    stripe : float
        From one stripe to the next, in device-independent pixels.
    """
    painter.save()
    painter.setClipRect(room)
    painter.fillRect(room, QColor(theme().palette.anti_phase))
    painter.setPen(QPen(tinted(theme().palette.surface, 0.55), 0.22 * stripe))
    slant = room.width()
    # From the bottom, so that a growing bar does not make its stripes move.
    y = room.bottom() + slant
    while y > room.top():
        painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y - slant))
        y -= stripe
    painter.restore()


def arrows(painter: QPainter, room: QRectF, colour: QColor, *, opposed: bool) -> None:
    """Two arrows side by side: both up (in phase), or up and down (anti-phase)."""
    side = min(room.width(), room.height())
    painter.save()
    painter.translate(room.center())
    painter.setPen(
        QPen(
            colour,
            0.11 * side,
            Qt.PenStyle.SolidLine,
            Qt.PenCapStyle.RoundCap,
            Qt.PenJoinStyle.RoundJoin,
        )
    )
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for x, down in ((-0.22 * side, False), (0.22 * side, opposed)):
        tip, end = (0.36 * side, -0.36 * side) if down else (-0.36 * side, 0.36 * side)
        back = tip + math.copysign(0.2 * side, end)
        path = QPainterPath(QPointF(x, end))
        path.lineTo(x, tip)
        path.moveTo(x - 0.16 * side, back)
        path.lineTo(x, tip)
        path.lineTo(x + 0.16 * side, back)
        painter.drawPath(path)
    painter.restore()
