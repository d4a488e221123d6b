from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mirror import Pose, Recording, Score
from mirror.events import Event
from mirror.landmarks import Feed
from mirror.recording.writer import Recorder
from tests.support.talk import EVENTS, SESSION, MakeRecording, poses, scores


@pytest.fixture
def make(tmp_path: Path) -> Iterator[MakeRecording]:
    """Return a function that makes recordings, which are closed in the end."""
    opened: list[Recording] = []

    def make_recording(
        *,
        rows: list[Score] | None = None,
        frames: list[tuple[Feed, Pose]] | None = None,
        events: list[Event] | None = None,
        **session: Any,
    ) -> Recording:
        with Recorder(tmp_path / "talk.mirror", SESSION | session) as recorder:
            for feed, pose in poses() if frames is None else frames:
                recorder.add_pose(feed, pose)
            recorder.add_scores(scores() if rows is None else rows)
            for event in EVENTS if events is None else events:
                recorder.add_event(event)
        opened.append(Recording.open(recorder.path))
        return opened[-1]

    yield make_recording
    for each in opened:
        each.close()


@pytest.fixture
def recording(make: MakeRecording) -> Recording:
    return make()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder for exports, apart from the recording."""
    path = tmp_path / "out"
    path.mkdir()
    return path
