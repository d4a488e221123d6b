"""The whole session as a strip, and in it the part that the timeline shows."""

from __future__ import annotations

from typing import Final

from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPen
from PyQt6.QtWidgets import QWidget

from ui.shell.theme import theme
from ui.widgets.painting import PaintedWidget
from ui.widgets.timeline.axis import Plot
from ui.widgets.timeline.data import Rows
from ui.widgets.timeline.paint import paint_scores, paint_stretches

HEIGHT: Final = 30


class Overview(PaintedWidget):
    """A strip with the whole session; drag the part in view, or click where it should be.

    Parameters
    ----------
    rows : Rows
        What there is; `redraw` says that it has changed.
    parent : QWidget
    """

    dragged = pyqtSignal(float)
    """The part in view should begin at this moment, s."""

    def __init__(self, rows: Rows, parent: QWidget) -> None:
        super().__init__("Overview of the whole session", parent)
        self._rows = rows
        self._window = (0.0, 1.0)
        self._cursor: float | None = None
        self._held: float | None = None
        self._drawing = 0
        self.setToolTip("The whole session: drag the part that is shown above")
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def redraw(self) -> None:
        """Paint the rows again."""
        self._drawing += 1
        self.update()

    def show_window(self, start_s: float, end_s: float) -> None:
        """Show that this part is in view."""
        if self._window != (start_s, end_s):
            self._window = (start_s, end_s)
            self.update()

    def show_cursor(self, time_s: float | None) -> None:
        """Show where the cursor is."""
        if self._cursor != time_s:
            self._cursor = time_s
            self.update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        time_s = self._plot().time(event.position().x())
        start, end = self._window
        if not start <= time_s <= end:
            start = time_s - (end - start) / 2
            self.dragged.emit(start)
        self._held = time_s - start

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and self._held is not None:
            self.dragged.emit(self._plot().time(event.position().x()) - self._held)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._held = None

    def background_key(self) -> int:
        return self._drawing

    def paint_background(self, painter: QPainter) -> None:
        palette, plot = theme().palette, self._plot()
        painter.fillRect(self.rect(), QColor(palette.surface))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        count = max(self.width(), 1)
        stretches = self._rows.stretches(plot.start_s, plot.end_s, count)
        paint_stretches(painter, stretches, plot, palette, None)
        paint_scores(painter, self._rows, plot, count, palette)

    def paint_foreground(self, painter: QPainter) -> None:
        palette, plot = theme().palette, self._plot()
        left, right = (plot.x(time_s) for time_s in self._window)
        veil = QColor(palette.background)
        veil.setAlpha(170)
        painter.fillRect(QRectF(0, 0, left, self.height()), veil)
        painter.fillRect(QRectF(right, 0, self.width() - right, self.height()), veil)
        if self._cursor is not None:
            painter.setPen(QPen(QColor(palette.text), 1))
            x = round(plot.x(self._cursor)) + 0.5
            painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        painter.setPen(QPen(QColor(palette.accent), 2))
        # A short part of two hours would be too narrow to be seen.
        wide = max(right - left, 6.0)
        painter.drawRoundedRect(QRectF(left, 1, wide, self.height() - 2), 3, 3)

    def _plot(self) -> Plot:
        start, end = self._rows.span or (0.0, 1.0)
        return Plot(0, self.width(), 1, self.height() - 1, start, max(end, start + 1e-3))
