"""What is kept of the session that is about to begin, and the button that begins it."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui.shell.preferences import Preferences
from ui.start.details import NOT_STORED, STORED


class Foot(QWidget):
    """Whether and where to record, what is missing, and how to begin."""

    live = pyqtSignal()
    """Begin a live session."""

    analyse = pyqtSignal()
    """Follow every frame of two films."""

    agreed = pyqtSignal()
    """Whether both people have agreed is now said otherwise."""

    folder_changed = pyqtSignal()
    """Recordings are kept in another folder from now on."""

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._required = ""
        self.record = QCheckBox("Record", self)
        self.record.toggled.connect(self._set_record)
        self._folder = QLabel(self)
        self._folder.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        change = QPushButton("Change folder …", self)
        change.clicked.connect(self._choose_folder)
        # Not remembered: that somebody's pictures are kept is to be said anew each time.
        self.video = QCheckBox("Keep the pictures, too", self)
        self.video.toggled.connect(self._say_where)
        self._stored = QLabel(self)
        self._note = QLabel(self)
        self._note.setWordWrap(True)
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        # Nor is that anybody agreed.
        self.consent = QCheckBox("Both people have agreed to this", self)
        self.consent.toggled.connect(lambda _on: self.agreed.emit())
        self._problem = QLabel(self)
        self._problem.setWordWrap(True)
        self.start = QPushButton("Start", self)
        self.start.clicked.connect(self.live)
        self.watch_live = QPushButton("Watch live", self)
        self.watch_live.setToolTip("At the films’ own pace, as if they were cameras")
        self.watch_live.clicked.connect(self.live)
        self.every_frame = QPushButton("Analyse every frame", self)
        self.every_frame.setToolTip("As fast as the machine allows; always recorded")
        self.every_frame.clicked.connect(self.analyse)
        self._buttons = (self.start, self.watch_live, self.every_frame)
        for button in self._buttons:
            button.setMinimumSize(150, 44)
            button.setProperty("primary", button is not self.watch_live)
        kept = QHBoxLayout()
        kept.addWidget(self.record)
        kept.addWidget(self._folder, 1)
        kept.addWidget(change)
        what = QHBoxLayout()
        what.addWidget(self.video)
        what.addWidget(self._stored, 1)
        go = QHBoxLayout()
        go.addWidget(self._problem, 1)
        for button in self._buttons:
            go.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(kept)
        column.addLayout(what)
        column.addWidget(self._note)
        column.addWidget(self.consent)
        column.addLayout(go)
        self.refresh()

    @property
    def problem(self) -> str:
        """Why nothing can begin yet; empty where it can."""
        return self._problem.text()

    @property
    def folder(self) -> str:
        """Where it is recorded, as it is shown."""
        return self._folder.text()

    @property
    def stored(self) -> str:
        """What a recording holds, as it is shown."""
        return self._stored.text()

    @property
    def note(self) -> str:
        """The consent note as it is shown; empty where none is asked for."""
        return self._note.text()

    @property
    def consent_is_missing(self) -> bool:
        """Whether there is a note that nobody has agreed to yet."""
        return bool(self.note) and not self.consent.isChecked()

    def require_consent(self, note: str) -> None:
        """Ask for this note before every session from now on, whatever is written as the usual."""
        self._required = note
        self.refresh()

    def refresh(self) -> None:
        """Show what is chosen now; every session is agreed to anew."""
        note = self._required or self._preferences.consent
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self.consent.setVisible(bool(note))
        self.consent.setAccessibleDescription(note)
        self.consent.setChecked(False)
        self.record.setChecked(self._preferences.record)
        self._say_where()

    def show_way(self, *, films: bool, problem: str) -> None:
        """Offer what can be done: films can be analysed, too.

        Parameters
        ----------
        films : bool
        problem : str
            Why it cannot begin yet; empty where it can.
        """
        self._problem.setText(problem)
        for button in self._buttons:
            button.setVisible((button is self.start) != films)
            button.setEnabled(not problem)
            button.setAccessibleDescription(problem)

    def _set_record(self, record: bool) -> None:
        self._preferences.record = record
        self._say_where()

    def _say_where(self) -> None:
        into = f"into {self._preferences.recordings_folder}"
        record = self._preferences.record
        self._folder.setToolTip(into)
        self._folder.setText(into if record else "Nothing of a live session is kept.")
        self.video.setEnabled(record)
        is_kept = self.video.isChecked() and record
        self._stored.setText(STORED if is_kept else NOT_STORED)

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, "Record into", str(self._preferences.recordings_folder))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._set_folder)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _set_folder(self, folder: str) -> None:
        self._preferences.recordings_folder = Path(folder)
        self._say_where()
        self.folder_changed.emit()
