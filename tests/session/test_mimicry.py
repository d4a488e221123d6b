"""Postures taken over during a session: recorded, sent, and found again by rescoring."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from mirror import Recording, Settings, rescore
from mirror.capture.base import Frame, Source
from mirror.capture.synthetic.postures import hold, take_over
from mirror.export import export
from mirror.landmarks import Feed, Pose
from mirror.mimicry import MIMICRY, take_overs
from mirror.recording.anonymize import anonymize
from mirror.recording.writer import Recorder
from mirror.report.session_report import session_document
from mirror.session.offline import OfflineSession
from mirror.session.outputs.jsonl import JsonlStream
from mirror.timeline import Span
from tests.support.postures import RATE, people

SECONDS = 160.0
LEADER = hold(1, SECONDS)


class Frames(Source):
    """Empty frames at the times of poses."""

    def __init__(self, feed: Feed) -> None:
        self.text, self.live, self.rate, self.duration = f"capture {feed}", False, RATE, SECONDS
        self._number, self._image = 0, np.full((24, 32, 3), "ab".index(feed), np.uint8)

    def read(self) -> Frame | None:
        time, self._number = self._number / RATE, self._number + 1
        return Frame(time, self._image) if time < SECONDS else None

    def close(self) -> None:
        pass


class Performer:
    """Gives the poses of a feed; a frame's first pixel says of which."""

    def __init__(self, poses: tuple[list[Pose], list[Pose]]) -> None:
        self._poses = poses

    def track(self, frame: Frame) -> Pose:
        return self._poses[int(frame.image[0, 0, 0])][round(frame.time * RATE)]

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("held")
    settings = Settings(rate=RATE)
    path = folder / "held.mirror"
    follower = take_over(LEADER, 2, (0.5, 3.0))
    poses = people(LEADER, SECONDS), people(follower, SECONDS, feed="b")
    session = OfflineSession(
        *(Frames("a"), Frames("b")),
        settings,
        tracker=lambda: Performer(poses),
        recorder=Recorder(path, {"settings": settings.to_dict()}),
        streams=[JsonlStream(str(folder / "held.jsonl"))],
    )
    for _update in session.run():
        pass
    return path


def test_events_are_recorded_and_sent(recorded: Path) -> None:
    with Recording.open(recorded) as recording:
        found = [each.event() for each in take_overs(recording.timeline())]
        assert [each for each in recording.events() if each.kind == MIMICRY] == found
    assert len(found) > 8
    lines = [json.loads(line) for line in recorded.with_suffix(".jsonl").read_text().splitlines()]
    events = [each["text"] for each in lines if each["type"] == "event"]
    assert events == [each.text for each in found]
    rows = [each for each in lines if each["type"] == "score" and each["mimicry_latency_s"]]
    assert len(rows) == len(found)


def test_rescoring_finds_them_again(recorded: Path, tmp_path: Path) -> None:
    for mapping, count in (("mirror", None), ("same-side", 3)):
        with Recording.open(recorded) as recording:
            settings = recording.settings.changed(mapping=mapping)
            timeline, path = rescore(recording, tmp_path / f"{mapping}.mirror", settings)
            before = recording.events()
        with Recording.open(path) as again:
            events = again.events()
        assert [each for each in events if each.kind == MIMICRY] == [
            each.event() for each in take_overs(timeline)
        ]
        assert events == before if count is None else len(events) <= count


def test_exports_reports_and_anonymous_copies_have_them(recorded: Path, tmp_path: Path) -> None:
    with Recording.open(recorded) as recording:
        export(recording, "csv", tmp_path / "held.csv")
        text = (tmp_path / "held.events.csv").read_text()
        copy = anonymize(recording, tmp_path / "copy.mirror", lambda *_: None)
        page = str(session_document(recording, Span()))
        number = len(recording.events())
    assert text.count("B mirrored A after") == number
    assert "Postures taken over, per minute" in page
    assert "mimicry by B" not in page  # too short for a test
    with Recording.open(copy) as anonymous:
        assert len([each for each in anonymous.events() if each.kind == MIMICRY]) == number
        assert not math.isnan(anonymous.timeline().posture_match[-1])
