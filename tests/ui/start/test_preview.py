from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PyQt6.QtGui import QColor
from pytestqt.qtbot import QtBot

from mirror.capture.base import Frame, Source
from tests.support.fake_cameras import FakeDevices
from ui.start.preview import Preview, PreviewReaders


@pytest.fixture
def devices() -> FakeDevices:
    return FakeDevices()


@pytest.fixture
def preview(qtbot: QtBot, devices: FakeDevices) -> Iterator[Preview]:
    readers = PreviewReaders(devices)
    preview = Preview(readers, "A")
    qtbot.addWidget(preview)
    preview.resize(200, 150)
    preview.show()
    yield preview
    preview.release()
    qtbot.waitUntil(lambda: readers.free)


def test_shows_frames_and_releases_device(
    qtbot: QtBot, devices: FakeDevices, preview: Preview
) -> None:
    preview.open("Front")
    assert preview.message == "Opening Front…"
    qtbot.waitUntil(lambda: preview.has_frame)
    assert (preview.message, devices.open) == ("", {"Front"})
    preview.release("Gone")
    assert (preview.has_frame, preview.message, preview.source) == (False, "Gone", "")
    qtbot.waitUntil(lambda: not devices.open)


def test_opening_same_source_again_changes_nothing(
    qtbot: QtBot, devices: FakeDevices, preview: Preview
) -> None:
    preview.open("Front")
    qtbot.waitUntil(lambda: preview.has_frame)
    preview.open("Front")
    assert preview.has_frame
    assert devices.opened == ["Front"]


def test_camera_moves_to_another_preview(qtbot: QtBot, devices: FakeDevices) -> None:
    readers = PreviewReaders(devices)
    first, second = Preview(readers, "A"), Preview(readers, "B")
    qtbot.addWidget(first)
    qtbot.addWidget(second)
    first.open("Front")
    qtbot.waitUntil(lambda: first.has_frame)
    assert not readers.free
    first.release()
    second.open("Front")  # `FakeDevices` refuses what is still open
    qtbot.waitUntil(lambda: second.has_frame)
    assert devices.opened == ["Front", "Front"]
    second.release()
    qtbot.waitUntil(lambda: readers.free)


def test_unavailable_camera_is_reported_and_retried(
    qtbot: QtBot, devices: FakeDevices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.start.preview.RETRY_MS", 10)
    preview = Preview(PreviewReaders(devices), "A")
    qtbot.addWidget(preview)
    devices.broken["Front"] = "camera Front is not there, or another program has it"
    preview.open("Front")
    qtbot.waitUntil(lambda: preview.message == devices.broken["Front"])
    assert not preview.has_frame
    devices.broken.clear()
    qtbot.waitUntil(lambda: preview.has_frame)
    preview.release()


def test_video_shows_first_frame_and_is_closed(
    qtbot: QtBot, devices: FakeDevices, preview: Preview
) -> None:
    preview.open("video.mp4")
    qtbot.waitUntil(lambda: preview.has_frame)
    qtbot.waitUntil(lambda: not devices.open)
    assert preview.message == ""


def test_silent_camera_is_released(qtbot: QtBot) -> None:
    class Silent(Source):
        text, live, rate, duration = "Silent", True, None, None
        closed = threading.Event()
        reading = threading.Event()

        def read(self) -> Frame | None:
            self.reading.set()
            self.closed.wait(20)
            return None

        def close(self) -> None:
            self.closed.set()

    silent = Silent()
    readers = PreviewReaders(lambda _text: silent)
    preview = Preview(readers, "A")
    qtbot.addWidget(preview)
    preview.open("Silent")
    qtbot.waitUntil(silent.reading.is_set)
    preview.release()
    qtbot.waitUntil(lambda: readers.free)


def test_release_while_opening_closes_source(
    qtbot: QtBot, devices: FakeDevices, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening, may_open = threading.Event(), threading.Event()

    def slow(text: str) -> Source:
        opening.set()
        may_open.wait(20)
        return devices(text)

    readers = PreviewReaders(slow)
    preview = Preview(readers, "A")
    qtbot.addWidget(preview)
    preview.open("Front")
    qtbot.waitUntil(opening.is_set)
    preview.release()
    assert not readers.free
    freed: list[bool] = []
    readers.when_free(lambda: freed.append(readers.free))
    assert freed == []
    monkeypatch.setattr("ui.start.preview._FREE_TIMEOUT_MS", 0)
    impatient: list[bool] = []
    readers.when_free(lambda: impatient.append(readers.free))
    assert impatient == [False]
    monkeypatch.undo()
    may_open.set()
    qtbot.waitUntil(lambda: freed == [True])
    assert devices.opened == ["Front"]
    assert not devices.open


def test_end_of_stream_is_reported(qtbot: QtBot) -> None:
    class Short(Source):
        text, live, rate, duration = "Short", True, None, None

        def read(self) -> Frame | None:
            return None

        def close(self) -> None:
            pass

    preview = Preview(PreviewReaders(lambda _text: Short()), "A")
    qtbot.addWidget(preview)
    preview.open("Short")
    qtbot.waitUntil(lambda: preview.message == "Short sends no more frames.")
    preview.release()


def test_halves_are_divided_by_line(qtbot: QtBot, devices: FakeDevices, preview: Preview) -> None:
    preview.open("video.mp4")  # all grey, 64 by 48
    qtbot.waitUntil(lambda: preview.has_frame)
    middle = preview.width() // 2, preview.height() - 30
    assert QColor(preview.grab().toImage().pixel(*middle)) == QColor(128, 128, 128)
    preview.set_halves(("Ben", "Anna"))
    assert QColor(preview.grab().toImage().pixel(*middle)) != QColor(128, 128, 128)
