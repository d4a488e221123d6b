"""Shown until the first frame of a session: progress, or why it failed and what mends it."""

from PyQt6.QtWidgets import QProgressBar, QPushButton, QWidget

from ui.widgets.build import button, horizontal
from ui.widgets.card import Card, centre


class OpeningView(QWidget):
    """Shows what is being done to start a session, or why it failed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._card = Card(self)
        self.text = self._card.text
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Starting the session")
        self.cancel = button("Cancel", self)
        self.retry = button("Try again", self, primary=True)
        self.folder = button("Choose folder…", self, primary=True)
        self.unrecorded = button("Go on without recording", self)
        self.back = button("Back to the start page", self)
        self._buttons = (self.cancel, self.folder, self.unrecorded, self.retry, self.back)
        self._card.column.addWidget(self._bar)
        self._card.column.addLayout(horizontal(*self._buttons, None))
        centre(self._card, self)
        self.show_step("")

    def show_step(self, text: str) -> None:
        self._card.show_text("busy", "Starting the session", text)
        self._show_buttons(self.cancel)

    def show_failure(self, text: str, *, started: bool, recording: bool = False) -> None:
        """Show why the session failed, before or after it had started.

        With `recording`, it is the recording that cannot be written.
        """
        title = "The session failed" if started else "The session could not be started"
        self._card.show_text("error", title, text)
        mends = (self.folder, self.unrecorded) if recording else (self.retry,)
        self._show_buttons(*mends, self.back)
        mends[0].setFocus()

    def _show_buttons(self, *shown: QPushButton) -> None:
        self._bar.setVisible(self.cancel in shown)
        for each in self._buttons:
            each.setVisible(each in shown)
