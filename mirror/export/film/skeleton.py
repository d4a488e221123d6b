"""Drawing a skeleton over a frame, or on a plain ground: what `mirror.skeleton` says, by OpenCV.

Qt takes three times as long for its lines, and keeps Python's other threads waiting meanwhile.
"""

import math
from collections.abc import Collection
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror._support.opencv import cv2
from mirror.colours import ALIKE, BLACK, Rgb, mix, rgb
from mirror.skeleton import Point, draw_figure

_SHIFT: Final = 4  # OpenCV takes sixteenths of a pixel
_DIM: Final = 0.45


def draw_skeleton(
    image: NDArray[np.uint8],
    landmarks: NDArray[np.float32],
    colour: Rgb,
    place: tuple[float, float, float, float],
    *,
    on_dark: bool = False,
    alike: Collection[str] = (),
    ground: Rgb | None = None,
    ratio: float = 1.0,
) -> None:
    """Draw a skeleton into an image [height, width, 3], cut off at its edges.

    Joints with a visibility below `MIN_VISIBILITY` are hollow, their lines thin; on a plain
    `ground` (None: a frame) both fade to it. Every other line has a dark edge, so that it shows on
    any image. `landmarks` [33, 4] are as in `Pose`; `place` is left, top, width and height of the
    frame, pixels of the image; `on_dark` says that the ground is plain and dark; `alike` are the
    person's regions that match the other's, thick, in one colour, with a core. `ratio` is the
    number of the image's pixels to one of the screen.
    """
    left, top, width, height = place
    figure = draw_figure(landmarks, (width, height), colour, on_dark=on_dark, alike=alike)
    thick = max(round(2 * ratio), round(figure.thick))
    thin, edge = max(1, round(ratio)), round(2 * ratio)
    faint_ring = max(thin, thick // 3)

    @cache  # a joint is the end of several lines, of several strokes each
    def fixed(point: Point) -> list[int]:
        # OpenCV counts from the middle of a pixel, a fraction from the edge of the image.
        return to_fixed((point[0] + left - 0.5, point[1] + top - 0.5))

    same = [(BLACK, 2 * thick + edge), (rgb(ALIKE), 2 * thick), (BLACK, faint_ring)]
    strokes = [
        *(
            (part.faint, *stroke)
            for part in figure.parts
            for stroke in _guessed(part.shade, ground, thin, edge)
        ),
        # Seen bones lie over guessed ones.
        *(
            (part.solid, *stroke)
            for part in figure.parts
            for stroke in ((BLACK, thick + edge), (part.shade, thick))
        ),
        *((figure.alike, *stroke) for stroke in same),
    ]
    for lines, shade, width_px in strokes:
        for start, end in lines:
            draw_line(image, fixed(start), fixed(end), shade, width_px)
    head, shade = figure.head, figure.parts[0].shade
    rings = [(BLACK, thick + edge), (shade, max(edge, thick - thin))]
    if not head.seen:
        rings = _guessed(shade, ground, faint_ring, edge) if math.isfinite(head.centre[0]) else []
    for ring, width_px in same if head.seen and "head" in alike else rings:
        draw_circle(image, fixed(head.centre), ring, head.radius, width_px)
    for part in figure.parts:
        for joint in part.joints:
            centre = fixed(joint.centre)
            if joint.seen:
                draw_circle(image, centre, BLACK, joint.radius + ratio)
                draw_circle(image, centre, part.shade, joint.radius)
            else:
                for ring, width_px in _guessed(part.shade, ground, faint_ring, edge):
                    draw_circle(image, centre, ring, joint.radius, width_px)


def _guessed(shade: Rgb, ground: Rgb | None, width_px: int, edge: int) -> list[tuple[Rgb, int]]:
    """Return the strokes of what is not seen: faded on a plain ground, edged over a frame."""
    if ground is not None:
        return [(mix(shade, ground, _DIM), width_px)]
    return [(BLACK, width_px + edge), (shade, width_px)]


def to_fixed(point: Point) -> list[int]:
    """Return a point in OpenCV's sixteenths of a pixel."""
    return [round(each * (1 << _SHIFT)) for each in point]


def draw_line(
    image: NDArray[np.uint8], start: list[int], end: list[int], colour: Rgb, thick: int
) -> None:
    """Draw a line between two points of `to_fixed`."""
    cv2.line(image, start, end, colour, thick, cv2.LINE_AA, _SHIFT)


def draw_circle(
    image: NDArray[np.uint8], centre: list[int], colour: Rgb, radius: float, thick: int = cv2.FILLED
) -> None:
    """Draw a circle around a point of `to_fixed`; by default a disc."""
    cv2.circle(image, centre, round(radius * (1 << _SHIFT)), colour, thick, cv2.LINE_AA, _SHIFT)
