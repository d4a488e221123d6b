"""Offset of two videos, and delay of two cameras, on the start page."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from mirror.capture.address import parse
from mirror.clocks.cameras import delay_between, remember_delay, two_cameras
from mirror.clocks.movement import Delay
from mirror.clocks.sound import Alignment
from mirror.errors import SourceError
from tests.support.fake_cameras import FRONT, SIDE, FakeDevices, FakeLister
from tests.support.sounds import recorded, speech, write_sounding_video
from ui.shell.preferences import Preferences
from ui.start.cameras import CameraMonitor
from ui.start.clocks import CameraDelay, DelayDialog, VideoOffset
from ui.start.files import TwoFiles
from ui.start.panels import TwoCameras
from ui.start.preview import PreviewReaders

WAIT = 10_000
FOUND = Alignment(
    offset_s=3.214,
    drift_ppm=12.0,
    offset_error_s=0.0001,
    drift_error_ppm=1.0,
    confidence=1.0,
    times=np.array([10.0, 20.0]),
    lags=np.array([3.214, 3.214]),
    agrees=np.array([True, False]),
)


def offset(qtbot: QtBot, answer: Alignment | SourceError) -> VideoOffset:
    def align(a: str, b: str, _progress: object) -> Alignment:
        assert (a, b) == ("a.mp4", "b.mp4")
        if isinstance(answer, SourceError):
            raise answer
        return answer

    widget = VideoOffset(lambda: 0.04, align)
    qtbot.addWidget(widget)
    widget.load("a.mp4", "b.mp4", ("Anna", "Ben"))
    return widget


def aligned(qtbot: QtBot, answer: Alignment | SourceError) -> VideoOffset:
    widget = offset(qtbot, answer)
    widget.button.click()
    assert widget.result.text() == "Comparing the sound…"
    qtbot.waitUntil(widget.button.isEnabled, timeout=WAIT)
    return widget


def test_without_an_offset_videos_are_as_they_are(qtbot: QtBot) -> None:
    widget = offset(qtbot, FOUND)
    assert widget.sources() == ("a.mp4", "b.mp4")
    assert widget.alignment is None


def test_arrows_move_by_one_frame(qtbot: QtBot) -> None:
    widget = offset(qtbot, FOUND)
    with qtbot.waitSignals([widget.changed] * 2):
        widget.field.stepBy(1)
        widget.field.stepBy(1)
    assert widget.sources() == ("a.mp4", "b.mp4#t=0.08")
    widget.field.stepBy(-5)
    assert widget.sources() == ("a.mp4#t=0.12", "b.mp4")


def test_sound_gives_offset_and_drift(qtbot: QtBot) -> None:
    widget = aligned(qtbot, FOUND)
    assert widget.field.value() == 3.214
    assert widget.alignment is FOUND
    assert widget.sources() == ("a.mp4", "b.mp4#t=3.214&drift=12.00")
    assert widget.result.text() == "By sound: 1 of 2 stretches agree, clock of B +12 ppm."
    widget.field.stepBy(1)  # what was moved by hand is not what the sound says
    assert widget.alignment is None
    assert widget.sources() == ("a.mp4", "b.mp4#t=3.254")


def test_an_unsure_result_says_so(qtbot: QtBot) -> None:
    widget = aligned(qtbot, replace(FOUND, confidence=0.5))
    assert widget.result.text() == "Unsure, compare both frames: 1 of 2 stretches agree."
    assert widget.alignment is None  # what it suggests counts as entered by hand
    assert widget.sources() == ("a.mp4", "b.mp4#t=3.214")


def test_a_failure_is_explained(qtbot: QtBot) -> None:
    widget = aligned(qtbot, SourceError("b.mp4 has no sound; find one moment in both"))
    assert widget.result.text() == "b.mp4 has no sound; find one moment in both"
    assert widget.sources() == ("a.mp4", "b.mp4")


def test_other_videos_begin_without_an_offset(qtbot: QtBot) -> None:
    widget = aligned(qtbot, FOUND)
    widget.load("a.mp4", "b.mp4", ("A", "B"))
    assert widget.field.value() == 3.214
    widget.load("a.mp4", "c.mp4", ("A", "B"))
    assert (widget.field.value(), widget.alignment) == (0.0, None)


def test_two_videos_are_aligned_by_their_sound(
    qtbot: QtBot, panel: TwoFiles, tmp_path: Path
) -> None:
    sound = speech(1, 16)
    for name, field, start in zip("ab", panel.fields, (1.5, 0.0), strict=True):
        heard = recorded(sound, len(name), start=start, seconds=14, noise_db=-20)
        field.set_text(str(write_sounding_video(tmp_path / f"{name}.mp4", heard)))
    assert panel.offset.isVisible()
    panel.offset.button.click()
    qtbot.waitUntil(lambda: panel.alignment is not None, timeout=WAIT)
    assert panel.pair is not None
    assert parse(panel.pair[1]).start == pytest.approx(1.5, abs=0.003)
    assert panel.previews[1].source == panel.pair[1]
    panel.both.setChecked(True)
    assert panel.alignment is None
    assert not panel.offset.isVisible()


def test_a_part_of_b_contradicts_an_offset(panel: TwoFiles, tmp_path: Path) -> None:
    for name, field in zip(("a.mp4", "b.mp4#t=2"), panel.fields, strict=True):
        (tmp_path / name.partition("#")[0]).touch()
        field.set_text(str(tmp_path / name))
    assert panel.problem == ""
    panel.offset.field.stepBy(1)
    assert panel.problem.endswith("give #t to the first alone")
    assert panel.pair is None


def dialog(qtbot: QtBot, measure) -> DelayDialog:
    opened = DelayDialog(("0", "2"), lambda start: start(), measure)
    qtbot.addWidget(opened)
    opened.open()
    return opened


def test_measuring_shows_progress_and_result(qtbot: QtBot) -> None:
    go_on = threading.Event()

    def measure(a: str, b: str, progress) -> Delay:
        assert (a, b) == ("0", "2")
        progress(2500, 10000)
        go_on.wait()
        return Delay(-0.083, 0.0012, 0.97)

    opened = dialog(qtbot, measure)
    assert "moves both arms up and down" in opened.result_text.text()
    qtbot.waitUntil(lambda: opened.bar.value() == 2500)
    go_on.set()
    qtbot.waitUntil(lambda: opened.button.text() == "Close")
    assert opened.result_text.text() == (
        "The camera of A delivers 83 ms later than that of B (± 1.2 ms). It is subtracted in "
        "sessions with both cameras."
    )
    with qtbot.waitSignal(opened.finished):
        opened.button.click()


def test_a_failed_measurement_says_why(qtbot: QtBot) -> None:
    def measure(*_: object) -> Delay:
        raise SourceError("nobody is seen by the camera of A")

    opened = dialog(qtbot, measure)
    qtbot.waitUntil(lambda: opened.button.text() == "Close")
    assert opened.result_text.text() == "nobody is seen by the camera of A"


def test_measuring_can_be_cancelled_and_stays_open_until_the_cameras_are_free(
    qtbot: QtBot,
) -> None:
    begun, go_on, released = threading.Event(), threading.Event(), threading.Event()

    def measure(_a: str, _b: str, progress) -> Delay:
        begun.set()
        go_on.wait()
        try:
            while True:
                progress(0, 10000)
        finally:
            released.set()

    opened = dialog(qtbot, measure)
    assert begun.wait(10)
    opened.button.click()
    opened.reject()
    assert opened.isVisible()
    assert opened.result_text.text() == "Stopping…"
    with qtbot.waitSignal(opened.finished):
        go_on.set()
    assert released.is_set()


def test_measuring_that_was_cancelled_before_it_began_opens_nothing(qtbot: QtBot) -> None:
    starts: list[Callable[[], object]] = []
    opened = DelayDialog(("0", "2"), starts.append, lambda *_: pytest.fail("opened"))
    qtbot.addWidget(opened)
    opened.open()
    opened.reject()
    with qtbot.waitSignal(opened.finished):
        starts[0]()


def test_a_delay_that_cannot_be_forgotten_says_why(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise SourceError("cannot write delays.json: read-only; nothing was changed")

    remember_delay("0", "2", 0.1)
    widget = CameraDelay()
    qtbot.addWidget(widget)
    widget.load("0", "2")
    monkeypatch.setattr("ui.start.clocks.remember_delay", refuse)
    widget.forget.click()
    assert widget.text.text() == "cannot write delays.json: read-only; nothing was changed"


def test_cameras_are_free_while_measuring_and_shown_again(
    qtbot: QtBot, preferences: Preferences, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices = FakeDevices()
    measured: list[tuple[str, str]] = []

    def measure(a: str, b: str, _progress) -> Delay:
        assert not devices.open
        measured.append((a, b))
        remember_delay(FRONT.identity, SIDE.identity, 0.083)
        return Delay(0.083, 0.001, 0.99)

    monkeypatch.setattr(DelayDialog.__init__, "__defaults__", (measure, None))
    monitor = CameraMonitor(FakeLister(FRONT, SIDE))
    panel = TwoCameras(preferences, monitor, PreviewReaders(devices))
    qtbot.addWidget(panel)
    panel.show()
    panel.activate()
    monitor.start()
    qtbot.waitUntil(lambda: len(devices.open) == 2)
    assert panel.delay.text.text() == ""
    assert not panel.delay.forget.isVisible()
    panel.delay.measure.click()
    qtbot.waitUntil(lambda: panel.findChild(DelayDialog) is not None)
    opened = panel.findChild(DelayDialog)
    assert opened is not None
    qtbot.waitUntil(lambda: opened.button.text() == "Close")
    opened.button.click()
    qtbot.waitUntil(lambda: len(devices.open) == 2)
    assert measured == [("Front", "Side")]
    assert panel.delay.text.text().startswith("The camera of B delivers 83 ms later")
    panel.delay.forget.click()
    assert delay_between(FRONT.identity, SIDE.identity) is None
    assert panel.delay.text.text() == ""
    monitor.stop()
    panel.deactivate()


def test_what_is_known_of_a_network_camera_is_shown(qtbot: QtBot, preferences: Preferences) -> None:
    text = "rtsp://anna:secret@192.0.2.7/a#flip"
    remember_delay(*two_cameras("rtsp://anna:other@192.0.2.7/a", "http://192.0.2.8/b"), -0.2)
    panel = TwoCameras(preferences, CameraMonitor(FakeLister()), PreviewReaders(FakeDevices()))
    qtbot.addWidget(panel)
    for picker, source in zip(panel.pickers, (text, "http://192.0.2.8/b"), strict=True):
        box, edit = picker.findChild(QComboBox), picker.findChild(QLineEdit)
        assert box is not None
        assert edit is not None
        box.setCurrentIndex(box.count() - 1)  # Network address…
        box.activated.emit(box.count() - 1)
        edit.setText(source)
        edit.editingFinished.emit()
    assert panel.delay.text.text().startswith("The camera of A delivers 200 ms later")
