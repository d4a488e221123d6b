"""Provenance of a recording's numbers: sources, settings, model and versions."""

import platform
import re
import time
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from mirror.estimator.signals import MEASURED
from mirror.landmarks import Model
from mirror.settings import Settings

# Packages whose versions a recording holds.
PACKAGES: Final = ("mirror-synchrony", "mediapipe", "opencv-contrib-python", "av", "numpy", "scipy")
_DELAY: Final = re.compile(r"[#&]delay=([0-9]+(?:\.[0-9]*)?)(?:&|$)")
_UNSMOOTHED: Final = "none"
_version = cache(version)  # which reads a file


def session_metadata(
    settings: Settings, sources: tuple[str, str], model: Model | None, **more: Any
) -> dict[str, Any]:
    """Return the ``session`` table of a new recording; without a model if there are no cameras."""
    metadata: dict[str, Any] = {
        "sources": {"a": sources[0], "b": sources[1]},
        "settings": settings.to_dict(),
        "mapping": settings.mapping,
        "noise": MEASURED,
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "versions": versions(),
        "labels": {"a": "A", "b": "B"},
        "condition": "",
        "notes": "",
    }
    if model is not None:
        metadata["model"] = {"name": model.name, "sha256": model.sha256, "smoothing": _UNSMOOTHED}
    return metadata | more


def describe_smoothing(session: Mapping[str, Any]) -> str | None:
    """Return how a pose model's landmarks were smoothed; None if all came from streams.

    Version 0.1.0 had them smoothed by MediaPipe, and did not say so in the recording.
    """
    sources = session.get("sources", {}).values()
    streamed = bool(sources) and all(str(each).startswith("lsl:") for each in sources)
    if "model" not in session or streamed:
        return None
    if session["model"].get("smoothing") == _UNSMOOTHED:
        return "not smoothed"
    return (
        "smoothed by MediaPipe, which delays small movements by up to 0.2 s and large ones hardly: "
        "lags and phases between persons who move unequally are biased, the one who moves less "
        "seems to follow"
    )


def describe_alignment(session: Mapping[str, Any]) -> str:
    """Return how two recordings were put on one clock; empty if they were not."""
    alignment = session.get("alignment", {})
    texts = []
    if "offset_s" in alignment:
        offset, drift = alignment["offset_s"], alignment.get("drift_ppm", 0.0)
        texts.append(
            f"by sound: B began {abs(offset):.4f} s {'before' if offset > 0 else 'after'} A, and "
            f"its clock is {drift:+.1f} ppm (± {alignment.get('drift_error_ppm', 0.0):.1f}) fast; "
            f"confidence {alignment.get('confidence', 0.0):.3f}"
        )
    if shift := alignment.get("shift_b_s"):
        texts.append(f"B moved {abs(shift):.3f} s {'later' if shift > 0 else 'earlier'} by hand")
    for feed, source in session.get("sources", {}).items():
        if (delay := _DELAY.search(source)) and float(delay[1]):
            texts.append(f"the camera of {feed.upper()} delivers {delay[1]} s late, taken off")
    return "; ".join(texts)


def versions() -> dict[str, str]:
    """Return the versions of what the numbers depend on, by name."""
    # Not the kernel version: it identifies a machine more than it explains numbers.
    system = f"{platform.system()} {platform.machine()}"
    found = {"python": platform.python_version(), "system": system}
    for name in PACKAGES:
        try:
            found[name] = _version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found


def person_names(session: Mapping[str, Any]) -> tuple[str, str]:
    """Return the labels of the two people in a ``session`` table; "A" and "B" by default."""
    labels = session.get("labels", {})
    return str(labels.get("a") or "A"), str(labels.get("b") or "B")
