"""Clips of two people in one picture, and what is counted of them, by trackers that are told."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from mirror import Pose
from mirror.capture.base import Frame
from mirror.identity.assignment import IdentityEvent
from mirror.identity.tracker import PeopleTracker
from mirror.validation.criteria import of_two_people
from mirror.validation.one_picture import RATE, SIZE, Clip, Counts, clip, follow
from tests.support.people import landmarks

LANDMARKS = "landmarks off the person alone, of a torso"
_SCALE = np.array([SIZE[0], SIZE[1], SIZE[0], 1], np.float32)


class ToldTracker:
    """Puts both people where they are, or on each other, or nowhere, by the frame's number."""

    def __init__(self, scene: Clip, **told: range) -> None:
        self._scene, self._told = scene, told
        self.identities = SimpleNamespace(unsure=False)

    def track(self, frame: Frame) -> tuple[tuple[Pose, ...], tuple[IdentityEvent, ...]]:
        number = round(frame.time * RATE)
        is_now = {name: number in told for name, told in self._told.items()}
        self.identities.unsure = is_now.get("unsure", False)
        poses = [
            Pose(frame.time, body.landmarks / _SCALE, None, *SIZE)
            for body, _ in self._scene.truth(number)[:2]
        ]
        if is_now.get("off"):
            poses = [replace(each, landmarks=landmarks(each) + np.float32(0.01)) for each in poses]
        if is_now.get("exchanged"):
            poses.reverse()
        if is_now.get("lost"):
            poses[0] = replace(poses[0], landmarks=None)
        events = (IdentityEvent("found", "A and B are found"),) if number == 5 else ()
        return tuple(poses), events


class AloneTracker:
    """Puts one of them where that person is."""

    def __init__(self, scene: Clip, who: int) -> None:
        self._scene, self._who = scene, who

    def track(self, frame: Frame) -> Pose:
        body, _ = self._scene.truth(round(frame.time * RATE))[self._who]
        return Pose(frame.time, body.landmarks / _SCALE, None, *SIZE)


truth = cache(partial(Clip.truth, clip(3)))


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Clip:
    monkeypatch.setattr(Clip, "image", lambda *_, **__: np.zeros((4, 4, 3), np.uint8))
    scene = clip(3)  # A leaves, and comes back
    monkeypatch.setattr(Clip, "truth", lambda _, number: truth(number))
    return scene


def counted(scene: Clip, **told: range) -> Counts:
    counts, seen = Counts(), []
    tracker = cast("PeopleTracker", ToldTracker(scene, **told))
    alone = cast("Any", [AloneTracker(scene, who) for who in (0, 1)])
    follow(scene, tracker, counts, lambda number, _: seen.append(number), *alone)
    assert seen == list(range(300))
    assert counts.clips == 1
    return counts


def failed(counts: Counts) -> list[str]:
    return [each.name.split(": ")[1] for each in of_two_people(counts) if not each.passed]


def test_perfect_tracker_passes(scene: Clip) -> None:
    counts = counted(scene)
    assert (counts.switches, counts.lost, counts.wrong, counts.unsure) == (0, 0, 0, 0)
    assert counts.given == 600
    assert 480 < counts.visible < 590  # from frame 5 on; A is away for a while
    assert max(counts.error) < 1e-5
    assert failed(counts) == []


@pytest.mark.parametrize(
    ("told", "switches", "wrong", "unsure"),
    [
        ({"exchanged": range(10, 50)}, 0, 80, 0),
        ({"exchanged": range(10, 60)}, 2, 100, 0),
        ({"exchanged": range(285, 300)}, 2, 30, 0),  # the clip ends before anything can be said
        ({"exchanged": range(10, 60), "unsure": range(12, 60)}, 0, 4, 96),
    ],
)
def test_people_taken_for_each_other(
    scene: Clip, told: dict[str, range], switches: int, wrong: int, unsure: int
) -> None:
    counts = counted(scene, **told)
    assert (counts.switches, counts.wrong, counts.unsure) == (switches, wrong, unsure)
    expected = ["switches not said"] * (switches > 0) + ["wrong person, of the poses"] * (wrong > 3)
    assert failed(counts) == expected


@pytest.mark.parametrize(("clips", "allowed"), [(10, 0), (39, 0), (40, 1), (79, 1), (80, 2)])
def test_one_switch_in_forty_clips_is_allowed(clips: int, allowed: int) -> None:
    for switches in (allowed, allowed + 1):
        is_wrong = "switches not said" in failed(Counts(clips, switches, given=1, visible=1))
        assert is_wrong == (switches > allowed)


def test_lost_counts_only_who_can_be_seen(scene: Clip) -> None:
    counts = counted(scene, lost=range(20, 60))
    assert (counts.lost, counts.given) == (40, 560)
    assert failed(counts) == ["lost, of the frames with a person to be seen"]
    away = [number for number in range(300) if not scene.truth(number)[0][1]]
    assert counted(scene, lost=range(away[0], away[-1] + 1)).lost == 0


def test_landmarks_are_judged_by_the_person_alone(scene: Clip) -> None:
    off, bodies = counted(scene, off=range(300)), [body for body, _ in scene.truth(0)]
    shift = 0.01 * np.hypot(*SIZE) / np.array([bodies[0].torso, bodies[1].torso])
    for error in off.error:
        assert shift.min() < error < shift.max()
    assert failed(off) == [LANDMARKS]
    counts = Counts(1, given=1, visible=1)
    rng = np.random.default_rng(0)
    places: Any = rng.normal(0, 0.01, (100, 10, 2))
    counts.moved, counts.errors = list(places), list(places + 0.05)
    assert counts.error[0] == pytest.approx(0.0125, abs=0.001)  # mean of a Rayleigh distribution
    assert counts.error[1] == pytest.approx(0.0707, abs=0.005)
    assert failed(counts) == []
    assert failed(Counts(1, given=1, visible=1)) == [LANDMARKS]  # nobody was found


def test_clips_are_those_of_their_seeds() -> None:
    names = [clip(seed).name.partition(",")[0] for seed in range(20)]
    assert names[:10] == names[10:]
    assert len(set(names)) == 10
    assert sum("same clothes" in clip(seed).name for seed in range(100)) == pytest.approx(30, abs=9)
    for seed in (1, 6):  # who hides is the one farther away
        (first, _), (second, _) = clip(seed).people
        assert first.size < second.size
    one, other = (clip(2).truth(150)[0][0].landmarks for _ in range(2))
    assert np.array_equal(one, other)
    assert not np.array_equal(one, clip(12).truth(150)[0][0].landmarks)
