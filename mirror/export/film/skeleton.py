"""Drawing a skeleton over a picture, or on black."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror._support.opencv import cv2
from mirror.colours import Rgb, mix
from mirror.export.film.layout import BLACK, WHITE
from mirror.skeleton import LEFT, MIDDLE, RIGHT, SEEN

_SHIFT: Final = 4  # OpenCV takes sixteenths of a pixel
_THICKNESS: Final = 1 / 110  # of a line, in heights of the picture
_FAR: Final = 10_000.0  # pixels; OpenCV's whole numbers end somewhere beyond


def draw_skeleton(picture: NDArray[np.uint8], landmarks: NDArray[np.float32], colour: Rgb) -> None:
    """Draw a skeleton over the whole of a picture; what lies outside is cut off.

    What MediaPipe does not see (visibility below `SEEN`) is thin and dim. Every line has a dark
    edge, so that it shows on any picture, and the person's own left is the light side.

    Parameters
    ----------
    picture : ndarray, uint8 [height, width, 3]
        RGB.
    landmarks : ndarray [33, 4]
        x and y as fractions of the picture's width and height, z, visibility.
    colour : (int, int, int)
        The person's.
    """
    height, width = picture.shape[:2]
    # OpenCV means the middle of a pixel, a fraction of the picture its edge.
    places = np.clip(landmarks[:, :2] * (width, height) - 0.5, -_FAR, _FAR)
    points = np.round(places * (1 << _SHIFT)).astype(int).tolist()
    seen = (landmarks[:, 3] >= SEEN).tolist()
    thick = max(2, round(height * _THICKNESS))
    parts = (
        (MIDDLE, colour),
        (RIGHT, mix(colour, BLACK, 0.18)),
        (LEFT, mix(colour, WHITE, 0.5)),
    )
    for wanted in (False, True):  # what is seen lies over what is guessed
        for part, shade in parts:
            for first, second in part.bones:
                if (seen[first] and seen[second]) is wanted:
                    if wanted:
                        _line(picture, points[first], points[second], BLACK, thick + 2)
                    shown = (shade, thick) if wanted else (mix(shade, BLACK, 0.45), 1)
                    _line(picture, points[first], points[second], *shown)
    for part, shade in parts:
        for joint in part.joints:
            if seen[joint]:
                _dot(picture, points[joint], BLACK, 1.5 * thick + 1)
                _dot(picture, points[joint], shade, 1.5 * thick)
            else:
                _dot(picture, points[joint], mix(shade, BLACK, 0.45), 0.8 * thick)


def _line(
    picture: NDArray[np.uint8], start: list[int], end: list[int], colour: Rgb, thick: int
) -> None:
    cv2.line(picture, start, end, colour, thick, cv2.LINE_AA, _SHIFT)


def _dot(picture: NDArray[np.uint8], centre: list[int], colour: Rgb, radius: float) -> None:
    size = round(radius * (1 << _SHIFT))
    cv2.circle(picture, centre, size, colour, cv2.FILLED, cv2.LINE_AA, _SHIFT)
