"""Scoring a recording again, with its own settings or with others.

With its own settings, the stored timeline comes out again, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from mirror.clock import Clock, Tick
from mirror.errors import RecordingError
from mirror.provenance import versions
from mirror.recorder import Recorder
from mirror.recording import Recording
from mirror.settings import Settings
from mirror.synchrony import score_ticks
from mirror.timeline import Timeline


def ticks_of(recording: Recording, settings: Settings) -> Iterator[Tick]:
    """A recording's poses on the grid.

    Raises
    ------
    RecordingError
        Where it holds none: of plain series, only the scores are kept.
    """
    _need_poses(recording)
    clock = Clock(settings.rate)
    for feed, pose in recording.poses():
        yield from clock.push(feed, pose)
    yield from clock.finish()


def rescore(
    recording: Recording,
    path: Path,
    settings: Settings,
    progress: Callable[[int, int], None],
) -> tuple[Timeline, Path]:
    """Write a new recording with the same poses and events, and scores by other settings.

    Parameters
    ----------
    recording : Recording
    path : Path
        Where to; a name that exists gets a suffix.
    settings : Settings
    progress : callable
        Told how many of how many poses are done.

    Returns
    -------
    (Timeline, Path)
        The new scores, and where they are.
    """
    _need_poses(recording)
    total = sum(frames for frames, _ in recording.counts().values())
    session = recording.session | {
        "settings": settings.to_dict(),
        "mapping": settings.mapping,
        "rescored_from": recording.path.name,
        "rescored_with": versions(),
    }
    quality = session.pop("quality", None)
    with ExitStack() as undo:
        recorder = Recorder(path, session)
        undo.callback(recorder.discard)  # half a recording would look like a whole one

        def ticks() -> Iterator[Tick]:
            clock = Clock(settings.rate)
            for done, (feed, pose) in enumerate(recording.poses()):
                recorder.add_pose(feed, pose)
                progress(done, total)
                yield from clock.push(feed, pose)
            yield from clock.finish()

        timeline = score_ticks(ticks(), settings)
        recorder.add_scores(timeline)
        for event in recording.events():
            recorder.add_event(event)
        if quality is not None:  # last: it says that a recording is complete
            recorder.describe({"quality": quality})
        recorder.close()
        undo.pop_all()
    progress(total, total)
    return timeline, recorder.path


def _need_poses(recording: Recording) -> None:
    if not any(frames for frames, _ in recording.counts().values()):
        raise RecordingError(
            f"{recording.path} holds no poses to score again; plain series are scored from their "
            "file, with mirror analyze --series"
        )
