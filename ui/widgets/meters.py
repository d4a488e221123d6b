"""Meters for in phase, anti-phase and mirroring, a small one for postures, and ticks at chance."""

import math
import textwrap
from collections.abc import Hashable
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from PyQt6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PyQt6.QtWidgets import QWidget

from mirror.practice.run import Status
from mirror.summary import follower
from mirror.timeline import Score
from mirror.wording import CHANCE, SCORES, no_posture, number
from ui.shell.theme import theme
from ui.widgets.painting import (
    LEFT,
    PaintedWidget,
    ValueAnimation,
    draw_text,
    fill_score,
    fit_font,
    outline_score,
    paint_arrows,
    sized_font,
)

_CHANCE: Final = "chance"
_GOAL: Final = "goal"
_NOTE: Final = textwrap.fill(  # a tooltip does not wrap plain text
    f"Tick: the chance level. {CHANCE}", 70, break_on_hyphens=False
)
_SMALL: Final = "posture_match"
METERS: Final = SCORES | {_SMALL: "Posture"}  # their labels
_SMALL_SIZE: Final = 0.8  # of the others'
_LEAST_TITLE: Final = 8  # pixels: smaller titles cannot be read

_WIDEST: Final = max(SCORES.values(), key=len)


@dataclass(frozen=True, slots=True)
class _Layout:
    """The layout of one meter."""

    arrows: QRectF
    title: QRectF
    number: QRectF
    lag: QRectF  # who follows, of mirroring
    bar: QRectF
    is_vertical: bool
    title_font: QFont
    number_font: QFont
    lag_font: QFont
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
    """The scores, 0…1, as bars: side by side in tall widgets, else one above the other.

    In phase has two arrows up, anti-phase one up and one down, mirroring a second arrow that is
    behind the first, and who follows. An undefined score is an empty, dashed bar and "–".
    """

    hint, least = QSize(360, 320), QSize(130, 110)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Meters for in-phase, anti-phase, mirroring and posture", parent)
        self._names = ("A", "B")
        self._score: Score | None = None
        self._kinds = tuple(METERS)
        self._values = self._chances = (math.nan,) * len(METERS)
        self._follower: tuple[str, float] | None = None
        self._goal: tuple[str, float, bool] | None = None  # score, level, whether it is met
        self.animation = ValueAnimation(self, len(METERS))
        self._meters: list[_Layout] = []
        self.show_score(None)

    def set_names(self, a: str, b: str) -> None:
        self._names = (a.strip() or "A", b.strip() or "B")
        self.show_score(self._score)

    def show_kinds(self, *kinds: str) -> None:
        """Show the meters of these scores only."""
        if kinds == self._kinds:
            return
        self._kinds = kinds
        self.animation.set_target(*(math.nan for _ in kinds))  # not from another score's value
        self.show_score(self._score)

    def show_score(self, score: Score | None) -> None:
        self._score = score
        self._values = tuple(getattr(score, name, math.nan) for name in self._kinds)
        self._chances = tuple(getattr(score, f"chance_{name}", math.nan) for name in self._kinds)
        self._follower = None if score is None else follower(score, self._names)
        self.animation.set_target(*self._values)
        parts = []
        for kind, value, chance in zip(self._kinds, self._values, self._chances, strict=True):
            known = "" if math.isnan(chance) else f", {_CHANCE} {number(chance)}"
            if kind == _SMALL and math.isnan(value):
                if score is None:
                    continue
                known = f" ({no_posture(score.posture_state, self._names)})"
            parts.append(f"{METERS[kind]} {number(value)}{known}")
        if self._follower is not None:
            parts.append("{} follows by {:.1f} s".format(*self._follower))
        self.describe("; ".join(parts), _NOTE)
        self.update()

    def show_practice(self, status: Status | None) -> None:
        """Draw a round's goal as a line across its meter, and a frame around it while it is met."""
        self._goal = None
        if status is not None and (attempt := status.attempt) is not None:
            self._goal = (status.shown_score, attempt.level, attempt.holds)
        self.update()

    def background_key(self) -> Hashable:
        return self._kinds, tuple(map(math.isnan, self._values))

    def paint_background(self, painter: QPainter) -> None:
        self._meters = self._make_layout()
        palette = theme().palette
        for kind, meter, value in zip(self._kinds, self._meters, self._values, strict=True):
            if meter.arrows.isValid():
                paint_arrows(painter, meter.arrows, kind)
            elide, end = QFontMetricsF(meter.title_font).elidedText, Qt.TextElideMode.ElideRight
            title = elide(METERS[kind], end, meter.title.width())
            draw_text(painter, meter.title_font, palette.text, meter.title, title, LEFT)
            style = Qt.PenStyle.DashLine if math.isnan(value) else Qt.PenStyle.SolidLine
            painter.setPen(QPen(QColor(palette.outline), 1.5, style))
            painter.setBrush(QColor(palette.surface))
            painter.drawPath(outline_score(meter.bar.adjusted(-2, -2, 2, 2), kind))
            painter.setPen(QPen(QColor(palette.border), 1))
            for share in (0.25, 0.5, 0.75):
                _draw_across(painter, meter, share, 0)

    def _make_layout(self) -> list[_Layout]:
        width, height = float(self.width()), float(self.height())
        sizes = [_SMALL_SIZE if kind == _SMALL else 1.0 for kind in self._kinds]
        ends = [share / sum(sizes) for share in accumulate(sizes, initial=0.0)]
        if height >= 0.95 * width:
            return [
                self._vertical(QRectF(start * width, 0, (end - start) * width, height))
                for start, end in pairwise(ends)
            ]
        return [
            self._horizontal(QRectF(0, start * height, width, (end - start) * height))
            for start, end in pairwise(ends)
        ]

    def _vertical(self, room: QRectF) -> _Layout:
        """Lay out arrows and title, the number, who follows and the bar, all about one middle."""
        title = sized_font(self.font(), min(0.085 * room.height(), 0.13 * room.width(), 40.0))
        number = sized_font(self.font(), min(0.2 * room.height(), 0.34 * room.width()), bold=True)
        small_size = min(0.8 * title.pixelSize(), 0.078 * room.width())
        small = sized_font(self.font(), max(9.0, small_size))
        lag = sized_font(self.font(), min(title.pixelSize(), max(9.0, 0.1 * room.width())))
        arrow = 1.2 * QFontMetricsF(title).height()
        if title.pixelSize() < _LEAST_TITLE:  # there is room for the name alone
            title, arrow = sized_font(self.font(), _LEAST_TITLE), 0.0
        line, tall = QFontMetricsF(title).height(), QFontMetricsF(number).height()
        of_lag = QFontMetricsF(lag).height()
        wide = min(QFontMetricsF(title).horizontalAdvance(_WIDEST) + arrow, room.width() - 4)
        x = room.center().x() - 0.5 * wide
        pad = max(4.0, 0.03 * room.height())
        beside = QFontMetricsF(small).horizontalAdvance(_CHANCE) + 8
        thick = max(0.3 * room.width(), min(0.5 * room.width(), room.width() - 2 * beside))
        top = room.top() + line + tall + of_lag + 0.6 * pad
        bar_tall = max(2.0, room.bottom() - top - pad)
        return _Layout(
            arrows=QRectF(x, room.top(), line, line) if arrow else QRectF(),
            title=QRectF(x + arrow, room.top(), wide, line),
            number=QRectF(room.left(), room.top() + line, room.width(), tall),
            lag=QRectF(room.left(), room.top() + line + tall, room.width(), of_lag),
            bar=QRectF(room.center().x() - 0.5 * thick, top, thick, bar_tall),
            is_vertical=True,
            title_font=title,
            number_font=number,
            lag_font=lag,
            small_font=small,
        )

    def _horizontal(self, room: QRectF) -> _Layout:
        """Lay out arrows, title and who follows above the bar, and the number at its right."""
        pixels = min(0.26 * room.height(), 0.07 * room.width(), 40.0)
        title = sized_font(self.font(), max(_LEAST_TITLE, pixels))
        number = sized_font(self.font(), min(0.55 * room.height(), 0.12 * room.width()), bold=True)
        small = sized_font(self.font(), max(9.0, 0.75 * title.pixelSize()))
        line, below = QFontMetricsF(title).height(), QFontMetricsF(small).height() + 2
        wide = QFontMetricsF(number).horizontalAdvance("0.00") + 0.5 * line
        top = room.top() + line + 4
        bar_wide, tall = max(2.0, room.width() - wide - 8), max(2.0, room.bottom() - top - below)
        bar = QRectF(room.left() + 4, top, bar_wide, tall)
        name = 1.3 * line + QFontMetricsF(title).horizontalAdvance(SCORES["mirroring"]) + 0.6 * line
        return _Layout(
            arrows=QRectF(bar.left(), room.top(), line, line),
            title=QRectF(bar.left() + 1.3 * line, room.top(), room.width(), line),
            number=QRectF(room.right() - wide, bar.top(), wide, bar.height()),
            lag=QRectF(bar.left() + name, room.top(), max(0.0, room.width() - name - 4), line),
            bar=bar,
            is_vertical=False,
            title_font=title,
            number_font=number,
            lag_font=sized_font(self.font(), max(9.0, 0.72 * title.pixelSize())),
            small_font=small,
        )

    def paint_foreground(self, painter: QPainter) -> None:
        palette = theme().palette
        shown = self.animation.values
        for k, (kind, meter) in enumerate(zip(self._kinds, self._meters, strict=True)):
            if not math.isnan(shown[k]):
                pitch = max(6.0, meter.title_font.pixelSize())
                fill_score(painter, meter.filled(shown[k]), kind, pitch)
            if not math.isnan(self._chances[k]):
                right = self._meters[k + 1 :] if meter.is_vertical else []
                end = right[0].bar.left() - 5 if right else self.width()
                self._paint_chance(painter, meter, self._chances[k], end)
            if self._goal is not None and self._goal[0] == kind:
                self._paint_goal(painter, meter, *self._goal[1:])
            # The number is not animated.
            colour = palette.dim_text if math.isnan(self._values[k]) else palette.text
            align = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip
            text = number(self._values[k])
            draw_text(painter, meter.number_font, colour, meter.number, text, align)
            if kind == "mirroring":
                self._paint_lag(painter, meter)
            elif kind == _SMALL and self._score is not None:
                self._paint_reason(painter, meter, self._score)

    def _paint_goal(self, painter: QPainter, meter: _Layout, level: float, met: bool) -> None:
        palette = theme().palette
        accent = QColor(palette.accent)
        if met:
            painter.setPen(QPen(accent, 4))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            kind = self._goal[0] if self._goal else ""
            painter.drawPath(outline_score(meter.bar.adjusted(-4, -4, 4, 4), kind))
        if math.isnan(level):
            return
        bar, metrics, at = meter.bar, QFontMetricsF(meter.small_font), meter.at(level)
        wide, tall = metrics.horizontalAdvance(_GOAL) + 2, metrics.height()
        if meter.is_vertical:  # opposite to the chance level's word, which it may be level with
            line = QLineF(bar.left() - 10, at, bar.right(), at)
            place = QRectF(bar.left() - 12 - wide, at - tall / 2, wide, tall)
        else:
            line = QLineF(at, bar.top() - 6, at, bar.bottom())
            place = QRectF(at + 4, bar.top() - tall - 1, wide, tall)
        for colour, thick in ((QColor(palette.surface), 5.0), (accent, 2.5)):
            painter.setPen(QPen(colour, thick, cap=Qt.PenCapStyle.FlatCap))
            painter.drawLine(line)
        if meter.is_vertical and place.left() >= 0:
            draw_text(painter, meter.small_font, palette.accent, place, _GOAL)

    def _paint_lag(self, painter: QPainter, meter: _Layout) -> None:
        """Write who follows; a long name is elided, the time is not."""
        if self._follower is None:
            return
        name, seconds = self._follower
        metrics, lag = QFontMetricsF(meter.lag_font), f" follows {seconds:.1f} s"
        room = max(meter.lag.width() - metrics.horizontalAdvance(lag), 0.0)
        text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room).removeprefix("…") + lag
        align = Qt.AlignmentFlag.AlignCenter if meter.is_vertical else LEFT
        draw_text(painter, meter.lag_font, theme().palette.mirroring, meter.lag, text, align)

    def _paint_reason(self, painter: QPainter, meter: _Layout, score: Score) -> None:
        """Write why there is no match of postures, if there is room; the tool tip says it, too."""
        text = no_posture(score.posture_state, self._names)
        font = fit_font(meter.lag_font, text, meter.lag, meter.lag_font.pixelSize(), 9)
        if QFontMetricsF(font).horizontalAdvance(text) <= meter.lag.width():
            align = Qt.AlignmentFlag.AlignCenter if meter.is_vertical else LEFT
            draw_text(painter, font, theme().palette.dim_text, meter.lag, text, align)

    def _paint_chance(self, painter: QPainter, meter: _Layout, chance: float, end: float) -> None:
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
            place = QRectF(meter.bar.right() + 6, at - tall / 2, wide, tall)
            place.moveBottom(min(place.bottom(), meter.bar.bottom() + 2))
        else:
            place = QRectF(at - wide / 2, meter.bar.bottom() + 3, wide, tall)
            place.moveLeft(max(meter.bar.left(), min(place.left(), meter.bar.right() - wide)))
        if place.right() <= end:  # else the other meters say it
            draw_text(painter, meter.small_font, palette.chance, place, _CHANCE)


def _draw_across(painter: QPainter, meter: _Layout, value: float, overlap: float) -> None:
    """Draw a line across the bar at a value, longer than the bar by `overlap` at both ends."""
    at = meter.at(value)
    bar = meter.bar
    if meter.is_vertical:
        painter.drawLine(QPointF(bar.left() - overlap, at), QPointF(bar.right() + overlap, at))
    else:
        painter.drawLine(QPointF(at, bar.top() - overlap), QPointF(at, bar.bottom() + overlap))
