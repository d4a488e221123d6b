"""Deleting a recording: all of its files and no others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mirror.cli import app
from mirror.errors import RecordingError
from mirror.recording.edit import delete_recording, recording_files
from mirror.recording.writer import Recorder
from tests.support.recordings import make_recording


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_deletes_all_own_files_and_no_others(tmp_path: Path) -> None:
    path = make_recording(tmp_path / "talk.video.mirror", seconds=2, with_video=True)
    for beside in ("-wal", "-shm"):
        path.with_name(path.name + beside).touch()
    others = ["talk.csv", "talk.video.mp4", "talk.video.html", "talk.mirror", "talk.a.mp4"]
    for other in others:
        (tmp_path / other).touch()
    deleted = delete_recording(path)
    assert deleted[0] == path
    assert {each.name for each in deleted} == {
        "talk.video.mirror",
        "talk.video.mirror-wal",
        "talk.video.mirror-shm",
        "talk.video.a.mp4",
        "talk.video.b.mp4",
    }
    assert names(tmp_path) == sorted(others)


def test_keeps_videos_it_was_made_from(tmp_path: Path) -> None:
    path = make_recording(tmp_path / "talk.mirror", seconds=2)
    for film in ("talk.a.mp4", "talk.b.mp4"):
        (tmp_path / film).write_text("the user's own")
    assert delete_recording(path) == [path]
    assert names(tmp_path) == ["talk.a.mp4", "talk.b.mp4"]


def test_ignores_video_paths_in_session(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    other = tmp_path / "private.mp4"
    other.write_text("mine")
    video = {"a": "../private.mp4", "b": str(other)}
    path = make_recording(folder / "talk.mirror", seconds=2, video=video)
    assert recording_files(path) == [path]
    delete_recording(path)
    assert other.read_text() == "mine"


def test_deletes_damaged_recording(tmp_path: Path) -> None:
    path = make_recording(tmp_path / "talk.video.mirror", seconds=2, with_video=True)
    path.write_bytes(path.read_bytes()[:4000])
    assert len(delete_recording(path)) == 3
    assert names(tmp_path) == []


def test_recording_that_is_being_written_is_refused(tmp_path: Path) -> None:
    with (
        Recorder(tmp_path / "talk.mirror", {}) as recorder,
        pytest.raises(RecordingError, match="open in another program"),
    ):
        delete_recording(recorder.path)
    assert names(tmp_path) == ["talk.mirror"]
    assert delete_recording(recorder.path) == [recorder.path]


def test_refuses_to_delete_other_files(tmp_path: Path) -> None:
    path = make_recording(tmp_path / "talk.mirror", seconds=2)
    text = tmp_path / "thesis.txt"
    text.write_text("all my work")
    link = tmp_path / "link.mirror"
    link.symlink_to(path)
    pipe = tmp_path / "pipe.mirror"
    os.mkfifo(pipe)
    for each, why in (
        (text, "not an SQLite file"),
        (link, "is a link"),
        (pipe, "is not a file"),
        (tmp_path, "directory"),
        (tmp_path / "none.mirror", "there is no recording"),
    ):
        with pytest.raises(RecordingError, match=why):
            delete_recording(each)
    assert names(tmp_path) == ["link.mirror", "pipe.mirror", "talk.mirror", "thesis.txt"]


def test_forget_command_asks_first(tmp_path: Path) -> None:
    path = make_recording(tmp_path / "talk.mirror", seconds=2)
    refused = CliRunner().invoke(app.app, ["forget", str(path)], input="n\n")
    assert refused.exit_code == 1
    assert "Nothing was deleted" in refused.output
    assert path.exists()
    done = CliRunner().invoke(app.app, ["forget", str(path)], input="y\n")
    assert done.exit_code == 0
    assert f"Deleted {path}" in done.output
    assert names(tmp_path) == []
    again = make_recording(tmp_path / "talk.mirror", seconds=2)
    assert CliRunner().invoke(app.app, ["forget", str(again), "--yes"]).exit_code == 0
    assert names(tmp_path) == []
