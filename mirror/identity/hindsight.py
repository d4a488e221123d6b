"""What is decided about who is who, applied back to where two people came together.

For videos, which can wait: poses are held back from the beginning of an encounter until it is
decided, for a minute at most.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from mirror.capture.base import Frame
from mirror.identity.assignment import IdentityEvent
from mirror.landmarks import Pose

_MAX_HELD: Final = 1800  # frames, a minute
_OTHER_NAME: Final = str.maketrans("AB", "BA")


class Step(NamedTuple):
    """Both people in one frame."""

    frame: Frame | None  # None where something is undecided, as images are large to hold
    poses: tuple[Pose, Pose]
    events: tuple[IdentityEvent, ...]
    settled: bool  # whether nothing is left to be decided about who was who lately


def with_hindsight(steps: Iterable[Step]) -> Iterator[Step]:
    """Yield the steps, relabelled from the beginning of each encounter that was decided."""
    held: list[Step] = []
    for step in steps:
        held.append(step)
        if step.settled or len(held) >= _MAX_HELD:
            yield from _relabelled(held)
            held = []
    yield from _relabelled(held)


def _relabelled(held: list[Step]) -> Iterator[Step]:
    """Yield held steps: exchanged from when on they were mistaken, and sure if that is decided."""
    exchanges = [
        (event.since, step.poses[0].time)
        for step in held
        for event in step.events
        if event.kind == "exchanged"
    ]
    for step in held:
        (one, other), events, time = step.poses, step.events, step.poses[0].time
        if sum(since <= time < until for since, until in exchanges) % 2:
            one, other = other, one
            events = tuple(
                each._replace(text=each.text.translate(_OTHER_NAME))
                if each.kind in ("lost", "found")
                else each
                for each in events
            )
        events = tuple(
            _corrected(each, held[0].poses[0].time, time) if each.kind == "exchanged" else each
            for each in events
        )
        if held[-1].settled:
            one, other = replace(one, unsure=False), replace(other, unsure=False)
            events = tuple(each for each in events if each.kind not in ("unsure", "sure"))
        yield step._replace(poses=(one, other), events=events)


def _corrected(event: IdentityEvent, begin: float, time: float) -> IdentityEvent:
    """Return an exchange of which the poses from `begin` on, s, are corrected."""
    wrong = f"mistaken from about {event.since:.1f} s on, " if event.since < begin else ""
    since = max(event.since, begin)
    return event._replace(text=f"{event.text}: {wrong}corrected from {since:.1f} s on", since=time)
