"""Drawing a skeleton over a frame, or on black."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror._support.opencv import cv2
from mirror.colours import BLACK, Rgb, mix
from mirror.landmarks import MIN_VISIBILITY
from mirror.skeleton import shaded_parts

_SHIFT: Final = 4  # OpenCV takes sixteenths of a pixel
_THICKNESS: Final = 1 / 110  # of a line, in heights of the frame
_MAX_PIXELS: Final = 10_000.0  # a limit within OpenCV's integers


def draw_skeleton(image: NDArray[np.uint8], landmarks: NDArray[np.float32], colour: Rgb) -> None:
    """Draw a skeleton over the whole of an image, cut off at its edges.

    Joints with a visibility below `MIN_VISIBILITY` are thin and dim. Every line has a dark edge, so
    that it shows on any image.

    Parameters
    ----------
    image : ndarray, uint8 [height, width, 3]
    landmarks : ndarray [33, 4]
        x and y as fractions of the image's width and height, z, visibility.
    """
    height, width = image.shape[:2]
    # OpenCV counts from the middle of a pixel, a fraction from the edge of the image.
    pixels = landmarks[:, :2] * (width, height) - 0.5
    points = to_fixed(np.clip(pixels, -_MAX_PIXELS, _MAX_PIXELS))
    seen = (landmarks[:, 3] >= MIN_VISIBILITY).tolist()
    thick = max(2, round(height * _THICKNESS))
    parts = shaded_parts(colour)
    for is_seen in (False, True):  # seen bones lie over guessed ones
        for part, shade in parts:
            for first, second in part.bones:
                if (seen[first] and seen[second]) is not is_seen:
                    continue
                ends = points[first], points[second]
                if is_seen:
                    draw_line(image, *ends, BLACK, thick + 2)
                    draw_line(image, *ends, shade, thick)
                else:
                    draw_line(image, *ends, mix(shade, BLACK, 0.45), 1)
    for part, shade in parts:
        for joint in part.joints:
            if seen[joint]:
                draw_dot(image, points[joint], BLACK, 1.5 * thick + 1)
                draw_dot(image, points[joint], shade, 1.5 * thick)
            else:
                draw_dot(image, points[joint], mix(shade, BLACK, 0.45), 0.8 * thick)


def to_fixed(points: NDArray[np.float64]) -> list[list[int]]:
    """Return points [point, xy] in OpenCV's sixteenths of a pixel."""
    fixed: list[list[int]] = np.round(points * (1 << _SHIFT)).astype(int).tolist()
    return fixed


def draw_dot(image: NDArray[np.uint8], centre: list[int], colour: Rgb, radius: float) -> None:
    """Draw a disc around a point of `to_fixed`."""
    size = round(radius * (1 << _SHIFT))
    cv2.circle(image, centre, size, colour, cv2.FILLED, cv2.LINE_AA, _SHIFT)


def draw_line(
    image: NDArray[np.uint8], start: list[int], end: list[int], colour: Rgb, thick: int
) -> None:
    """Draw a line between two points of `to_fixed`."""
    cv2.line(image, start, end, colour, thick, cv2.LINE_AA, _SHIFT)
