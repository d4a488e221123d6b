from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PyQt6.QtGui import QColor
from pytestqt.qtbot import QtBot

from mirror.capture.base import Frame, Source
from tests.support.fake_cameras import Devices
from ui.start.preview import Looks, Preview


@pytest.fixture
def devices() -> Devices:
    return Devices()


@pytest.fixture
def preview(qtbot: QtBot, devices: Devices) -> Iterator[Preview]:
    looks = Looks(devices)
    made = Preview(looks, "A")
    qtbot.addWidget(made)
    made.resize(200, 150)
    made.show()
    yield made
    made.release()
    qtbot.waitUntil(lambda: looks.free)


def test_it_shows_pictures_and_lets_go(qtbot: QtBot, devices: Devices, preview: Preview) -> None:
    preview.look_at("Front")
    assert preview.words == "Opening Front …"
    qtbot.waitUntil(lambda: preview.has_picture)
    assert (preview.words, devices.open) == ("", {"Front"})
    preview.release("Gone")
    assert (preview.has_picture, preview.words, preview.text) == (False, "Gone", "")
    qtbot.waitUntil(lambda: not devices.open)


def test_looking_at_the_same_source_again_changes_nothing(
    qtbot: QtBot, devices: Devices, preview: Preview
) -> None:
    preview.look_at("Front")
    qtbot.waitUntil(lambda: preview.has_picture)
    preview.look_at("Front")
    assert preview.has_picture
    assert devices.opened == ["Front"]


def test_a_camera_goes_from_one_preview_to_the_next(qtbot: QtBot, devices: Devices) -> None:
    looks = Looks(devices)
    first, second = Preview(looks, "A"), Preview(looks, "B")
    qtbot.addWidget(first)
    qtbot.addWidget(second)
    first.look_at("Front")
    qtbot.waitUntil(lambda: first.has_picture)
    assert not looks.free
    first.release()
    second.look_at("Front")  # `Devices` refuses what is still open
    qtbot.waitUntil(lambda: second.has_picture)
    assert devices.opened == ["Front", "Front"]
    second.release()
    qtbot.waitUntil(lambda: looks.free)


def test_a_camera_that_cannot_be_opened_is_said_and_tried_again(
    qtbot: QtBot, devices: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.start.preview.RETRY_MS", 10)
    preview = Preview(Looks(devices), "A")
    qtbot.addWidget(preview)
    devices.broken["Front"] = "camera Front is not there, or another program has it"
    preview.look_at("Front")
    qtbot.waitUntil(lambda: preview.words == devices.broken["Front"])
    assert not preview.has_picture
    devices.broken.clear()
    qtbot.waitUntil(lambda: preview.has_picture)
    preview.release()


def test_of_a_film_the_first_picture_is_shown_and_the_file_closed(
    qtbot: QtBot, devices: Devices, preview: Preview
) -> None:
    preview.look_at("film.mp4")
    qtbot.waitUntil(lambda: preview.has_picture)
    qtbot.waitUntil(lambda: not devices.open)
    assert preview.words == ""


def test_a_camera_that_sends_nothing_is_let_go_of_all_the_same(qtbot: QtBot) -> None:
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
    looks = Looks(lambda _text: silent)
    preview = Preview(looks, "A")
    qtbot.addWidget(preview)
    preview.look_at("Silent")
    qtbot.waitUntil(silent.reading.is_set)
    preview.release()
    qtbot.waitUntil(lambda: looks.free)


def test_what_is_released_while_it_opens_is_closed_again(
    qtbot: QtBot, devices: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening, may_open = threading.Event(), threading.Event()

    def slow(text: str) -> Source:
        opening.set()
        may_open.wait(20)
        return devices(text)

    looks = Looks(slow)
    preview = Preview(looks, "A")
    qtbot.addWidget(preview)
    preview.look_at("Front")
    qtbot.waitUntil(opening.is_set)
    preview.release()
    assert not looks.free
    freed: list[bool] = []
    looks.when_free(lambda: freed.append(looks.free))
    assert freed == []
    monkeypatch.setattr("ui.start.preview._PATIENCE_MS", 0)
    impatient: list[bool] = []
    looks.when_free(lambda: impatient.append(looks.free))
    assert impatient == [False]
    monkeypatch.undo()
    may_open.set()
    qtbot.waitUntil(lambda: freed == [True])
    assert devices.opened == ["Front"]
    assert not devices.open


def test_a_stream_that_ends_is_said(qtbot: QtBot) -> None:
    class Short(Source):
        text, live, rate, duration = "Short", True, None, None

        def read(self) -> Frame | None:
            return None

        def close(self) -> None:
            pass

    preview = Preview(Looks(lambda _text: Short()), "A")
    qtbot.addWidget(preview)
    preview.look_at("Short")
    qtbot.waitUntil(lambda: preview.words == "Short sends no more pictures.")
    preview.release()


def test_halves_are_divided_in_the_picture(
    qtbot: QtBot, devices: Devices, preview: Preview
) -> None:
    preview.look_at("film.mp4")  # all grey, 64 by 48
    qtbot.waitUntil(lambda: preview.has_picture)
    middle = preview.width() // 2, preview.height() - 30
    assert QColor(preview.grab().toImage().pixel(*middle)) == QColor(128, 128, 128)
    preview.set_halves(("Ben", "Anna"))
    assert QColor(preview.grab().toImage().pixel(*middle)) != QColor(128, 128, 128)
