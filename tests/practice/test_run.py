from __future__ import annotations

import math

import pytest

from mirror import Score, Settings, State
from mirror.events import Event
from mirror.practice.exercise import Cue, Exercise, Round, session_goal
from mirror.practice.goal import Goal
from mirror.practice.run import Practice, Result, held_levels

GOAL = Goal("in_phase", threshold=0.5, hold_s=2.0)
TWO = Exercise(
    "two",
    "Two",
    "Two rounds.",
    (
        Round("First", 10.0, GOAL, (Cue(0.0, "go"), Cue(4.0, "faster"))),
        Round("Second", 6.0, GOAL, (Cue(0.0, "again"),)),
    ),
    rest_s=5.0,
    window_s=2.0,
)
SETTINGS = TWO.settings(Settings())


def rows(start: float, end: float, value: float) -> list[Score]:
    return [
        Score(k / 10, State.OK, in_phase=value) for k in range(round(10 * start), round(10 * end))
    ]


def test_phases_and_cues_follow_the_clock() -> None:
    practice = Practice(TWO, SETTINGS, 100.0)
    seen = []
    cues = []
    for tick in range(60):
        time = 100.0 + tick / 2
        cues += [(event.time_s, event.kind, event.text) for event in practice.advance(time)]
        status = practice.status()
        seen.append((status.phase, status.number, status.cue))
    assert cues == [(103.0, "cue", "go"), (107.0, "cue", "faster"), (121.0, "cue", "again")]
    assert list(dict.fromkeys(seen)) == [
        ("countdown", 0, "go"),
        ("round", 0, "go"),
        ("round", 0, "faster"),
        ("rest", 1, "again"),
        ("countdown", 1, "again"),
        ("round", 1, "again"),
        ("done", 2, ""),
    ]
    assert practice.status(101.0).left_s == pytest.approx(2.0)
    assert practice.status(104.0).left_s == pytest.approx(9.0)
    assert practice.status(113.0).left_s == pytest.approx(5.0)
    assert "First, 9\u00a0s left" in practice.status(104.0).describe()
    assert "begins in 2\u00a0s" in practice.status(101.0).describe()
    assert practice.status(999.0).describe().endswith("Done")


def test_goals_by_chance_wait_for_a_chance_level() -> None:
    by_chance = Exercise("x", "X", "", (Round("One", 9.0, Goal("in_phase")),), window_s=2.0)
    practice = Practice(by_chance, SETTINGS, 0.0)
    status = practice.status(1.0)
    assert status.phase == "warm-up"
    assert status.cue == "Move as you like"
    assert (status.shown_score, practice.status(999.0).shown_score) == ("in_phase", "")
    assert status.left_s == pytest.approx(5 * 2.0 + 0.5 - 1.0)
    assert "each on your own, for 10\u00a0s more" in status.describe()


def test_results_are_of_the_rows_in_each_round() -> None:
    practice = Practice(TWO, SETTINGS, 0.0)  # rounds from 3 to 13, and from 21 to 27
    found = practice.add(rows(0, 9, 0.9) + rows(9, 14, 0.1))
    (first,) = found
    assert (first.title, first.start_s, first.end_s) == ("Two, First", 3.0, 13.0)
    assert first.longest_s == pytest.approx(3.9)  # from 5.0, after one window, to 8.9
    assert (first.met_s, first.missed_s) == pytest.approx((4.0, 4.1))
    assert first.undefined_s == 0.0
    assert first.success is True
    practice.advance(23.0)
    practice.add(rows(14, 24, 0.9))
    status = practice.status()
    assert status.attempt is not None
    assert status.attempt.longest_s == pytest.approx(0.9)
    assert "held 0.9\u00a0s" in status.describe()
    assert practice.results == (first,)
    (second,) = practice.finish(24.0)  # cut off
    assert (second.end_s, second.success) == (24.0, False)
    assert practice.done
    assert practice.finish(99.0) == []


def test_rounds_without_rows_have_no_result_but_are_listed() -> None:
    practice = Practice(TWO, SETTINGS, 0.0)
    first, second = practice.finish(60.0)
    assert first.success is None
    assert second.undefined_s == pytest.approx(4.0)
    assert second.describe() == "no score"
    assert practice.finish(99.0) == []


def test_rounds_that_had_not_begun_have_no_result() -> None:
    practice = Practice(TWO, SETTINGS, 0.0)
    assert [each.round for each in practice.finish(15.0)] == ["First"]
    assert practice.status(15.0).phase == "done"


def test_results_do_not_depend_on_how_rows_arrive() -> None:
    every = rows(0, 12, 0.9) + rows(12, 20, 0.1) + rows(20, 30, 0.7)
    at_once, one_by_one = (Practice(TWO, SETTINGS, 0.0) for _ in range(2))
    at_once.add(every)
    for row in every:
        one_by_one.advance(row.time_s + 0.2)
        one_by_one.add([row])
    assert at_once.results == one_by_one.results


def test_rounds_cues_and_holds_go_on_after_a_pause() -> None:
    practice = Practice(TWO, SETTINGS, 0.0)  # rounds from 3 to 13, and from 21 to 27; window 2
    practice.advance(6.0)
    practice.add(rows(0, 6, 0.9))
    practice.note(Event(6.0, "pause", ""))
    assert practice.advance(50.0) == []
    status = practice.status()
    assert (status.phase, status.score) == ("round", None)
    assert status.left_s == pytest.approx(7.0)
    practice.note(Event(106.0, "resume", ""))
    practice.add([Score(k / 10, State.GAP) for k in range(61, 1075)])
    attempt = practice.status(107.4).attempt
    assert attempt is not None
    assert attempt.held_s == pytest.approx(0.9)
    assert not attempt.holds  # nothing is judged yet
    practice.add(rows(107.5, 109, 0.9))
    assert practice.status(109.0).holding.startswith("held 1.9")
    assert [(each.time_s, each.text) for each in practice.advance(110.0)] == [(107.0, "faster")]
    first, _ = practice.add(rows(109, 128, 0.9))
    assert (first.start_s, first.end_s) == (3.0, 113.0)
    assert first.longest_s == pytest.approx(6.0)  # from 5 to 6, from 108 to 113
    assert first.undefined_s == pytest.approx(2.0, abs=0.11)  # the window after the pause


def test_goal_of_a_session_has_no_end() -> None:
    exercise = session_goal(Goal("mirroring", threshold=0.5, lag=(0.0, 3.0)), Settings())
    settings = exercise.settings(Settings(mapping="same-side"))
    assert settings.max_lag == 3.0
    assert settings.mapping == "same-side"
    practice = Practice(exercise, settings, 10.0)
    assert math.isinf(practice.status(14.0).left_s)
    assert practice.status(14.0).doing == "Goal"
    practice.add(rows(10, 40, 0.2))
    (result,) = practice.finish(40.0)
    assert result.success is False
    assert (result.title, result.end_s) == ("Goal", 40.0)


def test_levels_held_are_means_by_exercise_of_what_was_defined() -> None:
    def result(exercise: str, met_s: float, missed_s: float) -> Result:
        return Result(exercise, "r", 0.0, 9.0, 3.0, Goal(), met_s, missed_s, 0.0, 1.0)

    results = [result("Swap", 3.0, 1.0), result("Swap", 1.0, 3.0), result("Swap", 0.0, 0.0)]
    levels = held_levels([*results, result("Goal", 1.0, 1.0), result("Never", 0.0, 0.0)])
    assert {name: level.score for name, level in levels.items()} == {"Swap": 0.5, "Goal": 0.5}
    assert all(math.isnan(level.chance) for level in levels.values())
