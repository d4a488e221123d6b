"""The meters stand where the scores are, and stay empty where there is none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from mirror.timeline import Score, State
from ui.shell.theme import theme
from ui.widgets.meters import Meters

Picture = NDArray[np.uint8]
Painted = Callable[[Picture, str], NDArray[np.bool_]]
UPRIGHT, LYING = (280, 320), (420, 160)


@pytest.fixture
def meters(qtbot: QtBot) -> Meters:
    widget = Meters()
    qtbot.addWidget(widget)
    widget.resize(*UPRIGHT)
    return widget


@pytest.fixture
def filled(
    meters: Meters, picture: Callable[[Meters], Picture], painted: Painted
) -> Callable[[Score | None, str], NDArray[np.bool_]]:
    """Where a bar is filled: the colour, but for the arrows, which are there without a score."""

    def found(score: Score | None, which: str) -> NDArray[np.bool_]:
        colour = getattr(theme().palette, which)
        meters.show_score(None)
        arrows = painted(picture(meters), colour)
        meters.show_score(score)
        return painted(picture(meters), colour) & ~arrows

    return found


def extent(mask: NDArray[np.bool_], axis: int) -> tuple[int, int]:
    """The first and the last row (axis 0) or column (axis 1) with anything in it."""
    (places,) = np.nonzero(mask.any(axis=1 - axis))
    return int(places[0]), int(places[-1])


@pytest.mark.parametrize(("size", "axis"), [(UPRIGHT, 0), (LYING, 1)])
@pytest.mark.parametrize(("which", "phase_deg"), [("in_phase", 0), ("anti_phase", 180)])
def test_a_bar_is_as_long_as_its_score(
    meters: Meters,
    picture: Callable[[Meters], Picture],
    painted: Painted,
    filled: Callable[[Score | None, str], NDArray[np.bool_]],
    score: Callable[..., Score],
    size: tuple[int, int],
    axis: int,
    which: str,
    phase_deg: float,
) -> None:
    meters.resize(*size)
    lengths = {}
    for value in (0.25, 0.5, 1.0):
        first, last = extent(filled(score(value, phase_deg), which), axis)
        lengths[value] = last - first + 1
    assert lengths[1.0] > 100
    # A score of 1 fills the whole of what a score of 0 leaves empty.
    meters.show_score(score(0.0))
    empty = extent(painted(picture(meters), theme().palette.surface), axis)
    assert lengths[1.0] == pytest.approx(empty[1] - empty[0] + 1, abs=5)
    assert lengths[0.5] / lengths[1.0] == pytest.approx(0.5, abs=0.03)
    assert lengths[0.25] / lengths[1.0] == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize(("size", "across"), [(UPRIGHT, 1), (LYING, 0)])
def test_in_phase_comes_first_and_neither_takes_the_other_s_place(
    meters: Meters,
    filled: Callable[[Score | None, str], NDArray[np.bool_]],
    score: Callable[..., Score],
    size: tuple[int, int],
    across: int,
) -> None:
    meters.resize(*size)
    both = score(1.0, anti_phase=1.0)
    in_phase = extent(filled(both, "in_phase"), across)
    anti_phase = extent(filled(both, "anti_phase"), across)
    assert in_phase[1] < anti_phase[0]


def test_without_colour_the_fills_still_differ(
    filled: Callable[[Score | None, str], NDArray[np.bool_]], score: Callable[..., Score]
) -> None:
    both = score(1.0, anti_phase=1.0)
    shares = {}
    for which in ("in_phase", "anti_phase"):
        mask = filled(both, which)
        (top, bottom), (left, right) = extent(mask, 0), extent(mask, 1)
        inner = mask[top + 8 : bottom - 8, left + 8 : right - 8]
        shares[which] = inner.mean()
    assert shares["in_phase"] == 1.0  # solid
    assert 0.4 < shares["anti_phase"] < 0.9  # striped


@pytest.mark.parametrize(("size", "axis"), [(UPRIGHT, 0), (LYING, 1)])
def test_chance_is_a_tick_at_its_value(
    meters: Meters,
    picture: Callable[[Meters], Picture],
    painted: Painted,
    filled: Callable[[Score | None, str], NDArray[np.bool_]],
    score: Callable[..., Score],
    size: tuple[int, int],
    axis: int,
) -> None:
    meters.resize(*size)
    first, last = extent(filled(score(1.0), "in_phase"), axis)
    meters.show_score(score(0.0, chance_in_phase=0.3))
    tick = painted(picture(meters), theme().palette.chance)
    counts = tick.sum(axis=1 - axis)
    at = int(np.argmax(counts))  # the tick is longer than any stroke of the word
    share = (last - at) / (last - first) if axis == 0 else (at - first) / (last - first)
    assert share == pytest.approx(0.3, abs=0.03)
    meters.show_score(score(0.0))
    assert not painted(picture(meters), theme().palette.chance).any()


@pytest.mark.parametrize("size", [UPRIGHT, LYING])
@pytest.mark.parametrize("state", [state for state in State if state is not State.OK])
def test_undefined_is_empty_and_not_zero(
    meters: Meters,
    picture: Callable[[Meters], Picture],
    filled: Callable[[Score | None, str], NDArray[np.bool_]],
    score: Callable[..., Score],
    size: tuple[int, int],
    state: State,
) -> None:
    meters.resize(*size)
    for which in ("in_phase", "anti_phase"):
        assert not filled(Score(10.0, state), which).any()
    meters.show_score(score(0.9))
    meters.show_score(Score(10.0, state))
    undefined = picture(meters)
    assert meters.accessibleDescription() == "In phase –; Anti-phase –"
    meters.show_score(score(0.0))
    zero = picture(meters)
    assert meters.accessibleDescription() == "In phase 0.00; Anti-phase 0.00"
    # Both the figure and the bar's outline tell.
    changed = (zero != undefined).any(axis=-1)
    assert changed[: size[1] // 3].any()
    assert changed[-size[1] // 3 :, : size[0] // 2].sum() > 20
    meters.show_score(None)
    assert np.array_equal(picture(meters), undefined)


def test_what_they_say_to_a_screen_reader(meters: Meters, score: Callable[..., Score]) -> None:
    assert meters.accessibleName() == "Meters for in-phase and anti-phase"
    meters.show_score(score(0.82, 0, chance_in_phase=0.34, chance_anti_phase=0.3))
    assert meters.accessibleDescription() == (
        "In phase 0.82, chance 0.34; Anti-phase 0.00, chance 0.30"
    )


def test_they_change_with_the_theme(
    meters: Meters,
    picture: Callable[[Meters], Picture],
    painted: Painted,
    score: Callable[..., Score],
) -> None:
    meters.show_score(score(0.8))
    assert picture(meters).mean() > 150
    theme().choose("dark")
    dark = picture(meters)
    assert dark.mean() < 100
    assert painted(dark, theme().palette.in_phase).sum() > 1000


def test_shown_they_arrive_at_the_newest_score(
    meters: Meters,
    qtbot: QtBot,
    picture: Callable[[Meters], Picture],
    score: Callable[..., Score],
) -> None:
    meters.show_score(score(0.8))
    wanted = picture(meters)
    meters.show_score(score(0.1))
    with qtbot.waitExposed(meters):
        meters.show()
    meters.show_score(score(0.8))
    assert meters.accessibleDescription().startswith("In phase 0.80;")
    qtbot.waitUntil(lambda: np.array_equal(picture(meters), wanted))


@pytest.mark.parametrize("size", [(120, 90), (90, 120), (20, 20), (1, 1), (900, 60)])
def test_no_size_is_too_small(
    meters: Meters,
    picture: Callable[[Meters], Picture],
    score: Callable[..., Score],
    size: tuple[int, int],
) -> None:
    meters.resize(*size)
    meters.show_score(score(0.8, chance_in_phase=0.99))
    assert picture(meters).shape == (size[1], size[0], 3)
