"""The painted timeline: rows, flags, selection and cursor."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from PyQt6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from mirror.events import Event
from mirror.mimicry import TakeOver, take_over, take_overs
from mirror.summary import follower
from mirror.timeline import Score, Timeline
from mirror.wording import SCORES, clock_time, event_text, number, plain_name
from ui.shell.theme import theme
from ui.widgets.build import timer
from ui.widgets.painting import PaintedWidget, with_opacity
from ui.widgets.timeline import paint
from ui.widgets.timeline.data import RowBuffer
from ui.widgets.timeline.flags import Flag, layout_flags, paint_flags
from ui.widgets.timeline.visible_range import VisibleRange

_LABEL_MIN_WIDTH: Final = 480  # width from which on there are labels at the right, px
_CURSOR_MARGIN: Final = 7  # half the width to repaint around the cursor, px
_LATEST_MS: Final = 500  # after which rows are painted that were put off


class TimelineCanvas(PaintedWidget):
    """Paints a timeline; `TimelineView` adds the interaction.

    Rows, flags and axes are the background; cursor and selection are painted over it, so that
    moving them is fast in long sessions too.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Synchrony timeline", parent)
        self._rows = RowBuffer()
        self._range = VisibleRange()
        self._events: list[Event] = []
        self.names = ("A", "B")
        self._note = ""
        self._cursor: float | None = None
        self.selection: tuple[float, float] | None = None
        self._arcs: list[TakeOver] = []
        self.sparing = False  # whether to paint new rows twice a second only
        self._late = timer(self, _LATEST_MS, self._rows_changed, once=True)
        self._version = 0
        self._flags: list[Flag] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._describe()

    def set_timeline(self, timeline: Timeline, hop_s: float | None = None, note: str = "") -> None:
        """Show these rows, with a note; the zoom stays as far as there are rows.

        `hop_s` is how far apart they are, if they are a sample of more rows; gaps are left empty.
        """
        self._note = note
        self._rows.replace(timeline, hop_s)
        self._arcs = take_overs(timeline)
        self._rows_changed()

    def append(self, scores: Iterable[Score]) -> None:
        """Add rows, in order of time."""
        scores = list(scores)
        self._arcs += [found for row in scores if (found := take_over(row)) is not None]
        if self._rows.append(scores):
            if not self.sparing:
                self._rows_changed()
            elif not self._late.isActive():
                self._late.start()

    def clear(self) -> None:
        """Remove rows, events, selection and cursor, and reset the zoom."""
        self._note = ""
        self._rows.clear()
        self._arcs = []
        self._range.show_all()
        self._events = []
        self.selection = self._cursor = None
        self._rows_changed()

    def set_events(self, events: Sequence[Event]) -> None:
        self._events = list(events)
        self._redraw()

    def set_names(self, a: str, b: str) -> None:
        self.names = (a, b)
        self._redraw()

    def set_cursor(self, time_s: float | None) -> None:
        """Move the cursor; the page turns when it leaves the view."""
        before, self._cursor = self._cursor, time_s
        if time_s is not None and self._range.turn_to(before, time_s):
            self._redraw()
        start, end = self.visible
        for each in (before, time_s):
            # Outside, it is invisible, and its position may overflow Qt's integers.
            if each is not None and start <= each <= end:
                x = round(self.x_of(each))
                self.update(QRect(x - _CURSOR_MARGIN, 0, 2 * _CURSOR_MARGIN, self.height()))
        self._describe()

    def set_selection(self, part: tuple[float, float] | None) -> None:
        """Show a part, (start, end) in s in either order, as selected."""
        self.selection = None if part is None else (min(part), max(part))
        self.update()
        self._describe()

    @property
    def visible(self) -> tuple[float, float]:
        return self._range.visible

    @property
    def following(self) -> bool:
        return self._range.following

    def follow(self, seconds: float | None) -> None:
        """Show the last seconds; with None, all rows or what was zoomed to."""
        self._range.follow(seconds)
        self._rows_changed()

    def hold_last(self, seconds: float) -> None:
        """Keep the last seconds in view, as they are now."""
        self._range.follow(seconds)
        self._range.hold()
        self._rows_changed()

    def show_all(self) -> None:
        """Show all rows, including those added later."""
        self._range.show_all()
        self._redraw()

    def zoom(self, factor: float, about_s: float | None = None) -> None:
        """Show `factor` times as much about a time, cursor or middle; no effect while following."""
        start, end = self.visible
        if about_s is None:
            in_view = self._cursor is not None and start <= self._cursor <= end
            about_s = self._cursor if in_view and self._cursor is not None else (start + end) / 2
        self._range.zoom(factor, about_s)
        self._redraw()

    def reveal(self, time_s: float) -> None:
        self._range.reveal(time_s)
        self._redraw()

    def x_of(self, time_s: float) -> float:
        """Return the position of a time, pixels from the left of this widget."""
        return self._plot().x(time_s)

    def sizeHint(self) -> QSize:
        return QSize(640, 210 + self._footer_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(260, 110 + self._footer_height())

    def background_key(self) -> int:
        return self._version

    def paint_foreground(self, painter: QPainter) -> None:
        plot = self._plot()
        if self.selection is not None:
            self._paint_selection(painter, plot, *self.selection)
        if self._cursor is not None and plot.start_s <= self._cursor <= plot.end_s:
            x = plot.x(self._cursor)
            painter.setPen(QPen(QColor(theme().palette.text), 1.5))
            painter.drawLine(QPointF(x, plot.top), QPointF(x, plot.base))
            painter.setBrush(QColor(theme().palette.text))
            grip = [QPointF(x - 4, plot.base + 5), QPointF(x + 4, plot.base + 5)]
            painter.drawPolygon(QPolygonF([QPointF(x, plot.base - 1), *grip]))

    def _paint_selection(
        self, painter: QPainter, plot: paint.Plot, start_s: float, end_s: float
    ) -> None:
        colour = QColor(theme().palette.accent)
        left, right = plot.x(start_s), plot.x(end_s)
        painter.save()
        painter.setClipRect(QRectF(plot.left, 0, plot.width, plot.base + 1))
        area = QRectF(left, plot.top, right - left, plot.base - plot.top)
        painter.fillRect(area, with_opacity(theme().palette.accent, 0.18))
        painter.setPen(QPen(colour, 2))
        painter.setBrush(colour)
        for x, inwards in ((left, 5), (right, -5)):
            painter.drawLine(QPointF(x, plot.top), QPointF(x, plot.base))
            for y, towards in ((plot.top, 7), (plot.base, -7)):
                corner = [QPointF(x, y), QPointF(x + inwards, y), QPointF(x, y + towards)]
                painter.drawPolygon(QPolygonF(corner))
        painter.restore()

    def paint_background(self, painter: QPainter) -> None:
        palette, plot, ratio = theme().palette, self._plot(), self.devicePixelRatioF()
        painter.fillRect(self.rect(), QColor(palette.surface))
        painter.setFont(self.font())
        count = max(round(plot.width * ratio), 1)
        events = [replace(each, text=event_text(each, self.names)) for each in self._events]
        self._flags = layout_flags(events, plot, QFontMetricsF(self.font()))
        paint.paint_grid(painter, plot)
        painter.save()
        painter.setClipRect(QRectF(plot.left, 0, plot.width, self.height()))
        stretches = self._rows.stretches(plot.start_s, plot.end_s, count)
        paint.paint_stretches(painter, stretches, plot, self.names)
        paint.paint_scores(painter, self._rows, plot, count)
        ends = paint.paint_chance(painter, self._rows, plot, count)
        painter.restore()
        paint.paint_axes(painter, plot)
        if self.width() >= _LABEL_MIN_WIDTH:
            paint.paint_chance_labels(painter, ends, plot)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._arcs:
            paint.paint_arcs(painter, self._arcs, plot, self._arc_height(), self.names)
        paint_flags(painter, self._flags, plot, self._band_height())
        if note := self._note or ("" if len(self._rows) else "No scores yet"):
            painter.setPen(QColor(palette.dim_text))
            area = QRectF(plot.left, plot.y(0.5), plot.width, plot.middle - plot.y(0.5))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, note)

    def _plot(self) -> paint.Plot:
        metrics = QFontMetricsF(self.font())
        left = max(metrics.horizontalAdvance(text) for _, text in paint.LEVELS) + 14
        bottom = self.height() - self._footer_height() - metrics.height() - 8 - self._arc_height()
        top = self._band_height()
        beside = (
            metrics.horizontalAdvance(paint.CHANCE) if self.width() >= _LABEL_MIN_WIDTH else 0.0
        )
        right = max(self.width() - 10.0 - beside, left + 1)
        return paint.Plot.with_lane(left, right, top, max(bottom, top + 3), *self.visible)

    def _band_height(self) -> float:
        return QFontMetricsF(self.font()).height() + 6

    def _arc_height(self) -> float:
        """Return the height of the lane of postures that were taken over, px; 0 without any."""
        return 2.6 * QFontMetricsF(self.font()).height() if self._arcs else 0.0

    def _footer_height(self) -> int:
        return 0

    def _rows_changed(self) -> None:
        self._late.stop()
        self._range.cover(self._rows.span)
        self._redraw()

    def _redraw(self) -> None:
        self._version += 1
        self.update()
        self._describe()

    def _describe(self) -> None:
        """Update the text for screen readers; it changes at most once a second."""
        start, end = self.visible
        first, last = self._range.span
        parts = [f"Shows {clock_time(start)} to {clock_time(end)} of {clock_time(last - first)}."]
        if self._cursor is not None and not self.following:
            parts.append(f"Cursor at {self.describe_time(float(round(self._cursor)))}.")
        if self.selection is not None:
            parts.append(f"Selected {' to '.join(map(clock_time, self.selection))}.")
        if self._note:
            parts.append(f"{self._note}.")
        counts = ((len(self._arcs), "posture{} taken over"), (len(self._events), "event{}"))
        parts += [f"{n} {what.format('s' if n > 1 else '')}." for n, what in counts if n]
        self.describe(" ".join(parts))

    def describe_time(self, time_s: float) -> str:
        """Return a time with its scores, or why there are none."""
        row = self._rows.at(time_s)
        text = clock_time(time_s, tenths=True)
        if row is None:
            return text
        if why := paint.state_text(row.state, self.names):
            return f"{text}  {why}"
        parts = []
        for name in SCORES:
            chance = getattr(row, f"chance_{name}")
            known = "" if math.isnan(chance) else f" (chance {number(chance)})"
            parts.append(f"{plain_name(name)} {number(getattr(row, name))}{known}")
        if (behind := follower(row, self.names)) is not None:
            parts.append(f"{behind[0]} follows by {behind[1]:.1f} s")
        return f"{text}  {', '.join(parts)}"
