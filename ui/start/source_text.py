"""Build the source texts of a session from what is chosen on the start page."""

from collections.abc import Sequence
from pathlib import Path

from mirror.capture.camera import Camera

Pair = tuple[str, str]

DEMO: Pair = ("demo:a", "demo:b")


def is_demo(pair: Pair | None) -> bool:
    """Whether nobody real is in a session: its recording goes to a folder of its own."""
    return pair is not None and all(text.startswith("demo:") for text in pair)


def camera_text(camera: Camera, plugged_in: Sequence[Camera]) -> str:
    """Return the text that opens and names a camera: its own name if unique, else its number."""
    name = camera.name
    is_valid = bool(name.strip()) and not name.isdecimal() and "#" not in name
    is_unique = sum(other.name.casefold() == name.casefold() for other in plugged_in) == 1
    return name if is_valid and is_unique else str(camera.index)


def halves(text: str, split: float = 0.5, *, swapped: bool = False) -> Pair:
    """Return both halves of a frame, cut at `split` of its width; A's is left unless `swapped`."""
    mark = "&" if "#" in text else "#"
    parts = "left", "right"
    if (line := round(100 * split)) != 50:
        parts = (f"xywh=percent:0,0,{line},100", f"xywh=percent:{line},0,{100 - line},100")
    left, right = (f"{text}{mark}{part}" for part in parts)
    return (right, left) if swapped else (left, right)


def people(text: str, *, swapped: bool = False) -> Pair:
    """Return the sources of two people who move about in one frame: A left at first sight."""
    mark = "&" if "#" in text else "#"
    one, other = (f"{text}{mark}person={number}" for number in (1, 2))
    return (other, one) if swapped else (one, other)


def same_file(first: str, second: str) -> bool:
    """Return whether two names, without fragments, are the same file on disk."""
    if not (first and second):
        return False
    try:
        return first == second or Path(first).samefile(second)
    except OSError:  # a missing file is reported when it is opened
        return False
