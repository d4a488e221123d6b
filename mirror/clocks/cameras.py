"""Remembered delays: by how much one of two cameras delivers later than the other.

Kept in the user's configuration folder, by the cameras' identities, until they are measured again
or forgotten.
"""

from __future__ import annotations

import json
import math
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import platformdirs

from mirror._support.atomic import replace_file
from mirror.capture.address import Address, mask_secrets, parse, with_parts
from mirror.errors import SourceError

_MAX_S: Final = 2.0


def remembered_delay(a: str, b: str) -> float | None:
    """Return by how much the camera of B delivers later than that of A, s; None if not known."""
    known = _read()
    if not known:
        return None  # without looking for cameras
    key, sign = _key(a, b)
    return None if key not in known else sign * known[key]


def remember_delay(a: str, b: str, seconds: float | None) -> None:
    """Remember the delay of B's camera relative to A's, s; None forgets it.

    Raises
    ------
    SourceError
        If they are not two cameras, or it cannot be written.
    """
    key, sign = check_cameras(a, b)
    known = _read()
    known.pop(key, None)
    if seconds is not None:
        known[key] = sign * seconds
    _write(known)


def check_cameras(a: str, b: str) -> tuple[str, int]:
    """Return the key of two cameras, and −1 if B's comes first in it.

    Raises
    ------
    SourceError
        If they are not two cameras.
    """
    key, sign = _key(a, b)
    if key is None:
        raise SourceError(
            f"{parse(a).text} and {parse(b).text} are not two cameras, so they have no delay to be "
            "measured"
        )
    return key, sign


def remembered_delays() -> dict[str, float]:
    """Return all delays: by how much the second of two cameras is later than the first, s."""
    return _read()


def forget_delays() -> None:
    """Forget all of them."""
    _write({})


def with_delay(a: str, b: str) -> tuple[str, str]:
    """Return two sources with the remembered delay of the later one as ``#delay=``.

    As they are if none is known, or if one of them states a delay.
    """
    if any(parse(text).delay is not None for text in (a, b)):
        return a, b
    delay = remembered_delay(a, b)
    if not delay:
        return a, b
    late = {"delay": f"{abs(delay):.4f}"}
    return (a, with_parts(b, **late)) if delay > 0 else (with_parts(a, **late), b)


def _key(a: str, b: str) -> tuple[str | None, int]:
    """Return the key of two cameras, and −1 if B's comes first in it; None for other sources."""
    names = [_identity(parse(text)) for text in (a, b)]
    if "" in names or names[0] == names[1]:
        return None, 1
    return " | ".join(sorted(names)), 1 if names[0] < names[1] else -1


def _identity(address: Address) -> str:
    """Return what stays the same of a camera; empty for what is none."""
    if address.kind == "network":
        return mask_secrets(address.base)
    if address.kind != "camera":
        return ""
    from mirror.capture.camera import camera_index, list_cameras

    index = camera_index(address.base)
    found = [each.identity for each in list_cameras() if each.index == index]
    return found[0] if found else address.base


def _file() -> Path:
    return platformdirs.user_config_path("mirror", appauthor=False) / "camera-delays.json"


def _read() -> dict[str, float]:
    """Return what is stored; nothing of a file that is damaged."""
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
