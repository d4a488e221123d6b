"""Motion in the picture: of the camera, from what is not the person, and of people's own pixels.

A shaken table, a hand-held phone or a webcam that frames by itself moves everybody in the frame at
once. Corners of the background are followed from a key frame by the method of Lucas and Kanade
(1981), in its pyramidal form (Bouguet 2001), on a small grey copy; most of them agree on one
similarity (shift, zoom and roll), and the others (a door, a passer-by) are left out.

Pixels tell a person's movement from errors of the landmarks. Encoders smooth a sensor's noise and
refine a frame little by little, and the landmarks of somebody motionless drift as slowly as people
move; patches around the joints, followed from frame to frame by the same method, stay.

Places are complex numbers, x + iy in frame heights: a similarity takes z to turn·z + shift.
"""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror._support.opencv import cv2
from mirror.landmarks import Landmark, Pose

Grey = NDArray[np.uint8]
Places = NDArray[np.complex128]
Similarity = tuple[complex, complex]  # turn and shift

_MAX_PIXELS: Final = 130_000  # of the grey copy: 320x240, 320x180, 480x270
_MIN_SIDE_PX: Final = 48
_CORNERS: Final = 48
_CORNER_QUALITY: Final = 0.001  # of the best corner's
_CORNER_DISTANCE_PX: Final = 12
_MARGIN: Final = 0.35  # around the landmarks, in shoulder widths: hair, hands and clothes
_PATCH_PX: Final = (15, 15)
_LEVELS: Final = 1  # of the pyramid, above the first

# Pixels of the grey copy:
_AGREE_PX: Final = 0.25  # how far corners may be from where a similarity takes them
# Smallest motion that is told from a still camera, before which corners together are within .1;
# less is 0, so that a still camera adds nothing.
_STILL_PX: Final = 0.15
_MIN_CORNERS: Final = 8
_BY_CHANCE: Final = 4  # corners that may agree by chance
_MIN_SHARE: Final = (0.3, 0.2)  # of corners in sight that must agree: without trust, with it
_SIGNIFICANT: Final = 4.0  # standard errors
_SETTLED_S: Final = 1.0  # without motion, until the camera counts as still again
_LATELY_S: Final = 2.0
# Speed from which a motion is trouble: root mean square lately, in frame heights a second.
# MediaPipe follows people from where they were in the frame before.
_FAST: Final = 0.1
_PATIENCE: Final = 5  # frames without agreement before a new key frame
_MAX_TRUST: Final = 10  # up by one with a frame that could be compared, down by two without
# Of the people's own pixels:
_JOINTS: Final = ("NOSE", "SHOULDER", "ELBOW", "WRIST", "KNEE", "ANKLE")
_MARKS: Final = [mark for mark in Landmark if mark.name.endswith(_JOINTS)]
# OpenCV's unit: gradients of 1.4 grey levels a pixel at the face, of 2.3 elsewhere; less is noise.
_MIN_TEXTURE: Final = np.array([0.002, *[0.005] * (len(_MARKS) - 1)])
_REACH: Final = 0.4  # half the side of a patch, in shoulder widths; at most 32 pixels
# High-pass filter, Butterworth's of the fourth order: 90 % of an amplitude pass at 0.2 Hz.
_CUTOFF_HZ: Final = 1 / 6
_DAMPINGS: Final = 2 * math.cos(math.pi / 8), 2 * math.sin(math.pi / 8)  # of its two sections
_LONGEST_S: Final = 0.5  # between frames that are compared


class CameraMotion:
    """Measures the motion of one feed's camera.

    It counts frames in which the camera `moved`, or was `troubled` (`troubles`), and those in which
    its motion is `unknown`.
    """

    def __init__(self) -> None:
        self.moved = self.unknown = self.troubles = 0
        self._turn, self._shift = _Steady(1 + 0j), _Steady(0j)
        self._before: Grey | None = None
        # Where each person's patches are [0, 0, patch], and after each section of the filter, with
        # its integral and that one's [1 + section, 3, patch].
        self._patches: list[Places] = []
        self._key: _KeyFrame | None = None
        self._failures = 0
        self._trust = 0
        self._time = -math.inf  # of the last frame
        self._squared_speed = 0.0  # of the shift lately, in frame heights a second

    @property
    def moving(self) -> bool:
        """Whether the camera moves at present."""
        return self._turn.moving or self._shift.moving

    @property
    def troubled(self) -> bool:
        """Whether it moves so fast that scores suffer, or cannot be told from the person now."""
        return self.moving and (self._squared_speed > _FAST**2 or not self._trusted)

    def measure(self, image: NDArray[np.uint8], pose: Pose) -> Pose:
        """Return the pose with what has moved in the picture, as `measure_all`."""
        return self.measure_all(image, [pose])[0]

    def measure_all(self, image: NDArray[np.uint8], poses: Sequence[Pose]) -> list[Pose]:
        """Return the poses of one frame with the motion of camera and pixels (`Pose.camera`).

        The image, uint8 [height, width, 3], is that in which the poses, at least one, were found;
        these people are left out of the measurement.
        """
        if min(image.shape[:2]) < _MIN_SIDE_PX:
            return list(poses)
        grey, time = _small_grey(image), poses[0].time
        before, (old_turn, old_shift) = self._shift.value, self._so_far(grey)
        since, self._time = time - self._time, time
        self._update(grey, poses)
        self.moved += self.moving
        squared_speed = (abs(self._shift.value - before) / max(since, 1e-3)) ** 2
        self._squared_speed += min(1.0, since / _LATELY_S) * (squared_speed - self._squared_speed)
        self.troubles += self.troubled
        turn, shift = self._so_far(grey)
        since_before = old_turn / turn, (old_shift - shift) / turn
        camera = [turn.real, turn.imag, shift.real, shift.imag]
        moved = self._follow_pixels(grey, poses, since, since_before)
        return [replace(pose, camera=np.array([*camera, each])) for pose, each in moved]

    def _follow_pixels(
        self, grey: Grey, poses: Sequence[Pose], since: float, camera: Similarity
    ) -> Iterator[tuple[Pose, float]]:
        """Yield the poses, and how far the person's pixels have moved lately, in frame heights.

        That is the farthest place of a patch, high-passed, and without the motion of the camera in
        the time `since` the frame before; NaN unless all visible joints could be followed.
        """
        before, self._before = self._before, grey
        if before is None or before.shape != grey.shape or not 0.0 <= since <= _LONGEST_S:
            self._patches = list(np.zeros((len(poses), 3, 3, len(_MARKS)), complex))
            yield from ((pose, math.nan) for pose in poses)
            return
        angle = 2 * math.pi * _CUTOFF_HZ * since
        for pose, (places, *sections) in zip(poses, self._patches, strict=True):
            step, is_known = _shifts(before, grey, pose, camera)
            places[0] += step
            passed = places[0]
            for damping, section in zip(_DAMPINGS, sections, strict=True):
                section[1:] += angle * np.stack([section[0], section[1] + angle * section[0]])
                section[0] = passed - damping * section[1] - section[2]
                passed = section[0]
            yield pose, float(np.abs(passed).max()) if is_known else math.nan

    @property
    def _trusted(self) -> bool:
        """Whether enough of the latest frames could be compared with their key frame."""
        return self._trust > _MAX_TRUST // 2

    def _so_far(self, grey: Grey) -> Similarity:
        """Return what takes this frame to the first one."""
        middle, turn = _middle(grey), self._turn.value
        return turn, self._shift.value + middle * (1 - turn)

    def _update(self, grey: Grey, poses: Sequence[Pose]) -> None:
        background = _background(grey, poses)
        key = self._key
        if key is None or key.grey.shape != grey.shape or len(key.corners) < _MIN_CORNERS:
            self._key = _KeyFrame(grey, background, self._so_far(grey))
            self._trust = max(self._trust - 2, 0)
            self.unknown += len(self._key.corners) < _MIN_CORNERS
            return
        places = self._agreeing(key, grey, background)
        self._trust = min(self._trust + 1, _MAX_TRUST) if places else max(self._trust - 2, 0)
        if places and self._trusted:
            self._take(key, *places, self._time)
        self.unknown += places is None
        self._failures = 0 if places else self._failures + 1
        if self._failures > _PATIENCE or 2 * key.seen < len(key.corners):
            self._failures = 0
            self._key = _KeyFrame(grey, background, self._so_far(grey))

    def _agreeing(
        self, key: "_KeyFrame", grey: Grey, background: Grey
    ) -> tuple[Places, Places] | None:
        """Return the places in the key frame, and those now, that agree on a motion."""
        pixel = 1.0 / len(grey)
        guess = key.motion
        for _ in range(2):
            first, now = key.follow(grey, background, guess)
            if len(now) < _MIN_CORNERS:
                return None
            enough = _BY_CHANCE + _MIN_SHARE[self._trusted] * len(now)
            if not self.moving:
                # The motion from the key frame to this one, if it has not moved any more.
                turn, shift = self._so_far(grey)
                held = key.so_far[0] / turn, (key.so_far[1] - shift) / turn
                agree = _distance(held, first, now) < _STILL_PX * pixel
                if agree.sum() >= enough:
                    return first[agree], now[agree]
            agree, guess = _consensus(first, now, guess, pixel)
            if agree.sum() >= enough:
                return first[agree], now[agree]
            # A fast motion leads some astray, from where the guess was too far off.
        return None

    def _take(self, key: "_KeyFrame", first: Places, now: Places, time: float) -> None:
        """Take the motion out of places that agree."""
        pixel = 1.0 / len(key.grey)
        fitted = _fitted(first, now)
        error = np.linalg.norm(now - _apply(fitted, first)) / np.sqrt(len(now) - 2)
        spread = np.linalg.norm(first - first.mean())
        # Zoom and roll are measured over half the height, and less surely than the shift.
        tolerance = max(2 * _STILL_PX * pixel, _SIGNIFICANT * float(error / spread))
        turn = self._turn.update(time, key.so_far[0] / fitted[0], tolerance)
        if not self._turn.moving:
            ratio = key.so_far[0] / turn
            fitted = (ratio, complex((now - ratio * first).mean()))
        key.motion = fitted
        middle = _middle(key.grey)
        shift = key.so_far[1] - turn * fitted[1] + middle * (turn - 1)
        tolerance = max(_STILL_PX * pixel, _SIGNIFICANT * float(error / np.sqrt(len(now))))
        self._shift.update(time, shift, tolerance)


class _Steady:
    """A measured value that stays exactly the same until it has certainly changed."""

    def __init__(self, value: complex) -> None:
        self.value = value
        self.moving = False
        self._recent: deque[tuple[float, complex]] = deque()

    def update(self, time: float, measured: complex, tolerance: float) -> complex:
        """Take a measurement; return the value."""
        if not self.moving:
            if abs(measured - self.value) <= tolerance:
                return self.value
            self.moving = True
            self._recent.clear()
        recent = self._recent
        recent.append((time, measured))
        self.value = measured
        while time - recent[0][0] > _SETTLED_S:
            recent.popleft()
            mean = sum(each for _, each in recent) / len(recent)
            if max(abs(each - mean) for _, each in recent) <= tolerance / 2:
                self.value, self.moving = mean, False
                break
        return self.value


class _KeyFrame:
    """A frame whose corners are followed; `so_far` takes it to the feed's first."""

    def __init__(self, grey: Grey, background: Grey, so_far: Similarity) -> None:
        corners = cv2.goodFeaturesToTrack(
            grey, _CORNERS, _CORNER_QUALITY, _CORNER_DISTANCE_PX, mask=background
        )
        self.grey = grey
        self.so_far = so_far
        # Where its places are in the newest frame that could be compared:
        self.motion: Similarity = (1 + 0j, 0j)
        self.seen = 0  # how many of its corners were seen in the newest frame
        self._pixels = np.zeros((0, 1, 2), np.float32) if corners is None else corners
        self.corners: Places = self._pixels[:, 0].astype(float) @ (1.0, 1.0j) / len(grey)

    def follow(self, grey: Grey, background: Grey, guess: Similarity) -> tuple[Places, Places]:
        """Return the corners that are seen in another frame, and their places in it."""
        expected = _apply(guess, self.corners) * grey.shape[0]
        start = np.stack([expected.real, expected.imag], axis=-1)[:, None]
        found, followed, _ = cv2.calcOpticalFlowPyrLK(
            self.grey,
            grey,
            self._pixels,
            np.ascontiguousarray(start, np.float32),
            winSize=_PATCH_PX,
            maxLevel=_LEVELS,
            flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
        )
        x, y = np.asarray(found, float)[:, 0].T
        height, width = grey.shape
        seen = (np.asarray(followed)[:, 0] > 0) & (x >= 0) & (y >= 0) & (x < width) & (y < height)
        seen[seen] = background[y[seen].astype(int), x[seen].astype(int)] > 0
        self.seen = int(seen.sum())
        return self.corners[seen], (x[seen] + 1j * y[seen]) / height


def _shifts(before: Grey, now: Grey, pose: Pose, camera: Similarity) -> tuple[Places, bool]:
    """Return the shifts of a person's patches [patch], 0 if not known; whether all seen are."""
    if pose.landmarks is None:
        return np.zeros(len(_MARKS), complex), False
    height, width = now.shape
    places = np.clip(pose.landmarks[:, :2], -1.0, 2.0) * np.array([width, height], np.float32)
    left, right = places[[Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]]
    side = 2 * int(np.clip(_REACH * math.dist(left, right), 0.04 * height, 32.0)) + 1
    first = places[_MARKS]
    frames = before, now, first[:, None], first[:, None].copy()
    found, followed, texture = cv2.calcOpticalFlowPyrLK(
        *frames, winSize=(side, side), maxLevel=0, flags=cv2.OPTFLOW_LK_GET_MIN_EIGENVALS
    )
    is_visible = pose.landmarks[_MARKS, 3] >= 0.5
    is_visible[0] = True  # the head: from behind, by its back
    seen = np.multiply(followed, texture)[:, 0] >= _MIN_TEXTURE
    was, is_now = (np.asarray(each, float) @ (1.0, 1.0j) / height for each in (first, found[:, 0]))
    is_known = bool(seen[is_visible].all())
    return np.where(seen & is_visible, is_now - _apply(camera, was), 0.0), is_known


def _consensus(
    first: Places, now: Places, guess: Similarity, pixel: float
) -> tuple[NDArray[np.bool_], Similarity]:
    """Return which places agree on one similarity, and that similarity.

    Starting from the shift against `guess` that most places share, it is fitted again and again to
    the places within a narrowing distance.
    """
    shifts = now - _apply(guess, first)
    alike = np.abs(shifts[:, None] - shifts) < pixel
    fitted = (guess[0], guess[1] + complex(shifts[alike.sum(axis=0).argmax()]))
    for limit in (1.0, 0.5, _AGREE_PX, _AGREE_PX):
        agree = _distance(fitted, first, now) < limit * pixel
        if agree.sum() < _MIN_CORNERS:
            break
        fitted = _fitted(first[agree], now[agree])
    return _distance(fitted, first, now) < _AGREE_PX * pixel, fitted


def _fitted(first: Places, now: Places) -> Similarity:
    """Return the similarity that takes some places to others with least squares."""
    around, origin = (complex(np.add.reduce(each)) / len(each) for each in (now, first))
    arms = first - origin
    turn = complex(np.vdot(arms, now - around) / np.vdot(arms, arms))
    return turn, around - turn * origin


def _apply(motion: Similarity, places: Places) -> Places:
    return motion[0] * places + motion[1]


def _distance(motion: Similarity, first: Places, now: Places) -> NDArray[np.float64]:
    return np.abs(now - _apply(motion, first))


def _middle(grey: Grey) -> complex:
    height, width = grey.shape
    return complex(0.5 * width / height, 0.5)


def _small_grey(image: NDArray[np.uint8]) -> Grey:
    # Whole halves: a mean of pixels. Coarser sampling lets the background's grain seem to move.
    small: Any = image
    if image.shape[0] * image.shape[1] > 4 * _MAX_PIXELS:
        # Reading a large frame takes longest; half of its rows are as good.
        small = cv2.cvtColor(image[::2], cv2.COLOR_RGB2GRAY)
        height, width = small.shape
        small = cv2.resize(small, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        # Between two columns, linear is the mean, and takes a third of the time.
        small = cv2.resize(small, (width // 4, height // 2), interpolation=cv2.INTER_LINEAR)
    while small.shape[0] * small.shape[1] > _MAX_PIXELS:
        size = (small.shape[1] // 2, small.shape[0] // 2)
        small = cv2.resize(small, size, interpolation=cv2.INTER_AREA)
        if small.ndim == 3:
            small = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    grey: Grey = small if small.ndim == 2 else cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    return grey


def _background(grey: Grey, poses: Sequence[Pose]) -> Grey:
    """Return a mask that is 0 on the people and 255 elsewhere."""
    mask = np.full(grey.shape, 255, np.uint8)
    height, width = grey.shape
    for pose in poses:
        if pose.landmarks is None:
            continue
        places = np.clip(pose.landmarks[:, :2], -1.0, 2.0) * np.array([width, height], np.float32)
        left, right = places[Landmark.LEFT_SHOULDER], places[Landmark.RIGHT_SHOULDER]
        # In profile the shoulders come together.
        shoulders = max(float(np.hypot(*(left - right))), 0.1 * height)
        hull = np.round(cv2.convexHull(places)).astype(np.int32)
        cv2.fillConvexPoly(mask, hull, 0)
        thickness = min(round(2 * _MARGIN * shoulders), 255)
        cv2.polylines(mask, [hull], isClosed=True, color=0, thickness=max(1, thickness))
    return mask
