"""Stretches in which it is not known who is who."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from mirror import Landmark, Pose, Recording, Settings, State, Timeline
from mirror.errors import SettingsError
from mirror.estimator.scoring import Scoring
from mirror.estimator.unsure import Unsure
from mirror.landmarks import FEEDS, Feed
from mirror.recording.rescore import RecordedMovement, score_again
from mirror.recording.writer import Recorder
from mirror.settings_history import SettingsHistory
from mirror.timeline import PostureState
from tests.support.effort import cases
from tests.support.people import pose

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


def test_spans_are_noted_stored_and_cut() -> None:
    unsure = Unsure()
    changes = [unsure.note(t, unsure=u) for t, u in ((0.0, False), (1.0, True), (2.0, True))]
    assert changes == [False, True, False]
    assert unsure.to_session() == {"unsure": [[1.0, None]]}
    assert unsure.note(3.0, unsure=False)
    assert Unsure.from_session(unsure.to_session()).spans == [(1.0, 3.0)]
    assert Unsure.from_session({"unsure": [[1, None]]}).spans == [(1.0, math.inf)]
    assert unsure.at(2.5) == (1.0, 3.0)
    assert unsure.at(3.0) is None
    assert unsure.without(1.5, 2.0).spans == [(1.0, 1.5), (2.0, 3.0)]
    assert unsure.without(0.0, 5.0).spans == []
    empty = Timeline.from_scores([])
    assert Unsure().mask(empty, 6.0) is empty


@pytest.mark.parametrize(
    "stored",
    ["x", [1.0], [[1.0]], [[2.0, 1.0]], [["1", 2.0]], [[3.0, 4.0], [1.0, 2.0]], [[math.nan, 2.0]]],
)
def test_damaged_spans_are_refused(stored: object) -> None:
    with pytest.raises(SettingsError, match="unsure"):
        Unsure.from_session({"unsure": stored})
