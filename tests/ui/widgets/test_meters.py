"""The meters show the scores, and stay empty without one."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath
from pytestqt.qtbot import QtBot

from mirror.timeline import PostureState, Score, State
from mirror.wording import CHANCE
from ui.shell.theme import theme
from ui.widgets.meters import Meters
from ui.widgets.painting import outline_score

Pixels = NDArray[np.uint8]
FindColour = Callable[[Pixels, str], NDArray[np.bool_]]
UPRIGHT, LYING = (420, 420), (420, 240)
KINDS = ("in_phase", "anti_phase", "mirroring")


@pytest.fixture
def meters(qtbot: QtBot) -> Meters:
    widget = Meters()
    qtbot.addWidget(widget)
    widget.resize(*UPRIGHT)
    widget.show_kinds(*KINDS)
    return widget


@pytest.fixture
def filled(
    meters: Meters, grab: Callable[[Meters], Pixels], find_colour: FindColour
) -> Callable[[Score | None, str], NDArray[np.bool_]]:
    """Pixels of a bar: the colour, except in the arrows."""

    def found(score: Score | None, which: str) -> NDArray[np.bool_]:
        colour = getattr(theme().palette, which)
        meters.show_score(None)
        arrows = find_colour(grab(meters), colour)
        meters.show_score(score)
        return find_colour(grab(meters), colour) & ~arrows

    return found


def extent(mask: NDArray[np.bool_], axis: int) -> tuple[int, int]:
    """Return the first and last row (axis 0) or column (axis 1) of a mask."""
    (places,) = np.nonzero(mask.any(axis=1 - axis))
    return int(places[0]), int(places[-1])


@pytest.mark.parametrize(("size", "axis"), [(UPRIGHT, 0), (LYING, 1)])
@pytest.mark.parametrize("which", KINDS)
def test_bar_length_is_score(
    meters: Meters,
    grab: Callable[[Meters], Pixels],
    find_colour: FindColour,
    filled: Callable[[Score | None, str], NDArray[np.bool_]],
    score: Callable[..., Score],
    size: tuple[int, int],
    axis: int,
    which: str,
) -> None:
    meters.resize(*size)
    lengths = {}
    for value in (0.25, 0.5, 1.0):
        first, last = extent(filled(score(0.0, **{which: value}), which), axis)
        lengths[value] = last - first + 1
    assert lengths[1.0] > 100
    # A score of 1 fills the whole of what a score of 0 leaves empty.
    meters.show_score(score(0.0))
    empty = extent(find_colour(grab(meters), theme().palette.surface), axis)
    assert lengths[1.0] == pytest.approx(empty[1] - empty[0] + 1, abs=5)
    assert lengths[0.5] / lengths[1.0] == pytest.approx(0.5, abs=0.03)
    assert lengths[0.25] / lengths[1.0] == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize(("size", "across"), [(UPRIGHT, 1), (LYING, 0)])
def test_bars_are_in_order_and_do_not_overlap(
    meters: Meters,
    filled: Callable[[Score | None, str], NDArray[np.bool_]],
    score: Callable[..., Score],
    size: tuple[int, int],
    across: int,
) -> None:
    meters.resize(*size)
    full = score(1.0, anti_phase=1.0, mirroring=1.0)
    extents = [extent(filled(full, kind), across) for kind in KINDS]
    assert [end for each in extents for end in each] == sorted(
        end for each in extents for end in each
    )


def test_number_heading_and_bar_have_one_middle(
    meters: Meters, grab: Callable[[Meters], Pixels], score: Callable[..., Score]
) -> None:
    """Columns of what is painted: symmetric about the middle of each third, but for "chance"."""
    meters.show_score(score(0.0))
    image = grab(meters)
    ground = image[0, 0]
    third = image.shape[1] // 3
    bar = (image[-60] != ground).any(axis=-1)
    number = (image[40:90] != ground).any(axis=(0, 2))
    for k in range(3):
        for mask in (bar, number):
            places = np.flatnonzero(mask[k * third : (k + 1) * third])
            assert (places[0] + places[-1]) / 2 == pytest.approx(third / 2, abs=4)


def test_fills_differ_without_colour(
    filled: Callable[[Score | None, str], NDArray[np.bool_]], score: Callable[..., Score]
) -> None:
    full = score(1.0, anti_phase=1.0, mirroring=1.0)
    shares = {}
    for which in KINDS:
        mask = filled(full, which)
        (top, bottom), (left, right) = extent(mask, 0), extent(mask, 1)
        inner = mask[top + 8 : bottom - 8, left + 8 : right - 8]
        shares[which] = inner.mean()
        if which == "mirroring":  # dots: rows and columns through them are broken
            assert 0.3 < inner.mean(axis=0).min() < inner.mean(axis=0).max() == 1.0
            assert 0.3 < inner.mean(axis=1).min() < inner.mean(axis=1).max() == 1.0
        corner = mask[top : top + 3, left : left + 3]
        assert corner.all() == (which == "anti_phase")  # square; the others are round, and cut
    assert shares["in_phase"] == 1.0  # solid
    assert 0.4 < shares["anti_phase"] < 0.9  # striped
    assert 0.6 < shares["mirroring"] < 0.95


@pytest.mark.parametrize(("size", "axis"), [(UPRIGHT, 0), (LYING, 1)])
def test_chance_is_a_tick(
    meters: Meters,
    grab: Callable[[Meters], Pixels],
    find_colour: FindColour,
    filled: Callable[[Score | None, str], NDArray[np.bool_]],
    score: Callable[..., Score],
    size: tuple[int, int],
    axis: int,
) -> None:
    meters.resize(*size)
    first, last = extent(filled(score(1.0), "in_phase"), axis)
    meters.show_score(score(0.0, chance_in_phase=0.3))
    tick = find_colour(grab(meters), theme().palette.chance)
    counts = tick.sum(axis=1 - axis)
    at = int(np.argmax(counts))  # the tick is longer than any stroke of the word
    share = (last - at) / (last - first) if axis == 0 else (at - first) / (last - first)
    assert share == pytest.approx(0.3, abs=0.03)
    meters.show_score(score(0.0))
    assert not find_colour(grab(meters), theme().palette.chance).any()


@pytest.mark.parametrize("size", [UPRIGHT, LYING])
@pytest.mark.parametrize("state", [state for state in State if state is not State.OK])
def test_undefined_differs_from_zero(
    meters: Meters,
    grab: Callable[[Meters], Pixels],
    filled: Callable[[Score | None, str], NDArray[np.bool_]],
    score: Callable[..., Score],
    size: tuple[int, int],
    state: State,
) -> None:
    meters.resize(*size)
    for which in KINDS:
        assert not filled(Score(10.0, state), which).any()
    meters.show_score(score(0.9))
    meters.show_score(Score(10.0, state))
    undefined = grab(meters)
    assert meters.accessibleDescription() == "In phase –; Anti-phase –; Mirroring –"
    meters.show_score(score(0.0))
    zero = grab(meters)
    assert meters.accessibleDescription() == "In phase 0.00; Anti-phase 0.00; Mirroring 0.00"
    # Both the figure and the bar's outline tell.
    changed = (zero != undefined).any(axis=-1)
    assert changed[: size[1] // 3].any()
    assert changed[-size[1] // 3 :, : size[0] // 2].sum() > 20
    meters.show_score(None)
    assert np.array_equal(grab(meters), undefined)


def test_accessible_description(meters: Meters, score: Callable[..., Score]) -> None:
    assert meters.accessibleName() == "Meters for in-phase, anti-phase, mirroring and posture"
    meters.show_score(score(0.82, 0, chance_in_phase=0.34, chance_anti_phase=0.3))
    assert meters.accessibleDescription() == (
        "In phase 0.82, chance 0.34; Anti-phase 0.00, chance 0.30; Mirroring 0.82"
    )


def test_tooltip_has_the_scores_and_explains_the_tick(
    meters: Meters, score: Callable[..., Score]
) -> None:
    for shown in (None, score(0.82), score(0.5)):
        meters.show_score(shown)
        scores, _, note = meters.toolTip().partition("\n")
        assert scores == meters.accessibleDescription()
        assert " ".join(note.split()) == f"Tick: the chance level. {CHANCE}"


@pytest.mark.parametrize("size", [UPRIGHT, LYING])
@pytest.mark.parametrize(
    ("lag_s", "text"),
    [(0.6, "Ben follows by 0.6 s"), (-1.2, "Anna follows by 1.2 s"), (0.05, "")],
)
def test_mirroring_says_who_follows(
    meters: Meters,
    grab: Callable[[Meters], Pixels],
    find_colour: FindColour,
    score: Callable[..., Score],
    size: tuple[int, int],
    lag_s: float,
    text: str,
) -> None:
    """A quarter cycle: both other meters read 0."""
    meters.resize(*size)
    meters.set_names("Anna", "Ben")
    values = {"chance_mirroring": 0.4, "mirroring": 0.9}
    meters.show_score(score(0.9, 90, lag_s=0.0, **values))
    without = grab(meters)
    meters.show_score(score(0.9, 90, lag_s=lag_s, **values))
    shown = "In phase 0.00; Anti-phase 0.00; Mirroring 0.90, chance 0.40"
    assert meters.accessibleDescription() == (f"{shown}; {text}" if text else shown)
    plum = find_colour(grab(meters), theme().palette.mirroring)
    added = plum & ~find_colour(without, theme().palette.mirroring)
    assert added.any() == bool(text)
    meters.set_names("A" * 60, "B" * 60)  # elided: the seconds are still there
    assert grab(meters).shape[:2] == size[::-1]


def test_follows_theme(
    meters: Meters,
    grab: Callable[[Meters], Pixels],
    find_colour: FindColour,
    score: Callable[..., Score],
) -> None:
    meters.show_score(score(0.8))
    assert grab(meters).mean() > 150
    theme().choose("dark")
    dark = grab(meters)
    assert dark.mean() < 100
    assert find_colour(dark, theme().palette.in_phase).sum() > 1000


def test_animation_ends_at_newest_score(
    meters: Meters,
    qtbot: QtBot,
    grab: Callable[[Meters], Pixels],
    score: Callable[..., Score],
) -> None:
    meters.show_score(score(0.8))
    wanted = grab(meters)
    meters.show_score(score(0.1))
    with qtbot.waitExposed(meters):
        meters.show()
    meters.show_score(score(0.8))
    assert meters.accessibleDescription().startswith("In phase 0.80;")
    qtbot.waitUntil(lambda: np.array_equal(grab(meters), wanted))


@pytest.mark.parametrize("size", [(120, 90), (90, 120), (20, 20), (1, 1), (900, 60)])
def test_paints_at_any_size(
    meters: Meters,
    grab: Callable[[Meters], Pixels],
    score: Callable[..., Score],
    size: tuple[int, int],
) -> None:
    meters.resize(*size)
    meters.show_score(score(0.8, chance_in_phase=0.99))
    assert grab(meters).shape == (size[1], size[0], 3)


@pytest.mark.parametrize("which", KINDS)
def test_one_meter_is_shown_alone(
    meters: Meters, grab: Callable[[Meters], Pixels], find_colour: FindColour, which: str
) -> None:
    meters.show_kinds(which)
    meters.show_score(Score(1.0, State.OK, in_phase=0.8, anti_phase=0.8, mirroring=0.8, lag_s=0.5))
    pixels = grab(meters)
    for kind in KINDS:
        assert find_colour(pixels, getattr(theme().palette, kind)).any() == (kind == which)
    others = {"in_phase": "In phase", "anti_phase": "Anti-phase", "mirroring": "Mirroring"}
    text = meters.accessibleDescription()
    assert [kind for kind, title in others.items() if f"{title} 0.80" in text] == [which]
    meters.show_kinds(*KINDS)
    assert all(f"{title} 0.80" in meters.accessibleDescription() for title in others.values())


@pytest.mark.parametrize("size", [UPRIGHT, LYING])
def test_same_posture_is_a_smaller_meter_with_its_chance(
    qtbot: QtBot,
    meters: Meters,
    grab: Callable[[Meters], Pixels],
    find_colour: FindColour,
    score: Callable[..., Score],
    size: tuple[int, int],
) -> None:
    four = Meters()
    qtbot.addWidget(four)
    shown = score(0.9, mirroring=0.9, posture_match=0.8, chance_posture_match=0.3)
    lengths = {}
    for widget in (four, meters):
        widget.resize(*size)
        widget.show_score(shown)
        pixels = grab(widget)
        for kind in ("mirroring", "posture_match"):
            lengths[widget, kind] = find_colour(pixels, getattr(theme().palette, kind)).sum()
    assert "Posture 0.80, chance 0.30" in four.accessibleDescription()
    assert 0 < lengths[four, "posture_match"] < lengths[four, "mirroring"]
    assert not lengths[meters, "posture_match"]


@pytest.mark.parametrize("width", [158, 200, 252, 320])
def test_narrow_meters_keep_their_names_and_room_between_words(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    grab: Callable[[Meters], Pixels],
    score: Callable[..., Score],
    width: int,
) -> None:
    said: list[tuple[str, QRectF]] = []
    bars: list[QRectF] = []

    def note(
        _painter: QPainter, font: QFont, _colour: str, room: QRectF, text: str, *_: object
    ) -> None:
        room = QRectF(room)
        room.setWidth(QFontMetricsF(font).horizontalAdvance(text))
        said.append((text, room))

    def outline(bar: QRectF, kind: str) -> QPainterPath:
        bars.append(bar)
        return outline_score(bar, kind)

    monkeypatch.setattr("ui.widgets.meters.draw_text", note)
    monkeypatch.setattr("ui.widgets.meters.outline_score", outline)
    four = Meters()
    qtbot.addWidget(four)
    four.resize(width, 340)
    levels = {f"chance_{kind}": 0.5 for kind in (*KINDS, "posture_match")}
    four.show_score(score(0.6, mirroring=0.6, posture_match=0.6, **levels))
    grab(four)
    names = [(text, room) for text, room in said if text[:4] in ("In p", "Anti", "Mirr", "Post")]
    assert len(names) == 4
    assert all(left.right() < right.left() for (_, left), (_, right) in pairwise(names))
    for text, room in said:
        if text == "chance":
            assert not any(room.intersects(bar) for bar in bars)


@pytest.mark.parametrize(("size", "others"), [(UPRIGHT, ()), (LYING, KINDS)])
def test_reason_of_undefined_posture_is_written_where_it_fits(
    meters: Meters, grab: Callable[[Meters], Pixels], size: tuple[int, int], others: tuple[str, ...]
) -> None:
    meters.show_kinds(*others, "posture_match")
    for width, is_written in ((size[0], True), (50, False)):
        meters.resize(width, size[1])
        seen = []
        for state in (PostureState.ONE_POSTURE, PostureState.WARMING_UP):
            meters.show_score(Score(1.0, State.OK, posture_state=state))
            seen.append(grab(meters))
        assert (seen[0] != seen[1]).any() == is_written


def test_undefined_posture_says_why(qtbot: QtBot) -> None:
    four = Meters()
    qtbot.addWidget(four)
    four.set_names("Anna", "Ben")
    four.show_score(None)
    assert "Posture" not in four.accessibleDescription()
    for state in set(PostureState) - {PostureState.OK}:
        four.show_score(Score(10.0, State.OK, posture_state=state))
        why = four.toolTip().partition("Posture – (")[2].partition(")")[0]
        assert why
        assert ("Ben" in why) == (state is PostureState.NO_PERSON_B)
        assert ("Anna" in why) == (state is PostureState.NO_PERSON_A)
