"""Delete a recording with all files beside it."""

from __future__ import annotations

from pathlib import Path

from mirror.errors import RecordingError
from mirror.recording.database import SIDE_FILE_SUFFIXES, VIDEO_STEM_SUFFIX, check_file
from mirror.recording.reader import Recording
from mirror.recording.video import video_paths


def recording_files(path: Path) -> list[Path]:
    """Return the existing files of a recording: its own, SQLite's, and its videos.

    Their names follow from the recording's name, never from its content. Works for damaged
    recordings too.

    Raises
    ------
    RecordingError
        If it is not a recording, or a link to one.
    """
    if path.is_symlink():
        raise RecordingError(f"{path} is a link; name the recording itself: {path.resolve()}")
    check_file(path)
    side_files = [path.with_name(path.name + suffix) for suffix in SIDE_FILE_SUFFIXES]
    videos = video_paths(path).values() if _has_video(path) else ()
    return [each for each in (path, *side_files, *videos) if each.exists()]


def delete_recording(path: Path) -> list[Path]:
    """Delete a recording and its side files, and return their paths.

    Exports, reports and films made from it stay. Forensic tools may still find its data on disk.

    Raises
    ------
    RecordingError
        If it is not a recording, or a file cannot be deleted.
    """
    files = recording_files(path)
    # The recording last, so that it can be deleted again if another file fails.
    for each in reversed(files):
        try:
            each.unlink()
        except OSError as error:
            raise RecordingError(f"{each} cannot be deleted: {error.strerror}") from error
    return files


def _has_video(path: Path) -> bool:
    """Return whether videos of that name are the recording's own, not those it was made from."""
    if path.stem.endswith(VIDEO_STEM_SUFFIX):
        return True
    try:
        with Recording.open(path) as recording:
            return "video" in recording.session
    except RecordingError:  # damaged
        return False
