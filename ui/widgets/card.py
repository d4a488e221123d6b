"""A panel in the middle of an otherwise empty page: a title, a text, and what is below."""

from typing import Final, Literal

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QLabel, QStackedWidget, QWidget

from ui.shell.theme import theme
from ui.widgets.build import button, horizontal, vertical
from ui.widgets.labels import WrappedLabel

Sign = Literal["busy", "error"]

_WIDTH: Final = 620


class Card(QFrame):
    """Shows one thing in the middle of a page; further widgets are added to `column`."""

    def __init__(self, parent: QWidget | None = None, *, width: int = _WIDTH) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._sign: Sign = "busy"
        self.title = QLabel(self)
        self.title.setStyleSheet("font-size: 20px; font-weight: 600;")
        self.text = WrappedLabel(parent=self)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        margins = (28, 26, 28, 26)
        self.column = vertical(self.title, self.text, inside=self, margins=margins, spacing=14)
        self.setMaximumWidth(width)
        theme().follow(self._paint)

    def show_text(self, sign: Sign, title: str, text: str) -> None:
        """Show what is being done, or what has failed; empty texts take no room."""
        self._sign = sign
        self.title.setText(title)
        self.title.setVisible(bool(title))
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.text.setAccessibleName(text)
        self._paint()

    def _paint(self) -> None:
        palette = theme().palette
        failed = self._sign == "error"
        text, edge = (palette.error if failed else each for each in (palette.text, palette.accent))
        self.text.setStyleSheet(f"font-size: 15px; color: {text};")
        self.setStyleSheet(
            f"#card {{ background: {palette.surface}; border: 1px solid {palette.border};"
            f" border-left: 6px solid {edge}; border-radius: 6px; }}"
        )


def centre(card: Card, page: QWidget) -> None:
    """Lay out a page that shows nothing but a card."""
    vertical((None, 2), horizontal((None, 1), (card, 20), (None, 1)), (None, 3), inside=page)


class PageStack(QStackedWidget):
    """A page that fills `parent`, or in its place a text in the middle, and a button back."""

    back_clicked = pyqtSignal()

    def __init__(self, page: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._page, self._card, instead = page, Card(self), QWidget(self)
        back = button("Back", self, self.back_clicked)
        self._card.column.addWidget(back, 0, Qt.AlignmentFlag.AlignLeft)
        centre(self._card, instead)
        for each in (instead, page):
            self.addWidget(each)
        vertical(self, inside=parent)
        self.show_text("busy", "")

    @property
    def text(self) -> str:
        """The text that is shown in place of the page; empty while the page is."""
        return "" if self.currentWidget() is self._page else self._card.text.text()

    def show_text(self, sign: Sign, text: str) -> None:
        """Show what is being done, or why it failed; with an empty text, nothing."""
        self._card.setHidden(not text)
        self._card.show_text(sign, "", text)
        self.setCurrentIndex(0)

    def show_page(self) -> None:
        self.setCurrentWidget(self._page)
