"""Pose tracking: 33 landmarks from a frame, by MediaPipe's PoseLandmarker in VIDEO mode."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from mirror._support.closing import Closeable
from mirror.capture.base import Frame
from mirror.capture.pose_model import provide_model
from mirror.capture.thinning import FrozenFilter
from mirror.errors import ModelError
from mirror.landmarks import Landmark, Pose

# Milliseconds between two frames, as MediaPipe is told. It smooths landmarks with a One-Euro filter
# (Casiez, Roussel & Vogel 2012), which delays small movements by up to 0.2 s and large ones hardly,
# so that the person who moves less seems to follow. Its weight of the past falls with the time
# between frames: after 1,000 s it is below 1 %. Following a person goes by the order of frames
# alone. Its times are microseconds in 64 bits, which last for 9 · 10⁹ frames.
_STEP_MS: Final = 1_000_000
Landmarks = NDArray[np.float32]
World = NDArray[np.float16]


class Tracker(Protocol):
    """The interface of a pose stage."""

    def track(self, frame: Frame) -> Pose:
        """Return the pose in the next frame of this tracker's feed."""

    def close(self) -> None:
        """Release everything; the tracker is not used again."""


class PoseTracker(Closeable):
    """Tracks one person through one feed; every feed needs its own.

    The model is a ``.task`` bundle; by default the one that `mirror.capture.pose_model` provides.

    Raises
    ------
    ModelError
        If there is no model, or MediaPipe cannot use it.

    Notes
    -----
    MediaPipe detects a person in the first frame and follows them from one to the next, so frames
    must come in order and from one camera. It releases the interpreter lock while it computes: two
    trackers on two threads use two cores.

    Landmarks are not smoothed (see `_STEP_MS`), and do not depend on the frames' times.
    """

    def __init__(self, model: Path | None = None) -> None:
        self._landmarker = Landmarker(model)
        self._repeats, self._pose = FrozenFilter(), Pose(0.0, None, None, 1, 1)

    def track(self, frame: Frame) -> Pose:
        """Return the pose in the next frame; without landmarks if nobody is in it.

        That of a repeated frame is that of the frame that it repeats.
        """
        if not self._repeats.is_new(frame.image, frame.time):
            return replace(self._pose, time=frame.time)
        height, width = frame.image.shape[:2]
        found = self._landmarker.find(frame.image)
        landmarks, world = found[0] if found else (None, None)
        self._pose = Pose(frame.time, landmarks, world, width, height)
        return self._pose

    def close(self) -> None:
        """Free the networks."""
        self._landmarker.close()


class Landmarker(Closeable):
    """MediaPipe's landmarker: of a video, one person who is followed; else `people` of each image.

    `confidence`, 0…1, is that from which a detection counts; the model is as for `PoseTracker`.
    """

    def __init__(
        self, model: Path | None = None, *, people: int = 0, confidence: float = 0.5
    ) -> None:
        # It takes long to import.
        from mirror._support.mediapipe import mediapipe

        self._as_image = partial(mediapipe.Image, mediapipe.ImageFormat.SRGB)
        path = provide_model(model).path
        vision = mediapipe.tasks.vision
        mode = vision.RunningMode
        options = vision.PoseLandmarkerOptions(
            # Not by its path, which MediaPipe opens only if it is UTF-8.
            base_options=mediapipe.tasks.BaseOptions(model_asset_buffer=path.read_bytes()),
            running_mode=mode.IMAGE if people else mode.VIDEO,
            num_poses=people or 1,
            min_pose_detection_confidence=confidence,
        )
        try:
            self._landmarker = vision.PoseLandmarker.create_from_options(options)
        except (RuntimeError, ValueError) as error:
            raise ModelError(
                f"{path}: MediaPipe cannot use this pose model; give an official "
                "pose_landmarker_*.task bundle, or none for the built-in one"
            ) from error
        self._follows = not people
        self._stamp = 0

    def find(self, image: NDArray[np.uint8]) -> list[tuple[Landmarks, World]]:
        """Return landmarks and world landmarks of the people in an image, as `Pose` has them."""
        image_ = self._as_image(image)
        if self._follows:
            self._stamp += _STEP_MS
            result = self._landmarker.detect_for_video(image_, self._stamp)
        else:
            result = self._landmarker.detect(image_)
        return [
            (
                _seen([(mark.x, mark.y, mark.z, mark.visibility) for mark in marks]),
                np.array([(mark.x, mark.y, mark.z) for mark in world], np.float16),
            )
            for marks, world in zip(result.pose_landmarks, result.pose_world_landmarks, strict=True)
        ]

    def close(self) -> None:
        self._landmarker.close()


def _seen(marks: list[tuple[float, float, float, float]]) -> Landmarks:
    """Return landmarks without visibility of those beyond the image's edges, which are guessed.

    Shoulders below it by .3 of its height or beside it by .25 of their width follow from the head.
    """
    landmarks = np.array(marks, np.float32)
    beyond = np.abs(landmarks[:, :2] - 0.5) - 0.5
    shoulders = slice(Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER + 1)
    beyond[shoulders, 0] -= 0.25 * np.ptp(landmarks[shoulders, 0])
    beyond[shoulders, 1] -= 0.3 * (landmarks[shoulders, 1] > 1.0)
    landmarks[(beyond > 0.0).any(axis=1), 3] = 0.0
    return landmarks
