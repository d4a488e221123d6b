"""Exercises and goals in a live session: recorded, sent, and the same in replay."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from mirror import Landmark, Recording, State, Timeline
from mirror.errors import MirrorError
from mirror.estimator.signals import TWO_BODIES
from mirror.practice.exercise import Cue, Exercise, Round, session_goal
from mirror.practice.goal import Goal
from mirror.recording.anonymize import anonymize
from mirror.recording.rescore import rescore
from mirror.session.base import Practising
from tests.support.people import pose
from tests.support.stage import QUICK, ManualClock, Stage

HELD = Goal("in_phase", threshold=0.5, hold_s=2.0)
EXERCISE = Exercise(
    "two",
    "Two",
    "Two rounds.",
    (
        Round("Same", 5.0, HELD, (Cue(0.0, "together"),)),
        Round("Opposite", 5.0, Goal("anti_phase", threshold=0.5, hold_s=2.0)),
    ),
    rest_s=0.0,
    window_s=1.5,
)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stage:
    return Stage(ManualClock(monkeypatch), tmp_path)


def test_results_are_recorded_and_the_same_in_replay(stage: Stage, tmp_path: Path) -> None:
    stage.advance(1.0)
    stage.session.practise(EXERCISE)
    stage.advance(13.6)
    live = stage.session.results
    assert [(each.round, each.success) for each in live] == [("Same", True), ("Opposite", False)]
    practice = stage.session.practice
    assert practice is not None
    assert practice.phase == "done"
    with stage.end() as recording:
        assert recording.results() == live
        kinds = [event.kind for event in recording.events()]
        assert kinds == ["cue", "result", "result"]
        begin = recording.session["exercises"][0]["begin_s"]
        again = Practising(EXERCISE, recording.settings, TWO_BODIES, begin)
        rows, results = [], []
        for feed, pose in recording.poses():
            new = again.push(feed, pose)
            rows += new[0]
            results += new[1]
        stored = recording.exercise_timeline()
        assert len(stored) > 100
        assert Timeline.from_scores(rows[: len(stored)]).equals(stored)
        assert results == live
        for copy in (
            rescore(recording, tmp_path / "c.mirror", QUICK.changed(window=3.0, band=(0.5, 3)))[1],
            anonymize(recording, tmp_path / "d.mirror", lambda *_: None, keep_events=True),
        ):
            with Recording.open(copy) as copied:
                assert copied.results() == live
                assert copied.exercise_timeline().equals(stored)
        nameless = anonymize(recording, tmp_path / "e.mirror", lambda *_: None)
        recording.shift_b = 0.1
        _, shifted = rescore(recording, tmp_path / "f.mirror", recording.settings)
    with Recording.open(shifted) as copied:
        assert copied.results() == []
        assert len(copied.exercise_timeline()) == 0
        assert [event.kind for event in copied.events()] == ["cue"]
        assert "exercises" not in copied.session
    with Recording.open(nameless) as copied:
        assert copied.results() == [replace(each, exercise="", round="") for each in live]


@pytest.mark.untraced
def test_goal_ends_with_the_session(stage: Stage) -> None:
    stage.session.practise(session_goal(HELD, QUICK))
    stage.advance(8.0)
    practice = stage.session.practice
    assert practice is not None
    assert practice.attempt is not None
    assert practice.attempt.held_s > 1.0
    assert stage.session.results == []
    with stage.end() as recording:
        (result,) = recording.results()
        assert result.success is True
        assert result.end_s == pytest.approx(8.0, abs=0.1)


@pytest.mark.untraced
def test_another_goal_ends_the_first_one(stage: Stage) -> None:
    stage.session.practise(session_goal(HELD, QUICK))
    stage.advance(5.0)
    stage.session.practise(session_goal(replace(HELD, score="anti_phase"), QUICK))
    stage.advance(5.0)
    stage.session.practise(None)
    stage.advance(0.5)
    assert [each.goal.score for each in stage.session.results] == ["in_phase", "anti_phase"]
    assert stage.session.practice is not None
    assert stage.session.practice.phase == "done"
    stage.end().close()


def test_goal_ends_while_the_poses_are_behind_the_clock(stage: Stage) -> None:
    stage.session.practise(session_goal(HELD, QUICK))
    stage.advance(3.0)
    stage.advance(0.6, "")
    stage.session.practise(None)
    stage.advance(0.6)
    assert stage.session.practice is not None
    assert stage.session.practice.phase == "done"
    stage.end().close()


def test_cues_call_people_by_their_present_names(stage: Stage) -> None:
    first = replace(EXERCISE.rounds[0], cues=(Cue(0.0, "{a} leads"), Cue(2.0, "{b} mirrors {a}")))
    stage.session.practise(replace(EXERCISE, rounds=(first,)))
    stage.advance(3.5)
    stage.session.describe(labels=("Anna", "Ben"))
    stage.advance(0.2)
    assert stage.session.practice is not None
    assert stage.session.practice.cue == "Anna leads"
    stage.advance(2.0)
    with stage.end() as recording:
        cues = [event.text for event in recording.events() if event.kind == "cue"]
    assert cues == ["A leads", "Ben mirrors Anna"]


def test_exercise_stands_still_in_a_pause(stage: Stage) -> None:
    stage.session.practise(EXERCISE)  # rounds from 3 to 8 and from 8 to 13
    stage.advance(7.0)
    before = stage.session.practice
    stage.session.pause()
    with pytest.raises(MirrorError, match="paused"):
        stage.session.practise(EXERCISE)
    stage.advance(10.0, "")
    practice = stage.session.practice
    assert practice is not None
    assert before is not None
    assert (practice.phase, practice.score) == ("round", None)
    assert practice.left_s == pytest.approx(before.left_s, abs=0.1)
    assert practice.attempt is not None
    held = practice.attempt.held_s
    assert held > 1.0
    stage.session.resume()
    stage.advance(6.5)
    with stage.end() as recording:
        same, opposite = recording.results()
        assert (same.start_s, same.end_s) == pytest.approx((3.0, 18.0), abs=0.1)
        assert (opposite.start_s, opposite.end_s) == pytest.approx((18.0, 23.0), abs=0.1)
        assert same.longest_s == pytest.approx(held, abs=0.1)  # no whole window is left in it
        assert same.undefined_s == pytest.approx(1.0, abs=0.1)
        events = recording.events()
        assert [event.kind for event in events if event.kind != "warning"] == (
            ["cue", "pause", "resume", "result", "result"]
        )
        begin = recording.session["exercises"][0]["begin_s"]
        again = Practising(EXERCISE, recording.settings, TWO_BODIES, begin)
        for event in events:
            again.practice.note(event)
        for feed, each in recording.poses():
            again.push(feed, each)
        assert again.practice.results[0] == same


def test_rendered_people_perform_by_the_time_of_their_exercise(stage: Stage) -> None:
    camera = stage.cameras["a"]
    camera.perform = MagicMock()  # type: ignore[method-assign]
    for begin_s in (2.0, 12.0):  # and once again
        stage.advance(2.0)
        stage.session.practise(EXERCISE)
        stage.advance(3.0)
        (clock,) = camera.perform.call_args.args
        stage.session.pause()
        stage.advance(4.0, "")
        ages = [clock(begin_s + age_s) for age_s in (-1.0, 1.0, 3.0, 5.0, 7.0)]
        assert ages == pytest.approx([0.0, 1.0, 3.0, 3.0, 3.0], abs=0.1)
        stage.session.resume()
        stage.advance(1.0)
        assert clock(begin_s + 8.0) == pytest.approx(4.0, abs=0.1)
    stage.end().close()


def test_goal_follows_a_change_of_the_mapping() -> None:
    practising = Practising(session_goal(HELD, QUICK), QUICK, TWO_BODIES, 0.0)
    rows = []
    for tick in range(15 * 10):
        time = tick / 15
        x = 0.1 * math.sin(4.0 * time)
        for feed, mark in (("a", Landmark.LEFT_WRIST), ("b", Landmark.RIGHT_WRIST)):
            moved = (x if feed == "a" else -x, 0.0)
            rows += practising.push(feed, pose(time, {mark: moved}))[0]  # type: ignore[arg-type]
        if tick == 15 * 5:
            practising.change(QUICK.changed(mapping="same-side"))
    before, after = (
        [row.in_phase for row in rows if row.state is State.OK and inside(row.time_s)]
        for inside in (lambda t: t < 5.0, lambda t: t > 9.0)
    )
    assert min(before) > 0.9
    assert max(after) < 0.1  # different arms move


@pytest.mark.untraced
def test_session_of_a_new_mapping_goes_on(stage: Stage) -> None:
    stage.session.practise(session_goal(HELD, QUICK))
    stage.advance(5.0)
    stage.session.change(QUICK.changed(mapping="same-side"))
    stage.advance(4.0)
    with stage.end() as recording:
        (result,) = recording.results()
    assert result.met_s > 4.0


@pytest.mark.untraced
def test_goal_begins_with_a_change_that_was_asked_for_just_before(stage: Stage) -> None:
    stage.session.change(QUICK.changed(floor=10.0))
    stage.session.practise(session_goal(HELD, QUICK))
    stage.advance(6.0)
    with stage.end() as recording:
        rows = recording.exercise_timeline()
        (result,) = recording.results()
    assert set(rows.state) == {"warming_up", "still"}
    assert result.met_s == 0.0


def test_unfit_exercise_is_refused_before_it_begins(stage: Stage) -> None:
    with pytest.raises(MirrorError, match="window"):
        stage.session.practise(replace(EXERCISE, window_s=0.3))
    stage.advance(0.2)
    stage.end().close()
