"""Replay: the recording's values, found by time; damage reported in one line."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror import Recording, Score, State, Timeline
from mirror.errors import MirrorError, RecordingError
from mirror.events import Event
from mirror.landmarks import Feed
from mirror.recording.database import video_paths
from mirror.recording.edit import add_event
from mirror.recording.playback import OUTLINE, Replay, row_at
from mirror.recording.reader import MAX_AGE_S
from mirror.recording.video import VideoWriter
from mirror.recording.writer import Recorder
from mirror.settings import Settings
from mirror.timeline import COLUMNS
from tests.support.people import empty_pose, landmarks, pose

SESSION = {"settings": Settings(window=8.0).to_dict(), "labels": {"a": "Anna", "b": "Ben"}}


def random_scores(count: int, seed: int = 1) -> list[Score]:
    rng = np.random.default_rng(seed)
    states = list(State)
    return [
        Score(
            row / 10,
            states[int(rng.integers(len(states)))],
            *(math.nan if rng.random() < 0.3 else float(rng.normal()) for _ in COLUMNS[3:]),
        )
        for row in range(count)
    ]


def make_session(path: Path, scores: list[Score] | None = None) -> Path:
    """Ten seconds: A at 30 Hz; B at 10 Hz and late by 0.3 s, out of the frame, gone from 6 s."""
    with Recorder(path, SESSION) as recorder:
        poses: list[tuple[Feed, float, float]] = [("a", k / 30, k / 30) for k in range(300)]
        poses += [("b", k / 10, k / 10 + 0.3) for k in range(60)]
        for feed, at, _ in sorted(poses, key=lambda each: each[2]):
            recorder.add_pose(feed, empty_pose(at) if feed == "b" and 3 <= at < 4 else pose(at))
        recorder.add_scores(scores or [])
        recorder.add_event(Event(2.0, "mark", "here"))
    return recorder.path


@pytest.fixture
def replay(tmp_path: Path):
    with Replay.open(make_session(tmp_path / "s.mirror", random_scores(90))) as opened:
        yield opened


def test_replay_has_the_recordings_values(replay: Replay) -> None:
    assert replay.timeline.equals(Timeline.from_scores(random_scores(90)))
    assert replay.timeline.equals(replay.recording.timeline())
    assert replay.settings == Settings(window=8.0)
    assert replay.session["labels"] == {"a": "Anna", "b": "Ben"}
    assert replay.duration == pytest.approx(299 / 30)
    assert replay.recording.events() == [Event(2.0, "mark", "here")]
    assert not replay.has_video
    assert replay.frame("a", 1.0) is None


def test_events_include_later_additions(replay: Replay) -> None:
    add_event(replay.recording.path, Event(1.0, "mark", "new"))
    assert [event.text for event in replay.recording.events()] == ["new", "here"]


@pytest.mark.untraced
@given(st.floats(-1, 12), st.sampled_from("ab"))
def test_pose_is_newest_within_age_limit(tmp_path_factory, moment, feed) -> None:
    folder = tmp_path_factory.getbasetemp() / "poses"
    path = folder / "s.mirror"
    if not path.exists():
        make_session(path)
    with Replay.open(path) as replay:
        every = [each for other, each in replay.recording.poses() if other == feed]
        wanted = [each for each in every if moment - MAX_AGE_S <= each.time <= moment]
        found = replay.pose(feed, moment)
        if not wanted:
            assert found is None
            return
        assert found is not None
        newest = max(wanted, key=lambda each: each.time)
        assert found.time == newest.time
        assert (found.landmarks is None) == (newest.landmarks is None)
        if newest.landmarks is not None:
            assert np.array_equal(landmarks(found), newest.landmarks)


def test_times_are_those_of_frames(replay: Replay) -> None:
    assert np.array_equal(replay.times("a"), np.arange(300) / 30)
    assert np.array_equal(replay.times("b"), np.arange(60) / 10)
    assert np.array_equal(replay.times("b", 2.0, 2.3), [2.0, 2.1, 2.2, 2.3])
    assert len(replay.times("b", 6.0)) == 0
    for time in replay.times("a"):
        found = replay.pose("a", time)
        assert found is not None
        assert found.time == time


@pytest.mark.untraced
def test_finds_poses_despite_missing_rows(tmp_path: Path) -> None:
    path = make_session(tmp_path / "s.mirror")
    db = sqlite3.connect(path)
    db.execute("DELETE FROM pose WHERE id % 7 < 4 OR time_s BETWEEN 4 AND 5")
    db.execute("UPDATE pose SET id = id + 4000000000000000000 WHERE time_s > 5")
    db.commit()
    db.close()
    with Replay.open(path) as replay:
        for feed in ("a", "b"):
            times = [each.time for other, each in replay.recording.poses() if other == feed]
            assert np.array_equal(replay.times(feed), times)
            found = [replay.pose(feed, time) for time in times]
            assert [each.time for each in found if each is not None] == times
        assert replay.pose("a", 4.9) is None


@pytest.mark.parametrize("farthest", [2**63 - 1, -(2**63)])
def test_survives_extreme_ids(tmp_path: Path, farthest: int) -> None:
    path = make_session(tmp_path / "s.mirror")
    db = sqlite3.connect(path)
    db.execute(f"UPDATE pose SET id = {farthest} WHERE id = {1 if farthest < 0 else 360}")
    db.commit()
    db.close()
    with Replay.open(path) as replay:
        for time in (-1.0, 1.0, 20.0):
            found = replay.pose("a", time)
            assert found is None if time != 1.0 else found is not None
        assert len(replay.times("a")) >= 299


def test_opens_empty_recording(tmp_path: Path) -> None:
    with Recorder(tmp_path / "s.mirror", {}) as recorder:
        pass
    with Replay.open(recorder.path) as replay:
        assert len(replay.timeline) == 0
        assert replay.duration == 0.0
        assert replay.pose("a", 0.0) is None
        assert len(replay.times("b")) == 0


def test_finds_stored_frames_by_feed_and_time(tmp_path: Path) -> None:
    path = make_session(tmp_path / "s.mirror")
    with VideoWriter(video_paths(path)["b"]) as writer:
        for k in range(4):
            writer.put(1 + k / 10, np.full((48, 64, 3), 60 * k, np.uint8))
    with Replay.open(path) as replay:
        assert replay.has_video
        assert replay.frame("a", 1.1) is None
        image = replay.frame("b", 1.25)
        assert image is not None
        assert image.shape == (48, 64, 3)
        assert abs(float(image.mean()) - 120) < 5
        assert replay.frame("b", 0.9) is None
        assert replay.frame("b", 1.9) is None
        assert replay.warnings == []


def test_frames_have_the_shape_of_their_poses(tmp_path: Path) -> None:
    """The camera was turned midway, and the skeleton must lie on the person."""
    sizes = {0.0: (64, 48), 0.1: (48, 64), 0.2: (64, 48)}
    recorder = Recorder(tmp_path / "s.mirror", SESSION)
    with recorder, VideoWriter(video_paths(recorder.path)["a"]) as writer:
        for time, (width, height) in sizes.items():
            recorder.add_pose("a", replace(pose(time), width=width, height=height))
            writer.put(time, np.full((height, width, 3), 200, np.uint8))
    with Replay.open(recorder.path) as replay:
        for time, (width, height) in sizes.items():
            image = replay.frame("a", time)
            assert image is not None
            assert image.shape[1] / image.shape[0] == pytest.approx(width / height, rel=0.03)
            assert image[2:-2, 2:-2].min() > 190


def test_warns_once_of_unreadable_video(tmp_path: Path) -> None:
    path = make_session(tmp_path / "s.mirror")
    video_paths(path)["a"].write_text("no film")
    with Replay.open(path) as replay:
        assert replay.frame("a", 1.0) is None
        assert replay.frame("a", 1.1) is None
        assert replay.pose("a", 1.0) is not None
        assert len(replay.warnings) == 1
        assert "s.a.mp4" in replay.warnings[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("UPDATE score SET state = 'splendid' WHERE rowid = 2", "an unknown state"),
        ("UPDATE score SET state = NULL WHERE rowid = 2", "an unknown state"),
        ("UPDATE score SET coherence = 'high' WHERE rowid = 2", "a score is not a number"),
        ("UPDATE score SET lag_s = x'00ff' WHERE rowid = 2", "a score is not a number"),
        ("UPDATE score SET time_s = NULL WHERE rowid = 2", "a row without a usable time"),
        ("UPDATE pose SET time_s = 1e999 WHERE id = 360", "without a usable time"),
        ("UPDATE session SET value = '{\"window\": -1}' WHERE key = 'settings'", "window"),
        ("DROP TABLE score", "no such table"),
    ],
)
def test_refuses_damaged_recording_in_one_line(tmp_path: Path, change: str, message: str) -> None:
    path = make_session(tmp_path / "s.mirror", random_scores(5))
    db = sqlite3.connect(path)
    db.execute(change)
    db.commit()
    db.close()
    with pytest.raises(MirrorError, match=message) as caught:
        Replay.open(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE pose SET landmarks = x'00'",
        "UPDATE pose SET world = zeroblob(5000)",
        "UPDATE pose SET landmarks = 'somewhere'",
        "UPDATE pose SET width = 0",
    ],
)
def test_damaged_pose_raises_when_read(tmp_path: Path, change: str) -> None:
    path = make_session(tmp_path / "s.mirror")
    db = sqlite3.connect(path)
    db.execute(f"{change} WHERE feed = 'a'")
    db.commit()
    db.close()
    with Replay.open(path) as replay:
        assert replay.pose("b", 1.0) is not None
        with pytest.raises(RecordingError, match="is damaged"):
            replay.pose("a", 1.0)


def test_pose_without_time_raises_in_search(tmp_path: Path) -> None:
    path = make_session(tmp_path / "s.mirror")
    db = sqlite3.connect(path)
    db.execute(
        "CREATE TABLE other (id INTEGER PRIMARY KEY, feed, time_s, landmarks, world, width, height)"
    )
    db.execute(
        "INSERT INTO other SELECT id, feed, 'soon', landmarks, world, width, height FROM pose"
    )
    db.execute("DROP TABLE pose")
    db.execute("ALTER TABLE other RENAME TO pose")
    db.commit()
    db.close()
    with Recording.open(path) as recording, pytest.raises(RecordingError, match="usable time"):
        recording.pose_at("a", 1.0)


def test_sample_is_evenly_spread(tmp_path: Path) -> None:
    path = make_session(tmp_path / "s.mirror", random_scores(1000))
    with Recording.open(path) as recording:
        whole, some = recording.timeline(), recording.sample(4)
        assert np.array_equal(some.time_s, [0.0, 33.3, 66.6, 99.9])
        assert np.array_equal(some.coherence, whole.coherence[[0, 333, 666, 999]], equal_nan=True)
        assert recording.sample(5000).equals(whole)


@pytest.fixture(scope="module")
def long(tmp_path_factory) -> Path:
    """Ten minutes of rows, but for one minute without any, and poses of the first ten seconds."""
    rows = [row for row in random_scores(6000) if not 200 < row.time_s < 260]
    return make_session(tmp_path_factory.mktemp("long") / "s.mirror", rows)


def test_long_recording_opens_with_outline(long: Path) -> None:
    with Replay.open(long) as replay, Recording.open(long) as recording:
        whole = recording.timeline()
        assert not replay.whole
        assert len(replay.outline) == OUTLINE
        places = np.searchsorted(whole.time_s, replay.outline.time_s)
        assert (places[0], places[-1]) == (0, len(whole) - 1)
        assert np.diff(places).max() <= math.ceil(len(whole) / (OUTLINE - 1))
        rows = Timeline({name: column[places] for name, column in whole.columns.items()})
        assert replay.outline.equals(rows)
        assert replay.timeline.equals(whole)
        assert replay.whole


def test_reads_all_rows_in_chunks(long: Path) -> None:
    with Replay.open(long) as replay:
        told = []
        replay.read(lambda *reached: told.append(reached))
        assert replay.whole
        assert replay.timeline.equals(replay.recording.timeline())
        assert [total for _, total in told] == [len(replay.timeline)] * len(told)
        read = [done for done, _ in told]
        assert read == sorted(read)
        assert read[-1] == len(replay.timeline)


def test_reading_can_be_cancelled(long: Path) -> None:
    def enough(*_: int) -> None:
        raise KeyboardInterrupt

    with Replay.open(long) as replay:
        with pytest.raises(KeyboardInterrupt):
            replay.read(enough)
        assert not replay.whole


@pytest.mark.untraced
@settings(max_examples=10)
@given(st.lists(st.one_of(st.floats(-2, 602), st.integers(-20, 6020).map(lambda row: row / 10))))
def test_score_is_found_before_rows_are_read(long: Path, moments: list[float]) -> None:
    with Replay.open(long) as replay:
        found = [replay.score(moment) for moment in moments]
        assert not replay.whole
        expected = [row_at(replay.timeline, moment, replay.settings.hop) for moment in moments]
    assert [each is None for each in found] == [each is None for each in expected]
    rows, expected_rows = (
        Timeline.from_scores(each for each in scores if each is not None)
        for scores in (found, expected)
    )
    assert rows.equals(expected_rows)


def test_finds_rows_with_any_ids(tmp_path: Path) -> None:
    path = make_session(tmp_path / "s.mirror", random_scores(100))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE score SET rowid = rowid - 200")
        db.execute("UPDATE score SET rowid = rowid + 4000000000000000000 WHERE time_s > 5")
    with Replay.open(path) as replay:
        assert not replay.whole
        assert np.array_equal(replay.timeline.time_s, np.arange(100) / 10)
        for row in replay.timeline:
            found = replay.score(row.time_s)
            assert found is not None
            assert found.time_s == row.time_s


@pytest.mark.untraced
def test_times_of_scores_only_are_those_of_rows(tmp_path: Path) -> None:
    with Recorder(tmp_path / "s.mirror", SESSION | {"series": True}) as recorder:
        recorder.add_scores(random_scores(3000))
    with Replay.open(recorder.path) as replay:
        assert np.array_equal(replay.times("a", 100.0, 100.25), [100.0, 100.1, 100.2])
        assert np.array_equal(replay.times("b"), np.arange(3000) / 10)
        assert not replay.whole


@pytest.mark.untraced
def test_damaged_row_raises_when_read(tmp_path: Path) -> None:
    path = make_session(tmp_path / "s.mirror", random_scores(3 * OUTLINE))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE score SET lag_s = 'late' WHERE time_s = 0.1")
    with Replay.open(path) as replay:
        assert replay.score(0.0) is not None
        for ask in (lambda: replay.score(0.1), lambda: replay.read(lambda *_: None)):
            with pytest.raises(RecordingError, match="a score is not a number"):
                ask()
