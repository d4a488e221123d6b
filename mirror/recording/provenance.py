"""Where a recording's numbers come from: sources, settings, model and versions."""

from __future__ import annotations

import platform
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from mirror.landmarks import Model
from mirror.settings import Settings


def session_metadata(
    settings: Settings, sources: tuple[str, str], model: Model | None, **more: Any
) -> dict[str, Any]:
    """What a new recording's ``session`` table says; no model, where poses come without one."""
    by_model = {} if model is None else {"model": {"name": model.name, "sha256": model.sha256}}
    return {
        "sources": {"a": sources[0], "b": sources[1]},
        "settings": settings.to_dict(),
        "mapping": settings.mapping,
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        **by_model,
        "versions": versions(),
        "labels": {"a": "A", "b": "B"},
        "condition": "",
        "notes": "",
    } | more


def series_metadata(
    settings: Settings, path: Path, columns_a: list[str], columns_b: list[str], **more: Any
) -> dict[str, Any]:
    """What a new recording of plain series says: there are scores in it, and no poses."""
    return {
        "sources": {"a": f"{path}: {', '.join(columns_a)}", "b": f"{path}: {', '.join(columns_b)}"},
        "settings": settings.to_dict(),
        "mapping": settings.mapping,
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "versions": versions(),
        "labels": {"a": ", ".join(columns_a), "b": ", ".join(columns_b)},
        "condition": "",
        "notes": "",
        "series": True,
    } | more


def versions() -> dict[str, str]:
    """Versions of what the numbers depend on, by name."""
    # Not the kernel's own name: it says more of somebody's machine than of the numbers.
    system = f"{platform.system()} {platform.machine()}"
    found = {"python": platform.python_version(), "system": system}
    for name in ("mirror-synchrony", "mediapipe", "opencv-contrib-python", "av", "numpy", "scipy"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found
