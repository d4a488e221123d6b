"""Two people in one picture, against the truth: ``python -m benchmarks one_picture --clips 40``.

The clips, and what is counted in them, are those of `mirror validate`; here there may be more.
Some are also followed by other trackers: two that have a half of the picture each, for the
processor time, and one for each person alone in the picture, as MediaPipe puts its joints elsewhere
than they are drawn, by the same amount in every frame.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final, cast

import numpy as np

from benchmarks.plan import Plan, log
from benchmarks.tables import Table, load
from mirror.capture.base import Frame
from mirror.capture.tracker import PoseTracker
from mirror.identity.assignment import IdentityEvent, IdentityTracker
from mirror.identity.tracker import PeopleTracker
from mirror.landmarks import Pose
from mirror.validation.criteria import of_two_people
from mirror.validation.one_picture import Counts, clip, follow

_COMPARED: Final = 180  # frames of every fifth clip, for the processor time
_ALONE: Final = 3  # in every third clip, both are also followed alone


@dataclass
class Comparison:
    """What other trackers found in the same frames."""

    frames: int = 0
    one_s: float = 0.0  # processor time of both people in one picture, and
    two_s: float = 0.0  # of two trackers on a half each


class TimedTracker:
    """A tracker whose last frame, events and processor time are known."""

    def __init__(self, tracker: PeopleTracker) -> None:
        self._tracker = tracker
        self.said: list[str] = []
        self.image, self.seconds = np.zeros(0, np.uint8), 0.0

    @property
    def identities(self) -> IdentityTracker:
        return self._tracker.identities

    def track(self, frame: Frame) -> tuple[tuple[Pose, Pose], tuple[IdentityEvent, ...]]:
        """Return both poses, and what was decided."""
        begun = time.process_time()
        poses, events = self._tracker.track(frame)
        self.image, self.seconds = frame.image, time.process_time() - begun
        self.said += [f"{frame.time:.1f}:{each.kind}" for each in events]
        return poses, events


def measure(plan: Plan) -> list[Table]:
    """Follow both people through every clip."""
    counts, compared = Counts(), Comparison()
    for seed in range(plan.clips):
        begun = time.monotonic()
        said = follow_beside(seed, counts, compared)
        took = time.monotonic() - begun
        log(f"one_picture: {seed}, {clip(seed).name}, {took:.0f} s: {' '.join(said)}")
    return [table(counts, compared)]


def table(counts: Counts, compared: Comparison) -> Table:
    """Return what was counted, beside what is asked for."""
    one, two = (1e3 * each / compared.frames for each in (compared.one_s, compared.two_s))
    off = np.linalg.norm(np.array(counts.moved), axis=-1)
    rows = (
        *((each.name, each.found, each.bound) for each in of_two_people(counts)),
        ("not sure who is who, of the poses", f"{counts.unsure / counts.given:.1%}", ""),
        ("landmarks off the person alone: median", f"{np.median(off):.2%}", ""),
        ("95 % of them within", f"{np.percentile(off, 95):.2%}", ""),
        ("processor time a frame, both people", f"{one:.1f} ms", ""),
        ("the same ÷ that of two feeds", f"{one / two:.2f}", "≤ 1.15"),
    )
    note = (
        f"{counts.clips} clips of 10 s. Alone: a tracker on the same person in the same picture, "
        f"without the others ({len(off)} poses of every third clip). Processor time: "
        f"{compared.frames} frames. {load()}."
    )
    return Table("Two people in one picture", ("what", "found", "asked for"), rows, note)


def follow_beside(seed: int, counts: Counts, compared: Comparison) -> list[str]:
    """Follow both people through a clip, and beside other trackers; return what was said."""
    with ExitStack() as stack:
        tracker = TimedTracker(stack.enter_context(PeopleTracker()))
        left, right, *alone = (stack.enter_context(PoseTracker()) for _ in range(4))

        def compare(number: int, _: tuple[Pose, Pose]) -> None:
            if seed % 5 or number >= _COMPARED:
                return
            compared.frames += 1
            compared.one_s += tracker.seconds
            compared.two_s += _two_feeds(left, right, Frame(float(number), tracker.image))

        own = () if seed % _ALONE else alone
        follow(clip(seed), cast("PeopleTracker", tracker), counts, compare, *own)
    return tracker.said


def _two_feeds(left: PoseTracker, right: PoseTracker, frame: Frame) -> float:
    """Return the processor time of two trackers on a half of the picture each, s."""
    middle = frame.image.shape[1] // 2
    begun = time.process_time()
    for tracker, part in ((left, frame.image[:, :middle]), (right, frame.image[:, middle:])):
        tracker.track(Frame(frame.time, np.ascontiguousarray(part)))
    return time.process_time() - begun
