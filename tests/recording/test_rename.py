"""Renaming a recording: all of its files, or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from mirror.errors import RecordingError
from mirror.recording.edit import rename_recording
from mirror.recording.reader import Recording
from mirror.recording.writer import Recorder
from tests.support.recordings import make_recording


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_videos_follow_and_are_listed(tmp_path: Path) -> None:
    video = {"a": "talk.a.mp4", "b": "talk.b.mp4"}
    path = make_recording(tmp_path / "talk.mirror", seconds=1, with_video=True, video=video)
    new = rename_recording(path, " Änne.mirror ")
    assert new == tmp_path / "Änne.mirror"
    assert names(tmp_path) == ["Änne.a.mp4", "Änne.b.mp4", "Änne.mirror"]
    with Recording.open(new) as recording:
        assert recording.session["video"] == {"a": "Änne.a.mp4", "b": "Änne.b.mp4"}


def test_videos_it_was_made_from_keep_their_names(tmp_path: Path) -> None:
    path = make_recording(tmp_path / "talk.mirror", seconds=1)
    (tmp_path / "talk.a.mp4").write_text("the user's own")
    rename_recording(path, "first")
    assert names(tmp_path) == ["first.mirror", "talk.a.mp4"]


@pytest.mark.parametrize("name", ["", " ", "../talk", "a/b", "a\\b", "c:d", ".hidden", "x" * 81])
def test_unusable_names_are_refused(tmp_path: Path, name: str) -> None:
    path = make_recording(tmp_path / "talk.mirror", seconds=1)
    with pytest.raises(RecordingError, match="cannot be named"):
        rename_recording(path, name)
    assert names(tmp_path) == ["talk.mirror"]


@pytest.mark.parametrize("taken", ["new.video.mirror", "new.video.b.mp4"])
def test_existing_files_are_never_replaced(tmp_path: Path, taken: str) -> None:
    path = make_recording(tmp_path / "talk.video.mirror", seconds=1, with_video=True)
    (tmp_path / taken).write_text("mine")
    before = names(tmp_path)
    with pytest.raises(RecordingError, match="choose another name"):
        rename_recording(path, "new")
    assert names(tmp_path) == before
    assert (tmp_path / taken).read_text() == "mine"


def test_recording_that_is_being_written_is_refused(tmp_path: Path) -> None:
    with (
        Recorder(tmp_path / "talk.mirror", {}) as recorder,
        pytest.raises(RecordingError, match="try again"),
    ):
        rename_recording(recorder.path, "new")
    assert names(tmp_path) == ["talk.mirror"]


def test_all_files_keep_their_names_if_one_cannot_be_renamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_recording(tmp_path / "talk.video.mirror", seconds=1, with_video=True)
    before, rename = names(tmp_path), Path.rename

    def fail_for_b(old: Path, new: Path) -> Path:
        if new.name == "new.video.b.mp4":
            raise PermissionError(13, "Permission denied")
        return rename(old, new)

    monkeypatch.setattr(Path, "rename", fail_for_b)
    with pytest.raises(RecordingError, match="cannot be renamed: Permission denied"):
        rename_recording(path, "new")
    assert names(tmp_path) == before
