"""How long the disk lasts that a session is recorded on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from mirror.recording.video import video_paths
from mirror.recording.writer import BYTES_PER_HOUR

LOW: Final = 500_000_000
"""Free bytes below which it is said."""

_LOOK_EVERY: Final = 5.0  # seconds of the session
_STEADY: Final = 20.0  # seconds, before which a recording's own pace says little


def free_bytes(folder: Path) -> int:
    """What a folder's disk has left for this user."""
    return shutil.disk_usage(folder).free


class DiskMonitor:
    """Watches a disk while a recording grows on it: says when it is low, and once more at half.

    Parameters
    ----------
    path : Path
        The recording; its pictures count, too.
    free : callable, optional
        Gives the bytes that a folder has left.
    """

    def __init__(self, path: Path, free: Callable[[Path], int] = free_bytes) -> None:
        self._path = path
        self._free = free
        self._next = 0.0
        self._below = float(LOW)
        self._left_to_say = 2

    def look(self, seconds: float, written: Callable[[], int]) -> str | None:
        """What there is to say now, in a line; None nearly always.

        Parameters
        ----------
        seconds : float
            How long the session is, s.
        written : callable
            Gives the bytes of the recording without its pictures.
        """
        if seconds < self._next or not self._left_to_say:
            return None
        self._next = seconds + _LOOK_EVERY
        try:
            free = self._free(self._path.parent)
        except OSError:  # no disk that can be asked
            self._left_to_say = 0
            return None
        if free >= self._below:
            return None
        self._left_to_say -= 1
        self._below = free / 2
        rate = BYTES_PER_HOUR / 3600
        if seconds >= _STEADY:
            rate = max(rate / 10, (written() + self._pictures()) / seconds)
        return (
            f"{self._path.parent.absolute()} has {free / 1e6:.0f} MB left, enough for "
            f"{_minutes(free / rate / 60)} of this session; free some space"
        )

    def _pictures(self) -> int:
        total = 0
        for path in video_paths(self._path).values():
            with suppress(FileNotFoundError):
                total += path.stat().st_size
        return total


def _minutes(minutes: float) -> str:
    if minutes < 1:
        return "less than a minute"
    whole = int(minutes)
    return "one minute" if whole == 1 else f"{whole} minutes"
