"""Score a recording again, with its own settings or with others.

With its own settings, including changes during the session, the rows equal the stored ones bit for
bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mirror.errors import RecordingError
from mirror.estimator.align import Aligner, Tick
from mirror.estimator.align_arrays import align
from mirror.estimator.estimator import movement_from_ticks
from mirror.estimator.movement import Person
from mirror.estimator.scoring import Scoring, score_arrays
from mirror.estimator.signals import TWO_BODIES
from mirror.estimator.validity import Array
from mirror.recording.provenance import versions
from mirror.recording.reader import Progress, Recording
from mirror.recording.writer import Recorder, complete_recording
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


def recorded_movement(recording: Recording, settings: Settings) -> tuple[Array, Person, Person]:
    """Return times [tick] and both people's movement, by ``recording.signals.layout``."""
    if recording.signals == TWO_BODIES:
        _check_has_poses(recording)
        mirrored = settings.mapping == "mirror"
        return align(recording.pose_arrays(), settings.rate, mirrored=mirrored)
    return movement_from_ticks(recorded_ticks(recording, settings), settings, recording.signals)


def score_again(
    recording: Recording, settings: Settings | SettingsHistory, progress: Progress
) -> Timeline:
    """Score a recording's poses as `rescore` does, but write nothing."""
    _check_has_poses(recording)
    return _score(recording, _history(settings), progress)


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
        timeline = _score(recording, history, progress, recorder)
        recorder.add_timeline(timeline)
        for event in recording.events():
            if event.kind != "settings" or history == own:
                recorder.add_event(event)
        if quality is not None:  # last, as it marks a recording as complete
            recorder.update_session({"quality": quality})
    return timeline, recorder.path


def _score(
    recording: Recording,
    history: SettingsHistory,
    progress: Progress,
    recorder: Recorder | None = None,
) -> Timeline:
    """Score the poses, and copy them to a recorder if there is one."""
    total = recording.pose_count
    if recording.signals == TWO_BODIES:
        take = (lambda _rows: None) if recorder is None else recorder.add_pose_rows
        # reading takes about a fifth of the time
        poses = recording.pose_arrays(lambda done, _: progress(done // 5, total), take)
        share = 0.8 * total
        timeline = score_arrays(
            poses,
            history,
            lambda done, ticks: progress(round(total - share * (1 - done / ticks)), total),
            recording.signals.layout,
        )
    else:
        scores: list[Score] = []
        scoring = Scoring(history, recording.signals, ticks_at_once=_TICKS, changeable=False)
        for done, (feed, pose) in enumerate(recording.poses()):
            if recorder is not None:
                recorder.add_pose(feed, pose)
            progress(done, total)
            scores += scoring.push(feed, pose)
        timeline = Timeline.from_scores(scores + scoring.finish())
    progress(total, total)
    return timeline


def _history(settings: Settings | SettingsHistory) -> SettingsHistory:
    return settings if isinstance(settings, SettingsHistory) else SettingsHistory(settings)


def _check_has_poses(recording: Recording) -> None:
    if not recording.pose_count:
        raise RecordingError(
            f"{recording.path} holds no poses to score again; a series from a file is scored from "
            "that file"
        )
