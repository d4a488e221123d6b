"""Deciding who is who, on simulated landmarkers and finders."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from mirror.identity.assignment import IdentityEvent, IdentityTracker
from mirror.identity.body import Body, Look
from tests.support.effort import cases
from tests.support.people import landmarks, pose

SIZE = np.array([200, 300, 200, 1], np.float32)  # of a standing person, in pixels


def body(x: float, y: float = 200.0, scale: float = 1.0) -> Body:
    marks = landmarks(pose(0.0)).copy()
    marks[:, :2] -= 0.5
    marks *= scale * SIZE
    marks[:, :2] += (x, y)
    return Body(marks)


def look(colour: int, share: float = 1.0) -> Look:
    """Return the look of clothes of which a share has one colour, the rest another."""
    histogram = np.zeros((6, 8, 8), np.float32)
    histogram[colour % 6, colour % 8, 3] = share
    histogram[5, 7, 7] += 1 - share
    return histogram


class World:
    """Two landmarkers, numbered as in the tracks, in front of people at given places."""

    def __init__(
        self, places: list[float], colours: list[int], *, left: int = 0, share: float = 0.9
    ) -> None:
        self.identities, self.colours, self.share = IdentityTracker(left), colours, share
        self.landmarkers: list[int | None] = [None, None]  # which person each sees
        self.places = places
        self.said: list[IdentityEvent] = []
        self.frame = 0

    def find(self) -> None:
        """Let the finder see everybody."""
        seated = self.identities.offer(
            [body(x) for x in self.places], [look(colour, self.share) for colour in self.colours]
        )
        for who in seated:
            track = self.identities.tracks[who]
            assert track.body is not None
            x = track.body.core[1, 0]
            self.landmarkers[track.landmarker] = int(
                np.argmin([abs(x - place) for place in self.places])
            )

    def step(self, *places: float) -> list[int | None]:
        """Go on by a frame; return as whom A and B are given out."""
        self.places = list(places or self.places)
        self.frame += 1
        seen = [self.landmarkers[track.landmarker] for track in self.identities.tracks]
        bodies = tuple(None if each is None else body(self.places[each]) for each in seen)
        looks = tuple(
            None if each is None else look(self.colours[each], self.share) for each in seen
        )
        outcome = self.identities.update(
            self.frame / 30, (bodies[0], bodies[1]), (looks[0], looks[1])
        )
        self.said += outcome.events
        return [
            None
            if each is None
            else int(np.argmin([abs(each.core[1, 0] - x) for x in self.places]))
            for each in outcome.bodies
        ]

    def settle(self, frames: int = 30) -> None:
        self.find()
        for _ in range(frames):
            self.step()

    @property
    def kinds(self) -> list[str]:
        return [each.kind for each in self.said]


@pytest.mark.parametrize("left", [0, 1])
def test_left_one_at_first_sight_is_a_or_b_as_asked_for(left: int) -> None:
    world = World([500.0, 200.0], [1, 2], left=left)
    world.find()
    assert world.step() == ([1, 0] if left == 0 else [0, 1])
    assert world.kinds == ["found"]


def test_whoever_is_alone_at_first_becomes_b_if_somebody_comes_from_the_left() -> None:
    world = World([500.0], [1])
    world.find()
    assert world.step() == [0, None]
    assert not world.identities.settled
    world.places, world.colours = [500.0, 200.0], [1, 2]
    world.find()
    assert world.step() == [1, 0]
    assert world.identities.settled
    assert world.kinds == ["found", "exchanged", "found"]
    assert world.said[1].since == 0.0


def test_whoever_is_alone_and_clicked_on_stays_a() -> None:
    world = World([500.0], [1])
    world.find()
    world.step()
    world.identities.click((500.0, 180.0), 0)
    assert world.identities.settled
    world.places, world.colours = [500.0, 200.0], [1, 2]
    world.find()
    assert world.step() == [0, 1]


@examples(max_examples=cases(12, 30), deadline=None)
@given(
    seed=st.integers(0, 10_000),
    misses=st.sets(st.integers(40, 100)),
    same=st.booleans(),
)
def test_people_apart_are_never_exchanged_nor_unsure(
    seed: int, misses: set[int], *, same: bool
) -> None:
    """However they move in their halves, and whenever a landmarker finds nobody."""
    rng = np.random.default_rng(seed)
    world = World([150.0, 650.0], [1, 1 if same else 2])
    world.settle()
    steps = np.cumsum(rng.normal(0, 6, (80, 2)), axis=0).clip(-100, 100)
    for number, (one, other) in enumerate(steps.tolist()):
        before = world.landmarkers.copy()
        if number + 40 in misses:
            world.landmarkers[seed % 2] = None
        given = world.step(150 + one, 650 + other)
        world.landmarkers = before
        assert given[0] in (0, None)
        assert given[1] in (1, None)
        if world.identities.lost:
            world.find()
    assert {"exchanged", "unsure"}.isdisjoint(world.kinds)


def test_jump_is_refused_and_after_three_the_person_is_lost() -> None:
    world = World([200.0, 600.0], [1, 2])
    world.settle()
    world.landmarkers[1] = 0  # B's landmarker jumps to A
    assert [world.step() for _ in range(3)] == [[0, None]] * 3
    assert world.kinds[-1] == "lost"
    world.landmarkers[1] = None
    world.find()
    assert world.step() == [0, 1]
    assert world.kinds[-1] == "found"


@pytest.mark.parametrize("swap", [False, True])
def test_votes_of_looks_decide_after_people_have_crossed(*, swap: bool) -> None:
    world = World([200.0, 600.0], [1, 2], share=0.4)
    world.settle()
    given = []
    for x in np.linspace(200, 600, 20).tolist():
        given.append(world.step(x, 800 - x))
        if swap and len(given) == 10:
            world.landmarkers.reverse()  # where they are closest, the landmarkers change bodies
    given += [world.step() for _ in range(15)]
    assert given[-1] == [0, 1]
    exchanges = [each for each in world.said if each.kind == "exchanged"]
    assert bool(exchanges) == swap
    for each in exchanges:
        assert each.since == pytest.approx((30 + 10) / 30, abs=0.1)
        assert "since about" in each.describe(world.frame / 30)


def alike_after_hiding() -> World:
    """Return two people in the same clothes, of whom A was hidden behind B."""
    world = World([200.0, 600.0], [1, 1])
    world.settle()
    for x in np.linspace(200, 600, 60).tolist():
        world.step(x, 600)
        if world.identities.lost and x < 560:
            break
    for _ in range(10):
        world.landmarkers[0] = 1
        world.step(600, 600)
    world.landmarkers = [None if who in world.identities.lost else 1 for who in (0, 1)]
    world.places = [200.0, 600.0]
    while world.identities.lost:
        world.find()
    world.step()
    assert world.kinds[-2:] == ["unsure", "found"]  # at once, not when votes do not decide
    for _ in range(15):
        world.step()
    return world


def test_same_clothes_after_hiding_are_unsure_until_somebody_says_who_is_who() -> None:
    world = alike_after_hiding()
    assert world.identities.unsure
    now = world.step()
    world.identities.click((float(world.places[now[0] or 0]), 180.0), 0)
    world.step()
    assert not world.identities.unsure
    assert world.kinds[-2:] == ["clicked", "sure"]
    assert world.step() == now


def test_click_on_the_other_exchanges_and_is_believed() -> None:
    world = World([200.0, 600.0], [1, 2])
    world.settle()
    world.identities.click((600.0, 180.0), 0)
    assert world.step() == [1, 0]
    for _ in range(40):
        assert world.step() == [1, 0]  # no vote turns it back
    assert world.kinds[-2:] == ["clicked", "exchanged"]


def test_click_on_somebody_who_is_not_followed_follows_them() -> None:
    world = World([200.0, 600.0, 900.0], [1, 2, 3])
    world.settle()
    world.identities.click((900.0, 180.0), 1)
    assert world.identities.searching
    world.find()
    assert world.step() == [0, 2]


def test_not_one_of_us_is_not_followed_again() -> None:
    world = World([200.0, 600.0], [1, 3])
    world.settle()
    world.identities.click((600.0, 180.0), None)
    world.find()
    assert world.step() == [0, None]
    assert "clicked" in world.kinds


def test_stranger_whom_a_landmarker_slides_to_is_let_go() -> None:
    world = World([200.0, 600.0, 640.0], [1, 2, 3])
    world.settle()
    world.landmarkers[1] = 2
    given = [world.step() for _ in range(10)]
    assert all(each[1] is None for each in given)
    assert world.kinds[-1] == "lost"
    world.landmarkers[1] = None
    world.find()
    assert world.step() == [0, 1]


def test_both_on_one_body_give_one_pose_and_then_the_wrong_one_lets_go() -> None:
    world = World([200.0, 300.0], [1, 2])
    world.settle()
    for x in np.linspace(300, 215, 20).tolist():
        world.step(200.0, x)
    world.landmarkers[1] = 0
    given = [world.step() for _ in range(12)]
    assert all(None in each for each in given)
    assert world.identities.lost == [1]


def test_each_is_found_again_on_the_other_side_by_looks() -> None:
    world = World([200.0, 600.0], [1, 2])
    world.settle()
    world.landmarkers = [None, None]
    for _ in range(5):
        world.step()
    assert world.identities.lost == [0, 1]
    world.places = [600.0, 200.0]
    world.find()
    assert world.step() == [0, 1]
    for _ in range(20):
        world.step()
    assert world.identities.settled
    assert not world.identities.unsure


@pytest.mark.parametrize("together", [True, False])
def test_both_who_return_in_the_same_clothes_are_unsure_from_the_first_frame(
    *, together: bool
) -> None:
    world = World([200.0, 600.0], [1, 1])
    world.settle()
    world.landmarkers = [None, None]
    for _ in range(4):
        world.step()
    assert world.kinds == ["found", "lost", "lost"]
    if not together:
        (who,) = world.identities.offer([body(600.0)], [look(1, world.share)])
        world.landmarkers[world.identities.tracks[who].landmarker] = 1
        assert None in world.step()
        assert world.identities.unsure
    world.find()
    assert None not in world.step()
    assert world.identities.unsure
    for _ in range(40):
        world.step()
    assert world.kinds[3:] == ["unsure", "found", "found"]  # said once, and not settled


def test_third_person_is_said_once() -> None:
    world = World([200.0, 600.0, 900.0], [1, 2, 3])
    world.find()
    world.step()
    searching = []
    for _ in range(4):
        searching.append(world.identities.searching)
        world.find()
    world.step()
    assert searching == [True, False, False, False]  # looked for again soon, then known
    third = [each.text for each in world.said if each.kind == "third"]
    assert third == ["Three people; following A and B"]


@pytest.mark.parametrize(
    ("looks", "said"),
    [
        ("3..3", 1),  # at most two looks without a sight between two with one
        ("3...3", 0),
        ("3...3..3", 1),  # only the first sight is forgotten
        ("33...3", 1),  # still the same person
        ("33....3..3", 2),
    ],
)
def test_third_person_is_said_at_a_second_sight_soon_after_the_first(looks: str, said: int) -> None:
    world = World([200.0, 600.0], [1, 2])
    world.settle()
    for each in looks:
        is_there = each == "3"
        world.places = [200.0, 600.0, 900.0][: 3 if is_there else 2]
        world.colours = [1, 2, 3][: 3 if is_there else 2]
        world.find()
        world.step()
    assert world.kinds == ["found", *said * ["third"]]


def test_passer_by_who_hides_one_of_two_is_said() -> None:
    world = World([200.0, 600.0], [1, 2])
    world.settle()
    world.places, world.colours = [200.0, 600.0, 300.0], [1, 2, 3]
    world.find()
    world.landmarkers[0] = None
    for _ in range(4):
        world.step()
    world.identities.offer([body(210.0)], [look(3)])
    world.places[2] = 900.0
    world.find()
    world.step()
    assert world.kinds == ["found", "lost", "found", "third"]


def test_third_person_is_said_while_it_is_not_known_who_is_who() -> None:
    world = alike_after_hiding()
    assert world.identities.unsure
    world.places, world.colours = [*world.places, 900.0], [1, 1, 3]
    for _ in range(2):
        world.find()
    world.step()
    assert world.kinds[-1] == "third"


@pytest.mark.parametrize(("third", "kinds"), [(480.0, []), (900.0, ["third"])])
def test_third_person_is_said_while_two_are_close_only_if_seen_apart_from_both(
    third: float, kinds: list[str]
) -> None:
    world = World([200.0, 600.0], [1, 2])
    world.settle()
    walk = np.linspace((200.0, 600.0), (380.0, 430.0), 10).tolist()
    for a, b in walk:
        world.step(a, b)
    assert not world.identities.settled  # an encounter
    world.places, world.colours = [380.0, 430.0, third], [1, 2, 3]  # what the finder sees
    for _ in range(4):
        world.find()
    assert world.step() == [0, 1]
    assert world.kinds == ["found", *kinds]
    for a, b in walk[::-1] + 20 * walk[:1]:
        world.step(a, b, 900.0)
    for _ in range(4):
        world.find()
    world.step()
    assert world.kinds == ["found", "third"]
