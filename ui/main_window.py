"""The main window: its pages, menus and messages, wired together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QByteArray, QSize, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import (
    QFileDialog,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mirror.recording.database import SUFFIX
from mirror.session.start import SessionRequest
from ui.replay.page import ReplayPage
from ui.session.page import SessionPage
from ui.shell.focus import by_tab_only
from ui.shell.help import HelpWindow
from ui.shell.menus import Menus
from ui.shell.messages import MessageBar
from ui.shell.preferences import Preferences
from ui.shell.question import Question
from ui.shell.shortcuts import Keys
from ui.start.files import dropped_files
from ui.start.page import StartPage
from ui.summary.page import SummaryPage

_SIZE: Final = QSize(1280, 800)
_FRAME: Final = QSize(16, 48)
"""Room for the frame that the desktop will draw around the window; nobody knows it before."""


class MainWindow(QMainWindow):
    """One page at a time, messages above it, menus over everything; `open` shows the first one.

    Parameters
    ----------
    preferences : Preferences
        What is remembered.
    keys : Keys
        The shortcuts as the user has them.
    """

    closed = pyqtSignal()
    """The window was closed, after the session had ended in order."""

    def __init__(self, preferences: Preferences, keys: Keys) -> None:
        super().__init__()
        self._preferences, self._keys = preferences, keys
        self._entered: QWidget | None = None
        self._is_kept = False
        self._afterwards: Callable[[], object] | None = None
        self._question: Question | None = None
        self._is_final = False
        self._help: HelpWindow | None = None

        self.messages = MessageBar()
        self.start = StartPage(preferences, keys)
        self.session = SessionPage(preferences, keys)
        self.replay = ReplayPage(preferences, keys)
        self.summary = SummaryPage(preferences, keys)
        self._pages = QStackedWidget()
        for page in (self.start, self.session, self.replay, self.summary):
            by_tab_only(page)
            self._pages.addWidget(page)
        self._wire()

        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.messages)
        column.addWidget(self._pages, 1)
        self.setCentralWidget(whole)
        self.setAcceptDrops(True)
        self._menus = Menus(self, preferences, keys)
        self._menus.open_file.connect(self._choose_file)
        self._menus.start_page.connect(self.show_start)
        self._menus.help.connect(self.show_help)
        screen = self.screen()
        assert screen is not None
        self.resize(_SIZE.boundedTo(screen.availableSize() - _FRAME))
        self.restoreGeometry(QByteArray(preferences.geometry))

    @property
    def page(self) -> QWidget:
        """The page that is shown."""
        page = self._pages.currentWidget()
        assert page is not None
        return page

    def open(self, request: SessionRequest | Path | None) -> None:
        """Begin a session, open a recording, or show the start page."""
        if isinstance(request, SessionRequest):
            if request.consent:  # of a settings file, which holds for what follows, too
                self.start.footer.require_consent(request.consent)
            self.begin(request)
        elif request is not None:
            self.open_recording(request)
        else:
            self.show_start()

    def show_start(self) -> None:
        """The start page, once no session is on."""
        self._when_free(self._to_start)

    def begin(self, start: SessionRequest) -> None:
        """A new session, once no other is on."""
        self._when_free(lambda: self._to_session(start))

    def open_recording(self, path: Path, at: float | None = None) -> None:
        """Replay a recording, from second `at`, once no session is on."""
        self._when_free(lambda: self._to_replay(path, at))

    def finish(self) -> None:
        """Close without a question; a session that is on is stopped and saved first."""
        self._is_final = True
        self._after_session(self.close)

    def save(self) -> None:
        """End a session at once, as the user logs out: its recording is whole when this returns."""
        self.session.save()

    def show_help(self) -> None:
        """The window of keyboard shortcuts."""
        if self._help is None:
            self._help = HelpWindow(self._keys, self)
        self._help.show()
        self._help.raise_()
        self._help.activateWindow()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        assert event is not None
        if self.session.running and self._afterwards is None:
            event.ignore()
            self._ask(self.close)
            return
        # Asked to close again while a camera does not let go, it closes: what is recorded is safe.
        if self.session.running and self._afterwards != self.close:
            event.ignore()
            self._afterwards = self.close
            return
        if self.start.running and not self._is_final:
            event.ignore()
            self._put(
                Question(
                    "Films are being analysed.",
                    "What was analysed up to now is kept.",
                    "Stop and close",
                    "Go on",
                    self,
                ),
                self.finish,
            )
            return
        self._preferences.geometry = self.saveGeometry().data()
        self._leave()
        event.accept()
        self.closed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and dropped_files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        if event is None or not (paths := dropped_files(event)):
            return
        event.acceptProposedAction()
        path = paths[0]
        if path.suffix == SUFFIX:
            self.open_recording(path)
        else:
            self.messages.show_message(
                f"{path.name} is no recording; drop a {SUFFIX} file here, or choose two videos "
                "on the start page",
                "warning",
            )

    # Which page follows which.

    def _wire(self) -> None:
        self.start.session_requested.connect(self.begin)
        self.start.recording_chosen.connect(self.open_recording)
        self.session.ended.connect(self._session_ended)
        self.session.back.connect(self.show_start)
        self.replay.back.connect(self.show_start)
        self.replay.show_summary.connect(self._to_summary)
        self.summary.back.connect(self.show_start)
        self.replay.replay.connect(self.open_recording)
        self.summary.replay.connect(self.open_recording)
        for page in (self.start, self.session, self.replay, self.summary):
            page.message.connect(self.messages.show_message)

    def _to_start(self) -> None:
        self._show(self.start, "")
        self.start.activate()

    def _to_session(self, start: SessionRequest) -> None:
        self._show(self.session, start.title or " and ".join(start.labels))
        self._is_kept = start.output is not None
        self.session.begin(start)

    def _to_replay(self, path: Path, at: float | None) -> None:
        self._show(self.replay, path.name)
        self.replay.open(path, at)

    def _to_summary(self, path: Path) -> None:
        self._show(self.summary, f"{path.stem}, summary")
        self.summary.show_recording(path)

    def _show(self, page: QWidget, title: str) -> None:
        self._leave()
        if self._question is not None:
            self._question.close()  # what it asks about is over
        self._entered = page
        self._pages.setCurrentWidget(page)
        self.setWindowTitle(title or "mirror")  # to which Qt adds the program's name
        export = page.export_action if isinstance(page, ReplayPage | SummaryPage) else None
        title = "&Replay" if page is self.replay else "&Session"
        self._menus.show_page(title, page.actions(), export)
        page.setFocus()

    def _leave(self) -> None:
        """What the page that is shown holds, it lets go of."""
        if self._entered is self.start:
            self.start.deactivate()
        elif self._entered is self.replay:
            self.replay.close_recording()
        self._entered = None

    # A session is not ended by the way.

    def _when_free(self, step: Callable[[], object]) -> None:
        if self.session.running:
            self._ask(step)
        else:
            step()

    def _ask(self, step: Callable[[], object]) -> None:
        """Whether to stop the session for that step."""
        words = ("It is not recorded.", "Stop", "Go on")
        if self._is_kept:
            words = ("What was recorded up to now is kept.", "Stop and save", "Keep recording")
        question = Question("A session is running.", *words, self)
        self._put(question, lambda: self._after_session(step))

    def _put(self, question: Question, step: Callable[[], object]) -> None:
        """Put a question before that step, unless there is one already."""
        if self._question is not None:
            question.deleteLater()
            self._question.raise_()
            return
        self._question = question

        def answered() -> None:
            self._question = None
            if question.agreed:
                step()

        question.finished.connect(answered)
        question.open()

    def _after_session(self, step: Callable[[], object]) -> None:
        if not self.session.running:
            step()
            return
        self._afterwards = step
        self.messages.show_message("Stopping the session …", "notice")
        self.session.stop()

    def _session_ended(self, recording: Path | None) -> None:
        step, self._afterwards = self._afterwards, None
        if self._question is not None:
            self._question.close()
        if step is not None:
            step()
        elif recording is not None:
            self._to_summary(recording)
        else:
            self._to_start()

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, "Open a recording", str(self._preferences.recordings_folder))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([f"Recordings (*{SUFFIX})", "All files (*)"])
        dialog.fileSelected.connect(lambda chosen: self.open_recording(Path(chosen)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
