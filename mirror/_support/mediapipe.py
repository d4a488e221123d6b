"""MediaPipe without four fifths of its import: ``from mirror._support.mediapipe import mediapipe``.

Those are pyplot, for its drawings, and a sound library; they are imported when somebody uses them.
"""

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import SimpleNamespace
from typing import Any

_UNUSED = (".python.audio", ".vision.drawing_styles", ".vision.drawing_utils")


def _find(name: str, path: Any, target: Any = None) -> ModuleSpec | None:
    is_unused = name.startswith("mediapipe.") and name.endswith(_UNUSED)
    found = PathFinder.find_spec(name, path, target) if is_unused else None
    if found is not None and found.loader is not None:
        found.loader = LazyLoader(found.loader)
    return found


_finder: Any = SimpleNamespace(find_spec=_find)
sys.meta_path.insert(0, _finder)  # for good: a thread that imports would miss the next finder
mediapipe = import_module("mediapipe")
