"""Deleting a recording with all that was kept beside it."""

from __future__ import annotations

from pathlib import Path

from mirror.errors import RecordingError
from mirror.recording.database import SIDE_FILE_SUFFIXES, VIDEO_STEM_SUFFIX, check_file
from mirror.recording.reader import Recording
from mirror.recording.video import video_paths


def recording_files(path: Path) -> list[Path]:
    """The files of a recording, also of a damaged one: its own, SQLite's, and its pictures.

    Their names follow from the recording's own name, and never from what is written in it.

    Raises
    ------
    RecordingError
        Where it is no recording, or a link to one.
    """
    if path.is_symlink():
        raise RecordingError(f"{path} is a link; name the recording itself: {path.resolve()}")
    check_file(path)
    beside = [path.with_name(path.name + each) for each in SIDE_FILE_SUFFIXES]
    pictures = list(video_paths(path).values()) if _has_pictures(path) else []
    return [each for each in (path, *beside, *pictures) if each.exists()]


def delete_recording(path: Path) -> list[Path]:
    """Delete a recording and its side files; what was deleted.

    Exports, reports and films that were made of it stay. What a disk held may still be found on it
    by those who look with special tools.

    Raises
    ------
    RecordingError
        Where it is no recording, or something cannot be deleted.
    """
    files = recording_files(path)
    # The recording last: where something else fails, it can be asked for again.
    for each in reversed(files):
        try:
            each.unlink()
        except OSError as error:
            raise RecordingError(f"{each} cannot be deleted: {error.strerror}") from error
    return files


def _has_pictures(path: Path) -> bool:
    """Whether films of that name are the recording's own, rather than those it was made from."""
    if path.stem.endswith(VIDEO_STEM_SUFFIX):
        return True
    try:
        with Recording.open(path) as recording:
            return "video" in recording.session
    except RecordingError:  # damaged
        return False
