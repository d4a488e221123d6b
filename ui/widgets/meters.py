"""Two large meters, in-phase and anti-phase, with a tick at the level of chance."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PyQt6.QtWidgets import QWidget

from mirror.timeline import Score
from mirror.wording import SHARES, number
from ui.shell.theme import theme
from ui.widgets.painting import (
    PaintedWidget,
    ValueAnimation,
    draw_text,
    fill_anti_phase,
    fill_in_phase,
    paint_arrows,
    sized_font,
)

_TITLES: Final = (SHARES["in_phase"], SHARES["anti_phase"])
_CHANCE: Final = "chance"


@dataclass(frozen=True, slots=True)
class _Layout:
    """The layout of one meter."""

    arrows: QRectF
    title: QRectF
    number: QRectF
    bar: QRectF
    is_vertical: bool
    title_font: QFont
    number_font: QFont
    small_font: QFont  # of "chance", right of the bar or below it

    def at(self, value: float) -> float:
        """Return the coordinate of a value 0…1 along the bar."""
        value = min(1.0, max(0.0, value))
        if self.is_vertical:
            return self.bar.bottom() - value * self.bar.height()
        return self.bar.left() + value * self.bar.width()

    def filled(self, value: float) -> QRectF:
        """Return the part of the bar that a value 0…1 fills."""
        if self.is_vertical:
            return QRectF(QPointF(self.bar.left(), self.at(value)), self.bar.bottomRight())
        return QRectF(self.bar.topLeft(), QPointF(self.at(value), self.bar.bottom()))


class Meters(PaintedWidget):
    """The two scores, 0…1, as bars: side by side in tall widgets, else one above the other.

    In-phase comes first, solid and round, with two arrows up; anti-phase second, striped and
    square, with one arrow up and one down. An undefined score is an empty, dashed bar and "–".
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Meters for in-phase and anti-phase", parent)
        self._values = self._chances = (math.nan, math.nan)
        self._animation = ValueAnimation(self, 2)
        self._meters: tuple[_Layout, ...] = ()
        self.show_score(None)

    def sizeHint(self) -> QSize:
        return QSize(280, 320)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 90)

    def show_score(self, score: Score | None) -> None:
        """Show a row of the timeline, or with None no score."""
        nan = math.nan
        self._values = (nan, nan) if score is None else (score.in_phase, score.anti_phase)
        self._chances = (
            (nan, nan) if score is None else (score.chance_in_phase, score.chance_anti_phase)
        )
        self._animation.set_target(*self._values)
        self.describe(
            "; ".join(
                f"{title} {number(value)}"
                + ("" if math.isnan(chance) else f", {_CHANCE} {number(chance)}")
                for title, value, chance in zip(_TITLES, self._values, self._chances, strict=True)
            )
        )
        self.update()

    def background_key(self) -> Hashable:
        return tuple(map(math.isnan, self._values))

    def paint_background(self, painter: QPainter) -> None:
        self._meters = self._make_layout()
        palette = theme().palette
        for which, (meter, value) in enumerate(zip(self._meters, self._values, strict=True)):
            opposed = bool(which)
            colour = palette.anti_phase if opposed else palette.in_phase
            paint_arrows(painter, meter.arrows, QColor(colour), opposed=opposed)
            left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            draw_text(painter, meter.title_font, palette.text, meter.title, _TITLES[which], left)
            self._paint_empty_bar(painter, meter, opposed=opposed, is_undefined=math.isnan(value))

    def _paint_empty_bar(
        self, painter: QPainter, meter: _Layout, *, opposed: bool, is_undefined: bool
    ) -> None:
        palette = theme().palette
        style = Qt.PenStyle.DashLine if is_undefined else Qt.PenStyle.SolidLine
        painter.setPen(QPen(QColor(palette.outline), 1.5, style))
        painter.setBrush(QColor(palette.surface))
        radius = 0.0 if opposed else min(meter.bar.width(), meter.bar.height(), 12.0) / 2
        painter.drawRoundedRect(meter.bar.adjusted(-2, -2, 2, 2), radius, radius)
        painter.setPen(QPen(QColor(palette.border), 1))
        for share in (0.25, 0.5, 0.75):
            _draw_across(painter, meter, share, 0)

    def _make_layout(self) -> tuple[_Layout, _Layout]:
        width, height = float(self.width()), float(self.height())
        if height >= 0.8 * width:
            half = width / 2
            return (
                self._vertical(QRectF(0, 0, half, height)),
                self._vertical(QRectF(half, 0, half, height)),
            )
        half = height / 2
        return (
            self._horizontal(QRectF(0, 0, width, half)),
            self._horizontal(QRectF(0, half, width, half)),
        )

    def _vertical(self, room: QRectF) -> _Layout:
        """Lay out arrows and title, below them the number and the bar."""
        title = sized_font(self.font(), min(0.085 * room.height(), 0.125 * room.width(), 40.0))
        number = sized_font(self.font(), min(0.2 * room.height(), 0.3 * room.width()), bold=True)
        small = sized_font(self.font(), max(7.0, 0.75 * title.pixelSize()))
        line, tall = QFontMetricsF(title).height(), QFontMetricsF(number).height()
        wide = QFontMetricsF(title).horizontalAdvance(_TITLES[1]) + 1.3 * line
        x = room.left() + 0.5 * (room.width() - wide)
        chance = QFontMetricsF(small).horizontalAdvance(_CHANCE) + 8
        pad = max(4.0, 0.03 * room.height())
        thick = max(4.0, min(0.5 * room.width(), room.width() - chance - 16))
        top = room.top() + line + tall + 0.4 * pad
        return _Layout(
            arrows=QRectF(x, room.top(), line, line),
            title=QRectF(x + 1.3 * line, room.top(), wide, line),
            number=QRectF(room.left(), room.top() + line, room.width(), tall),
            bar=QRectF(
                room.center().x() - 0.5 * (thick + chance),
                top,
                thick,
                max(2.0, room.bottom() - top - pad),
            ),
            is_vertical=True,
            title_font=title,
            number_font=number,
            small_font=small,
        )

    def _horizontal(self, room: QRectF) -> _Layout:
        """Lay out arrows and title above the bar, and the number at its right."""
        title = sized_font(self.font(), min(0.2 * room.height(), 0.07 * room.width(), 40.0))
        number = sized_font(self.font(), min(0.55 * room.height(), 0.14 * room.width()), bold=True)
        small = sized_font(self.font(), max(7.0, 0.75 * title.pixelSize()))
        line, below = QFontMetricsF(title).height(), QFontMetricsF(small).height() + 4
        wide = QFontMetricsF(number).horizontalAdvance("0.00") + 0.5 * line
        top = room.top() + line + 4
        bar = QRectF(
            room.left() + 4,
            top,
            max(2.0, room.width() - wide - 8),
            max(2.0, room.bottom() - top - below),
        )
        return _Layout(
            arrows=QRectF(bar.left(), room.top(), line, line),
            title=QRectF(bar.left() + 1.3 * line, room.top(), room.width(), line),
            number=QRectF(room.right() - wide, bar.top(), wide, bar.height()),
            bar=bar,
            is_vertical=False,
            title_font=title,
            number_font=number,
            small_font=small,
        )

    def paint_foreground(self, painter: QPainter) -> None:
        palette = theme().palette
        rows = zip(self._meters, self._animation.values, self._values, self._chances, strict=True)
        for which, (meter, shown, value, chance) in enumerate(rows):
            if not math.isnan(shown):
                bar = meter.filled(shown)
                if which:
                    fill_anti_phase(painter, bar, max(6.0, meter.title_font.pixelSize()))
                else:
                    fill_in_phase(painter, bar)
            if not math.isnan(chance):
                self._paint_chance(painter, meter, chance)
            # The number is not animated.
            colour = palette.dim_text if math.isnan(value) else palette.text
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip
            draw_text(painter, meter.number_font, colour, meter.number, number(value), flags)

    def _paint_chance(self, painter: QPainter, meter: _Layout, chance: float) -> None:
        palette = theme().palette
        # Visible on the filled and on the empty bar.
        tick = max(3.0, 0.15 * meter.title_font.pixelSize())
        for colour, thick in ((palette.surface, 2 * tick), (palette.chance, tick)):
            painter.setPen(QPen(QColor(colour), thick, cap=Qt.PenCapStyle.FlatCap))
            _draw_across(painter, meter, chance, 5)
        metrics = QFontMetricsF(meter.small_font)
        wide, tall = metrics.horizontalAdvance(_CHANCE) + 2, metrics.height()
        at = meter.at(chance)
        if meter.is_vertical:
            place = QRectF(meter.bar.right() + 7, at - tall / 2, wide, tall)
            limit = meter.bar.bottom() + 2
            place.moveBottom(min(place.bottom(), limit))
        else:
            place = QRectF(at - wide / 2, meter.bar.bottom() + 4, wide, tall)
            place.moveLeft(max(meter.bar.left(), min(place.left(), meter.bar.right() - wide)))
        draw_text(painter, meter.small_font, palette.chance, place, _CHANCE)


def _draw_across(painter: QPainter, meter: _Layout, value: float, overlap: float) -> None:
    """Draw a line across the bar at a value, longer than the bar by `overlap` at both ends."""
    at = meter.at(value)
    bar = meter.bar
    if meter.is_vertical:
        painter.drawLine(QPointF(bar.left() - overlap, at), QPointF(bar.right() + overlap, at))
    else:
        painter.drawLine(QPointF(at, bar.top() - overlap), QPointF(at, bar.bottom() + overlap))
