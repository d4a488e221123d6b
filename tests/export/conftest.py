from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mirror import Pose, Recording, Score
from mirror.events import Event
from mirror.recording.writer import Recorder
from tests.support.talk import EVENTS, SESSION, Made, poses, scores


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Made]:
    """Makes recordings, and closes them in the end."""
    opened: list[Recording] = []

    def made(
        *,
        rows: list[Score] | None = None,
        pictures: list[tuple[str, Pose]] | None = None,
        events: list[Event] | None = None,
        **session: Any,
    ) -> Recording:
        with Recorder(tmp_path / "talk.mirror", SESSION | session) as recorder:
            for feed, pose in poses() if pictures is None else pictures:
                recorder.add_pose(feed, pose)
            recorder.add_scores(scores() if rows is None else rows)
            for event in EVENTS if events is None else events:
                recorder.add_event(event)
        opened.append(Recording.open(recorder.path))
        return opened[-1]

    yield made
    for each in opened:
        each.close()


@pytest.fixture
def recording(make: Made) -> Recording:
    return make()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A place for exports, away from the recording."""
    path = tmp_path / "out"
    path.mkdir()
    return path
