"""Two rendered people in one picture who cross, touch, hide one another, leave and return.

Who is where, and who can be seen, is known in every frame, and so who was taken for somebody else.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror.capture.base import Frame
from mirror.capture.synthetic.joints import Posture, joints, unit_of
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.motion import Motion, aperiodic, walking
from mirror.capture.synthetic.render import lay_person, render
from mirror.capture.tracker import Tracker
from mirror.identity.body import Body
from mirror.identity.tracker import PeopleTracker
from mirror.landmarks import Landmark, Pose

SIZE: Final = (854, 480)
RATE: Final = 30.0
SECONDS: Final = 10.0  # of a clip

# When, s from the beginning, and where A, B and passers-by are then, in widths of the frame.
_ACTS: Final[dict[str, tuple[tuple[float, ...], ...]]] = {
    "cross": ((0, 2, 4, 6), (0.26, 0.74, 0.74, 0.26), (0.74, 0.26, 0.26, 0.74)),
    "hide": ((0, 2, 3.5, 5.5), (0.26, 0.52, 0.52, 0.26), (0.52,) * 4),
    "touch": ((0, 2, 4, 6), (0.26, 0.455, 0.455, 0.26), (0.74, 0.545, 0.545, 0.74)),
    "leave": ((0, 1.2, 2.4, 4), (0.26, -0.3, -0.3, 0.26), (0.74,) * 4),
    "passers-by": ((0, 3, 6), (0.26,) * 3, (0.74,) * 3, (-0.3, 1.3, 1.3), (1.3, 1.3, -0.3)),
    "pass": ((0, 2.5), (0.26, 0.88), (0.58, 0.58)),
    "hide and go on": ((0, 2, 3.5, 5.5), (0.26, 0.52, 0.52, 0.85), (0.52,) * 4),
    "both leave": ((0, 1.2, 2.4, 4), (0.26, -0.3, -0.3, 0.26), (0.74, 1.3, 1.3, 0.74)),
    "other side": ((0, 1.2, 2.4, 2.41, 4), (0.26, -0.3, -0.3, 1.3, 0.85), (0.6,) * 5),
    "sides": ((0, 1.2, 2.4, 2.41, 4), (0.26, -0.3, -0.3, 1.3, 0.74), (0.74, 1.3, 1.3, -0.3, 0.26)),
}
# Shoulder widths of A, B and passers-by, in heights of the frame: who is larger is in front.
_FAR, _NEAR, _PASSING = (0.115, 0.125), (0.13, 0.142), (0.096, 0.159)
_ALIKE: Final = 0.3  # share of the clips in which both wear the same

_BREADTH: Final = 1.2  # of a body, in shoulder widths
_SEEN: Final = 0.6  # share of it from which a person can be seen
_ON: Final = 0.5  # torsos from the truth, within which a pose is on a person
_UNSAID: Final = 45  # frames for which somebody else is followed, until that is a switch, or at the
_LASTS: Final = 10  # end of a clip
_JOINTS: Final = [
    *(Landmark.NOSE, Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER, Landmark.LEFT_KNEE),
    *(Landmark.LEFT_HIP, Landmark.RIGHT_HIP, Landmark.LEFT_ELBOW, Landmark.RIGHT_ELBOW),
    *(Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST),
]


@dataclass(frozen=True)
class Clip:
    """Some seconds of people in one picture: A, B, and passers-by, each with looks and movement."""

    name: str
    people: tuple[tuple[Looks, Motion], ...]
    seconds: float

    @property
    def frames(self) -> int:
        return round(self.seconds * RATE)

    def image(self, number: int, only: int | None = None) -> NDArray[np.uint8]:
        """Return a frame, uint8 [height, width, 3], of everybody or of one person alone."""
        image = render(self.people[0][0], None, *SIZE)
        for who, looks, posture in self._by_depth(number):
            if only in (None, who):
                lay_person(image, looks, posture)
        return image

    def truth(self, number: int) -> list[tuple[Body, bool]]:
        """Return where everybody is, and whether most of the body is in the frame, not hidden."""
        found, breadths, front = {}, {}, np.full(SIZE[0], -1)
        for who, looks, posture in self._by_depth(number):
            marks = np.zeros((len(Landmark), 4), np.float32)
            for mark, place in joints(looks, posture, *SIZE).items():
                marks[mark, :2] = place
            found[who], breadths[who] = Body(marks), _BREADTH * unit_of(looks, *SIZE)
            left = found[who].core[1, 0] - breadths[who] / 2
            front[max(0, round(left)) : max(0, round(left + breadths[who]))] = who
        shown = [(front == who).sum() / breadths[who] for who in sorted(found)]
        return [(found[who], bool(share >= _SEEN)) for who, share in enumerate(shown)]

    def _by_depth(self, number: int) -> list[tuple[int, Looks, Posture]]:
        every = [
            (who, looks, motion(number / RATE)) for who, (looks, motion) in enumerate(self.people)
        ]
        seen = [(who, looks, posture) for who, looks, posture in every if posture is not None]
        return sorted(seen, key=lambda each: each[1].size)


def clip(seed: int, seconds: float = SECONDS) -> Clip:
    """Return a clip by its seed: what happens goes by its last digit, all else is random."""
    rng = np.random.default_rng(seed)
    name, (moments, *ways) = list(_ACTS.items())[seed % len(_ACTS)]
    sizes = [rng.uniform(*_FAR), rng.uniform(*_NEAR), *rng.permutation(_PASSING)]
    if "hide" not in name and rng.random() < 0.5:
        sizes[:2] = sizes[1::-1]
    times = rng.uniform(2.0, 2.8) + rng.uniform(0.8, 1.2) * np.array(moments)
    spread, shift = rng.uniform(0.9, 1.1), rng.uniform(-0.03, 0.03)
    is_alike, dressed = rng.random() < _ALIKE, Looks.random(seed)
    people: list[tuple[Looks, Motion]] = []
    for way, size in zip(ways, sizes, strict=False):
        looks = Looks.random(int(rng.integers(2**31)))
        if is_alike and len(people) < 2:
            looks = replace(dressed, skin=looks.skin, hair=looks.hair)
        # Who is larger stands nearer, and lower in the frame.
        looks = replace(looks, size=size, centre=(0.5, 0.7875 - 2.95 * size))
        steps = (shift + spread * (np.array(way) - 0.5)) * SIZE[0] / unit_of(looks, *SIZE)
        people.append((looks, walking(aperiodic(int(rng.integers(2**31))), times, steps)))
    return Clip(name + ", same clothes" * is_alike, tuple(people), seconds)


@dataclass
class Counts:
    """What is counted of clips: switches to somebody else without a word, and poses."""

    clips: int = 0
    switches: int = 0
    visible: int = 0  # of people who can be seen, and
    lost: int = 0  # who are not followed
    given: int = 0
    wrong: int = 0  # on somebody else, or on nobody, though sure
    unsure: int = 0
    errors: list[NDArray[np.float64]] = field(default_factory=list)  # torsos [joint, 2]
    moved: list[NDArray[np.float64]] = field(default_factory=list)  # the same, off those alone

    @property
    def error(self) -> tuple[float, float]:
        """Mean distance from the person alone, and median distance from the drawn one, torsos."""
        every = (np.array(each or [np.full((1, 2), np.nan)]) for each in (self.moved, self.errors))
        alone, drawn = (np.linalg.norm(each, axis=-1) for each in every)
        return float(alone.mean()), float(np.median(drawn))


def follow(
    clip: Clip, tracker: PeopleTracker, counts: Counts, step: Callable[..., Any], *alone: Tracker
) -> None:
    """Follow both by a new tracker, and one each `alone`; `step` gets each frame and its poses."""
    elsewhere, has_begun = [0, 0], False  # frames on somebody else
    for number in range(clip.frames):
        poses, events = tracker.track(Frame(number / RATE, clip.image(number)))
        has_begun |= any(each.kind == "found" for each in events)
        is_sure, truth = not tracker.identities.unsure, clip.truth(number)
        for who, pose in enumerate(poses):
            body, is_seen = truth[who]
            nearest = nearest_person(pose, [each for each, _ in truth], who)
            counts.visible += has_begun and is_seen
            counts.lost += has_begun and is_seen and not pose.found
            counts.given += pose.found
            counts.unsure += pose.found and not is_sure
            counts.wrong += is_sure and nearest not in (None, who)
            if nearest == who and is_seen:
                counts.errors.append(apart(body_of(pose), body))
                for each in alone[who : who + 1]:
                    own = each.track(Frame(number / RATE, clip.image(number, only=who)))
                    counts.moved += [apart(body_of(pose), body_of(own))] if own.found else []
            if nearest == who or not is_sure:
                elsewhere[who] = 0
            elif nearest is not None and nearest >= 0:
                elsewhere[who] += 1
                counts.switches += elsewhere[who] == _UNSAID
        step(number, poses)
    counts.switches += sum(_LASTS <= each < _UNSAID for each in elsewhere)
    counts.clips += 1


def body_of(pose: Pose) -> Body:
    """Return a pose that has landmarks in pixels."""
    assert pose.landmarks is not None
    return Body(pose.landmarks * np.array([pose.width, pose.height, pose.width, 1], np.float32))


def apart(one: Body, other: Body) -> NDArray[np.float64]:
    """Return how far the joints of one are from those of the other, in torsos [joint, 2]."""
    return np.subtract(one.landmarks[_JOINTS, :2], other.landmarks[_JOINTS, :2]) / other.torso


def nearest_person(pose: Pose, truth: list[Body], own: int) -> int | None:
    """Return the index of the person at a pose; -1 if there is nobody, None without a pose.

    It is `own` wherever that person is near enough, even if another one is nearer.
    """
    if not pose.found:
        return None
    off = [body_of(pose).distance(each) for each in truth]
    nearest = own if off[own] < _ON else int(np.argmin(off))
    return nearest if off[nearest] < _ON else -1
