"""Every page fits a small screen, whatever the names are."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, QSize
from PyQt6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from mirror.errors import SourceError
from mirror.session.start import SessionRequest
from tests.support.fake_sessions import FakeOpener
from tests.support.recordings import make_recording
from ui.main_window import MainWindow
from ui.session.page import SessionPage
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys

SMALL = QSize(1024, 640)
NAMES = {
    "eighteen letters": ("Bartholomew-Silves", "Konstantinopoulous"),
    "long, of several scripts": (
        "Wolfeschlegelsteinhausenbergerdorff" * 3,
        "Ἀλέξανδρος ナカムラ・ヒロシ العربية мария Иванова-Петрова 王秀英 " * 2,
    ),
}


@pytest.fixture(params=NAMES)
def names(request: pytest.FixtureRequest) -> tuple[str, str]:
    return NAMES[request.param]


@pytest.fixture
def window(
    qtbot: QtBot, preferences: Preferences, keys: Keys, names: tuple[str, str], tmp_path: Path
) -> MainWindow:
    preferences.labels = names
    preferences.consent = "We agree to everything. " * 6
    preferences.recordings_folder = tmp_path / ("folder" * 30)
    window = MainWindow(preferences, keys)
    qtbot.addWidget(window)
    window.resize(SMALL)
    window.show()
    return window


def check_fits(shown: QWidget) -> None:
    QApplication.processEvents()
    hint = shown.minimumSizeHint()
    assert hint.width() <= SMALL.width()
    assert hint.height() <= SMALL.height() - 48  # the desktop's frame and bar
    assert shown.size() == SMALL
    for button in shown.findChildren(QPushButton):
        if button.isVisible():
            left = button.mapTo(shown, QPoint(0, 0)).x()
            assert left >= 0
            assert left + button.width() <= SMALL.width(), button.text()


def test_start_page_fits(qtbot: QtBot, window: MainWindow) -> None:
    window.show_start()
    opens = next(b for b in window.start.findChildren(QPushButton) if b.text().startswith("Names"))
    for mode in ("two cameras", "one camera", "video call", "exercises", "two files", "recordings"):
        window.start.choose(mode)
        for _ in range(2):
            check_fits(window)
            opens.toggle()
    window.start.two_files.fields[0].set_text("/videos/" + "long name " * 20 + ".mp4")
    window.start.choose("two files")
    window.start.two_files.both.setChecked(True)
    check_fits(window)
    window.messages.show_message("The recording " + "x" * 300 + " ended.", "warning")
    check_fits(window)
    window.start.deactivate()


def test_session_page_fits(
    qtbot: QtBot, preferences: Preferences, keys: Keys, names: tuple[str, str]
) -> None:
    opener = FakeOpener()
    page = SessionPage(preferences, keys, opener=opener)
    qtbot.addWidget(page)
    page.resize(SMALL)
    page.show()
    opener.fault = SourceError("Cannot open " + "x" * 200)
    request = SessionRequest(a="camera " + "a" * 60, b="b", labels=names)
    page.begin(request)
    qtbot.waitUntil(lambda: not page.running)
    check_fits(page)
    opener.fault = None
    page.begin(request)
    qtbot.waitUntil(page.view.isVisible)
    page.controls.show_sound(on=False, problem="No audio output was found")
    page.controls.show_recording(1_234_567_890, 36_000.0)
    for full in (False, True):
        page.controls.full.setChecked(full)
        for button in (page.controls.settings, page.controls.details):
            button.click()
            check_fits(page)
    with qtbot.waitSignal(page.ended):
        page.stop()


def test_recording_pages_fit(
    qtbot: QtBot, window: MainWindow, names: tuple[str, str], tmp_path: Path
) -> None:
    path = make_recording(tmp_path / f"{'long name ' * 10}.mirror", labels=names, seconds=8.0)
    with qtbot.waitSignal(window.replay.opened):
        window.open_recording(path)
    window.replay.player.select((1.0, 7.0))
    window.replay.rescored_bar.show_unsaved("window 10 s, band 0.3 to 4 Hz, hann taper" * 3)
    check_fits(window)
    with qtbot.waitSignal(window.summary.shown):
        window.replay.summary_requested.emit(path)
    check_fits(window)


def test_study_page_fits(
    qtbot: QtBot, window: MainWindow, names: tuple[str, str], tmp_path: Path
) -> None:
    table = tmp_path / f"{'long name ' * 10}.csv"
    table.write_text(f"id,a,{names[0]},person_a\n{names[0]},x.mirror,1,{names[1]}\n", "utf-8")
    window.open_recording(table)
    qtbot.waitUntil(lambda: window.study.stack.text == "")
    assert window.study.shown.rowCount() == 1
    check_fits(window)
