from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QLineEdit, QPushButton, QTreeWidget, QWidget
from pytestqt.qtbot import QtBot

from ui.shell.help import HelpWindow
from ui.shell.shortcuts import SHORTCUTS, Keys

Key = Qt.Key


@pytest.fixture
def window(qtbot: QtBot, keys: Keys) -> HelpWindow:
    made = HelpWindow(keys)
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
    return made


def rebind(qtbot: QtBot, window: HelpWindow, name: str, key: Qt.Key) -> None:
    window.rows.setCurrentItem(window.row(name))
    qtbot.mouseClick(window.change, Qt.MouseButton.LeftButton)
    assert window.capture.isVisible()
    qtbot.keyClick(window.capture, key)


def named(keys: Keys, name: str) -> list[str]:
    return [key.toString() for key in keys.keys(name)]


def test_every_shortcut_is_there_under_its_group_with_its_keys(
    window: HelpWindow, keys: Keys
) -> None:
    for each in SHORTCUTS:
        row = window.row(each.name)
        group = row.parent()
        assert group is not None
        assert (group.text(0), row.text(0)) == (each.group, each.text)
        assert row.text(1) == keys.words(each.name) != ""


def test_search_leaves_what_fits(qtbot: QtBot, window: HelpWindow) -> None:
    qtbot.keyClicks(window.search, "EVENT next")
    left = [each.name for each in SHORTCUTS if not window.row(each.name).isHidden()]
    assert left == ["next event"]
    groups = [window.rows.topLevelItem(n) for n in range(window.rows.topLevelItemCount())]
    assert [g.text(0) for g in groups if g is not None and not g.isHidden()] == ["Replay"]
    window.search.clear()
    qtbot.keyClicks(window.search, "f11")
    assert not window.row("coach view").isHidden()
    assert window.row("mark").isHidden()
    window.search.clear()
    assert not any(window.row(each.name).isHidden() for each in SHORTCUTS)


def test_new_keys_are_pressed_and_work_at_once(
    qtbot: QtBot, window: HelpWindow, keys: Keys
) -> None:
    rebind(qtbot, window, "mark", Key.Key_X)
    assert named(keys, "mark") == ["X"]
    assert window.row("mark").text(1) == "X"
    assert not window.capture.isVisible()
    assert "X" in window.said.text()


def test_keys_with_modifiers_and_function_keys_can_be_chosen(
    qtbot: QtBot, window: HelpWindow, keys: Keys
) -> None:
    rebind(qtbot, window, "mark", Key.Key_F5)
    assert named(keys, "mark") == ["F5"]
    window.change.click()
    qtbot.keyClick(window.capture, Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert named(keys, "mark") == ["Ctrl+B"]


def test_conflict_is_said_in_words_and_changes_nothing(
    qtbot: QtBot, window: HelpWindow, keys: Keys
) -> None:
    rebind(qtbot, window, "pause", Key.Key_M)
    assert named(keys, "pause") == ["Space"]
    assert window.said.text().startswith("M is taken by “Mark an event” (Session)")
    assert window.capture.isVisible()
    qtbot.keyClick(window.capture, Key.Key_X)
    assert named(keys, "pause") == ["X"]


def test_escape_leaves_the_keys_and_the_window_as_they_are(
    qtbot: QtBot, window: HelpWindow, keys: Keys
) -> None:
    rebind(qtbot, window, "mark", Key.Key_Escape)
    assert named(keys, "mark") == ["M"]
    assert window.isVisible()
    assert not window.capture.isVisible()
    assert window.change.isVisible()


@pytest.mark.parametrize("key", [Key.Key_Return, Key.Key_Enter])
def test_keys_that_work_controls_are_refused_in_words(
    qtbot: QtBot, window: HelpWindow, keys: Keys, key: Qt.Key
) -> None:
    rebind(qtbot, window, "mark", key)
    assert named(keys, "mark") == ["M"]
    assert "cannot be a shortcut" in window.said.text()


def test_default_keys_of_one_and_of_all_come_back(
    qtbot: QtBot, window: HelpWindow, keys: Keys
) -> None:
    keys.rebind("mark", [QKeySequence("X")])
    keys.rebind("stop", [QKeySequence("Y")])
    window.rows.setCurrentItem(window.row("mark"))
    window.default.click()
    assert (named(keys, "mark"), named(keys, "stop")) == (["M"], ["Y"])
    window.reset.click()
    assert named(keys, "stop") == ["Ctrl+."]
    assert window.row("stop").text(1) == "Ctrl+."


def test_default_that_another_one_took_is_not_taken_back_in_silence(
    window: HelpWindow, keys: Keys
) -> None:
    keys.rebind("mark", [QKeySequence("X")])
    keys.rebind("pause", [QKeySequence("M")])
    window.rows.setCurrentItem(window.row("mark"))
    window.default.click()
    assert named(keys, "mark") == ["X"]
    assert "taken by “Pause or go on”" in window.said.text()


def test_nothing_is_changed_where_no_row_is_chosen(window: HelpWindow) -> None:
    assert not window.change.isEnabled()
    assert not window.default.isEnabled()
    group = window.rows.topLevelItem(0)
    window.rows.setCurrentItem(group)
    assert not window.change.isEnabled()


def test_it_is_all_done_from_the_keyboard_and_named(
    qtbot: QtBot, window: HelpWindow, keys: Keys
) -> None:
    window.rows.setCurrentItem(window.row("mark"))
    window.rows.setFocus()
    qtbot.keyClick(window.rows, Key.Key_Return)
    assert window.capture.hasFocus()
    qtbot.keyClick(window.capture, Key.Key_X)
    assert named(keys, "mark") == ["X"]
    controls = [*window.findChildren(QLineEdit), *window.findChildren(QTreeWidget), window.capture]
    for control in controls:
        if control.parent() is window:
            assert control.accessibleName(), control
    assert all(each.text() for each in window.findChildren(QPushButton))
    reachable = [
        each
        for each in (window.search, window.rows, window.change, window.default, window.reset)
        if each.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    assert len(reachable) == 5


def test_keys_changed_elsewhere_are_shown(window: HelpWindow, keys: Keys) -> None:
    keys.rebind("mark", [])
    assert window.row("mark").text(1) == "–"
    assert isinstance(window.row("mark").treeWidget(), QWidget)


def test_it_says_how_the_timeline_is_read(window: HelpWindow) -> None:
    assert window.reading.isVisible()
    for words in ("mean", "highest", "chance"):
        assert words in window.reading.text()
