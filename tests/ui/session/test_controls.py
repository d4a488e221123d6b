from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from mirror.events import Event
from ui.session.controls import Controls
from ui.shell.shortcuts import Keys

NAMES = ("pause", "stop", "mark", "mark with note", "coach view", "again", "now")


class Page(QWidget):
    """A page with only the control bar that records what is called."""

    def __init__(self, keys: Keys) -> None:
        super().__init__()
        self.calls: list[object] = []
        actions = {name: lambda name=name: self.calls.append(name) for name in NAMES}
        self.controls = Controls(keys, self, actions)
        self.controls.skeleton_toggled.connect(lambda on: self.calls.append(("skeleton only", on)))
        self.controls.sound_toggled.connect(lambda on: self.calls.append(("sound", on)))
        self.controls.drawer_toggled.connect(lambda name: self.calls.append(("drawer", name)))


@pytest.fixture
def page(qtbot: QtBot, keys: Keys) -> Page:
    page = Page(keys)
    qtbot.addWidget(page)
    page.show()
    page.activateWindow()
    page.setFocus()
    qtbot.waitUntil(page.isActiveWindow)
    return page


@pytest.mark.parametrize(
    ("key", "modifier", "what"),
    [
        (Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, "pause"),
        (Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier, "stop"),
        (Qt.Key.Key_M, Qt.KeyboardModifier.NoModifier, "mark"),
        (Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier, "mark with note"),
        (Qt.Key.Key_F11, Qt.KeyboardModifier.NoModifier, "coach view"),
        (Qt.Key.Key_R, Qt.KeyboardModifier.NoModifier, "again"),
        (Qt.Key.Key_N, Qt.KeyboardModifier.NoModifier, "now"),
        (Qt.Key.Key_S, Qt.KeyboardModifier.NoModifier, ("skeleton only", True)),
        (Qt.Key.Key_T, Qt.KeyboardModifier.NoModifier, ("sound", True)),
    ],
)
def test_controls_have_keys(
    qtbot: QtBot, page: Page, key: Qt.Key, modifier: Qt.KeyboardModifier, what: object
) -> None:
    qtbot.keyClick(page, key, modifier)
    assert page.calls == [what]


@pytest.mark.parametrize("name", NAMES)
def test_controls_have_buttons(qtbot: QtBot, page: Page, name: str) -> None:
    bar = page.controls
    button = {
        "pause": bar.pause,
        "stop": bar.stop,
        "mark": bar.mark,
        "mark with note": bar.note_mark,
        "coach view": bar.coach,
        "again": bar.again,
        "now": bar.now,
    }[name]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert page.calls == [name]


def test_tooltips_follow_keys(page: Page, keys: Keys) -> None:
    assert page.controls.mark.toolTip() == "Mark an event (M)"
    keys.rebind("mark", [QKeySequence("F5")])
    assert page.controls.mark.toolTip() == "Mark an event (F5)"


def test_switch_and_action_agree(qtbot: QtBot, page: Page) -> None:
    (action,) = [each for each in page.actions() if "skeleton" in each.text()]
    qtbot.mouseClick(page.controls.skeleton, Qt.MouseButton.LeftButton)
    assert page.controls.skeleton.isChecked()
    assert action.isChecked()
    qtbot.keyClick(page, Qt.Key.Key_S)
    assert not page.controls.skeleton.isChecked()
    assert not action.isChecked()
    assert page.calls == [("skeleton only", True), ("skeleton only", False)]


def test_recording_shows_time_and_size(page: Page) -> None:
    assert page.controls.recording.text() == "Not recording  0:00"
    page.controls.show_recording(3_400_000, 83.0)
    assert page.controls.recording.text() == "● Recording  1:23  3.4 MB"
    page.controls.show_recording(3_400_000, 97.0, paused=True)
    assert page.controls.recording.text() == "❚❚ Paused since  1:23  3.4 MB"
    page.controls.show_recording(None, 97.0, paused=True)
    assert page.controls.recording.text() == "❚❚ Paused since  1:23  Not recording"
    page.controls.show_recording(None, 84.0)
    assert page.controls.recording.text() == "Not recording  1:24"


def test_missing_sound_is_explained(qtbot: QtBot, page: Page) -> None:
    page.controls.show_sound(on=True, problem="No audio output was found")
    assert not page.controls.sound.isEnabled()
    assert not page.controls.sound.isChecked()
    assert page.controls.sound.toolTip() == "No audio output was found"
    qtbot.keyClick(page, Qt.Key.Key_T)
    assert page.calls == []
    page.controls.show_sound(on=True, problem="")
    assert page.controls.sound.isEnabled()
    assert page.controls.sound.isChecked()
    assert "No audio" not in page.controls.sound.toolTip()


def test_controls_are_disabled_while_stopping(qtbot: QtBot, page: Page) -> None:
    page.controls.show_stopping(stopping=True)
    assert page.controls.stop.text() == "Stopping…"
    for key in (Qt.Key.Key_Space, Qt.Key.Key_M):
        qtbot.keyClick(page, key)
    for button in (page.controls.pause, page.controls.stop, page.controls.mark):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert page.calls == []
    page.controls.show_stopping(stopping=False)
    qtbot.keyClick(page, Qt.Key.Key_M)
    assert page.calls == ["mark"]


def test_note_has_time_of_its_beginning(qtbot: QtBot, page: Page) -> None:
    note = page.controls.note
    note.begin(83.4)
    assert note.isVisible()
    assert note.hasFocus()
    assert note.placeholderText().startswith("Note for 1:23")
    qtbot.keyClicks(note, "they smile")  # with an m and an s, which are keys elsewhere
    with qtbot.waitSignal(note.written) as written:
        qtbot.keyClick(note, Qt.Key.Key_Return)
    assert written.args == [Event(83.4, "mark", "they smile")]
    assert page.calls == []
    assert note.isHidden()


def test_note_can_be_discarded(qtbot: QtBot, page: Page) -> None:
    note = page.controls.note
    note.begin(1.0)
    qtbot.keyClicks(note, "no")
    with qtbot.assertNotEmitted(note.written):
        qtbot.keyClick(note, Qt.Key.Key_Escape)
    assert note.isHidden()
    note.begin(2.0)
    assert note.text() == ""


def test_one_drawer_at_a_time(qtbot: QtBot, page: Page) -> None:
    for button in (page.controls.settings, page.controls.details, page.controls.details):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert page.calls == [("drawer", "settings"), ("drawer", "details"), ("drawer", "")]


def test_pause_button_becomes_resume(page: Page) -> None:
    page.controls.show_paused(paused=True)
    assert page.controls.pause.text() == "Resume"
    page.controls.show_paused(paused=False)
    assert page.controls.pause.text() == "Pause"


def test_buttons_have_names_and_tab_focus(page: Page) -> None:
    for button in page.findChildren(QPushButton):
        assert button.text()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
