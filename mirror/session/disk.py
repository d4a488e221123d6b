"""Warn before the disk is full that a session is recorded on."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from mirror.recording.database import video_paths
from mirror.recording.writer import BYTES_PER_HOUR

LOW_BYTES: Final = 500_000_000  # free bytes below which a warning is given

_CHECK_EVERY_S: Final = 5.0
_RATE_AFTER_S: Final = 20.0  # before, a recording's own growth says little


class DiskMonitor:
    """Warns when the disk of a growing recording and its video is low, and at half of that."""

    def __init__(
        self, path: Path, free: Callable[[Path], int] = lambda at: shutil.disk_usage(at).free
    ) -> None:
        self._path, self._free = path, free
        self._next_s = 0.0
        self._threshold = float(LOW_BYTES)
        self._warnings_left = 2

    def check(self, seconds: float, size: Callable[[], int]) -> str | None:
        """Return a warning in one line after so many seconds; None nearly always.

        `size` returns the size of the recording without its video files, bytes.
        """
        if seconds < self._next_s or not self._warnings_left:
            return None
        self._next_s = seconds + _CHECK_EVERY_S
        try:
            free = self._free(self._path.parent)
        except OSError:  # the system does not tell
            self._warnings_left = 0
            return None
        if free >= self._threshold:
            return None
        self._warnings_left -= 1
        self._threshold = free / 2
        rate = BYTES_PER_HOUR / 3600
        if seconds >= _RATE_AFTER_S:
            rate = max(rate / 10, (size() + self._video_bytes()) / seconds)
        return (
            f"{self._path.parent.absolute()} has {free / 1e6:.0f} MB left, enough for "
            f"{_format_minutes(free / rate / 60)} of this session; free some space"
        )

    def _video_bytes(self) -> int:
        total = 0
        for path in video_paths(self._path).values():
            with suppress(FileNotFoundError):
                total += path.stat().st_size
        return total


def _format_minutes(minutes: float) -> str:
    if minutes < 1:
        return "less than a minute"
    return "one minute" if minutes < 2 else f"{int(minutes)} minutes"
