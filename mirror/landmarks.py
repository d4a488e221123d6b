"""The 33 body landmarks of MediaPipe's pose model, a pose at one moment, and the two feeds."""

import re
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Feed = Literal["a", "b"]  # one of the two video feeds, and the person in it

FEEDS: Final[tuple[Feed, Feed]] = ("a", "b")

MIN_VISIBILITY: Final = 0.5  # of a joint that counts: for scores, its mean in the window, in both


class Landmark(IntEnum):
    """Indices of the landmarks, in MediaPipe's order; left and right are the person's own."""

    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_HEEL = 29
    RIGHT_HEEL = 30
    LEFT_FOOT_INDEX = 31
    RIGHT_FOOT_INDEX = 32


def other_side(name: str) -> str:
    """Swap left and right in a name such as ``LEFT_WRIST`` or ``left_wrist_x``."""
    swap = {"LEFT": "RIGHT", "RIGHT": "LEFT", "left": "right", "right": "left"}
    return "_".join(swap.get(part, part) for part in name.split("_"))


# For each landmark, the index of its counterpart on the other side of the body.
SWAPPED: NDArray[np.intp] = np.array([Landmark[other_side(mark.name)] for mark in Landmark])


def plain_label(label: str) -> str:
    """Reduce a channel's label to its letters and digits: some write ``LeftWrist.X``."""
    return re.sub(r"[\W_]+", "", label.casefold())


MAX_DISTANCE = 1e4  # largest coordinate of a landmark, in frame sizes or metres
SQUARE = (1000, 1000)  # frame of a stream or series that has none; only its shape matters
MAX_TIME_S: Final = 1e10  # largest absolute time, s: 300 years, as series may carry calendar times
MAX_FRAME_SIDE = 2**16  # largest width or height of a frame, in pixels
MAX_FRAME_PIXELS = 40_000_000  # largest number of pixels of a frame: somewhat over 8K, in 120 MB
MAX_CHANNELS = 1000  # largest number of channels of a plain series

MAX_VALUE = 1e30
"""Largest value of a plain series: Open Sound Control has floats of 32 bits, and scores are made of
squares of squares."""


UNMOVED: Final = np.array([1.0, 0.0, 0.0, 0.0, np.nan])  # a still camera; nothing of pixels


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """The pose of one person in one frame of one feed.

    Attributes
    ----------
    time : float
        Seconds on the session's clock.
    landmarks : ndarray, float32 [33, 4], or None
        x and y as fractions of the frame's width and height (0…1, y downwards), z in the same
        scale as x, visibility 0…1. None if nobody was found. A landmark of which a value is masked
        becomes one that is not visible.
    world : ndarray, float16 [33, 3], or None
        The same landmarks in metres, origin between the hips. No score uses them.
    width, height : int
        Size of the frame in pixels.
    series : ndarray, float64 [channel], or None
        A sample of a plain series, in its own units, in place of landmarks.
    camera : ndarray, float64 [5]
        The motion of the camera since the feed's first frame, as the similarity that takes it out:
        with (c, s, x, y), the position (u, v) of this frame, in frame heights, was at
        (c u - s v + x, s u + c v + y) in the first. Then, how far the person's own pixels have
        moved lately, in frame heights; NaN if it is not known.
    unsure, exchanged : bool
        Whether it is not known whose of two people in one picture it is, so that no score uses it,
        and whether it is the first since they were exchanged.
    frames : tuple of float, or None
        What it was interpolated from: times of two frames, s, and the weight of the second one,
        0…1; of frames that were repeated, the first time. None for a frame's own pose.
    """

    time: float
    landmarks: NDArray[np.float32] | None
    world: NDArray[np.float16] | None
    width: int
    height: int
    series: NDArray[np.float64] | None = None
    camera: NDArray[np.float64] = field(default_factory=lambda: UNMOVED)
    frames: tuple[float, float, float] | None = None
    unsure: bool = False
    exchanged: bool = False

    @property
    def found(self) -> bool:
        """Whether there is a person to score."""
        return self.landmarks is not None or self.series is not None

    def __post_init__(self) -> None:
        # Stored types, so that live and replay compute with the same bits.
        object.__setattr__(self, "time", float(self.time))
        for name in ("landmarks", "series"):
            values = getattr(self, name)
            if values is not None and not isinstance(values, np.ndarray):  # a list, or of pandas
                object.__setattr__(self, name, np.ma.asarray(values))
        # Masked arrays are known by their mask: numpy.ma, which takes 20 ms, need not be imported.
        if self.landmarks is not None and hasattr(self.landmarks, "mask"):
            hidden = np.asarray(np.ma.getmaskarray(self.landmarks)).any(axis=1, keepdims=True)
            object.__setattr__(self, "landmarks", np.where(hidden, 0, self.landmarks.data))
        if self.landmarks is not None and self.landmarks.dtype != np.float32:
            object.__setattr__(self, "landmarks", self.landmarks.astype(np.float32))
        if self.series is not None and hasattr(self.series, "mask"):
            object.__setattr__(self, "series", np.ma.filled(self.series.astype(np.float64), np.nan))
        if self.series is not None and self.series.dtype != np.float64:
            object.__setattr__(self, "series", self.series.astype(np.float64))


@dataclass(frozen=True, slots=True)
class Model:
    """A pose model that has been checked and can be loaded."""

    path: Path  # the `.task` bundle
    sha256: str  # checksum of the whole file, in hexadecimal; recordings keep it
    name: str  # the file's name without its ending
