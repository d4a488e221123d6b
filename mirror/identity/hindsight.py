"""What is decided about who is who, applied back to where two people came together.

For recorded pictures, which can wait: poses are held back from the beginning of an encounter until
it is decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from mirror.capture.base import Frame
from mirror.identity.judge import Said
from mirror.landmarks import Pose

_MAX_HELD: Final = 1800  # frames, a minute
_MAX_BYTES: Final = 256 * 2**20  # of held images


@dataclass(frozen=True, slots=True)
class Step:
    """Both people in one frame.

    Attributes
    ----------
    frame : Frame or None
        None if it need not be kept.
    poses : (Pose, Pose)
        Of A and B.
    said : tuple of Said
        What was decided at this frame.
    settled : bool
        Whether nothing is left to be decided about who was who lately.
    """

    frame: Frame | None
    poses: tuple[Pose, Pose]
    said: tuple[Said, ...]
    settled: bool


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
    image = held[-1].frame
    return len(held) >= _MAX_HELD or (
        image is not None and len(held) * image.image.nbytes > _MAX_BYTES
    )


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
        if held[-1].settled:
            one, other = replace(one, unsure=False), replace(other, unsure=False)
        said = tuple(each for each in step.said if each.kind not in ("unsure", "sure"))
        yield replace(step, poses=(one, other), said=said if held[-1].settled else step.said)
