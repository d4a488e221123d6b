"""The interactive timeline: a cursor to drag, a part to select, the wheel to zoom."""

from collections.abc import Callable
from typing import Final

from PyQt6 import QtGui
from PyQt6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, pyqtSignal
from PyQt6.QtWidgets import QToolTip, QWidget

from mirror.mimicry import TakeOver
from mirror.wording import clock_time
from ui.shell.theme import theme
from ui.widgets.build import known
from ui.widgets.timeline.canvas import TimelineCanvas
from ui.widgets.timeline.flags import Flag, describe_event, flag_at
from ui.widgets.timeline.overview import OVERVIEW_HEIGHT, Overview

_OVERVIEW_FROM_S: Final = 180.0  # length of a session from which on there is an overview below
_GRIP: Final = 5.0
_WHEEL_NOTCH: Final = 120
_WHEEL_ZOOM: Final = 0.8
_WHEEL_MOVE: Final = 0.1
_KEY_ZOOM: Final = 0.5
_KEY_MOVE: Final = 0.2

_SHIFT: Final = Qt.KeyboardModifier.ShiftModifier
_CTRL: Final = Qt.KeyboardModifier.ControlModifier
_LEFT: Final = Qt.MouseButton.LeftButton
_MIDDLE: Final = Qt.MouseButton.MiddleButton
_KEY_REASONS: Final = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
    Qt.FocusReason.OtherFocusReason,
)
_RETURN_REASONS: Final = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
_IN: Final = (Qt.Key.Key_Plus, Qt.Key.Key_Equal)


class TimelineView(TimelineCanvas):
    """The timeline of a live session or a recording.

    Click or drag to move the cursor; drag with Shift or the middle button to scroll; the wheel
    zooms about the pointer, or scrolls sideways. Drag with Ctrl to select a part, drag its edges to
    change it. While it follows the newest rows, the wheel and a drag stop that and scroll back.

    Keys: + and − (also with Ctrl) zoom about the cursor, 0 shows all, Home and End move the cursor
    to the ends, Ctrl+Left and Ctrl+Right scroll, Escape clears the selection. Shortcuts of the page
    take precedence.
    """

    held = pyqtSignal()  # the user stopped it from following the newest rows
    moved = pyqtSignal(float)  # the user moved the cursor to this time, s
    selected = pyqtSignal(object)  # (start, end) in s, by the user; None: nothing any more
    event_activated = pyqtSignal(int)  # the user double-clicked a flag; the index of its event

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drag: Callable[[float], None] | None = None
        self._selecting = False
        self._has_focus_ring = False
        self._overview = Overview(self._rows, self)
        self._overview.dragged.connect(self._start_at)
        self._overview.hide()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)

    def set_cursor(self, time_s: float | None) -> None:
        # A cursor that is being dragged stays with the mouse.
        if self._drag is None or self._selecting:
            self._put_cursor(time_s)

    def mousePressEvent(self, event: QtGui.QMouseEvent | None) -> None:
        if event is None or self._drag is not None or not len(self._rows):
            return
        x = event.position().x()
        scrolls = self._range.live or bool(event.modifiers() & _SHIFT)
        if event.button() == _MIDDLE or (event.button() == _LEFT and scrolls):
            held_s = self._plot().time(x)
            self._drag = lambda x: self._start_at(self.visible[0] + held_s - self._plot().time(x))
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() == _LEFT:
            fixed = self._other_edge(x)
            if event.modifiers() & _CTRL:
                fixed = self._time(x)
            if fixed is not None:
                self._selecting = True
                self._drag = lambda x: self.set_selection((fixed, self._time(x)))
            else:
                self._drag = lambda x: self._move_cursor(self._time(x))
                flag = self._flag_at(event.position(), band_only=True)
                times = [flag.event.time_s] if flag else []
                times += [arc.time_s for arc in self._arcs_at(event.position())]
                self._move_cursor(next(iter(times), self._time(x)))

    def mouseMoveEvent(self, event: QtGui.QMouseEvent | None) -> None:
        event = known(event)
        if self._drag is not None:
            self._drag(event.position().x())
        else:
            self._update_cursor_shape(event.position())

    def mouseReleaseEvent(self, event: QtGui.QMouseEvent | None) -> None:
        if event is None or self._drag is None or event.button() not in (_LEFT, _MIDDLE):
            return
        self._drag = None
        if self._selecting:
            self._selecting = False
            if (part := self.selection) is not None and part[1] - part[0] < self._rows.hop_s:
                self.set_selection(None)
            self.selected.emit(self.selection)
        self._update_cursor_shape(event.position())

    def mouseDoubleClickEvent(self, event: QtGui.QMouseEvent | None) -> None:
        event = known(event)
        flag = self._flag_at(event.position()) if event.button() == _LEFT else None
        if flag is None:
            # Away from flags, the second click is a click too.
            self.mousePressEvent(event)
        else:
            self.event_activated.emit(flag.index)

    def wheelEvent(self, event: QtGui.QWheelEvent | None) -> None:
        event = known(event)
        if not len(self._rows):
            event.ignore()
            return
        self._hold()
        delta = event.angleDelta()
        if abs(delta.x()) > abs(delta.y()):
            self._scroll(-_WHEEL_MOVE * delta.x() / _WHEEL_NOTCH)
        else:
            about = self._plot().time(event.position().x())
            self.zoom(_WHEEL_ZOOM ** (delta.y() / _WHEEL_NOTCH), about)
        event.accept()

    def keyPressEvent(self, event: QtGui.QKeyEvent | None) -> None:
        event = known(event)
        key, ctrl = event.key(), bool(event.modifiers() & _CTRL)
        span = self._rows.ends
        if self.following or span is None:
            event.ignore()
        elif event.matches(QtGui.QKeySequence.StandardKey.ZoomIn) or key in _IN:
            self.zoom(_KEY_ZOOM)
        elif event.matches(QtGui.QKeySequence.StandardKey.ZoomOut) or key == Qt.Key.Key_Minus:
            self.zoom(1 / _KEY_ZOOM)
        elif key == Qt.Key.Key_0:
            self.show_all()
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._move_cursor(span[0 if key == Qt.Key.Key_Home else 1])
            self.reveal(span[0 if key == Qt.Key.Key_Home else 1])
        elif ctrl and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._scroll(_KEY_MOVE * (1 if key == Qt.Key.Key_Right else -1))
        elif key == Qt.Key.Key_Escape and self.selection is not None:
            self.set_selection(None)
            self.selected.emit(None)
        else:
            event.ignore()

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QtGui.QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text, area = self._tool_tip(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), text, self, area)
            return True
        return super().event(event)

    def focusInEvent(self, event: QtGui.QFocusEvent | None) -> None:
        # A ring after keys but not after clicks; unchanged on return to the window.
        if event is not None and event.reason() not in _RETURN_REASONS:
            self._has_focus_ring = event.reason() in _KEY_REASONS
        super().focusInEvent(event)

    def resizeEvent(self, event: QtGui.QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._place_overview()

    def paintEvent(self, event: QtGui.QPaintEvent | None) -> None:
        super().paintEvent(event)
        if self._has_focus_ring and self.hasFocus():
            painter = QtGui.QPainter(self)
            painter.setPen(QtGui.QPen(QtGui.QColor(theme().palette.accent), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _move_cursor(self, time_s: float) -> None:
        self._put_cursor(time_s)
        self.moved.emit(time_s)

    def _put_cursor(self, time_s: float | None) -> None:
        super().set_cursor(time_s)
        self._overview.show_cursor(time_s)

    def _hold(self) -> None:
        if self.following:
            self._range.hold()
            self.held.emit()

    def _start_at(self, start_s: float) -> None:
        self._hold()
        self._range.start_at(start_s)
        self._redraw()

    def _scroll(self, share: float) -> None:
        start, end = self.visible
        self._start_at(start + share * (end - start))

    def _time(self, x: float) -> float:
        """Return the time at a position, limited to the rows and the view."""
        first, last = self._rows.ends or self.visible
        start, end = self.visible
        return min(max(self._plot().time(x), first, start), last, end)

    def _other_edge(self, x: float) -> float | None:
        """Return the edge of the selection opposite to the one at this position."""
        if self.selection is None:
            return None
        start, end = self.selection
        to_start, to_end = abs(x - self.x_of(start)), abs(x - self.x_of(end))
        if min(to_start, to_end) > _GRIP:
            return None
        return end if to_start < to_end else start

    def _flag_at(self, place: QPointF, *, band_only: bool = False) -> Flag | None:
        plot = self._plot()
        in_band = place.y() < plot.top
        if (band_only and not in_band) or not 0 <= place.y() <= plot.base:
            return None
        flags = [flag for flag in self._flags if in_band or abs(flag.x - place.x()) <= _GRIP]
        return flag_at(flags, place.x())

    def _arcs_at(self, place: QPointF) -> list[TakeOver]:
        """Return the postures taken over at a position in their lane, the nearest first."""
        plot, x = self._plot(), place.x()
        if not 0 < place.y() - plot.base - self._band_height() <= self._arc_height():
            return []
        first, last = plot.time(x - _GRIP), plot.time(x + _GRIP)
        near = [a for a in self._arcs if a.time_s - a.latency_s <= last and a.time_s >= first]
        return sorted(near, key=lambda arc: abs(plot.x(arc.time_s) - x))

    def _update_cursor_shape(self, place: QPointF) -> None:
        """Show by the pointer's shape what a click would do."""
        if self.following or not len(self._rows):
            self.unsetCursor()
        elif self._other_edge(place.x()) is not None:
            self.setCursor(Qt.CursorShape.SplitHCursor)
        elif self._flag_at(place, band_only=True) is not None or self._arcs_at(place):
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.unsetCursor()

    def _tool_tip(self, place: QPointF) -> tuple[str, QRect]:
        """Return the tool tip at a position, and the area in which it is valid."""
        plot, x = self._plot(), place.x()
        if self._flag_at(place) is not None:
            near = [flag for flag in self._flags if abs(flag.x - x) <= 2 * _GRIP]
            hit = self._flag_at(place)
            events = [flag.event for flag in near] or ([hit.event] if hit else [])
            return "\n".join(map(describe_event, events)), QRect(round(x) - 3, 0, 6, self.height())
        if arcs := self._arcs_at(place):
            lines = (f"{clock_time(arc.time_s)}  {arc.describe(self.names)}" for arc in arcs)
            return "\n".join(lines), QRect(round(x) - 3, round(plot.base), 6, self.height())
        if not (plot.left <= x <= plot.right and plot.top <= place.y() <= plot.base):
            return "", QRect()
        return self.describe_time(plot.time(x)), QRect(round(x) - 2, 0, 4, self.height())

    def _footer_height(self) -> int:
        return OVERVIEW_HEIGHT + 6 if self._has_overview() else 0

    def _has_overview(self) -> bool:
        start, end = self._range.span
        return not self.following and end - start >= _OVERVIEW_FROM_S

    def _place_overview(self) -> None:
        plot = self._plot()
        area = QRectF(plot.left, self.height() - OVERVIEW_HEIGHT - 2, plot.width, OVERVIEW_HEIGHT)
        self._overview.setGeometry(area.toRect())
        if self._overview.isHidden() == self._has_overview():
            self._overview.setVisible(self._has_overview())
            self.updateGeometry()

    def _rows_changed(self) -> None:
        super()._rows_changed()
        self._overview.redraw()
        self._place_overview()

    def _redraw(self) -> None:
        super()._redraw()
        self._overview.show_visible(*self.visible)
