"""Small recordings of two synthetic people, scored by the real estimator."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from mirror import Landmark, Pose
from mirror.estimator.scoring import Scoring
from mirror.estimator.signals import Signals
from mirror.events import Event
from mirror.landmarks import Feed
from mirror.recording.database import video_paths
from mirror.recording.video import VideoWriter
from mirror.recording.writer import Recorder
from mirror.settings import Settings
from mirror.settings_history import SettingsHistory
from mirror.timeline import Score
from tests.support.people import pose

FRAME_RATE = 15.0
"""Frames per second of each feed."""

DURATION_S = 20.0
TURN_S = 10.0
"""When the two change from in-phase to anti-phase movement, s."""

EVENTS = (Event(2.0, "mark", "hello"), Event(TURN_S, "truth", "now opposite"))

_SETTINGS = Settings(window=4.0)
_WRISTS = (Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST)


def make_recording(
    path: Path,
    *,
    labels: tuple[str, str] = ("Anna", "Ben"),
    started: str = "2026-11-23T10:15:02+00:00",
    seconds: float = DURATION_S,
    events: Sequence[Event] = EVENTS,
    with_video: bool = False,
    **more: Any,
) -> Path:
    """Write a recording of two people who move in phase, then in anti-phase.

    What was asked for before is written as it was then, which needs no scoring.
    """
    asked = repr((labels, started, seconds, events, more))
    if asked in _made and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(_made[asked])
    else:
        _record(path, labels, started, seconds, events, more)
        _made[asked] = path.read_bytes()
    if with_video:
        _write_videos(path)
    return path


_made: dict[str, bytes] = {}
"""Files by what was asked for."""


def _record(
    path: Path,
    labels: tuple[str, str],
    started: str,
    seconds: float,
    events: Sequence[Event],
    more: dict[str, Any],
) -> None:
    session = {
        "settings": _SETTINGS.to_dict(),
        "noise": "measured",
        "labels": {"a": labels[0], "b": labels[1]},
        "started": started,
        "quality": {"duration_s": seconds, "feeds": {}, "warnings": []},
        **more,
    }
    poses, scores = _performance(seconds)
    with Recorder(path, session) as recorder:
        for feed, seen in poses:
            recorder.add_pose(feed, seen)
        recorder.add_scores(scores)
        for event in events:
            recorder.add_event(event)


@cache
def _performance(seconds: float) -> tuple[list[tuple[Feed, Pose]], list[Score]]:
    """Return poses and rows of two people who move in phase, then in anti-phase."""
    scoring = Scoring(SettingsHistory(_SETTINGS), ticks_at_once=300)
    poses: list[tuple[Feed, Pose]] = []
    scores: list[Score] = []
    for frame in range(round(seconds * FRAME_RATE)):
        time = frame / FRAME_RATE
        up = 0.05 * math.sin(2 * math.pi * 0.8 * time)
        feeds: tuple[tuple[Feed, float], ...] = (("a", up), ("b", up if time < TURN_S else -up))
        for feed, offset in feeds:
            poses.append((feed, pose(time, dict.fromkeys(_WRISTS, (0.0, offset)))))
            scores += scoring.push(*poses[-1])
    return poses, [*scores, *scoring.finish()]


def make_series_recording(
    path: Path,
    signals: Signals,
    poses: Iterable[tuple[Feed, Pose]],
    settings: Settings | None = None,
    **more: Any,
) -> Path:
    """Write a recording with plain series of one person or both."""
    used = settings or Settings(window=4.0)
    session = {
        "settings": used.to_dict(),
        "labels": {"a": "Anna", "b": "Ben"},
        "started": "2026-11-23T10:15:02+00:00",
        "sources": {"a": "lsl:belt a", "b": "lsl:belt b"},
        "quality": {"duration_s": DURATION_S, "feeds": {}, "warnings": []},
        **signals.to_session(),
        **more,
    }
    scoring = Scoring(SettingsHistory(used), signals, ticks_at_once=300)
    with Recorder(path, session) as recorder:
        for feed, each in poses:
            recorder.add_pose(feed, each)
            recorder.add_scores(scoring.push(feed, each))
        recorder.add_scores(scoring.finish())
    return path


def breathing_poses(
    rate: float = 50.0, seconds: float = DURATION_S, channels: int = 1
) -> Iterator[tuple[Feed, Pose]]:
    """Yield samples of two breathing belts in phase; A's fails once."""
    for sample in range(round(seconds * rate)):
        time = sample / rate
        values = 5.0 + 0.3 * np.sin(2 * math.pi * 0.5 * time + np.arange(channels))
        failed = 0.4 < time / seconds < 0.45
        yield "a", Pose(time, None, None, 1000, 1000, None if failed else values)
        yield "b", Pose(time, None, None, 1000, 1000, values)


def make_scores_recording(
    path: Path, scores: Sequence[Score], events: Sequence[Event] = (), **session: Any
) -> Path:
    """Write a recording that holds rows and events only, as for series from a file."""
    with Recorder(path, {"settings": Settings().to_dict(), "series": True, **session}) as recorder:
        recorder.add_scores(scores)
        for event in events:
            recorder.add_event(event)
    return path


def _write_videos(path: Path) -> None:
    """Write frames of the first second, which fit the writer's queue: A red, B blue."""
    for feed, file in video_paths(path).items():
        with VideoWriter(file) as writer:
            for frame in range(round(FRAME_RATE)):
                image = np.zeros((48, 64, 3), np.uint8)
                image[..., 0 if feed == "a" else 2] = 200
                writer.put(frame / FRAME_RATE, image)
        assert not writer.dropped
