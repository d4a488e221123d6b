"""The main window: pages, menus and messages."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QByteArray, QSize, QTimer, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent
from PyQt6.QtWidgets import QMainWindow, QSizePolicy, QStackedWidget, QWidget

from mirror.recording.database import SUFFIX
from mirror.report.facts import Unrecorded
from mirror.session.start import SessionRequest
from mirror.study.table import is_study
from ui.replay.page import ReplayPage
from ui.session.page import SessionPage
from ui.shell.focus import focus_by_tab_only
from ui.shell.help import HelpWindow
from ui.shell.menus import Menus
from ui.shell.messages import MessageBar, Question
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys
from ui.start.files import dropped_files
from ui.start.page import StartPage
from ui.start.recordings_list import choose_recording
from ui.study.page import StudyPage
from ui.summary.page import SummaryPage
from ui.widgets.build import known

_SIZE: Final = QSize(1280, 800)
_FRAME: Final = QSize(16, 48)  # of the desktop around a window, roughly: unknown before it is shown


class MainWindow(QMainWindow):
    """Shows one page at a time, and messages over the menu bar; `open` shows the first page."""

    closed = pyqtSignal()  # the window was closed, after any session had ended

    def __init__(self, preferences: Preferences, keys: Keys) -> None:
        super().__init__()
        self._preferences, self._keys = preferences, keys
        self._active_page: QWidget | None = None
        self._next_step: Callable[[], object] | None = None
        self._after_saving: Callable[[], object] | None = None
        self._question: Question | None = None
        self._is_closing = False
        self._help: HelpWindow | None = None

        self.messages = MessageBar(self)
        focus_by_tab_only(self.messages)
        self.start = StartPage(preferences, keys)
        self.session = SessionPage(preferences, keys)
        self.replay = ReplayPage(preferences, keys)
        self.summary = SummaryPage(preferences, keys)
        self.study = StudyPage(keys)
        self._in_study = False  # where replay leads back to
        self._pages = QStackedWidget()
        self._all = (self.start, self.session, self.replay, self.summary, self.study)
        for page in self._all:
            focus_by_tab_only(page)
            self._pages.addWidget(page)
        self._pages.currentChanged.connect(self._fit)
        self._fit()
        self._wire()
        self.setCentralWidget(self._pages)
        self.setAcceptDrops(True)
        self._menus = Menus(self, preferences, keys)
        # Room for a message above the page, also where the desktop has the menus elsewhere.
        menu_bar, room = known(self.menuBar()), self.messages.sizeHint().height()
        menu_bar.setMinimumHeight(room)
        self.setContentsMargins(0, room if menu_bar.isNativeMenuBar() else 0, 0, 0)
        self._menus.open_triggered.connect(
            lambda: choose_recording(self, preferences.recordings_folder, self.open_recording)
        )
        self._menus.start_page_triggered.connect(self.show_start)
        self._menus.help_triggered.connect(self.show_help)
        self.messages.shown.connect(self._place_messages)
        self.resize(_SIZE.boundedTo(known(self.screen()).availableSize() - _FRAME))
        self.restoreGeometry(QByteArray(preferences.geometry))

    @property
    def page(self) -> QWidget:
        return known(self._pages.currentWidget())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._place_messages()

    def _place_messages(self) -> None:
        """Lay the message bar over what is empty of the menu bar, so that it moves no page."""
        left = known(self.menuBar()).sizeHint().width()
        width = self.width() - left
        self.messages.setGeometry(left, 0, width, self.messages.heightForWidth(width))

    def _fit(self) -> None:
        """Let only the page that is shown say how small the window may be."""
        for page in self._all:
            policy = QSizePolicy.Policy
            each = policy.Preferred if page is self.page else policy.Ignored
            page.setSizePolicy(each, each)
        # A page that needs more has made the window larger by then.
        QTimer.singleShot(0, partial(self._stay_on_screen, self.size()))

    def _stay_on_screen(self, before: QSize) -> None:
        """Move a window that a page has made larger, so that it does not leave the screen."""
        if self.isVisible() and self.size() != before:
            frame, area = self.frameGeometry(), known(self.screen()).availableGeometry()
            frame.moveRight(min(frame.right(), area.right()))
            frame.moveBottom(min(frame.bottom(), area.bottom()))
            self.move(max(frame.left(), area.left()), max(frame.top(), area.top()))

    def open(self, request: SessionRequest | Path | None) -> None:
        """Start a session, open a recording, or show the start page."""
        if isinstance(request, SessionRequest):
            if request.consent:  # of a settings file: required for later sessions, too
                self.start.footer.require_consent(request.consent)
            self.begin(request)
        elif request is not None:
            self.open_recording(request)
        else:
            self.show_start()

    def show_start(self) -> None:
        """Show the start page; a running session is ended first."""
        self._when_free(self._to_start)

    def begin(self, request: SessionRequest) -> None:
        """Start a session; a running one is ended first."""
        self._when_free(lambda: self._to_session(request))

    def open_recording(self, path: Path, at: float | None = None) -> None:
        """Replay a recording from second `at`, or show a study, after any running session."""
        self._when_free(
            lambda: self._to_study(path) if is_study(path) else self._to_replay(path, at)
        )

    def finish(self) -> None:
        """Close without asking; a running session is stopped and saved first."""
        self._is_closing = True
        self._after_session(self.close)

    def save(self) -> None:
        """End the session before a logout; its recording is closed when this returns."""
        self.session.save()

    def show_help(self) -> None:
        if self._help is None:
            self._help = HelpWindow(self._keys, self)
        self._help.show()
        self._help.raise_()
        self._help.activateWindow()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        event = known(event)
        event.ignore()
        if self.session.running and self._next_step is None:
            self._ask(self.close)
        # A second attempt, while a camera hangs, closes the window: what is recorded is safe.
        elif self.session.running and self._next_step != self.close:
            self._next_step = self.close
        elif (self.start.running or self.study.running) and not self._is_closing:
            what = "Videos are being analysed." if self.start.running else "A study is being run."
            texts = (what, "What was done so far is kept.", "Stop and close", "Continue")
            self._confirm(Question(*texts, self), self.finish)
        elif (self.replay.rescorer.saving or self.replay.unsaved) and not self._is_closing:
            self._when_free(self.finish)
        else:
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
        if path.suffix == SUFFIX or is_study(path):
            self.open_recording(path)
        else:
            self.messages.show_message(
                f"{path.name} is neither a recording ({SUFFIX}) nor a study; or choose two videos "
                "on the start page",
                "warning",
            )

    def _wire(self) -> None:
        self.start.session_requested.connect(self.begin)
        self.start.recording_chosen.connect(self.open_recording)
        self.session.ended.connect(self._leave_session)
        self.session.stopped.connect(self.messages.clear)
        self.session.back_clicked.connect(self.show_start)
        self.replay.back_clicked.connect(
            lambda: self._when_free(self._to_study if self._in_study else self._to_start)
        )
        self.study.back_clicked.connect(self.show_start)
        self.study.recording_chosen.connect(self.open_recording)
        self.replay.summary_requested.connect(
            lambda path: self._when_free(lambda: self._to_summary(path))
        )
        self.summary.back_clicked.connect(self.show_start)
        self.replay.replay_requested.connect(self.open_recording)
        self.summary.replay_requested.connect(self.open_recording)
        for page in self._all:
            page.message.connect(self.messages.show_message)

    def _to_study(self, path: Path | None = None) -> None:
        self._in_study = True
        self._show(self.study, "Study")
        if path is not None:
            self.study.open(path)

    def _to_start(self) -> None:
        self._in_study = False
        self._show(self.start, "")
        self.start.activate()

    def _to_session(self, request: SessionRequest) -> None:
        self._show(self.session, request.title or " and ".join(request.labels))
        self.session.begin(request)

    def _to_replay(self, path: Path, at: float | None) -> None:
        self._show(self.replay, path.name)
        self.replay.open(path, at)

    def _to_summary(self, shown: Path | Unrecorded) -> None:
        self._show(self.summary, f"{shown.stem}, summary" if isinstance(shown, Path) else "Summary")
        self.summary.show_session(shown)

    def _show(self, page: QWidget, title: str) -> None:
        self._leave()
        if self._question is not None:
            self._question.close()  # it no longer applies
        self._active_page = page
        self._pages.setCurrentWidget(page)
        self.setWindowTitle(title or "mirror")  # Qt appends the program's name
        export = page.export_action if isinstance(page, ReplayPage | SummaryPage) else None
        menu = "&Replay" if page is self.replay else "&Session"
        self._menus.show_page(menu, page.actions(), export)
        page.setFocus()

    def _leave(self) -> None:
        """Release the cameras or the recording of the current page."""
        if self._active_page is self.start:
            self.start.deactivate()
        elif self._active_page is self.replay:
            self.replay.close_recording()
        self._active_page = None

    def _when_free(self, step: Callable[[], object]) -> None:
        if self.session.running:
            self._ask(step)
        elif (saving := self.replay.rescorer.saving) is not None:
            self.messages.show_message("Saving…", "notice")
            self._after_saving = step
            # The last step that was asked for is taken; none if this fails or is cancelled.
            saving.finished.connect(
                lambda: self._when_free(step) if step is self._after_saving else None
            )
        elif self.replay.unsaved:
            self._ask_to_discard(step)
        else:
            step()

    def _ask_to_discard(self, step: Callable[[], object]) -> None:
        texts = ("The recording keeps its own scores.", "Discard", "Keep working")
        question = Question(f"Not saved: {self.replay.unsaved}.", *texts, self)
        save = question.addButton("Save as new recording…", Question.ButtonRole.ActionRole)
        known(save).clicked.connect(
            lambda: self.replay.ask_to_save().fileSelected.connect(lambda: self._when_free(step))
        )
        self._confirm(question, step)

    def _ask(self, step: Callable[[], object]) -> None:
        texts = ("It is not recorded.", "Stop", "Continue")
        if self.session.recorded:
            texts = ("The recording so far is kept.", "Stop and save", "Keep recording")
        question = Question("A session is running.", *texts, self)
        self._confirm(question, lambda: self._after_session(step))

    def _confirm(self, question: Question, step: Callable[[], object]) -> None:
        """Ask a question before a step, unless one is open already."""
        if self._question is not None:
            question.deleteLater()
            self._question.raise_()
            return
        self._question = question

        def answer() -> None:
            self._question = None
            if question.is_yes:
                step()

        question.finished.connect(answer)
        question.open()

    def _after_session(self, step: Callable[[], object]) -> None:
        if not self.session.running:
            step()
            return
        self._next_step = step
        self.messages.show_message("Stopping the session…", "notice")
        self.session.stop()

    def _leave_session(self, shown: Path | Unrecorded | None) -> None:
        step, self._next_step = self._next_step, None
        if self._question is not None:
            self._question.close()
        if step is not None:
            step()
        elif shown is not None:
            self._to_summary(shown)
        else:
            self._to_start()
