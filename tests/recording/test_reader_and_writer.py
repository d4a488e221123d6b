"""Reading and writing recordings; never over another file, readable after a crash."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirror import Pose, Recording, Score, State, Timeline
from mirror.errors import RecordingError
from mirror.estimator.signals import Signals
from mirror.events import Event
from mirror.landmarks import UNMOVED
from mirror.practice.goal import Goal
from mirror.practice.run import Result
from mirror.recording import database, reader, writer
from mirror.recording.database import APPLICATION_ID, FORMAT, POSTURES_SINCE
from mirror.recording.rescore import rescore
from mirror.recording.writer import Recorder, complete_recording
from mirror.settings import Settings
from mirror.timeline import COLUMNS, PostureState
from tests.support.fork import run_in_fork
from tests.support.people import empty_pose, filmed, landmarks, pose

SESSION = {"settings": Settings().to_dict(), "labels": {"a": "Änne", "b": "'; DROP TABLE pose;--"}}


def scores() -> list[Score]:
    return [
        Score(0.0, State.WARMING_UP, tracked_a=1.0),
        Score(0.1, State.OK, in_phase=1 / 3, anti_phase=0.0, lag_s=-0.1, tracked_b=0.5),
    ]


def record(path: Path) -> Path:
    with Recorder(path, SESSION) as recorder:
        recorder.add_pose("a", pose(0.02))
        recorder.add_pose("b", empty_pose(0.01))
        recorder.add_scores(scores())
        recorder.add_event(Event(3.0, "mark", "second"))
        recorder.add_event(Event(1.0, "mark", "first"))
        recorder.update_session({"quality": {"duration_s": 0.1}})
    return recorder.path


def test_round_trip(tmp_path: Path) -> None:
    with Recording.open(record(tmp_path / "new" / "folder" / "s.mirror")) as recording:
        assert recording.session == SESSION | {
            "settings": json.loads(json.dumps(SESSION["settings"])),
            "quality": {"duration_s": 0.1},
        }
        assert recording.settings == Settings()
        (feed_a, first), (feed_b, second) = recording.poses()
        assert (feed_a, feed_b) == ("a", "b")  # in order of writing, not of time
        assert np.array_equal(landmarks(first), landmarks(pose(0.02)))
        assert (first.time, first.width, first.height) == (0.02, 640, 480)
        assert second.landmarks is None
        assert recording.timeline().equals(Timeline.from_scores(scores()))
        assert [event.text for event in recording.events()] == ["first", "second"]
        assert recording.counts() == {"a": (1, 1), "b": (1, 0)}


def test_postures_of_formats_that_defined_them_in_other_ways_are_not_read(tmp_path: Path) -> None:
    numbers = {name for name in COLUMNS if "posture" in name or "mimicry" in name}
    numbers -= {"posture_state"}
    matched: dict[str, Any] = dict.fromkeys(numbers, 0.5)
    row = Score(0.1, State.OK, in_phase=0.3, posture_state=PostureState.OK, **matched)
    with Recorder(tmp_path / "s.mirror", SESSION) as recorder:
        recorder.add_scores([row])
    for version in (POSTURES_SINCE - 1, POSTURES_SINCE):
        with closing(sqlite3.connect(recorder.path)) as db:
            db.execute(f"PRAGMA user_version = {version}")
        with Recording.open(recorder.path) as recording:
            (found,) = recording.timeline()
        assert found.in_phase == 0.3
        is_read = version == POSTURES_SINCE
        assert found.posture_state == ("ok" if is_read else "not_scored")
        for name in numbers:
            assert getattr(found, name) == pytest.approx(0.5 if is_read else np.nan, nan_ok=True)


@pytest.mark.parametrize(
    "name",
    ["T10:20.mirror", ":memory:", "file:a.mirror", "a?mode=ro#b%41", os.fsdecode(b"\xe9.mirror")],
)
def test_any_name_is_that_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    record(Path(name))
    assert [each.name for each in tmp_path.iterdir()] == [name]
    with Recording.open(Path(name)) as recording:
        assert recording.pose_count > 0


def test_closed_recording_is_one_private_file(tmp_path: Path) -> None:
    path = record(tmp_path / "s.mirror")
    assert [each.name for each in tmp_path.iterdir()] == ["s.mirror"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_rows_of_poses_are_copied_as_they_are(tmp_path: Path) -> None:
    with Recorder(tmp_path / "s.mirror", {}) as recorder:
        for time in (0.0, 0.1):
            recorder.add_pose("a", pose(time))
    with Recording.open(recorder.path) as recording, Recorder(tmp_path / "t.mirror", {}) as copy:
        copy.copy_poses(recording, 2)
    rows = []
    for path in (recorder.path, copy.path):
        with closing(sqlite3.connect(path)) as db:
            rows.append(db.execute("SELECT * FROM pose").fetchall())
    assert len(rows[0]) == 2
    assert rows[0] == rows[1]


def test_no_more_poses_are_copied_than_were_read(tmp_path: Path) -> None:
    """More may be written to a recording meanwhile."""
    with Recorder(tmp_path / "s.mirror", {}) as recorder:
        for time in (0.0, 0.1, 0.2):
            recorder.add_pose("a", pose(time))
    with Recording.open(recorder.path) as recording, Recorder(tmp_path / "t.mirror", {}) as copy:
        copy.copy_poses(recording, 2)
    with Recording.open(copy.path) as copied:
        assert [each.time for _, each in copied.poses()] == [0.0, 0.1]


def test_a_recording_that_is_copied_is_not_changed(tmp_path: Path) -> None:
    """One without a write-ahead log stays so, although the copy gets one."""
    with Recorder(tmp_path / "made.mirror", {}) as recorder:
        recorder.add_pose("a", pose(0.0))
    source = tmp_path / "s.mirror"
    with closing(sqlite3.connect(recorder.path)) as db:
        db.execute("VACUUM INTO ?", (str(source),))
    before = source.read_bytes()
    with Recording.open(source) as recording, Recorder(tmp_path / "t.mirror", {}) as copy:
        copy.copy_poses(recording, 1)
    assert source.read_bytes() == before
    with Recording.open(copy.path) as copied:
        assert copied.pose_count == 1


def test_motion_of_the_camera_is_kept(tmp_path: Path) -> None:
    moved = filmed(pose(0.1), (0.9, 0.01, 1 / 3, -0.2))
    known = replace(moved, camera=np.append(moved.camera[:4], 0.01))
    with Recorder(tmp_path / "s.mirror", {}) as recorder:
        for each in (pose(0.0), moved, known):
            recorder.add_pose("a", each)
    with Recording.open(recorder.path) as recording:
        cameras = np.array([each.camera for _, each in recording.poses()])
        np.testing.assert_array_equal(cameras, [UNMOVED, moved.camera, known.camera])
        np.testing.assert_array_equal(recording.pose_arrays().camera, cameras)
    with Recording.open(recorder.path) as recording, Recorder(tmp_path / "t.mirror", {}) as copy:
        copy.copy_poses(recording, 3)
    for path in (recorder.path, copy.path):
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("PRAGMA user_version").fetchone() == (FORMAT,)
    with Recording.open(recorder.path) as one, Recording.open(copy.path) as other:
        assert [str(each) for each in one.poses()] == [str(each) for each in other.poses()]


def test_recorder_may_be_closed_twice_and_discarded(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "s.mirror", {})
    recorder.close()
    recorder.close()
    assert (tmp_path / "s.mirror").exists()
    recorder.discard()
    recorder.close()
    assert list(tmp_path.iterdir()) == []


def test_opening_never_creates_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = record(tmp_path / "s.mirror")
    looked_at = database.check_file

    def gone_after(path: Path) -> None:
        looked_at(path)
        path.unlink()

    monkeypatch.setattr(database, "check_file", gone_after)
    with pytest.raises(RecordingError, match="there is no recording"):
        Recording.open(path)
    assert list(tmp_path.iterdir()) == []


def test_file_is_plain_sqlite(tmp_path: Path) -> None:
    db = sqlite3.connect(record(tmp_path / "s.mirror"))
    assert db.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert db.execute("PRAGMA user_version").fetchone() == (FORMAT,)
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    columns = [row[1] for row in db.execute("PRAGMA table_info(score)")]
    assert tuple(columns) == COLUMNS
    assert db.execute("SELECT in_phase, coherence FROM score").fetchall() == [
        (None, None),
        (1 / 3, None),
    ]
    landmarks, world = db.execute("SELECT landmarks, world FROM pose WHERE feed = 'a'").fetchone()
    assert np.frombuffer(landmarks, "<f4").reshape(33, 4)[0, 3] == 1.0
    assert world is None
    db.close()


def test_existing_name_gets_a_number(tmp_path: Path) -> None:
    paths = [record(tmp_path / "s.mirror") for _ in range(3)]
    assert [path.name for path in paths] == ["s.mirror", "s-2.mirror", "s-3.mirror"]
    foreign = tmp_path / "thesis.doc"
    foreign.write_text("all my work")
    assert record(foreign).name == "thesis-2.doc"
    assert foreign.read_text() == "all my work"


def test_reads_while_being_written(tmp_path: Path) -> None:
    with Recorder(tmp_path / "s.mirror", SESSION) as recorder:
        recorder.add_scores(scores())
        with Recording.open(recorder.path) as recording:
            assert recording.session["labels"]["a"] == "Änne"
            recording.timeline()
    with Recording.open(recorder.path) as recording:
        assert len(recording.timeline()) == 2


def test_rows_of_seconds_at_once_are_committed(tmp_path: Path) -> None:
    with Recorder(tmp_path / "s.mirror", SESSION) as recorder:
        for k in range(17):  # in no time, as after the computer was busy
            recorder.add_scores([Score(k / 10, State.STILL)])
        with Recording.open(recorder.path) as recording:
            assert recording.timeline().time_s[-1] > 1.0


def test_size_is_that_of_the_closed_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mirror.recording.writer.COMMIT_INTERVAL_S", 0.0)
    with Recorder(tmp_path / "s.mirror", SESSION) as recorder:
        empty = recorder.size()
        for _ in range(200):
            recorder.add_scores(scores())
        size = recorder.size()
    assert size == recorder.path.stat().st_size > empty > 0


def test_killed_writer_leaves_commits(tmp_path: Path) -> None:
    code = """
import sys, time
from pathlib import Path
from mirror import Score, State
from mirror.recording.writer import Recorder
recorder = Recorder(Path(sys.argv[1]), {"settings": {}})
for k in range(10**9):
    recorder.add_scores([Score(k / 10, State.STILL)])
    if k == 20000:
        print("enough", flush=True)
"""
    path = tmp_path / "s.mirror"
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    child.stdout.readline()
    # The row just printed is committed within the next half second.
    while True:
        with Recording.open(path) as recording:
            seen = len(recording.timeline())
        if seen > 20000:
            break
    child.kill()
    child.wait()
    child.stdout.close()
    with Recording.open(path) as recording:
        timeline = recording.timeline()
    assert len(timeline) >= seen
    assert np.array_equal(timeline.time_s, np.arange(len(timeline)) / 10)


@pytest.mark.skipif(sys.platform == "win32", reason="needs to fork and to change its user")
def test_reads_killed_session_in_read_only_folder(
    public_folder: Path,
) -> None:
    path = public_folder / "s.mirror"

    def record() -> None:  # and exit with all poses in the write-ahead log
        killed = Recorder(path, SESSION)
        for k in range(200):
            killed.add_pose("a", pose(k / 30))
        killed._committed = 0.0  # noqa: SLF001  as if half a second had passed
        killed.commit_if_due()
        os._exit(0)

    def read() -> None:
        with Recording.open(path) as recording:
            assert recording.counts()["a"] == (200, 200)

    run_in_fork(record)
    assert (public_folder / "s.mirror-wal").stat().st_size > 0
    for each in public_folder.iterdir():
        each.chmod(0o444)
    (public_folder / "s.mirror-shm").unlink()
    public_folder.chmod(0o555)
    run_in_fork(read, as_nobody=True)
    assert sorted(each.name for each in public_folder.iterdir()) == ["s.mirror", "s.mirror-wal"]


def test_refusing_other_database_leaves_it_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE cookies (x)")
    db.commit()
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir() if "shm" not in each.name}
    with pytest.raises(RecordingError, match="another program"):
        Recording.open(path)
    after = {each.name: each.read_bytes() for each in tmp_path.iterdir() if "shm" not in each.name}
    assert before == after
    db.close()


@pytest.mark.parametrize("time", ["1e999", "'soon'", "NULL"])
def test_pose_without_usable_time_is_refused(tmp_path: Path, time: str) -> None:
    path = record(tmp_path / "s.mirror")
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE other AS SELECT * FROM pose")
    db.execute(f"UPDATE other SET time_s = {time}")
    db.execute("DROP TABLE pose")
    db.execute("ALTER TABLE other RENAME TO pose")
    db.commit()
    db.close()
    with Recording.open(path) as recording, pytest.raises(RecordingError, match="usable time"):
        list(recording.poses())


def make_other_database(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE cookies (x)")
    db.commit()
    db.close()


def make_newer(path: Path) -> None:
    record(path)
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version = {FORMAT + 1}")
    db.close()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "there is no recording"),
        (lambda path: path.mkdir(), "Is a directory"),
        (lambda path: path.write_bytes(b""), "is not a recording"),
        (lambda path: path.write_text("time_s,state\n0,ok\n"), "is not a recording"),
        (make_other_database, "a database of another program"),
        (
            make_newer,
            f"newer version of mirror (format {FORMAT + 1}; this one reads up to {FORMAT})",
        ),
        (lambda path: path.write_bytes(b"SQLite format 3\0" + b"\xff" * 4096), "recording"),
    ],
)
def test_refuses_other_files(tmp_path: Path, make, message: str) -> None:
    path = tmp_path / "s.mirror"
    make(path)
    with pytest.raises(RecordingError) as caught:
        Recording.open(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_refuses_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = record(tmp_path / "s.mirror")
    monkeypatch.setattr(os, "access", lambda *_: False)  # as root may read anything
    with pytest.raises(RecordingError, match=r"s\.mirror cannot be read: Permission denied"):
        Recording.open(path)


@pytest.mark.parametrize(
    "change",
    ["in_phase = 9e999", "lag_s = -9e999", "coherence = 1e300", "relative_phase_deg = 180.1"],
)
def test_refuses_scores_out_of_range(tmp_path: Path, change: str) -> None:
    path = record(tmp_path / "s.mirror")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"UPDATE score SET {change} WHERE time_s > 0")
    with Recording.open(path) as recording:
        for ask in (recording.timeline, lambda: recording.score_at(0.1)):
            with pytest.raises(RecordingError, match="damaged: a score is out of range"):
                ask()


def test_damaged_pose_and_session_are_named(tmp_path: Path) -> None:
    path = record(tmp_path / "s.mirror")
    db = sqlite3.connect(path)
    db.execute("UPDATE pose SET landmarks = x'00' WHERE feed = 'a'")
    db.execute("UPDATE session SET value = '{' WHERE key = 'settings'")
    db.commit()
    db.close()
    with Recording.open(path) as recording:
        with pytest.raises(RecordingError, match="528 bytes"):
            list(recording.poses())
        with pytest.raises(RecordingError, match="session table"):
            _ = recording.settings


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_recorder_refuses_read_only_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(RecordingError, match="choose another place"):
        Recorder(tmp_path / "s.mirror", {})


def test_recorder_refuses_file_as_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordingError, match="choose another place"):
        Recorder(tmp_path / "file" / "s.mirror", {})


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_full_disk_keeps_commits(tmp_path: Path) -> None:
    code = """
import resource, signal, sys
from pathlib import Path
from mirror import Score, State
from mirror.errors import RecordingError
from mirror.recording.writer import Recorder
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
recorder = Recorder(Path(sys.argv[1]), {"settings": {}})
try:
    for k in range(10**7):
        recorder.add_scores([Score(k / 10, State.STILL)])
except RecordingError as error:
    print(error)
try:
    recorder.close()
except RecordingError:
    pass
"""
    path = tmp_path / "s.mirror"
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert str(path) in done.stdout
    assert len(done.stdout.splitlines()) == 1
    with Recording.open(path) as recording:
        recording.timeline()


def test_recorder_refuses_folder(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="is a folder"):
        Recorder(tmp_path, {})


def test_recorder_takes_next_name_if_another_process_was_faster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = record(tmp_path / "s.mirror")
    candidates = iter([path, tmp_path / "s-2.mirror"])
    monkeypatch.setattr(writer, "free_path", lambda _path: next(candidates))
    assert record(path).name == "s-2.mirror"


def test_recorder_deletes_file_if_session_cannot_be_stored(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="recording"):
        Recorder(tmp_path / "s.mirror", {("not", "text"): 1})  # type: ignore[dict-item]
    assert list(tmp_path.iterdir()) == []


def test_complete_recording_deletes_file_on_error(tmp_path: Path) -> None:
    def write() -> None:
        with complete_recording(tmp_path / "s.mirror", {}) as recorder:
            recorder.add_pose("a", pose(0.0))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert list(tmp_path.iterdir()) == []


def test_closes_after_sqlite_rolled_back(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "s.mirror", {"notes": "kept"})
    recorder._db.execute("ROLLBACK")  # noqa: SLF001  as SQLite does by itself on some errors
    recorder.close()
    with Recording.open(recorder.path) as recording:
        assert recording.session["notes"] == "kept"


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_close_reports_full_disk_and_keeps_commits(tmp_path: Path) -> None:
    import resource

    recorder = Recorder(tmp_path / "s.mirror", {"notes": "kept"})
    recorder.add_scores(scores() * 200)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    log = recorder.path.with_name("s.mirror-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, hard))
    try:
        with pytest.raises(RecordingError, match="free some space"):
            recorder.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with Recording.open(recorder.path) as recording:
        assert recording.session["notes"] == "kept"
        assert recording.row_count == 0


def series_pose(time_s: float, channels: int) -> Pose:
    return Pose(time_s, None, None, 1000, 1000, np.arange(channels, dtype=float))


def test_keeps_series(tmp_path: Path) -> None:
    signals = Signals(("x", "y"), ("1", "2"))
    with Recorder(tmp_path / "s.mirror", signals.to_session()) as recorder:
        recorder.add_pose("a", series_pose(0.0, 2))
        recorder.add_pose("b", Pose(0.0, None, None, 1000, 1000))
    with Recording.open(recorder.path) as recording:
        assert recording.signals == signals
        (_, first), (_, second) = recording.poses()
        assert first.series is not None
        assert first.series.tolist() == [0.0, 1.0]
        assert second.series is None
        assert recording.counts() == {"a": (1, 1), "b": (1, 0)}
        newest = recording.pose_at("a", 0.1)
        assert newest is not None
        assert newest.series is not None


def test_refuses_series_of_other_channels(tmp_path: Path) -> None:
    session = Signals(("x", "y"), ("1", "2")).to_session()
    with Recorder(tmp_path / "s.mirror", session) as recorder:
        recorder.add_pose("a", series_pose(0.0, 3))
    with (
        Recording.open(recorder.path) as recording,
        pytest.raises(RecordingError, match="a series of other channels"),
    ):
        list(recording.poses())


@pytest.mark.parametrize(
    ("change", "read", "message"),
    [
        ("INSERT INTO session VALUES ('signals', '7')", lambda r: r.signals, "damaged"),
        ("INSERT INTO session VALUES ('changes', '7')", lambda r: r.settings_history, "damaged"),
        ("UPDATE pose SET feed = 'c'", lambda r: list(r.poses()), "an unknown feed"),
        ("UPDATE event SET text = x'00'", lambda r: r.events(), "an event without a text"),
        ("UPDATE event SET text = '123456'", lambda r: r.events(), "its events are too long"),
        ("UPDATE event SET time_s = 1e300", lambda r: r.events(), "usable time"),
        ("UPDATE score SET time_s = 1e300", lambda r: r.timeline(), "usable time"),
        ("UPDATE score SET state = 'x'", lambda r: r.timeline(), "an unknown state"),
        ("UPDATE score SET lag_s = 'x'", lambda r: r.timeline(), "a score is not a number"),
    ],
)
def test_names_damage(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: str,
    read: Callable[[Recording], object],
    message: str,
) -> None:
    monkeypatch.setattr(reader, "MAX_EVENT_CHARS", 19)
    path = record(tmp_path / "s.mirror")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute(change)
    with Recording.open(path) as recording, pytest.raises(RecordingError, match=message):
        read(recording)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("feed = 'c'", "an unknown feed"),
        ("time_s = 1e300", "usable time"),
        ("time_s = 'soon'", "usable time"),
        ("width = 0", "usable size"),
        ("height = 1000000", "usable size"),
        ("width = x'00'", "usable size"),
        ("landmarks = x'00'", "528 bytes"),
        ("landmarks = 'text'", "528 bytes"),
        ("landmarks = zeroblob(524) || x'0000c07f'", "528 bytes|far outside"),
        ("world = 7", "198 bytes"),
        ("world = zeroblob(199)", "198 bytes"),
        ("camera = zeroblob(31)", "motion of the camera"),
        ("camera = CAST(zeroblob(30) || x'f07f' AS BLOB)", "motion of the camera"),
    ],
)
def test_arrays_of_poses_are_checked_as_single_ones(
    tmp_path: Path, change: str, message: str
) -> None:
    path = record(tmp_path / "s.mirror")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute(f"UPDATE pose SET {change} WHERE id = 2")
    with Recording.open(path) as recording:
        for read in (recording.pose_arrays, lambda: list(recording.poses())):
            with pytest.raises(RecordingError, match=message):
                read()


@pytest.mark.parametrize("metres", ["007e", "ff7b"])  # NaN, 65504
def test_copied_poses_are_checked(tmp_path: Path, metres: str) -> None:
    path = record(tmp_path / "s.mirror")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"UPDATE pose SET world = CAST(zeroblob(196) || x'{metres}' AS BLOB)")
    with (
        Recording.open(path) as recording,
        pytest.raises(RecordingError, match=r"s\.mirror is damaged: .* far outside"),
    ):
        rescore(recording, tmp_path / "t.mirror", Settings())
    assert [each.name for each in tmp_path.iterdir()] == ["s.mirror"]


def test_iterates_over_scores(tmp_path: Path) -> None:
    with Recording.open(record(tmp_path / "s.mirror")) as recording:
        assert [score.state for score in recording] == [State.WARMING_UP, State.OK]
        assert recording.row_times(0.05).tolist() == [0.1]
        assert recording.score_at(-1.0) is None


def test_results_of_exercises(tmp_path: Path) -> None:
    result = Result("Swap", "B leads", 10.0, 30.0, 3.0, Goal(), 9.5, 7.0, 0.5, 6.0)
    rows = [Score(0.5, State.STILL), Score(0.6, State.OK, in_phase=0.5, lag_s=-1.0)]
    with Recorder(tmp_path / "s.mirror", {}) as recorder:
        recorder.add_result(result)
        recorder.add_exercise_scores(rows)
        recorder.add_result(result)
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.results() == [result, result]
        assert recording.exercise_timeline().equals(Timeline.from_scores(rows))
        assert len(recording.timeline()) == 0
    with Recorder(tmp_path / "t.mirror", {}):
        pass
    with Recording.open(tmp_path / "t.mirror") as recording:
        assert recording.results() == []
        assert len(recording.exercise_timeline()) == 0
