"""Anonymized copies: nothing that identifies people, and the same timeline bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from mirror import Landmark, Recording, Settings
from mirror.cli import app
from mirror.estimator.scoring import Scoring
from mirror.events import Event
from mirror.landmarks import Feed
from mirror.recording.anonymize import FACE, anonymize
from mirror.recording.rescore import score_again
from mirror.recording.writer import Recorder
from mirror.settings_history import Change, SettingsHistory
from tests.support.people import empty_pose, noise, pose
from tests.support.recordings import FRAME_RATE, make_recording

SECRETS = (
    "Anneliese",
    "Benedikt",
    "2026-11-23",
    "10:15:02",
    "secret note",
    "hidden condition",
    "camera-of-anna",
    "Linux-box",
    "said something",
    "lost camera",
    "agrees",
    "mine.task",
    "original.mirror",
    "future secret",
)

ABOUT: dict[str, Any] = {
    "labels": {"a": "Anneliese", "b": "Benedikt"},
    "started": "2026-11-23T10:15:02+0100",
    "notes": "secret note",
    "condition": "hidden condition",
    "sources": {"a": "/home/camera-of-anna", "b": "1"},
    "versions": {"mirror-synchrony": "0.1.0", "system": "Linux-box"},
    "noise": "measured",
    "model": {"name": "mine.task", "sha256": "abc", "smoothing": "none"},
    "consent": {"text": "Anneliese agrees", "time": "2026-11-23T10:15:02+0100"},
    "rescored_from": "original.mirror",
    "from a later version": "future secret",
    "quality": {
        "duration_s": 12.0,
        "feeds": {"a": {"frames": 180, "dropped": 2}, "b": {"frames": 170}},
        "warnings": ["lost camera-of-anna"],
    },
}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people with random movement, faces, a moment of absence, and a change of settings."""
    folder = tmp_path_factory.mktemp("original")
    first = Settings(window=3.0)
    history = SettingsHistory(first, (Change(6.0, Settings(window=2.0, mapping="same-side")),))
    scoring = Scoring(history, ticks_at_once=30)
    rng = np.random.default_rng(5)
    movement = noise(5, 200, 8) * 0.03
    with Recorder(folder / "s.mirror", ABOUT | history.to_session()) as recorder:
        for k in range(round(12 * FRAME_RATE)):
            feeds: tuple[tuple[Feed, int], ...] = (("a", 0), ("b", 4))
            for feed, first_column in feeds:
                values = movement[k, first_column : first_column + 4].tolist()
                seen = pose(
                    k / FRAME_RATE,
                    {
                        Landmark.LEFT_WRIST: (values[0], values[1]),
                        Landmark.NOSE: (values[2], values[3]),
                    },
                )
                assert seen.landmarks is not None
                seen.landmarks[list(FACE)] = rng.random((len(FACE), 4))
                if 40 < k < 50:
                    seen = empty_pose(k / FRAME_RATE)
                recorder.add_pose(feed, seen)
                recorder.add_scores(scoring.push(feed, seen))
        recorder.add_scores(scoring.finish())
        for event in (
            Event(1.0, "mark", "Anneliese said something"),
            Event(2.0, "pause", ""),
            Event(3.0, "warning", "lost camera-of-anna"),
            Event(6.0, "settings", "window 2 s"),
            Event(7.0, "Benedikt", ""),
            Event(8.0, "cue", "Benedikt follows"),
        ):
            recorder.add_event(event)
    return folder / "s.mirror"


def no_progress(done: int, total: int) -> None:
    assert done <= total


def test_copy_rescores_to_same_timeline(original: Path, tmp_path: Path) -> None:
    with Recording.open(original) as recording:
        path = anonymize(recording, tmp_path / "p.mirror", no_progress)
        stored, history, counts = (
            recording.timeline(),
            recording.settings_history,
            recording.counts(),
        )
    assert (stored.state == "ok").sum() > 50
    with Recording.open(path) as copy:
        assert copy.settings_history == history
        assert copy.counts() == counts
        assert copy.timeline().equals(stored)
        assert score_again(copy, copy.settings_history, no_progress).equals(stored)


def test_copy_holds_nothing_that_identifies(original: Path, tmp_path: Path) -> None:
    with Recording.open(original) as recording:
        path = anonymize(recording, tmp_path / "p.mirror", no_progress)
    assert [each.name for each in tmp_path.iterdir()] == ["p.mirror"]
    held = path.read_bytes()
    before = original.read_bytes()
    for secret in SECRETS:
        assert secret.encode() in before, secret
        assert secret.encode() not in held, secret


def test_copy_lacks_only_face_landmarks(original: Path, tmp_path: Path) -> None:
    assert sorted(mark.name for mark in FACE) == [
        "LEFT_EYE",
        "LEFT_EYE_INNER",
        "LEFT_EYE_OUTER",
        "MOUTH_LEFT",
        "MOUTH_RIGHT",
        "RIGHT_EYE",
        "RIGHT_EYE_INNER",
        "RIGHT_EYE_OUTER",
    ]
    rest = [mark for mark in Landmark if mark not in FACE]
    with Recording.open(original) as recording:
        path = anonymize(recording, tmp_path / "p.mirror", no_progress)
        with Recording.open(path) as copy:
            for (_, before), (_, after) in zip(recording.poses(), copy.poses(), strict=True):
                if before.landmarks is None:
                    assert after.landmarks is None
                    continue
                assert after.landmarks is not None
                assert not after.landmarks[list(FACE)].any()
                assert np.array_equal(before.landmarks[rest], after.landmarks[rest])


def test_copies_events_and_condition_on_request(original: Path, tmp_path: Path) -> None:
    with Recording.open(original) as recording:
        bare = anonymize(recording, tmp_path / "bare.mirror", no_progress)
        kept = anonymize(
            recording, tmp_path / "kept.mirror", no_progress, keep_events=True, keep_condition=True
        )
        events = recording.events()
    with Recording.open(bare) as copy:
        assert copy.events() == [Event(2.0, "pause", ""), Event(6.0, "settings", "")]
        assert copy.session["quality"] == {
            "duration_s": 12.0,
            "feeds": {"a": {"frames": 180, "dropped": 2}, "b": {"frames": 170}},
            "warnings": [],
        }
    with Recording.open(kept) as copy:
        assert copy.events() == [*events[:-1], Event(8.0, "cue", "")]
        assert copy.session["condition"] == "hidden condition"


def test_cancelled_copy_leaves_no_file(original: Path, tmp_path: Path) -> None:
    def cancel(done: int, total: int) -> None:
        if done > 100:
            raise KeyboardInterrupt

    with Recording.open(original) as recording, pytest.raises(KeyboardInterrupt):
        anonymize(recording, tmp_path / "p.mirror", cancel)
    assert list(tmp_path.iterdir()) == []


def test_anonymize_command_never_overwrites(tmp_path: Path) -> None:
    path = make_recording(tmp_path / "talk.mirror", seconds=3)
    words = ["anonymize", str(path), "-o", str(path)]
    done = CliRunner().invoke(app.app, words)
    assert done.exit_code == 0, done.output
    assert "talk-2.mirror" in done.output
    with Recording.open(tmp_path / "talk-2.mirror") as copy:
        assert copy.session["labels"] == {"a": "A", "b": "B"}
    with Recording.open(path) as recording:
        assert recording.session["labels"] == {"a": "Anna", "b": "Ben"}
    assert CliRunner().invoke(app.app, ["anonymize", str(path)]).exit_code == 2


def test_copy_keeps_when_it_was_not_known_who_is_who(tmp_path: Path) -> None:
    path = make_recording(tmp_path / "s.mirror", unsure=[[11.0, 14.0]])
    with Recording.open(path) as recording:
        copy = anonymize(recording, tmp_path / "copy.mirror", lambda *_: None)
        expected = score_again(recording, recording.settings, lambda *_: None)
    with Recording.open(copy) as recording:
        assert recording.unsure.spans == [(11.0, 14.0)]
        assert score_again(recording, recording.settings, lambda *_: None).equals(expected)
