"""Postures that are taken over: found with direction, latency and region, live as in replay."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from mirror import Settings, Tick, Timeline
from mirror.analysis.mimicry_test import mimicry_tests
from mirror.capture.synthetic.joints import Posture
from mirror.capture.synthetic.postures import MOVE_S, POSTURES, Held, hold
from mirror.capture.synthetic.postures import take_over as taken
from mirror.estimator.estimator import movement_from_ticks
from mirror.estimator.mimicry import MIMICRY, Mimicry
from mirror.estimator.movement import BODY
from mirror.mimicry import TakeOver, region_words, take_over, take_overs
from mirror.summary import Tally, summarize
from mirror.timeline import COLUMNS, Span
from tests.support.postures import RATE, people, score

SECONDS = 160.0
LEADER = hold(1, SECONDS)
FOLLOWER = taken(LEADER, 2, (0.5, 3.0))
LATE = taken(LEADER, 2, (4.0, 6.0))


@cache
def timeline() -> Timeline:
    return score(people(LEADER, SECONDS), people(FOLLOWER, SECONDS, feed="b"))


def true_latencies(found: list[TakeOver], b: list[Held]) -> list[float]:
    """Return how much later the follower moved at each event, from the script."""
    starts = np.array([each.start for each in b])
    numbers = [int(np.abs(starts + MOVE_S / 2 - each.time_s).argmin()) for each in found]
    return [b[k].start - LEADER[k].start for k in numbers]


@pytest.mark.untraced
@pytest.mark.parametrize("late", [False, True])
def test_take_overs_are_found_with_their_latency(late: bool) -> None:
    follower = LATE if late else FOLLOWER
    rows = score(people(LEADER, SECONDS), people(LATE, SECONDS, feed="b")) if late else timeline()
    found = [each for each in take_overs(rows) if each.by == "b"]
    errors = np.array([each.latency_s for each in found]) - true_latencies(found, follower)
    assert np.abs(errors).max() < 0.2
    scored = float(rows.time_s[rows.posture_state == "ok"][0])
    scripted = [each for each in follower if scored < each.start < SECONDS - 4.0]
    assert len(found) >= 0.9 * len(scripted) > 8
    assert all(each.likeness > 0.6 and each.known_s > each.time_s + 1.0 for each in found)


@pytest.mark.untraced
def test_the_other_way_round_and_with_the_other_mapping() -> None:
    a, b = people(FOLLOWER, SECONDS, feed="b"), people(LEADER, SECONDS)
    forth, back = take_overs(timeline()), take_overs(score(a, b))
    assert len(back) > 8
    assert {each.by for each in back} == {"a"}
    assert [round(each.latency_s, 6) for each in back] == [
        round(each.latency_s, 6) for each in forth
    ]
    same = [Held(each.start, each.posture.mirrored()) for each in FOLLOWER]
    straight = score(b, people(same, SECONDS, feed="b"), mapping="same-side")
    assert len(take_overs(straight)) == pytest.approx(len(forth), abs=1)


@pytest.mark.untraced
def test_what_nobody_took_over_is_hardly_ever_found() -> None:
    """B never holds a posture like one of A's, mirrored or not."""
    arms = [each for each in POSTURES if each.left == Posture().left != each.right]
    heads = [each for each in POSTURES if each.tilt or each.turn or each.nod or each.sway]
    starts = np.arange(0.0, SECONDS, 7.0)
    a = [Held(t, arms[k % len(arms)]) for k, t in enumerate(starts)]
    b = [
        Held(t + 2.0, replace(heads[k % len(heads)], left=Posture().left, right=Posture().right))
        for k, t in enumerate(starts)
    ]
    rows = score(people(a, SECONDS), people(b, SECONDS, feed="b"))
    assert (rows.posture_state == "ok").sum() > 700
    assert take_overs(rows) == []
    assert summarize(rows).mimicry_by_b == 0.0


@pytest.mark.untraced
def test_who_moves_a_little_in_a_posture_does_not_take_it_over() -> None:
    """A moves a hand, and so holds a new posture, while B holds the old one after A."""
    a, b = [], []
    for k, each in enumerate(each for each in POSTURES if each.right[1] < Posture().right[1] - 0.5):
        x, y = each.right
        moved = replace(each, right=(x, y + 0.3))
        a += [Held(12.0 * k, each), Held(12.0 * k + 6.0, moved)]
        b.append(Held(12.0 * k + 2.5, each.mirrored()))
    rows = score(people(a, SECONDS), people(b, SECONDS, feed="b"))
    assert [each.by for each in take_overs(rows)].count("b") > 5
    assert "a" not in {each.by for each in take_overs(rows)}


def test_rates_are_those_of_the_rows_one_by_one() -> None:
    tally = Tally()
    for row in timeline():
        tally.add(row)
    rates = summarize(timeline())
    assert tally.summary() == rates
    assert take_overs(timeline()) == [each for row in timeline() if (each := take_over(row))]
    assert rates.mimicry_by_b > 5.0
    assert rates.swapped().mimicry_by_a == rates.mimicry_by_b


def test_chance_of_taking_over_by_shifting() -> None:
    """Who follows is above chance; who leads, and strangers, are not."""
    seconds = 330.0
    leader = hold(1, seconds)
    settings, a = Settings(rate=RATE), people(leader, seconds)
    for partner, follows in ((taken(leader, 2, (0.5, 3.0)), True), (hold(11, seconds), False)):
        b = people(partner, seconds, feed="b")
        ticks = [Tick(k / RATE, *pair) for k, pair in enumerate(zip(a, b, strict=True))]
        movement = movement_from_ticks(ticks, settings)
        by_a, by_b = mimicry_tests(*movement, BODY, settings, 200, np.random.default_rng(1))
        assert [by_a.score, by_b.score] == ["mimicry_by_a", "mimicry_by_b"]
        assert by_a.p > 0.05
        assert (by_b.p < 0.01 and by_b.effect_size > 3) == follows
        if follows:
            rate = summarize(score(a, b)).mimicry_by_b
            assert by_b.observed == pytest.approx(rate, rel=0.002)  # minutes of a row more
            within = mimicry_tests(
                *movement, BODY, settings, 20, np.random.default_rng(1), Span(10.0, 300.0)
            )
            assert within == []  # too short


def test_words() -> None:
    event = TakeOver(12.0, "b", ("head", "left_arm", "right_arm"), 3.21, 0.9, 14.0)
    assert event.describe() == "B mirrored A after 3.2 s: arms and head"
    assert event.describe(("Ann", "Ben")) == "Ben mirrored Ann after 3.2 s: arms and head"
    assert region_words(("head", "torso", "right_arm")) == "right arm, head and torso"


def means(*steps: tuple[int, int, float, float, float]) -> NDArray[np.float64]:
    """Return postures [row, person, region, feature], 0.1 s apart, all 0 but for these changes.

    Each is (person, region, start in s, first share of the change, s in which the rest follows).
    """
    found = np.zeros((400, 2, 5, 8))
    time = np.arange(400) / 10
    for person, region, start, height, rise in steps:
        share = height + (1 - height) * np.clip((time - start) / max(rise, 1e-9), 0, 1)
        found[time >= start, person, region] = 2 * share[time >= start, None]
    return found


def events(
    postures: NDArray[np.float64], at_once: int, usual: NDArray[np.float64] | None = None
) -> list[tuple[float, ...]]:
    """Return row, latency, time and regions of each event; 0 is usual, or what is given."""
    usual = np.zeros_like(postures) if usual is None else usual
    mimicry, rows = Mimicry(0.1, 0.0), np.full((400, len(COLUMNS)), np.nan)
    rows[:, COLUMNS.index("chance_posture_match")] = 0.2
    for first in range(0, 400, at_once):
        part = slice(first, first + at_once)
        mimicry.score(
            *(rows[part], np.arange(400)[part] / 10, np.arange(at_once)),
            *(postures[part], usual[part]),
        )
    latency, ago, _, regions = rows[:, MIMICRY].T.tolist()
    return [
        (k, round(latency[k], 2), round(k / 10 - ago[k], 2), regions[k])
        for k in np.flatnonzero(np.isfinite(latency)).tolist()
    ]


@pytest.mark.parametrize("at_once", [1, 40, 400])
def test_two_events_of_one_moment_are_in_two_rows(at_once: int) -> None:
    """Both take over the arm that the other one has moved 3 s before."""
    found = events(
        means((0, 2, 20, 1, 0), (1, 3, 20, 1, 0), (0, 3, 23, 1, 0), (1, 2, 23, 1, 0)), at_once
    )
    (first, *one), (second, *other) = found
    assert second == first + 1
    assert sorted([one, other]) == [[-3.0, 22.95, 8.0], [3.0, 22.95, 4.0]]


@pytest.mark.parametrize("at_once", [1, 400])
def test_a_slow_change_that_began_earlier_is_a_posture_of_its_own(at_once: int) -> None:
    """A's left arm takes 2 s to settle, and the right one moves meanwhile: B follows either."""
    a = ((0, 2, 20, 0.6, 2.0), (0, 3, 21.1, 1, 0))
    found = events(means(*a, (1, 2, 26, 1, 0)), at_once)
    assert [each[1:] for each in found] == [(5.97, 25.95, 4.0)]
    found = events(means(*a, (1, 3, 26, 1, 0)), at_once)
    assert [each[1:] for each in found] == [(4.9, 25.95, 8.0)]


@pytest.mark.parametrize(("height", "follows"), [(1.0, True), (1.3, True), (1.45, False)])
def test_an_arm_that_is_raised_higher_is_not_taken_over(height: float, follows: bool) -> None:
    """However alike both are, in proportion to how much they deviate."""
    found = events(means((0, 2, 20, 1, 0), (1, 2, 23, height, np.inf)), 400)
    assert bool(found) == follows


def test_landmarks_that_jump_in_a_posture_are_no_new_one() -> None:
    """Of A, before B takes it over, and of B later."""
    held = (0, 2, 20, 1, 0), (1, 2, 26, 1.1, np.inf)
    jumps = (0, 2, 23, 1.2, np.inf), (1, 2, 29, 1.3, np.inf)
    (found,) = events(means(held[0], jumps[0], held[1], jumps[1]), 400)
    assert found[1:] == (6.0, 25.95, 4.0)  # half-way, of straight changes


def test_an_arm_that_is_out_already_and_goes_further_is_taken_over() -> None:
    """Where it was before matches by .94, but differs by .6."""
    out = (0, 2, 2, 0.7, np.inf), (1, 2, 15, 0.7, np.inf)
    (found,) = events(means(*out, (0, 2, 25, 1, 0), (1, 2, 28, 1, 0)), 400)
    assert found[1:] == (3.0, 27.95, 4.0)


@pytest.mark.parametrize("at_once", [1, 400])
def test_an_arm_that_moves_on_within_a_second_is_one_posture(at_once: int) -> None:
    """Its latency counts from when it moved on."""
    moves = (0, 2, 20, 1, 0), (0, 2, 20.7, 1.2, np.inf)
    (found,) = events(means(*moves, (1, 2, 26, 1.2, np.inf)), at_once)
    assert found[1:] == (5.3, 25.95, 4.0)


@pytest.mark.parametrize("at_once", [1, 400])
def test_what_becomes_usual_after_a_posture_was_taken_does_not_set_it_apart(at_once: int) -> None:
    """Both arms change in both people; where the right one is becomes usual before B's do."""
    postures = means(
        (0, 2, 20, 1, 0), (0, 3, 20, 0.5, np.inf), (1, 2, 26, 1, 0), (1, 3, 26, 0.5, np.inf)
    )
    usual = np.zeros_like(postures)
    usual[235:, :, 3] = 1.0
    (found,) = events(postures, at_once, usual)
    assert found[1:] == (6.0, 25.95, 4.0)


def test_latency_is_that_of_what_was_taken_over() -> None:
    """The other arm changed in both, too, 4.2 s later, but to different postures."""
    a = (0, 2, 20, 1, 0), (0, 3, 20.9, 0.2, np.inf)
    (found,) = events(means(*a, (1, 2, 26, 1, 0), (1, 3, 25.1, -0.17, np.inf)), 400)
    assert found[1:] == (6.0, 25.05, 4.0)


def test_who_was_first_in_what_is_alike_leads() -> None:
    """A's first change was earlier, but of the other arm, which B does not take over."""
    a = (0, 2, 21, 1, 0), (0, 3, 20.2, 0.2, np.inf)
    (found,) = events(means(*a, (1, 2, 20.6, 1, 0), (1, 3, 21.3, -0.17, np.inf)), 400)
    assert found[1] == -0.4
    assert found[3] == 4.0


def test_what_was_held_for_longer_is_not_taken_over() -> None:
    """B's arm takes the posture that A's has had for 21 s, after another change of A's."""
    held, other = (0, 2, 2, 1, 0), (0, 3, 20, 0.2, np.inf)
    assert events(means(held, other, (1, 2, 23, 1, 0)), 400) == []
    assert len(events(means(other, (0, 2, 20, 1, 0), (1, 2, 23, 1, 0)), 400)) == 1
