"""How two people stand: the two mappings as pictograms, seen from above."""

from __future__ import annotations

from typing import Final

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QIcon, QPainter, QPixmap, QPolygonF
from PyQt6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QWidget

from ui.shell.theme import theme
from ui.widgets.labels import ElidedLabel

STANDING: Final = {"mirror": "Facing each other", "same-side": "Side by side"}
"""What each mapping is called for a trainer."""

_ANSWERS: Final = {
    "mirror": "Mirror: B's right arm answers A's left arm",
    "same-side": "Same side: B's right arm answers A's right arm",
}
_SIZE: Final = QSize(40, 24)
_RATIO: Final = 2.0  # pixels of the pictogram, also sharp on dense screens


def standing_pixmap(mapping: str) -> QPixmap:
    """Return two heads with shoulders and noses, in the theme's colour of text."""
    pixmap = QPixmap(_SIZE * int(_RATIO))
    pixmap.setDevicePixelRatio(_RATIO)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme().palette.text))
    if mapping == "mirror":  # each nose points to the other person
        places = ((8.0, 12.0, 0.0), (32.0, 12.0, 180.0))
    else:
        places = ((10.0, 14.0, 270.0), (30.0, 14.0, 270.0))
    for x, y, angle in places:
        painter.save()
        painter.translate(x, y)
        painter.rotate(angle)
        painter.drawRoundedRect(QRectF(-3.0, -9.0, 5.0, 18.0), 2.5, 2.5)
        painter.drawEllipse(QPointF(1.0, 0.0), 4.5, 4.5)
        painter.drawPolygon(QPolygonF([QPointF(5, -2.5), QPointF(9, 0), QPointF(5, 2.5)]))
        painter.restore()
    painter.end()
    return pixmap


class StandingChoice(QWidget):
    """Chooses how the two people stand."""

    chosen = pyqtSignal(str)
    """A mapping: "mirror" or "same-side"."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons = {name: QPushButton(text, self) for name, text in STANDING.items()}
        group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(QLabel("How do they stand?", self))
        for name, button in self.buttons.items():
            button.setCheckable(True)
            button.setToolTip(_ANSWERS[name])
            button.setIconSize(_SIZE)
            button.clicked.connect(lambda _on, name=name: self.chosen.emit(name))
            group.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        theme().changed.connect(self._paint)
        self._paint()

    def show_mapping(self, mapping: str) -> None:
        """Show a mapping as the chosen one."""
        self.buttons[mapping].setChecked(True)

    def _paint(self) -> None:
        for name, button in self.buttons.items():
            button.setIcon(QIcon(standing_pixmap(name)))


class StandingLine(QWidget):
    """Says in a session how the two people stand, and suggests the other way if it fits better."""

    accepted = pyqtSignal(str)
    """The mapping that was suggested."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mapping, self._suggested = "mirror", ""
        self._picture = QLabel(self)
        self.text = ElidedLabel(parent=self)
        self.text.setProperty("dim", True)
        self.accept = QPushButton(self)
        self.accept.clicked.connect(lambda: self.accepted.emit(self._suggested))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self._picture, self.text, self.accept):
            row.addWidget(widget)
        theme().changed.connect(self._show)
        self._show()

    def show_mapping(self, mapping: str, suggested: str = "") -> None:
        """Show the mapping in force, and one that fits better; empty for none."""
        if (mapping, suggested) != (self._mapping, self._suggested):
            self._mapping, self._suggested = mapping, suggested
            self._show()

    def _show(self) -> None:
        self._picture.setPixmap(standing_pixmap(self._mapping))
        text, other = STANDING[self._mapping], STANDING.get(self._suggested, "")
        if other:
            text += f". {other} has fitted clearly better for 20 s."
        self.text.setText(text)
        self.accept.setText(f"Score as {other.lower()}")
        self.accept.setVisible(bool(other))
