"""The whole session as a strip, with the part that the timeline shows."""

from typing import Final

from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPen
from PyQt6.QtWidgets import QWidget

from ui.shell.theme import theme
from ui.widgets.painting import PaintedWidget, with_opacity
from ui.widgets.timeline.data import RowBuffer
from ui.widgets.timeline.paint import Plot, paint_scores, paint_stretches

OVERVIEW_HEIGHT: Final = 30


class Overview(PaintedWidget):
    """A strip of all rows of a timeline, to drag the part in view; call `redraw` after changes."""

    dragged = pyqtSignal(float)  # requested start of the part in view, s

    def __init__(self, rows: RowBuffer, parent: QWidget) -> None:
        super().__init__("Overview of the whole session", parent)
        self._rows = rows
        self._visible = (0.0, 1.0)
        self._cursor: float | None = None
        self._grip: float | None = None
        self._version = 0
        self.setToolTip("The whole session: drag the part that is shown above")
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def redraw(self) -> None:
        self._version += 1
        self.update()

    def show_visible(self, start_s: float, end_s: float) -> None:
        if self._visible != (start_s, end_s):
            self._visible = (start_s, end_s)
            self.update()

    def show_cursor(self, time_s: float | None) -> None:
        if self._cursor != time_s:
            self._cursor = time_s
            self.update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        time_s = self._plot().time(event.position().x())
        start, end = self._visible
        if not start <= time_s <= end:
            start = time_s - (end - start) / 2
            self.dragged.emit(start)
        self._grip = time_s - start

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and self._grip is not None:
            self.dragged.emit(self._plot().time(event.position().x()) - self._grip)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._grip = None

    def background_key(self) -> int:
        return self._version

    def paint_background(self, painter: QPainter) -> None:
        palette, plot = theme().palette, self._plot()
        painter.fillRect(self.rect(), QColor(palette.surface))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        count = max(self.width(), 1)
        paint_stretches(painter, self._rows.stretches(plot.start_s, plot.end_s, count), plot, None)
        paint_scores(painter, self._rows, plot, count)

    def paint_foreground(self, painter: QPainter) -> None:
        palette, plot = theme().palette, self._plot()
        left, right = (plot.x(time_s) for time_s in self._visible)
        veil = with_opacity(palette.background, 0.67)
        painter.fillRect(QRectF(0, 0, left, self.height()), veil)
        painter.fillRect(QRectF(right, 0, self.width() - right, self.height()), veil)
        if self._cursor is not None:
            painter.setPen(QPen(QColor(palette.text), 1))
            x = round(plot.x(self._cursor)) + 0.5
            painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        painter.setPen(QPen(QColor(palette.accent), 2))
        # A short part of two hours would be too narrow to see.
        painter.drawRoundedRect(QRectF(left, 1, max(right - left, 6.0), self.height() - 2), 3, 3)

    def _plot(self) -> Plot:
        start, end = self._rows.span or (0.0, 1.0)
        return Plot(0, self.width(), 1, self.height() - 1, start, max(end, start + 1e-3))
