"""Shown until the first frame of a session: progress, or why it failed."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from ui.shell.theme import theme


class OpeningView(QWidget):
    """Shows what is being done to start a session, or why it failed."""

    cancelled = pyqtSignal()
    retry_clicked = pyqtSignal()
    back_clicked = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel(self)
        self._title.setStyleSheet("font-size: 20px; font-weight: 600;")
        self.text = QLabel(self)
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setMinimumWidth(560)
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Starting the session")
        self._cancel = QPushButton("Cancel", self)
        self._cancel.clicked.connect(self.cancelled)
        self._retry = QPushButton("Try again", self)
        self._retry.setProperty("primary", True)
        self._retry.clicked.connect(self.retry_clicked)
        self._back = QPushButton("Back to the start page", self)
        self._back.clicked.connect(self.back_clicked)
        buttons = QHBoxLayout()
        for button in (self._cancel, self._retry, self._back):
            buttons.addWidget(button)
        buttons.addStretch()
        column = QVBoxLayout()
        column.setSpacing(16)
        column.addStretch(2)
        for widget in (self._title, self.text, self._bar):
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
    def has_failed(self) -> bool:
        """Whether a failure is shown."""
        return self._bar.isHidden()

    def show_step(self, text: str) -> None:
        """Show what is being done."""
        self._show("Starting the session", text, failed=False)

    def show_failure(self, text: str, *, started: bool) -> None:
        """Show why the session failed, before or after it had started."""
        title = "The session failed" if started else "The session could not be started"
        self._show(title, text, failed=True)
        self._retry.setFocus()

    def _show(self, title: str, text: str, *, failed: bool) -> None:
        self._title.setText(title)
        self.text.setText(text)
        self.text.setAccessibleName(text)
        for widget in (self._bar, self._cancel):
            widget.setVisible(not failed)
        for button in (self._retry, self._back):
            button.setVisible(failed)
        self._paint()

    def _paint(self) -> None:
        palette = theme().palette
        colour = palette.error if self.has_failed else palette.text
        self.text.setStyleSheet(f"font-size: 15px; color: {colour};")
