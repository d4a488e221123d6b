from __future__ import annotations

import itertools

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from ui.replay.controls import ICON_SIZE, Controls, icon
from ui.replay.player import SPEEDS, Player
from ui.shell.shortcuts import Keys


class Bench:
    """Controls on a page, and the steps they requested."""

    def __init__(self, qtbot: QtBot, keys: Keys) -> None:
        self.qtbot = qtbot
        self.page = QWidget()
        qtbot.addWidget(self.page)
        self.player = Player()
        self.player.load(60.0)
        self.asked: list[tuple[str, int]] = []
        self.controls = Controls(
            self.player,
            keys,
            self.page,
            lambda way: self.asked.append(("step", way)),
            lambda way: self.asked.append(("jump", way)),
            lambda way: self.asked.append(("moment", way)),
        )
        self.page.show()

    def click(self, name: str) -> None:
        action = self.controls.actions_by_name[name]
        button = next(
            each
            for each in self.controls.findChildren(QToolButton)
            if each.defaultAction() is action
        )
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def bench(qtbot: QtBot, keys: Keys) -> Bench:
    return Bench(qtbot, keys)


def test_shows_time_and_length(bench: Bench) -> None:
    assert bench.controls.time.text().split() == ["0:00.0", "/", "1:00.0"]
    bench.player.seek(12.34)
    assert bench.controls.time.text().split() == ["0:12.3", "/", "1:00.0"]


def test_play_button_toggles_playing_and_its_icon(bench: Bench) -> None:
    action = bench.controls.actions_by_name["play or pause"]
    paused = action.icon().cacheKey()
    bench.click("play or pause")
    assert bench.player.playing
    assert action.icon().cacheKey() != paused
    bench.click("play or pause")
    assert not bench.player.playing


def test_shuttle_buttons_play_in_both_directions(bench: Bench) -> None:
    bench.player.seek(30.0)
    bench.click("forward")
    bench.click("forward")
    assert (bench.player.direction, bench.player.speed) == (1, 2.0)
    assert bench.controls.backwards.isHidden()
    bench.click("back")
    assert (bench.player.direction, bench.player.speed) == (-1, 1.0)
    assert bench.controls.backwards.isVisible()
    bench.player.pause()
    assert bench.controls.backwards.isHidden()


def test_buttons_step_frames_and_jump_events(bench: Bench) -> None:
    ends = (("frame back", "frame forward"), ("previous event", "next event"))
    for name in itertools.chain(*ends, ("previous moment", "next moment")):
        bench.click(name)
    assert bench.asked == [(what, way) for what in ("step", "jump", "moment") for way in (-1, 1)]


def test_speed_field_sets_and_shows_speed(bench: Bench) -> None:
    speed = bench.controls.speed
    assert [speed.itemText(row) for row in range(speed.count())] == [
        "×0.25",
        "×0.5",
        "×1",
        "×2",
        "×4",
        "×8",
    ]
    speed.setFocus()
    bench.qtbot.keyClick(speed, Qt.Key.Key_Down)
    assert bench.player.speed == 2.0
    bench.player.set_speed(bench.player.speed / 2)
    bench.player.set_speed(bench.player.speed / 2)
    assert speed.currentIndex() == SPEEDS.index(0.5)


def test_selection_is_set_shown_looped_and_cleared(bench: Bench) -> None:
    assert bench.controls.selection.text() == ""
    assert not bench.controls.clear.isVisible()
    bench.player.seek(10.0)
    bench.click("selection start")
    bench.player.seek(22.0)
    bench.click("selection end")
    assert bench.controls.selection.text() == "0:10.0 – 0:22.0 (12.0 s)"
    bench.click("loop")
    assert bench.player.looping
    assert bench.controls.actions_by_name["loop"].isChecked()
    bench.click("loop")
    assert not bench.player.looping
    bench.qtbot.mouseClick(bench.controls.clear, Qt.MouseButton.LeftButton)
    assert bench.player.selection is None
    assert bench.controls.selection.text() == ""


def test_skeleton_switch_emits_signal(bench: Bench) -> None:
    with bench.qtbot.waitSignal(bench.controls.skeleton_only) as told:
        bench.controls.skeleton.click()
    assert told.args == [True]
    switch = bench.controls.actions_by_name["skeletons"]
    assert switch.isChecked()
    with bench.qtbot.waitSignal(bench.controls.skeleton_only) as told:
        switch.trigger()
    assert told.args == [False]
    assert not switch.isChecked()


def test_buttons_have_names_and_keys(bench: Bench) -> None:
    buttons = [
        each
        for each in bench.controls.findChildren(QToolButton)
        if each.defaultAction() is not None
    ]
    assert len(buttons) == 12
    for button in buttons:
        assert button.accessibleName()
        assert "(" in button.toolTip()
        assert not button.icon().isNull()


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_icons_have_the_given_colour_and_differ(qtbot: QtBot, ratio: float) -> None:
    images = set()
    for name in (
        "play",
        "pause",
        "back",
        "forward",
        "frame back",
        "frame forward",
        "previous event",
        "next event",
        "selection start",
        "selection end",
        "loop",
    ):
        pixmap = icon(name, "#ff0000").pixmap(icon(name, "#ff0000").availableSizes()[0], ratio)
        image = pixmap.toImage()
        assert image.width() == ICON_SIZE * ratio
        colours = {
            image.pixelColor(x, y).name()
            for x in range(image.width())
            for y in range(image.height())
            if image.pixelColor(x, y).alpha() == 255
        }
        assert colours == {"#ff0000"}
        images.add(bytes(image.bits().asarray(image.sizeInBytes())))
    assert len(images) == 11
