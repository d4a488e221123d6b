"""Clips of rendered people in one picture who cross, touch, hide one another, leave and return.

Who is where, and whether they can be seen, is known in every frame.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from mirror.capture.base import Frame, Source
from mirror.capture.synthetic.joints import Posture, joints
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.motion import aperiodic
from mirror.capture.synthetic.render import lay_person, render
from mirror.landmarks import Landmark

Act = Literal["apart", "cross", "touch", "hide", "leave", "both leave", "passer-by"]
ACTS: Final[tuple[Act, ...]] = ("cross", "touch", "hide", "leave", "both leave", "passer-by")
SIZE: Final = (854, 480)
RATE: Final = 30.0

_HALF_WIDTH: Final = 0.6  # of a body, in shoulder widths
_SEEN: Final = 0.6  # share of the torso from which a person can be seen

Point = tuple[float, float]


@dataclass(frozen=True)
class Person:
    """A person: looks, gestures, and where the person is (x in widths of the picture)."""

    looks: Looks
    gestures: int
    times: tuple[float, ...]
    places: tuple[float, ...]

    def posture(self, time: float) -> Posture:
        """Return the posture at a time, s."""
        unit = self.looks.size * min(SIZE[1], 0.75 * SIZE[0])
        x = float(np.interp(time, self.times, self.places))
        ahead = float(np.interp(time + 0.1, self.times, self.places))
        pace = min(1.0, 20.0 * abs(ahead - x))  # while walking, the arms swing less
        step = (x - self.looks.centre[0]) * SIZE[0] / unit
        gesture = aperiodic(self.gestures)(time)
        assert gesture is not None
        rest = Posture().vector()
        swing = 0.12 * pace * np.sin(2 * np.pi * 1.7 * time)
        mixed = Posture.of((1 - 0.7 * pace) * gesture.vector() + 0.7 * pace * rest)
        return replace(mixed, step=step, knees=(max(0.0, mixed.knees[0] + swing), mixed.knees[1]))


@dataclass(frozen=True)
class Clip:
    """Some seconds of people in one picture; the first two are to be followed, farthest first."""

    name: str
    people: tuple[Person, ...]
    seconds: float = 10.0

    @property
    def frames(self) -> int:
        return round(self.seconds * RATE)

    def image(self, number: int, only: int | None = None) -> NDArray[np.uint8]:
        """Return a frame, uint8 [height, width, 3], of everybody or of one person alone."""
        image = render(self.people[0].looks, None, *SIZE).copy()
        for person in self._by_depth() if only is None else (self.people[only],):
            lay_person(image, person.looks, person.posture(number / RATE))
        return image

    def _by_depth(self) -> list[Person]:
        return sorted(self.people, key=lambda each: each.looks.size)

    def truth(self, number: int) -> list[dict[Landmark, Point]]:
        """Return everybody's joints in pixels."""
        return [joints(each.looks, each.posture(number / RATE), *SIZE) for each in self.people]

    def seen(self, number: int) -> list[bool]:
        """Return whether each person can be seen: most of the torso, inside and not hidden."""
        boxes = {id(each): self._sides(each, number) for each in self.people}
        order = [id(each) for each in self._by_depth()]
        result = []
        for person in self.people:
            grid = np.linspace(*boxes[id(person)], 21)
            shown = (grid >= 0) & (grid < SIZE[0])
            for nearer in order[order.index(id(person)) + 1 :]:
                shown &= (grid < boxes[nearer][0]) | (grid > boxes[nearer][1])
            result.append(bool(shown.mean() >= _SEEN))
        return result

    def _sides(self, person: Person, number: int) -> tuple[float, float]:
        unit = person.looks.size * min(SIZE[1], 0.75 * SIZE[0])
        body = joints(person.looks, person.posture(number / RATE), *SIZE)
        x = (body[Landmark.LEFT_SHOULDER][0] + body[Landmark.RIGHT_SHOULDER][0]) / 2
        return x - _HALF_WIDTH * unit, x + _HALF_WIDTH * unit


def _looks(rng: np.random.Generator, size: float, x: float, *, like: Looks | None) -> Looks:
    own = Looks.random(int(rng.integers(1_000_000)))
    floor = 0.90 + 0.9 * (size - 0.125)
    size_px = size * min(SIZE[1], 0.75 * SIZE[0])
    centre = (x, floor - 3.85 * size_px / SIZE[1])
    own = replace(own, size=size, centre=centre)
    if like is None:
        return own
    return replace(
        own, shirt=like.shirt, trousers=like.trousers, trim=like.trim, garment=like.garment
    )


Way = tuple[tuple[float, ...], tuple[float, ...]]
_STILL: Final = (0.0, 10.0)


def _ways(
    act: Act, rng: np.random.Generator, left: float, right: float, t: float, walk: float
) -> tuple[Way, Way]:
    """Return when (s) each of the two is where."""
    times: tuple[float, ...]
    one: Way = (_STILL, (left, left))
    other: Way = (_STILL, (right, right))
    if act == "cross":
        if rng.random() < 0.5:
            times = (t, t + walk, 7.0, 7.0 + walk)
            return (times, (left, right, right, left)), (times, (right, left, left, right))
        way = right - left + 0.14 if right < 0.75 else right - left
        one = ((t, t + walk), (left, min(0.92, left + way + 0.1)))
        return one, (_STILL, (right - 0.15, right - 0.15))
    if act == "touch":
        gap, times = rng.uniform(0.035, 0.06), (t, t + walk, 6.5, 8.5)
        one = (times, (left, 0.5 - gap, 0.5 - gap, left))
        return one, (times, (right, 0.5 + gap, 0.5 + gap, right))
    if act == "hide":
        stay = rng.uniform(1.0, 2.0)
        back = right if rng.random() < 0.5 else left
        place = rng.uniform(0.48, 0.55)
        far = min(0.9, max(back, place + 0.25)) if back == right else left
        times = (t, t + walk, t + walk + stay, t + 2 * walk + stay)
        return (times, (left, place, place, far)), (_STILL, (place, place))
    if act == "leave":
        back = -0.15 if rng.random() < 0.5 else 1.15
        place = left if back < 0 else min(0.9, right + 0.12)
        times = (t, t + 1.2, t + 2.4, t + 2.41, t + 3.0, t + 4.5)
        one = (times, (left, -0.15, -0.15, back, back, place))
        return one, (_STILL, (right - 0.1, right - 0.1)) if back > 0 else other
    if act == "both leave":
        one = ((t, t + 1.2, t + 2.4, t + 3.9), (left, -0.15, -0.15, left))
        other = ((t + 0.3, t + 1.5, t + 3.0, t + 4.5), (right, 1.15, 1.15, right))
        if rng.random() < 0.5:  # each comes back from the other side
            times = (t, t + 1.2, t + 2.0, t + 2.01, t + 2.6, t + 4.1)
            one = (times, (left, -0.15, -0.15, 1.15, 1.15, right))
            times = (t + 0.3, t + 1.5, t + 2.2, t + 2.21, t + 3.0, t + 4.5)
            other = (times, (right, 1.15, 1.15, -0.15, -0.15, left))
    return one, other


def clip(seed: int, act: Act | None = None, *, same_clothes: bool | None = None) -> Clip:
    """Return a clip by its seed; what happens, and whether clothes are alike, unless given."""
    rng = np.random.default_rng(seed)
    act = act or ACTS[seed % len(ACTS)]
    alike = bool(rng.random() < 0.3) if same_clothes is None else same_clothes
    left, right = rng.uniform(0.2, 0.32), rng.uniform(0.68, 0.8)
    sizes = rng.permutation([rng.uniform(0.115, 0.125), rng.uniform(0.13, 0.142)])
    one, other = _ways(act, rng, left, right, rng.uniform(2.0, 3.0), rng.uniform(1.6, 3.0))
    sizes = np.sort(sizes) if act == "hide" else sizes
    first = _looks(rng, float(sizes[0]), one[1][0], like=None)
    second = _looks(rng, float(sizes[1]), other[1][0], like=first if alike else None)
    people = [Person(first, int(rng.integers(10_000)), *one)]
    people.append(Person(second, int(rng.integers(10_000)), *other))
    for number in range(int(rng.integers(1, 3)) if act == "passer-by" else 0):
        start = 2.5 + 3.5 * number + rng.uniform(0, 0.5)
        ends = (-0.15, 1.15) if rng.random() < 0.5 else (1.15, -0.15)
        size = float(rng.choice([0.1, 0.155]) + rng.uniform(-0.004, 0.004))
        times = (start, start + rng.uniform(3.0, 4.0))
        looks = _looks(rng, size, ends[0], like=None)
        people.append(Person(looks, int(rng.integers(10_000)), times, ends))
    return Clip(f"{seed}: {act}{', same clothes' if alike else ''}", tuple(people))


class ClipSource(Source):
    """A clip as a source."""

    def __init__(self, clip: Clip) -> None:
        self.text, self.live, self.rate = clip.name, False, RATE
        self.duration = clip.seconds
        self._clip, self._next = clip, 0

    def read(self) -> Frame | None:
        if self._next >= self._clip.frames:
            return None
        self._next += 1
        return Frame((self._next - 1) / RATE, self._clip.image(self._next - 1))

    def close(self) -> None:
        self._next = self._clip.frames
