"""Cameras: listing those that are plugged in, reading one, and reconnecting to it."""

import math
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2_enumerate_cameras
import numpy as np

from mirror._support import steady_clock
from mirror._support.opencv import cv2
from mirror.capture.base import Frame, Source
from mirror.capture.reconnect import Reconnection
from mirror.capture.thinning import FrozenFilter, Thinning
from mirror.errors import SourceError

# Named, because CAP_ANY lists the cameras of every backend, so that one camera appears twice.
BACKEND: Final[int] = {
    "linux": cv2.CAP_V4L2,
    "darwin": cv2.CAP_AVFOUNDATION,
    "win32": cv2.CAP_DSHOW,
}.get(sys.platform, cv2.CAP_ANY)

# Requested from every camera. By default, many negotiate uncompressed HD, which fills a USB 2 port
# at 5 to 10 frames a second; the pose model scales every frame to 256 by 256 pixels anyway.
FOURCC: Final = "MJPG"
WIDTH: Final = 640
HEIGHT: Final = 480
RATE: Final = 30.0

_LINKS: Final = Path("/dev/v4l")  # Linux's persistent names of video devices


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera that is plugged in: its index at present, its own name, and its device's path.

    Its identity stays the same when cameras are plugged in again in another order. Cameras of one
    model all have the same name, and often the same serial number, so that only one at a time has
    an identity of its own; the USB port, if the system names it, tells them apart.
    """

    index: int
    name: str
    path: str
    identity: str
    port: str = ""

    def __str__(self) -> str:
        return f"{self.index}: {self.name}"


def list_cameras() -> list[Camera]:
    """Return the cameras that are plugged in, ordered by index."""
    if BACKEND not in cv2_enumerate_cameras.supported_backends:
        return []
    cameras = []
    for info in cv2_enumerate_cameras.enumerate_cameras(BACKEND):
        path = info.path or ""
        port = _link(path, _LINKS / "by-path")
        # The paths of macOS and Windows are persistent themselves.
        identity = _link(path, _LINKS / "by-id") or port or path or info.name
        cameras.append(Camera(info.index, info.name, path, identity, port))
    return sorted(cameras, key=lambda camera: camera.index)


def _link(path: str, folder: Path) -> str:
    """Return the name of the link to a device, with its folder's; empty if there is none."""
    if not path:
        return ""
    device = Path(path).resolve()
    links = (link for link in sorted(folder.glob("*")) if link.resolve() == device)
    return next((f"{folder.name}/{link.name}" for link in links), "")


def cameras_called(text: str) -> list[Camera]:
    """Return the cameras whose name (in any case), path or identity is `text`."""
    return [
        camera
        for camera in list_cameras()
        if text.casefold() == camera.name.casefold() or text in (camera.path, camera.identity)
    ]


def camera_index(text: str) -> int:
    """Return the index of the camera with this number, name, path or identity.

    Raise SourceError if there is no such camera, or more than one.
    """
    if text.isdecimal():
        return int(text)
    cameras = cameras_called(text)
    if not cameras:
        raise _unavailable(text)
    if len(cameras) > 1:
        numbers = " or ".join(str(camera.index) for camera in cameras)
        raise SourceError(f"{len(cameras)} cameras are called '{text}'; say which: {numbers}")
    return cameras[0].index


def _unavailable(text: str) -> SourceError:
    listed = ", ".join(map(str, list_cameras())) or "none"
    return SourceError(
        f"camera {text} is not there, or another program has it; plugged in: {listed}"
    )


class CameraSource(Source):
    """The frames of one camera, stamped when they were grabbed.

    `read` blocks while the camera sends nothing, and `close` waits for that read: use a thread
    (`mirror.capture.fanout.share`).

    The device is a camera's index, or anything else that ``cv2.VideoCapture`` opens; errors call it
    `text`. Of more frames per second than `grid_rate`, only those nearest to the ticks of a grid
    are read. Raise SourceError if it cannot be opened.
    """

    def __init__(
        self, device: int | str, *, text: str = "", grid_rate: float | None = None
    ) -> None:
        self.text = text or str(device)
        self.live = True
        self.duration = None
        self._lock = threading.Lock()
        self._closed = False
        self._last_time = -math.inf
        self._frozen = FrozenFilter()
        self._capture = cv2.VideoCapture()
        backend = (BACKEND,) if isinstance(device, int) else ()
        if not self._capture.open(device, *backend):
            raise _unavailable(self.text)
        # The format first: it decides which sizes and rates there are.
        self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*FOURCC))
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)
        self._capture.set(cv2.CAP_PROP_FPS, RATE)
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self._thinning = Thinning(grid_rate)
        self.rate = self._thinning.limit(rate if 0 < rate < 1000 else None)

    @property
    def trouble(self) -> str | None:
        return self._frozen.trouble

    def read(self) -> Frame | None:
        with self._lock:
            while not self._closed:
                if not self._capture.grab():
                    self._closed = True
                    raise SourceError(
                        f"camera {self.text} has stopped sending frames; "
                        "check its cable and start again"
                    )
                now = steady_clock.now()
                if not self._thinning.wants(now):
                    continue  # not decoded
                decoded, bgr = self._capture.retrieve()
                if not decoded or bgr is None or bgr.size == 0:
                    continue
                image = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
                if self._frozen.is_new(image, now):
                    self._last_time = max(now, math.nextafter(self._last_time, math.inf))
                    return Frame(self._last_time, image)
            return None

    def interrupt(self) -> None:
        self._closed = True

    def close(self) -> None:
        self._closed = True
        with self._lock:
            self._capture.release()


UNPLUGGED_TEXT: Final = "unplugged; waiting for it"
SILENT_TEXT: Final = "stopped sending frames; opening it again"


def camera_reconnection(
    index: int, text: str, *, every: float = 0.5, grid_rate: float | None = None
) -> Reconnection:
    """Return how to reconnect to the camera that has this index now, whatever its index is then.

    It is tried again after `every` seconds.
    """
    plug = _Plug(index, text, grid_rate)
    return Reconnection(
        open=plug.open,
        lost_text=SILENT_TEXT,
        delays=(0.0, every),
        first_within=10.0,  # some take seconds to warm up
        next_within=3.0,
        gone=lambda: UNPLUGGED_TEXT if plug.is_out() else None,
        moved=plug.has_moved,
    )


class _Plug:
    """One camera, wherever it is plugged in."""

    def __init__(self, index: int, text: str, grid_rate: float | None) -> None:
        self._grid_rate = grid_rate
        self._index = index
        self._text = text
        cameras = list_cameras()
        self._camera = next((camera for camera in cameras if camera.index == index), None)
        self._other_ports = {
            camera.port for camera in cameras if camera.port and camera.index != index
        }

    def is_out(self) -> bool:
        return self._camera is not None and self._find() is None

    def has_moved(self) -> bool:
        """Return whether it is no longer where it was opened."""
        found = self._find()
        return self._camera is not None and (found is None or found.path != self._camera.path)

    def open(self) -> CameraSource:
        found = self._find()
        if found is not None:
            self._camera, self._index = found, found.index
        return CameraSource(self._index, text=self._text, grid_rate=self._grid_rate)

    def _find(self) -> Camera | None:
        wanted = self._camera
        if wanted is None:  # the system does not list it: only its index is known
            return None
        cameras = list_cameras()
        for camera in cameras:
            if camera.port and (camera.port, camera.name) == (wanted.port, wanted.name):
                return camera
        # It may be in another port, but not in one that was in use from the start.
        for camera in cameras:
            if camera.identity == wanted.identity and camera.port not in self._other_ports:
                return camera
        return None
