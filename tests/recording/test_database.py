"""Opening a recording's file: read-only places, locks, damage, and errors of SQLite."""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mirror import Recording
from mirror.errors import RecordingError
from mirror.recording import database
from mirror.recording.database import translate_errors
from mirror.recording.writer import Recorder
from tests.support.fork import run_in_fork
from tests.support.people import pose


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Recorder(tmp_path / "s.mirror", {}) as recorder:
        for k in range(3):
            recorder.add_pose("a", pose(k / 30))
    return recorder.path


def make_read_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let SQLite fail to open files of a folder for writing, as it does for users but root."""
    connect = sqlite3.connect

    def refuse(name: str, **kwargs: Any) -> sqlite3.Connection:
        if folder.as_uri() in name and name.endswith("mode=rw"):
            raise sqlite3.OperationalError("unable to open database file")
        return connect(name, **kwargs)

    monkeypatch.setattr(sqlite3, "connect", refuse)


def test_opens_file_in_read_only_folder(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_read_only(path.parent, monkeypatch)
    with Recording.open(path) as recording:
        assert recording.counts()["a"] == (3, 3)
    assert [each.name for each in path.parent.iterdir()] == ["s.mirror"]


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_merges_log_of_killed_session_in_read_only_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s.mirror"

    def record_and_exit() -> None:
        recorder = Recorder(path, {})
        for k in range(200):
            recorder.add_pose("a", pose(k / 30))
        recorder._committed = 0.0  # noqa: SLF001  as if half a second had passed
        recorder.commit_if_due()
        os._exit(0)

    run_in_fork(record_and_exit)
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    assert before["s.mirror-wal"]
    make_read_only(tmp_path, monkeypatch)
    with Recording.open(path) as recording:
        assert recording.counts()["a"] == (200, 200)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before


def test_reports_locked_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, timeout=0))
        with pytest.raises(RecordingError, match="another program is writing to it"):
            Recording.open(path)


def test_reports_damaged_schema(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 5000)
    with pytest.raises(RecordingError, match="the file may be damaged"):
        Recording.open(path)


def test_refuses_view(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE VIEW v AS SELECT * FROM score")
    with pytest.raises(RecordingError, match="a view that mirror never makes"):
        Recording.open(path)


def test_refuses_generated_column(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("ALTER TABLE score ADD COLUMN z AS (1)")
    with pytest.raises(RecordingError, match="a generated column"):
        Recording.open(path)


@pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be deleted")
def test_open_recording_is_readable_after_deletion(path: Path) -> None:
    with Recording.open(path) as recording:
        path.unlink()
        assert recording.counts()["a"] == (3, 3)


def test_limits_the_steps_of_a_query(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Recording.open(path) as recording:
        monkeypatch.setattr(database, "_MIN_STEPS", -(10**9))
        with (
            pytest.raises(RecordingError, match="more data than it can hold"),
            recording._database.query() as db,  # noqa: SLF001
        ):
            db.execute(
                "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
                "SELECT count(*) FROM n"
            ).fetchone()


def test_refuses_file_name_with_nul(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="is not a file name"):
        Recording.open(tmp_path / "s\0.mirror")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pipe")
def test_refuses_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "s.mirror")
    with pytest.raises(RecordingError, match="is not a file"):
        Recording.open(tmp_path / "s.mirror")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (sqlite3.OperationalError("database or disk is full"), "full; free some space"),
        (sqlite3.OperationalError("disk I/O error"), "free some space"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "is read-only"),
        (sqlite3.OperationalError("database is locked"), "another program is writing"),
        (UnicodeDecodeError("utf-8", b"x", 0, 1, "bad"), "a name in it is not text"),
        (MemoryError(), "more memory than there is"),
        (sqlite3.OperationalError("interrupted"), "more data than it can hold"),
        (sqlite3.DatabaseError("file is\nmalformed"), "file is malformed; the file may be damaged"),
    ],
)
def test_translates_errors_into_one_line(error: Exception, message: str) -> None:
    with pytest.raises(RecordingError, match=message) as caught, translate_errors(Path("s.mirror")):
        raise error
    assert "s.mirror" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_file_that_vanishes_while_it_is_opened_is_an_error(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vanish(*_: object) -> bool:
        path.unlink()
        return True

    monkeypatch.setattr(os, "access", vanish)  # the last look before SQLite opens it
    with pytest.raises(RecordingError, match="unable to open"):
        Recording.open(path)
