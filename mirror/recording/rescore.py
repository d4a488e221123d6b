"""Scoring a recording again, with its own settings or with others.

With its own settings, changes of them included, the stored timeline comes out again, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from mirror.errors import RecordingError
from mirror.estimator.align import Aligner, Tick
from mirror.estimator.estimator import from_ticks
from mirror.estimator.movement import Movement
from mirror.estimator.scoring import Scoring
from mirror.estimator.validity import Array
from mirror.landmarks import Feed, Pose
from mirror.recording.provenance import versions
from mirror.recording.reader import Recording
from mirror.recording.writer import Recorder
from mirror.settings import Settings
from mirror.settings_history import Course
from mirror.timeline import Score, Timeline

_TICKS = 300  # scored together: a progress bar that still moves ten times a second


def recorded_ticks(recording: Recording, settings: Settings) -> Iterator[Tick]:
    """A recording's poses on the grid.

    Raises
    ------
    RecordingError
        Where it holds none: of a series from a file, only the scores are kept.
    """
    _need_poses(recording)
    aligner = Aligner(settings.rate)
    for feed, pose in recording.poses():
        yield from aligner.push(feed, pose)
    yield from aligner.finish()


def recorded_movement(recording: Recording, settings: Settings) -> tuple[Array, Movement, Movement]:
    """Times [tick] and both people's movement, of the channels of ``recording.signals.layout``."""
    return from_ticks(recorded_ticks(recording, settings), settings, recording.signals)


def score_again(
    recording: Recording, settings: Settings | Course, progress: Callable[[int, int], None]
) -> Timeline:
    """The timeline of a recording's poses by other settings; nothing is written.

    Parameters
    ----------
    recording : Recording
    settings : Settings or Course
        For the whole of it; a course, such as the recording's own, changes on the way.
    progress : callable
        Told how many of how many poses are done; it may raise to cancel.

    Raises
    ------
    RecordingError
        Where it holds no poses: of a series from a file, only the scores are kept.
    """
    return Timeline.from_scores(_scores(recording, _course(settings), progress))


def rescore(
    recording: Recording,
    path: Path,
    settings: Settings | Course,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[Timeline, Path]:
    """Write a new recording with the same poses and events, and scores by other settings.

    Parameters
    ----------
    recording : Recording
    path : Path
        Where to write; if the file exists, the new name gets a suffix.
    settings : Settings or Course
        For the whole recording; `Recording.course` keeps its changes of settings.
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
    _need_poses(recording)
    course, own = _course(settings), recording.course
    session = recording.session | {"rescored_from": recording.path.name}
    session["rescored_with"] = versions()
    for key in ("changes", "video"):  # pictures belong to a recording by its name
        session.pop(key, None)
    session |= course.to_session()
    quality = session.pop("quality", None)
    with ExitStack() as undo:
        recorder = Recorder(path, session)
        undo.callback(recorder.discard)  # half a recording would look like a whole one
        scores = _scores(recording, course, progress, recorder.add_pose)
        timeline = Timeline.from_scores(scores)
        recorder.add_scores(timeline)
        for event in recording.events():
            if event.kind != "settings" or course == own:  # they tell of changes that are no more
                recorder.add_event(event)
        if quality is not None:  # last: it says that a recording is complete
            recorder.update_session({"quality": quality})
        recorder.close()
        undo.pop_all()
    return timeline, recorder.path


def _scores(
    recording: Recording,
    course: Course,
    progress: Callable[[int, int], None],
    keep: Callable[[Feed, Pose], None] | None = None,
) -> Iterator[Score]:
    """All rows; each pose is given to `keep` on the way."""
    _need_poses(recording)
    total = sum(frames for frames, _ in recording.counts().values())
    scoring = Scoring(course, recording.signals, ticks_at_once=_TICKS, changeable=False)
    for done, (feed, pose) in enumerate(recording.poses()):
        if keep is not None:
            keep(feed, pose)
        progress(done, total)
        yield from scoring.push(feed, pose)
    yield from scoring.finish()
    progress(total, total)


def _course(settings: Settings | Course) -> Course:
    return settings if isinstance(settings, Course) else Course(settings)


def _need_poses(recording: Recording) -> None:
    if not any(frames for frames, _ in recording.counts().values()):
        raise RecordingError(
            f"{recording.path} holds no poses to score again; a series from a file is scored from "
            "that file"
        )
