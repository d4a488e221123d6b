"""Shown while no recording is: that one is being opened, or why it cannot be."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QWidget

from ui.widgets.build import button
from ui.widgets.card import Card, Sign, centre


class Placeholder(QWidget):
    """A text in the middle of a page, and a button back to the start page."""

    back_clicked = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._card = Card(self)
        self.button = button("Start page", self, self.back_clicked)
        self._card.column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        centre(self._card, self)

    @property
    def text(self) -> str:
        """What is being done, or why it failed."""
        return self._card.text.text()

    def show_text(self, sign: Sign, text: str) -> None:
        """Show what is being done, or why it failed; with an empty text, nothing."""
        self._card.setHidden(not text)
        self._card.show_text(sign, "", text)
