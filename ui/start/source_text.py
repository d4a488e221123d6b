"""Build the source texts of a session from what is chosen on the start page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mirror.capture.camera import Camera

Pair = tuple[str, str]

DEMO: Pair = ("demo:a", "demo:b")


def camera_text(camera: Camera, plugged_in: Sequence[Camera]) -> str:
    """Return the text that opens a camera: its name if unique, else its number.

    Recordings and the session page show this text as the camera's name.
    """
    name = camera.name
    is_valid = bool(name.strip()) and not name.isdecimal() and "#" not in name
    is_unique = sum(other.name.casefold() == name.casefold() for other in plugged_in) == 1
    return name if is_valid and is_unique else str(camera.index)


def halves(text: str, *, swapped: bool = False) -> Pair:
    """Return the sources of two people in one frame: A in the left half unless `swapped`."""
    mark = "&" if "#" in text else "#"
    left, right = f"{text}{mark}left", f"{text}{mark}right"
    return (right, left) if swapped else (left, right)


def same_file(first: str, second: str) -> bool:
    """Return whether two names, without fragments, are the same file on disk."""
    if not (first and second):
        return False
    try:
        return first == second or Path(first).samefile(second)
    except OSError:  # a missing file is reported when it is opened
        return False
