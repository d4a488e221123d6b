"""Drawing a person: the picture of a posture.

A figure is some twenty painted parts (`mirror.capture.synthetic`) laid over a room with one affine
map each.
"""

from __future__ import annotations

from functools import lru_cache
from math import atan2, hypot, pi
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror._support.opencv import cv2
from mirror.capture.synthetic.body import LENGTHS, LimbName, hips, limb, shadow, shoe, torso
from mirror.capture.synthetic.head import layers
from mirror.capture.synthetic.joints import (
    FOOT,
    HIP,
    Point,
    Posture,
    Skeleton,
    joints,
    skeleton,
    unit_of,
)
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.paint import Part
from mirror.capture.synthetic.room import room

__all__ = ["Looks", "Posture", "joints", "render"]

Image = NDArray[np.uint8]

BEYOND: Final = 2.2
"""No part of a figure is further than this from the middle of its shoulders."""


def _lay(picture: Image, part: Part, place: NDArray[np.float64]) -> None:
    """Lay a part over the picture, `place` [2, 3] mapping shoulder widths to pixels."""
    high, wide = part.texture.shape[:2]
    turn = place[:, :2] / part.scale
    shift = place[:, 2] - turn @ part.origin
    corners = turn @ np.array([[0, wide, 0, wide], [0, 0, high, high]]) + shift[:, None]
    x0, y0 = np.maximum(np.floor(corners.min(axis=1)).astype(int), 0)
    x1, y1 = np.minimum(np.ceil(corners.max(axis=1)).astype(int) + 1, picture.shape[1::-1])
    if x0 >= x1 or y0 >= y1:
        return
    matrix = np.column_stack([turn, shift - (x0, y0)])
    layer = cv2.warpAffine(part.texture, matrix, (int(x1 - x0), int(y1 - y0)))
    under = picture[y0:y1, x0:x1]
    clear = cv2.cvtColor(cv2.bitwise_not(layer[:, :, 3]), cv2.COLOR_GRAY2RGB)
    cv2.multiply(under, clear, dst=clear, scale=1 / 255)
    picture[y0:y1, x0:x1] = cv2.add(clear, cv2.cvtColor(layer, cv2.COLOR_RGBA2RGB))


def _span(start: Point, end: Point, length: float, unit: float) -> NDArray[np.float64]:
    """The map that lays a limb, painted downwards from its joint, from one point to another."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    norm = max(hypot(dx, dy), 1e-6)
    return np.array(
        [
            [unit * dy / norm, dx / length, start[0]],
            [-unit * dx / norm, dy / length, start[1]],
        ]
    )


def _torso(body: Skeleton) -> NDArray[np.float64]:
    """The map that hangs the torso from its shoulders and over its hips."""
    (lx, ly), (rx, ry) = body.shoulders
    hip_x = (body.hips[0][0] + body.hips[1][0]) / 2 - body.middle[0]
    hip_y = (body.hips[0][1] + body.hips[1][1]) / 2 - body.middle[1]
    return np.array(
        [
            [lx - rx, hip_x / HIP[1], body.middle[0]],
            [ly - ry, hip_y / HIP[1], body.middle[1]],
        ]
    )


def _beyond(start: Point, end: Point, length: float) -> Point:
    """The point so far beyond the end of a line."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    norm = max(hypot(dx, dy), 1e-6)
    return end[0] + length * dx / norm, end[1] + length * dy / norm


def _limb(
    picture: Image, looks: Looks, unit: float, name: LimbName, start: Point, end: Point
) -> None:
    """Lay a limb between two joints; it is painted anew for every fifteen degrees of light."""
    angle = atan2(end[0] - start[0], end[1] - start[1])
    part = _painted_limb(looks, unit, name, round(angle / (pi / 12)) % 24)
    _lay(picture, part, _span(start, end, LENGTHS[name], unit))


@lru_cache(maxsize=2048)
def _painted_limb(looks: Looks, unit: float, name: LimbName, heading: int) -> Part:
    return limb(name, looks, unit, heading * pi / 12)


@lru_cache(maxsize=16)
def _painted_body(looks: Looks, unit: float) -> dict[str, Part]:
    return {
        **layers(looks, unit),
        "hips": hips(looks, unit),
        "torso": torso(looks, unit),
        "shoe": shoe(looks, unit),
        "shadow": shadow(unit),
    }


@lru_cache(maxsize=16)
def _painted_room(looks: Looks, width: int, height: int) -> Image:
    edge = looks.centre[1] * height + 3.45 * unit_of(looks, width, height)
    return room(looks.room, width, height, edge)


def render(looks: Looks, posture: Posture | None, width: int, height: int) -> Image:
    """The picture of a person, or of the empty room.

    Parameters
    ----------
    looks : Looks
        Who it is.
    posture : Posture or None
        How the person stands; None where nobody is in the picture.
    width, height : int
        Size of the picture in pixels.

    Returns
    -------
    ndarray, uint8 [height, width, 3]
        RGB.
    """
    picture = _painted_room(looks, width, height).copy()
    if posture is None:
        return picture
    body = skeleton(looks, posture, width, height)
    if not -BEYOND * body.unit < body.middle[0] < width + BEYOND * body.unit:
        return picture
    unit = body.unit
    parts = _painted_body(looks, unit)
    turn, nod = posture.turn, posture.nod

    def head(name: str, parallax: float) -> None:
        shift = np.array([[1, 0, parallax * turn], [0, 1, parallax * nod], [0, 0, 1]])
        _lay(picture, parts[name], body.head @ shift)

    ground = looks.centre[1] * height + (FOOT[1] + 0.18) * unit
    for x, _ in body.ankles:
        _lay(picture, parts["shadow"], np.array([[unit, 0.0, x], [0.0, unit, ground]]))
    head("hair behind", -0.05)
    _lay(picture, parts["hips"], _torso(body))
    for side in (0, 1):
        across = unit * (1.0, -1.0)[side]
        x, y = body.ankles[side]
        _lay(picture, parts["shoe"], np.array([[across, 0.0, x], [0.0, unit, y]]))
        _limb(picture, looks, unit, "shin", body.knees[side], body.ankles[side])
        _limb(picture, looks, unit, "thigh", body.hips[side], body.knees[side])
    _limb(picture, looks, unit, "neck", (body.head @ (0, 0.1, 1)).tolist(), body.middle)
    _lay(picture, parts["torso"], _torso(body))
    for name, parallax in (("ears", -0.06), ("face", 0.05), ("features", 0.22), ("nose", 0.30)):
        head(name, parallax)
    head("hair", 0.06)
    for side in (0, 1):
        shoulder, elbow, wrist = body.shoulders[side], body.elbows[side], body.wrists[side]
        _limb(picture, looks, unit, "upper arm", shoulder, elbow)
        hand: LimbName = "left hand" if side == 0 else "right hand"
        _limb(picture, looks, unit, hand, wrist, _beyond(elbow, wrist, LENGTHS[hand] * unit))
        _limb(picture, looks, unit, "forearm", elbow, wrist)
    return picture
