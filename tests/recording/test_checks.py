"""Every check of values read from a recording."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirror.errors import RecordingError
from mirror.practice.goal import Goal
from mirror.practice.run import Result
from mirror.recording import checks
from mirror.recording.checks import (
    check_ids,
    check_time,
    parse_pose,
    parse_result,
    parse_session,
    result_values,
)

PATH = Path("s.mirror")
LANDMARKS = np.ones((33, 4), "<f4").tobytes()


def test_session_values_get_their_types() -> None:
    rows = [
        ("notes", "null"),
        ("condition", "7"),
        ("labels", '{"a": "Anna", "b": null}'),
        ("sources", '{"a": "http://h/v?pwd=kept#left"}'),
        ("settings", '{"window": 3.0}'),
        ("quality", '{"feeds": {"a": {"frames": 2}}, "warnings": ["x"]}'),
        ("alignment", '{"method": "sound", "offset_s": -2.5}'),
        ("unknown", "[1]"),
    ]
    assert parse_session(rows) == {
        "notes": "",
        "condition": "7",
        "labels": {"a": "Anna", "b": ""},
        "sources": {"a": "http://h/v?pwd=***#left"},
        "settings": {"window": 3.0},
        "quality": {"feeds": {"a": {"frames": 2}}, "warnings": ["x"]},
        "alignment": {"method": "sound", "offset_s": -2.5},
        "unknown": [1],
    }


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (b"notes", "1", "not text"),
        ("notes", b"1", "not text"),
        ("notes", "{", "'notes' is not JSON"),
        ("notes", "[" * 13 + "]" * 13, "nested too deeply"),
        ("notes", "[" * 100_000, "nested too deeply"),
        ("notes", "[]", "other than text"),
        ("labels", "[]", "labels is not a table"),
        ("settings", "1", "settings is not a table"),
        ("exercises", "{}", "exercises are not a list of tables"),
        ("exercises", "[1]", "exercises are not a list of tables"),
        ("quality", '{"warnings": [1]}', "warnings are not a list"),
        ("quality", '{"feeds": {"a": {"dropped": true}}}', "other than a number"),
        ("quality", '{"duration_s": 1e300}', "other than a number"),
        ("alignment", "[]", "alignment is not a table"),
        ("alignment", '{"offset_s": "1"}', "alignment holds something other than a number"),
        ("x", '"' + "x" * 30 + '"', "too long"),
    ],
)
def test_refuses_session_value(
    key: Any, value: Any, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if message == "too long":
        monkeypatch.setattr(checks, "_MAX_SESSION_CHARS", 20)
    with pytest.raises(RecordingError, match=message):
        parse_session([(key, value)])


def test_parses_pose() -> None:
    world = np.ones((33, 3), "<f2").tobytes()
    series, camera = (np.array(each).tobytes() for each in ([1.0, 2.0], [1.0, 0.0, 0.2, 0.3, 0.1]))
    pose = parse_pose(PATH, 1.0, LANDMARKS, world, 640, 480, series, camera)
    assert pose.landmarks is not None
    assert pose.world is not None
    assert pose.series is not None
    assert pose.camera.tolist() == [1.0, 0.0, 0.2, 0.3, 0.1]
    older = parse_pose(PATH, 1.0, LANDMARKS, world, 640, 480, series, camera[:32])
    np.testing.assert_array_equal(older.camera, [1.0, 0.0, 0.2, 0.3, np.nan])
    assert (pose.landmarks.shape, pose.world.shape) == ((33, 4), (33, 3))
    assert pose.series.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"width": 0}, "usable size"),
        ({"height": 2**40}, "usable size"),
        ({"time_s": "now"}, "usable time"),
        ({"time_s": 1e300}, "usable time"),
        ({"landmarks": b"x"}, "528 bytes"),
        ({"landmarks": "x" * 528}, "528 bytes"),
        ({"landmarks": np.full((33, 4), np.nan, "<f4").tobytes()}, "far outside the frame"),
        ({"landmarks": np.full((33, 4), 1e9, "<f4").tobytes()}, "far outside the frame"),
        ({"series": b""}, "usable values"),
        ({"series": "x"}, "usable values"),
        ({"series": b"1234567"}, "usable values"),
        ({"series": np.array([np.nan]).tobytes()}, "usable values"),
        ({"camera": b"1234567"}, "usable motion"),
        ({"camera": "x" * 32}, "usable motion"),
        ({"camera": np.array([1.0, 0.0, 0.0, np.nan]).tobytes()}, "usable motion"),
        ({"camera": np.array([1.0, 1e9, 0.0, 0.0]).tobytes()}, "usable motion"),
    ],
)
def test_refuses_pose(values: dict[str, Any], message: str) -> None:
    row: dict[str, Any] = {"time_s": 0.0, "landmarks": LANDMARKS, "world": None}
    row |= {"width": 640, "height": 480}
    with pytest.raises(RecordingError, match=message):
        parse_pose(PATH, **(row | values))


def test_refuses_ids_and_times() -> None:
    check_ids(PATH, 1, 2)
    check_time(PATH, -1e10, "a row")
    with pytest.raises(RecordingError, match="not an integer"):
        check_ids(PATH, 1, "2")
    with pytest.raises(RecordingError, match="a row without a usable time"):
        check_time(PATH, None, "a row")


RESULT = Result("Swap", "B leads", 10.0, 30.0, 3.0, Goal(lag=(-2.0, -0.1)), 9.5, 7.0, 0.5, 6.0)


def test_results_are_read_as_written() -> None:
    assert parse_result(PATH, result_values(RESULT)) == RESULT


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        (0, None, "without a text"),
        (1, 1.0, "without a text"),
        (2, None, "without a usable time"),
        (9, "long", "without a usable time"),
        (5, b"{}", "without a text"),
        (5, "{", "a goal of an exercise: its 'goal' is not JSON"),
        (5, "[]", "a goal of an exercise: its goal is not a table"),
        (5, '{"score": "rapport"}', "a goal of an exercise: score: must be one of"),
    ],
)
def test_refuses_result(column: int, value: Any, message: str) -> None:
    row = list(result_values(RESULT))
    row[column] = value
    with pytest.raises(RecordingError, match=message):
        parse_result(PATH, row)
