"""Validate values read from a recording: every file may come from a stranger."""

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror._support.jsonable import encodable
from mirror.capture.secrets import mask_secrets
from mirror.errors import PracticeError, RecordingError
from mirror.estimator.align_arrays import PoseArrays
from mirror.estimator.movement import JOINTS
from mirror.landmarks import (
    MAX_DISTANCE,
    MAX_FRAME_SIDE,
    MAX_TIME_S,
    MAX_VALUE,
    UNMOVED,
    Landmark,
    Pose,
)
from mirror.practice.goal import Goal
from mirror.practice.run import Result

_MAX_SESSION_CHARS: Final = 16 * 2**20  # an hour's session has a few thousand
_MAX_DEPTH: Final = 12  # objects within objects; the program's own have four
_NO_CAMERA: Final = "a pose without a usable motion of the camera"
_NO_SERIES: Final = "a series without usable values"

_TEXT_KEYS: Final = ("started", "condition", "notes", "mapping", "rescored_from")
_TEXT_TABLE_KEYS: Final = (
    *("sources", "labels", "model", "versions", "rescored_with", "video", "consent"),
)

FEED_COUNTS: Final = (  # keys of a feed's counts in the session's `quality`
    *("frames", "with_person", "dropped", "paused"),
    *("pictures_dropped", "camera_moved", "camera_unknown"),
)


def parse_session(rows: Iterable[tuple[object, object]]) -> dict[str, Any]:
    """Return the ``session`` table by key, from its rows of keys and JSON texts.

    Raise RecordingError if one is not JSON, or of another type than the program writes for its key.
    """
    session: dict[str, Any] = {}
    length = 0
    for key, value in rows:
        if not isinstance(key, str) or not isinstance(value, str):
            raise RecordingError("a key or value is not text")
        length += len(value)
        if length > _MAX_SESSION_CHARS:
            raise RecordingError("it is too long")
        session[key] = _parse_json(key, value)
    for key in _TEXT_KEYS:
        if key in session:
            session[key] = _to_text(key, session[key])
    for key in _TEXT_TABLE_KEYS:
        if key in session:
            table = _items(key, session[key])
            # Earlier versions stored addresses with some of their secrets.
            shown = mask_secrets if key == "sources" else str
            session[key] = {name: shown(_to_text(key, value)) for name, value in table}
    _items("settings", session.get("settings", {}))
    _check_alignment(session.get("alignment", {}))
    for key in ("exercises", "repairs"):
        _check_tables(key, session.get(key, []))
    if "quality" in session:
        _check_quality(dict(_items("quality", session["quality"])))
    return session


def parse_pose(
    path: Path,
    time_s: float,
    landmarks: bytes | None,
    world: bytes | None,
    width: int,
    height: int,
    series: bytes | None = None,
    camera: bytes | None = None,
) -> Pose:
    """Parse a row of the table ``pose``, and the channels of its row in ``series``, if any."""
    check_time(path, time_s, "a pose")
    if not all(isinstance(each, int) and 0 < each <= MAX_FRAME_SIDE for each in (width, height)):
        raise RecordingError(f"{path} is damaged: a pose without a usable size")
    motion = UNMOVED
    if camera is not None:
        motion = _parse_numbers(path, camera, MAX_DISTANCE, _NO_CAMERA, 4, 5)
        if len(motion) == 4:
            motion = np.append(motion, math.nan)
    return Pose(
        time_s,
        None if landmarks is None else parse_landmarks(path, landmarks, "<f4", 4),
        None if world is None else parse_landmarks(path, world, "<f2", 3),
        width,
        height,
        None if series is None else _parse_numbers(path, series, MAX_VALUE, _NO_SERIES),
        motion,
    )


def result_values(result: Result) -> tuple[Any, ...]:
    """Return a result as a row of the table ``exercise``."""
    goal = json.dumps(result.goal.to_dict())
    texts = (encodable(result.exercise), encodable(result.round))
    times = (result.start_s, result.end_s, result.window_s)
    held = (result.met_s, result.missed_s, result.undefined_s, result.longest_s)
    return (*texts, *times, goal, *held)


def parse_result(path: Path, row: Sequence[Any]) -> Result:
    """Parse a row of the table ``exercise``."""
    exercise, title, start_s, end_s, window_s, goal, *held = row
    if not all(isinstance(each, str) for each in (exercise, title, goal)):
        raise RecordingError(f"{path} is damaged: a result of an exercise without a text")
    for each in (start_s, end_s, window_s, *held):
        check_time(path, each, "a result of an exercise")
    try:
        parsed = Goal.from_dict(dict(_items("goal", _parse_json("goal", goal))))
    except (PracticeError, RecordingError) as error:
        raise RecordingError(f"{path} is damaged: a goal of an exercise: {error}") from error
    return Result(exercise, title, start_s, end_s, window_s, parsed, *held)


ARRAY_COLUMNS: Final = f"""
CASE WHEN series IS NULL
    AND (world IS NULL OR length(world) = {6 * len(Landmark)} AND typeof(world) = 'blob')
THEN CASE feed WHEN 'a' THEN 0 WHEN 'b' THEN 1 END END, time_s, landmarks, width, height, camera
"""
"""What `fill_pose_arrays` takes of what `parse_pose` takes, and the feed."""


def empty_pose_arrays(count: int) -> PoseArrays:
    """Return arrays for so many poses, to be filled."""
    return PoseArrays(
        np.zeros(count, bool),
        np.zeros(count),
        np.zeros(count, bool),
        np.zeros((count, len(JOINTS), 4), np.float32),
        np.ones(count, np.int64),
        np.ones(count, np.int64),
        np.tile(UNMOVED, (count, 1)),
    )


def fill_pose_arrays(arrays: PoseArrays, first: int, rows: list[tuple[Any, ...]]) -> bool:
    """Fill in rows of `ARRAY_COLUMNS` from index `first` on; return whether all are usable.

    The rules are those of `parse_pose`, but of ``world``, which no array holds, only the size is
    checked. All rows at once are several times faster.
    """
    is_b, times, landmarks, widths, heights, cameras = zip(*rows, strict=True)
    kinds = ((is_b, int), (times, float), (widths, int), (heights, int))
    if any({*map(type, each)} != {kind} for each, kind in kinds):
        return False
    if min(*widths, *heights) < 1 or max(*widths, *heights) > MAX_FRAME_SIDE:
        return False
    at = slice(first, first + len(rows))
    arrays.is_b[at], arrays.time[at] = is_b, times
    arrays.width[at], arrays.height[at] = widths, heights
    try:
        arrays.found[at], marks = _join(landmarks, "<f4", len(Landmark), 4)
        # Four numbers of 8 bytes, and one of the pixels where it is known:
        moved, motion = _join([each and each[:32] for each in cameras], "<f8", 4)
        followed, pixels = _join([(each or b"")[32:] or None for each in cameras], "<f8", 1)
    except (TypeError, ValueError):  # no bytes, or too few or many
        return False
    arrays.joints[at][arrays.found[at]] = marks.take(JOINTS, axis=1)
    arrays.camera[at][moved, :4], arrays.camera[at][followed, 4:] = motion, pixels
    near = all(_within(each, MAX_DISTANCE) for each in (marks, motion, pixels))
    return near and _within(arrays.time[at], MAX_TIME_S)


def _join(
    blobs: Sequence[bytes | None], dtype: str, *shape: int
) -> tuple[NDArray[np.bool_], NDArray[Any]]:
    """Return which blobs are not None [row], and the numbers in these [blob, *shape]."""
    there = np.array([blob is not None for blob in blobs])
    known = [blob for blob in blobs if blob is not None]
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if {*map(len, known)} - {size}:
        raise ValueError
    return there, np.frombuffer(b"".join(known), dtype).reshape(-1, *shape)


def _within(values: NDArray[Any], limit: float) -> bool:
    """Return whether no value is NaN or beyond ±`limit`."""
    return bool(-limit <= values.min(initial=0) and values.max(initial=0) <= limit)


def check_ids(path: Path, *ids: object) -> None:
    """Refuse row ids that are not integers."""
    if not all(isinstance(each, int) for each in ids):
        raise RecordingError(f"{path} is damaged: a row id is not an integer")


def check_time(path: Path, time_s: object, what: str) -> None:
    """Refuse a time that is not a number or beyond `MAX_TIME_S`."""
    if not (isinstance(time_s, float) and abs(time_s) <= MAX_TIME_S):
        raise RecordingError(f"{path} is damaged: {what} without a usable time")


def _parse_json(key: str, text: str) -> Any:
    try:
        value = json.loads(text)
    except RecursionError:
        raise RecordingError(f"its {key[:60]!r} is nested too deeply") from None
    except ValueError as error:
        raise RecordingError(f"its {key[:60]!r} is not JSON: {error}") from error
    if _is_deeper(value, _MAX_DEPTH):
        raise RecordingError(f"its {key[:60]!r} is nested too deeply")
    return value


def _is_deeper(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth):
        level = [
            inner
            for each in level
            if isinstance(each, (dict, list))
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return bool(level)


def _to_text(key: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        raise RecordingError(f"its {key} holds something other than text")
    return encodable(str(value))


def _items(key: str, value: object) -> Iterable[tuple[str, Any]]:
    if not isinstance(value, dict):
        raise RecordingError(f"its {key} is not a table")
    return value.items()


def _check_tables(key: str, value: object) -> None:
    if not (isinstance(value, list) and all(isinstance(each, dict) for each in value)):
        raise RecordingError(f"its {key} are not a list of tables")


def _check_quality(quality: dict[str, Any]) -> None:
    _check_number(quality.get("duration_s", 0.0))
    warnings = quality.get("warnings", [])
    if not (isinstance(warnings, list) and all(isinstance(each, str) for each in warnings)):
        raise RecordingError("its warnings are not a list of texts")
    for _, feed in _items("feeds", quality.get("feeds", {})):
        counts = dict(_items("count of frames", feed))
        for name in FEED_COUNTS:
            _check_number(counts.get(name, 0))


def _check_alignment(alignment: object) -> None:
    for name, value in _items("alignment", alignment):
        if name != "method":
            _check_number(value, "alignment")


def _check_number(value: object, where: str = "quality") -> None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    # Integers of a hundred digits do not fit a float.
    if not is_number or not (-1e15 < value < 1e15) or not math.isfinite(value):  # type: ignore[operator, arg-type]
        raise RecordingError(f"its {where} holds something other than a number")


def parse_landmarks(
    path: Path, blob: bytes, dtype: str, columns: int, poses: int = 1
) -> NDArray[Any]:
    """Parse the landmarks of a pose, or of several after each other, [landmark, column]."""
    expected = poses * len(Landmark) * columns * np.dtype(dtype).itemsize
    if not isinstance(blob, bytes) or len(blob) != expected:
        raise RecordingError(f"{path} is damaged: a pose should have {expected} bytes of landmarks")
    array = np.frombuffer(blob, dtype).reshape(-1, columns)
    if not _within(array, MAX_DISTANCE):
        raise RecordingError(f"{path} is damaged: a pose with landmarks far outside the frame")
    return array


def _parse_numbers(
    path: Path, blob: bytes, limit: float, fault: str, *counts: int
) -> NDArray[np.float64]:
    """Return at least one number within ±`limit`, or one of `counts`."""
    if isinstance(blob, bytes) and blob and len(blob) % 8 == 0:
        array: NDArray[np.float64] = np.frombuffer(blob, "<f8")
        if len(array) in (counts or (len(array),)) and _within(array, limit):
            return array
    raise RecordingError(f"{path} is damaged: {fault}")
