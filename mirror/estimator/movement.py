"""Movement: landmarks to channels, by region, in frame heights relative to the body.

Head and arms are measured from the midpoint of the shoulders, legs from the midpoint of the hips;
the torso is the midpoint of the shoulders and the tilt of their line. Division by the shoulder
width happens per window, where its median is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

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
# The landmarks used by any channel; visibility is kept for these.
JOINTS: tuple[Landmark, ...] = (*_SHOULDERS, *_HIPS, *_ABOVE, *_LEGS)
# Indices of the joints among the landmarks; of their counterparts on the other side, and of their
# groups, among the joints.
_OWN = np.array(JOINTS)
_SWAPPED = np.array([JOINTS.index(Landmark(mark)) for mark in SWAPPED[_OWN]])
_LEFT_SHOULDER, _RIGHT_SHOULDER, _LEFT_HIP, _RIGHT_HIP = range(4)
_ABOVE_AT = slice(4, 4 + len(_HEAD)), slice(4 + len(_HEAD), 4 + len(_ABOVE))  # head; arms
_LEGS_AT = slice(4 + len(_ABOVE), len(JOINTS))

# Region and landmarks of each channel.
_NEEDS: tuple[tuple[str, tuple[Landmark, ...]], ...] = (
    *(("head", (mark, *_SHOULDERS)) for mark in _HEAD for _ in "xy"),
    *(("torso", _SHOULDERS) for _ in ("x", "y", "tilt")),
    *(("left_arm", (mark, *_SHOULDERS)) for mark in _LEFT_ARM for _ in "xy"),
    *(("right_arm", (mark, *_SHOULDERS)) for mark in _RIGHT_ARM for _ in "xy"),
    *(("legs", (mark, *_HIPS)) for mark in _LEGS for _ in "xy"),
)

_AXES = tuple("xy" * 3 + "xyt" + "xy" * 8)  # of the channels; t is the tilt of the shoulders


@dataclass(frozen=True)
class Layout:
    """The channels of a movement."""

    regions: dict[str, slice]  # the channels of each region
    # [channel, joint]: the joints of a channel; it counts only while all of them are visible.
    needs: NDArray[np.bool_]
    # [channel]: channels that change sign if the person is seen from behind.
    sideways: NDArray[np.bool_]
    has_noise: bool = False  # the noise of these landmarks is measured (`mirror.estimator.noise`)


def _body_layout() -> Layout:
    names = [region for region, _ in _NEEDS]
    regions = {
        region: slice(names.index(region), names.index(region) + names.count(region))
        for region in REGIONS
    }
    needs = np.array([[joint in needed for joint in JOINTS] for _, needed in _NEEDS])
    return Layout(regions, needs, np.array([axis == "x" for axis in _AXES]), has_noise=True)


BODY = _body_layout()  # the 25 channels of a body, ordered as `REGIONS`

CHANNELS: tuple[str, ...] = tuple(
    {"x": "torso_x", "y": "torso_y", "t": "torso_tilt"}[axis]
    if region == "torso"
    else f"{needed[0].name.lower()}_{axis}"
    for (region, needed), axis in zip(_NEEDS, _AXES, strict=True)
)
"""Names of the channels of a body, such as ``left_wrist_y``; ``torso_x`` and ``torso_y`` are the
midpoint of the shoulders, ``torso_tilt`` the tilt of their line."""


# For each channel, the index of its region in `REGIONS`.
REGION: NDArray[np.intp] = np.array([REGIONS.index(region) for region, _ in _NEEDS])
# For each channel, the index in `JOINTS` of its joint; of the torso's, the left shoulder.
OWN_JOINT: NDArray[np.intp] = np.array([JOINTS.index(needed[0]) for _, needed in _NEEDS])
ABOVE: NDArray[np.intp] = np.flatnonzero(
    [region in ("head", "left_arm", "right_arm") for region, _ in _NEEDS]
)
"""Channels measured from the midpoint of the shoulders."""

# For each of `ABOVE`, the channel of that midpoint along the same axis.
SHOULDERS: NDArray[np.intp] = np.array([CHANNELS.index(f"torso_{_AXES[at]}") for at in ABOVE])
MIRROR_CHANNELS = np.array([CHANNELS.index(other_side(name)) for name in CHANNELS])
MIRROR_SIGNS = np.array([-1.0 if axis in "xt" else 1.0 for axis in _AXES])
"""A person's mirror image is ``channels[:, MIRROR_CHANNELS] * MIRROR_SIGNS``."""


class Movement(NamedTuple):
    """One person's movement on the grid."""

    # [tick, channel]: frame heights (or units of a plain series); 0 where nobody is present.
    channels: NDArray[np.float64]
    # [tick, 4]: x and y of the left hip and of the right one from the midpoint of the shoulders, in
    # frame heights, 0 where the person is not present; none for a plain series.
    hips: NDArray[np.float64]
    visibility: NDArray[np.float64]  # [tick, joint]: 0…1; a plain series has no joints
    # [tick]: shoulder width in frame heights, 1 for a plain series; NaN where the person is not
    # present. At least half the trunk if the hips are visible (from the front it is more), as the
    # shoulders come together in profile; at least a hundredth of the frame.
    scale: NDArray[np.float64]
    # [tick]: x from the right shoulder to the left, in frame heights: positive if the person is
    # seen from the front, negative from behind, also in a mirror image; otherwise as `scale`.
    across: NDArray[np.float64]
    present: NDArray[np.bool_]  # [tick]: the person was tracked, or interpolated by the aligner
    # [tick]: the feed delivered a frame, with or without a person in it.
    delivered: NDArray[np.bool_]
    shape: NDArray[np.float64]  # [tick]: width of the frame in heights; otherwise as `scale`
    # [tick, 3]: `Pose.frames`: times of the two frames that the tick was interpolated from, s, and
    # the weight of the second one; 0 where the person is not present.
    frames: NDArray[np.float64]
    # [tick, 3]: how far the camera's motion was taken out at the midpoint of the shoulders, and how
    # far the person's pixels have moved lately (`Pose.camera`), in frame heights.
    camera: NDArray[np.float64]

    def cut(self, part: slice) -> "Movement":
        """Return some of the ticks."""
        return Movement._make(each[part] for each in self)


class Person(Protocol):
    """One person's movement: a `Movement`, or computed on demand."""

    def cut(self, part: slice) -> Movement:
        """Return the movement at some of the ticks."""
        ...


def concatenate(parts: Sequence[Movement]) -> Movement:
    """Concatenate movements in time."""
    return Movement(*map(np.concatenate, zip(*parts, strict=True)))


_NOBODY = Pose(0.0, np.zeros((len(Landmark), 4), np.float32), None, 1, 1)


def from_poses(poses: Sequence[Pose | None], *, mirrored: bool | slice) -> Movement:
    """Return the movement of one person from poses on the grid, one per tick, as in `Tick`.

    If `mirrored`, left and right are swapped and x is negated: the person's mirror image (B under
    the mapping ``mirror``); a slice: at these ticks, where both people's poses follow each other.
    """
    seen = [_NOBODY if pose is None or pose.landmarks is None else pose for pose in poses]
    present = np.array([pose is not _NOBODY for pose in seen], bool)
    delivered = np.array([pose is not None for pose in poses], bool)
    landmarks = np.array([pose.landmarks for pose in seen], np.float32)
    landmarks = landmarks.reshape(-1, len(Landmark), 4)
    if not np.isfinite(landmarks).all():
        present &= np.isfinite(landmarks).all(axis=(1, 2))
    aspect = np.array([pose.width / pose.height for pose in seen])
    # One list of numbers: converting a tuple a pose takes half as long again.
    frames = np.array([x for pose in seen for x in pose.frames or (pose.time, pose.time, 0.0)])
    joints, frames = landmarks.take(_OWN, axis=1), frames.reshape(-1, 3)
    cameras = np.array([pose.camera for pose in seen]).reshape(-1, len(UNMOVED))
    return from_landmarks(joints, aspect, cameras, frames, present, delivered, mirrored=mirrored)


def from_landmarks(
    joints: NDArray[np.float32],
    aspect: NDArray[np.float64],
    cameras: NDArray[np.float64],
    frames: NDArray[np.float64],
    present: NDArray[np.bool_],
    delivered: NDArray[np.bool_],
    *,
    mirrored: bool | slice,
) -> Movement:
    """Return the movement of one person from landmarks on the grid.

    `joints` [tick, joint, 4] are the landmarks of `JOINTS`, as in `Pose`, `aspect` [tick] the width
    of the frame in heights. `cameras` [tick, 5] and `frames` [tick, 3] are as in `Pose`, `present`
    and `delivered` [tick] as in `Movement`, `mirrored` as in `from_poses`.
    """
    where = mirrored if isinstance(mirrored, slice) else slice(None if mirrored else 0)
    # Ticks side by side: fast, few or many.
    planes = joints.transpose(1, 2, 0).astype(float, order="C")  # [joint, 4, tick]
    planes[..., where] = planes[_SWAPPED, :, where]
    is_whole = bool(present.all())
    if not is_whole:
        planes[..., ~present] = 0.0
    points, visibility = planes[:, :2], planes[:, 3]
    points[:, 0] *= aspect
    cameras = np.where(present[:, None], cameras, UNMOVED)
    camera = np.zeros((len(aspect), 3))
    camera[:, 2] = cameras[:, 4]
    if (cameras[:, :4] != UNMOVED[:4]).any():
        filmed = _midpoints(points)[0]
        # In real numbers: the last bit of a complex product may depend on how many there are.
        c, s, x, y, _ = cameras.T
        u, v = points[:, 0].copy(), points[:, 1].copy()
        points[:, 0], points[:, 1] = c * u - s * v + x, s * u + c * v + y
        camera[:, :2] = (_midpoints(points)[0] - filmed).T
    points[:, 0, where] *= -1.0
    shoulders, hips = _midpoints(points)
    across = points[_LEFT_SHOULDER] - points[_RIGHT_SHOULDER]
    channels = np.empty((len(CHANNELS), len(aspect)))
    torso = BODY.regions["torso"]
    for origin, marks, start in (
        (shoulders, _ABOVE_AT[0], 0),
        (shoulders, _ABOVE_AT[1], torso.stop),
        (hips, _LEGS_AT, BODY.regions["legs"].start),
    ):
        of = points[marks]
        np.subtract(of, origin, out=channels[start : start + 2 * len(of)].reshape(of.shape))
    channels[torso.start : torso.stop - 1], channels[torso.stop - 1] = shoulders, across[1]
    width, trunk = _length(across), _length(shoulders - hips)
    # Half the trunk counts where both hips are visible.
    hips_seen = (visibility[_LEFT_HIP] >= 0.5) & (visibility[_RIGHT_HIP] >= 0.5)
    scale = np.maximum(np.maximum(width, 0.5 * hips_seen * trunk), 0.01)
    across_x = across[0]
    if not is_whole:
        scale, across_x, aspect = (
            np.where(present, each, np.nan) for each in (scale, across_x, aspect)
        )
        frames = np.where(present[:, None], frames, 0.0)
    return Movement(
        channels.T,
        (points[2:4] - shoulders).reshape(4, -1).T,
        visibility.T,
        scale,
        across_x,
        present,
        delivered,
        aspect,
        frames,
        camera,
    )


def from_series(
    series: NDArray[np.float64], delivered: NDArray[np.bool_] | None = None
) -> Movement:
    """Return the movement of a plain series [tick, channel]; a row with a NaN in it is missing.

    `delivered` [tick] is as in `Movement`; by default all but the missing rows.
    """
    present = np.asarray(np.isfinite(series).all(axis=1))
    channels = np.where(present[:, None], series, 0.0)
    scale = np.where(present, 1.0, np.nan)
    none = np.zeros((len(series), 0))
    arrived = present if delivered is None else delivered
    number = np.arange(len(series), dtype=float)
    frames = np.stack([number, number, np.zeros(len(series))], axis=1)  # each of its own
    camera = np.tile(UNMOVED[2:], (len(series), 1))  # a still one; nothing of pixels
    return Movement(channels, none, none, scale, scale, present, arrived, scale, frames, camera)


def series_layout(count: int) -> Layout:
    """Return the layout of a plain series of `count` channels: without regions and joints."""
    return Layout({}, np.zeros((count, 0), bool), np.zeros(count, bool))


def _midpoints(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Midpoints of the shoulders and of the hips [2, 2, tick] of points [joint, 2, tick]."""
    middle: NDArray[np.float64] = (points[0:4:2] + points[1:4:2]) * 0.5
    return middle


def _length(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lengths [..., tick] of vectors [..., 2, tick]."""
    squares = vectors * vectors
    length: NDArray[np.float64] = np.sqrt(squares[..., 0, :] + squares[..., 1, :])
    return length
