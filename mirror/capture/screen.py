"""A part of the screen as a source: the tile of a person in a video call."""

import math
import os
import sys
import threading
from collections import Counter
from typing import Any, Final

import numpy as np
from mss import MSS
from mss.exception import ScreenShotError

from mirror._support import steady_clock
from mirror._support.opencv import cv2
from mirror.capture.address import WHOLE, Crop
from mirror.capture.base import REPEATED, Frame, Source, count_notes
from mirror.capture.crop import crop_box
from mirror.capture.thinning import FrozenFilter
from mirror.errors import SourceError
from mirror.wording import CALL

Box = tuple[int, int, int, int]

RATE: Final = 30.0  # frames a second, at most
_WAYLAND: Final = (
    "this desktop is Wayland, which lets no program read the screen; log in to an X11 session, or "
    "give the call's window to OBS and use its virtual camera, which is a camera here"
)
_ON_MAC: Final = (
    "allow it in System Settings, Privacy & Security, Screen Recording, and start again"
)

_COVERED: Final = 0.2  # of what is read, from which it is said
_COVERS: Final = "windows of this program cover it: move them aside"

_own_windows: tuple[Box, ...] = ()


def hide_own_windows(*boxes: Box) -> None:
    """Set where the program's own windows are, in pixels of the desktop: they are left black."""
    global _own_windows  # noqa: PLW0603  of one program, and every source must know them
    _own_windows = boxes


class ScreenSource(Source):
    """A part of a screen, 30 times a second; frames in which nothing changed are left out.

    So the rate of its frames is that of the new ones, and a call that hangs is a gap. Only the
    crop of the screen, by its number from 1, is read; SourceError is raised if it cannot be.
    """

    def __init__(self, number: int, text: str, crop: Crop | None = None) -> None:
        self.text, self.live, self.rate, self.duration = text, True, None, None
        self._closed, self._next = threading.Event(), -math.inf
        self._screen: Any = None  # of the thread that reads
        self._frozen, self._repeated = FrozenFilter(), 0
        self._is_covered = False
        # A desktop started from a console calls itself a "tty".
        is_wayland = os.environ.get("XDG_SESSION_TYPE") == "wayland"
        if sys.platform == "linux" and (is_wayland or os.environ.get("WAYLAND_DISPLAY")):
            raise SourceError(f"{text}: {_WAYLAND}")
        try:
            with MSS() as screen:
                every = screen.monitors[1:]
                if not 1 <= number <= len(every):
                    raise SourceError(f"{text}: there are {len(every)} screens, from screen:1 on")
                whole = every[number - 1]
                x0, y0, x1, y1 = crop_box(crop or WHOLE, whole["width"], whole["height"])
                left, top = whole["left"], whole["top"]
                self._box: Box = (left + x0, top + y0, left + x1, top + y1)
                screen.grab(self._box)
        except ScreenShotError as error:
            fix = _ON_MAC if sys.platform == "darwin" else "start from the desktop itself"
            raise SourceError(f"{text}: the screen cannot be read ({error}); {fix}") from error

    @property
    def trouble(self) -> str | None:
        return _COVERS if self._is_covered else self._frozen.trouble

    @property
    def counts(self) -> Counter[str]:
        return Counter({REPEATED: self._repeated})

    @property
    def notes(self) -> tuple[str, ...]:
        # A call at 30 frames a second always repeats some: until the end, this is no news.
        return (*(count_notes(self.text, self.counts) if self._closed.is_set() else ()), CALL)

    def read(self) -> Frame | None:
        while not self._closed.wait(max(0.0, self._next - steady_clock.now())):
            now = steady_clock.now()
            self._next = max(self._next + 1 / RATE, now + 0.5 / RATE)
            frame = Frame(now, self._grab())
            if self._frozen.is_new(frame.image, now):
                return frame
            self._repeated += 1
        if self._screen is not None:
            self._screen.close()
            self._screen = None
        return None

    def _grab(self) -> np.ndarray[Any, np.dtype[np.uint8]]:
        try:
            self._screen = self._screen or MSS()
            shot = self._screen.grab(self._box)
        except ScreenShotError as error:
            raise SourceError(
                f"{self.text}: the screen cannot be read any more: {error}"
            ) from error
        bgra = np.frombuffer(shot.bgra, np.uint8).reshape(shot.height, shot.width, 4)
        image = np.asarray(cv2.cvtColor(bgra, cv2.COLOR_BGRA2RGB), np.uint8)
        corner, (x, _, right, _) = np.array(self._box[:2] * 2), self._box
        scale, covered = shot.width / (right - x), 0  # some screens have more pixels than points
        for own in _own_windows:
            edges = np.maximum(0, np.round(scale * (np.array(own) - corner))).astype(int)
            part = image[edges[1] : edges[3], edges[0] : edges[2]]
            part[:] = 0
            covered += part.size
        self._is_covered = covered > _COVERED * image.size
        return image

    def interrupt(self) -> None:
        self._closed.set()

    def close(self) -> None:
        self._closed.set()
