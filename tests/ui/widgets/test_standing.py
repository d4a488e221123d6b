from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PyQt6.QtGui import QColor
from pytestqt.qtbot import QtBot

from ui.shell.theme import theme
from ui.widgets.standing import STANDING, StandingChoice, standing_pixmap


@pytest.fixture(params=["light", "dark"])
def colour(qtbot: QtBot, request: pytest.FixtureRequest) -> Iterator[QColor]:
    theme().choose(request.param)
    yield QColor(theme().palette.text)
    theme().choose("system")


def ink(mapping: str) -> NDArray[np.bool_]:
    image = standing_pixmap(mapping).toImage()
    return np.array(
        [
            [image.pixelColor(x, y).alpha() > 128 for x in range(image.width())]
            for y in range(image.height())
        ]
    )


def test_pictograms_differ_and_are_symmetric(colour: QColor) -> None:
    mirror, same = ink("mirror"), ink("same-side")
    assert (mirror != same).mean() > 0.05
    # facing each other is its own mirror image; side by side is one person twice
    assert (mirror != mirror[:, ::-1]).mean() < 0.03
    middle = same.shape[1] // 2
    assert (same[:, :middle] != same[:, middle:]).mean() < 0.03
    assert standing_pixmap("mirror").toImage().pixelColor(18, 24) == colour


def test_choice_is_one_of_two(qtbot: QtBot) -> None:
    choice = StandingChoice()
    qtbot.addWidget(choice)
    choice.show_mapping("same-side")
    assert choice.buttons["same-side"].isChecked()
    with qtbot.waitSignal(choice.chosen) as chosen:
        choice.buttons["mirror"].click()
    assert chosen.args == ["mirror"]
    assert not choice.buttons["same-side"].isChecked()
    assert [button.text() for button in choice.buttons.values()] == list(STANDING.values())


def test_choice_suggests_the_other_way(qtbot: QtBot) -> None:
    choice = StandingChoice()
    qtbot.addWidget(choice)
    choice.show_mapping("mirror")
    assert choice.text.text() == "How do they stand?"
    choice.show_mapping("mirror", "same-side")
    assert choice.text.text() == "Fits better:"
    assert choice.text.accessibleName() == "Side by side fits clearly better"
    assert choice.buttons["mirror"].isChecked()
    assert choice.buttons["same-side"].isDefault()  # so it is coloured
    for least in (choice.minimumSizeHint().width() + 80, 900):  # as far as there is any room
        choice.resize(least, 40)
        choice.show()
        assert choice.text.shown_text == "Fits better:"
    choice.show_mapping("same-side")
    assert choice.text.text() == "How do they stand?"
    assert not choice.text.accessibleName()
    assert not choice.buttons["same-side"].isDefault()
