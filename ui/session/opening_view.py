"""Before the first picture: what is being done, or why it cannot be."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from ui.shell.theme import theme


class Opening(QWidget):
    """The steps of a session that begins, or what it failed by, with a way back."""

    cancelled = pyqtSignal()
    """The user does not want to wait for it."""

    again = pyqtSignal()
    """The user wants to try once more."""

    back = pyqtSignal()
    """The user leaves it at the failure."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel(self)
        self._title.setStyleSheet("font-size: 20px; font-weight: 600;")
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._words.setMinimumWidth(560)
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Getting ready")
        self._cancel = QPushButton("Cancel", self)
        self._cancel.clicked.connect(self.cancelled)
        self._again = QPushButton("Try again", self)
        self._again.setProperty("primary", True)
        self._again.clicked.connect(self.again)
        self._back = QPushButton("Back to the start page", self)
        self._back.clicked.connect(self.back)
        buttons = QHBoxLayout()
        for button in (self._cancel, self._again, self._back):
            buttons.addWidget(button)
        buttons.addStretch()
        column = QVBoxLayout()
        column.setSpacing(16)
        column.addStretch(2)
        for widget in (self._title, self._words, self._bar):
            column.addWidget(widget)
        column.addLayout(buttons)
        column.addStretch(3)
        row = QHBoxLayout(self)
        row.addStretch()
        row.addLayout(column)
        row.addStretch()
        theme().changed.connect(self._paint)
        self.show_step("")

    @property
    def words(self) -> str:
        """What is said."""
        return self._words.text()

    @property
    def has_failed(self) -> bool:
        """Whether a failure is shown, rather than a step."""
        return self._bar.isHidden()

    def show_step(self, text: str) -> None:
        """Say what is being done."""
        self._show("Getting ready", text, failed=False)

    def show_failure(self, text: str, *, begun: bool) -> None:
        """Say what it failed by, before or after it had begun."""
        what = "go on" if begun else "begin"
        self._show(f"The session could not {what}", text, failed=True)
        self._again.setFocus()

    def _show(self, title: str, text: str, *, failed: bool) -> None:
        self._title.setText(title)
        self._words.setText(text)
        self._words.setAccessibleName(text)
        for widget in (self._bar, self._cancel):
            widget.setVisible(not failed)
        for button in (self._again, self._back):
            button.setVisible(failed)
        self._paint()

    def _paint(self) -> None:
        palette = theme().palette
        colour = palette.error if self.has_failed else palette.text
        self._words.setStyleSheet(f"font-size: 15px; color: {colour};")
