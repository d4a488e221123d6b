"""Animated values, fonts that fit, and the cached background."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PyQt6.QtCore import QRectF, Qt, QTimer
from PyQt6.QtGui import QFont, QFontMetricsF, QPainter, QPixmap
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.shell.theme import theme
from ui.widgets.painting import PaintedWidget, ValueAnimation, fit_font


class Shown(QWidget):
    """Records the values at every update."""

    def __init__(self) -> None:
        super().__init__()
        self.animation = ValueAnimation(self, 2)
        self.seen: list[tuple[float, ...]] = []

    def update(self, *_region: object) -> None:
        self.seen.append(self.animation.values)


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    widget = Shown()
    qtbot.addWidget(widget)
    widget.resize(50, 50)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def test_animation_is_linear_and_ends_at_target(shown: Shown, qtbot: QtBot) -> None:
    shown.animation.set_target(0.2, 0.9)
    shown.seen.clear()
    shown.animation.set_target(0.8, 0.1)
    assert shown.animation.values == (0.2, 0.9)
    qtbot.waitUntil(lambda: shown.animation.values == (0.8, 0.1))
    steps = np.array(shown.seen)
    assert (np.diff(steps[:, 0]) >= 0).all()
    assert (np.diff(steps[:, 1]) <= 0).all()
    assert (steps >= 0.1).all()
    assert (steps <= 0.9).all()
    # Both are as far on their way: a needle goes straight.
    assert np.allclose((steps[:, 0] - 0.2) / 0.6, (0.9 - steps[:, 1]) / 0.8)


@pytest.mark.parametrize("jump", [((0.2, 0.3), (math.nan,) * 2), ((math.nan,) * 2, (0.2, 0.3))])
def test_animation_jumps_to_and_from_nan(
    shown: Shown, jump: tuple[tuple[float, float], tuple[float, float]]
) -> None:
    for values in jump:
        shown.animation.set_target(*values)
    assert np.array_equal(shown.seen[-1], jump[1], equal_nan=True)


def test_nan_ends_animation(shown: Shown) -> None:
    shown.animation.set_target(0.0, 0.0)
    shown.animation.set_target(1.0, 1.0)
    shown.animation.set_target(math.nan, math.nan)
    assert all(map(math.isnan, shown.animation.values))
    assert not any(timer.isActive() for timer in shown.animation.findChildren(QTimer))


def test_animation_jumps_while_hidden(shown: Shown) -> None:
    shown.animation.set_target(0.2, 0.2)
    shown.hide()
    shown.animation.set_target(0.8, 0.8)
    assert shown.animation.values == (0.8, 0.8)


@pytest.mark.parametrize("size", [(60, 30), (200, 20), (400, 100), (80, 200)])
@pytest.mark.parametrize("text", ["Still", "In phase — Wilhelmina follows by 0.4 s"])
def test_fit_font_returns_largest_fitting_size(
    qtbot: QtBot, text: str, size: tuple[int, int]
) -> None:
    room = QRectF(0, 0, *size)

    def needed(font: QFont) -> QRectF:
        wrap = int(Qt.TextFlag.TextWordWrap)
        return QFontMetricsF(font).boundingRect(QRectF(0, 0, size[0], 1e6), wrap, text)

    font = fit_font(QFont(), text, room, largest=500)
    assert needed(font).width() <= size[0]
    assert needed(font).height() <= size[1]
    font.setPixelSize(font.pixelSize() + 1)
    assert needed(font).width() > size[0] or needed(font).height() > size[1]


class Counted(PaintedWidget):
    """Counts how often its background is painted."""

    def __init__(self) -> None:
        super().__init__("Counted")
        self.drawn: list[float] = []
        self.key = 0
        self.ratio = 1.0

    def devicePixelRatioF(self) -> float:  # noqa: N802  Qt's name
        return self.ratio

    def background_key(self) -> int:
        return self.key

    def paint_background(self, painter: QPainter) -> None:
        device = painter.device()
        assert isinstance(device, QPixmap)
        self.drawn.append(device.width())

    def paint_foreground(self, painter: QPainter) -> None:
        painter.drawPoint(1, 1)


def test_background_is_repainted_only_on_changes(qtbot: QtBot) -> None:
    widget = Counted()
    qtbot.addWidget(widget)
    widget.resize(61, 40)

    def drawn() -> int:
        before = len(widget.drawn)
        for _ in range(3):
            widget.grab()
        return len(widget.drawn) - before

    assert drawn() == 1
    assert drawn() == 0
    widget.resize(60, 40)
    assert drawn() == 1
    theme().choose("dark")
    assert drawn() == 1
    widget.key = 1
    assert drawn() == 1
    font = widget.font()
    font.setPointSizeF(1.5 * font.pointSizeF())
    widget.setFont(font)
    assert drawn() == 1
    widget.ratio = 1.5
    assert drawn() == 1
    assert widget.drawn[0] == 61
    assert widget.drawn[-1] == 90  # the screen's pixels, not the widget's
