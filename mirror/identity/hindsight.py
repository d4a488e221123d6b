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
    held, is_cut = list[Step](), False
    for step in steps:
        held.append(step)
        if step.settled or len(held) >= _MAX_HELD:
            yield from _relabelled(held, is_cut=is_cut)
            held, is_cut = [], not step.settled
    yield from _relabelled(held, is_cut=is_cut)


def _relabelled(held: list[Step], *, is_cut: bool) -> Iterator[Step]:
    """Yield held steps: exchanged from when on they were mistaken, and sure if that is decided."""
    exchanges = [
        (event.since, step.poses[0].time)
        for step in held
        for event in step.events
        if event.kind == "exchanged"
    ]
    for step in held:
        begin, time = held[0].poses[0].time, step.poses[0].time
        swapped = sum(since <= time < until for since, until in exchanges) % 2 == 1
        one, other = step.poses[::-1] if swapped else step.poses
        events = [_corrected(each, begin, time, swapped=swapped) for each in step.events]
        # Poses before a cut stay mistaken, so that A and B are exchanged there.
        exchanged = is_cut and time == begin and sum(s < begin for s, _ in exchanges) % 2 == 1
        one, other = replace(one, exchanged=exchanged), replace(other, exchanged=exchanged)
        if held[-1].settled:
            one, other = replace(one, unsure=False), replace(other, unsure=False)
            events = [each for each in events if each.kind not in ("unsure", "sure")]
        yield step._replace(poses=(one, other), events=tuple(events))


def _corrected(event: IdentityEvent, begin: float, time: float, *, swapped: bool) -> IdentityEvent:
    """Return an event as it is once poses from `begin` on, s, are corrected."""
    if event.kind != "exchanged":
        is_other = swapped and event.kind in ("lost", "found")
        return event._replace(text=event.text.translate(_OTHER_NAME)) if is_other else event
    wrong = f"mistaken from about {event.since:.1f} s on, " if event.since < begin else ""
    since = max(event.since, begin)
    return event._replace(text=f"{event.text}: {wrong}corrected from {since:.1f} s on", since=time)
