"""mirror: how the movement of two people is coordinated, live and afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mirror._support.version import __version__
from mirror.capture import open_source
from mirror.errors import MirrorError
from mirror.estimator import Estimator, synchrony
from mirror.estimator.align import Aligner, Tick
from mirror.landmarks import Landmark, Pose
from mirror.recording.reader import Recording
from mirror.settings import Settings
from mirror.timeline import Score, State, Timeline

if TYPE_CHECKING:
    from mirror.capture.tracker import PoseTracker


__all__ = [
    "Aligner",
    "Estimator",
    "Landmark",
    "MirrorError",
    "Pose",
    "PoseTracker",
    "Recording",
    "Score",
    "Settings",
    "State",
    "Tick",
    "Timeline",
    "__version__",
    "open_source",
    "synchrony",
]


def __getattr__(name: str) -> Any:
    # MediaPipe takes seconds to import; who only scores arrays never waits for it.
    if name == "PoseTracker":
        from mirror.capture.tracker import PoseTracker

        return PoseTracker
    raise AttributeError(f"module 'mirror' has no attribute {name!r}")
