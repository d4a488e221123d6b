"""How two people stand: the two mappings as pictograms, seen from above."""

from typing import Final

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QIcon, QPixmap, QPolygonF
from PyQt6.QtWidgets import QButtonGroup, QPushButton, QWidget

from ui.shell.theme import theme
from ui.widgets.build import horizontal
from ui.widgets.labels import ElidedLabel
from ui.widgets.painting import blank_pixmap, smooth_painter

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
    pixmap = blank_pixmap(_SIZE.width(), _SIZE.height(), _RATIO)
    painter = smooth_painter(pixmap)
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
    """Chooses how the two people stand; in a session it says so if the other way fits better."""

    chosen = pyqtSignal(str)  # a mapping: "mirror" or "same-side"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons = {name: QPushButton(text, self) for name, text in STANDING.items()}
        group = QButtonGroup(self)
        self.text = ElidedLabel(parent=self)
        for name, button in self.buttons.items():
            button.setCheckable(True)
            button.setToolTip(_ANSWERS[name])
            button.setIconSize(_SIZE)
            button.clicked.connect(lambda _on, name=name: self.chosen.emit(name))
            group.addButton(button)
        horizontal(self.text, *self.buttons.values(), (None, 1), inside=self)
        self.show_mapping("mirror")
        theme().follow(self._paint)

    def show_mapping(self, mapping: str, better: str = "") -> None:
        """Show a mapping as the chosen one, and another if it fits better."""
        self.buttons[mapping].setChecked(True)
        for name, button in self.buttons.items():
            button.setDefault(name == better)  # only for its colour
        sentence = f"{STANDING[better]} fits clearly better" if better else ""
        self.text.setText("Fits better:" if better else "How do they stand?")
        self.text.setToolTip(sentence)
        self.text.setAccessibleName(sentence)

    def _paint(self) -> None:
        accent = f"color: {theme().palette.accent}; border: 2px solid {theme().palette.accent};"
        plain = f"background: {theme().palette.raised}; font-weight: normal; padding: 4px 13px;"
        self.setStyleSheet(f"QPushButton:default {{ {accent} {plain} }}")
        for name, button in self.buttons.items():
            button.setIcon(QIcon(standing_pixmap(name)))
