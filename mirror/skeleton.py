"""How a skeleton is drawn: its lines, head and joints, their shades, and what fills a panel."""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirror.colours import BLACK, WHITE, Rgb, mix
from mirror.landmarks import MIN_VISIBILITY, Landmark, Pose

Point = tuple[float, float]
Line = tuple[Point, Point]

_BONES: Final = (
    ("SHOULDER", "ELBOW"),
    ("ELBOW", "WRIST"),
    ("WRIST", "INDEX"),
    ("WRIST", "PINKY"),
    ("INDEX", "PINKY"),
    ("SHOULDER", "HIP"),
    ("HIP", "KNEE"),
    ("KNEE", "ANKLE"),
    ("ANKLE", "HEEL"),
    ("HEEL", "FOOT_INDEX"),
    ("ANKLE", "FOOT_INDEX"),
)
_JOINTS: Final = ("SHOULDER", "ELBOW", "WRIST", "HIP", "KNEE", "ANKLE")

# In lengths of the person: the width of the shoulders, or what the torso makes of it.
_TORSO: Final = 0.7
_THICKNESS: Final = 0.09
_HEAD: Final = 0.32
_EARS: Final = 0.7  # radius of the head in distances of the ears

_MIN_THICKNESS: Final = 2.5  # pixels
_MAX_PIXELS: Final = 10_000.0  # a limit within the integers of OpenCV and Qt

_MARGIN: Final = 0.06  # around the person, of the larger side
_USUAL: Final = (2.0, 98.0)  # percentiles of where a person reaches
_MIN_EXTENT: Final = 0.05  # of the frame


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a skeleton: its lines between two landmarks, and its landmarks with a dot."""

    bones: tuple[tuple[Landmark, Landmark], ...]
    joints: tuple[Landmark, ...]


def _side(side: str) -> Part:
    return Part(
        tuple((Landmark[f"{side}_{a}"], Landmark[f"{side}_{b}"]) for a, b in _BONES),
        tuple(Landmark[f"{side}_{name}"] for name in _JOINTS),
    )


MIDDLE: Final = Part(
    ((Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER), (Landmark.LEFT_HIP, Landmark.RIGHT_HIP)),
    (Landmark.NOSE,),
)
RIGHT: Final = _side("RIGHT")
LEFT: Final = _side("LEFT")
"""The person's own right and left."""


_OF_REGIONS: Final = {  # lines of the regions, but for the head, which is a circle
    "torso": (*MIDDLE.bones, LEFT.bones[5], RIGHT.bones[5]),
    "left_arm": LEFT.bones[:2],
    "right_arm": RIGHT.bones[:2],
    "legs": LEFT.bones[6:8] + RIGHT.bones[6:8],
}


class Circle(NamedTuple):
    """The head, or a joint, in pixels; `seen` is whether its visibility is `MIN_VISIBILITY`."""

    centre: Point
    radius: float
    seen: bool


@dataclass(frozen=True, slots=True)
class DrawnPart:
    """A part in pixels: lines between seen landmarks, all other lines, and joints."""

    shade: Rgb
    solid: tuple[Line, ...]
    faint: tuple[Line, ...]
    joints: tuple[Circle, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A skeleton in pixels from the top left of the frame, in the order of painting."""

    thick: float  # width of a line
    parts: tuple[DrawnPart, ...]  # middle with the neck, right and left
    head: Circle  # an outline, in the shade of the middle; NaN if it has no place
    alike: tuple[Line, ...] = ()  # seen lines of the regions whose postures match


def shaded_parts(colour: Rgb, *, on_dark: bool = False) -> tuple[tuple[Part, Rgb], ...]:
    """Return middle, right and left with their shades of a colour; left is the light side.

    Without a frame on a dark ground, `on_dark`, all three are lighter.
    """
    if on_dark:
        middle, right, left = (mix(colour, WHITE, share) for share in (0.3, 0.1, 0.65))
    else:
        middle, right, left = colour, mix(colour, BLACK, 0.18), mix(colour, WHITE, 0.5)
    return (MIDDLE, middle), (RIGHT, right), (LEFT, left)


def draw_figure(
    landmarks: NDArray[np.float32],
    size: Point,
    colour: Rgb,
    *,
    on_dark: bool = False,
    alike: Collection[str] = (),
) -> Figure:
    """Return what to paint of a person of some colour in a frame of some size, pixels.

    Lines are as thick as the person is large, over a frame as in a panel of its own. `landmarks`
    [33, 4] are x and y in frame widths and heights, z and visibility; without finite x and y, a
    landmark and its lines are left out. `on_dark` says that there is no frame, and the ground is
    dark. `alike` are the regions whose posture matches the other's.
    """
    placed = np.asarray(np.isfinite(landmarks[:, :2]).all(axis=1))
    pixels = np.clip(landmarks[:, :2] * size, -_MAX_PIXELS, _MAX_PIXELS)
    pixels[~placed] = np.nan
    points: list[Point] = [(x, y) for x, y in pixels.tolist()]
    seen: list[bool] = _are_seen(landmarks).tolist()
    shoulders = _between(points, Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER)
    hips = _between(points, Landmark.LEFT_HIP, Landmark.RIGHT_HIP)
    width = math.dist(points[Landmark.LEFT_SHOULDER], points[Landmark.RIGHT_SHOULDER])
    # Of what has a place; NaN is never the larger
    length = float(np.fmax(width, _TORSO * math.dist(shoulders, hips)))
    thick = max(_MIN_THICKNESS, _THICKNESS * length)
    ears = math.dist(points[Landmark.LEFT_EAR], points[Landmark.RIGHT_EAR])
    head = Circle(
        _between(points, Landmark.LEFT_EAR, Landmark.RIGHT_EAR),
        float(np.fmax(_HEAD * length, _EARS * ears)),
        seen[Landmark.NOSE] and math.isfinite(ears),
    )
    parts = []
    for part, shade in shaded_parts(colour, on_dark=on_dark):
        lines: dict[bool, list[Line]] = {True: [], False: []}
        for a, b in part.bones:
            if placed[a] and placed[b]:
                lines[seen[a] and seen[b]].append((points[a], points[b]))
        if part is MIDDLE and (neck := _neck(shoulders, head)) is not None:
            of_shoulders = seen[Landmark.LEFT_SHOULDER] and seen[Landmark.RIGHT_SHOULDER]
            lines[head.seen and of_shoulders].append(neck)
        joints = tuple(Circle(points[j], 0.75 * thick, seen[j]) for j in part.joints if placed[j])
        parts.append(DrawnPart(shade, tuple(lines[True]), tuple(lines[False]), joints))
    bones = (bone for region in sorted(alike) for bone in _OF_REGIONS.get(region, ()))
    same = tuple((points[a], points[b]) for a, b in bones if seen[a] and seen[b])
    return Figure(thick, tuple(parts), head, same)


def _are_seen(landmarks: NDArray[np.float32]) -> NDArray[np.bool_]:
    place, visibility = landmarks[:, :2], landmarks[:, 3]
    return np.asarray(np.isfinite(place).all(axis=1) & (visibility >= MIN_VISIBILITY))


def _between(points: list[Point], a: Landmark, b: Landmark) -> Point:
    return (points[a][0] + points[b][0]) / 2, (points[a][1] + points[b][1]) / 2


def _neck(shoulders: Point, head: Circle) -> Line | None:
    """Return the line from the shoulders up to the head's outline; None if it covers them."""
    distance = math.dist(shoulders, head.centre)
    if not distance > head.radius:  # or either has no place
        return None
    share = 1 - head.radius / distance
    x, y = (a + share * (b - a) for a, b in zip(shoulders, head.centre, strict=True))
    return shoulders, (x, y)


class Extent(NamedTuple):
    """A part of the frame, in its widths and heights."""

    left: float
    top: float
    right: float
    bottom: float


WHOLE_FRAME: Final = Extent(0.0, 0.0, 1.0, 1.0)


def find_extent(poses: Iterable[Pose | None]) -> Extent:
    """Return where in the frame a person is, but for rare reaches; the whole frame if never seen.

    One extent for a whole recording keeps a figure of one size, which does not jump.
    """
    ends = [found for pose in poses if (found := _reach(pose)) is not None]
    if not ends:
        return WHOLE_FRAME
    reached = np.clip(ends, -0.1, 1.1)  # guesses lie anywhere
    left, top = np.percentile(reached[:, :2], _USUAL[0], axis=0).tolist()
    right, bottom = np.percentile(reached[:, 2:], _USUAL[1], axis=0).tolist()
    margin = _MARGIN * max(right - left, bottom - top, _MIN_EXTENT)
    return Extent(left - margin, top - margin, right + margin, bottom + margin)


def _reach(pose: Pose | None) -> tuple[float, float, float, float] | None:
    """Return left, top, right and bottom of what is seen of a person, head included."""
    if pose is None or pose.landmarks is None:
        return None
    marks = pose.landmarks[_are_seen(pose.landmarks), :2]
    if not len(marks):
        return None
    head = draw_figure(pose.landmarks, (pose.width, pose.height), WHITE).head
    top = (head.centre[1] - head.radius) / pose.height if head.seen else math.inf
    (left, y), (right, bottom) = marks.min(axis=0).tolist(), marks.max(axis=0).tolist()
    return left, min(y, top), right, bottom


def place_frame(
    extent: Extent, frame: Point, room: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    """Return where a frame lies if the extent fills a room as far as its proportions allow.

    Room and result are left, top, width and height, pixels; a frame's width and height in any unit.
    """
    wide, high = (extent.right - extent.left) * frame[0], (extent.bottom - extent.top) * frame[1]
    scale = min(room[2] / wide, room[3] / high)
    width, height = scale * frame[0], scale * frame[1]
    left = room[0] + room[2] / 2 - (extent.left + extent.right) / 2 * width
    top = room[1] + room[3] / 2 - (extent.top + extent.bottom) / 2 * height
    return left, top, width, height
