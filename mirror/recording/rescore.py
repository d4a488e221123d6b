"""Score a recording again, with its own settings or with others.

With its own settings, including changes during the session, the rows equal the stored ones bit for
bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from mirror.errors import RecordingError
from mirror.estimator.align import Aligner, Tick
from mirror.estimator.estimator import movement_from_ticks
from mirror.estimator.movement import Movement
from mirror.estimator.scoring import Scoring
from mirror.estimator.validity import Array
from mirror.landmarks import Feed, Pose
from mirror.recording.provenance import versions
from mirror.recording.reader import Progress, Recording
from mirror.recording.writer import complete_recording
from mirror.settings import Settings
from mirror.settings_history import SettingsHistory
from mirror.timeline import Score, Timeline

_TICKS = 300  # scored together; the progress bar still moves ten times per second


def recorded_ticks(recording: Recording, settings: Settings) -> Iterator[Tick]:
    """Yield a recording's poses on the grid.

    Raises
    ------
    RecordingError
        If it holds scores only.
    """
    _check_has_poses(recording)
    aligner = Aligner(settings.rate)
    for feed, pose in recording.poses():
        yield from aligner.push(feed, pose)
    yield from aligner.finish()


def recorded_movement(recording: Recording, settings: Settings) -> tuple[Array, Movement, Movement]:
    """Return times [tick] and both people's movement, by ``recording.signals.layout``."""
    return movement_from_ticks(recorded_ticks(recording, settings), settings, recording.signals)


def score_again(
    recording: Recording, settings: Settings | SettingsHistory, progress: Progress
) -> Timeline:
    """Score a recording's poses as `rescore` does, but write nothing."""
    _check_has_poses(recording)
    return Timeline.from_scores(_scores(recording, _history(settings), progress))


def rescore(
    recording: Recording,
    path: Path,
    settings: Settings | SettingsHistory,
    progress: Progress = lambda _done, _total: None,
) -> tuple[Timeline, Path]:
    """Write a new recording with the same poses and events, and scores by other settings.

    Parameters
    ----------
    recording : Recording
    path : Path
        Where to write; if the file exists, the new name gets a suffix.
    settings : Settings or SettingsHistory
        For the whole recording; `Recording.settings_history` keeps its changes of settings.
    progress : callable, optional
        Called with the poses done and the poses in all; if it raises, no file is left.

    Returns
    -------
    (Timeline, Path)
        The new scores, and the new recording.

    Raises
    ------
    RecordingError
        If the recording holds no poses, or the new one cannot be written.
    """
    _check_has_poses(recording)
    history, own = _history(settings), recording.settings_history
    session = recording.session | {"rescored_from": recording.path.name}
    session["rescored_with"] = versions()
    for key in ("changes", "video"):  # videos belong to a recording by its name
        session.pop(key, None)
    session |= history.to_session()
    quality = session.pop("quality", None)
    with complete_recording(path, session) as recorder:
        timeline = Timeline.from_scores(_scores(recording, history, progress, recorder.add_pose))
        recorder.add_scores(timeline)
        for event in recording.events():
            if event.kind != "settings" or history == own:
                recorder.add_event(event)
        if quality is not None:  # last, as it marks a recording as complete
            recorder.update_session({"quality": quality})
    return timeline, recorder.path


def _scores(
    recording: Recording,
    history: SettingsHistory,
    progress: Progress,
    add_pose: Callable[[Feed, Pose], None] | None = None,
) -> Iterator[Score]:
    total = recording.pose_count
    scoring = Scoring(history, recording.signals, ticks_at_once=_TICKS, changeable=False)
    for done, (feed, pose) in enumerate(recording.poses()):
        if add_pose is not None:
            add_pose(feed, pose)
        progress(done, total)
        yield from scoring.push(feed, pose)
    yield from scoring.finish()
    progress(total, total)


def _history(settings: Settings | SettingsHistory) -> SettingsHistory:
    return settings if isinstance(settings, SettingsHistory) else SettingsHistory(settings)


def _check_has_poses(recording: Recording) -> None:
    if not recording.pose_count:
        raise RecordingError(
            f"{recording.path} holds no poses to score again; a series from a file is scored from "
            "that file"
        )
