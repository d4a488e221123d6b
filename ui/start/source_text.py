"""From what was chosen on the start page to the texts of two sources, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mirror.capture.camera import Camera

Pair = tuple[str, str]

DEMO: Pair = ("demo:a", "demo:b")

SAME_CAMERA = (
    "Both people have the same camera. Choose another one for one of them, or use "
    "“One camera, two people”, where each has one half of the picture."
)


def camera_text(camera: Camera, plugged_in: Sequence[Camera]) -> str:
    """The text that opens a camera: its name where that says which one, else its number.

    The name is what recordings and the session's view then call it.
    """
    named = [each for each in plugged_in if each.name.casefold() == camera.name.casefold()]
    is_name = bool(camera.name.strip()) and not camera.name.isdecimal() and "#" not in camera.name
    return camera.name if is_name and len(named) == 1 else str(camera.index)


def halves(text: str, *, swapped: bool = False) -> Pair:
    """Two people in one picture: A in its left half and B in its right one, or the other way."""
    mark = "&" if "#" in text else "#"
    left, right = f"{text}{mark}left", f"{text}{mark}right"
    return (right, left) if swapped else (left, right)


def same_file(first: str, second: str) -> bool:
    """Whether two names, without fragments, are one file on the disk."""
    if not (first and second):
        return False
    if first == second:
        return True
    one, other = Path(first), Path(second)
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there; opening it says so
        return False
