from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from mirror import Landmark
from tests.support.fake_cameras import FakeDevices
from tests.support.people import pose
from ui.start.panels import Halves, View
from ui.start.placement import PlacementView
from ui.start.preview import Preview, PreviewReaders

HIPS = dict.fromkeys((Landmark.LEFT_HIP, Landmark.RIGHT_HIP), 0.0)
HANDS = dict.fromkeys((Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST), 0.0)


def marks_at(shift: float, visibility: float | dict[Landmark, float] = 1.0) -> np.ndarray:
    found = pose(0.0, visibility=visibility).landmarks
    assert found is not None
    found[:, 0] += shift
    return found


class FakeFinder:
    """Finds one person left of the middle, with hands in bright frames only.

    In the brightest there is another one on the left, whose hands are hidden; in the whitest, two
    are head and shoulders.
    """

    open = 0
    searched = 0

    def __init__(self) -> None:
        FakeFinder.open += 1

    def find(self, image: np.ndarray) -> list[tuple[np.ndarray, None]]:
        FakeFinder.searched += 1
        if image.mean() < 1:
            raise ValueError("a bug")
        if image.mean() > 254:
            return [(marks_at(shift, HIPS), None) for shift in (-0.15, 0.15)]
        right = marks_at(-0.05, 1.0 if image.mean() > 100 else HANDS)
        left = [(marks_at(-0.15, HANDS), None)] if image.mean() > 220 else []
        return [(right, None), *left]

    def close(self) -> None:
        FakeFinder.open -= 1


class World:
    """What the two cameras see."""

    def __init__(self) -> None:
        self.views: list[View | None] = [None, None]
        self.has_model = True

    def see(self, feed: int, brightness: int, frames: int, side: int | None = None) -> None:
        self.views[feed] = View(np.full((48, 64, 3), brightness, np.uint8), frames, side)

    def get(self) -> tuple[View | None, View | None]:
        a, b = self.views
        return a, b

    def make(self) -> Any:
        return FakeFinder() if self.has_model else None


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def view(qtbot: QtBot, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[PlacementView]:
    monkeypatch.setattr("ui.start.placement.make_finder", world.make)
    view = PlacementView(world.get, lambda: "mirror")
    qtbot.addWidget(view)
    FakeFinder.open = FakeFinder.searched = 0
    yield view
    view.stop()
    qtbot.waitUntil(lambda: FakeFinder.open == 0)


def test_each_person_has_an_instruction(qtbot: QtBot, world: World, view: PlacementView) -> None:
    view.step()
    assert view.isHidden()  # there are no frames yet
    world.see(0, 200, 1)
    world.see(1, 60, 1)

    def both() -> bool:
        view.step()
        return bool(view.texts["a"].text() and view.texts["b"].text())

    qtbot.waitUntil(both)
    assert not view.isHidden()
    assert view.texts["a"].text() == "Well placed."
    assert view.texts["b"].text() == "The hands are hidden"
    assert view.counting.text() == "Will count: head, torso, left arm, right arm and legs."
    view.stop()
    assert view.isHidden()


@pytest.mark.parametrize(
    ("brightness", "sides", "texts"),
    [
        (250, (None, None), ("Two people in the frame: show one person only",) * 2),
        (250, (0, 1), ("The hands are hidden", "Well placed.")),
        (250, (1, 0), ("Well placed.", "The hands are hidden")),
        (200, (0, 1), ("Well placed.", "Nobody is in the frame")),
    ],
)
def test_second_person_is_told_unless_expected(
    qtbot: QtBot,
    world: World,
    view: PlacementView,
    brightness: int,
    sides: tuple[int | None, int | None],
    texts: tuple[str, str],
) -> None:
    frames = 0

    def steps() -> bool:
        nonlocal frames
        frames += 1
        for feed in (0, 1):
            world.see(feed, brightness, frames, sides[feed])
        view.step()
        return (view.texts["a"].text(), view.texts["b"].text()) == texts

    qtbot.waitUntil(steps)


def test_both_people_of_one_frame_are_found_by_one_search(
    qtbot: QtBot, world: World, view: PlacementView
) -> None:
    for feed in (0, 1):
        world.see(feed, 250, 1, side=feed)
    view.step()

    def is_both() -> bool:
        view.step()
        return (view.texts["a"].text(), view.texts["b"].text()) == (
            "The hands are hidden",
            "Well placed.",
        )

    qtbot.waitUntil(is_both)
    assert FakeFinder.searched == 1


def test_finder_is_closed_after_a_search_that_fails(
    qtbot: QtBot, world: World, view: PlacementView
) -> None:
    world.see(1, 0, 1)
    view.step()
    qtbot.waitUntil(lambda: FakeFinder.searched == 1)
    qtbot.waitUntil(lambda: FakeFinder.open == 0)


def test_fixed_halves_are_offered_to_two_heads_and_shoulders(
    qtbot: QtBot, world: World, view: PlacementView
) -> None:
    used: list[str] = []
    frames = 0

    def see(brightness: int, *, has_choice: bool = True) -> None:
        image = np.full((48, 64, 3), brightness, np.uint8)
        use = (lambda: used.append("halves")) if has_choice else None

        def steps() -> bool:
            nonlocal frames
            frames += 1
            world.views = [View(image, frames, side, use) for side in (0, 1)]
            view.step()
            return bool(view.counting.text())

        view.start()
        qtbot.waitUntil(steps)

    see(250)  # standing
    assert view.halves.isHidden()
    see(255, has_choice=False)  # in halves already
    assert view.halves.isHidden()
    see(255)
    assert not view.halves.isHidden()
    view.halves.click()
    assert used == ["halves"]
    assert view.halves.isHidden()


def test_frame_that_stays_is_tracked_once(qtbot: QtBot, world: World, view: PlacementView) -> None:
    world.see(0, 200, 1)
    for _ in range(3):
        view.step()
    qtbot.waitUntil(lambda: FakeFinder.open == 1)
    view.step()
    assert FakeFinder.open == 1


def test_machine_without_a_model_shows_nothing(
    qtbot: QtBot, world: World, view: PlacementView
) -> None:
    world.has_model = False
    world.see(0, 200, 1)
    world.see(1, 200, 1)
    for _ in range(6):
        view.step()
        qtbot.wait(5)
    assert view.isHidden()


def test_halves_of_one_camera_are_two_views(qtbot: QtBot) -> None:
    readers = PreviewReaders(FakeDevices())
    preview = Preview(readers, "both people")
    qtbot.addWidget(preview)
    halves = Halves(preview)
    qtbot.addWidget(halves)
    assert halves.views() == (None, None)
    preview.split = 0.25
    preview.open("Front")
    qtbot.waitUntil(lambda: preview.newest is not None)
    whole = halves.views()
    assert [each and (each.image.shape[1], each.side) for each in whole] == [(96, 0), (96, 1)]
    halves.fixed.setChecked(True)
    a, b = halves.views()
    assert a is not None
    assert b is not None
    assert a.side is None
    assert b.image.shape[1] == 3 * a.image.shape[1]
    halves.set_swapped(True)
    swapped = halves.views()[0]
    assert swapped is not None
    assert swapped.image.shape == b.image.shape
    preview.release()
    qtbot.waitUntil(lambda: readers.free)
