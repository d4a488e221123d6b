"""A panel in the middle of an otherwise empty page: a sign, a title, a text, and what is below."""

from __future__ import annotations

from typing import Final, Literal

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPen
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.shell.theme import theme
from ui.widgets.labels import WrappedLabel
from ui.widgets.painting import PaintedWidget, with_opacity

Sign = Literal["busy", "error"]

_WIDTH: Final = 620


class Card(QFrame):
    """Shows one thing in the middle of a page; further widgets are added to `column`."""

    def __init__(self, parent: QWidget | None = None, *, width: int = _WIDTH) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._sign = _Sign(self)
        self.title = QLabel(self)
        self.title.setStyleSheet("font-size: 20px; font-weight: 600;")
        self.text = WrappedLabel(parent=self)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.column = QVBoxLayout()
        self.column.setSpacing(14)
        self.column.addWidget(self.title)
        self.column.addWidget(self.text)
        row = QHBoxLayout(self)
        row.setContentsMargins(28, 26, 28, 26)
        row.setSpacing(22)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(self.column, 1)
        self.setMaximumWidth(width)
        theme().changed.connect(self._paint)
        self._paint()

    @property
    def sign(self) -> Sign:
        """Whether something is being done, or has failed."""
        return self._sign.kind

    def show_text(self, sign: Sign, title: str, text: str) -> None:
        self._sign.kind = sign
        self._sign.update()
        self.title.setText(title)
        self.title.setVisible(bool(title))
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.text.setAccessibleName(text)
        self._paint()

    def _paint(self) -> None:
        palette = theme().palette
        colour = palette.error if self.sign == "error" else palette.text
        self.text.setStyleSheet(f"font-size: 15px; color: {colour};")
        self.setStyleSheet(
            f"#card {{ background: {palette.surface}; border: 1px solid {palette.border};"
            " border-radius: 10px; }"
        )


def centre(card: Card, page: QWidget) -> None:
    """Lay out a page that shows nothing but a card."""
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.addStretch(2)
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(card, 20)
    row.addStretch(1)
    column.addLayout(row)
    column.addStretch(3)


class _Sign(PaintedWidget):
    """The program's two circles, or a cross."""

    kind: Sign = "busy"

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", parent)
        self.setFixedSize(QSize(56, 56))

    def background_key(self) -> str:
        return self.kind

    def paint_background(self, painter: QPainter) -> None:
        palette = theme().palette
        if self.kind == "busy":
            painter.setPen(Qt.PenStyle.NoPen)
            for x, colour in ((19.0, palette.in_phase), (37.0, palette.anti_phase)):
                painter.setBrush(with_opacity(colour, 0.75))
                painter.drawEllipse(QPointF(x, 28.0), 17.0, 17.0)
            return
        painter.setPen(QPen(QColor(palette.error), 5, cap=Qt.PenCapStyle.RoundCap))
        painter.drawEllipse(QRectF(5, 5, 46, 46))
        for start, end in (((19, 19), (37, 37)), ((37, 19), (19, 37))):
            painter.drawLine(QPointF(*start), QPointF(*end))
