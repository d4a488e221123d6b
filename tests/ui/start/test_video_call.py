"""The tiles of a video call, framed on a still of the screen."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from mirror.capture.address import Crop, parse
from mirror.capture.base import Source
from mirror.clocks.cameras import remember_delay, two_cameras
from mirror.clocks.movement import Delay
from tests.support.fake_cameras import FakeDevices
from ui.runtime.background import Progress
from ui.shell.preferences import Preferences
from ui.start.clocks import DelayDialog
from ui.start.preview import PreviewReaders
from ui.start.video_call import TileFrame, VideoCall

KEY, LEFT, SHIFT = Qt.Key, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def devices(monkeypatch: pytest.MonkeyPatch) -> FakeDevices:
    monkeypatch.setattr("ui.start.video_call._HIDE_MS", 0)
    return FakeDevices()


def new_panel(qtbot: QtBot, preferences: Preferences, devices: FakeDevices) -> VideoCall:
    panel = VideoCall(preferences, PreviewReaders(devices))
    qtbot.addWidget(panel)
    panel.resize(700, 500)
    panel.show()
    panel.activate()
    return panel


def take(qtbot: QtBot, panel: VideoCall) -> None:
    with qtbot.waitSignal(panel.preview.answered):
        panel.take_button.click()
        assert not panel.isVisible()
    assert panel.isVisible()


def crops(panel: VideoCall) -> list[Crop]:
    pair = panel.pair
    assert pair is not None
    found = [parse(text).crop for text in pair]
    return [crop for crop in found if crop is not None]


def drag(qtbot: QtBot, frame: TileFrame, start: QPoint, by: QPoint) -> None:
    qtbot.mousePress(frame, LEFT, pos=start)
    qtbot.mouseMove(frame, start + by)
    qtbot.mouseRelease(frame, LEFT)


def test_still_is_taken_without_the_window_and_the_screen_is_released(
    qtbot: QtBot, preferences: Preferences, devices: FakeDevices
) -> None:
    panel = new_panel(qtbot, preferences, devices)
    assert panel.problem.endswith("take the picture of the screen.")
    assert panel.preview.message == panel.problem
    assert not panel.frames[0].isVisible()
    take(qtbot, panel)
    qtbot.waitUntil(lambda: not devices.open)
    assert devices.opened == ["screen:1"]
    assert panel.preview.has_frame
    assert panel.frames[0].isVisible()
    assert panel.problem == ""
    assert [each.y for each in crops(panel)] == [20, 20]
    panel.deactivate()  # nothing of the screen is kept
    assert not panel.preview.has_frame


def test_frames_are_dragged_resized_and_kept_on_the_screen(
    qtbot: QtBot, preferences: Preferences, devices: FakeDevices
) -> None:
    panel = new_panel(qtbot, preferences, devices)
    panel.set_names(("Anna", "Ben"))
    take(qtbot, panel)
    a, b = panel.frames
    box = panel.preview.box
    assert (a.accessibleName(), b.accessibleName()) == ("Tile of Anna", "Tile of Ben")
    assert a.x() - box.left() == pytest.approx(0.05 * box.width(), abs=1)
    drag(qtbot, a, a.rect().center(), QPoint(round(0.1 * box.width()), 0))
    drag(qtbot, b, b.rect().bottomRight(), -QPoint(0, round(0.2 * box.height())))
    one, other = crops(panel)
    assert (one.x, one.y, one.width) == pytest.approx((15, 20, 40), abs=0.5)
    assert (other.y, other.height) == pytest.approx((20, 40), abs=0.5)
    drag(qtbot, a, a.rect().center(), -QPoint(2000, 2000))
    assert crops(panel)[0] == Crop("percent", 0, 0, 40, 60)
    drag(qtbot, a, a.rect().bottomRight(), -QPoint(2000, 2000))  # nothing would be left
    assert crops(panel)[0].width == 40
    panel.resize(500, 400)
    assert a.width() == pytest.approx(0.4 * panel.preview.box.width(), abs=1)


def test_frames_are_moved_by_keys(
    qtbot: QtBot, preferences: Preferences, devices: FakeDevices
) -> None:
    panel = new_panel(qtbot, preferences, devices)
    take(qtbot, panel)
    a = panel.frames[0]
    assert a.focusPolicy() == Qt.FocusPolicy.StrongFocus
    for key in (KEY.Key_Right, KEY.Key_Right, KEY.Key_Up):
        qtbot.keyClick(a, key)
    qtbot.keyClick(a, KEY.Key_Down, SHIFT)
    assert crops(panel)[0] == Crop("percent", 6, 19.5, 40, 60.5)
    assert a.accessibleDescription().startswith(
        "6 % from the left and 20 % from the top, 40 by 60 %"
    )


def test_layouts_are_kept_by_name_and_the_last_one_is_used_again(
    qtbot: QtBot, preferences: Preferences, devices: FakeDevices
) -> None:
    panel = new_panel(qtbot, preferences, devices)
    panel.keep_button.click()  # there is nothing to keep yet
    take(qtbot, panel)
    before = panel.pair
    edit = panel.layouts.lineEdit()
    assert edit is not None
    qtbot.keyClicks(edit, "Two tiles")
    panel.keep_button.click()
    name = panel.layouts.currentText()
    assert name.startswith("Two tiles (")  # and the size of the screen
    qtbot.keyClick(panel.frames[1], KEY.Key_Left)
    after = panel.pair
    assert after != before

    again = new_panel(qtbot, preferences, devices)
    assert again.pair == after
    assert again.preview.message.startswith("The two tiles are where they were last time")
    assert [again.layouts.itemText(at) for at in range(again.layouts.count())] == [name]
    again.layouts.setEditText(name)
    again.layouts.textActivated.emit(name)
    assert again.pair == before
    again.forget_button.click()
    assert again.layouts.count() == 0
    assert new_panel(qtbot, preferences, devices).pair == before


@pytest.mark.parametrize("stored", [{"": [1, 2]}, {"": ["1"] * 9}, {"": 3}, [1]])
def test_damaged_layouts_are_ignored(
    qtbot: QtBot, preferences: Preferences, devices: FakeDevices, stored: object
) -> None:
    preferences.set("video calls", stored)
    assert new_panel(qtbot, preferences, devices).pair is None


def test_screen_that_cannot_be_read_says_so_and_is_not_tried_again(
    qtbot: QtBot, preferences: Preferences, devices: FakeDevices
) -> None:
    devices.broken["screen:1"] = "this desktop is Wayland"
    panel = new_panel(qtbot, preferences, devices)
    take(qtbot, panel)
    assert panel.preview.message.lower() == "this desktop is wayland"
    assert panel.preview.source == ""
    assert panel.pair is None


@pytest.mark.parametrize("is_silent", [True, False], ids=["silent", "unknown error"])
def test_window_comes_back_whatever_happens(
    qtbot: QtBot, preferences: Preferences, monkeypatch: pytest.MonkeyPatch, is_silent: bool
) -> None:
    end = threading.Event()

    def fail(_text: str) -> Source:
        end.wait(5.0 if is_silent else 0.0)
        raise ValueError("a bug")

    monkeypatch.setattr("ui.start.video_call._HIDE_MS", 0)
    if is_silent:
        monkeypatch.setattr("ui.start.video_call._LONGEST_MS", 50)
    panel = VideoCall(preferences, PreviewReaders(fail))
    qtbot.addWidget(panel)
    panel.show()
    panel.activate()
    panel.take_button.click()
    assert not panel.isVisible()
    qtbot.waitUntil(panel.isVisible, timeout=2500)
    said = "The screen does not answer" if is_silent else "screen:1 cannot be shown: a bug"
    assert panel.preview.message.startswith(said)
    end.set()


def test_tiles_are_of_the_screen_that_is_chosen(
    qtbot: QtBot,
    preferences: Preferences,
    devices: FakeDevices,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = QGuiApplication.screens()[0]
    there = [screen, screen]
    monkeypatch.setattr(QGuiApplication, "screens", lambda: there)
    application = QGuiApplication.instance()
    assert isinstance(application, QGuiApplication)
    panel = new_panel(qtbot, preferences, devices)
    take(qtbot, panel)
    panel.layouts.setEditText("First")
    panel.keep_button.click()
    panel.screen_box.setCurrentIndex(1)
    assert not panel.preview.has_frame
    assert not panel.frames[0].isVisible()
    assert (panel.pair, panel.problem) == (None, panel.preview.message)
    take(qtbot, panel)
    panel.layouts.setEditText("Second")
    panel.keep_button.click()
    second = panel.pair
    assert second is not None
    assert second[0].startswith("screen:2#")
    kept = {panel.layouts.itemText(at)[:5]: panel.layouts.itemText(at) for at in range(2)}
    panel.layouts.textActivated.emit(kept["First"])  # its still is another screen's
    assert not panel.preview.has_frame
    panel.layouts.textActivated.emit(kept["Secon"])
    there.pop()
    application.screenRemoved.emit(screen)
    assert panel.pair is None
    assert panel.problem.startswith("Screen 2 of this layout is not there.")
    assert panel.preview.message == panel.problem
    assert panel.screen_box.isHidden()
    there.append(screen)
    application.screenAdded.emit(screen)
    assert panel.pair == second


def test_delay_is_measured_without_own_windows_and_the_still_stays(
    qtbot: QtBot,
    preferences: Preferences,
    devices: FakeDevices,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path)
    hidden: list[tuple[object, ...]] = []
    monkeypatch.setattr("mirror.capture.screen.hide_own_windows", lambda *each: hidden.append(each))
    panel = new_panel(qtbot, preferences, devices)
    go_on = threading.Event()

    def measure(a: str, b: str, progress: Progress) -> Delay:
        assert panel.frameGeometry().getCoords() in hidden[-1]
        progress(0, 10)
        go_on.wait(5.0)
        remember_delay(*two_cameras(a, b), 0.2)
        return Delay(0.2, 0.012, 0.99)

    monkeypatch.setattr(DelayDialog.__init__, "__defaults__", (measure, None))
    take(qtbot, panel)
    panel.delay.measure.click()
    qtbot.waitUntil(lambda: panel.findChild(DelayDialog) is not None)
    dialog = panel.findChild(DelayDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.frameGeometry().getCoords() in hidden[-1])
    assert panel.preview.has_frame
    go_on.set()
    qtbot.waitUntil(lambda: dialog.button.text() == "Close")
    assert dialog.windowTitle() == "Delay between the tiles"
    assert dialog.result_text.text() == (
        "The tile of B delivers 200 ms later than that of A (± 12.0 ms). It is subtracted in "
        "sessions with both tiles."
    )
    dialog.button.click()
    assert panel.preview.has_frame
    qtbot.keyClick(panel.frames[0], KEY.Key_Right)
    assert panel.delay.text.text().startswith("The tile of B delivers 200 ms later")
    panel.delay.forget.click()
    assert panel.delay.text.text() == ""
