"""MediaPipe's landmarks follow a movement at once, however small it is."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mirror import PoseTracker
from mirror.capture.base import Frame
from mirror.capture.synthetic.joints import Posture
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.render import render
from tests.support.people import landmarks

RATE = 20.0
HEIGHT = 480


@pytest.mark.parametrize(("amplitude", "most_ms"), [(2, 25), (6, 15), (48, 15)])
def test_follows_small_and_large_movement_without_delay(amplitude: int, most_ms: float) -> None:
    """One frame is moved up and down; MediaPipe's own filter is 200 ms late at 2 px, 15 at 48."""
    looks = replace(Looks.random(3), size=0.12, centre=(0.5, 0.3))
    still = render(looks, Posture(), 640, HEIGHT)
    for hertz, seconds in ((0.5, 2.4), (2.0, 1.0)):
        times = np.arange(round(seconds * RATE)) / RATE
        shifts = amplitude * np.sin(2 * np.pi * hertz * times)
        with PoseTracker() as tracker:
            poses = [
                tracker.track(Frame(time, moved_down(still, shift)))
                for time, shift in zip(times, shifts, strict=True)
            ]
        found = np.array([landmarks(pose)[:, 1].mean() * HEIGHT for pose in poses])
        # the last full cycle
        turns = np.exp(-2j * np.pi * hertz * times) * (
            np.arange(len(times)) >= len(times) - RATE / hertz
        )
        response = (found @ turns) / (shifts @ turns)
        assert 0.9 < abs(response) < 1.1, hertz
        delay_ms = -1000 * np.angle(response) / (2 * np.pi * hertz)
        assert abs(delay_ms) <= most_ms, hertz


def moved_down(image: NDArray[np.uint8], pixels: float) -> NDArray[np.uint8]:
    place = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, pixels]])
    moved = cv2.warpAffine(image, place, image.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)
