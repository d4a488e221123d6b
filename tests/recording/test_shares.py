"""Recordings, exports and reports on network shares that lack locks or permissions."""

from __future__ import annotations

import errno
import sys
from pathlib import Path

import pytest

from mirror import Recording
from mirror.recording import database
from mirror.recording.database import has_locks
from tests.support.recordings import make_scores_recording
from tests.support.share import run_on_share
from tests.support.talk import scores

CODE = """
from pathlib import Path
from mirror import Event, Recording
from mirror._support.atomic import privacy_note
from mirror.export import export
from mirror.recording.edit import add_event
from mirror.report import svg
from mirror.report.write import compose, write
from mirror.timeline import Span
from tests.support.recordings import make_scores_recording
from tests.support.talk import scores

made = make_scores_recording(Path("made.mirror"), scores())
for path in (Path("given.mirror"), made):
    add_event(path, Event(1.0, "mark", "bell"))
    with Recording.open(path) as recording:
        print(len(recording.timeline()), [event.text for event in recording.events()])
        for kind in ("csv", "json"):
            export(recording, kind, path.with_suffix("." + kind))
            print(privacy_note(path.with_suffix("." + kind)))
svg._document = lambda *_: "<svg></svg>"  # would take seconds
write(compose([made], Span()), Path("a.html"))
"""


@pytest.mark.parametrize("lock_errno", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_shares_without_permissions_and_locks(tmp_path: Path, lock_errno: int) -> None:
    share = tmp_path / "share"
    share.mkdir()
    given = make_scores_recording(share / "given.mirror", scores())
    given.chmod(0o644)
    lines = run_on_share(share, CODE, lock_errno=lock_errno).splitlines()
    rows = f"{len(scores())} ['bell']"
    said = " (others may read it: this file system does not store permissions)"
    assert lines == [rows, said, said] * 2
    left = {"-wal", "-shm", "-journal"}
    assert not [each for each in share.iterdir() if each.suffix[-4:] in left]


def test_every_windows_file_system_has_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert has_locks(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="it has no fcntl")
def test_without_locks_a_recording_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def refused(*_: object) -> None:
        raise OSError(errno.ENOLCK, "no locks")

    path = make_scores_recording(tmp_path / "s.mirror", scores())
    monkeypatch.setattr(database, "_devices_with_locks", set())
    monkeypatch.setattr(fcntl, "lockf", refused)
    with Recording.open(path) as recording:
        assert len(recording.timeline()) == len(scores())


@pytest.mark.skipif(sys.platform == "win32", reason="it has no fcntl")
def test_a_lock_held_by_another_shows_that_there_are_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    def held(*_: object) -> None:
        raise OSError(errno.EAGAIN, "held")

    (tmp_path / "x").touch()
    monkeypatch.setattr(database, "_devices_with_locks", set())
    monkeypatch.setattr(fcntl, "lockf", held)
    assert has_locks(tmp_path / "x")


@pytest.mark.skipif(sys.platform == "win32", reason="it has no fcntl")
def test_a_file_system_with_locks_is_tried_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_devices_with_locks", set())
    (tmp_path / "x").touch()
    assert has_locks(tmp_path / "x")
    (tmp_path / "y").mkdir()  # a folder cannot be opened to be tried
    assert has_locks(tmp_path / "y")
