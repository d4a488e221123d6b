from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.shell.preferences import ThemeChoice
from ui.shell.theme import theme
from ui.widgets.sparkline import Sparkline

Pixels = NDArray[np.uint8]
Grab = Callable[[QWidget], Pixels]
FindColour = Callable[[Pixels, str], NDArray[np.bool_]]
NAN = float("nan")


@pytest.fixture
def line(qtbot: QtBot) -> Sparkline:
    widget = Sparkline()
    qtbot.addWidget(widget)
    widget.resize(200, 80)
    return widget


def heights(mask: NDArray[np.bool_]) -> list[int]:
    """Return the number of rows with the colour in the middle of each fifth of the width."""
    return [int(mask[:, x].sum()) for x in (20, 60, 100, 140, 180)]


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_in_phase_is_above_and_anti_phase_below_axis(
    line: Sparkline, grab: Grab, find_colour: FindColour, choice: ThemeChoice
) -> None:
    theme().choose(choice)
    line.set_values(np.array([[1.0, 0.5, 0, 0, NAN], [0, 0, 0.5, 1.0, NAN]]))
    seen, palette = grab(line), theme().palette
    blue, orange = find_colour(seen, palette.in_phase), find_colour(seen, palette.anti_phase)
    assert heights(blue) == pytest.approx([40, 20, 0, 0, 0], abs=2)
    assert heights(orange) == pytest.approx([0, 0, 20, 40, 0], abs=2)
    assert not blue[41:].any()
    assert not orange[:39].any()
    grey = heights(find_colour(seen, palette.untracked_shade))
    assert grey[4] > 5
    assert grey[:4] == [0, 0, 0, 0]


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_mirroring_has_a_lane_of_its_own(
    line: Sparkline, grab: Grab, find_colour: FindColour, choice: ThemeChoice
) -> None:
    """A lesson in which one mirrors the other late is at another phase to the other two."""
    theme().choose(choice)
    line.set_values(np.array([[0, 0, 0, 0, NAN], [1.0, 1.0, 0.5, 0, NAN], [0, 0.5, 1.0, 1.0, NAN]]))
    seen, palette = grab(line), theme().palette
    orange, pink = (find_colour(seen, each) for each in (palette.anti_phase, palette.mirroring))
    upper = int(np.flatnonzero(pink.any(axis=1))[0])
    assert not orange[upper:].any()
    found = heights(pink)
    assert found[0] == found[4] == 0
    assert found[3] == found[2] == pytest.approx(80 - upper, abs=2)
    assert found[1] == pytest.approx(found[2] / 2, abs=1.5)
    assert found[2] >= 0.2 * 80  # as in the timeline


def test_zero_differs_from_undefined(line: Sparkline, grab: Grab, find_colour: FindColour) -> None:
    line.set_values(np.zeros((3, 5)))
    seen, palette = grab(line), theme().palette
    for colour in (palette.untracked_shade, palette.in_phase, palette.anti_phase):
        assert heights(find_colour(seen, colour)) == [0, 0, 0, 0, 0]


def test_columns_touch_at_any_width(
    qtbot: QtBot, line: Sparkline, grab: Grab, find_colour: FindColour
) -> None:
    for width in (97, 151, 200):
        line.resize(width, 40)
        line.set_values(np.stack([np.ones(60), np.zeros(60)]))
        assert find_colour(grab(line), theme().palette.in_phase)[10].all()


def test_copies_values(line: Sparkline, grab: Grab) -> None:
    scores = np.full((3, 5), 0.5)
    line.set_values(scores)
    before = grab(line)
    scores[:] = 0
    assert (grab(line) == before).all()


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ([[], []], "No scores"),
        ([[NAN, NAN]] * 3, "No scores"),
        (
            [[0.9, 0.1, NAN, NAN], [0.0, 0.25, NAN, NAN]],
            "In-phase up to 0.90, anti-phase up to 0.25, defined 50\u00a0% of the time",
        ),
        (
            [[0.9, 0.1, NAN, NAN], [0.0, 0.25, NAN, NAN], [NAN, 0.6, NAN, NAN]],
            "In-phase up to 0.90, anti-phase up to 0.25, mirroring up to 0.60, defined 50\u00a0% of the time",  # noqa: E501
        ),
    ],
)
def test_accessible_description(line: Sparkline, scores: list[list[float]], said: str) -> None:
    line.set_values(np.array(scores, dtype=float))
    assert line.accessibleDescription() == said
    assert line.accessibleName()
    assert not line.grab().isNull()
