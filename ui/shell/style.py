"""Fusion with edges that are seen: its own are drawn darker than the window, even a dark one."""

from __future__ import annotations

from typing import Any, Final

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter, QPalette, QPen
from PyQt6.QtWidgets import (
    QLabel,
    QProxyStyle,
    QStyle,
    QStyleOption,
    QStyleOptionComplex,
    QWidget,
)

_Primitive = QStyle.PrimitiveElement
_Complex = QStyle.ComplexControl

_BOXES: Final = (_Primitive.PE_FrameLineEdit, _Primitive.PE_IndicatorCheckBox)
_FIELDS: Final = (_Complex.CC_ComboBox, _Complex.CC_SpinBox)


class OutlinedStyle(QProxyStyle):
    """Outlines what is filled in, ticked, chosen or dragged.

    In the palette's `Dark`; in its `Accent` and twice as thick around what has the focus.
    """

    def __init__(self) -> None:
        super().__init__("Fusion")

    def polish(self, thing: Any) -> Any:
        """Show texts as they are: names, notes and events come from people, also from strangers.

        Qt would take a label or a tip that looks like HTML for HTML.
        """
        if isinstance(thing, QLabel) and thing.textFormat() == Qt.TextFormat.AutoText:
            thing.setTextFormat(Qt.TextFormat.PlainText)
        return super().polish(thing)

    def drawPrimitive(
        self,
        element: QStyle.PrimitiveElement,
        option: QStyleOption | None,
        painter: QPainter | None,
        widget: QWidget | None = None,
    ) -> None:
        super().drawPrimitive(element, option, painter, widget)
        if option is None or painter is None:
            return
        if element in _BOXES:
            _outline(painter, option, QRectF(option.rect), 2.0)
        elif element == _Primitive.PE_IndicatorRadioButton:
            side = min(option.rect.width(), option.rect.height())
            circle = QRectF(0, 0, side, side)
            circle.moveCenter(QRectF(option.rect).center())
            _outline(painter, option, circle, side / 2)

    def drawComplexControl(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex | None,
        painter: QPainter | None,
        widget: QWidget | None = None,
    ) -> None:
        super().drawComplexControl(control, option, painter, widget)
        if option is None or painter is None:
            return
        if control in _FIELDS:
            _outline(painter, option, QRectF(option.rect), 2.0)
        elif control == _Complex.CC_Slider:
            handle = self.subControlRect(control, option, QStyle.SubControl.SC_SliderHandle, widget)
            _outline(painter, option, QRectF(handle), 2.0)


def _outline(painter: QPainter, option: QStyleOption, room: QRectF, radius: float) -> None:
    focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
    role = QPalette.ColorRole.Accent if focused else QPalette.ColorRole.Dark
    # Between the screen's pixels, as a circle is, a thinner line would fade.
    thick = 2.0 if focused or radius > 2 else 1.0
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(option.palette.color(role), thick))
    inset = thick / 2
    painter.drawRoundedRect(room.adjusted(inset, inset, -inset, -inset), radius, radius)
    painter.restore()
