"""Cameras: which are plugged in, and the pictures of one."""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2_enumerate_cameras
import numpy as np

from mirror._support import steady_clock
from mirror._support.opencv import cv2
from mirror.capture.base import Frame, Source
from mirror.capture.frozen import FrozenFilter
from mirror.capture.reconnect import Reconnection
from mirror.errors import SourceError

# Asked for by name, because "any" lists and numbers the cameras of every backend one after the
# other, so that one camera comes twice.
BACKEND: Final[int] = {
    "linux": cv2.CAP_V4L2,
    "darwin": cv2.CAP_AVFOUNDATION,
    "win32": cv2.CAP_DSHOW,
}.get(sys.platform, cv2.CAP_ANY)

# What a camera is asked for. Left alone, many negotiate uncompressed HD, which fills a USB 2 port
# at 5 to 10 pictures a second; the pose model looks at 256 by 256 pixels whatever comes.
FOURCC: Final = "MJPG"
WIDTH: Final = 640
HEIGHT: Final = 480
RATE: Final = 30.0


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera that is plugged in.

    Attributes
    ----------
    index : int
        The number that opens it, as things are plugged in now.
    backend : int
        OpenCV's number of the system's camera interface (``cv2.CAP_V4L2``, …).
    name : str
        What the camera calls itself; two of one make have the same name.
    path : str
        Where the system has it (``/dev/video0``).
    vid, pid : int or None
        USB vendor and product.
    identity : str
        Stays the same when cameras are plugged in again in another order.
    port : str
        The USB port, where the system names it. It tells cameras of one make apart that all have
        the same serial number, of which only one at a time has an identity of its own.
    """

    index: int
    backend: int
    name: str
    path: str
    vid: int | None
    pid: int | None
    identity: str
    port: str = ""

    def __str__(self) -> str:
        return f"{self.index}: {self.name}"


def list_cameras(links: Path = Path("/dev/v4l")) -> list[Camera]:
    """The cameras that are plugged in, by index.

    Parameters
    ----------
    links : Path
        Where Linux keeps lasting names of video devices, in ``by-id`` and ``by-path``.
    """
    if BACKEND not in cv2_enumerate_cameras.supported_backends:
        return []
    cameras = []
    for info in cv2_enumerate_cameras.enumerate_cameras(BACKEND):
        path = info.path or ""
        port = _link(path, links / "by-path")
        # The paths of macOS and Windows last as they are.
        identity = _link(path, links / "by-id") or port or path or info.name
        cameras.append(
            Camera(info.index, info.backend, info.name, path, info.vid, info.pid, identity, port)
        )
    return sorted(cameras, key=lambda camera: camera.index)


def _link(path: str, folder: Path) -> str:
    """The name of the link to a device, with its folder's; empty where there is none."""
    if not path:
        return ""
    device = Path(path).resolve()
    found = (link for link in sorted(folder.glob("*")) if link.resolve() == device)
    return next((f"{folder.name}/{link.name}" for link in found), "")


def cameras_called(text: str) -> list[Camera]:
    """The cameras whose name (in any case), path or identity is `text`."""
    return [
        camera
        for camera in list_cameras()
        if text.casefold() == camera.name.casefold() or text in (camera.path, camera.identity)
    ]


def camera_index(text: str) -> int:
    """The index of the camera that `text` (a number, name, path or identity) means.

    Raises
    ------
    SourceError
        Where no camera, or more than one, is called so.
    """
    if text.isdecimal():
        return int(text)
    found = cameras_called(text)
    if not found:
        raise _not_there(text, list_cameras())
    if len(found) > 1:
        numbers = " or ".join(str(camera.index) for camera in found)
        raise SourceError(f"{len(found)} cameras are called '{text}'; say which: {numbers}")
    return found[0].index


def _not_there(text: str, plugged_in: Iterable[Camera]) -> SourceError:
    listed = ", ".join(map(str, plugged_in)) or "none"
    return SourceError(
        f"camera {text} is not there, or another program has it; "
        f"`mirror cameras` lists what is plugged in ({listed})"
    )


class CameraSource(Source):
    """The pictures of one camera, stamped when they were grabbed.

    Blocks in `read` while the camera sends nothing, and `close` then waits for that read: put it
    on a thread of its own (`mirror.capture.fanout.share`).

    Parameters
    ----------
    device : int or str
        A camera's index, or anything else that ``cv2.VideoCapture`` opens.
    text : str, optional
        What errors call it; `device` where left out.
    backend : int
        OpenCV's camera interface.

    Raises
    ------
    SourceError
        Where it cannot be opened.
    """

    def __init__(self, device: int | str, *, text: str = "", backend: int = cv2.CAP_ANY) -> None:
        self.text = text or str(device)
        self.live = True
        self.duration = None
        self._lock = threading.Lock()
        self._over = False
        self._last_time = -math.inf
        self._repeats = FrozenFilter()
        self._capture = cv2.VideoCapture()
        # Two calls of one form: the type of `device` chooses between two functions of OpenCV's.
        if isinstance(device, int):
            is_open = self._capture.open(device, backend)
        else:
            is_open = self._capture.open(device, backend)
        if not is_open:
            raise _not_there(self.text, list_cameras())
        # The format first: it decides which sizes and rates there are.
        self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*FOURCC))
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)
        self._capture.set(cv2.CAP_PROP_FPS, RATE)
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.rate = rate if 0 < rate < 1000 else None

    @property
    def trouble(self) -> str | None:
        return self._repeats.trouble

    def read(self) -> Frame | None:
        with self._lock:
            while not self._over:
                if not self._capture.grab():
                    self._over = True
                    raise SourceError(
                        f"camera {self.text} has stopped sending pictures; "
                        "check its cable and start again"
                    )
                now = steady_clock.now()
                decoded, bgr = self._capture.retrieve()
                if not decoded or bgr is None or bgr.size == 0:
                    continue
                picture = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
                if self._repeats.is_new(picture, now):
                    self._last_time = max(now, math.nextafter(self._last_time, math.inf))
                    return Frame(self._last_time, picture)
            return None

    def interrupt(self) -> None:
        self._over = True

    def close(self) -> None:
        self._over = True
        with self._lock:
            self._capture.release()


UNPLUGGED_TEXT: Final = "unplugged; waiting for it"
SILENT_TEXT: Final = "stopped sending pictures; opening it again"


def camera_reconnection(index: int, text: str, *, every: float = 0.5) -> Reconnection:
    """How to take the camera back that has this index now, whatever its index is then.

    Parameters
    ----------
    index : int
        Of a camera that is plugged in.
    text : str
        What errors call it.
    every : float
        Seconds between two looks at what is plugged in.
    """
    plug = _Plug(index, text)
    return Reconnection(
        open=plug.open,
        words=SILENT_TEXT,
        delays=(0.0, every),
        first_within=10.0,  # some take seconds to warm up
        next_within=3.0,
        gone=lambda: UNPLUGGED_TEXT if plug.is_out() else None,
        moved=plug.has_moved,
    )


class _Plug:
    """One camera, wherever it is plugged in."""

    def __init__(self, index: int, text: str) -> None:
        self._index = index
        self._text = text
        plugged_in = list_cameras()
        self._camera = next((each for each in plugged_in if each.index == index), None)
        self._others = {each.port for each in plugged_in if each.port and each.index != index}

    def is_out(self) -> bool:
        return self._camera is not None and self._find() is None

    def has_moved(self) -> bool:
        """Whether it is no longer where it was opened."""
        found = self._find()
        return self._camera is not None and (found is None or found.path != self._camera.path)

    def open(self) -> CameraSource:
        found = self._find()
        if found is not None:
            self._camera, self._index = found, found.index
        return CameraSource(self._index, text=self._text, backend=BACKEND)

    def _find(self) -> Camera | None:
        """The camera as it is plugged in now."""
        wanted = self._camera
        if wanted is None:  # the system does not list it: its index is all that is known
            return None
        plugged_in = list_cameras()
        for each in plugged_in:
            if each.port and (each.port, each.name) == (wanted.port, wanted.name):
                return each
        # In another port, then; but never one that was there all the time.
        for each in plugged_in:
            if each.identity == wanted.identity and each.port not in self._others:
                return each
        return None
