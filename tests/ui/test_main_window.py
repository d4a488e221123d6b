from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl, pyqtSignal
from PyQt6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QMenuBar,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QTabBar,
    QTabWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from mirror.errors import RecordingError
from mirror.recording.reader import Recording
from mirror.report.facts import Unrecorded
from mirror.session.start import SessionRequest
from mirror.settings import Settings
from mirror.settings_history import SettingsHistory
from mirror.timeline import Timeline
from tests.support.recordings import make_recording
from ui import main_window
from ui.main_window import MainWindow
from ui.replay import rescoring
from ui.replay.rescoring import Rescorer
from ui.runtime.background import Work
from ui.shell.menus import AboutWindow
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import SHORTCUTS, Keys
from ui.shell.theme import theme
from ui.widgets.build import known
from ui.widgets.work_bar import WorkBar

TALK = Path("/recordings/talk.mirror")
DEMO = SessionRequest(a="demo:a", b="demo:b", labels=("Anna", "Ben"), output=TALK)


class Page(QWidget):
    """A stand-in page that records what is called."""

    back_clicked = pyqtSignal()

    def __init__(self, _preferences: Preferences, _keys: Keys) -> None:
        super().__init__()
        self.calls: list[object] = []
        self.button = QPushButton("A button", self)


class StartStandIn(Page):
    session_requested = pyqtSignal(object)
    recording_chosen = pyqtSignal(object)
    message = pyqtSignal(str, str, object)
    running = False

    def activate(self) -> None:
        self.calls.append("activate")

    def deactivate(self) -> None:
        self.calls.append("deactivate")


class SessionStandIn(Page):
    ended = pyqtSignal(object)
    stopped = pyqtSignal()
    message = pyqtSignal(str, str)

    def __init__(self, preferences: Preferences, keys: Keys) -> None:
        super().__init__(preferences, keys)
        self.running = False
        keys.action(self, "mark", lambda: self.calls.append("mark"))

    def begin(self, start: SessionRequest) -> None:
        self.running, self.recorded = True, start.output is not None
        self.calls.append(start)

    def stop(self) -> None:
        self.calls.append("stop")

    def end(self, recording: object) -> None:
        """End as the session's thread does."""
        self.running = False
        self.ended.emit(recording)


class ReplayStandIn(Page):
    message = pyqtSignal(str, str, object)
    replay_requested = pyqtSignal(object, float)
    summary_requested = pyqtSignal(object)

    def __init__(self, preferences: Preferences, keys: Keys) -> None:
        super().__init__(preferences, keys)
        self.unsaved = ""
        self.rescorer = Rescorer(WorkBar(self), WorkBar(self), self)
        keys.action(self, "add event", lambda: self.calls.append("add event"))
        self.export_action = keys.action(self, "export", lambda: self.calls.append("export"))

    def open(self, path: Path, at: float | None = None) -> None:
        self.calls.append((path, at))

    def ask_to_save(self) -> QFileDialog:
        self.calls.append("save")
        self.dialog = QFileDialog(self)
        return self.dialog

    def close_recording(self) -> None:
        self.calls.append("close")


class SummaryStandIn(Page):
    message = pyqtSignal(str, str, object)
    replay_requested = pyqtSignal(object, float)

    def __init__(self, preferences: Preferences, keys: Keys) -> None:
        super().__init__(preferences, keys)
        self.export_action = keys.action(self, "export", lambda: self.calls.append("export"))

    def show_session(self, shown: object) -> None:
        self.calls.append(shown)


@pytest.fixture
def make(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, preferences: Preferences, keys: Keys
) -> Callable[[], MainWindow]:
    for name, stand_in in (
        ("StartPage", StartStandIn),
        ("SessionPage", SessionStandIn),
        ("ReplayPage", ReplayStandIn),
        ("SummaryPage", SummaryStandIn),
    ):
        monkeypatch.setattr(main_window, name, stand_in)
    windows: list[MainWindow] = []

    def window() -> MainWindow:
        windows.append(MainWindow(preferences, keys))
        qtbot.addWidget(windows[-1], before_close_func=lambda each: each.session.end(None))
        with qtbot.waitActive(windows[-1]):
            windows[-1].show()
        windows[-1].open(None)
        return windows[-1]

    return window


@pytest.fixture
def window(make: Callable[[], MainWindow]) -> MainWindow:
    return make()


@pytest.fixture
def start(window: MainWindow) -> StartStandIn:
    return window.findChild(StartStandIn)


@pytest.fixture
def session(window: MainWindow) -> SessionStandIn:
    return window.findChild(SessionStandIn)


@pytest.fixture
def replay(window: MainWindow) -> ReplayStandIn:
    return window.findChild(ReplayStandIn)


@pytest.fixture
def summary(window: MainWindow) -> SummaryStandIn:
    return window.findChild(SummaryStandIn)


def current_page(window: MainWindow) -> QWidget:
    """Return the current page; unlike the property, mypy does not narrow it to one page."""
    return window.page


def question(window: MainWindow) -> QMessageBox | None:
    boxes = [
        each
        for each in window.findChildren(QMessageBox)
        if each.isVisible() and not isinstance(each, AboutWindow)
    ]
    return boxes[0] if boxes else None


def answer(window: MainWindow, text: str) -> None:
    box = question(window)
    assert box is not None
    next(each for each in box.buttons() if each.text() == text).click()


def menu_action(window: MainWindow, text: str) -> QAction:
    return next(
        each for each in window.findChildren(QAction) if each.text().replace("&", "") == text
    )


def menus(window: MainWindow) -> list[QMenu]:
    bar = window.menuBar()
    assert bar is not None
    return bar.findChildren(QMenu)


def file_menu(window: MainWindow) -> list[str]:
    menu = next(each for each in menus(window) if each.title() == "&File")
    return [each.text() for each in menu.actions() if each.text()]


def page_menu(window: MainWindow) -> list[str]:
    """Texts of the menu of what the page can do; empty where it is hidden."""
    for menu in menus(window):
        action = menu.menuAction()
        visible = action is not None and action.isVisible()
        if visible and menu.title() in ("&Session", "&Replay"):
            return [menu.title(), *(each.text() for each in menu.actions())]
    return []


def test_first_page_is_start_page(window: MainWindow, start: StartStandIn) -> None:
    assert current_page(window) is start
    assert start.calls == ["activate"]
    assert window.windowTitle() == "mirror"
    assert page_menu(window) == []


def test_session_ends_on_summary(
    window: MainWindow, start: StartStandIn, session: SessionStandIn, summary: SummaryStandIn
) -> None:
    start.session_requested.emit(DEMO)
    assert current_page(window) is session
    assert start.calls == ["activate", "deactivate"]
    assert session.calls == [DEMO]
    assert window.windowTitle() == "Anna and Ben"
    session.end(TALK)
    assert current_page(window) is summary
    assert summary.calls == [TALK]
    assert "talk" in window.windowTitle()


def test_unrecorded_session_ends_on_summary(
    window: MainWindow, session: SessionStandIn, summary: SummaryStandIn
) -> None:
    window.begin(DEMO)
    shown = Unrecorded({}, SettingsHistory(Settings()), Timeline.from_scores([]), (), ())
    session.end(shown)
    assert current_page(window) is summary
    assert summary.calls == [shown]


def test_session_without_rows_ends_on_start_page(
    window: MainWindow, start: StartStandIn, session: SessionStandIn
) -> None:
    window.begin(DEMO)
    session.end(None)
    assert current_page(window) is start
    assert start.calls == ["activate", "deactivate", "activate"]


def test_summary_and_replay_lead_to_each_other(
    window: MainWindow, start: StartStandIn, replay: ReplayStandIn, summary: SummaryStandIn
) -> None:
    start.recording_chosen.emit(TALK)
    assert current_page(window) is replay
    assert window.windowTitle() == "talk.mirror"
    replay.summary_requested.emit(TALK)
    assert current_page(window) is summary
    summary.replay_requested.emit(TALK, 12.5)
    assert current_page(window) is replay
    replay.back_clicked.emit()
    assert current_page(window) is start
    assert replay.calls == [(TALK, None), "close", (TALK, 12.5), "close"]
    window.open_recording(TALK)
    replay.summary_requested.emit(TALK)
    summary.back_clicked.emit()
    assert current_page(window) is start


def test_unsaved_scores_are_asked_about(
    qtbot: QtBot, window: MainWindow, start: StartStandIn, replay: ReplayStandIn
) -> None:
    start.recording_chosen.emit(TALK)
    replay.unsaved = "window 10 s"
    steps: tuple[Callable[[], object], ...] = (
        replay.back_clicked.emit,
        lambda: replay.summary_requested.emit(TALK),
        lambda: drop(window, QUrl.fromLocalFile(str(TALK))),
        window.close,
    )
    for step in steps:
        step()
        assert "window 10 s" in known(question(window)).text()
        answer(window, "Keep working")
        assert current_page(window) is replay
    assert replay.calls == [(TALK, None)]
    replay.summary_requested.emit(TALK)
    answer(window, "Save as new recording…")
    assert current_page(window) is replay
    assert replay.calls[1:] == ["save"]
    replay.back_clicked.emit()
    answer(window, "Discard")
    assert current_page(window) is start
    with qtbot.waitSignal(window.closed):
        window.close()
        answer(window, "Discard")


@pytest.mark.parametrize("can_save", [True, False])
def test_step_is_taken_when_scores_are_saved(
    qtbot: QtBot,
    window: MainWindow,
    start: StartStandIn,
    replay: ReplayStandIn,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    *,
    can_save: bool,
) -> None:
    go_on = threading.Event()

    def write(recording: Recording, path: Path, *_: object) -> tuple[None, Path]:
        assert go_on.wait(10)
        if not can_save:
            raise RecordingError("the disk is full")
        return None, path

    monkeypatch.setattr(rescoring, "rescore", write)
    start.recording_chosen.emit(TALK)
    rescorer = replay.rescorer
    rescorer.load(make_recording(tmp_path / "talk.mirror", seconds=1.0))
    rescorer.saved.connect(lambda *_: setattr(replay, "unsaved", ""))
    replay.unsaved = "window 10 s"
    replay.back_clicked.emit()
    answer(window, "Save as new recording…")
    assert current_page(window) is replay  # until a file is chosen, and written
    rescorer.save(Settings(), tmp_path / "new.mirror")
    replay.dialog.fileSelected.emit("new.mirror")
    assert window.messages.text == "Saving…"
    window.close()
    replay.summary_requested.emit(TALK)  # instead
    assert question(window) is None
    assert current_page(window) is replay
    with qtbot.waitSignal(rescorer.saved if can_save else rescorer.failed):
        go_on.set()
    if can_save:
        assert window.windowTitle() == "talk, summary"
    else:
        assert current_page(window) is replay
        replay.back_clicked.emit()
        answer(window, "Discard")
        assert current_page(window) is start


def test_window_closes_when_scores_are_saved(
    qtbot: QtBot, window: MainWindow, replay: ReplayStandIn
) -> None:
    window.open_recording(TALK)
    saving = replay.rescorer.saving = Work(lambda _progress: setattr(replay, "unsaved", ""))
    saving.finished.connect(lambda: setattr(replay.rescorer, "saving", None))
    replay.unsaved = "window 10 s"
    window.close()
    assert window.isVisible()
    assert window.messages.text == "Saving…"
    with qtbot.waitSignal(window.closed):
        saving.start()


def test_second_recording_sets_title(window: MainWindow, replay: ReplayStandIn) -> None:
    window.open_recording(TALK)
    again = TALK.with_name("talk window 10 s.mirror")
    replay.replay_requested.emit(again, 7.5)
    assert replay.calls == [(TALK, None), "close", (again, 7.5)]
    assert window.windowTitle() == again.name


def test_open_shows_requested_page(
    window: MainWindow, start: StartStandIn, session: SessionStandIn, replay: ReplayStandIn
) -> None:
    window.open(TALK)
    assert current_page(window) is replay
    window.open(None)
    assert current_page(window) is start
    window.open(DEMO)
    assert session.calls == [DEMO]


def test_required_consent_is_asked_for_again(
    qtbot: QtBot, preferences: Preferences, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main_window, "SessionPage", SessionStandIn)
    window = MainWindow(preferences, keys)
    qtbot.addWidget(window, before_close_func=lambda each: each.session.end(None))
    window.open(SessionRequest(a="0", b="1", consent="May we film you?"))
    window.findChild(SessionStandIn).end(None)
    assert current_page(window) is window.start
    assert window.start.footer.needs_consent
    assert window.start.footer.note.text() == "May we film you?"


def test_session_title(window: MainWindow) -> None:
    window.begin(SessionRequest(a="0", b="1", title="Demo"))
    assert window.windowTitle() == "Demo"


def test_failed_session_returns_to_start_page(
    window: MainWindow, start: StartStandIn, session: SessionStandIn
) -> None:
    window.begin(DEMO)
    session.running = False
    session.back_clicked.emit()
    assert current_page(window) is start


def test_messages_of_pages_are_shown(
    window: MainWindow, session: SessionStandIn, replay: ReplayStandIn
) -> None:
    session.message.emit("The camera is gone", "error")
    assert (window.messages.text, window.messages.kind) == ("The camera is gone", "error")
    opened: list[str] = []
    session.stopped.emit()
    assert not window.messages.isVisible()  # it was about a session that is over
    replay.message.emit("Exported", "notice", ("Open", lambda: opened.append("it")))
    assert window.messages.text == "Exported"
    assert window.messages.isVisible()
    buttons = window.messages.findChildren(QPushButton)
    next(each for each in buttons if each.text() == "Open").click()
    assert opened == ["it"]


@pytest.mark.parametrize("native", [False, True])  # the menus of a desktop take no room
def test_a_message_moves_and_covers_no_page_and_takes_no_key(
    qtbot: QtBot, make: Callable[[], MainWindow], monkeypatch: pytest.MonkeyPatch, native: bool
) -> None:
    monkeypatch.setattr(QMenuBar, "isNativeMenuBar", lambda _bar: native)
    window = make()
    session = window.findChild(SessionStandIn)
    known(window.menuBar()).setHidden(native)
    field = QLineEdit(session)
    window.begin(DEMO)
    qtbot.mouseClick(field, Qt.MouseButton.LeftButton)
    field.setFocus()
    page = window.page
    place = page.mapTo(window, QPoint(0, 0)), page.size()
    menu_bar = known(window.menuBar())
    last = menu_bar.actions()[-1]
    for text in ("Few frames.", "Few frames, and the computer is too slow for more. " * 2):
        qtbot.keyClicks(field, "mmm 1")
        window.messages.show_message(text, "warning")
        qtbot.wait(1)
        assert (page.mapTo(window, QPoint(0, 0)), page.size()) == place
        bar = window.messages
        assert bar.isVisible()
        assert bar.geometry().bottom() <= place[0].y() + 9  # a page's margin
        assert bar.height() >= bar.heightForWidth(bar.width())  # all of the text is seen
        assert native or not bar.geometry().intersects(menu_bar.actionGeometry(last))
        qtbot.keyClicks(field, "m?")
        (shown,) = (each for each in bar.findChildren(QLabel) if each.text() == text)
        qtbot.mouseClick(shown, Qt.MouseButton.LeftButton)  # as to mark and copy it
        assert field.hasFocus()
        dismiss = next(each for each in bar.findChildren(QPushButton) if each.text() == "Dismiss")
        qtbot.mouseClick(dismiss, Qt.MouseButton.LeftButton)
        assert not bar.isVisible()
        assert (page.mapTo(window, QPoint(0, 0)), page.size()) == place
        assert field.hasFocus()
    assert field.text() == 2 * "mmm 1m?"
    assert "mark" not in session.calls  # the text is no shortcut


def test_close_without_session(qtbot: QtBot, window: MainWindow, start: StartStandIn) -> None:
    with qtbot.waitSignal(window.closed):
        window.close()
    assert question(window) is None
    assert start.calls[-1] == "deactivate"


def test_close_during_session_asks(
    qtbot: QtBot, window: MainWindow, session: SessionStandIn
) -> None:
    window.begin(DEMO)
    with qtbot.assertNotEmitted(window.closed):
        assert not window.close()
        answer(window, "Keep recording")
    assert window.isVisible()
    assert question(window) is None
    assert session.calls == [DEMO]

    window.close()
    answer(window, "Stop and save")
    assert session.calls == [DEMO, "stop"]
    assert window.isVisible()
    with qtbot.waitSignal(window.closed):
        session.end(TALK)
    assert not window.isVisible()


@pytest.mark.parametrize("which", ["start", "study"])
def test_close_during_work_asks(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    monkeypatch.setattr(type(getattr(window, which)), "running", True)
    window.close()
    assert window.isVisible()
    answer(window, "Continue")
    assert window.isVisible()
    window.close()
    with qtbot.waitSignal(window.closed):
        answer(window, "Stop and close")
    assert not window.isVisible()


def test_question_closes_when_analysis_ends(
    window: MainWindow, start: StartStandIn, replay: ReplayStandIn
) -> None:
    start.running = True
    window.close()
    start.running = False
    start.recording_chosen.emit(TALK)
    assert question(window) is None
    assert current_page(window) is replay


def test_exit_signal_during_analysis_does_not_ask(
    qtbot: QtBot, window: MainWindow, start: StartStandIn
) -> None:
    start.running = True
    with qtbot.waitSignal(window.closed):
        window.finish()
    assert question(window) is None


def test_escape_keeps_recording(qtbot: QtBot, window: MainWindow, session: SessionStandIn) -> None:
    window.begin(DEMO)
    window.close()
    box = question(window)
    assert box is not None
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert session.calls == [DEMO]
    assert session.running


def test_question_about_unrecorded_session(window: MainWindow, session: SessionStandIn) -> None:
    window.begin(SessionRequest(a="0", b="1"))
    window.close()
    box = question(window)
    assert box is not None
    assert "not recorded" in box.informativeText()
    answer(window, "Stop")
    assert session.calls[-1] == "stop"


def test_question_is_asked_once(window: MainWindow) -> None:
    window.begin(DEMO)
    window.close()
    window.close()
    assert len([each for each in window.findChildren(QMessageBox) if each.isVisible()]) == 1


def test_question_closes_when_session_ends(
    window: MainWindow, session: SessionStandIn, summary: SummaryStandIn
) -> None:
    window.begin(DEMO)
    window.close()
    session.end(TALK)
    assert question(window) is None
    assert current_page(window) is summary
    assert window.isVisible()


def test_second_close_leaves_hanging_session(qtbot: QtBot, window: MainWindow) -> None:
    window.begin(DEMO)
    window.close()
    answer(window, "Stop and save")
    with qtbot.waitSignal(window.closed):
        window.close()


def test_close_replaces_pending_step(
    qtbot: QtBot, window: MainWindow, session: SessionStandIn, replay: ReplayStandIn
) -> None:
    window.begin(DEMO)
    window.open_recording(TALK)
    answer(window, "Stop and save")
    with qtbot.assertNotEmitted(window.closed):
        window.close()
    with qtbot.waitSignal(window.closed):
        session.end(None)
    assert replay.calls == []


def test_exit_signal_stops_session_without_question(
    qtbot: QtBot, window: MainWindow, session: SessionStandIn
) -> None:
    window.begin(DEMO)
    window.finish()
    assert question(window) is None
    assert session.calls == [DEMO, "stop"]
    with qtbot.waitSignal(window.closed):
        session.end(TALK)


def test_other_pages_wait_for_session(
    window: MainWindow, session: SessionStandIn, replay: ReplayStandIn
) -> None:
    window.begin(DEMO)
    window.open_recording(TALK)
    assert current_page(window) is session
    answer(window, "Keep recording")
    assert current_page(window) is session
    window.open_recording(TALK)
    answer(window, "Stop and save")
    session.end(Path("/recordings/new.mirror"))
    assert current_page(window) is replay
    assert replay.calls == [(TALK, None)]


def drop(window: MainWindow, *urls: QUrl) -> bool:
    """Drag files over the window and let them go, where it takes them."""
    data = QMimeData()
    data.setUrls(list(urls))
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    at = QPointF(50, 50)
    entering = QDragEnterEvent(at.toPoint(), copy, data, buttons, keys)
    entering.ignore()
    window.dragEnterEvent(entering)
    if entering.isAccepted():
        window.dropEvent(QDropEvent(at, copy, data, buttons, keys))
    return entering.isAccepted()


def test_dropped_recording_is_opened(window: MainWindow, replay: ReplayStandIn) -> None:
    assert drop(window, QUrl.fromLocalFile(str(TALK)))
    assert replay.calls == [(TALK, None)]


def test_other_dropped_file_is_refused(window: MainWindow, start: StartStandIn) -> None:
    assert drop(window, QUrl.fromLocalFile("/videos/talk.mp4"))
    assert "talk.mp4 is neither a recording" in window.messages.text
    assert current_page(window) is start


def test_dropped_folder_of_recordings_does_not_lead_away(
    window: MainWindow, replay: ReplayStandIn, tmp_path: Path
) -> None:
    window.open_recording(TALK)
    assert drop(window, QUrl.fromLocalFile(str(tmp_path)))
    assert "is neither a recording" in window.messages.text
    assert current_page(window) is replay


def test_dropped_link_is_ignored(window: MainWindow) -> None:
    assert not drop(window, QUrl("https://example.org/talk.mirror"))


def test_file_menu_opens_recording(
    qtbot: QtBot, window: MainWindow, replay: ReplayStandIn, preferences: Preferences
) -> None:
    preferences.recordings_folder = Path.cwd()
    menu_action(window, "Open a recording or a study").trigger()
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    assert Path(dialog.directory().absolutePath()) == Path.cwd()
    dialog.fileSelected.emit(str(TALK))
    assert replay.calls == [(TALK, None)]
    dialog.reject()


def test_menu_has_actions_of_page(window: MainWindow, session: SessionStandIn) -> None:
    window.begin(DEMO)
    assert page_menu(window) == ["&Session", "Mark an event"]
    menu_action(window, "Mark an event").trigger()
    assert session.calls == [DEMO, "mark"]
    session.end(None)
    window.open_recording(TALK)
    assert page_menu(window) == ["&Replay", "Add an event here"]


def test_file_menu_has_export_on_replay_and_summary(
    window: MainWindow, replay: ReplayStandIn, summary: SummaryStandIn
) -> None:
    usual = ["Open a recording or a study", "Start page", "Quit"]
    assert file_menu(window) == usual
    window.open_recording(TALK)
    assert file_menu(window) == ["Open a recording or a study", "Start page", "Export", "Quit"]
    replay.export_action.trigger()
    assert replay.calls[-1] == "export"
    replay.summary_requested.emit(TALK)
    assert file_menu(window).count("Export") == 1
    assert page_menu(window) == []
    summary.back_clicked.emit()
    assert file_menu(window) == usual


def test_same_key_acts_on_current_page(
    qtbot: QtBot, window: MainWindow, session: SessionStandIn, replay: ReplayStandIn
) -> None:
    window.begin(DEMO)
    qtbot.keyClick(window, Qt.Key.Key_M)
    assert session.calls == [DEMO, "mark"]
    session.end(None)
    window.open_recording(TALK)
    qtbot.keyClick(window, Qt.Key.Key_M)
    assert session.calls == [DEMO, "mark"]
    assert replay.calls == [(TALK, None), "add event"]


def test_window_shortcuts_work(qtbot: QtBot, window: MainWindow, start: StartStandIn) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(window, Qt.Key.Key_O, control)
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.isVisible()
    dialog.reject()
    window.open_recording(TALK)
    qtbot.keyClick(window, Qt.Key.Key_Home, control)
    assert current_page(window) is start
    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert any(each.windowTitle() == "Help" for each in window.findChildren(QWidget))
    with qtbot.waitSignal(window.closed):
        qtbot.keyClick(window, Qt.Key.Key_Q, control)


def test_theme_is_changed_saved_and_checked(
    qtbot: QtBot, window: MainWindow, preferences: Preferences
) -> None:
    try:
        menu_action(window, "Dark").trigger()
        assert (preferences.theme, theme().palette.name) == ("dark", "dark")
        for expected in ("system", "light", "dark"):
            qtbot.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
            assert preferences.theme == expected
            if expected != "system":
                assert theme().palette.name == expected
        assert menu_action(window, "Dark").isChecked()
        assert not menu_action(window, "Light").isChecked()
    finally:
        theme().choose("system")


def test_geometry_is_restored(make: Callable[[], MainWindow]) -> None:
    first = make()
    first.resize(700, 600)
    first.close()
    again = make()
    assert (again.width(), again.height()) == (700, 600)


def test_first_window_fits_screen(window: MainWindow) -> None:
    screen = window.screen()
    assert screen is not None
    assert window.height() < screen.availableSize().height()
    assert window.width() < screen.availableSize().width()


def test_damaged_geometry_gives_default_size(
    make: Callable[[], MainWindow], preferences: Preferences
) -> None:
    usual = make().size()
    preferences.geometry = b"damaged"
    assert make().size() == usual


def test_about_has_licence_and_privacy(qtbot: QtBot, window: MainWindow) -> None:
    menu_action(window, "About mirror, and privacy").trigger()
    about = window.findChild(AboutWindow)
    assert about is not None
    assert about.isVisible()
    text = " ".join(each.text() for each in about.findChildren(QLabel))
    for phrase in ("GNU General Public License, version 3", "nothing is sent", "Video is stored"):
        assert phrase in " ".join(text.split())
    about.close()


def test_every_shortcut_works_on_a_real_page(
    qtbot: QtBot, preferences: Preferences, keys: Keys
) -> None:
    window = MainWindow(preferences, keys)
    qtbot.addWidget(window)
    places = {
        "Everywhere": window,
        "List of recordings": window.start.recordings.list,
        "Session": window.session,
        "Replay": window.replay,
        "Study": window.study.table,
    }
    for each in SHORTCUTS:
        actions = [action.text() for action in places[each.group].actions()]
        assert actions.count(each.text) == 1, each.name


def test_controls_have_accessible_names(qtbot: QtBot, preferences: Preferences, keys: Keys) -> None:
    window = MainWindow(preferences, keys)
    qtbot.addWidget(window)
    unnamed = [
        f"{type(control).__name__} of {type(control.parent()).__name__}"
        for control in window.findChildren(QWidget)
        if control.focusPolicy() & Qt.FocusPolicy.TabFocus
        # Those that only hold others, the parts of Qt's own controls, a button that says nothing
        # yet.
        and not isinstance(control, (QScrollArea, QTabWidget, QTabBar, QMenu))
        and not control.objectName().startswith("qt_")
        and not isinstance(getattr(control.parent(), "parent", lambda: None)(), QComboBox)
        and not control.isHidden()
        and not control.accessibleName()
        and not getattr(control, "text", str)()
    ]
    assert unnamed == []


def test_current_page_has_focus(window: MainWindow, replay: ReplayStandIn) -> None:
    window.open_recording(TALK)
    assert window.focusWidget() in (replay, replay.button, None)
    assert replay.button.focusPolicy() == Qt.FocusPolicy.TabFocus


def test_page_that_needs_more_does_not_leave_the_screen(
    qtbot: QtBot, window: MainWindow, start: StartStandIn
) -> None:
    screen = window.screen()
    assert screen is not None
    area = screen.availableGeometry()
    window.open(Path("first.mirror"))
    window.show()
    window.resize(400, 300)
    window.move(0, area.height() - window.frameGeometry().height())
    start.setMinimumHeight(400)
    window.show_start()
    qtbot.waitUntil(lambda: window.height() >= 400)
    qtbot.waitUntil(lambda: window.frameGeometry().bottom() <= area.bottom())
    assert window.frameGeometry().top() > area.top()  # no further up than it must
