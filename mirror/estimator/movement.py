"""Movement: landmarks to channels, by region, in frame heights relative to the body.

Head and arms are measured from the midpoint of the shoulders, legs from the midpoint of the hips;
the torso is the midpoint of the shoulders and the tilt of their line. Division by the shoulder
width happens per window, where its median is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mirror.landmarks import SWAPPED, UNMOVED, Landmark, Pose, other_side
from mirror.timeline import REGIONS

_HEAD = (Landmark.NOSE, Landmark.LEFT_EAR, Landmark.RIGHT_EAR)
_LEFT_ARM = (Landmark.LEFT_ELBOW, Landmark.LEFT_WRIST)
_RIGHT_ARM = (Landmark.RIGHT_ELBOW, Landmark.RIGHT_WRIST)
_LEGS = (Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE, Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE)
_SHOULDERS = (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER)
_HIPS = (Landmark.LEFT_HIP, Landmark.RIGHT_HIP)

_ABOVE = (*_HEAD, *_LEFT_ARM, *_RIGHT_ARM)  # measured from the midpoint of the shoulders
JOINTS: tuple[Landmark, ...] = (*_SHOULDERS, *_HIPS, *_ABOVE, *_LEGS)
"""The landmarks used by any channel; visibility is kept for these."""

# Indices of the joints among the landmarks; of their counterparts on the other side, and of their
# groups, among the joints.
_OWN = np.array(JOINTS)
_SWAPPED = np.array([JOINTS.index(Landmark(mark)) for mark in SWAPPED[_OWN]])
_LEFT_SHOULDER, _RIGHT_SHOULDER, _LEFT_HIP, _RIGHT_HIP = range(4)
_ABOVE_AT = slice(4, 4 + len(_ABOVE))
_LEGS_AT = slice(4 + len(_ABOVE), len(JOINTS))

LIMBS: tuple[tuple[Landmark, Landmark], ...] = (
    (Landmark.LEFT_SHOULDER, Landmark.LEFT_ELBOW),
    (Landmark.LEFT_ELBOW, Landmark.LEFT_WRIST),
    (Landmark.RIGHT_SHOULDER, Landmark.RIGHT_ELBOW),
    (Landmark.RIGHT_ELBOW, Landmark.RIGHT_WRIST),
    (Landmark.LEFT_HIP, Landmark.LEFT_KNEE),
    (Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE),
    (Landmark.RIGHT_HIP, Landmark.RIGHT_KNEE),
    (Landmark.RIGHT_KNEE, Landmark.RIGHT_ANKLE),
)
"""Upper arms, forearms, thighs and shins, from the proximal to the distal joint.

Head and trunk are left out: they are upright in nearly everyone and would match in any two people.
"""

_NEAR, _FAR = (np.array([JOINTS.index(limb[end]) for limb in LIMBS]) for end in (0, 1))

_NEEDS: tuple[tuple[str, tuple[Landmark, ...]], ...] = (
    *(("head", (mark, *_SHOULDERS)) for mark in _HEAD for _ in "xy"),
    *(("torso", _SHOULDERS) for _ in ("x", "y", "tilt")),
    *(("left_arm", (mark, *_SHOULDERS)) for mark in _LEFT_ARM for _ in "xy"),
    *(("right_arm", (mark, *_SHOULDERS)) for mark in _RIGHT_ARM for _ in "xy"),
    *(("legs", (mark, *_HIPS)) for mark in _LEGS for _ in "xy"),
)
"""Region and landmarks of each channel."""

_AXES = tuple("xy" * 3 + "xyt" + "xy" * 8)  # of the channels; t is the tilt of the shoulders


@dataclass(frozen=True)
class Layout:
    """The channels of a movement.

    Attributes
    ----------
    regions : mapping of str to slice
        The channels of each region.
    needs : ndarray, bool [channel, joint]
        The joints of a channel; it counts only while all of them are visible.
    sideways : ndarray, bool [channel]
        Channels that change sign if the person is seen from behind.
    has_noise : bool
        The noise of these landmarks is measured (`mirror.estimator.noise`).
    """

    regions: dict[str, slice]
    needs: NDArray[np.bool_]
    sideways: NDArray[np.bool_]
    has_noise: bool = False


def _body_layout() -> Layout:
    names = [region for region, _ in _NEEDS]
    regions = {
        region: slice(names.index(region), names.index(region) + names.count(region))
        for region in REGIONS
    }
    needs = np.array([[joint in needed for joint in JOINTS] for _, needed in _NEEDS])
    return Layout(regions, needs, np.array([axis == "x" for axis in _AXES]), has_noise=True)


BODY = _body_layout()
"""The 25 channels of a body, ordered as `REGIONS`."""

CHANNELS: tuple[str, ...] = tuple(
    {"x": "torso_x", "y": "torso_y", "t": "torso_tilt"}[axis]
    if region == "torso"
    else f"{needed[0].name.lower()}_{axis}"
    for (region, needed), axis in zip(_NEEDS, _AXES, strict=True)
)
"""Names of the channels of a body, such as ``left_wrist_y``; ``torso_x`` and ``torso_y`` are the
midpoint of the shoulders, ``torso_tilt`` the tilt of their line."""


REGION: NDArray[np.intp] = np.array([REGIONS.index(region) for region, _ in _NEEDS])
"""For each channel, the index of its region in `REGIONS`."""

OWN_JOINT: NDArray[np.intp] = np.array([JOINTS.index(needed[0]) for _, needed in _NEEDS])
"""For each channel, the index in `JOINTS` of its joint; of the torso's, the left shoulder."""

ABOVE: NDArray[np.intp] = np.flatnonzero(
    [region in ("head", "left_arm", "right_arm") for region, _ in _NEEDS]
)
"""Channels measured from the midpoint of the shoulders."""

SHOULDERS: NDArray[np.intp] = np.array([CHANNELS.index(f"torso_{_AXES[at]}") for at in ABOVE])
"""For each of `ABOVE`, the channel of that midpoint along the same axis."""

MIRROR_CHANNELS = np.array([CHANNELS.index(other_side(name)) for name in CHANNELS])
MIRROR_SIGNS = np.array([-1.0 if axis in "xt" else 1.0 for axis in _AXES])
"""A person's mirror image is ``channels[:, MIRROR_CHANNELS] * MIRROR_SIGNS``."""


@dataclass(frozen=True, slots=True, eq=False)
class Movement:
    """One person's movement on the grid.

    Attributes
    ----------
    channels : ndarray [tick, channel]
        Frame heights (or the units of a plain series); 0 where the person is not present.
    limbs : ndarray [tick, 2 · limb]
        x of the direction of each of `LIMBS`, then y of each: unit vectors, 0 where the person is
        not present; none for a plain series.
    visibility : ndarray [tick, joint]
        0…1; a plain series has no joints.
    scale : ndarray [tick]
        Shoulder width in frame heights (see `_scale`), 1 for a plain series; NaN where the person
        is not present.
    across : ndarray [tick]
        x from the right shoulder to the left, in frame heights: positive if the person is seen
        from the front, negative from behind, also in a mirror image; otherwise as `scale`.
    present : ndarray, bool [tick]
        The person was tracked, or interpolated by the aligner.
    delivered : ndarray, bool [tick]
        The feed delivered a frame, with or without a person in it.
    shape : ndarray [tick]
        Width of the frame in heights; otherwise as `scale`.
    frames : ndarray [tick, 3]
        `Pose.frames`: times of the two frames that the tick was interpolated from, s, and the
        weight of the second one; 0 where the person is not present.
    camera : ndarray [tick, 2]
        How far the camera's motion was taken out at the midpoint of the shoulders, in frame
        heights; 0 where the person is not present, and of a plain series.
    """

    channels: NDArray[np.float64]
    limbs: NDArray[np.float64]
    visibility: NDArray[np.float64]
    scale: NDArray[np.float64]
    across: NDArray[np.float64]
    present: NDArray[np.bool_]
    delivered: NDArray[np.bool_]
    shape: NDArray[np.float64]
    frames: NDArray[np.float64]
    camera: NDArray[np.float64]

    def cut(self, part: slice) -> Movement:
        """Return some of the ticks."""
        return Movement(*(each[part] for each in arrays(self)))


class Person(Protocol):
    """One person's movement: a `Movement`, or computed on demand."""

    def cut(self, part: slice) -> Movement:
        """Return the movement at some of the ticks."""
        ...


_arrays = attrgetter(*(field.name for field in fields(Movement)))


def arrays(movement: Movement) -> tuple[NDArray[Any], ...]:
    """Return the arrays of a movement, in the order of its fields."""
    values: tuple[NDArray[Any], ...] = _arrays(movement)
    return values


def concatenate(parts: Sequence[Movement]) -> Movement:
    """Concatenate movements in time."""
    columns = zip(*(arrays(part) for part in parts), strict=True)
    return Movement(*(np.concatenate(column) for column in columns))


def from_poses(poses: Sequence[Pose | None], *, mirrored: bool) -> Movement:
    """Return the movement of one person from poses on the grid.

    Parameters
    ----------
    poses : sequence of Pose or None
        One per tick, as in `mirror.estimator.align.Tick`.
    mirrored : bool
        Swap left and right and negate x: the person's mirror image (B under the mapping
        ``mirror``).
    """
    delivered = np.array([pose is not None for pose in poses], bool)
    present = np.array([pose is not None and pose.landmarks is not None for pose in poses], bool)
    seen = [pose for pose in poses if pose is not None and pose.landmarks is not None]
    landmarks = np.array([pose.landmarks for pose in seen], np.float32)
    landmarks = landmarks.reshape(-1, len(Landmark), 4)
    joints = np.zeros((len(poses), len(JOINTS), 4), np.float32)
    aspect, cameras = np.ones(len(poses)), np.tile(UNMOVED, (len(poses), 1))
    joints[present] = landmarks[:, _OWN]
    aspect[present] = [pose.width / pose.height for pose in seen]
    moved = [UNMOVED if pose.camera is None else pose.camera for pose in seen]
    cameras[present] = np.array(moved).reshape(-1, 4)
    frames = np.zeros((len(poses), 3))
    made_of = [pose.frames or (pose.time, pose.time, 0.0) for pose in seen]
    frames[present] = np.array(made_of).reshape(-1, 3)
    present[present] = np.isfinite(landmarks).all(axis=(1, 2))
    return from_landmarks(joints, aspect, cameras, frames, present, delivered, mirrored=mirrored)


def from_landmarks(
    joints: NDArray[np.float32],
    aspect: NDArray[np.float64],
    cameras: NDArray[np.float64],
    frames: NDArray[np.float64],
    present: NDArray[np.bool_],
    delivered: NDArray[np.bool_],
    *,
    mirrored: bool,
) -> Movement:
    """Return the movement of one person from landmarks on the grid.

    Parameters
    ----------
    joints : ndarray, float32 [tick, joint, 4]
        The landmarks of `JOINTS`, as in `Pose`.
    aspect : ndarray [tick]
        Width of the frame in heights.
    cameras : ndarray [tick, 4]
        As in `Pose`.
    frames : ndarray [tick, 3]
        As in `Pose`.
    present, delivered : ndarray, bool [tick]
        As in `Movement`.
    mirrored : bool
        As in `from_poses`.
    """
    ordered = (joints[:, _SWAPPED] if mirrored else joints).astype(float)
    if not present.all():
        ordered[~present] = 0.0
        cameras = np.where(present[:, None], cameras, UNMOVED)
    size = np.stack([aspect, np.ones(len(aspect))], axis=1)[:, None]
    filmed = ordered[:, :, :2] * size
    points = _without_camera_motion(filmed, cameras)
    taken_out = _midpoints(points)[0] - _midpoints(filmed)[0]
    if mirrored:
        points[:, :, 0] *= -1.0
    visibility = ordered[:, :, 3]
    scale = np.where(present, _scale(points, visibility), np.nan)
    across = points[:, _LEFT_SHOULDER, 0] - points[:, _RIGHT_SHOULDER, 0]
    return Movement(
        _channels(points),
        _directions(points),
        visibility,
        scale,
        np.where(present, across, np.nan),
        present,
        delivered,
        np.where(present, aspect, np.nan),
        np.where(present[:, None], frames, 0.0),
        taken_out,
    )


def _without_camera_motion(
    points: NDArray[np.float64], cameras: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return where points [tick, joint, 2] were in the feed's first frame (`Pose.camera`)."""
    # In real numbers: the last bit of a complex product may depend on how many there are.
    c, s, x, y = cameras.T[:, :, None]
    u, v = points[:, :, 0], points[:, :, 1]
    return np.stack([c * u - s * v + x, s * u + c * v + y], axis=-1)


def from_series(
    series: NDArray[np.float64], delivered: NDArray[np.bool_] | None = None
) -> Movement:
    """Return the movement of a plain series.

    Parameters
    ----------
    series : ndarray [tick, channel]
        A row with a NaN in it is missing.
    delivered : ndarray, bool [tick], optional
        As in `Movement`; by default all but the missing rows.
    """
    present = np.asarray(np.isfinite(series).all(axis=1))
    channels = np.where(present[:, None], series, 0.0)
    scale = np.where(present, 1.0, np.nan)
    none = np.zeros((len(series), 0))
    arrived = present if delivered is None else delivered
    number = np.arange(len(series), dtype=float)
    frames = np.stack([number, number, np.zeros(len(series))], axis=1)  # each of its own
    still = np.zeros((len(series), 2))
    return Movement(channels, none, none, scale, scale, present, arrived, scale, frames, still)


def series_layout(count: int) -> Layout:
    """Return the layout of a plain series of `count` channels: without regions and joints."""
    return Layout({}, np.zeros((count, 0), bool), np.zeros(count, bool))


def _channels(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Channels [tick, 25] of points [tick, joint, 2], in the points' units."""
    ticks, across = len(points), points[:, _LEFT_SHOULDER] - points[:, _RIGHT_SHOULDER]
    shoulders, hips = _midpoints(points)
    above = (points[:, _ABOVE_AT] - shoulders[:, None]).reshape(ticks, 2 * len(_ABOVE))
    legs = (points[:, _LEGS_AT] - hips[:, None]).reshape(ticks, 2 * len(_LEGS))
    head = 2 * len(_HEAD)
    return np.concatenate(
        [above[:, :head], shoulders, across[:, 1:], above[:, head:], legs], axis=1
    )


def _midpoints(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Midpoints of the shoulders and of the hips [tick, 2]."""
    shoulders: NDArray[np.float64] = points[:, _LEFT_SHOULDER] + points[:, _RIGHT_SHOULDER]
    hips: NDArray[np.float64] = points[:, _LEFT_HIP] + points[:, _RIGHT_HIP]
    return shoulders * 0.5, hips * 0.5


def _scale(points: NDArray[np.float64], visibility: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shoulder width [tick] of points [tick, joint, 2].

    At least half the trunk if the hips are visible (from the front it is more), as the shoulders
    come together in profile; at least a hundredth of the frame.
    """
    shoulders, hips = _midpoints(points)
    width = _length(points[:, _LEFT_SHOULDER] - points[:, _RIGHT_SHOULDER])
    trunk = _length(shoulders - hips)
    seen = (visibility[:, _LEFT_HIP] >= 0.5) & (visibility[:, _RIGHT_HIP] >= 0.5)
    return np.maximum(np.where(seen, np.maximum(width, 0.5 * trunk), width), 0.01)


def _length(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    length: NDArray[np.float64] = np.sqrt(vectors[..., 0] ** 2 + vectors[..., 1] ** 2)
    return length


def _directions(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unit vectors along the limbs [tick, 2 · limb] of points [tick, joint, 2]."""
    along = points[:, _FAR] - points[:, _NEAR]
    length = _length(along)
    length = np.where(length > 0.0, length, 1.0)
    return np.concatenate([along[:, :, 0] / length, along[:, :, 1] / length], axis=1)
