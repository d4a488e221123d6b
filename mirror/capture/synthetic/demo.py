"""Two rendered people who move by a script, with known scores at every moment.

The script is ground truth and uses the signs of the scores: a relative phase is the phase of A
minus the phase of B, positive if A is ahead, and a lag is positive if B follows. The two face each
other: B is in phase with A if the right arm does what A's left arm does, x negated.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate
from math import ceil
from typing import Final

from mirror.capture.base import Frame, Source
from mirror.capture.synthetic import trainee
from mirror.capture.synthetic.joints import Posture
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.motion import (
    Motion,
    aperiodic,
    between,
    blend,
    ease,
    leaving,
    mirrored,
    periodic,
    still,
)
from mirror.capture.synthetic.render import render
from mirror.landmarks import Feed
from mirror.practice.exercise import Exercise

RENDERED_SIZE: Final = (640, 480)  # of rendered frames, pixels, unless another size is given
FADE: Final = 1.0  # seconds at the start of a scene in which the previous one fades out


@dataclass(frozen=True)
class Scene:
    """A part of the script."""

    name: str
    text: str  # the known relation of the two movements, for people
    # Seconds from the script's beginning; in the first `FADE` of them, the scene before fades out.
    start: float
    duration: float
    relative_phase_deg: float | None  # phase of A minus phase of B; None if it is not constant
    lag_s: float | None  # seconds by which B follows A; None if there is no single value
    # The two movements, in seconds from the start of the scene.
    a: Motion = field(repr=False, compare=False)
    b: Motion = field(repr=False, compare=False)


def _script() -> tuple[Scene, ...]:
    # In pure repetition, every whole cycle is an equally good lag; a few gestures make it unique.
    together = blend(periodic(0.6, seed=5), aperiodic(6), 0.35)
    gestures, late_gestures = aperiodic(11), aperiodic(11, lag_s=0.6)
    cycle, half_later = periodic(0.6, seed=21), periodic(0.6, 180, seed=21)
    other_cycle, quarter_later = periodic(0.6, seed=31), periodic(0.6, 90, seed=31)
    walk = mirrored(leaving(1.0, 7.4))
    opposite, ahead = "Anti-phase: the opposite at the same time", "A is a quarter cycle ahead"
    # name, text, seconds, relative phase, lag, movement of A, movement of B before mirroring
    parts: tuple[tuple[str, str, float, float | None, float | None, Motion, Motion], ...] = (
        ("in phase", "In phase: the same at the same time", 14, 0, 0, together, together),
        ("following", "B follows A by 0.6 s", 15, None, 0.6, gestures, late_gestures),
        ("anti-phase", opposite, 14, 180, None, cycle, half_later),
        ("quarter cycle", ahead, 14, 90, None, other_cycle, quarter_later),
        ("unrelated", "Unrelated movement", 15, None, None, aperiodic(41), aperiodic(42)),
        ("still", "Both stand still: no score", 9, None, None, still(), still()),
        ("leaving", "B leaves the frame, and comes back", 11, None, None, aperiodic(51), walk),
    )
    starts = accumulate((part[2] for part in parts), initial=0.0)
    return tuple(
        Scene(name, text, start, seconds, phase, lag, a, mirrored(b))
        for start, (name, text, seconds, phase, lag, a, b) in zip(starts, parts, strict=False)
    )


SCRIPT: Final = _script()
LENGTH: Final = SCRIPT[-1].start + SCRIPT[-1].duration  # of the script, s
LOOKS: Final[dict[Feed, Looks]] = {"a": Looks.random(2), "b": Looks.random(11)}


def truth(until: float | None = None) -> list[tuple[float, str]]:
    """Return the start time, s, and text of every scene, once or up to a time of repetitions, s."""
    last = LENGTH if until is None else until
    rounds = ceil(last / LENGTH)
    events = [(n * LENGTH + scene.start, scene.text) for n in range(rounds) for scene in SCRIPT]
    return [event for event in events if event[0] < last]


def performance(feed: Feed) -> Motion:
    """Return one person's movement through the script, repeating without a seam."""

    def motion(time: float) -> Posture | None:
        time %= LENGTH
        number = max(k for k, scene in enumerate(SCRIPT) if scene.start <= time)
        scene, before = SCRIPT[number], SCRIPT[number - 1]
        local = time - scene.start
        current, previous = (scene.a, before.a) if feed == "a" else (scene.b, before.b)
        posture = current(local)
        if local >= FADE:
            return posture
        return between(previous(before.duration + local), posture, ease(local / FADE))

    return motion


class RenderedSource(Source):
    """A rendered person as a source: frame k shows the time k / rate, reproducibly.

    Where the motion has no posture, the room is empty. The rate is in frames per second, the
    duration in seconds (None has no end), width and height in pixels.
    """

    def __init__(
        self,
        looks: Looks,
        motion: Motion,
        *,
        rate: float = 30.0,
        duration: float | None,
        width: int = RENDERED_SIZE[0],
        height: int = RENDERED_SIZE[1],
        text: str = "rendered person",
        performs: bool = False,  # an exercise, by its own time once it has begun
    ) -> None:
        self.text, self.live, self.rate, self.duration = text, False, rate, duration
        self._frames_a_second = rate
        self._looks, self._motion, self._size = looks, motion, (width, height)
        self._performs = performs
        self._clock: Callable[[float], float] = float
        self._next = 0
        self._closed = False

    def read(self) -> Frame | None:
        time = self._next / self._frames_a_second
        if self._closed or (self.duration is not None and time >= self.duration):
            return None
        self._next += 1
        return Frame(time, render(self._looks, self._motion(self._clock(time)), *self._size))

    def skip(self, until: float) -> int:
        before, self._next = self._next, max(self._next, ceil(until * self._frames_a_second))
        return self._next - before

    def perform(self, clock: Callable[[float], float]) -> None:
        self._clock = clock if self._performs else self._clock

    def close(self) -> None:
        self._closed = True


def demo_source(
    feed: Feed, *, loop: bool = False, exercise: Exercise | None = None
) -> RenderedSource:
    """Return one of the two people of the script; with `loop`, it repeats and times go on.

    With an exercise, they perform it, and go on moving after it.
    """
    motion, length = performance(feed), LENGTH
    if exercise is not None:
        motion, length = trainee.performance(exercise, feed), exercise.schedule(0.0)[-1][1]
    duration, performs = None if loop else length, exercise is not None
    return RenderedSource(
        LOOKS[feed], motion, duration=duration, text=f"demo:{feed}", performs=performs
    )
