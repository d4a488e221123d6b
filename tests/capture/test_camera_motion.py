"""Motion of the camera: measured as the frames were moved, and 0 before a still camera."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from mirror import Landmark, Pose
from mirror._support.opencv import cv2
from mirror.capture.camera_motion import CameraMotion
from mirror.capture.synthetic.joints import Posture, skeleton
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.motion import aperiodic
from mirror.capture.synthetic.render import render

SIZE = (320, 240)
WIDTH, HEIGHT = SIZE
RATE = 30.0
MARGIN = 12  # pixels that are cut off, so that nothing enters at the edges
SETTLING = 10  # frames until a motion is trusted

Image = NDArray[np.uint8]
Motion = Callable[[float], tuple[complex, complex]]
"""Turn and shift, in pixels, of what the frame shows at a time, about its middle."""

PLACE = complex(WIDTH / 2, 0.35 * HEIGHT)
"""Where errors are measured: the person's shoulders."""


def shaken(pixels: float, hertz: float) -> Motion:
    return lambda time: (1 + 0j, pixels * math.sin(2 * math.pi * hertz * time) * (0.8 + 0.6j))


STILL: Motion = lambda _: (1 + 0j, 0j)  # noqa: E731


def marks_of(posture: Posture, looks: Looks, size: tuple[int, int]) -> NDArray[np.float32]:
    """Return the landmarks of a drawn person."""
    body = skeleton(looks, posture, *size)
    marks = np.full((33, 4), 1.0, np.float32)
    head = (body.head @ (0.0, 0.0, 1.0)).tolist()
    for first, last, place in (
        (Landmark.NOSE, Landmark.MOUTH_RIGHT, [head] * 11),
        (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER, body.shoulders),
        (Landmark.LEFT_ELBOW, Landmark.RIGHT_ELBOW, body.elbows),
        (Landmark.LEFT_WRIST, Landmark.RIGHT_THUMB, [*body.wrists] * 4),
        (Landmark.LEFT_HIP, Landmark.RIGHT_HIP, body.hips),
        (Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE, body.knees),
        (Landmark.LEFT_ANKLE, Landmark.RIGHT_FOOT_INDEX, [*body.ankles] * 3),
    ):
        marks[first : last + 1, :2] = np.array(place) / size
    marks[(np.abs(marks[:, :2] - 0.5) > 0.5).any(axis=1), 3] = 0.1  # out of the picture
    return marks


@cache
def scene(seconds: float) -> list[tuple[Image, NDArray[np.float32]]]:
    """Return frames of a person who moves, and their landmarks."""
    looks, motion = Looks.random(2), aperiodic(4)
    frames = []
    for number in range(round(seconds * RATE)):
        posture = motion(number / RATE)
        assert posture is not None
        frames.append((render(looks, posture, *SIZE), marks_of(posture, looks, SIZE)))
    return frames


def filmed(
    motion: Motion, seconds: float = 2.0, *, noise: float = 2.0
) -> Iterator[tuple[Image, Pose, complex]]:
    """Yield frames of the scene by a moving camera, their poses, and where `PLACE` is in them."""
    rng = np.random.default_rng(0)
    middle = complex(WIDTH - 1, HEIGHT - 1) / 2
    for number, (image, marks) in enumerate(scene(seconds)):
        time = number / RATE
        turn, shift = motion(time)
        offset = middle + shift - turn * middle
        matrix = np.array(
            [[turn.real, -turn.imag, offset.real], [turn.imag, turn.real, offset.imag]]
        )
        moved = cv2.warpAffine(image, matrix, SIZE, flags=cv2.INTER_CUBIC)
        moved = moved + rng.normal(0, noise, moved.shape)
        places = marks[:, :2] * SIZE @ (1.0, 1.0j)
        corner = complex(MARGIN, MARGIN)
        width, height = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
        seen = marks.copy()
        places = turn * places + offset - corner
        seen[:, 0], seen[:, 1] = places.real / width, places.imag / height
        cut = moved[MARGIN : HEIGHT - MARGIN, MARGIN : WIDTH - MARGIN]
        frame = np.ascontiguousarray(np.clip(cut, 0, 255).astype(np.uint8))
        yield frame, Pose(time, seen, None, width, height), turn * PLACE + offset - corner


def errors(camera: CameraMotion, motion: Motion, seconds: float = 2.0) -> NDArray[np.complex128]:
    """Return how far off `PLACE` is, in pixels, without the motion that was measured."""
    found = []
    for image, pose, place in filmed(motion, seconds):
        c, s, x, y = camera.measure(image, pose).camera[:4]
        height = image.shape[0]
        found.append((complex(c, s) * place / height + complex(x, y)) * height)
    late = np.array(found[SETTLING:])
    return late - late.mean()


def camera_of(pose: Pose) -> list[float]:
    return pose.camera[:4].tolist()


STILL_CAMERA = [1.0, 0.0, 0.0, 0.0]


def test_still_camera_adds_nothing() -> None:
    camera = CameraMotion()
    for image, pose, _ in filmed(STILL, noise=4.0):
        assert camera_of(camera.measure(image, pose)) == STILL_CAMERA
    assert (camera.moved, camera.troubled) == (0, False)
    assert camera.unknown < 3


@pytest.mark.parametrize(
    "motion",
    [
        shaken(1.0, 1.0),
        shaken(5.0, 0.3),
        shaken(5.0, 3.0),
        lambda time: (1 + 0j, (3 - 2j) * time),
        lambda time: (1 + 0.02 * time + 0j, 0j),
        lambda time: (complex(np.exp(0.02j * math.sin(4 * time))), 0j),
    ],
    ids=["small shake", "slow shake", "fast shake", "pan", "zoom", "roll"],
)
def test_motion_is_measured_to_a_fraction_of_a_pixel(motion: Motion) -> None:
    camera = CameraMotion()
    assert np.abs(errors(camera, motion)).max() < 0.35
    assert camera.moving
    assert camera.moved > 30


def test_camera_that_was_moved_is_still_again() -> None:
    camera = CameraMotion()
    values = [
        camera_of(camera.measure(image, pose))
        for image, pose, _ in filmed(lambda time: (1 + 0j, 6 * min(1.0, time) + 0j), 3.0)
    ]
    assert not camera.moving
    assert values[-1][2] == pytest.approx(-6 / (HEIGHT - 2 * MARGIN), abs=0.001)
    assert values[-10:] == [values[-1]] * 10


def test_somebody_else_in_the_frame_does_not_move_the_camera() -> None:
    camera = CameraMotion()
    rng = np.random.default_rng(1)
    other = rng.integers(0, 255, (12, 8, 3), np.uint8).repeat(6, axis=0).repeat(6, axis=1)
    for number, (image, pose, _) in enumerate(filmed(STILL)):
        x = round(12 + 10 * math.sin(number / 5))
        image[100 : 100 + other.shape[0], x : x + other.shape[1]] = other
        assert camera_of(camera.measure(image, pose)) == STILL_CAMERA


def test_plain_wall_tells_nothing() -> None:
    camera = CameraMotion()
    rng = np.random.default_rng(1)
    for number, (image, pose, _) in enumerate(filmed(shaken(5.0, 1.0))):
        wall = 200 + rng.normal(0, 2, image.shape)
        mask = np.zeros(image.shape[:2], np.uint8)
        assert pose.landmarks is not None
        size = np.array([image.shape[1], image.shape[0]], np.float32)
        hull = cv2.convexHull(pose.landmarks[:, :2] * size)
        cv2.fillConvexPoly(mask, hull.astype(np.int32), 1)
        plain = np.where(mask[:, :, None] > 0, image, wall).astype(np.uint8)
        assert camera_of(camera.measure(plain, pose)) == STILL_CAMERA, number
    assert camera.unknown > 50
    assert not camera.troubled  # most such cameras are still


def test_fast_motion_and_motion_that_is_lost_are_trouble() -> None:
    camera = CameraMotion()
    errors(camera, shaken(10.0, 1.0))
    assert camera.troubled
    camera = CameraMotion()
    errors(camera, shaken(3.0, 0.5))
    assert not camera.troubled
    for number in range(10):
        empty = Pose(2.0 + number / RATE, None, None, *SIZE)
        camera.measure(np.full((HEIGHT, WIDTH, 3), 99, np.uint8), empty)
    assert camera.troubled


def test_motion_so_far_outlasts_a_change_of_size_and_tiny_frames() -> None:
    camera = CameraMotion()
    errors(camera, lambda time: (1 + 0j, 6 * min(1.0, time) + 0j), 3.0)
    tiny = Pose(3.0, None, None, 8, 8)
    assert camera.measure(np.zeros((8, 8, 3), np.uint8), tiny) is tiny
    image = cv2.resize(scene(3.0)[0][0], (160, 120))
    moved = camera.measure(np.asarray(image, np.uint8), Pose(3.1, None, None, 160, 120))
    assert moved.camera[2] == pytest.approx(-6 / (HEIGHT - 2 * MARGIN), abs=0.001)


LOOKS = replace(Looks.random(3), size=0.3)
BODY = marks_of(Posture(), LOOKS, SIZE)


def pixels_in_video(motion: Callable[[float], Posture], crf: int, seconds: float = 3.0) -> float:
    """Return how far a drawn person's pixels move in a video by H.264, in shoulder widths.

    The camera is noisy, and so are the landmarks. Root mean square after the first second, in which
    at least three quarters of the frames are known.
    """
    size, looks = SIZE, LOOKS
    rng, file = np.random.default_rng(3), io.BytesIO()
    with av.open(file, "w", format="mp4") as video:
        stream = video.add_stream(
            "libx264", rate=30, options={"crf": str(crf), "preset": "veryfast"}
        )
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for number in range(round(seconds * RATE)):
            image = render(looks, motion(number / RATE), *size)
            noisy = np.clip(image + rng.normal(0, 4, image.shape), 0, 255).astype(np.uint8)
            video.mux(stream.encode(av.VideoFrame.from_ndarray(noisy, format="rgb24")))
        video.mux(stream.encode(None))
    file.seek(0)
    camera, moved = CameraMotion(), []
    with av.open(file, "r") as made:
        for number, frame in enumerate(made.decode(video=0)):
            marks = marks_of(motion(number / RATE), looks, size)
            marks[:, :2] += rng.normal(0, 0.003, (33, 2)).astype(np.float32)
            pose = Pose(number / RATE, marks, None, *size)
            image = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
            moved.append(camera.measure(image, pose).camera[4])
    assert np.isfinite(moved[30:]).mean() >= 0.75
    return float(np.sqrt(np.nanmean(np.square(moved[30:]))) / looks.size)


@pytest.mark.parametrize("crf", [23, 30])
def test_pixels_of_a_motionless_person_stay_in_compressed_video(crf: int) -> None:
    assert pixels_in_video(lambda _: Posture(), crf) < 0.0015


@pytest.mark.parametrize(
    "whole", [Posture(nod=math.radians(2)), Posture(sway=0.01)], ids=["nod", "sway"]
)
def test_pixels_of_a_person_who_moves_a_little_move(whole: Posture) -> None:
    def motion(time: float) -> Posture:
        swing = math.sin(2 * math.pi * 0.7 * time)
        return replace(whole, nod=whole.nod * swing, sway=whole.sway * swing)

    assert pixels_in_video(motion, 30) > 0.0025


def pixels(camera: CameraMotion, time: float, image: Image, marks: NDArray[np.float32]) -> float:
    size = image.shape[1], image.shape[0]
    return float(camera.measure(image, Pose(time, marks, None, *size)).camera[4])


def test_pixels_are_not_known_where_frames_cannot_be_compared() -> None:
    camera, image = CameraMotion(), render(LOOKS, Posture(), *SIZE)
    assert math.isnan(pixels(camera, 0.0, image, BODY))
    assert pixels(camera, 0.1, image, BODY) < 1e-6
    assert pixels(camera, 0.1, image, BODY) < 1e-6  # a frame that repeats
    smaller = np.asarray(cv2.resize(image, (240, 180)), np.uint8)
    assert math.isnan(pixels(camera, 0.2, smaller, BODY))
    assert pixels(camera, 0.3, smaller, BODY) < 1e-6
    assert math.isnan(pixels(camera, 2.3, smaller, BODY))
    assert math.isnan(camera.measure(smaller, Pose(2.4, None, None, 240, 180)).camera[4])  # lost
    assert pixels(camera, 2.5, smaller, BODY) < 1e-6  # found again


def test_pixels_are_not_known_unless_all_visible_joints_are_followed() -> None:
    camera, plain = CameraMotion(), render(LOOKS, Posture(), *SIZE)
    x, y = np.round(BODY[Landmark.LEFT_WRIST, :2] * SIZE).astype(int)
    plain[y - 50 : y + 50, x - 50 : x + 50] = 99
    assert math.isnan(pixels(camera, 0.0, plain, BODY))
    assert math.isnan(pixels(camera, 0.1, plain, BODY))
    hidden = BODY.copy()
    hidden[[Landmark.LEFT_WRIST, Landmark.LEFT_ELBOW], 3] = 0.1
    assert pixels(camera, 0.2, plain, hidden) < 1e-6
    hidden[Landmark.NOSE] = 0.5, -0.2, 0.0, 0.1  # the head is out of the picture
    assert math.isnan(pixels(camera, 0.3, plain, hidden))


def test_pixels_of_one_of_two_people_are_their_own() -> None:
    camera, moved = CameraMotion(), []
    for number in range(60):
        sway = Posture(sway=0.05 * math.sin(2 * math.pi * number / RATE))
        image = np.hstack([render(LOOKS, each, *SIZE) for each in (Posture(), sway)])
        both = [
            marks * np.array([0.5, 1, 1, 1], np.float32) + np.array([at, 0, 0, 0], np.float32)
            for marks, at in ((BODY, 0.0), (marks_of(sway, LOOKS, SIZE), 0.5))
        ]
        poses = [Pose(number / RATE, each, None, 2 * WIDTH, HEIGHT) for each in both]
        moved.append([each.camera[4] for each in camera.measure_all(image, poses)])
    still, moving = np.sqrt(np.nanmean(np.square(moved), axis=0))
    assert still < 0.001
    assert moving > 0.01


def test_pixels_move_where_somebody_passes_or_light_flickers() -> None:
    image = render(LOOKS, Posture(), *SIZE)
    passing, flicker = CameraMotion(), CameraMotion()
    far, lit = [], []
    for number in range(90):
        behind, x = image.copy(), 4 * (number % 80)
        behind[:, x : x + 60] = 255 - image[:, x : x + 60]
        far.append(pixels(passing, number / RATE, behind, BODY))
        light = np.clip(image * (1 + 0.2 * math.sin(4 * number / RATE)), 0, 255).astype(np.uint8)
        lit.append(pixels(flicker, number / RATE, light, BODY))
    for moved in (far, lit):
        assert np.sqrt(np.nanmean(np.square(moved))) > 0.0025 * LOOKS.size


def test_motion_of_the_camera_is_not_that_of_the_pixels() -> None:
    camera, still = CameraMotion(), CameraMotion()
    image, marks = render(LOOKS, Posture(), *SIZE), BODY
    moved = []
    for number in range(90):
        away = 2.0 * math.sin(2 * math.pi * 0.5 * number / RATE)
        shift = np.array([[1.0, 0.0, away], [0.0, 1.0, 0.0]])
        shown = cv2.warpAffine(image, shift, SIZE, borderMode=cv2.BORDER_REPLICATE)
        place = marks + np.array([away / WIDTH, 0, 0, 0], np.float32)
        pose = Pose(number / RATE, place, None, *SIZE)
        moved.append(camera.measure(np.asarray(shown, np.uint8), pose).camera[4])
        unmoved = still.measure(image, pose).camera[4]
        assert number == 0 or unmoved < 1e-6
    assert max(moved[30:]) < 0.25 * 2.0 / HEIGHT
