"""The edges of controls are seen in both themes, and which of them has the focus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QColor, QImage
from PyQt6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QSlider,
    QSpinBox,
    QToolTip,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from ui.shell.theme import theme

CONTROLS: list[Callable[[], QWidget]] = [
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    lambda: QSlider(Qt.Orientation.Horizontal),
    QSpinBox,
]
NAMES = [
    "check box",
    "combo box",
    "line edit",
    "notes",
    "button",
    "radio button",
    "slider",
    "spin box",
]
controls = pytest.mark.parametrize("control", CONTROLS, ids=NAMES)


@pytest.fixture(autouse=True, params=["light", "dark"])
def themed(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[None]:
    choice: Literal["light", "dark"] = request.param
    theme().choose(choice)
    yield
    theme().choose("light")


def count(widget: QWidget, colour: str) -> int:
    """How many pixels of a widget have nearly that colour."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    bits = image.constBits()
    assert bits is not None
    pixels = np.frombuffer(bits.asstring(image.sizeInBytes()), np.uint8).reshape(-1, 4)
    wanted = QColor(colour)
    away = pixels[:, 2::-1].astype(int) - (wanted.red(), wanted.green(), wanted.blue())
    return int((np.abs(away).max(axis=1) <= 6).sum())


@controls
def test_controls_have_outline(qtbot: QtBot, control: Callable[[], QWidget]) -> None:
    widget = control()
    qtbot.addWidget(widget)
    widget.resize(widget.sizeHint())
    assert count(widget, theme().palette.outline) >= 10


@controls
def test_focus_is_visible(qtbot: QtBot, control: Callable[[], QWidget]) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    other, widget = QPushButton("other"), control()
    column = QVBoxLayout(window)
    column.addWidget(other)
    column.addWidget(widget)
    with qtbot.waitActive(window):
        window.show()
    other.setFocus()
    qtbot.waitUntil(other.hasFocus)
    before = count(widget, theme().palette.accent)
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(widget.hasFocus)
    assert count(widget, theme().palette.accent) >= before + 12


HTML = "<h1>Anna</h1><img src='file:///etc/hostname'>"


def test_labels_are_plain_text(qtbot: QtBot) -> None:
    label = QLabel(HTML)
    qtbot.addWidget(label)
    label.show()
    assert label.textFormat() == Qt.TextFormat.PlainText
    QToolTip.showText(QPoint(5, 5), HTML, label)
    (tip,) = [
        each
        for each in QApplication.topLevelWidgets()
        if isinstance(each, QLabel) and each is not label and each.text() == HTML
    ]
    assert tip.textFormat() == Qt.TextFormat.PlainText
    QToolTip.hideText()


def test_explicit_rich_text_stays(qtbot: QtBot) -> None:
    label = QLabel("<b>mirror</b>")
    label.setTextFormat(Qt.TextFormat.RichText)
    qtbot.addWidget(label)
    label.show()
    assert label.textFormat() == Qt.TextFormat.RichText
