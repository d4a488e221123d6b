from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from PyQt6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from mirror.capture.camera import Camera
from tests.support.fake_cameras import FRONT, ROOM, SIDE, FakeLister, camera
from ui.start.cameras import CameraMonitor, CameraPicker


@pytest.fixture
def picker(qtbot: QtBot) -> CameraPicker:
    picker = CameraPicker("A")
    qtbot.addWidget(picker)
    return picker


def items(picker: CameraPicker) -> list[str]:
    box = picker.findChild(QComboBox)
    return [box.itemText(k) for k in range(box.count())]


def choose(picker: CameraPicker, text: str) -> None:
    box = picker.findChild(QComboBox)
    box.setCurrentText(text)
    box.activated.emit(box.currentIndex())


def chosen(picker: CameraPicker) -> str:
    return picker.findChild(QComboBox).currentText()


def test_monitor_signals_changes(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.start.cameras.SCAN_INTERVAL_S", 0.01)
    lister = FakeLister(FRONT)
    monitor = CameraMonitor(lister)
    assert monitor.cameras is None
    with qtbot.waitSignal(monitor.changed) as first:
        monitor.start()
    assert first.args == [(FRONT,)]
    lister.cameras = [FRONT, SIDE]
    with qtbot.waitSignal(monitor.changed) as second:
        pass
    assert second.args == [(FRONT, SIDE)]
    lister.cameras = []
    with qtbot.waitSignal(monitor.changed) as third:
        pass
    assert third.args == [()]
    assert monitor.cameras == ()
    monitor.stop()


def test_monitor_is_silent_without_changes_and_stops(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.start.cameras.SCAN_INTERVAL_S", 0.01)
    lister = FakeLister(FRONT)
    changes: list[tuple[Camera, ...]] = []
    monitor = CameraMonitor(lister)
    monitor.changed.connect(changes.append)
    monitor.start()
    qtbot.waitUntil(lambda: lister.calls >= 4)
    monitor.stop()
    assert changes == [(FRONT,)]
    assert threading.main_thread().name not in lister.threads


def test_hanging_scan_does_not_block(qtbot: QtBot) -> None:
    may_end = threading.Event()

    def hang() -> Sequence[Camera]:
        may_end.wait(20)
        return [FRONT]

    monitor = CameraMonitor(hang)
    monitor.start()
    assert monitor.cameras is None
    with qtbot.waitSignal(monitor.changed):
        may_end.set()
    monitor.stop()


def test_problem_before_first_scan(picker: CameraPicker) -> None:
    assert picker.problem == "Looking for cameras…"
    assert picker.source == ""


def test_cameras_are_named_and_first_is_default(picker: CameraPicker) -> None:
    picker.set_cameras([FRONT, SIDE])
    assert items(picker) == ["Front", "Side", "Network address…"]
    assert (picker.source, picker.problem) == ("Front", "")


def test_cameras_of_same_name_are_opened_by_number(picker: CameraPicker) -> None:
    picker.set_cameras([camera(0, "C270", "usb-1"), camera(2, "C270", "usb-2")])
    assert items(picker)[:2] == ["C270 (/dev/video0)", "C270 (/dev/video2)"]
    choose(picker, "C270 (/dev/video2)")
    assert (picker.source, picker.identity) == ("2", "usb-2")


def test_remembered_camera_is_chosen_if_connected(qtbot: QtBot) -> None:
    picker = CameraPicker("A", identity=SIDE.identity)
    qtbot.addWidget(picker)
    picker.set_cameras([FRONT, SIDE])
    assert picker.source == "Side"
    other = CameraPicker("A", identity="by-id/sold")
    qtbot.addWidget(other)
    other.set_cameras([FRONT, SIDE])
    assert other.source == "Front"


def test_choice_follows_identity_not_number(picker: CameraPicker) -> None:
    picker.set_cameras([FRONT, SIDE])
    choose(picker, "Side")
    picker.set_cameras([camera(0, "New"), camera(5, "Side", SIDE.identity), ROOM])
    assert chosen(picker) == "Side"
    assert picker.camera is not None
    assert picker.camera.index == 5


def test_unplugged_camera_stays_chosen(picker: CameraPicker) -> None:
    picker.set_cameras([FRONT, SIDE])
    picker.set_cameras([SIDE])
    assert chosen(picker) == "Front (unplugged)"
    assert picker.source == ""
    assert picker.problem.startswith("Front is unplugged. Plug it in again")
    picker.set_cameras([FRONT, SIDE])
    assert (chosen(picker), picker.source, picker.problem) == ("Front", "Front", "")


def test_unplugged_camera_can_be_replaced(picker: CameraPicker) -> None:
    picker.set_cameras([FRONT, SIDE])
    picker.set_cameras([SIDE])
    choose(picker, "Side")
    assert (picker.source, picker.problem) == ("Side", "")
    assert items(picker) == ["Side", "Network address…"]


def test_first_camera_to_be_connected_is_chosen(picker: CameraPicker) -> None:
    picker.set_cameras([])
    assert picker.problem.startswith("No camera is connected.")
    picker.set_cameras([SIDE])
    assert picker.source == "Side"


def test_b_waits_for_second_camera(qtbot: QtBot) -> None:
    picker = CameraPicker("B", 1)
    qtbot.addWidget(picker)
    picker.set_cameras([FRONT])
    assert "no second camera" in picker.problem
    assert picker.source == ""
    picker.set_cameras([FRONT, SIDE])
    assert picker.source == "Side"


def test_network_address_replaces_camera(qtbot: QtBot, picker: CameraPicker) -> None:
    picker.show()
    picker.set_cameras([FRONT])
    edit = picker.findChild(QLineEdit)
    assert edit.isHidden()
    choose(picker, "Network address…")
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
