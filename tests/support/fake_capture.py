"""Fake cameras on a fake bus, behind OpenCV's capture class."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mirror.capture.camera import Camera

_FRAME_S = 0.002  # short, but leaves the test some time to run


@dataclass
class Webcam:
    """A camera: where it is plugged in, and what it does.

    Its frames are noise, except for the first two pixels: the camera's tag and the frame's number.
    """

    tag: int
    index: int
    port: str
    identity: str = ""
    name: str = "HD: Webcam"
    does: Literal["well", "freezes", "hangs", "sends nothing"] = "well"
    size: tuple[int, int] = (64, 48)
    hanging: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def listed(self) -> Camera:
        identity = self.identity or self.port
        path = f"/dev/video{self.index}"
        return Camera(self.index, self.name, path, identity, self.port)


class Bus:
    """The cameras that are plugged in, and those that are open."""

    def __init__(self, *cameras: Webcam) -> None:
        self.plugged_in = list(cameras)
        self.opened: list[int] = []  # indices, in order
        self.in_use: set[int] = set()  # tags
        self.go_on = threading.Event()  # ends what hangs

    def list_cameras(self) -> list[Camera]:
        return sorted((each.listed() for each in self.plugged_in), key=lambda each: each.index)

    def at(self, index: int) -> Webcam | None:
        return next((each for each in self.plugged_in if each.index == index), None)

    def capture(self) -> Capture:
        """Replace ``cv2.VideoCapture``."""
        return Capture(self)


class Capture:
    """The methods of ``cv2.VideoCapture`` that the program uses."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._camera: Webcam | None = None
        self._rng = np.random.default_rng(7)
        self._number = 0
        self._image: NDArray[np.uint8] | None = None

    def open(self, device: int | str, _backend: int) -> bool:
        assert isinstance(device, int)
        self._bus.opened.append(device)
        camera = self._bus.at(device)
        if camera is None or camera.tag in self._bus.in_use:
            return False
        self._camera = camera
        self._bus.in_use.add(camera.tag)
        camera.released.clear()
        return True

    def set(self, _what: int, _value: float) -> bool:
        return True

    def get(self, _what: int) -> float:
        return 30.0

    def grab(self) -> bool:
        camera = self._camera
        assert camera is not None
        if camera.does == "hangs":
            camera.hanging.set()
            self._bus.go_on.wait(20)
            return False
        self._bus.go_on.wait(_FRAME_S)
        if camera not in self._bus.plugged_in or camera.does == "sends nothing":
            return False
        if camera.does == "well" or self._image is None:
            self._image = self._rng.integers(0, 255, (*camera.size[::-1], 3), np.uint8)
            self._image[0, 0] = camera.tag
            self._image[0, 1] = self._number % 256
            self._number += 1
        return True

    def retrieve(self) -> tuple[bool, NDArray[np.uint8] | None]:
        # a frame that cannot be decoded now and then, as after every change of size
        if self._number % 10 == 5 and self._camera is not None and self._camera.does == "well":
            self._number += 1
            return True, np.empty((0, 0, 3), np.uint8)
        return True, self._image

    def release(self) -> None:
        if self._camera is not None:
            self._bus.in_use.discard(self._camera.tag)
            self._camera.released.set()
