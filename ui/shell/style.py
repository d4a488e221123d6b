"""The Fusion style with visible outlines, which it lacks in dark themes."""

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
    """Outlines line edits, check boxes, radio buttons, combo boxes, spin boxes and slider handles.

    The outline has the palette's `Dark` colour; around the focus, `Accent` and twice the width.
    """

    def __init__(self) -> None:
        super().__init__("Fusion")

    def polish(self, target: Any) -> Any:
        """Show labels as plain text: names, notes and events may contain HTML from other people."""
        if isinstance(target, QLabel) and target.textFormat() == Qt.TextFormat.AutoText:
            target.setTextFormat(Qt.TextFormat.PlainText)
        return super().polish(target)

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


def _outline(painter: QPainter, option: QStyleOption, rect: QRectF, radius: float) -> None:
    focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
    role = QPalette.ColorRole.Accent if focused else QPalette.ColorRole.Dark
    # A circle is anti-aliased: a thinner line would look faint.
    width = 2.0 if focused or radius > 2 else 1.0
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(option.palette.color(role), width))
    inset = width / 2
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), radius, radius)
    painter.restore()
