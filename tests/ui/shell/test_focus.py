from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QRadioButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from ui.shell.focus import FocusKeys, focus_by_tab_only
from ui.shell.shortcuts import SHORTCUTS, Keys

Key = Qt.Key
TAB = Qt.FocusReason.TabFocusReason


class Page(QWidget):
    """One control of each kind, under every shortcut of the replay page."""

    def __init__(self, keys: Keys) -> None:
        super().__init__()
        self.done: list[str] = []
        self.button = QPushButton("Export")
        self.radio = QRadioButton("Mirror")
        self.combo = QComboBox()
        self.combo.addItems(["×1", "×2", "×4"])
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.spin = QSpinBox()
        self.text = QLineEdit()
        self.list = QListWidget()
        self.list.addItems(["one", "two", "three"])
        self.list.setCurrentRow(0)
        self.label = QLabel("label")
        self.label.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        for control in (
            self.button,
            self.radio,
            self.combo,
            self.slider,
            self.spin,
            self.text,
            self.list,
            self.label,
        ):
            column.addWidget(control)
        for each in SHORTCUTS:
            if each.group == "Replay":
                keys.action(self, each.name, partial(self.done.append, each.name))


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication, keys: Keys) -> Iterator[Page]:
    keeping = FocusKeys(qapp)
    page = Page(keys)
    qtbot.addWidget(page)
    with qtbot.waitActive(page):
        page.show()
    yield page
    keeping.deleteLater()


def press(qtbot: QtBot, control: QWidget, key: Qt.Key) -> None:
    control.setFocus(TAB)
    assert control.hasFocus()
    qtbot.keyClick(control, key)


def test_space_clicks_focused_button(qtbot: QtBot, page: Page) -> None:
    with qtbot.waitSignal(page.button.clicked, timeout=1000):
        press(qtbot, page.button, Key.Key_Space)
    assert page.done == []


@pytest.mark.parametrize("key", [Key.Key_Return, Key.Key_Enter])
def test_enter_clicks_focused_button(qtbot: QtBot, page: Page, key: Qt.Key) -> None:
    clicks: list[bool] = []
    page.button.clicked.connect(clicks.append)
    press(qtbot, page.button, key)
    press(qtbot, page.radio, key)
    assert len(clicks) == 1
    assert not page.radio.isChecked()
    assert page.done == []


def test_controls_keep_their_keys(qtbot: QtBot, page: Page) -> None:
    press(qtbot, page.radio, Key.Key_Space)
    assert page.radio.isChecked()
    press(qtbot, page.slider, Key.Key_Right)
    assert page.slider.value() == 1
    press(qtbot, page.slider, Key.Key_End)
    assert page.slider.value() == page.slider.maximum()
    press(qtbot, page.spin, Key.Key_PageUp)
    assert page.spin.value() == 10
    press(qtbot, page.combo, Key.Key_End)
    assert page.combo.currentIndex() == 2
    press(qtbot, page.list, Key.Key_End)
    assert page.list.currentRow() == 2
    press(qtbot, page.text, Key.Key_K)
    press(qtbot, page.text, Key.Key_Space)
    press(qtbot, page.text, Key.Key_BracketLeft)
    assert page.text.text() == "k ["
    assert page.done == []


def test_other_keys_are_shortcuts(qtbot: QtBot, page: Page) -> None:
    press(qtbot, page.button, Key.Key_K)
    press(qtbot, page.button, Key.Key_Left)
    press(qtbot, page.list, Key.Key_Delete)
    press(qtbot, page.label, Key.Key_Space)
    assert page.done == ["play or pause", "frame back", "delete event", "play or pause"]
    page.slider.setFocus(TAB)
    qtbot.keyClick(page.slider, Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert page.done[-1] == "second forward"


def test_unfocused_control_keeps_no_keys(qtbot: QtBot, page: Page) -> None:
    page.button.setFocus(TAB)
    page.label.setFocus(TAB)
    qtbot.keyClick(page.label, Key.Key_Space)
    assert page.done == ["play or pause"]


def test_deleted_focused_control(qtbot: QtBot, page: Page) -> None:
    page.button.setFocus(TAB)
    with qtbot.waitSignal(page.button.destroyed):
        page.button.deleteLater()
    press(qtbot, page.radio, Key.Key_Space)
    assert page.radio.isChecked()
    press(qtbot, page.label, Key.Key_Space)
    assert page.done == ["play or pause"]


def test_space_is_shortcut_after_click(qtbot: QtBot, page: Page) -> None:
    focus_by_tab_only(page)
    page.label.setFocus(TAB)
    clicks: list[bool] = []
    page.button.clicked.connect(clicks.append)
    qtbot.mouseClick(page.button, Qt.MouseButton.LeftButton)
    assert not page.button.hasFocus()
    qtbot.keyClick(page.label, Key.Key_Space)
    assert len(clicks) == 1
    assert page.done == ["play or pause"]
    assert page.text.focusPolicy() & Qt.FocusPolicy.ClickFocus
    press(qtbot, page.button, Key.Key_Space)
    assert len(clicks) == 2


def test_no_tab_focus_is_added(qtbot: QtBot, page: Page) -> None:
    page.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    focus_by_tab_only(page)
    assert page.button.focusPolicy() == Qt.FocusPolicy.NoFocus
