"""What is said about a session while it runs: labels, condition, notes, and what is stored."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtWidgets import (
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from mirror.session.start import SessionRequest
from ui.start.details import NOT_STORED, STORED

_PAUSE_MS = 800  # in typing, after which what is written is kept


class About(QWidget):
    """Labels, condition and notes; what is written is kept at once, without a button."""

    described = pyqtSignal(dict)
    """What changed: ``labels``, ``condition`` or ``notes``, as `LiveSession.describe` takes it."""

    stop_recording = pyqtSignal()
    """The recording is to end here, and the session to go on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kept: dict[str, object] = {}
        self._a, self._b, self._condition = (QLineEdit(self) for _ in range(3))
        self._notes = QPlainTextEdit(self)
        self._notes.setTabChangesFocus(True)
        self._notes.setAccessibleName("Notes")
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(_PAUSE_MS)
        self._typed.timeout.connect(self.flush)
        self._notes.textChanged.connect(self._typed.start)
        for edit, name in (
            (self._a, "Label of person A"),
            (self._b, "Label of person B"),
            (self._condition, "Condition"),
        ):
            edit.setAccessibleName(name)
            edit.textEdited.connect(self._typed.start)
            edit.editingFinished.connect(self.flush)
        self._where = QLabel(self)
        self._where.setWordWrap(True)
        self._end = QPushButton("Stop recording", self)
        self._end.setToolTip("Closes the recording; the session goes on without one")
        self._end.clicked.connect(self.stop_recording)
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.addRow("Person A", self._a)
        form.addRow("Person B", self._b)
        form.addRow("Condition", self._condition)
        form.addRow("Notes", self._notes)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(form)
        column.addSpacing(8)
        column.addWidget(self._where)
        column.addWidget(self._end)
        column.addStretch()

    def begin(self, start: SessionRequest) -> None:
        """Show what a new session began with."""
        self._typed.stop()
        self._a.setText(start.labels[0])
        self._b.setText(start.labels[1])
        self._condition.setText(start.condition)
        self._notes.setPlainText(start.notes)
        self._typed.stop()  # that was not the user
        self._kept = self._written()

    def show_recording(self, path: Path | None, *, on: bool, video: bool) -> None:
        """Say where the session is recorded, whether it still is, and what of it."""
        words = "Not recorded: nothing of this session is kept."
        if on:
            words = f"Recorded in {path}. {STORED if video else NOT_STORED}"
        elif path is not None:
            words = f"No longer recorded; what came before is in {path}."
        self._where.setText(words)
        self._end.setEnabled(on)

    @property
    def labels(self) -> tuple[str, str]:
        """What the two people are called; A and B where nothing is written."""
        return self._a.text().strip() or "A", self._b.text().strip() or "B"

    def flush(self) -> None:
        """Keep what was written and not kept yet."""
        self._typed.stop()
        written = self._written()
        changed = {key: value for key, value in written.items() if value != self._kept.get(key)}
        self._kept = written
        if changed:
            self.described.emit(changed)

    def _written(self) -> dict[str, object]:
        return {
            "labels": self.labels,
            "condition": self._condition.text().strip(),
            "notes": self._notes.toPlainText().strip(),
        }
