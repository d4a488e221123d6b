"""Cameras: which are plugged in, and the pictures of one."""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2_enumerate_cameras
import numpy as np
from numpy.typing import NDArray

from mirror.errors import SourceError
from mirror.opencv import cv2
from mirror.sources.base import Frame, Source

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
    """

    index: int
    backend: int
    name: str
    path: str
    vid: int | None
    pid: int | None
    identity: str

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
    cameras = [
        Camera(
            index=info.index,
            backend=info.backend,
            name=info.name,
            path=info.path or "",
            vid=info.vid,
            pid=info.pid,
            identity=_identity(info.path or info.name, links),
        )
        for info in cv2_enumerate_cameras.enumerate_cameras(BACKEND)
    ]
    return sorted(cameras, key=lambda camera: camera.index)


def _identity(path: str, links: Path) -> str:
    """The device's lasting name; the paths of macOS and Windows last as they are."""
    device = Path(path).resolve()
    for kind in ("by-id", "by-path"):
        for link in sorted((links / kind).glob("*")):
            if link.resolve() == device:
                return f"{kind}/{link.name}"
    return path


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
    on a thread of its own (`mirror.sources.shared.share`).

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
        self._last_picture: NDArray[np.uint8] | None = None
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

    def read(self) -> Frame | None:
        with self._lock:
            while not self._over:
                if not self._capture.grab():
                    self._over = True
                    raise SourceError(
                        f"camera {self.text} has stopped sending pictures; "
                        "check its cable and start again"
                    )
                now = time.monotonic()
                decoded, bgr = self._capture.retrieve()
                if not decoded:
                    continue
                picture = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
                if not self._is_repeated(picture):
                    self._last_picture = picture
                    self._last_time = max(now, math.nextafter(self._last_time, math.inf))
                    return Frame(self._last_time, picture)
            return None

    def _is_repeated(self, picture: NDArray[np.uint8]) -> bool:
        """Whether the driver handed out its last picture again, as dead cameras' drivers do.

        Sensors are never without noise. A repeated picture is no news of the person: it is left
        out, so that a hanging camera shows as a gap and not as somebody who holds still.
        """
        last = self._last_picture
        if last is None or last.shape != picture.shape:
            return False
        # A few rows first: they tell live pictures apart at a fiftieth of the cost.
        return np.array_equal(last[::48], picture[::48]) and np.array_equal(last, picture)

    def close(self) -> None:
        self._over = True
        with self._lock:
            self._capture.release()
