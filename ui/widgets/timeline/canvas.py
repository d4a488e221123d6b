"""A timeline as it is shown: rows, flags, a selection and a cursor, painted in two layers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

from PyQt6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from mirror.events import Event
from mirror.timeline import Score, Timeline
from mirror.wording import clock_time, number
from ui.shell.theme import theme
from ui.widgets.painting import PaintedWidget
from ui.widgets.timeline.axis import Plot
from ui.widgets.timeline.data import Rows
from ui.widgets.timeline.flags import Flag, flags, paint_flags
from ui.widgets.timeline.paint import (
    CHANCE,
    LEVELS,
    paint_axes,
    paint_chance,
    paint_ends,
    paint_grid,
    paint_scores,
    paint_stretches,
    reason,
)
from ui.widgets.timeline.window import Window

_WIDE: Final = 480
"""From this width on there is room for words at the right, px."""

_NEAR: Final = 7
"""Half the width that is painted again where the cursor was, px."""


class TimelineCanvas(PaintedWidget):
    """Draws a timeline; `TimelineView` is one that can be worked.

    Rows, flags and axes are the ground; cursor and selection go over it, so that moving them costs
    next to nothing however long the session is.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Synchrony timeline", parent)
        self._rows = Rows()
        self._window = Window()
        self._events: list[Event] = []
        self._names = ("A", "B")
        self._note = ""
        self._cursor: float | None = None
        self._selection: tuple[float, float] | None = None
        self._drawing = 0
        self._flags: list[Flag] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._describe()

    def set_timeline(self, timeline: Timeline) -> None:
        """Show these rows; what was zoomed to stays in view as far as there are rows."""
        self._note = ""
        self._rows.replace(timeline)
        self._rows_changed()

    def set_outline(self, outline: Timeline, hop_s: float, note: str) -> None:
        """Show some of many rows, which are `hop_s` apart, and say so.

        Where nothing is between two of them, nothing is drawn.
        """
        self._note = note
        self._rows.replace(outline, hop_s)
        self._rows_changed()

    def append(self, scores: Iterable[Score]) -> None:
        """Add rows, in order of time."""
        if self._rows.append(scores):
            self._rows_changed()

    def clear(self) -> None:
        """Show nothing, for another session: no rows, events, selection or cursor, all in view."""
        self._note = ""
        self._rows.clear()
        self._window.show_all()
        self._events = []
        self._selection = self._cursor = None
        self._rows_changed()

    def set_events(self, events: Sequence[Event]) -> None:
        """Show these events as flags, in whatever order they come."""
        self._events = list(events)
        self._redraw()

    def set_names(self, a: str, b: str) -> None:
        """Call the two people so."""
        self._names = (a, b)
        self._redraw()

    def set_cursor(self, time_s: float | None) -> None:
        """Put the cursor there; the page turns when it runs out of view."""
        before, self._cursor = self._cursor, time_s
        if time_s is not None and self._window.turn_to(before, time_s):
            self._redraw()
        start, end = self.visible
        for each in (before, time_s):
            # Elsewhere it is not seen, and may be farther off than Qt can count pixels.
            if each is not None and start <= each <= end:
                x = round(self.x_of(each))
                self.update(QRect(x - _NEAR, 0, 2 * _NEAR, self.height()))
        self._describe()

    def set_selection(self, part: tuple[float, float] | None) -> None:
        """Show this part as selected, (start, end) in s in either order."""
        self._selection = None if part is None else (min(part), max(part))
        self.update()
        self._describe()

    @property
    def visible(self) -> tuple[float, float]:
        """The moments at the left and right edge, s."""
        return self._window.visible

    @property
    def following(self) -> bool:
        """Whether it shows the last seconds."""
        return self._window.following

    def follow(self, seconds: float | None) -> None:
        """Show the last so many seconds; with None, all there is or what was zoomed to."""
        self._window.follow(seconds)
        self._rows_changed()

    def show_all(self) -> None:
        """Show all rows, also those to come."""
        self._window.show_all()
        self._redraw()

    def zoom(self, factor: float, about_s: float | None = None) -> None:
        """Show `factor` times as much about a moment; else about the cursor, or the middle.

        While it follows the newest rows, nothing happens.
        """
        start, end = self.visible
        if about_s is None:
            seen = self._cursor is not None and start <= self._cursor <= end
            about_s = self._cursor if seen and self._cursor is not None else (start + end) / 2
        self._window.zoom(factor, about_s)
        self._redraw()

    def reveal(self, time_s: float) -> None:
        """Bring a moment into view, in the middle, unless it is there."""
        self._window.reveal(time_s)
        self._redraw()

    def x_of(self, time_s: float) -> float:
        """Where a moment lies, in pixels from the left of this widget."""
        return self._plot().x(time_s)

    def sizeHint(self) -> QSize:
        return QSize(640, 180 + self._foot())

    def minimumSizeHint(self) -> QSize:
        return QSize(260, 96 + self._foot())

    def background_key(self) -> int:
        return self._drawing

    def paint_foreground(self, painter: QPainter) -> None:
        plot = self._plot()
        if self._selection is not None:
            self._paint_selection(painter, plot, *self._selection)
        if self._cursor is not None and plot.start_s <= self._cursor <= plot.end_s:
            x = plot.x(self._cursor)
            painter.setPen(QPen(QColor(theme().palette.text), 1.5))
            painter.drawLine(QPointF(x, plot.top), QPointF(x, plot.bottom))
            painter.setBrush(QColor(theme().palette.text))
            grip = [QPointF(x - 4, plot.bottom + 5), QPointF(x + 4, plot.bottom + 5)]
            painter.drawPolygon(QPolygonF([QPointF(x, plot.bottom - 1), *grip]))

    def _paint_selection(self, painter: QPainter, plot: Plot, start_s: float, end_s: float) -> None:
        colour = QColor(theme().palette.accent)
        left, right = plot.x(start_s), plot.x(end_s)
        painter.save()
        painter.setClipRect(QRectF(plot.left, 0, plot.width, plot.bottom + 1))
        veil = QColor(colour)
        veil.setAlpha(45)
        painter.fillRect(QRectF(left, plot.top, right - left, plot.bottom - plot.top), veil)
        painter.setPen(QPen(colour, 2))
        painter.setBrush(colour)
        for x, inwards in ((left, 5), (right, -5)):
            painter.drawLine(QPointF(x, plot.top), QPointF(x, plot.bottom))
            for y, towards in ((plot.top, 7), (plot.bottom, -7)):
                corner = [QPointF(x, y), QPointF(x + inwards, y), QPointF(x, y + towards)]
                painter.drawPolygon(QPolygonF(corner))
        painter.restore()

    def paint_background(self, painter: QPainter) -> None:
        palette, plot, ratio = theme().palette, self._plot(), self.devicePixelRatioF()
        painter.fillRect(self.rect(), QColor(palette.surface))
        painter.setFont(self.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        count = max(round(plot.width * ratio), 1)
        self._flags = flags(self._events, plot, QFontMetricsF(self.font()))
        paint_grid(painter, plot, palette)
        painter.save()
        painter.setClipRect(QRectF(plot.left, 0, plot.width, self.height()))
        stretches = self._rows.stretches(plot.start_s, plot.end_s, count)
        paint_stretches(painter, stretches, plot, palette, self._names)
        paint_scores(painter, self._rows, plot, count, palette)
        ends = paint_chance(painter, self._rows, plot, count, palette)
        painter.restore()
        paint_axes(painter, plot, palette)
        if self.width() >= _WIDE:
            paint_ends(painter, ends, plot, palette)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_flags(painter, self._flags, plot, self._band(), palette)
        note = self._note or ("" if len(self._rows) else "No scores yet")
        if note:
            painter.setPen(QColor(palette.dim_text))
            area = QRectF(plot.left, plot.y(0.5), plot.width, plot.middle - plot.y(0.5))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, note)

    def _plot(self) -> Plot:
        metrics = QFontMetricsF(self.font())
        left = max(metrics.horizontalAdvance(text) for _, text in LEVELS) + 14
        bottom = self.height() - self._foot() - metrics.height() - 8
        top = self._band()
        beside = metrics.horizontalAdvance(CHANCE) if self.width() >= _WIDE else 0.0
        right = max(self.width() - 10.0 - beside, left + 1)
        return Plot(left, right, top, max(bottom, top + 1), *self.visible)

    def _band(self) -> float:
        """Height of the band for flags, px."""
        return QFontMetricsF(self.font()).height() + 6

    def _foot(self) -> int:
        """Height kept free below, px."""
        return 0

    def _rows_changed(self) -> None:
        self._window.cover(self._rows.span)
        self._redraw()

    def _redraw(self) -> None:
        self._drawing += 1
        self.update()
        self._describe()

    def _describe(self) -> None:
        """Keep the words for screen readers true; they change once a second at most."""
        start, end = self.visible
        first, last = self._window.span
        parts = [f"Shows {clock_time(start)} to {clock_time(end)} of {clock_time(last - first)}."]
        if self._cursor is not None and not self.following:
            parts.append(f"Cursor at {self.words_at(float(round(self._cursor)))}.")
        if self._selection is not None:
            parts.append(f"Selected {' to '.join(map(clock_time, self._selection))}.")
        if self._note:
            parts.append(f"{self._note}.")
        if self._events:
            parts.append(f"{len(self._events)} event{'s' if len(self._events) > 1 else ''}.")
        self.describe(" ".join(parts))

    def words_at(self, time_s: float) -> str:
        """A moment and its scores in words, or why there are none."""
        row = self._rows.at(time_s)
        said = clock_time(time_s, tenths=True)
        if row is None:
            return said
        if why := reason(row.state, self._names):
            return f"{said}  {why}"
        said += f"  in phase {number(row.in_phase)}, anti-phase {number(row.anti_phase)}"
        if math.isnan(row.chance_in_phase):
            return said
        chance = f"chance {number(row.chance_in_phase)} and {number(row.chance_anti_phase)}"
        return f"{said} ({chance})"
