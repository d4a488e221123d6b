"""mirror: how the movement of two people is coordinated, live and afterwards."""

import logging
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

from mirror._support.version import __version__
from mirror.errors import MirrorError
from mirror.events import Event
from mirror.landmarks import Landmark, Pose
from mirror.settings import Settings
from mirror.summary import Summary, summarize
from mirror.timeline import Score, State, Timeline

if TYPE_CHECKING:
    from mirror.analysis.chance_test import surrogate_test
    from mirror.analysis.relative_phase import relative_phase
    from mirror.capture import open_source
    from mirror.capture.tracker import PoseTracker
    from mirror.estimator import Estimator, synchrony
    from mirror.estimator.align import Aligner, Tick
    from mirror.recording.reader import Recording
    from mirror.recording.rescore import rescore
    from mirror.session.start import analyze

# A library logs nothing unless its host program asks for it.
logging.getLogger("mirror").addHandler(logging.NullHandler())

__all__ = [
    "Aligner",
    "Estimator",
    "Event",
    "Landmark",
    "MirrorError",
    "Pose",
    "PoseTracker",
    "Recording",
    "Score",
    "Settings",
    "State",
    "Summary",
    "Tick",
    "Timeline",
    "__version__",
    "analyze",
    "open_source",
    "relative_phase",
    "rescore",
    "summarize",
    "surrogate_test",
    "synchrony",
]

# Imported when first used: SciPy, SQLite and MediaPipe take from a tenth of a second to seconds.
_LAZY = {
    "Aligner": "mirror.estimator.align",
    "Estimator": "mirror.estimator",
    "PoseTracker": "mirror.capture.tracker",
    "Recording": "mirror.recording.reader",
    "Tick": "mirror.estimator.align",
    "analyze": "mirror.session.start",
    "open_source": "mirror.capture",
    "relative_phase": "mirror.analysis.relative_phase",
    "rescore": "mirror.recording.rescore",
    "surrogate_test": "mirror.analysis.chance_test",
    "synchrony": "mirror.estimator",
}


def __getattr__(name: str) -> Any:
    if name == "Clock":
        warnings.warn("mirror.Clock is now mirror.Aligner", DeprecationWarning, stacklevel=2)
        name = "Aligner"
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    # `mirror.export.export` and `mirror.report.report` need no import of their own: a function
    # `mirror.export` would be replaced by the package of that name once that is imported.
    if name in ("export", "report"):
        return import_module(f"mirror.{name}")
    raise AttributeError(f"module 'mirror' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
