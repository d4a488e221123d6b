"""Regions: in-phase up, anti-phase down, empty if undefined."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from mirror.timeline import REGIONS, Score, State
from ui.shell.theme import theme
from ui.widgets.regions import RegionBars

Pixels = NDArray[np.uint8]
FindColour = Callable[[Pixels, str], NDArray[np.bool_]]
SIZE = (420, 200)


@pytest.fixture
def bars(qtbot: QtBot) -> RegionBars:
    widget = RegionBars()
    qtbot.addWidget(widget)
    widget.resize(*SIZE)
    return widget


@pytest.fixture
def filled(
    bars: RegionBars, grab: Callable[[RegionBars], Pixels], find_colour: FindColour
) -> Callable[[Score, str], NDArray[np.bool_]]:
    """Pixels of the bars: the colour, except in the arrows at the side."""

    def found(score: Score, which: str) -> NDArray[np.bool_]:
        colour = getattr(theme().palette, which)
        bars.show_score(None)
        arrows = find_colour(grab(bars), colour)
        bars.show_score(score)
        return find_colour(grab(bars), colour) & ~arrows

    return found


def only(region: str, score: Score) -> Score:
    """Return a row with one defined region."""
    values = {
        f"{kind}_{region}": getattr(score, f"{kind}_{region}")
        for kind in ("in_phase", "anti_phase", "coherence")
    }
    return Score(score.time_s, State.OK, **values)


def test_in_phase_is_up_and_anti_phase_down(
    filled: Callable[[Score, str], NDArray[np.bool_]], score: Callable[..., Score]
) -> None:
    up, _ = np.nonzero(filled(score(0.9, 0), "in_phase"))
    down, _ = np.nonzero(filled(score(0.9, 180), "anti_phase"))
    assert up.max() < down.min()
    assert not filled(score(0.9, 180), "in_phase").any()
    assert not filled(score(0.9, 0), "anti_phase").any()


@pytest.mark.parametrize(("which", "phase_deg"), [("in_phase", 0), ("anti_phase", 180)])
def test_bar_height_is_score(
    bars: RegionBars,
    grab: Callable[[RegionBars], Pixels],
    find_colour: FindColour,
    filled: Callable[[Score, str], NDArray[np.bool_]],
    score: Callable[..., Score],
    which: str,
    phase_deg: float,
) -> None:
    half, whole = (
        np.ptp(np.nonzero(filled(score(value, phase_deg), which))[0]) + 1 for value in (0.5, 1.0)
    )
    # A score of 1 fills the whole of what a score of 0 leaves empty, above or below the middle.
    bars.show_score(score(0.0))
    empty, _ = np.nonzero(find_colour(grab(bars), theme().palette.surface))
    assert whole == pytest.approx(np.ptp(empty) / 2, abs=3)
    assert half / whole == pytest.approx(0.5, abs=0.05)


def test_regions_are_in_order(
    filled: Callable[[Score, str], NDArray[np.bool_]], score: Callable[..., Score]
) -> None:
    edges = []
    for region in REGIONS:
        _, x = np.nonzero(filled(only(region, score(0.8)), "in_phase"))
        edges += [x.min(), x.max()]
    assert edges == sorted(edges)


@pytest.mark.parametrize("size", [SIZE, (150, 80)])
def test_undefined_differs_from_zero(
    bars: RegionBars,
    grab: Callable[[RegionBars], Pixels],
    score: Callable[..., Score],
    size: tuple[int, int],
) -> None:
    bars.resize(*size)
    bars.show_score(score(0.0))
    zero = grab(bars)
    bars.show_score(score(0.0, in_phase_torso=math.nan, anti_phase_torso=math.nan))
    (columns,) = np.nonzero((grab(bars) != zero).any(axis=(0, 2)))
    assert len(columns) > 3
    # Only the torso's column is another.
    assert np.ptp(columns) < size[0] / len(REGIONS)


def test_accessible_description(bars: RegionBars, score: Callable[..., Score]) -> None:
    assert bars.accessibleName() == "Regions of the body"
    bars.show_score(only("left_arm", score(0.5, 180)))
    assert bars.accessibleDescription() == (
        "Head –; Torso –; Left arm in phase 0.00, anti-phase 0.50; Right arm –; Legs –"
    )
    bars.show_score(Score(10.0, State.STILL))
    assert bars.accessibleDescription() == "Head –; Torso –; Left arm –; Right arm –; Legs –"


def test_follows_theme(
    bars: RegionBars, grab: Callable[[RegionBars], Pixels], score: Callable[..., Score]
) -> None:
    bars.show_score(score(0.3))
    assert grab(bars).mean() > 180
    theme().choose("dark")
    assert grab(bars).mean() < 80


@pytest.mark.parametrize("size", [(150, 80), (40, 200), (1, 1), (900, 60)])
def test_paints_at_any_size(
    bars: RegionBars,
    grab: Callable[[RegionBars], Pixels],
    score: Callable[..., Score],
    size: tuple[int, int],
) -> None:
    bars.resize(*size)
    bars.show_score(score(0.8))
    assert grab(bars).shape == (size[1], size[0], 3)
