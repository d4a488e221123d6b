"""A recording scored again with other settings: shown, and kept only if the user wants it."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QWidget

from mirror.recording.database import SUFFIX
from mirror.recording.reader import Recording
from mirror.recording.rescore import rescore, score_again
from mirror.settings import Settings
from mirror.settings_history import Course, in_words
from mirror.timeline import Timeline
from ui.runtime.background import Progress, Work
from ui.widgets.work_bar import WorkBar


def told(settings: Settings, recorded: Course) -> str:
    """In which settings these are unlike the recorded ones, in words: "window 10 s"."""
    return in_words(recorded.last, settings) or "the last settings throughout"


class Rescoring(QObject):
    """Scores a recording again, one settings after the other; the newest wins.

    Parameters
    ----------
    bar, files : WorkBar
        Show what is being computed, and what is being written.
    """

    computed = pyqtSignal(object, object)
    """A `Settings` and the `Timeline` by it."""

    abandoned = pyqtSignal()
    """The newest settings came to nothing: cancelled, or failed."""

    saved = pyqtSignal(object, object)
    """A `Settings` and the path of the new recording with the scores by it."""

    failed = pyqtSignal(str)

    def __init__(self, bar: WorkBar, files: WorkBar, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bar, self._files = bar, files
        self._path: Path | None = None
        self._work: Work | None = None

    def load(self, path: Path | None) -> None:
        """Another recording, or none; what is being computed for the one before is dropped."""
        self.drop()
        self._path = path

    def want(self, settings: Settings, text: str) -> None:
        """Score with these settings; `text` says what is new about them."""
        self.drop()
        path = self._path
        assert path is not None

        def task(progress: Progress) -> Timeline:
            with Recording.open(path) as recording:
                return score_again(recording, settings, progress)

        work = self._work = Work(task, self)
        work.finished.connect(lambda timeline: self._computed(work, settings, timeline))
        work.failed.connect(lambda why: self._abandoned(work, why))
        work.cancelled.connect(lambda: self._abandoned(work))
        _delete_when_done(work)
        self._bar.watch(work, f"Scoring again: {text}")

    def drop(self) -> None:
        """Nobody wants what is being computed any more."""
        work, self._work = self._work, None
        if work is not None:
            work.cancel()

    def save(self, settings: Settings, path: Path) -> None:
        """Write a new recording with the scores by these settings; it never replaces one.

        It goes on when another recording is shown.
        """
        old = self._path
        assert old is not None

        def task(progress: Progress) -> Path:
            with Recording.open(old) as recording:
                return rescore(recording, path, settings, progress)[1]

        work = Work(task, self)
        work.finished.connect(lambda written: self.saved.emit(settings, written))
        work.failed.connect(self.failed)
        _delete_when_done(work)
        self._files.watch(work, f"Saving {path.name}")

    def _computed(self, work: Work, settings: Settings, timeline: Timeline) -> None:
        if work is self._work:
            self._work = None
            self.computed.emit(settings, timeline)

    def _abandoned(self, work: Work, why: str = "") -> None:
        if work is self._work:
            self._work = None
            if why:
                self.failed.emit(why)
            self.abandoned.emit()


def _delete_when_done(work: Work) -> None:
    for end in (work.finished, work.failed, work.cancelled):
        end.connect(lambda *_: work.deleteLater())


class Kept(QWidget):
    """Says whether the scores that are shown are in a file, and what can be done about it.

    Hidden where they are those of the recording itself.
    """

    save = pyqtSignal(object)
    """To keep them, in a new recording at this path."""

    revert = pyqtSignal()
    """To show the recording's own again."""

    opened = pyqtSignal(object)
    """To open the recording at this path, in which they were kept."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = Path()
        self._told = ""
        self._words = QLabel(self)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setStyleSheet("font-weight: 600;")
        self.save_button = QPushButton("Save as new recording …", self)
        self.open_button = QPushButton("Open it", self)
        self.revert_button = QPushButton("Back to as recorded", self)
        self.save_button.clicked.connect(self._ask)
        self.open_button.clicked.connect(lambda: self.opened.emit(self._path))
        self.revert_button.clicked.connect(self.revert)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._words, 1)
        for button in (self.save_button, self.open_button, self.revert_button):
            row.addWidget(button)
        self.hide()

    @property
    def words(self) -> str:
        """What it says; empty where the scores are those of the recording."""
        return "" if self.isHidden() else self._words.text()

    def show_unsaved(self, recording: Path, text: str) -> None:
        """The scores that are shown are in no file; `text` says what is new about them."""
        self._told = text
        name = "".join(letter if letter.isalnum() or letter in "-." else " " for letter in text)
        self._path = recording.with_name(f"{recording.stem} {' '.join(name.split())}{SUFFIX}")
        self._show(f"Not saved: {text}", saved=False)

    def show_saved(self, path: Path) -> None:
        """They are in this recording now."""
        self._path = path
        self._show(f"Saved as {path.name}: {self._told}", saved=True)

    def _show(self, text: str, *, saved: bool) -> None:
        self._words.setText(text)
        self._words.setToolTip(text)
        self.save_button.setVisible(not saved)
        self.open_button.setVisible(saved)
        self.show()

    def _ask(self) -> None:
        dialog = QFileDialog(self, "Save as new recording", str(self._path.parent))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        # No recording is ever replaced: a name that exists gets a suffix.
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.setDefaultSuffix(SUFFIX.removeprefix("."))
        dialog.setNameFilters([f"Recordings (*{SUFFIX})"])
        dialog.selectFile(self._path.name)
        dialog.fileSelected.connect(lambda chosen: self.save.emit(Path(chosen)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
