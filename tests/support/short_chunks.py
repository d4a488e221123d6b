"""Chunks of three seconds and a tracker without MediaPipe, also for workers that preload this."""

from __future__ import annotations

import importlib
import math
import os
import signal
import tempfile
from contextlib import suppress
from pathlib import Path

from mirror import Landmark, Pose
from mirror.capture.base import Frame
from tests.support.clips import number
from tests.support.people import pose

VARIABLE = "MIRROR_TEST_FOLDER"  # where trackers leave a file each; without it, none
KILLED_AT = 250  # the number of the frame at which one process of Dask is killed
CHUNKS = 3  # of ten seconds


class Follower:
    """A tracker whose landmarks tell where it began, as those of MediaPipe do."""

    def __init__(self, _model: Path | None = None) -> None:
        self._seen = 0
        if folder := os.environ.get(VARIABLE):
            tempfile.mkstemp(dir=folder)

    def track(self, frame: Frame) -> Pose:
        seen, self._seen = number(frame.image), self._seen + 1
        if seen == KILLED_AT and (folder := os.environ.get(VARIABLE)):
            with suppress(FileExistsError):
                Path(folder, "killed").touch(exist_ok=False)
                os.kill(os.getpid(), signal.SIGKILL)
        place = 0.03 * math.sin(0.4 * seen) + 1e-3 / (1 + self._seen)
        return pose(frame.time, dict.fromkeys(Landmark, (place, 0.0)))

    def close(self) -> None:
        """Do nothing."""


NAMES = {
    "mirror.session.chunks.LENGTH_S": 3.0,
    "mirror.session.chunks.RUN_IN_S": 1.2,
    "mirror.capture.tracker.PoseTracker": Follower,
    "mirror.session.chunks.PoseTracker": Follower,
}
"""What is replaced."""


def dask_setup(_worker: object) -> None:
    """Replace it, as Dask calls it."""
    for name, value in NAMES.items():
        place, _, attribute = name.rpartition(".")
        setattr(importlib.import_module(place), attribute, value)
