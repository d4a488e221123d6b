"""Cameras that are unplugged, freeze, hang or change, and reconnecting to them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import cv2
import pytest

from mirror.capture import camera, open_source
from mirror.capture.camera import SILENT_TEXT, UNPLUGGED_TEXT, CameraSource, camera_reconnection
from mirror.capture.reconnect import ReconnectingSource
from mirror.capture.thinning import FROZEN_TEXT, FrozenFilter
from mirror.errors import SourceError
from tests.support.fake_capture import Bus, Webcam
from tests.support.reading import BLANK, Reader, open_frame_sources


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    made = Bus(
        Webcam(1, index=0, port="by-path/usb-1", identity="by-id/usb-SN7"),
        Webcam(2, index=2, port="by-path/usb-2"),  # of one make, and all with one serial number
        Webcam(3, index=4, port="by-path/usb-3"),
    )
    monkeypatch.setattr(camera, "list_cameras", made.list_cameras)
    monkeypatch.setattr(cv2, "VideoCapture", made.capture)
    yield made
    made.go_on.set()


def reconnecting_camera(index: int, *, next_within: float | None = None) -> Reader:
    """Return a reader of a camera that reconnects a hundred times faster than usual."""
    base = CameraSource(index, text=str(index))
    way = camera_reconnection(index, str(index), every=0.005)
    if next_within is not None:
        way = replace(way, next_within=next_within)
    return Reader(ReconnectingSource(base, way, check_after=0.01))


def test_replugged_camera_is_recognized_by_port(bus: Bus) -> None:
    reader = reconnecting_camera(2)
    reader.wait_for_frames(2)
    lost = bus.plugged_in.pop(1)
    reader.wait_for_trouble(UNPLUGGED_TEXT)
    lost.index = 6
    # While it was away, the name that only one of them can have went to another.
    bus.plugged_in.append(lost)
    bus.plugged_in[0].identity, lost.identity = "", "by-id/usb-SN7"
    reader.wait_for_frames(2)
    assert reader.source.trouble is None
    assert set(reader.tags) == {2}
    assert bus.opened[-1] == 6
    assert reader.stamps == sorted(set(reader.stamps))
    reader.close()
    assert lost.released.wait(20)


def test_camera_in_another_port_is_recognized_by_identity(bus: Bus) -> None:
    reader = reconnecting_camera(0)
    reader.wait_for_frames(1)
    lost = bus.plugged_in.pop(0)
    reader.wait_for_trouble(UNPLUGGED_TEXT)
    lost.index, lost.port = 9, "by-path/usb-9"
    bus.plugged_in.append(lost)
    reader.wait_for_frames(1)
    assert bus.opened[-1] == 9
    reader.close()


def test_other_camera_with_the_same_identity_is_not_used(bus: Bus) -> None:
    reader = reconnecting_camera(0)
    reader.wait_for_frames(1)
    lost = bus.plugged_in.pop(0)
    bus.plugged_in[1].identity = lost.identity
    reader.wait_for_trouble(UNPLUGGED_TEXT)
    opened = len(bus.opened)
    threading.Event().wait(0.1)  # long enough for twenty looks
    assert len(bus.opened) == opened
    assert set(reader.tags) == {1}
    reader.close()


def test_retries_camera_in_use_by_another_program(bus: Bus) -> None:
    reader = reconnecting_camera(2)
    reader.wait_for_frames(2)
    lost = bus.plugged_in.pop(1)
    reader.wait_for_trouble(UNPLUGGED_TEXT)
    assert lost.released.wait(20)
    bus.in_use.add(2)
    bus.plugged_in.append(lost)
    reader.wait_for_trouble(SILENT_TEXT)
    bus.in_use.discard(2)
    reader.wait_for_frames(2)
    reader.close()


def test_frozen_camera_is_reopened(bus: Bus) -> None:
    reader = reconnecting_camera(2, next_within=0.05)
    reader.wait_for_frames(2)
    webcam = bus.plugged_in[1]
    webcam.does = "freezes"
    assert webcam.released.wait(20)  # released, though it never stopped "sending"
    webcam.does = "well"
    reader.wait_for_frames(2)
    assert bus.opened.count(2) > 1
    reader.close()


def test_frozen_camera_is_reported_after_a_second(bus: Bus) -> None:
    reader = reconnecting_camera(2)
    reader.wait_for_frames(2)
    bus.plugged_in[1].does = "freezes"
    count = len(reader.tags)
    reader.wait_for_trouble(FROZEN_TEXT)
    assert len(reader.tags) <= count + 2  # what was under way
    bus.plugged_in[1].does = "well"
    reader.wait_for_frames(2)
    assert reader.source.trouble is None
    reader.close()


def test_frozen_filter_ignores_short_repetition() -> None:
    repeats = FrozenFilter()
    assert repeats.is_new(BLANK, 5.0)
    assert not repeats.is_new(BLANK.copy(), 6.0)
    assert repeats.trouble is None
    assert not repeats.is_new(BLANK.copy(), 6.1)
    assert repeats.trouble == FROZEN_TEXT
    assert repeats.is_new(BLANK + 1, 6.2)
    assert repeats.trouble is None
    assert repeats.is_new(BLANK[:8] + 1, 6.3)  # of another size


@pytest.mark.parametrize("kind", ["hangs", "sends nothing"])
def test_silent_camera_is_reopened(bus: Bus, kind: str) -> None:
    reader = reconnecting_camera(2, next_within=0.05)
    reader.wait_for_frames(2)
    webcam = bus.plugged_in[1]
    webcam.does = kind  # type: ignore[assignment]
    reader.wait_for_trouble(SILENT_TEXT)
    webcam.does = "well"
    bus.go_on.set()
    reader.wait_for_frames(2)
    reader.close()


def test_camera_lost_during_a_read_is_found_at_its_new_index(bus: Bus) -> None:
    reader = reconnecting_camera(2)  # three seconds' patience, and no need of them
    reader.wait_for_frames(2)
    dead = bus.plugged_in[1]
    dead.does = "hangs"
    assert dead.hanging.wait(20)
    again = Webcam(20, index=7, port=dead.port)
    bus.plugged_in[1] = again
    reader.wait_for_frames(20)
    assert not dead.released.is_set()  # it still sits in the driver
    bus.go_on.set()
    assert dead.released.wait(20)
    reader.close()


def test_camera_that_never_sends_is_reopened(bus: Bus) -> None:
    bus.plugged_in[1].does = "sends nothing"
    reader = reconnecting_camera(2)
    reader.wait_until(lambda: bus.opened.count(2) > 3)
    bus.plugged_in[1].does = "well"
    reader.wait_for_frames(2)
    reader.close()


def test_change_of_size_is_passed_on(bus: Bus) -> None:
    reader = reconnecting_camera(2)
    reader.wait_for_shape((48, 64, 3))
    bus.plugged_in[1].size = (96, 54)
    reader.wait_for_shape((54, 96, 3))
    assert bus.opened == [2]
    reader.close()


def test_crop_outside_a_smaller_frame_is_trouble_not_the_end(bus: Bus) -> None:
    with open_source("2#xywh=32,24,32,24", reopen=True) as source:
        reader = Reader(source)
        reader.wait_for_shape((24, 32, 3))
        bus.plugged_in[1].size = (40, 30)
        reader.wait_until(lambda: source.trouble is not None)
        assert "the crop leaves 8x6" in str(source.trouble)
        bus.plugged_in[1].size = (64, 48)
        count = len(reader.shapes)
        reader.wait_until(lambda: len(reader.shapes) > count and source.trouble is None)
        reader.close()
    bus.plugged_in[1].size = (40, 30)
    with (
        pytest.raises(SourceError, match="the crop leaves 8x6"),
        open_source(source.text) as source,
    ):
        source.read()  # from the first frame on, it is the user's mistake


def test_two_halves_of_one_camera_reconnect_together(bus: Bus) -> None:
    pair = open_frame_sources("2#left", "2#right", reopen=True)
    readers = [Reader(source) for source in pair]
    for reader in readers:
        reader.wait_for_shape((48, 32, 3))
    lost = bus.plugged_in.pop(1)
    for reader in readers:
        reader.wait_for_trouble(UNPLUGGED_TEXT)
    bus.plugged_in.append(lost)
    for reader in readers:
        reader.wait_for_frame()
        reader.close()


def test_missing_camera_is_an_error_at_the_start(bus: Bus) -> None:
    with pytest.raises(SourceError, match="camera 8 is not there"):
        open_source("8", reopen=True)
    with open_source("2") as source:
        bus.plugged_in.pop(1)
        with pytest.raises(SourceError, match="has stopped sending"):  # no reopening was requested
            list(source)
