"""How well a person is placed in the frame: which joints count, and what to change first."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror.estimator.movement import BODY, JOINTS
from mirror.estimator.validity import visible_channels
from mirror.landmarks import MIN_VISIBILITY, Landmark, Pose, other_side
from mirror.wording import list_names, plain_name

UNSEEN: Final = np.zeros(len(JOINTS), bool)

_MEMORY_S: Final = 2.0
_FEWEST: Final = 3  # poses that are averaged, however far apart they come
_EDGE: Final = 0.02  # of the frame: a joint that is no farther inside is at its edge
_DARK: Final = 30.0  # mean of a frame, 0…255; at a third of that nobody is found
_FEW_FRAMES: Final = 15.0  # per second: half of the default grid
_PIXEL_STEP: Final = 16

_NAMED: Final = {  # what an instruction asks for, in this order; legs may be left out
    "head": ("NOSE",),
    "shoulders": ("LEFT_SHOULDER", "RIGHT_SHOULDER"),
    "hands": ("LEFT_WRIST", "RIGHT_WRIST"),
    "elbows": ("LEFT_ELBOW", "RIGHT_ELBOW"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """Which `JOINTS` [joint] are seen well enough to count, and what to change first, if any."""

    seen: NDArray[np.bool_]
    advice: str = ""

    @property
    def share(self) -> float:
        """The share of the body's channels that count, 0…1."""
        return float(visible_channels(BODY, self.seen).mean())


class PlacementCheck:
    """Gathers a feed's newest poses; `check` says how the person is placed."""

    def __init__(self) -> None:
        self._joints: deque[tuple[float, NDArray[np.float32]]] = deque()
        self._found = False
        self._brightness = math.nan

    def add(self, pose: Pose, image: NDArray[np.uint8] | None = None) -> None:
        """Take the next pose, and the frame that it was found in, if its brightness is to count."""
        if image is not None:
            self._brightness = float(image[::_PIXEL_STEP, ::_PIXEL_STEP].mean())
        self._found = pose.found
        if pose.landmarks is not None:
            joints = pose.landmarks[list(JOINTS)].copy()
            joints[:, 0] *= pose.width / pose.height  # both axes in frame heights
            joints[:, 2] = pose.width / pose.height
            self._joints.append((pose.time, joints))
        while len(self._joints) > _FEWEST and self._joints[0][0] < pose.time - _MEMORY_S:
            self._joints.popleft()

    def check(
        self, rate: float = math.nan, *, crowded: bool = False, repeats: bool = False
    ) -> Placement:
        """Return the placement over the last two seconds, or the last three poses.

        `rate` is the frames tracked per second; NaN or 0 if unknown. `crowded` is whether there is
        somebody else in the frame, `repeats` whether it mostly shows what it showed before.
        """
        dark = "Too dark: turn on a light" if self._brightness < _DARK else ""
        if not self._found or not self._joints:
            return Placement(UNSEEN, dark or "Nobody is in the frame")
        mean = np.mean([joints for _, joints in self._joints], axis=0)
        seen = mean[:, 3] >= MIN_VISIBILITY
        why = "the call sends no more" if repeats else "close other programs, or add light"
        advice = (
            dark
            or ("Two people in the frame: show one person only" if crowded else "")
            or _turned(mean, seen)
            or _missing(mean, seen)
            or (f"Only {rate:.0f} frames a second: {why}" if 0 < rate < _FEW_FRAMES else "")
        )
        return Placement(seen, advice)


def counting_regions(
    a: NDArray[np.bool_], b: NDArray[np.bool_], mapping: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the regions that will count, seen in both people, and the others; named as of A."""
    if mapping == "mirror":
        b = b[[JOINTS.index(Landmark[other_side(joint.name)]) for joint in JOINTS]]
    channels = visible_channels(BODY, a & b)
    count = {name: bool(channels[part].any()) for name, part in BODY.regions.items()}
    return tuple(name for name in count if count[name]), tuple(
        name for name in count if not count[name]
    )


def describe_regions(counting: Sequence[str], others: Sequence[str]) -> str:
    """Return which regions will count, in a sentence or two."""
    if not counting:
        return "Nothing will count yet: both people must be seen."
    text = f"Will count: {list_names([plain_name(each) for each in counting])}."
    rest = list_names([plain_name(each) for each in others])
    return f"{text} Not seen in both people: {rest}." if others else text


def _turned(joints: NDArray[np.float32], seen: NDArray[np.bool_]) -> str:
    """Return that the trunk does not hang below the shoulders, if so."""
    if not seen[:4].all():
        return ""
    across, down = (joints[2:4, :2] - joints[:2, :2]).mean(axis=0)
    return "The camera is turned" if down < abs(across) else ""


def _missing(joints: NDArray[np.float32], seen: NDArray[np.bool_]) -> str:
    """Return what is not seen, and where to go if it is beyond the edge of the frame."""
    for name, marks in _NAMED.items():
        at = [JOINTS.index(Landmark[mark]) for mark in marks]
        lost = [k for k in at if not seen[k]]
        if not lost:
            continue
        verb = "is" if name == "head" else "are"
        shape = joints[lost, 2]
        x, y = joints[lost, 0] / shape, joints[lost, 1]
        beyond = (np.minimum(x, y) < _EDGE) | (np.maximum(x, y) > 1 - _EDGE)
        if beyond.any():
            return f"Step back: the {name} {verb} out of the frame"
        return f"The {name} {verb} hidden"
    return ""
