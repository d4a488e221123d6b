"""A recording that is open in this process is safe from other programs that open and close it.

SQLite removes the write-ahead log when its last user closes the file, which locks prevent.
"""

from __future__ import annotations

import errno
import fcntl
import subprocess
import sys
from pathlib import Path

import pytest

from mirror import Event, Recording
from mirror.recording import database, writer
from mirror.recording.edit import add_event
from mirror.recording.writer import Recorder
from tests.support.recordings import make_scores_recording
from tests.support.talk import scores

READ = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
print(*(text for text, in db.execute("SELECT text FROM event ORDER BY rowid")))
db.close()
"""


def read_elsewhere(path: Path) -> list[str]:
    """Read the events in another process, which closes the file."""
    words = [sys.executable, "-c", READ, str(path)]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()


def texts(recording: Recording) -> list[str]:
    return [event.text for event in recording.events()]


def test_edits_during_replay_are_kept(tmp_path: Path) -> None:
    path = make_scores_recording(tmp_path / "s.mirror", scores())
    with Recording.open(path) as replayed:
        assert texts(replayed) == []
        add_event(path, Event(1.0, "mark", "one"))
        assert read_elsewhere(path) == ["one"]
        add_event(path, Event(2.0, "mark", "two"))
        assert texts(replayed) == ["one", "two"]
        assert read_elsewhere(path) == ["one", "two"]
    with Recording.open(path) as recording:
        assert texts(recording) == ["one", "two"]


def test_file_system_without_locks_is_tried_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`test_shares.py` writes and edits on one, in a process of its own."""
    path = make_scores_recording(tmp_path / "s.mirror", scores())
    tried = []

    def refuse(*given: object) -> None:
        tried.append(given)
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "lockf", refuse)
    monkeypatch.setattr(database, "_devices_with_locks", set())
    with Recording.open(path) as recording:
        assert texts(recording) == []
        assert len(recording.timeline()) == len(scores())
    assert len(tried) == 1


def test_session_that_is_read_in_its_own_process_is_seen_by_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "COMMIT_INTERVAL_S", 0.0)
    with Recorder(tmp_path / "s.mirror", {}) as recorder:
        Recording.open(recorder.path).close()
        assert read_elsewhere(recorder.path) == []
        recorder.add_event(Event(1.0, "mark", "one"))
        assert read_elsewhere(recorder.path) == ["one"]
    assert read_elsewhere(recorder.path) == ["one"]
