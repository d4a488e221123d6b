"""What is decided about who is who, applied back to where two people came together.

For recorded pictures, which can wait: poses are held back from the beginning of an encounter until
it is decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from mirror.capture.base import Frame
from mirror.identity.judge import Said
from mirror.landmarks import Pose

_MAX_HELD: Final = 1800  # frames, a minute
_MAX_BYTES: Final = 256 * 2**20  # of held images


class Step(NamedTuple):
    """Both people in one frame."""

    frame: Frame | None  # None if it need not be kept
    poses: tuple[Pose, Pose]
    said: tuple[Said, ...]
    settled: bool  # whether nothing is left to be decided about who was who lately


def with_hindsight(steps: Iterable[Step]) -> Iterator[Step]:
    """Yield the steps, relabelled from the beginning of each encounter that was decided."""
    held: list[Step] = []
    for step in steps:
        held.append(step)
        if step.settled or _is_full(held):
            yield from _relabelled(held)
            held = []
    yield from held


def _is_full(held: list[Step]) -> bool:
    frame = held[-1].frame
    size = 0 if frame is None else len(held) * frame.image.nbytes
    return len(held) >= _MAX_HELD or size > _MAX_BYTES


def _relabelled(held: list[Step]) -> Iterator[Step]:
    """Yield held steps: exchanged from when on they were mistaken, and sure if that is decided."""
    exchanges = [
        (said.since, step.poses[0].time)
        for step in held
        for said in step.said
        if said.kind == "exchanged"
    ]
    for step in held:
        one, other = step.poses
        if sum(since <= one.time < until for since, until in exchanges) % 2:
            one, other = other, one
        said = step.said
        if held[-1].settled:
            one, other = replace(one, unsure=False), replace(other, unsure=False)
            said = tuple(each for each in said if each.kind not in ("unsure", "sure"))
        yield step._replace(poses=(one, other), said=said)
