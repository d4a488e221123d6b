from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from mirror.events import Event
from ui.session.controls import Controls
from ui.shell.shortcuts import Keys

NAMES = ("pause", "stop", "mark", "mark with note", "coach view")


class Desk(QWidget):
    """A page with nothing but the control bar, noting what is asked."""

    def __init__(self, keys: Keys) -> None:
        super().__init__()
        self.asked: list[object] = []
        actions = {name: lambda name=name: self.asked.append(name) for name in NAMES}
        self.controls = Controls(keys, self, actions, self)
        self.controls.skeleton_only.connect(lambda on: self.asked.append(("skeleton only", on)))
        self.controls.sound.connect(lambda on: self.asked.append(("sound", on)))
        self.controls.drawer.connect(lambda name: self.asked.append(("drawer", name)))


@pytest.fixture
def desk(qtbot: QtBot, keys: Keys) -> Desk:
    made = Desk(keys)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    made.setFocus()
    qtbot.waitUntil(made.isActiveWindow)
    return made


@pytest.mark.parametrize(
    ("key", "modifier", "what"),
    [
        (Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, "pause"),
        (Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier, "stop"),
        (Qt.Key.Key_M, Qt.KeyboardModifier.NoModifier, "mark"),
        (Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier, "mark with note"),
        (Qt.Key.Key_F11, Qt.KeyboardModifier.NoModifier, "coach view"),
        (Qt.Key.Key_S, Qt.KeyboardModifier.NoModifier, ("skeleton only", True)),
        (Qt.Key.Key_T, Qt.KeyboardModifier.NoModifier, ("sound", True)),
    ],
)
def test_every_control_has_its_key(
    qtbot: QtBot, desk: Desk, key: Qt.Key, modifier: Qt.KeyboardModifier, what: object
) -> None:
    qtbot.keyClick(desk, key, modifier)
    assert desk.asked == [what]


@pytest.mark.parametrize("name", NAMES)
def test_every_control_has_its_button(qtbot: QtBot, desk: Desk, name: str) -> None:
    bar = desk.controls
    button = {
        "pause": bar.pause,
        "stop": bar.stop,
        "mark": bar.mark,
        "mark with note": bar.note_mark,
        "coach view": bar.coach,
    }[name]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert desk.asked == [name]


def test_tooltips_name_the_keys_also_when_they_change(desk: Desk, keys: Keys) -> None:
    assert desk.controls.mark.toolTip() == "Mark an event (M)"
    keys.rebind("mark", [QKeySequence("F5")])
    assert desk.controls.mark.toolTip() == "Mark an event (F5)"


def test_switches_show_their_state_on_button_and_action(qtbot: QtBot, desk: Desk) -> None:
    (action,) = [each for each in desk.actions() if "skeleton" in each.text()]
    qtbot.mouseClick(desk.controls.skeleton, Qt.MouseButton.LeftButton)
    assert desk.controls.skeleton.isChecked()
    assert action.isChecked()
    qtbot.keyClick(desk, Qt.Key.Key_S)
    assert not desk.controls.skeleton.isChecked()
    assert not action.isChecked()
    assert desk.asked == [("skeleton only", True), ("skeleton only", False)]


def test_the_recording_is_told_with_time_and_size(desk: Desk) -> None:
    assert desk.controls.recording == "Not recording  0:00"
    desk.controls.show_recording(3_400_000, 83.0)
    assert desk.controls.recording == "● Recording  1:23  3.4 MB"
    desk.controls.show_recording(3_400_000, 83.0, paused=True)
    assert desk.controls.recording == "❚❚ Paused  1:23  3.4 MB"
    desk.controls.show_recording(None, 84.0)
    assert desk.controls.recording == "Not recording  1:24"


def test_without_sound_the_switch_says_why(qtbot: QtBot, desk: Desk) -> None:
    desk.controls.show_sound(on=True, why_not="No audio output was found")
    assert not desk.controls.hear.isEnabled()
    assert not desk.controls.hear.isChecked()
    assert desk.controls.no_sound == "No audio output was found"
    qtbot.keyClick(desk, Qt.Key.Key_T)
    assert desk.asked == []
    desk.controls.show_sound(on=True, why_not="")
    assert desk.controls.hear.isEnabled()
    assert desk.controls.hear.isChecked()
    assert desk.controls.no_sound == ""


def test_while_it_stops_nothing_more_can_be_asked(qtbot: QtBot, desk: Desk) -> None:
    desk.controls.show_stopping(stopping=True)
    assert desk.controls.stop.text() == "Stopping …"
    for key in (Qt.Key.Key_Space, Qt.Key.Key_M):
        qtbot.keyClick(desk, key)
    for button in (desk.controls.pause, desk.controls.stop, desk.controls.mark):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert desk.asked == []
    desk.controls.show_stopping(stopping=False)
    qtbot.keyClick(desk, Qt.Key.Key_M)
    assert desk.asked == ["mark"]


def test_a_note_is_kept_with_the_moment_at_which_it_was_begun(qtbot: QtBot, desk: Desk) -> None:
    note = desk.controls.note
    note.begin(83.4)
    assert note.isVisible()
    assert note.hasFocus()
    assert note.placeholderText().startswith("Note for 1:23")
    qtbot.keyClicks(note, "they smile")  # with an m and an s, which are keys elsewhere
    with qtbot.waitSignal(note.written) as written:
        qtbot.keyClick(note, Qt.Key.Key_Return)
    assert written.args == [Event(83.4, "mark", "they smile")]
    assert desk.asked == []
    assert note.isHidden()


def test_a_note_can_be_dropped(qtbot: QtBot, desk: Desk) -> None:
    note = desk.controls.note
    note.begin(1.0)
    qtbot.keyClicks(note, "no")
    with qtbot.assertNotEmitted(note.written):
        qtbot.keyClick(note, Qt.Key.Key_Escape)
    assert note.isHidden()
    note.begin(2.0)
    assert note.text() == ""


def test_one_drawer_at_a_time(qtbot: QtBot, desk: Desk) -> None:
    for button in (desk.controls.settings, desk.controls.about, desk.controls.about):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert desk.asked == [("drawer", "settings"), ("drawer", "about"), ("drawer", "")]


def test_a_paused_session_can_be_resumed(desk: Desk) -> None:
    desk.controls.show_paused(paused=True)
    assert desk.controls.pause.text() == "Resume"
    desk.controls.show_paused(paused=False)
    assert desk.controls.pause.text() == "Pause"


def test_every_button_is_named_and_reached_by_tab(desk: Desk) -> None:
    for button in desk.findChildren(QPushButton):
        assert button.text()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
