"""What a recording's ``session`` table says, read as something that a stranger may have written."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any, Final

from mirror.errors import RecordingError

_LONGEST = 16 * 2**20  # characters altogether; an hour's session has some thousand
_DEEPEST = 12  # objects within objects; the program's own have four

_TEXTS: Final = ("started", "condition", "notes", "mapping", "rescored_from")
_TABLES_OF_TEXTS: Final = (
    "sources",
    "labels",
    "model",
    "versions",
    "rescored_with",
    "video",
    "consent",
)
_COUNTS: Final = ("frames", "with_person", "dropped", "paused", "pictures_dropped")


def understood(rows: Iterable[tuple[object, object]]) -> dict[str, Any]:
    """The values by key, of the types that the program itself writes.

    Parameters
    ----------
    rows : iterable of (key, JSON text)

    Returns
    -------
    dict
        Keys that this version does not know come as they are.

    Raises
    ------
    RecordingError
        Where a key or value is none, or of another type than its key has; in words.
    """
    found: dict[str, Any] = {}
    length = 0
    for key, value in rows:
        if not isinstance(key, str) or not isinstance(value, str):
            raise RecordingError("a key or value is no text")
        length += len(value)
        if length > _LONGEST:
            raise RecordingError("it is too long")
        found[key] = _value(key, value)
    for key in _TEXTS:
        if key in found:
            found[key] = _as_text(key, found[key])
    for key in _TABLES_OF_TEXTS:
        if key in found:
            found[key] = {name: _as_text(key, each) for name, each in _table(key, found[key])}
    if "settings" in found:
        _table("settings", found["settings"])
    if "quality" in found:
        _check_quality(dict(_table("quality", found["quality"])))
    return found


def _value(key: str, text: str) -> Any:
    try:
        value = json.loads(text)
    except RecursionError:
        raise RecordingError(f"its {key[:60]!r} is nested too deeply") from None
    except ValueError as error:
        raise RecordingError(f"its {key[:60]!r} is no JSON: {error}") from error
    if _depth_exceeds(value, _DEEPEST):
        raise RecordingError(f"its {key[:60]!r} is nested too deeply")
    return value


def _depth_exceeds(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most):
        level = [
            inner
            for each in level
            if isinstance(each, (dict, list))
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return bool(level)


def _as_text(key: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        raise RecordingError(f"its {key} has no text in a place where one should be")
    return str(value)


def _table(key: str, value: object) -> Iterable[tuple[str, Any]]:
    if not isinstance(value, dict):
        raise RecordingError(f"its {key} are no table")
    return value.items()


def _check_quality(quality: dict[str, Any]) -> None:
    _check_number(quality.get("duration_s", 0.0))
    warnings = quality.get("warnings", [])
    if not (isinstance(warnings, list) and all(isinstance(each, str) for each in warnings)):
        raise RecordingError("its warnings are no texts")
    for _, feed in _table("feeds", quality.get("feeds", {})):
        counts = dict(_table("counts of a feed", feed))
        for name in _COUNTS:
            _check_number(counts.get(name, 0))


def _check_number(value: object) -> None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    # Whole numbers of a hundred digits are no floats.
    if not is_number or not (-1e15 < value < 1e15) or not math.isfinite(value):  # type: ignore[operator, arg-type]
        raise RecordingError("its quality has no number in a place where one should be")
