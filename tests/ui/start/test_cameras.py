from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from PyQt6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from mirror.capture.camera import Camera
from tests.support.fake_cameras import FRONT, ROOM, SIDE, Plugs, camera
from ui.start.cameras import CameraPicker, CameraWatch


@pytest.fixture
def picker(qtbot: QtBot) -> CameraPicker:
    made = CameraPicker("A")
    qtbot.addWidget(made)
    return made


def items(picker: CameraPicker) -> list[str]:
    box = picker.findChild(QComboBox)
    return [box.itemText(k) for k in range(box.count())]


def choose(picker: CameraPicker, text: str) -> None:
    box = picker.findChild(QComboBox)
    box.setCurrentText(text)
    box.activated.emit(box.currentIndex())


def chosen(picker: CameraPicker) -> str:
    return picker.findChild(QComboBox).currentText()


def test_the_watch_tells_what_is_plugged_in_and_what_comes_and_goes(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.start.cameras.LOOK_EVERY", 0.01)
    plugs = Plugs(FRONT)
    watch = CameraWatch(plugs)
    assert watch.cameras is None
    with qtbot.waitSignal(watch.changed) as first:
        watch.start()
    assert first.args == [(FRONT,)]
    plugs.cameras = [FRONT, SIDE]
    with qtbot.waitSignal(watch.changed) as second:
        pass
    assert second.args == [(FRONT, SIDE)]
    plugs.cameras = []
    with qtbot.waitSignal(watch.changed) as third:
        pass
    assert third.args == [()]
    assert watch.cameras == ()
    watch.stop()


def test_the_watch_says_nothing_while_nothing_changes_and_stops(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.start.cameras.LOOK_EVERY", 0.01)
    plugs, told = Plugs(FRONT), []
    watch = CameraWatch(plugs)
    watch.changed.connect(told.append)
    watch.start()
    qtbot.waitUntil(lambda: plugs.asked >= 4)
    watch.stop()
    assert told == [(FRONT,)]
    assert threading.main_thread().name not in plugs.threads


def test_a_look_that_hangs_does_not_hold_up_the_window(qtbot: QtBot) -> None:
    lets_go = threading.Event()

    def hangs() -> Sequence[Camera]:
        lets_go.wait(20)
        return [FRONT]

    watch = CameraWatch(hangs)
    watch.start()
    assert watch.cameras is None
    with qtbot.waitSignal(watch.changed):
        lets_go.set()
    watch.stop()


def test_before_the_first_look_it_says_that_it_is_looking(picker: CameraPicker) -> None:
    assert picker.problem == "Looking for cameras …"
    assert picker.source == ""


def test_cameras_are_offered_by_name_and_the_first_is_chosen(picker: CameraPicker) -> None:
    picker.set_cameras([FRONT, SIDE])
    assert items(picker) == ["Front", "Side", "Network address …"]
    assert (picker.source, picker.problem) == ("Front", "")


def test_two_of_one_name_are_told_apart_and_opened_by_number(picker: CameraPicker) -> None:
    picker.set_cameras([camera(0, "C270", "usb-1"), camera(2, "C270", "usb-2")])
    assert items(picker)[:2] == ["C270 (/dev/video0)", "C270 (/dev/video2)"]
    choose(picker, "C270 (/dev/video2)")
    assert (picker.source, picker.identity) == ("2", "usb-2")


def test_the_camera_of_last_time_is_chosen_where_it_is_there(qtbot: QtBot) -> None:
    picker = CameraPicker("A", identity=SIDE.identity)
    qtbot.addWidget(picker)
    picker.set_cameras([FRONT, SIDE])
    assert picker.source == "Side"
    other = CameraPicker("A", identity="by-id/sold")
    qtbot.addWidget(other)
    other.set_cameras([FRONT, SIDE])
    assert other.source == "Front"


def test_the_chosen_camera_stays_chosen_whatever_number_it_gets(picker: CameraPicker) -> None:
    picker.set_cameras([FRONT, SIDE])
    choose(picker, "Side")
    picker.set_cameras([camera(0, "New"), camera(5, "Side", SIDE.identity), ROOM])
    assert chosen(picker) == "Side"
    assert picker.camera is not None
    assert picker.camera.index == 5


def test_a_camera_that_is_pulled_out_is_missed_and_taken_again_when_it_is_back(
    picker: CameraPicker,
) -> None:
    picker.set_cameras([FRONT, SIDE])
    picker.set_cameras([SIDE])
    assert chosen(picker) == "Front (unplugged)"
    assert picker.source == ""
    assert picker.problem.startswith("Front is unplugged. Plug it in again")
    picker.set_cameras([FRONT, SIDE])
    assert (chosen(picker), picker.source, picker.problem) == ("Front", "Front", "")


def test_another_camera_can_be_chosen_in_place_of_the_missing_one(picker: CameraPicker) -> None:
    picker.set_cameras([FRONT, SIDE])
    picker.set_cameras([SIDE])
    choose(picker, "Side")
    assert (picker.source, picker.problem) == ("Side", "")
    assert items(picker) == ["Side", "Network address …"]


def test_without_a_camera_it_says_so_and_takes_the_first_that_comes(picker: CameraPicker) -> None:
    picker.set_cameras([])
    assert picker.problem.startswith("No camera is plugged in.")
    picker.set_cameras([SIDE])
    assert picker.source == "Side"


def test_b_waits_for_a_second_camera(qtbot: QtBot) -> None:
    picker = CameraPicker("B", 1)
    qtbot.addWidget(picker)
    picker.set_cameras([FRONT])
    assert "no second camera" in picker.problem
    assert picker.source == ""
    picker.set_cameras([FRONT, SIDE])
    assert picker.source == "Side"


def test_a_network_address_takes_the_place_of_a_camera(qtbot: QtBot, picker: CameraPicker) -> None:
    picker.show()
    picker.set_cameras([FRONT])
    edit = picker.findChild(QLineEdit)
    assert edit.isHidden()
    choose(picker, "Network address …")
    assert edit.isVisible()
    assert "network address" in picker.problem
    with qtbot.waitSignal(picker.changed):  # once the typing pauses
        qtbot.keyClicks(edit, " rtsp://192.0.2.7/stream ")
    assert (picker.source, picker.problem) == ("rtsp://192.0.2.7/stream", "")
    picker.set_cameras([FRONT, SIDE])
    assert picker.source == "rtsp://192.0.2.7/stream"
    choose(picker, "Front")
    assert edit.isHidden()
    assert picker.source == "Front"
