"""A line over the dates of sessions: the mean of a score and of its chance level, or a goal."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF
from PyQt6.QtWidgets import QWidget

from mirror.report.client_page import CHANCE_LINE
from mirror.summary import Level
from mirror.wording import SCORES, number
from ui.shell.palette import Palette
from ui.shell.theme import theme
from ui.widgets.painting import LEFT, RIGHT, PaintedWidget, draw_text

_TICKS: Final = (0.0, 0.5, 1.0)
_DOT: Final = 4.0


@dataclass(frozen=True, slots=True)
class Point:
    """A session: when it was, and the level of a score in it."""

    when: datetime
    level: Level


def paint_progress(
    painter: QPainter,
    room: QRectF,
    points: Sequence[Point],
    kind: str,
    palette: Palette,
    font: QFont,
) -> None:
    """Paint the line of points, in any order, by time and score (0…1); leave undefined ones out."""
    points = sorted(
        (each for each in points if not math.isnan(each.level.score)), key=lambda each: each.when
    )
    metrics = QFontMetricsF(font)
    high, names = metrics.height(), (SCORES.get(kind, "Held"), "chance")
    beside = max(map(metrics.horizontalAdvance, names)) + 14
    plot = room.adjusted(metrics.horizontalAdvance("0.0") + 10, high + 2, -beside, -1.5 * high)
    for tick in _TICKS:
        y = plot.bottom() - tick * plot.height()
        painter.setPen(QPen(QColor(palette.border), 1.0))
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        place = QRectF(room.left(), y - high / 2, plot.left() - room.left() - 6, high)
        draw_text(painter, font, palette.dim_text, place, f"{tick:g}", RIGHT)
    if not points:
        return
    first, last = points[0].when, points[-1].when
    length = (last - first).total_seconds()
    inside = plot.adjusted(2 * _DOT, 0, -2 * _DOT, 0)

    def at(point: Point, value: float) -> QPointF:
        share = (point.when - first).total_seconds() / length if length else 0.5
        return QPointF(
            inside.left() + share * inside.width(),
            plot.bottom() - min(1.0, max(0.0, value)) * plot.height(),
        )

    colour = QColor(getattr(palette, kind) if kind in SCORES else palette.accent)
    scores = [at(each, each.level.score) for each in points]
    chances = [at(each, each.level.chance) for each in points if each.level.chance >= 0]  # not NaN
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(palette.chance), 1.5, Qt.PenStyle.DashLine))
    painter.drawPolyline(QPolygonF(chances))
    painter.setPen(QPen(colour, 2.0))
    painter.drawPolyline(QPolygonF(scores))
    painter.setPen(QPen(QColor(palette.chance), 1.5))
    for tick_at in chances:
        painter.drawLine(tick_at - QPointF(_DOT, 0), tick_at + QPointF(_DOT, 0))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for dot in scores:
        painter.drawEllipse(dot, _DOT, _DOT)
    heights = [line[-1].y() for line in (scores, chances) if line]
    colours = (colour.name(), palette.chance)
    # Beside their ends, two at least a line apart.
    lack = max(0.0, high - abs(heights[0] - heights[-1])) / 2 if len(heights) > 1 else 0.0
    up = -lack if heights[0] <= heights[-1] else lack
    for y, move, name, shade in zip(heights, (up, -up), names, colours, strict=False):
        place = QRectF(plot.right() + 8, y + move - high / 2, 1e3, high)
        draw_text(painter, font, shade, place, name, LEFT)
    dates = [(each.x(), point.when) for each, point in zip(scores, points, strict=True)]
    for place, date in _below(dates, plot, metrics):
        draw_text(painter, font, palette.dim_text, place, date)


def _below(
    dates: Sequence[tuple[float, datetime]], plot: QRectF, metrics: QFontMetricsF
) -> Iterator[tuple[QRectF, str]]:
    """Return the dates and where they are, below their dots, the newest first, if there is room."""
    free = math.inf
    for x, when in reversed(dates):
        text = f"{when.day} {when:%b}" + (f" {when:%Y}" if when.year != dates[-1][1].year else "")
        wide = metrics.horizontalAdvance(text) + 2
        place = QRectF(x - wide / 2, plot.bottom() + 4, wide, metrics.height())
        place.moveLeft(max(plot.left() - 4, min(place.left(), plot.right() - wide + 8)))
        if place.right() <= free:
            yield place, text
            free = place.left() - 12


class ProgressChart(PaintedWidget):
    """The progress of a pair or a person."""

    hint, least = QSize(480, 150), QSize(240, 130)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Progress over dates", parent)
        self._points: tuple[Point, ...] = ()
        self._kind = "mirroring"

    def show_points(self, points: Sequence[Point], kind: str) -> None:
        self._points, self._kind = tuple(points), kind
        texts = [
            f"{each.when:%d %b %Y}: {number(each.level.score)}, chance {number(each.level.chance)}"
            for each in sorted(points, key=lambda each: each.when)
        ]
        mean = f"Mean {SCORES[kind].lower()}" if kind in SCORES else f"Share of time held in {kind}"
        self.describe("\n".join([f"{mean} of each session", *texts]), CHANCE_LINE)
        self.update()

    def paint_foreground(self, painter: QPainter) -> None:
        room = QRectF(self.rect())
        paint_progress(painter, room, self._points, self._kind, theme().palette, self.font())
