"""Scoring a recording again, with its own settings or with others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mirror.clock import Clock, Tick
from mirror.recording import Recorder, Recording
from mirror.settings import Settings
from mirror.synchrony import score_ticks
from mirror.timeline import Timeline


def score_recording(recording: Recording, settings: Settings) -> Timeline:
    """The timeline of a recording's poses under some settings.

    With the recording's own settings it is the stored timeline, bit for bit.
    """
    clock = Clock(settings.rate)
    ticks: list[Tick] = []
    for feed, pose in recording.poses():
        ticks += clock.push(feed, pose)
    return score_ticks(ticks + clock.finish(), settings)


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
    total = sum(frames for frames, _ in recording.counts().values())
    session = recording.session | {
        "settings": settings.to_dict(),
        "mapping": settings.mapping,
        "rescored_from": recording.path.name,
    }
    clock = Clock(settings.rate)
    ticks: list[Tick] = []
    with Recorder(path, session) as recorder:
        for done, (feed, pose) in enumerate(recording.poses()):
            recorder.add_pose(feed, pose)
            ticks += clock.push(feed, pose)
            progress(done, total)
        timeline = score_ticks(ticks + clock.finish(), settings)
        recorder.add_scores(timeline)
        for event in recording.events():
            recorder.add_event(event)
        progress(total, total)
        return timeline, recorder.path
