"""The footer of the start page: recording options, consent and the start buttons."""

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QFileDialog, QWidget

from ui.shell.preferences import Preferences
from ui.start.details import NOT_STORED, STORED
from ui.start.recordings_list import DEMO_FOLDER
from ui.widgets.build import button, horizontal, open_once, vertical
from ui.widgets.labels import ElidedLabel, WrappedLabel


class Footer(QWidget):
    """Chooses whether and where to record, asks for consent, and starts a session."""

    folder_changed = pyqtSignal()  # another folder for recordings was chosen

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._required_consent, self._is_demo = "", False
        self.record = QCheckBox("Record", self)
        self.record.toggled.connect(self._set_record)
        self.folder = ElidedLabel(parent=self, mode=Qt.TextElideMode.ElideMiddle)
        change = button("Change folder…", self, self.choose_folder)
        # Not remembered: storing people's faces is a decision to make for each session.
        self.video = QCheckBox("Store video, too", self)
        self.video.toggled.connect(self._show_options)
        self.stored = ElidedLabel(parent=self)
        self.note = WrappedLabel(parent=self)
        self.consent = QCheckBox("Both people have agreed to this", self)
        self.problem = WrappedLabel(parent=self)
        self.start = button("Start", self, primary=True)
        tip = "Play the videos at their own speed, as if they were cameras"
        self.watch_live = button("Watch live", self, tip=tip)
        tip = "As fast as the computer allows; always recorded"
        self.analyse = button("Analyse every frame", self, tip=tip, primary=True)
        self.folder_changed.connect(self._show_options)
        self._buttons = (self.start, self.watch_live, self.analyse)
        for each in self._buttons:
            each.setMinimumSize(150, 44)
        vertical(
            horizontal(self.record, (self.folder, 1), change),
            horizontal(self.video, (self.stored, 1)),
            self.note,
            self.consent,
            horizontal((self.problem, 1), *self._buttons),
            inside=self,
        )
        self.refresh()

    @property
    def needs_consent(self) -> bool:
        """Whether there is a consent note that was not agreed to yet."""
        return bool(self.note.text()) and not self.consent.isChecked()

    def require_consent(self, note: str) -> None:
        """Ask for this note before every session, instead of the one in the preferences."""
        self._required_consent = note
        self.refresh()

    def refresh(self) -> None:
        """Show the preferences; consent is asked for again."""
        note = self._required_consent or self._preferences.consent
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.consent.setVisible(bool(note))
        self.consent.setAccessibleDescription(note)
        self.consent.setChecked(False)
        self.record.setChecked(self._preferences.record)
        self._show_options()

    def show_mode(self, *, videos: bool, demo: bool, problem: str) -> None:
        """Show the buttons for videos or for cameras, disabled while there is a problem."""
        self._is_demo = demo
        self._show_options()
        self.problem.setText(problem)
        for each in self._buttons:
            each.setVisible((each is self.start) != videos)
            each.setEnabled(not problem)
            each.setAccessibleDescription(problem)

    def _set_record(self, record: bool) -> None:
        self._preferences.record = record
        self._show_options()

    def _show_options(self) -> None:
        name = DEMO_FOLDER if self._is_demo else ""
        folder = f"to {self._preferences.recordings_folder / name}"
        record = self._preferences.record
        self.folder.setToolTip(folder)
        self.folder.setText(folder if record else "Live sessions are not recorded.")
        self.video.setEnabled(record)
        self.stored.setText(STORED if self.video.isChecked() and record else NOT_STORED)

    def choose_folder(self) -> None:
        choose_folder(self, self._preferences, self.folder_changed.emit)


def choose_folder(parent: QWidget, preferences: Preferences, chosen: Callable[[], object]) -> None:
    """Let the user choose the folder of the recordings; call `chosen` once it is kept."""
    dialog = QFileDialog(parent, "Folder for recordings", str(preferences.recordings_folder))
    dialog.setFileMode(QFileDialog.FileMode.Directory)

    def keep(folder: str) -> None:
        preferences.recordings_folder = Path(folder)
        chosen()

    dialog.fileSelected.connect(keep)
    open_once(dialog)
