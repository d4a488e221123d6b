from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QLabel, QLineEdit, QPushButton, QTreeWidget, QWidget
from pytestqt.qtbot import QtBot

from ui.shell.help import HelpWindow
from ui.shell.shortcuts import SHORTCUTS, Keys

Key = Qt.Key


@pytest.fixture
def window(qtbot: QtBot, keys: Keys) -> HelpWindow:
    window = HelpWindow(keys)
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
    return window


def rebind(qtbot: QtBot, window: HelpWindow, name: str, key: Qt.Key) -> None:
    window.rows.setCurrentItem(window.row(name))
    qtbot.mouseClick(window.change, Qt.MouseButton.LeftButton)
    assert window.capture.isVisible()
    qtbot.keyClick(window.capture, key)


def key_texts(keys: Keys, name: str) -> list[str]:
    return [key.toString() for key in keys.keys(name)]


def test_help_fits_a_small_screen(window: HelpWindow) -> None:
    assert window.height() <= 600
    assert window.minimumSizeHint().height() <= 600


def test_shortcuts_are_listed_by_group(window: HelpWindow, keys: Keys) -> None:
    for each in SHORTCUTS:
        row = window.row(each.name)
        group = row.parent()
        assert group is not None
        assert (group.text(0), row.text(0)) == (each.group, each.text)
        assert row.text(1) == keys.text(each.name) != ""


def test_search_filters_rows(qtbot: QtBot, window: HelpWindow) -> None:
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


def test_new_keys_work_at_once(qtbot: QtBot, window: HelpWindow, keys: Keys) -> None:
    rebind(qtbot, window, "mark", Key.Key_U)
    assert key_texts(keys, "mark") == ["U"]
    assert window.row("mark").text(1) == "U"
    assert not window.capture.isVisible()
    assert "U" in window.status.text()


def test_modifiers_and_function_keys(qtbot: QtBot, window: HelpWindow, keys: Keys) -> None:
    rebind(qtbot, window, "mark", Key.Key_F5)
    assert key_texts(keys, "mark") == ["F5"]
    window.change.click()
    qtbot.keyClick(window.capture, Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert key_texts(keys, "mark") == ["Ctrl+B"]


def test_conflict_is_reported_and_changes_nothing(
    qtbot: QtBot, window: HelpWindow, keys: Keys
) -> None:
    rebind(qtbot, window, "pause", Key.Key_M)
    assert key_texts(keys, "pause") == ["Space"]
    assert window.status.text().startswith("M is used by “Mark an event” (Session)")
    assert window.capture.isVisible()
    qtbot.keyClick(window.capture, Key.Key_U)
    assert key_texts(keys, "pause") == ["U"]


def test_escape_cancels_capture(qtbot: QtBot, window: HelpWindow, keys: Keys) -> None:
    rebind(qtbot, window, "mark", Key.Key_Escape)
    assert key_texts(keys, "mark") == ["M"]
    assert window.isVisible()
    assert not window.capture.isVisible()
    assert window.change.isVisible()


@pytest.mark.parametrize("key", [Key.Key_Return, Key.Key_Enter])
def test_reserved_keys_are_refused(
    qtbot: QtBot, window: HelpWindow, keys: Keys, key: Qt.Key
) -> None:
    rebind(qtbot, window, "mark", key)
    assert key_texts(keys, "mark") == ["M"]
    assert "cannot be a shortcut" in window.status.text()


def test_defaults_of_one_and_of_all_are_restored(
    qtbot: QtBot, window: HelpWindow, keys: Keys
) -> None:
    keys.rebind("mark", [QKeySequence("U")])
    keys.rebind("stop", [QKeySequence("Y")])
    window.rows.setCurrentItem(window.row("mark"))
    window.default.click()
    assert (key_texts(keys, "mark"), key_texts(keys, "stop")) == (["M"], ["Y"])
    window.reset.click()
    assert key_texts(keys, "stop") == ["Ctrl+."]
    assert window.row("stop").text(1) == "Ctrl+."


def test_default_in_use_is_not_restored(window: HelpWindow, keys: Keys) -> None:
    keys.rebind("mark", [QKeySequence("U")])
    keys.rebind("pause", [QKeySequence("M")])
    window.rows.setCurrentItem(window.row("mark"))
    window.default.click()
    assert key_texts(keys, "mark") == ["U"]
    assert "used by “Pause or resume”" in window.status.text()


def test_buttons_are_disabled_without_selection(window: HelpWindow) -> None:
    assert not window.change.isEnabled()
    assert not window.default.isEnabled()
    group = window.rows.topLevelItem(0)
    window.rows.setCurrentItem(group)
    assert not window.change.isEnabled()


def test_works_from_keyboard_and_has_names(qtbot: QtBot, window: HelpWindow, keys: Keys) -> None:
    window.rows.setCurrentItem(window.row("mark"))
    window.rows.setFocus()
    qtbot.keyClick(window.rows, Key.Key_Return)
    assert window.capture.hasFocus()
    qtbot.keyClick(window.capture, Key.Key_U)
    assert key_texts(keys, "mark") == ["U"]
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


def test_changed_keys_are_shown(window: HelpWindow, keys: Keys) -> None:
    keys.rebind("mark", [])
    assert window.row("mark").text(1) == "–"
    assert isinstance(window.row("mark").treeWidget(), QWidget)


def test_timeline_is_explained(window: HelpWindow) -> None:
    window.tabs.setCurrentIndex(1)
    shown = " ".join(each.text() for each in window.findChildren(QLabel) if each.isVisible())
    for text in ("mean", "highest", "pseudo-synchrony", "not 0", "how alike"):
        assert text in shown
