"""Work that goes on in the background of a page: what it is, how far it is, and Cancel."""

from __future__ import annotations

from PyQt6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from ui.runtime.background import Work


class WorkBar(QWidget):
    """Shows one piece of work, as long as that runs; hidden otherwise."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work: Work | None = None
        self.words = QLabel(self)
        self.bar = QProgressBar(self)
        self.cancel = QPushButton("Cancel", self)
        self.cancel.clicked.connect(self._cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.words)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        self.hide()

    def watch(self, work: Work, text: str) -> None:
        """Show this work from now on, in place of any other, and start it."""
        self._work = work
        self.words.setText(text)
        self.bar.setAccessibleName(text)
        self.bar.setRange(0, 0)
        self.cancel.setAccessibleName(f"Cancel: {text}")
        self.cancel.setEnabled(True)
        work.progress.connect(lambda done, total: self._reach(work, done, total))
        for end in (work.finished, work.failed, work.cancelled):
            end.connect(lambda *_: self._ended(work))
        work.start()
        self.show()

    def _reach(self, work: Work, done: int, total: int) -> None:
        if work is self._work:
            self.bar.setRange(0, total)
            self.bar.setValue(done)

    def _ended(self, work: Work) -> None:
        if work is self._work:
            self._work = None
            self.hide()

    def _cancel(self) -> None:
        if self._work is not None:
            self.cancel.setEnabled(False)
            self._work.cancel()
