"""Small recordings of two made-up people, scored by the real estimator."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mirror import Landmark
from mirror.clock import Feed
from mirror.course import Course
from mirror.pictures import PictureWriter, picture_paths
from mirror.recorder import Recorder
from mirror.recording import Event
from mirror.scoring import Scoring
from mirror.settings import Settings
from mirror.timeline import Score
from people import pose

FRAMES = 15.0
"""Frames a second of each feed."""

SECONDS = 20.0
TURN = 10.0
"""Up to here, s, both do the same; afterwards the opposite."""

EVENTS = (Event(2.0, "mark", "hello"), Event(TURN, "truth", "now opposite"))

_WRISTS = (Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST)


def made(
    path: Path,
    *,
    labels: tuple[str, str] = ("Anna", "Ben"),
    started: str = "2026-11-23T10:15:02+00:00",
    seconds: float = SECONDS,
    events: Sequence[Event] = EVENTS,
    pictures: bool = False,
    **more: Any,
) -> Path:
    """A recording of two people who first move in phase, then in anti-phase."""
    settings = Settings(window=4.0)
    session = {
        "settings": settings.to_dict(),
        "labels": {"a": labels[0], "b": labels[1]},
        "started": started,
        "quality": {"duration_s": seconds, "feeds": {}, "warnings": []},
        **more,
    }
    scoring = Scoring(Course(settings), ticks_at_once=300)
    with Recorder(path, session) as recorder:
        for frame in range(round(seconds * FRAMES)):
            time = frame / FRAMES
            up = 0.05 * math.sin(2 * math.pi * 0.8 * time)
            feeds: tuple[tuple[Feed, float], ...] = (
                ("a", up),
                ("b", up if time < TURN else -up),
            )
            for feed, offset in feeds:
                seen = pose(time, dict.fromkeys(_WRISTS, (0.0, offset)))
                recorder.add_pose(feed, seen)
                recorder.add_scores(scoring.push(feed, seen))
        recorder.add_scores(scoring.finish())
        for event in events:
            recorder.add_event(event)
    if pictures:
        _film(path)
    return path


def scores_only(path: Path, scores: Sequence[Score], **session: Any) -> Path:
    """A recording of plain series: rows, and nobody to be seen."""
    with Recorder(path, {"settings": Settings().to_dict(), "series": True, **session}) as recorder:
        recorder.add_scores(scores)
    return path


def _film(path: Path) -> None:
    """Pictures of the first second, no more than may wait for their writer: A red, B blue."""
    for feed, file in picture_paths(path).items():
        with PictureWriter(file) as writer:
            for frame in range(round(FRAMES)):
                image = np.zeros((48, 64, 3), np.uint8)
                image[..., 0 if feed == "a" else 2] = 200
                writer.put(frame / FRAMES, image)
        assert not writer.dropped
