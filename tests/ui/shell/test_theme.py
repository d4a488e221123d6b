"""Light and dark, as the desktop or the user wants them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPalette, QStyleHints
from PyQt6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.support.contrast import contrast
from ui.shell.palette import DARK, LIGHT
from ui.shell.theme import Theme, theme


class Desktop(QObject):
    """A desktop that has a colour scheme, which the offscreen one has not."""

    colorSchemeChanged = pyqtSignal(Qt.ColorScheme)  # noqa: N815  Qt's name

    def __init__(self, scheme: Qt.ColorScheme, *, obeys: bool = True) -> None:
        super().__init__()
        self.obeys = obeys
        self.own = self.scheme = scheme

    def switch(self, scheme: Qt.ColorScheme) -> None:
        """The desktop's user wants another one."""
        self.own = scheme
        self.setColorScheme(Qt.ColorScheme.Unknown)

    def colorScheme(self) -> Qt.ColorScheme:  # noqa: N802
        return self.scheme

    def setColorScheme(self, scheme: Qt.ColorScheme) -> None:  # noqa: N802
        is_followed = scheme != Qt.ColorScheme.Unknown and self.obeys
        self.scheme = scheme if is_followed else self.own
        self.colorSchemeChanged.emit(self.scheme)


@pytest.fixture(autouse=True)
def light_afterwards(qapp: QApplication) -> Iterator[None]:
    yield
    # By way of dark, as the theme of a test may have been applied last.
    theme().choose("dark")
    theme().choose("light")


def theme_on(application: QApplication, desktop: Desktop) -> Theme:
    return Theme(application, cast("QStyleHints", desktop))


@pytest.mark.parametrize(
    ("scheme", "palette"),
    [
        (Qt.ColorScheme.Dark, DARK),
        (Qt.ColorScheme.Light, LIGHT),
        (Qt.ColorScheme.Unknown, LIGHT),
    ],
)
def test_starts_with_desktop_scheme(
    qapp: QApplication, scheme: Qt.ColorScheme, palette: object
) -> None:
    assert theme_on(qapp, Desktop(scheme)).palette is palette


def test_follows_desktop(qapp: QApplication, qtbot: QtBot) -> None:
    desktop = Desktop(Qt.ColorScheme.Light)
    themed = theme_on(qapp, desktop)
    with qtbot.waitSignal(themed.changed):
        desktop.switch(Qt.ColorScheme.Dark)
    assert themed.palette is DARK
    with qtbot.waitSignal(themed.changed):
        desktop.switch(Qt.ColorScheme.Light)
    assert themed.palette is LIGHT


def test_choice_overrides_desktop(qapp: QApplication, qtbot: QtBot) -> None:
    desktop = Desktop(Qt.ColorScheme.Light)
    themed = theme_on(qapp, desktop)
    themed.choose("dark")
    assert themed.palette is DARK
    assert desktop.scheme == Qt.ColorScheme.Dark  # for the window frame
    with qtbot.assertNotEmitted(themed.changed):
        desktop.switch(Qt.ColorScheme.Light)
    assert themed.palette is DARK
    themed.choose("system")
    assert themed.palette is LIGHT


@pytest.mark.parametrize("scheme", [Qt.ColorScheme.Dark, Qt.ColorScheme.Light])
def test_choice_holds_if_desktop_ignores_it(qapp: QApplication, scheme: Qt.ColorScheme) -> None:
    themed = theme_on(qapp, Desktop(scheme, obeys=False))
    themed.choose("light")
    assert themed.palette is LIGHT
    themed.choose("dark")
    assert themed.palette is DARK


def test_same_colours_emit_no_change(qapp: QApplication, qtbot: QtBot) -> None:
    theme().choose("dark")
    with qtbot.assertNotEmitted(theme().changed):
        theme().choose("dark")
    with qtbot.waitSignal(theme().changed):
        theme().choose("light")


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_qt_widgets_follow(qapp: QApplication, choice: str) -> None:
    theme().choose("dark" if choice == "dark" else "light")
    palette, used = theme().palette, qapp.palette()
    role = QPalette.ColorRole
    for text, ground in (
        (role.WindowText, role.Window),
        (role.Text, role.Base),
        (role.Text, role.AlternateBase),
        (role.PlaceholderText, role.Base),
        (role.ButtonText, role.Button),
        (role.HighlightedText, role.Highlight),
        (role.ToolTipText, role.ToolTipBase),
        (role.Link, role.Base),
    ):
        assert contrast(used.color(text).name(), used.color(ground).name()) >= 4.5
    assert used.color(role.Window) == QColor(palette.background)


def test_primary_button_and_dim_label(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    main, other, label = QPushButton("Start"), QPushButton("Back"), QLabel("since 0:07")
    main.setProperty("primary", True)
    label.setProperty("dim", True)
    column = QVBoxLayout(page)
    for each in (main, other, label):
        column.addWidget(each)
    page.resize(200, 150)
    for choice, palette in (("dark", DARK), ("light", LIGHT)):
        theme().choose("dark" if choice == "dark" else "light")
        image = page.grab().toImage()

        def ground(button: QPushButton, image=image) -> str:
            return image.pixelColor(button.geometry().center().x(), button.y() + 4).name()

        assert ground(main) == palette.accent
        assert ground(other) == palette.raised
        inside = label.geometry()
        colours = {
            image.pixelColor(x, y).name()
            for x in range(inside.left(), inside.right())
            for y in range(inside.top(), inside.bottom())
        }
        assert palette.dim_text in colours
        assert palette.text not in colours
