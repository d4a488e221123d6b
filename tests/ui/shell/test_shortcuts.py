from __future__ import annotations

from collections import Counter
from functools import partial

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.shell.preferences import Preferences
from ui.shell.shortcuts import EVERYWHERE, SHORTCUTS, Keys


def key_texts(keys: Keys, name: str) -> list[str]:
    return [key.toString() for key in keys.keys(name)]


def test_table_is_consistent() -> None:
    assert all(count == 1 for count in Counter(each.name for each in SHORTCUTS).values())
    for each in SHORTCUTS:
        assert each.text
        for key in each.keys:
            sequence = QKeySequence(key)
            assert not sequence.isEmpty(), each.name
            assert sequence.toString() == key, each.name


def test_keys_are_unique_in_each_group(keys: Keys) -> None:
    for each in SHORTCUTS:
        for key in keys.keys(each.name):
            assert keys.conflict(each.name, key) is None, (each.name, key.toString())


def test_conflicts_are_within_group_or_everywhere(keys: Keys) -> None:
    assert keys.conflict("pause", QKeySequence("K")) is None
    taken = keys.conflict("help", QKeySequence("K"))
    assert taken is not None
    assert taken.name == "play or pause"
    taken = keys.conflict("pause", QKeySequence("Ctrl+Q"))
    assert taken is not None
    assert taken.group == EVERYWHERE


def test_action_follows_keys(qtbot: QtBot, keys: Keys) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    done: list[str] = []
    action = keys.action(page, "mark", lambda: done.append("mark"))
    with qtbot.waitActive(page):
        page.show()
    qtbot.keyClick(page, Qt.Key.Key_M)
    assert done == ["mark"]
    assert action.toolTip() == "Mark an event (M)"

    keys.rebind("mark", [QKeySequence("X")])
    assert action.toolTip() == "Mark an event (X)"
    qtbot.keyClick(page, Qt.Key.Key_M)
    assert done == ["mark"]
    qtbot.keyClick(page, Qt.Key.Key_X)
    assert done == ["mark", "mark"]

    keys.rebind("mark", [])
    assert action.toolTip() == "Mark an event"
    qtbot.keyClick(page, Qt.Key.Key_X)
    assert done == ["mark", "mark"]


def test_default_keys_trigger_actions(qtbot: QtBot, keys: Keys) -> None:
    pages = {group: QWidget() for group in dict.fromkeys(each.group for each in SHORTCUTS)}
    done: list[str] = []
    for each in SHORTCUTS:
        keys.action(pages[each.group], each.name, partial(done.append, each.name))
    for group, page in pages.items():
        qtbot.addWidget(page)
        with qtbot.waitActive(page):
            page.show()
        for each in SHORTCUTS:
            if each.group != group:
                continue
            for key in keys.keys(each.name):
                done.clear()
                qtbot.keySequence(page, key)
                assert done == [each.name], key.toString()
        page.hide()


def test_only_custom_keys_are_saved(preferences: Preferences, keys: Keys) -> None:
    keys.rebind("mark", [QKeySequence("X"), QKeySequence("Ctrl+,")])
    keys.rebind("pause", [QKeySequence("Space")])
    assert preferences.keys == {"mark": ["X", "Ctrl+,"]}
    assert key_texts(Keys(preferences), "mark") == ["X", "Ctrl+,"]
    keys.rebind("mark", [QKeySequence("M")])
    assert preferences.keys == {}


def test_user_key_wins_over_default_of_another(preferences: Preferences) -> None:
    # As when a later version gives its default key to something that the user has no key for.
    preferences.keys = {"mark": ["V"], "skeletons": ["N"], "sort": ["?"]}
    keys = Keys(preferences)
    assert key_texts(keys, "mark") == ["V"]
    assert key_texts(keys, "full view") == []
    assert key_texts(keys, "next event") == ["PgDown"]
    assert key_texts(keys, "now") == ["N"]  # of the session, where the user's N does not work
    assert key_texts(keys, "help") == ["F1"]
    keys.rebind("mark", [QKeySequence("M")])
    assert key_texts(keys, "full view") == ["V"]


def test_reset_restores_defaults(qtbot: QtBot, preferences: Preferences, keys: Keys) -> None:
    keys.rebind("mark", [QKeySequence("X")])
    with qtbot.waitSignal(keys.changed):
        keys.reset()
    assert key_texts(keys, "mark") == ["M"]
    assert preferences.keys == {}


@pytest.mark.parametrize("damaged", [{"mark": ["nonsense+"]}, {"gone": ["X"]}, {"mark": [""]}])
def test_damaged_keys_give_defaults(
    preferences: Preferences, damaged: dict[str, list[str]]
) -> None:
    preferences.keys = damaged
    assert key_texts(Keys(preferences), "mark") == ["M"]


def test_keys_outlive_action(qtbot: QtBot, keys: Keys) -> None:
    page = QWidget()
    action = keys.action(page, "mark", lambda: None)
    with qtbot.waitSignal(action.destroyed):
        page.deleteLater()
    keys.rebind("mark", [QKeySequence("X")])
    assert key_texts(keys, "mark") == ["X"]
