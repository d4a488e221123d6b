"""Fake cameras and videos, for the start page."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from mirror.capture.base import Frame, Source
from mirror.capture.camera import Camera
from mirror.capture.synthetic.demo import LOOKS, RenderedSource, performance
from mirror.errors import SourceError


def camera(index: int, name: str, identity: str = "") -> Camera:
    return Camera(index, name, f"/dev/video{index}", identity or f"by-id/{name}")


FRONT = camera(0, "Front")
SIDE = camera(2, "Side")
ROOM = camera(4, "Room")


class FakeLister:
    """A lister of cameras that a test plugs in and out."""

    def __init__(self, *cameras: Camera) -> None:
        self.cameras: Sequence[Camera] = cameras
        self.calls = 0
        self.threads: set[str] = set()

    def __call__(self) -> Sequence[Camera]:
        self.calls += 1
        self.threads.add(threading.current_thread().name)
        return self.cameras


class FakeCamera(Source):
    """A live source of a rendered person."""

    def __init__(self, text: str, devices: FakeDevices) -> None:
        self.text, self.live, self.rate, self.duration = text, True, 30.0, None
        self._devices = devices
        self._person = RenderedSource(
            LOOKS["a"], performance("a"), duration=None, width=96, height=72
        )
        self._closed = threading.Event()

    def read(self) -> Frame | None:
        if self._closed.wait(0.005):
            return None
        return self._person.read()

    def close(self) -> None:
        self._closed.set()
        self._devices.open.discard(self.text)


class FakeVideo(Source):
    """A recorded source of grey frames."""

    def __init__(self, text: str, devices: FakeDevices) -> None:
        self.text, self.live, self.rate, self.duration = text, False, 30.0, 60.0
        self._devices = devices
        self.reads = 0

    def read(self) -> Frame | None:
        self.reads += 1
        return Frame(self.reads / 30, np.full((48, 64, 3), 128, np.uint8))

    def close(self) -> None:
        self._devices.open.discard(self.text)


class FakeDevices:
    """An opener that refuses a device that is already open."""

    def __init__(self) -> None:
        self.open: set[str] = set()
        self.opened: list[str] = []
        self.broken: dict[str, str] = {}

    def __call__(self, text: str) -> Source:
        base = text.partition("#")[0]
        if base in self.broken:
            raise SourceError(self.broken[base])
        if text in self.open:
            raise SourceError(f"{text} is in use")
        self.opened.append(text)
        self.open.add(text)
        is_video = base.endswith(".mp4")
        return FakeVideo(text, self) if is_video else FakeCamera(text, self)
