"""Remembered delays: by how much one of two cameras delivers later than the other.

Kept in the user's configuration folder, by the cameras' identities, until replaced or forgotten.
"""

import json
import math
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import platformdirs

from mirror._support.atomic import replace_file
from mirror.capture.address import WHOLE, Address, is_of_screen, parse, with_parts
from mirror.capture.secrets import mask_secrets
from mirror.errors import SourceError

_MAX_S: Final = 2.0


def two_cameras(a: str, b: str) -> tuple[str, str]:
    """Return the identities of two cameras or network streams, from their sources.

    Raise SourceError if they are not two.
    """
    first, second = parse(a), parse(b)
    one, other = _identity(first), _identity(second)
    if source_noun(one) == source_noun(other) == "tile":
        one, other = tile_identities(a, b)
    if not (one and other) or one == other:
        raise SourceError(
            f"{first.text} and {second.text} are not two cameras, so they have no delay to measure"
        )
    return one, other


def tile_identities(a: str, b: str) -> tuple[str, str]:
    """Return the identities of two tiles of a call: of one screen, which is the left one.

    So a tile stays the same when its frame is moved a little. Two in one place have one identity.
    """
    tiles = [(address.base, address.crop or WHOLE) for address in (parse(a), parse(b))]
    one, other = (f"{base} {crop.unit}" for base, crop in tiles)
    if one != other:
        return one, other
    # Half of the height decides between tiles above each other, and never between corners.
    x, y = (crop.x + crop.width / 2 + (crop.y + crop.height / 2) / 2 for _, crop in tiles)
    return f"{one} {'left' if x <= y else 'right'}", f"{one} {'left' if y <= x else 'right'}"


def network_identity(source: str) -> str:
    """Return the identity of a network camera: its address without secrets and options."""
    return mask_secrets(source.partition("#")[0])


def delay_between(one: str, other: str) -> float | None:
    """Return by how much the second camera delivers later, s; None if it was not measured."""
    delay = remembered_delays().get(_key(one, other))
    return delay if delay is None or one < other else -delay


def remember_delay(one: str, other: str, seconds: float | None) -> None:
    """Remember by how much the second camera delivers later, s; None forgets it.

    Raise SourceError if it cannot be written.
    """
    delays = remembered_delays()
    delays.pop(_key(one, other), None)
    if seconds is not None:
        delays[_key(one, other)] = seconds if one < other else -seconds
    _write(delays)


def forget_delays() -> None:
    """Forget all of them."""
    _write({})


def with_delay(a: str, b: str) -> tuple[str, str]:
    """Return two sources with the remembered delay of the later one as ``#delay=``.

    As they are if none is known, or if one of them states a delay.
    """
    if not remembered_delays() or any(parse(text).delay is not None for text in (a, b)):
        return a, b
    try:
        delay = delay_between(*two_cameras(a, b))
    except SourceError:  # no cameras, or none that are there: opening them says so
        return a, b
    if not delay:
        return a, b
    late = f"{abs(delay):.4f}"
    return (a, with_parts(b, delay=late)) if delay > 0 else (with_parts(a, delay=late), b)


def source_noun(source: str) -> str:
    """Return what a source of which a delay is measured is: a tile of a call, or a camera."""
    return "tile" if is_of_screen(source) else "camera"


def describe_delay(seconds: float, noun: str = "camera") -> str:
    """Return which camera is late: "The camera of B delivers 83 ms later than that of A"."""
    late, early = ("B", "A") if seconds > 0 else ("A", "B")
    return f"The {noun} of {late} delivers {1e3 * abs(seconds):.0f} ms later than that of {early}"


def _key(one: str, other: str) -> str:
    return " | ".join(sorted((one, other)))


def _identity(address: Address) -> str:
    """Return what stays the same of a camera; empty for what is none."""
    if address.kind == "screen" and address.person is None:  # a tile of a call
        return address.base
    if address.kind == "network":
        return network_identity(address.base)
    if address.kind != "camera":
        return ""
    from mirror.capture.camera import camera_index, list_cameras

    index = camera_index(address.base)
    found = [each.identity for each in list_cameras() if each.index == index]
    return found[0] if found else address.base


def _file() -> Path:
    return platformdirs.user_config_path("mirror", appauthor=False) / "camera-delays.json"


def remembered_delays() -> dict[str, float]:
    """Return all delays: by how much the second of two cameras is later than the first, s.

    None of a file that is damaged.
    """
    stored: Any = None
    with suppress(OSError, ValueError, RecursionError):
        stored = json.loads(_file().read_text("utf-8"))
    if not isinstance(stored, dict):
        return {}
    numbers = {key: each for key, each in stored.items() if isinstance(each, (int, float))}
    return {key: each for key, each in numbers.items() if math.fabs(each) <= _MAX_S}


def _write(delays: dict[str, float]) -> None:
    file = _file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_file(file, json.dumps(delays, ensure_ascii=False, indent=1).encode())
    except OSError as error:
        raise SourceError(f"cannot write {file}: {error.strerror}; nothing was changed") from error
