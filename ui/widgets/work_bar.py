"""A progress bar for work in the background, with its description and Cancel."""

from __future__ import annotations

from PyQt6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from ui.runtime.background import Work


class WorkBar(QWidget):
    """Shows one piece of work while it runs; hidden otherwise."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work: Work | None = None
        self.label = QLabel(self)
        self.bar = QProgressBar(self)
        self.cancel = QPushButton("Cancel", self)
        self.cancel.clicked.connect(self._cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.label)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        self.hide()

    def start(self, work: Work, text: str) -> None:
        """Start work and show it in place of any other; it is deleted when it has ended."""
        self._work = work
        self.label.setText(text)
        self.bar.setAccessibleName(text)
        self.bar.setRange(0, 0)
        self.cancel.setAccessibleName(f"Cancel: {text}")
        self.cancel.setEnabled(True)
        work.progress.connect(lambda done, total: self._show_progress(work, done, total))
        for signal in (work.finished, work.failed, work.cancelled):
            signal.connect(lambda *_: self._end(work))
        work.start()
        self.show()

    def _show_progress(self, work: Work, done: int, total: int) -> None:
        if work is self._work:
            self.bar.setRange(0, total)
            self.bar.setValue(done)

    def _end(self, work: Work) -> None:
        work.deleteLater()
        if work is self._work:
            self._work = None
            self.hide()

    def _cancel(self) -> None:
        if self._work is not None:
            self.cancel.setEnabled(False)
            self._work.cancel()
