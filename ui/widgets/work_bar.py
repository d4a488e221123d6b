"""A progress bar for work in the background, with its description and Cancel."""

from typing import Final

from PyQt6.QtWidgets import QLabel, QProgressBar, QWidget

from ui.runtime.background import Work
from ui.widgets.build import button, horizontal, timer

SHOW_AFTER_MS: Final = 300  # a bar for shorter work would flash, and move everything around


class WorkBar(QWidget):
    """Shows one piece of work while it runs, unless it is short; hidden otherwise."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work: Work | None = None
        self.label = QLabel(self)
        self.bar = QProgressBar(self)
        self.cancel = button("Cancel", self, self._cancel)
        self._delay = timer(self, SHOW_AFTER_MS, self.show, once=True)
        horizontal(self.label, (self.bar, 1), self.cancel, inside=self)
        self.hide()

    @property
    def running(self) -> bool:
        return self._work is not None

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
        self._delay.start()

    def _show_progress(self, work: Work, done: int, total: int) -> None:
        if work is self._work:
            self.bar.setRange(0, total)
            self.bar.setValue(done)

    def _end(self, work: Work) -> None:
        work.deleteLater()
        if work is self._work:
            self._work = None
            self._delay.stop()
            self.hide()

    def _cancel(self) -> None:
        if self._work is not None:
            self.cancel.setEnabled(False)
            self._work.cancel()
