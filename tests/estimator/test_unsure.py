"""Stretches in which it is not known who is who."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from mirror import Landmark, Pose, Recording, Settings, State, Timeline
from mirror.errors import SettingsError
from mirror.estimator.scoring import Scoring
from mirror.estimator.unsure import Span, Unsure
from mirror.landmarks import FEEDS, Feed
from mirror.recording.repair import Repair
from mirror.recording.rescore import RecordedMovement, score_again
from mirror.recording.writer import Recorder
from mirror.settings_history import SettingsHistory
from mirror.timeline import PostureState
from tests.support.effort import cases
from tests.support.people import landmarks, pose

SETTINGS = Settings(window=1.5)


def poses(unsure: tuple[tuple[float, float], ...]) -> list[tuple[Feed, Pose]]:
    """Two people who wave for six seconds at 15 frames a second, unsure in some stretches."""
    found: list[tuple[Feed, Pose]] = []
    for k in range(90):
        time = k / 15
        x = 0.08 * math.sin(2 * math.pi * 0.9 * time)
        for feed in FEEDS:
            each = pose(time, {Landmark.LEFT_WRIST: (x, 0.0), Landmark.RIGHT_WRIST: (-x, x)})
            is_unsure = any(start <= time < end for start, end in unsure)
            found.append((feed, replace(each, unsure=is_unsure)))
    return found


@examples(max_examples=cases(6, 12), deadline=None)
@given(
    starts=st.lists(st.floats(1.0, 6.0), min_size=1, max_size=2),
    length=st.floats(0.05, 2.0),
    together=st.sampled_from([1, 30]),
)
def test_live_rows_are_those_of_a_recording_scored_again(
    tmp_path_factory: pytest.TempPathFactory, starts: list[float], length: float, together: int
) -> None:
    spans = tuple((start, start + length) for start in starts)
    scoring = Scoring(SettingsHistory(SETTINGS), ticks_at_once=together)
    path = tmp_path_factory.mktemp("unsure") / "s.mirror"
    session = {"settings": SETTINGS.to_dict(), "noise": "measured"}
    with Recorder(path, session) as recorder:
        rows = []
        for feed, each in poses(spans):
            recorder.add_pose(feed, each)
            rows += scoring.push(feed, each)
        rows += scoring.finish()
        recorder.update_session(scoring.unsure.to_session())
    live = Timeline.from_scores(rows)
    inside = scoring.unsure.covers(live.time_s)
    assert (live.state[inside] == State.UNSURE).all()
    assert (live.posture_state[inside] == PostureState.UNSURE).all()
    assert np.isnan(live.in_phase[live.state == State.UNSURE]).all()
    assert (live.state[live.time_s < min(starts) - 0.1] != State.UNSURE).all()
    with Recording.open(path) as recording:
        assert recording.unsure.spans == scoring.unsure.spans
        assert score_again(recording, SETTINGS, lambda *_: None).equals(live)
        movement = RecordedMovement.read(recording, SETTINGS.rate)
        assert movement.score(SETTINGS, lambda *_: None).equals(live)
        assert [each.unsure for _, each in recording.poses()] == [u.unsure for _, u in poses(spans)]


def test_scores_return_when_it_is_known_again() -> None:
    scoring = Scoring(SettingsHistory(SETTINGS))
    rows = [row for feed, each in poses(((2.0, 3.0),)) for row in scoring.push(feed, each)]
    states = [row.state for row in rows if row.time_s > 1.6]
    assert states[0] == states[-1] == State.OK
    assert State.NO_PERSON_A not in states
    assert State.UNSURE in states


def wanderers(exchanged_at: float = math.inf) -> list[tuple[Feed, Pose]]:
    """Two people on the left and on the right who move independently, and are exchanged once."""
    rng = np.random.default_rng(5)
    times = np.arange(300) / 30
    phases, tones = rng.uniform(0, 2 * np.pi, (2, 4, 5, 1)), rng.uniform(0.3, 1.5, (2, 4, 5, 1))
    moves = 0.02 * np.sin(2 * np.pi * tones * times + phases).sum(axis=2)  # [person, number, time]
    found: list[tuple[Feed, Pose]] = []
    for k, time in enumerate(times.tolist()):
        is_exchanged = time >= exchanged_at
        for feed, who in zip(FEEDS, (1, 0) if is_exchanged else (0, 1), strict=True):
            x, y, u, v = moves[who, :, k]
            each = pose(time, {Landmark.LEFT_WRIST: (x, y), Landmark.RIGHT_WRIST: (u, v)})
            places = landmarks(each) + np.array([0.5 * (who - 0.5) + x / 4, 0, 0, 0], np.float32)
            is_first = is_exchanged and time < exchanged_at + 1 / 60
            found.append((feed, replace(each, landmarks=places, exchanged=is_first)))
    return found


def scored(poses: list[tuple[Feed, Pose]]) -> tuple[Timeline, Scoring]:
    scoring = Scoring(SettingsHistory(SETTINGS))
    rows = [row for feed, each in poses for row in scoring.push(feed, each)]
    return Timeline.from_scores(rows + scoring.finish()), scoring


@pytest.mark.parametrize("missing", [0.0, 0.3, 2.0])
def test_nobody_moves_when_a_and_b_are_exchanged(tmp_path: Path, missing: float) -> None:
    at = 5.0
    every, poses = (
        [each for each in found if not at + 1 / 60 < each[1].time < at + missing]
        for found in (wanderers(), wanderers(at))
    )
    (plain, _), (found, scoring) = scored(every), scored(poses)
    assert scoring.unsure.spans == [(at, at)]
    inside = (found.time_s >= at) & (found.time_s < at + SETTINGS.window)
    assert (found.state[inside] == State.UNSURE).all()
    assert np.isnan(found.in_phase[inside]).all()
    for name in ("in_phase", "anti_phase", "coherence"):
        same, expected = (getattr(each, name)[~inside] for each in (found, plain))
        assert np.allclose(same, expected, atol=1e-9, equal_nan=True)
    assert (found.state[~inside] == plain.state[~inside]).all()
    unsaid, _ = scored([(feed, replace(each, exchanged=False)) for feed, each in poses])
    assert np.nanmax(unsaid.in_phase) > 0.7  # both seem to change places
    assert np.nanmax(found.in_phase) <= np.nanmax(plain.in_phase) + 1e-9 < 0.5

    session = {"settings": SETTINGS.to_dict(), "noise": "measured", **scoring.unsure.to_session()}
    with Recorder(tmp_path / "s.mirror", session) as recorder:
        for feed, each in poses:
            recorder.add_pose(feed, each)
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert score_again(recording, SETTINGS, lambda *_: None).equals(found)
        recording.repairs = (Repair("exchange", 7.5),)
        repaired = score_again(recording, SETTINGS, lambda *_: None)
        assert np.nanmax(repaired.in_phase) <= np.nanmax(plain.in_phase) + 1e-9
        again = (repaired.time_s >= 7.5) & (repaired.time_s < 7.5 + SETTINGS.window)
        assert (repaired.state[again | inside] == State.UNSURE).all()
        recording.repairs = (Repair("exchange", at),)  # undone
        assert State.UNSURE not in score_again(recording, SETTINGS, lambda *_: None).state


def test_spans_are_noted_stored_and_cut() -> None:
    unsure = Unsure()
    for time, is_unsure in ((0.0, False), (1.0, True), (2.0, True)):
        unsure.note(time, unsure=is_unsure)
    assert unsure.to_session() == {"unsure": [[1.0, None]]}
    unsure.note(3.0, unsure=False)
    assert Unsure.from_session(unsure.to_session()).spans == [(1.0, 3.0)]
    for time, is_unsure in ((4.0, True), (5.0, True), (6.0, False)):  # exchanged while unsure
        for _ in FEEDS:
            unsure.note(time, unsure=is_unsure, exchanged=time == 5.0)
    noted: list[Span] = [(1.0, 3.0), (4.0, 5.0), (5.0, 5.0), (5.0, 6.0)]
    assert Unsure.from_session(unsure.to_session()).spans == noted
    unsure = unsure.without(3.0, 7.0).without(5.0, 5.0)
    assert unsure.spans == [(1.0, 3.0), (5.0, 5.0)]
    assert Unsure.from_session({"unsure": [[1, None]]}).spans == [(1.0, math.inf)]
    assert unsure.at(2.5) == (1.0, 3.0)
    assert unsure.at(3.0) is None
    assert unsure.without(1.5, 2.0).spans == [(1.0, 1.5), (2.0, 3.0), (5.0, 5.0)]
    assert unsure.without(0.0, 5.0).spans == [(5.0, 5.0)]
    empty = Timeline.from_scores([])
    assert Unsure().mask(empty, 6.0) is empty


@pytest.mark.parametrize(
    "stored",
    ["x", [1.0], [[1.0]], [[2.0, 1.0]], [["1", 2.0]], [[3.0, 4.0], [1.0, 2.0]], [[math.nan, 2.0]]],
)
def test_damaged_spans_are_refused(stored: object) -> None:
    with pytest.raises(SettingsError, match="unsure"):
        Unsure.from_session({"unsure": stored})
