"""Cameras that are unplugged, freeze, hang or change, and how they are taken back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from mirror.capture import camera, open_pair, open_source
from mirror.capture.camera import SILENT_TEXT, UNPLUGGED_TEXT, CameraSource, camera_reconnection
from mirror.capture.frozen import FROZEN_TEXT, FrozenFilter
from mirror.capture.reconnect import ReconnectingSource
from mirror.errors import SourceError
from tests.support.fake_capture import Bus, Webcam
from tests.support.reading import PICTURE, Reader


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    made = Bus(
        Webcam(1, index=0, port="by-path/usb-1", identity="by-id/usb-SN7"),
        Webcam(2, index=2, port="by-path/usb-2"),  # of one make, and all with one serial number
        Webcam(3, index=4, port="by-path/usb-3"),
    )
    monkeypatch.setattr(camera, "list_cameras", made.list_cameras)
    monkeypatch.setattr(camera.cv2, "VideoCapture", made.capture)
    yield made
    made.go_on.set()


def taken_back(index: int, **changes: float) -> Reader:
    """A camera that is taken back, a hundred times as fast as a user needs it."""
    base = CameraSource(index, text=str(index))
    way = replace(camera_reconnection(index, str(index), every=0.005), **changes)
    return Reader(ReconnectingSource(base, way, check_after=0.01))


def test_a_camera_that_is_plugged_in_again_is_known_by_its_port(bus: Bus) -> None:
    reader = taken_back(2)
    reader.pictures_from(2)
    lost = bus.plugged_in.pop(1)
    reader.until(lambda: reader.source.trouble == UNPLUGGED_TEXT)
    lost.index = 6
    # While it was away, the name that only one of them can have went to another.
    bus.plugged_in.append(lost)
    bus.plugged_in[0].identity, lost.identity = "", "by-id/usb-SN7"
    reader.pictures_from(2)
    assert reader.source.trouble is None
    assert set(reader.tags) == {2}
    assert bus.opened[-1] == 6
    assert reader.stamps == sorted(set(reader.stamps))
    reader.close()
    assert lost.released.wait(20)


def test_in_another_port_it_is_known_by_its_identity(bus: Bus) -> None:
    reader = taken_back(0)
    reader.pictures_from(1)
    lost = bus.plugged_in.pop(0)
    reader.until(lambda: reader.source.trouble == UNPLUGGED_TEXT)
    lost.index, lost.port = 9, "by-path/usb-9"
    bus.plugged_in.append(lost)
    reader.pictures_from(1)
    assert bus.opened[-1] == 9
    reader.close()


def test_another_camera_that_gets_its_name_is_not_taken_for_it(bus: Bus) -> None:
    reader = taken_back(0)
    reader.pictures_from(1)
    lost = bus.plugged_in.pop(0)
    bus.plugged_in[1].identity = lost.identity
    reader.until(lambda: reader.source.trouble == UNPLUGGED_TEXT)
    opened = len(bus.opened)
    threading.Event().wait(0.1)  # long enough for twenty looks
    assert len(bus.opened) == opened
    assert set(reader.tags) == {1}
    reader.close()


def test_a_camera_that_another_program_has_meanwhile_is_asked_for_again(bus: Bus) -> None:
    reader = taken_back(2)
    reader.pictures_from(2)
    lost = bus.plugged_in.pop(1)
    reader.until(lambda: reader.source.trouble == UNPLUGGED_TEXT)
    assert lost.released.wait(20)
    bus.in_use.add(2)
    bus.plugged_in.append(lost)
    reader.until(lambda: reader.source.trouble == SILENT_TEXT)
    bus.in_use.discard(2)
    reader.pictures_from(2)
    reader.close()


def test_a_camera_that_repeats_its_last_picture_is_silent_and_begun_anew(bus: Bus) -> None:
    reader = taken_back(2, next_within=0.05)
    reader.pictures_from(2)
    webcam = bus.plugged_in[1]
    webcam.does = "freezes"
    assert webcam.released.wait(20)  # it was let go of, though it never stopped "sending"
    webcam.does = "well"
    reader.pictures_from(2)
    assert bus.opened.count(2) > 1
    reader.close()


def test_that_it_repeats_itself_is_said_once_it_is_no_stutter(bus: Bus) -> None:
    reader = taken_back(2)
    reader.pictures_from(2)
    bus.plugged_in[1].does = "freezes"
    count = len(reader.tags)
    reader.until(lambda: reader.source.trouble == FROZEN_TEXT)
    assert len(reader.tags) <= count + 2  # what was under way
    bus.plugged_in[1].does = "well"
    reader.pictures_from(2)
    assert reader.source.trouble is None
    reader.close()


def test_only_a_picture_that_comes_for_long_is_trouble() -> None:
    repeats = FrozenFilter()
    assert repeats.is_new(PICTURE, 5.0)
    assert not repeats.is_new(PICTURE.copy(), 6.0)
    assert repeats.trouble is None
    assert not repeats.is_new(PICTURE.copy(), 6.1)
    assert repeats.trouble == FROZEN_TEXT
    assert repeats.is_new(PICTURE + 1, 6.2)
    assert repeats.trouble is None
    assert repeats.is_new(PICTURE[:8] + 1, 6.3)  # of another size


@pytest.mark.parametrize("kind", ["hangs", "sends nothing"])
def test_a_camera_that_dies_without_a_word_is_begun_anew(bus: Bus, kind: str) -> None:
    reader = taken_back(2, next_within=0.05)
    reader.pictures_from(2)
    webcam = bus.plugged_in[1]
    webcam.does = kind  # type: ignore[assignment]
    reader.until(lambda: reader.source.trouble == SILENT_TEXT)
    webcam.does = "well"
    bus.go_on.set()
    reader.pictures_from(2)
    reader.close()


def test_a_camera_that_is_lost_in_the_middle_of_a_read_is_found_elsewhere(bus: Bus) -> None:
    reader = taken_back(2)  # three seconds' patience, and no need of them
    reader.pictures_from(2)
    dead = bus.plugged_in[1]
    dead.does = "hangs"
    assert dead.hanging.wait(20)
    again = Webcam(20, index=7, port=dead.port)
    bus.plugged_in[1] = again
    reader.pictures_from(20)
    assert not dead.released.is_set()  # it still sits in the driver
    bus.go_on.set()
    assert dead.released.wait(20)
    reader.close()


def test_a_camera_that_never_sends_is_begun_anew_after_its_patience(bus: Bus) -> None:
    bus.plugged_in[1].does = "sends nothing"
    reader = taken_back(2)
    reader.until(lambda: bus.opened.count(2) > 3)
    bus.plugged_in[1].does = "well"
    reader.pictures_from(2)
    reader.close()


def test_a_change_of_size_goes_through(bus: Bus) -> None:
    reader = taken_back(2)
    reader.until(lambda: (48, 64, 3) in reader.shapes)
    bus.plugged_in[1].size = (96, 54)
    reader.until(lambda: (54, 96, 3) in reader.shapes)
    assert bus.opened == [2]
    reader.close()


def test_a_part_that_is_outside_of_a_smaller_picture_is_trouble_and_no_end(bus: Bus) -> None:
    with open_source("2#xywh=32,24,32,24", reopen=True) as source:
        reader = Reader(source)
        reader.until(lambda: (24, 32, 3) in reader.shapes)
        bus.plugged_in[1].size = (40, 30)
        reader.until(lambda: source.trouble is not None)
        assert "the crop leaves 8x6" in str(source.trouble)
        bus.plugged_in[1].size = (64, 48)
        count = len(reader.shapes)
        reader.until(lambda: len(reader.shapes) > count and source.trouble is None)
        reader.close()
    bus.plugged_in[1].size = (40, 30)
    with (
        pytest.raises(SourceError, match="the crop leaves 8x6"),
        open_source(source.text) as source,
    ):
        source.read()  # from the first picture on, it is the user's slip


def test_two_halves_of_one_camera_are_lost_and_back_together(bus: Bus) -> None:
    pair = open_pair("2#left", "2#right", reopen=True)
    readers = [Reader(source) for source in pair]
    for reader in readers:
        reader.until(lambda reader=reader: (48, 32, 3) in reader.shapes)
    lost = bus.plugged_in.pop(1)
    for reader in readers:
        reader.until(lambda reader=reader: reader.source.trouble == UNPLUGGED_TEXT)
    bus.plugged_in.append(lost)
    for reader in readers:
        count = len(reader.shapes)
        reader.until(lambda reader=reader, count=count: len(reader.shapes) > count)
        reader.close()


def test_at_the_start_a_camera_that_is_not_there_is_an_error_at_once(bus: Bus) -> None:
    with pytest.raises(SourceError, match="camera 8 is not there"):
        open_source("8", reopen=True)
    with open_source("2") as source:
        bus.plugged_in.pop(1)
        with pytest.raises(SourceError, match="has stopped sending"):  # nobody asked to reopen it
            list(source)
