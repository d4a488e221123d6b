"""The phase dial points to C, and has no needle without C."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PyQt6.QtGui import QImage, QPixmap
from pytestqt.qtbot import QtBot

from mirror.timeline import Score, State
from ui.shell.theme import theme
from ui.widgets.dial import PhaseDial

SIDE = 301
MIDDLE = SIDE // 2
Pixels = NDArray[np.uint8]


@pytest.fixture
def dial(qtbot: QtBot) -> Callable[[], PhaseDial]:
    def made() -> PhaseDial:
        widget = PhaseDial()
        qtbot.addWidget(widget)
        widget.set_names("Anna", "Ben")
        widget.resize(SIDE, SIDE)
        return widget

    return made


@pytest.fixture
def needle(
    dial: Callable[[], PhaseDial],
    grab: Callable[[PhaseDial], Pixels],
    score: Callable[..., Score],
) -> Callable[[float, float], tuple[complex, complex]]:
    """Return the needle's tip and middle, in C's coordinates, pixels."""

    def measured(coherence: float, phase_deg: float) -> tuple[complex, complex]:
        widget = dial()
        widget.show_score(score(0.0))
        before = grab(widget).astype(int)
        widget.clear()
        widget.show_score(score(coherence, phase_deg))
        changed = np.abs(grab(widget) - before).sum(axis=-1) > 60
        y, x = np.nonzero(changed)
        c = (MIDDLE - y) + 1j * (x - MIDDLE)
        return complex(c[np.argmax(np.abs(c))]), complex(c.mean())

    return measured


@pytest.mark.parametrize(
    ("phase_deg", "direction"), [(0, 1), (180, -1), (90, 1j), (-90, -1j), (45, 1 + 1j)]
)
def test_up_is_in_phase_and_right_is_a_ahead(
    needle: Callable[[float, float], tuple[complex, complex]],
    phase_deg: float,
    direction: complex,
) -> None:
    _, middle = needle(0.9, phase_deg)
    off = np.angle(middle / direction, deg=True)
    assert abs(off) < 5
    assert abs(middle) > 20


def test_needle_length_is_coherence(
    needle: Callable[[float, float], tuple[complex, complex]],
) -> None:
    # Between two full needles, so that the head's size plays no part.
    lengths = [abs(needle(coherence, 90)[0]) for coherence in (0.6, 0.8, 1.0)]
    steps = np.diff(lengths)
    assert steps[0] == pytest.approx(steps[1], abs=2)
    assert abs(needle(1.0, 90)[0]) == pytest.approx(5 * steps.mean(), rel=0.15)


@pytest.mark.parametrize(("phase_deg", "zone"), [(0, "in_phase"), (180, "anti_phase")])
def test_needle_colour_depends_on_region(
    dial: Callable[[], PhaseDial],
    grab: Callable[[PhaseDial], Pixels],
    find_colour: Callable[[Pixels, str], NDArray[np.bool_]],
    score: Callable[..., Score],
    phase_deg: float,
    zone: str,
) -> None:
    widget = dial()
    up = 1 if phase_deg == 0 else -1
    places = [(MIDDLE - up * reach, MIDDLE) for reach in (15, 30, 45)]
    colour = getattr(theme().palette, zone)
    widget.show_score(score(0.9, phase_deg))
    assert all(find_colour(grab(widget), colour)[place] for place in places)
    widget.show_score(score(0.9, 90.0))
    assert not any(find_colour(grab(widget), colour)[place] for place in places)


def test_shorter_needle_is_fainter(
    dial: Callable[[], PhaseDial],
    grab: Callable[[PhaseDial], Pixels],
    score: Callable[..., Score],
) -> None:
    widget = dial()
    widget.show_score(score(0.0))
    ground = grab(widget).astype(int)
    marks = []
    for coherence in (0.25, 0.35, 0.45):
        widget.show_score(score(coherence, 90.0))
        at = (MIDDLE, MIDDLE + 12)  # on the needle, before its head
        marks.append(int(np.abs(grab(widget)[at] - ground[at]).sum()))
        widget.clear()
    assert 0 < marks[0] < marks[1] < marks[2]


def test_very_short_needle_is_a_dot(
    dial: Callable[[], PhaseDial],
    grab: Callable[[PhaseDial], Pixels],
    score: Callable[..., Score],
) -> None:
    images = []
    for phase_deg in (0, 90, 180, -90):
        widget = dial()
        widget.show_score(score(0.04, phase_deg))
        images.append(grab(widget).astype(int))
    for other in images[1:]:
        y, x = np.nonzero(np.abs(other - images[0]).sum(axis=-1))
        assert np.hypot(y - MIDDLE, x - MIDDLE).max() < 0.06 * SIDE


@pytest.mark.parametrize("state", [state for state in State if state is not State.OK])
def test_undefined_shows_reason_without_needle(
    dial: Callable[[], PhaseDial],
    grab: Callable[[PhaseDial], Pixels],
    find_colour: Callable[[Pixels, str], NDArray[np.bool_]],
    score: Callable[..., Score],
    state: State,
) -> None:
    widget, zero = dial(), dial()
    widget.show_score(score(0.9, 0.0, time_s=9.9))
    grab(widget)
    widget.show_score(Score(10.0, state))
    zero.show_score(score(0.0))
    shown, none = grab(widget), grab(zero)
    # Greyed all over, captions included: none of the two colours is left.
    for colour in (theme().palette.in_phase, theme().palette.anti_phase):
        assert find_colour(none, colour).any()
        assert not find_colour(shown, colour).any()
    # The reason stands in the middle.
    inner = slice(MIDDLE - 40, MIDDLE + 40)
    assert find_colour(shown[inner, inner], theme().palette.text).sum() >= 5
    assert not find_colour(none[inner, inner], theme().palette.text).any()


def test_accessible_description(dial: Callable[[], PhaseDial], score: Callable[..., Score]) -> None:
    widget = dial()
    assert widget.accessibleName() == "Phase dial"
    assert widget.accessibleDescription() == "No score"
    widget.show_score(score(0.8, -34.0, lag_s=-0.4))
    assert widget.accessibleDescription() == (
        "In phase — Anna follows by 0.4 s; coherence 0.80, relative phase −34°"
    )
    widget.set_names("Zoë", " ")
    assert "Zoë follows" in widget.accessibleDescription()
    widget.show_score(Score(11.0, State.NO_PERSON_B))
    assert widget.accessibleDescription() == "Too little of B is in the frame"
    widget.clear()
    assert widget.accessibleDescription() == "No score"


def test_names_are_on_their_sides(
    dial: Callable[[], PhaseDial],
    grab: Callable[[PhaseDial], Pixels],
    score: Callable[..., Score],
) -> None:
    widget = dial()
    widget.show_score(score(0.5))
    before = grab(widget)
    widget.set_names("Ina", "Ben")
    changed = (grab(widget) != before).any(axis=-1)
    assert changed[:, MIDDLE + 60 :].any()
    assert not changed[:, :MIDDLE].any()
    widget.set_names("Anna", "Bob")
    changed = (grab(widget) != before).any(axis=-1)
    assert changed[:, : MIDDLE - 60].any()
    assert not changed[:, MIDDLE:].any()


@pytest.mark.parametrize("size", [(120, 110), (160, 140), (240, 480), (500, 200)])
def test_long_names_are_elided(
    dial: Callable[[], PhaseDial],
    grab: Callable[[PhaseDial], Pixels],
    find_colour: Callable[[Pixels, str], NDArray[np.bool_]],
    score: Callable[..., Score],
    size: tuple[int, int],
) -> None:
    widget = dial()
    widget.set_names(*["Wilhelmina Featherstonehaugh"] * 2)
    widget.resize(*size)
    widget.show_score(score(0.9, 0.0))
    # The needle is blue: what has the text's colour is a name.
    named = find_colour(grab(widget), theme().palette.text)
    assert not named[:, size[0] // 2 - 25 : size[0] // 2 + 25].any()
    assert not named[:, [0, -1]].any()


def test_needle_crosses_no_text(
    dial: Callable[[], PhaseDial],
    grab: Callable[[PhaseDial], Pixels],
    find_colour: Callable[[Pixels, str], NDArray[np.bool_]],
    score: Callable[..., Score],
    needle: Callable[[float, float], tuple[complex, complex]],
) -> None:
    widget = dial()
    # Nearly nothing: the needle is a dot in the middle, in the colour of the words.
    widget.show_score(score(0.02))
    words = find_colour(grab(widget), theme().palette.dim_text)
    y, x = np.nonzero(words)
    away = np.hypot(y - MIDDLE, x - MIDDLE)
    radius = abs(needle(1.0, 90)[0])
    assert not ((away > 0.2 * radius) & (away < 0.97 * radius)).any()
    # What the dashed ring is stands at the lower right.
    assert ((x > MIDDLE + 0.72 * radius) & (abs(y - MIDDLE - 0.84 * radius) < 12)).any()


def test_trail_covers_three_seconds(
    dial: Callable[[], PhaseDial],
    grab: Callable[[PhaseDial], Pixels],
    score: Callable[..., Score],
) -> None:
    def shown(*rows: Score) -> Pixels:
        widget = dial()
        for row in rows:
            widget.show_score(row)
        return grab(widget)

    now = score(0.8, 40.0, time_s=10.0)
    path = [score(0.8, 40.0 - 20 * k, time_s=10 - 0.1 * k) for k in (3, 2, 1)]
    alone = shown(now)
    assert not np.array_equal(shown(*path, now), alone)
    # What comes before the last three seconds makes no difference.
    since = [score(0.8, 40.0, time_s=10 + 0.1 * k) for k in range(35)]
    assert np.array_equal(shown(*path, *since), shown(*since))
    # Scrubbing back, the future has left no trace; a jump is no movement.
    assert np.array_equal(shown(score(0.8, 0.0, time_s=10.1), now), alone)
    assert np.array_equal(shown(score(0.8, 0.0, time_s=9.2), now), alone)


def test_clear_removes_trail(
    dial: Callable[[], PhaseDial],
    grab: Callable[[PhaseDial], Pixels],
    score: Callable[..., Score],
) -> None:
    widget, fresh = dial(), dial()
    widget.show_score(score(0.8, 0.0, time_s=9.9))
    widget.clear()
    assert np.array_equal(grab(widget), grab(fresh))
    for each in (widget, fresh):
        each.show_score(score(0.8, 40.0))
    assert np.array_equal(grab(widget), grab(fresh))


def test_follows_theme(
    dial: Callable[[], PhaseDial],
    grab: Callable[[PhaseDial], Pixels],
    find_colour: Callable[[Pixels, str], NDArray[np.bool_]],
    score: Callable[..., Score],
) -> None:
    widget = dial()
    widget.show_score(score(0.9))
    bright = grab(widget)
    theme().choose("dark")
    dark = grab(widget)
    assert bright.mean() > 200
    assert dark.mean() < 60
    assert find_colour(dark, theme().palette.in_phase)[MIDDLE - 30, MIDDLE]


def test_dense_screen_shows_the_same(
    dial: Callable[[], PhaseDial],
    grab: Callable[[PhaseDial], Pixels],
    score: Callable[..., Score],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    widget = dial()
    widget.show_score(score(0.7, 60.0))
    plain = grab(widget).astype(int)
    monkeypatch.setattr(widget, "devicePixelRatioF", lambda: 2.0)
    pixmap = QPixmap(2 * SIDE, 2 * SIDE)
    pixmap.setDevicePixelRatio(2.0)
    widget.render(pixmap)
    image = pixmap.toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    bits = image.constBits()
    assert bits is not None
    grey = np.frombuffer(bits.asstring(image.sizeInBytes()), np.uint8)
    fine = grey.reshape(2 * SIDE, -1)[:, : 2 * SIDE].astype(int)
    blocks = fine.reshape(SIDE, 2, SIDE, 2)
    assert np.abs(blocks.mean(axis=(1, 3)) - plain.mean(axis=-1)).mean() < 3
    # An image that was only enlarged would be even within each block.
    uneven = blocks.max(axis=(1, 3)) - blocks.min(axis=(1, 3)) > 30
    assert uneven[: SIDE // 8].any()  # the caption, which is part of the ground
