"""Skeletons have joints at their places, two shades, and hollow invisible joints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor

from mirror.colours import ALIKE, rgb
from mirror.export.film.skeleton import draw_skeleton
from mirror.landmarks import MIN_VISIBILITY, Landmark, Pose
from mirror.skeleton import WHOLE_FRAME, find_extent
from mirror.timeline import REGIONS
from tests.support.contrast import contrast
from tests.support.people import STANDING, pose, skeleton_shades
from ui.shell.palette import DARK, LIGHT, Palette

Pixels = NDArray[np.uint8]
FindColour = Callable[[Pixels, str], NDArray[np.bool_]]

BOX = QRectF(100, 50, 640, 480)
COLOUR = LIGHT.person_a


def landmarks(**more: Any) -> NDArray[np.float32]:
    found = pose(0.0, **more).landmarks
    assert found is not None
    return found


def at(mark: Landmark) -> tuple[int, int]:
    """Return row and column of a joint of the standing person."""
    x, y = STANDING[mark]
    return round(BOX.top() + y * BOX.height()), round(BOX.left() + x * BOX.width())


def between(a: Landmark, b: Landmark) -> tuple[int, int]:
    (top, left), (bottom, right) = at(a), at(b)
    return (top + bottom) // 2, (left + right) // 2


@pytest.fixture
def drawn() -> Callable[..., Pixels]:
    """Return a function that draws a skeleton on a plain background."""

    def made(
        marks: NDArray[np.float32],
        ground: str = "#ffffff",
        alike: tuple[str, ...] = (),
        *,
        frame: bool = False,
        ratio: float = 1.0,
    ) -> Pixels:
        paper = np.full((580, 840, 3), rgb(ground), np.uint8)
        place = (BOX.left(), BOX.top(), BOX.width(), BOX.height())
        shade = rgb(COLOUR)
        plain = None if frame else rgb(ground)
        draw_skeleton(
            paper, marks, shade, place, on_dark=False, alike=alike, ground=plain, ratio=ratio
        )
        return paper

    return made


def test_joints_and_lines_have_their_sides_shade(
    drawn: Callable[..., Pixels], find_colour: FindColour
) -> None:
    seen = drawn(landmarks())
    middle, right, left = (find_colour(seen, shade) for shade in skeleton_shades(COLOUR))
    for name in ("SHOULDER", "ELBOW", "WRIST", "HIP", "KNEE", "ANKLE"):
        assert left[at(Landmark[f"LEFT_{name}"])]
        assert right[at(Landmark[f"RIGHT_{name}"])]
    for a, b in (("SHOULDER", "ELBOW"), ("ELBOW", "WRIST"), ("HIP", "KNEE"), ("KNEE", "ANKLE")):
        assert left[between(Landmark[f"LEFT_{a}"], Landmark[f"LEFT_{b}"])]
        assert right[between(Landmark[f"RIGHT_{a}"], Landmark[f"RIGHT_{b}"])]
    for part in ("SHOULDER", "HIP"):
        assert middle[between(Landmark[f"LEFT_{part}"], Landmark[f"RIGHT_{part}"])]
    assert middle[at(Landmark.NOSE)]


def test_head_is_a_circle_on_a_neck(drawn: Callable[..., Pixels], find_colour: FindColour) -> None:
    marks = landmarks()
    middle = find_colour(drawn(marks), COLOUR)
    row, column = at(Landmark.NOSE)
    ring = np.flatnonzero(middle[: row - 16, column])  # above the nose: the top of the head alone
    radius = row - ring.mean()
    assert 0.5 < radius / (at(Landmark.LEFT_EAR)[1] - at(Landmark.RIGHT_EAR)[1]) < 1.2
    for side in (-1, 1):
        assert middle[row, round(column + side * radius)]
    shoulders = at(Landmark.LEFT_SHOULDER)[0]
    assert middle[round(row + radius) + 8 : shoulders, column].all()
    # Nothing covers the face but the nose.
    inside = middle[row - round(0.7 * radius) : row + round(0.7 * radius), column]
    assert inside.mean() < 0.5


def test_lines_are_as_thick_as_the_person_is_large(drawn: Callable[..., Pixels]) -> None:
    thick = []
    for scale in (1.0, 0.5):
        marks = landmarks()
        marks[:, :2] = 0.5 + scale * (marks[:, :2] - 0.5)
        seen = drawn(marks)
        y = round(BOX.center().y() + scale * (0.87 - 0.5) * BOX.height())  # the shins
        thick.append((seen[y] < 250).any(axis=1).sum() / 2)
    assert thick[0] > 9
    assert thick[1] == pytest.approx(thick[0] / 2, abs=3)  # soft edges


def test_invisible_joints_are_hollow_and_faint(
    drawn: Callable[..., Pixels], find_colour: FindColour
) -> None:
    hidden = {Landmark.LEFT_WRIST: MIN_VISIBILITY - 0.01, Landmark.RIGHT_WRIST: MIN_VISIBILITY}
    seen = drawn(landmarks(visibility=hidden))
    _, right, left = (find_colour(seen, shade) for shade in skeleton_shades(COLOUR))
    assert right[at(Landmark.RIGHT_WRIST)]
    assert not left[at(Landmark.LEFT_WRIST)]
    assert not left[between(Landmark.LEFT_ELBOW, Landmark.LEFT_WRIST)]
    assert left[between(Landmark.LEFT_SHOULDER, Landmark.LEFT_ELBOW)]
    row, column = at(Landmark.LEFT_WRIST)
    around = seen[row - 12 : row + 13, column - 12 : column + 13]
    assert (around < 250).any()  # but it is there


@pytest.mark.parametrize("colour", [LIGHT.person_a, LIGHT.person_b, DARK.person_a, DARK.person_b])
@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_lines_are_visible_and_sides_differ(colour: str, palette: Palette) -> None:
    _, right, left = skeleton_shades(colour)
    assert contrast(left, right) > 1.8
    for shade in (right, left):
        assert max(contrast(shade, palette.surface), contrast("#555555", palette.surface)) >= 3


@pytest.mark.parametrize("ground", ["#000000", "#ffffff", "#808080", COLOUR])
def test_visible_on_any_background(drawn: Callable[..., Pixels], ground: str) -> None:
    seen = drawn(landmarks(), ground).astype(int)
    wanted = QColor(ground)
    away = np.abs(seen - (wanted.red(), wanted.green(), wanted.blue())).max(axis=2)
    assert (away > 60).sum() > 2000


def test_regions_that_match_are_thicker_and_of_one_colour(
    drawn: Callable[..., Pixels], find_colour: FindColour
) -> None:
    assert not find_colour(drawn(landmarks()), ALIKE).any()
    elbow = at(Landmark.LEFT_ELBOW)
    shoulder = at(Landmark.LEFT_SHOULDER)
    row = (elbow[0] + shoulder[0]) // 2
    around = slice(min(elbow[1], shoulder[1]) - 20, max(elbow[1], shoulder[1]) + 20)
    plain = (drawn(landmarks())[row, around] != 255).any(axis=-1).sum()
    lit = drawn(landmarks(), alike=("left_arm", "head"))
    gold = find_colour(lit, ALIKE)
    assert gold[row, around].sum() > 0.5 * plain
    assert (lit[row, around] != 255).any(axis=-1).sum() > 1.25 * plain
    assert gold[: shoulder[0] - 10].sum() > 200  # the head
    right = at(Landmark.RIGHT_ELBOW)
    assert not gold[right[0] - 10 : right[0] + 10, right[1] - 20 : right[1] + 20].any()
    every = drawn(landmarks(), alike=REGIONS)
    assert find_colour(every, ALIKE).sum() > 2 * gold.sum()


@pytest.mark.parametrize("grey", ["#141414", "#3c3c3c", "#808080", "#e1e1e1"])
@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_guessed_limbs_are_visible_over_any_frame(
    drawn: Callable[..., Pixels], grey: str, ratio: float
) -> None:
    hidden = dict.fromkeys((Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE), 0.1)
    seen = drawn(landmarks(visibility=hidden), grey, frame=True, ratio=ratio)
    for side in ("LEFT", "RIGHT"):
        row, column = between(Landmark[f"{side}_HIP"], Landmark[f"{side}_KNEE"])
        across = seen[row, column - 8 : column + 9]
        found = [contrast("#{:02x}{:02x}{:02x}".format(*pixel), grey) for pixel in across]
        assert max(found) > 1.8
        # Thin: a line and its edges, each of about a pixel of the screen, and soft.
        assert (np.abs(across.astype(int) - rgb(grey)).max(axis=1) > 10).sum() <= 4 * ratio + 3


def test_lines_are_as_wide_for_the_eye_on_finer_screens(drawn: Callable[..., Pixels]) -> None:
    tiny = landmarks()
    tiny[:, :2] = 0.5 + 0.02 * (tiny[:, :2] - 0.5)  # all lines of the least width
    inked = [(drawn(tiny, ratio=ratio) != 255).any(axis=2).sum() for ratio in (1.0, 3.0)]
    assert inked[1] > 1.5 * inked[0]


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("frame", [True, False])
def test_landmarks_without_a_place_are_left_out(
    drawn: Callable[..., Pixels], value: float, frame: bool
) -> None:
    whole, marks = landmarks(), landmarks()
    marks[Landmark.LEFT_ELBOW, 0] = value
    seen, cut = drawn(whole, frame=frame), drawn(marks, frame=frame)
    changed = (seen != cut).any(axis=2)
    row, column = at(Landmark.LEFT_ELBOW)
    assert (cut[row - 12 : row + 13, column - 12 : column + 13] == 255).all()
    assert not changed[:, : at(Landmark.NOSE)[1]].any()  # nor is anything drawn elsewhere
    for mark in Landmark:  # whichever is missing
        marks = landmarks()
        marks[mark, 1] = value
        drawn(marks, frame=frame, alike=REGIONS)
    marks[:, :2] = value
    assert (drawn(marks, frame=frame, alike=REGIONS) == 255).all()
    extent = find_extent([Pose(0.0, marks, None, 640, 480)])
    assert extent == WHOLE_FRAME
    marks = landmarks()
    marks[Landmark.LEFT_EAR] = value
    assert np.isfinite(find_extent([Pose(0.0, marks, None, 640, 480)])).all()
