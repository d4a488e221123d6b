from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from mirror.estimator.movement import JOINTS
from mirror.session.placement import Placement
from ui.shell.theme import theme
from ui.widgets.body_figure import BodyFigure

Grab = Callable[[QWidget], NDArray[np.uint8]]
FindColour = Callable[[NDArray[np.uint8], str], NDArray[np.bool_]]


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_more_is_lit_the_more_is_seen(
    qtbot: QtBot, grab: Grab, find_colour: FindColour, choice: str
) -> None:
    theme().choose("dark" if choice == "dark" else "light")
    figure = BodyFigure()
    qtbot.addWidget(figure)
    figure.show()
    arms = np.array([joint.name.endswith(("ELBOW", "WRIST")) for joint in JOINTS])
    lit = []
    for placement in (
        None,
        Placement(np.zeros(len(JOINTS), bool)),
        Placement(~arms),
        Placement(np.ones(len(JOINTS), bool)),
    ):
        figure.show_placement(placement)
        lit.append(int(find_colour(grab(figure), theme().palette.text).sum()))
    theme().choose("system")
    assert lit[0] == lit[1] == 0
    assert 0 < lit[2] < lit[3]
    assert figure.accessibleDescription() == "100\u00a0% of the body seen"
