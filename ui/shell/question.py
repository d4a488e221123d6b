"""A question before something is ended; nothing waits for the answer meanwhile."""

from __future__ import annotations

from PyQt6.QtWidgets import QMessageBox, QWidget


class Question(QMessageBox):
    """Asks in a small window whether to end what is going on; open it with ``open()``.

    Parameters
    ----------
    text, more : str
        What is going on, and what becomes of it.
    end, go_on : str
        The words on the two buttons; the second is what Enter and Escape mean.
    parent : QWidget
    """

    def __init__(self, text: str, more: str, end: str, go_on: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setIcon(QMessageBox.Icon.Question)
        self.setWindowTitle("mirror")
        self.setText(text)
        self.setInformativeText(more)
        self._end = self.addButton(end, QMessageBox.ButtonRole.AcceptRole)
        stay = self.addButton(go_on, QMessageBox.ButtonRole.RejectRole)
        self.setDefaultButton(stay)
        self.setEscapeButton(stay)
        self.finished.connect(self.deleteLater)

    @property
    def agreed(self) -> bool:
        """Once it is finished: whether it is to be ended."""
        return self.clickedButton() is self._end
