"""Lists of recordings: order, thumbnails, other files, and earlier sessions."""

from __future__ import annotations

import math
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirror import Score, State
from mirror.errors import RecordingError
from mirror.practice.goal import Goal
from mirror.practice.run import Result
from mirror.recording import library
from mirror.recording.writer import Recorder
from tests.support.people import pose
from tests.support.recordings import make_scores_recording


def make(
    path: Path,
    started: Any = "2026-01-02T10:00:00+0100",
    labels: tuple[str, str] = ("Anna", "Ben"),
    scores: list[Score] | None = None,
    *,
    whole: bool = True,
) -> Path:
    session = {"labels": dict(zip("ab", labels, strict=True)), "condition": "first"}
    with Recorder(path, session | ({} if started is None else {"started": started})) as recorder:
        recorder.add_scores(scores or [])
        if whole:
            recorder.update_session({"quality": {"duration_s": 1.0}})
    return recorder.path


def led_rows(by_a: bool, count: int = 10) -> list[Score]:
    return [
        Score(
            k / 10,
            State.OK,
            in_phase=0.6,
            anti_phase=0.0,
            coherence=0.6,
            mirroring=0.9,
            lag_s=0.5 if by_a else -0.5,
        )
        for k in range(count)
    ]


def test_lists_newest_first_across_time_zones(tmp_path: Path) -> None:
    make(tmp_path / "a.mirror", "2026-01-02T10:00:00+0100")
    make(tmp_path / "b.mirror", "2026-01-02T10:30:00+0200")  # half an hour before
    make(tmp_path / "c.mirror", "2026-01-02T09:30:00Z")
    assert [entry.path.stem for entry in library.list_recordings(tmp_path)] == ["c", "a", "b"]
    first = library.list_recordings(tmp_path)[1]
    assert first.started == datetime(2026, 1, 2, 10, tzinfo=timezone(timedelta(hours=1)))
    assert (first.labels, first.condition, first.is_complete) == (("Anna", "Ben"), "first", True)


def test_undated_recording_is_sorted_by_file_time(tmp_path: Path) -> None:
    make(tmp_path / "old.mirror", "2001-01-01T00:00:00+0000")
    make(tmp_path / "future.mirror", datetime.now(UTC).replace(year=2300).isoformat())
    for name, started in (("none", None), ("odd", "yesterday"), ("number", 7), ("far", "9999-12")):
        make(tmp_path / f"{name}.mirror", started)
    listed = library.list_recordings(tmp_path)
    assert (listed[0].path.stem, listed[-1].path.stem) == ("future", "old")
    assert [entry.started for entry in listed[1:-1]] == [None] * 4


def test_lists_duration_and_completeness(tmp_path: Path) -> None:
    make(tmp_path / "a.mirror", scores=led_rows(by_a=True), whole=False)
    (entry,) = library.list_recordings(tmp_path)
    assert entry.duration_s == 0.9
    assert not entry.is_complete
    with Recorder(tmp_path / "b.mirror", {}) as recorder:
        recorder.add_scores(led_rows(by_a=True))
        recorder.add_pose("a", pose(4.25))
        recorder.add_pose("b", pose(4.0))
    assert library.list_recordings(tmp_path)[0].duration_s == 4.25


def test_lists_exercises_that_were_done(tmp_path: Path) -> None:
    round_ = Result("Swap", "B leads", 10.0, 30.0, 3.0, Goal(), 9.5, 7.0, 0.5, 6.0)
    with Recorder(tmp_path / "a.mirror", {}) as recorder:
        for title in ("Swap", "In step", "Swap"):
            recorder.add_result(replace(round_, exercise=title))
    (entry,) = library.list_recordings(tmp_path)
    assert entry.exercises == ("Swap", "In step")


def test_plain_series_are_complete(tmp_path: Path) -> None:
    make_scores_recording(tmp_path / "a.mirror", led_rows(by_a=True))
    (entry,) = library.list_recordings(tmp_path)
    assert entry.is_complete


def test_thumbnail_follows_timeline(tmp_path: Path) -> None:
    rows = 30_000
    real = np.cos(np.arange(rows) / rows * 4 * math.pi)
    scores = [
        Score(k / 10, State.OK, in_phase=max(0.0, x), anti_phase=max(0.0, -x), mirroring=abs(x))
        if k < rows * 3 // 4
        else Score(k / 10, State.STILL)
        for k, x in enumerate(real.tolist())
    ]
    make(tmp_path / "a.mirror", scores=scores)
    (entry,) = library.list_recordings(tmp_path)
    assert entry.scores.shape == (3, library.POINTS)
    in_phase, anti_phase, mirroring = entry.scores
    centres = (np.arange(library.POINTS) + 0.5) / library.POINTS
    wanted = np.cos(centres * 4 * math.pi)
    defined = centres < 0.75
    assert np.allclose(in_phase[defined], np.maximum(0, wanted[defined]), atol=0.08)
    assert np.allclose(anti_phase[defined], np.maximum(0, -wanted[defined]), atol=0.08)
    assert np.allclose(mirroring[defined], np.abs(wanted[defined]), atol=0.08)
    assert np.isnan(entry.scores[:, ~defined]).all()


def test_short_and_empty_recordings_have_thumbnails(tmp_path: Path) -> None:
    make(tmp_path / "a.mirror", "2026-01-01T00:00:00+0000", scores=[])
    make(tmp_path / "b.mirror", "2026-01-02T00:00:00+0000", scores=led_rows(by_a=True, count=7))
    short, empty = library.list_recordings(tmp_path)
    assert np.allclose(short.scores[0], 0.6)
    assert np.isnan(empty.scores).all()
    assert empty.duration_s == 0.0


def test_skips_unreadable_files(tmp_path: Path) -> None:
    make(tmp_path / "good.mirror")
    (tmp_path / "notes.txt").write_text("no recording")
    (tmp_path / "text.mirror").write_text("no recording")
    (tmp_path / "folder.mirror").mkdir()
    (tmp_path / "gone.mirror").symlink_to(tmp_path / "nowhere")
    for name, change in (
        ("torn", "UPDATE session SET value = '{'"),
        ("odd", "DROP TABLE score"),
        ("state", "UPDATE score SET state = 'splendid'"),
        ("time", "UPDATE score SET time_s = 1e999"),
    ):
        path = make(tmp_path / f"{name}.mirror", scores=led_rows(by_a=True))
        db = sqlite3.connect(path)
        db.execute(change)
        db.commit()
        db.close()
    assert [entry.path.name for entry in library.list_recordings(tmp_path)] == ["good.mirror"]


def test_lists_recordings_with_odd_values(tmp_path: Path) -> None:
    with Recorder(tmp_path / "a.mirror", {"labels": {"a": 7}, "condition": None}) as recorder:
        recorder.add_scores([Score(0.0, State.OK, in_phase=1e6)] * 50)
    (entry,) = library.list_recordings(tmp_path)
    assert (entry.labels, entry.condition) == (("7", "B"), "")
    assert np.allclose(entry.scores[0], 1.0)


def test_listing_changes_no_file(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mirror", scores=led_rows(by_a=True))
    before = path.read_bytes()
    library.list_recordings(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["a.mirror"]
    assert path.read_bytes() == before


def test_missing_folder_is_empty_and_file_is_refused(tmp_path: Path) -> None:
    assert library.list_recordings(tmp_path / "nowhere") == []
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordingError, match="choose another folder"):
        library.list_recordings(tmp_path / "file")


def test_other_sessions_come_newest_first(tmp_path: Path) -> None:
    times = {
        "now": "05T10",
        "first": "01T10",
        "swapped": "03T10",
        "later": "06T10",
        "same": "05T10",
    }
    for name, day in times.items():
        labels = ("Ben", "Anna") if name == "swapped" else ("Anna", "Ben")
        make(tmp_path / f"{name}.mirror", f"2026-01-{day}:00:00+0000", labels, led_rows(by_a=True))
    make(tmp_path / "others.mirror", "2026-01-02T10:00:00+0000", ("Anna", "Cleo"))
    make(tmp_path / "undated.mirror", None)
    now = datetime(2026, 1, 5, 10, tzinfo=UTC)
    found = library.other_sessions(tmp_path, now, ("Anna", "Ben"))
    assert [each.started and each.started.day for each in found] == [3, 1]
    swapped, first = (each.summary for each in found)
    assert (first.lag_s, first.a_led, first.b_led) == (0.5, 1.0, 0.0)
    assert (swapped.lag_s, swapped.a_led, swapped.b_led) == (-0.5, 0.0, 1.0)
    assert first.in_phase == swapped.in_phase == 1.0
    either = library.other_sessions(tmp_path, now, ("Anna", "Ben"), count=1, wide=True)
    assert [each.labels for each in either] == [("Anna", "Ben"), ("Anna", "Cleo")]
    assert either[0].started == datetime(2026, 1, 6, 10, tzinfo=UTC)  # after this session
    wide = library.other_sessions(tmp_path, now, ("Anna", "Ben"), wide=True)
    assert [each.started and each.started.day for each in wide] == [6, 3, 2, 1]
    newest = library.other_sessions(tmp_path, now, ("Anna", "Ben"), count=1)
    assert [each.started for each in newest] == [found[0].started]
    assert library.other_sessions(tmp_path, None, ("Anna", "Ben")) == []
    assert library.other_sessions(tmp_path / "nowhere", now, ("Anna", "Ben")) == []


@pytest.mark.parametrize("started", ["0001-01-01T00:00:00+14:00", "", 7, None])
def test_start_that_is_no_date_is_none(started: object) -> None:
    assert library.started_of({"started": started}) is None
