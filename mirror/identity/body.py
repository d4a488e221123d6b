"""A person in a frame: place, size, and how the clothes look.

All lengths are in pixels of the whole frame.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror._support.opencv import cv2
from mirror.landmarks import Landmark

Box = tuple[float, float, float, float]  # left, top, right and bottom
Image = NDArray[np.uint8]
Look = NDArray[np.float32]  # a histogram of colours, which adds up to 1

_SHOULDERS: Final = [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]
_HIPS: Final = [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]
_TORSO: Final = [*_SHOULDERS, *_HIPS[::-1]]
_CLOTHES: Final = (_TORSO, [*_HIPS, Landmark.RIGHT_KNEE, Landmark.LEFT_KNEE])
_HEAD: Final = 0.55  # of a torso, by which a head reaches beyond its landmarks
_SLIM: Final = 0.6  # least breadth of a torso, of its length: in profile the shoulders meet
_BINS: Final = (6, 8, 8)
_RANGES: Final = [0, 256, 64, 192, 64, 192]  # of 8-bit L*a*b*; no clothes are more colourful
_SAMPLED_PX: Final = 64  # side of what a histogram is made of
_FEWEST_PX: Final = 60


@dataclass(frozen=True, eq=False)
class Body:
    """One person in a frame; `world` as in `mirror.landmarks.Pose`."""

    landmarks: NDArray[np.float32]  # [33, 4]: x and y in pixels, z in the same scale, visibility
    world: NDArray[np.float16] | None = None

    @cached_property
    def core(self) -> NDArray[np.float64]:
        """Nose, middle of the shoulders and middle of the hips [3, 2]."""
        marks = self.landmarks[:, :2].astype(float)
        return np.array([marks[0], marks[_SHOULDERS].mean(axis=0), marks[_HIPS].mean(axis=0)])

    @cached_property
    def torso(self) -> float:
        """Length of the torso; of a person who leans, the breadth of the shoulders counts."""
        broad = np.linalg.norm(np.subtract(*self.landmarks[_SHOULDERS, :2]))
        return max(float(np.linalg.norm(self.core[2] - self.core[1])), float(broad), 1.0)

    @cached_property
    def box(self) -> Box:
        """What the whole body takes, with the head's top."""
        places = self.landmarks[:, :2]
        (left, top), (right, bottom) = places.min(axis=0).tolist(), places.max(axis=0).tolist()
        return left, min(top, float(self.core[0, 1] - _HEAD * self.torso)), right, bottom

    @cached_property
    def trunk(self) -> Box:
        """What head, torso and thighs take."""
        marks = [0, *_TORSO, Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE]
        x, y = self.landmarks[marks, 0], self.landmarks[marks, 1]
        half = max((float(x.max()) - float(x.min())) / 2, _SLIM / 2 * self.torso)
        middle = float(x.max() + x.min()) / 2
        return middle - half, self.box[1], middle + half, float(y.max())

    def hull(self, factor: float) -> NDArray[np.int32]:
        """Return the outline of the body [point, 2], `factor` times as large."""
        top = self.core[0] - (0, _HEAD * self.torso)
        side = (_HEAD / 2 * self.torso, 0)
        marks = np.vstack([self.landmarks[:, :2], top + side, top - side, self.core[0] + side])
        hull = cv2.convexHull(marks.astype(np.float32))[:, 0]
        middle = (hull.min(axis=0) + hull.max(axis=0)) / 2
        outline: NDArray[np.int32] = np.round(middle + factor * (hull - middle)).astype(np.int32)
        return outline

    def distance(self, other: "Body") -> float:
        """Return how far two bodies are apart, in torsos: the median of head, chest and hips."""
        apart = np.linalg.norm(self.core - other.core, axis=1)
        return float(np.median(apart) / max(self.torso, other.torso))

    def in_frame(self, width: int, height: int) -> dict[str, Any]:
        """Return landmarks and world landmarks as `mirror.landmarks.Pose` has them."""
        scale = np.array([width, height, width, 1], np.float32)
        return {"landmarks": self.landmarks / scale, "world": self.world}


def overlap(one: Box, other: Box) -> float:
    """Return the share of the smaller box that lies in the other."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(right - left) * (bottom - top) for left, top, right, bottom in (one, other)]
    return width * height / max(1.0, min(areas))


def look_of(image: Image, body: Body) -> Look | None:
    """Return the colours of the clothes on torso and thighs; None if too little is in sight."""
    height, width = image.shape[:2]
    parts = [np.round(body.landmarks[part, :2]).astype(int) for part in _CLOTHES]
    every = np.concatenate(parts)
    x0, y0 = np.clip(every.min(axis=0), 0, (width, height))
    x1, y1 = np.clip(every.max(axis=0) + 1, 0, (width, height))
    if x1 - x0 < 3 or y1 - y0 < 3:
        return None
    step = max(1, int(max(x1 - x0, y1 - y0)) // _SAMPLED_PX)
    patch = np.ascontiguousarray(image[y0:y1:step, x0:x1:step])
    mask = np.zeros(patch.shape[:2], np.uint8)
    for part in parts:
        cv2.fillConvexPoly(mask, ((part - (x0, y0)) // step).astype(np.int32), 255)
    if cv2.countNonZero(mask) < _FEWEST_PX:
        return None
    lab = cv2.cvtColor(patch, cv2.COLOR_RGB2LAB)
    histogram = cv2.calcHist([lab], [0, 1, 2], mask, _BINS, _RANGES)
    look: Look = (histogram / max(1.0, float(histogram.sum()))).astype(np.float32)
    return look


def likeness(one: Look, other: Look) -> float:
    """Return how alike two looks are, 0…1 (Bhattacharyya's coefficient)."""
    return float(np.sqrt(one * other).sum())
