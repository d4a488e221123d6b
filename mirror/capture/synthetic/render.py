"""Rendering a person: some twenty painted parts, each laid over a room by an affine map."""

from functools import lru_cache
from math import atan2, hypot, pi
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror._support.opencv import cv2
from mirror.capture.synthetic.body import LENGTHS, LimbName, hips, limb, shadow, shoe, torso
from mirror.capture.synthetic.head import layers
from mirror.capture.synthetic.joints import FOOT, HIP, Point, Posture, Skeleton, skeleton, unit_of
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.paint import Part

Image = NDArray[np.uint8]

BEYOND: Final = 2.2  # largest distance of any part from the middle of the shoulders

_WALLS = ((214, 208, 196), (198, 208, 212), (206, 212, 198), (216, 204, 202), (205, 203, 214))
_FLOORS = ((150, 116, 84), (128, 104, 82), (168, 138, 104), (120, 112, 104))


def _lay(image: Image, part: Part, place: NDArray[np.float64]) -> None:
    """Lay a part over the image; `place` [2, 3] maps shoulder widths to pixels."""
    high, wide = part.texture.shape[:2]
    turn = place[:, :2] / part.scale
    shift = place[:, 2] - turn @ part.origin
    corners = turn @ np.array([[0, wide, 0, wide], [0, 0, high, high]]) + shift[:, None]
    x0, y0 = np.maximum(np.floor(corners.min(axis=1)).astype(int), 0)
    x1, y1 = np.minimum(np.ceil(corners.max(axis=1)).astype(int) + 1, image.shape[1::-1])
    if x0 >= x1 or y0 >= y1:
        return
    matrix = np.column_stack([turn, shift - (x0, y0)])
    layer = cv2.warpAffine(part.texture, matrix, (int(x1 - x0), int(y1 - y0)))
    clear = cv2.cvtColor(cv2.bitwise_not(layer[:, :, 3]), cv2.COLOR_GRAY2RGB)
    cv2.multiply(image[y0:y1, x0:x1], clear, dst=clear, scale=1 / 255)
    image[y0:y1, x0:x1] = cv2.add(clear, cv2.cvtColor(layer, cv2.COLOR_RGBA2RGB))


def _span(start: Point, end: Point, length: float, unit: float) -> NDArray[np.float64]:
    """Return the map that lays a limb, painted downwards from its joint, between two points."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    norm = max(hypot(dx, dy), 1e-6)
    return np.array(
        [[unit * dy / norm, dx / length, start[0]], [-unit * dx / norm, dy / length, start[1]]]
    )


def _torso(body: Skeleton) -> NDArray[np.float64]:
    """Return the map that lays the torso between shoulders and hips."""
    down = np.mean(body.hips, axis=0) - body.middle
    return np.column_stack([np.subtract(*body.shoulders), down / HIP[1], body.middle])


def _limb(
    image: Image, looks: Looks, unit: float, name: LimbName, start: Point, end: Point
) -> None:
    """Lay a limb between two joints; it is painted once for every 15 degrees of heading."""
    angle = atan2(end[0] - start[0], end[1] - start[1])
    part = limb(name, looks, unit, round(angle / (pi / 12)) % 24 * pi / 12)
    _lay(image, part, _span(start, end, LENGTHS[name], unit))


@lru_cache(maxsize=16)
def _painted_body(looks: Looks, unit: float) -> dict[str, Part]:
    return {
        **layers(looks, unit),
        "hips": hips(looks, unit),
        "torso": torso(looks, unit),
        "shoe": shoe(looks, unit),
        "shadow": shadow(unit),
    }


def render(looks: Looks, posture: Posture | None, width: int, height: int) -> Image:
    """Render a person in a posture, or the empty room if None: RGB, uint8 [height, width, 3]."""
    image = _room(looks, width, height).copy()
    if posture is not None:
        lay_person(image, looks, posture)
    return image


def lay_person(image: Image, looks: Looks, posture: Posture) -> None:
    """Lay a person over an image [height, width, 3], in front of everything in it."""
    height, width = image.shape[:2]
    body = skeleton(looks, posture, width, height)
    if not -BEYOND * body.unit < body.middle[0] < width + BEYOND * body.unit:
        return
    unit = body.unit
    parts = _painted_body(looks, unit)

    def head(name: str, parallax: float) -> None:
        x, y = parallax * posture.turn, parallax * posture.nod
        _lay(image, parts[name], body.head @ [[1, 0, x], [0, 1, y], [0, 0, 1]])

    ground = looks.centre[1] * height + (FOOT[1] + 0.18) * unit
    for x, _ in body.ankles:
        _lay(image, parts["shadow"], np.array([[unit, 0.0, x], [0.0, unit, ground]]))
    head("hair behind", -0.05)
    _lay(image, parts["hips"], _torso(body))
    for side in (0, 1):
        across = unit * (1.0, -1.0)[side]
        x, y = body.ankles[side]
        _lay(image, parts["shoe"], np.array([[across, 0.0, x], [0.0, unit, y]]))
        _limb(image, looks, unit, "shin", body.knees[side], body.ankles[side])
        _limb(image, looks, unit, "thigh", body.hips[side], body.knees[side])
    _limb(image, looks, unit, "neck", (body.head @ (0, 0.1, 1)).tolist(), body.middle)
    _lay(image, parts["torso"], _torso(body))
    for name, parallax in (("ears", -0.06), ("face", 0.05), ("features", 0.22), ("nose", 0.30)):
        head(name, parallax)
    head("hair", 0.06)
    for side in (0, 1):
        shoulder, elbow, wrist = body.shoulders[side], body.elbows[side], body.wrists[side]
        _limb(image, looks, unit, "upper arm", shoulder, elbow)
        hand: LimbName = "left hand" if side == 0 else "right hand"
        way = np.subtract(wrist, elbow)
        tip = (wrist + LENGTHS[hand] * unit * way / max(hypot(*way), 1e-6)).tolist()
        _limb(image, looks, unit, hand, wrist, tip)
        _limb(image, looks, unit, "forearm", elbow, wrist)


@lru_cache(maxsize=16)
def _room(looks: Looks, width: int, height: int) -> Image:
    """Return an empty room, uint8 RGB [height, width, 3]."""
    edge = looks.centre[1] * height + 3.45 * unit_of(looks, width, height)  # where the floor begins
    rng = np.random.default_rng(looks.room)
    wall = np.array(_WALLS[rng.integers(len(_WALLS))], np.float32)
    floor = np.array(_FLOORS[rng.integers(len(_FLOORS))], np.float32)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    papered = np.broadcast_to(wall.astype(np.uint8), (height, width, 3)).copy()
    _hang(papered, rng, height)
    image = papered.astype(np.float32)

    below = (y >= edge)[:, :, None]
    depth = np.maximum(y - edge, 0.0) + 0.12 * height
    across = (x - width / 2) / depth
    seam = np.abs(np.mod(across * 2.2, 1.0) - 0.5) > 0.47
    boards = floor * (0.94 + 0.08 * np.sin(np.floor(across * 2.2 + 0.5) * 12.9))[:, :, None]
    boards = np.where(seam[:, :, None], boards * 0.82, boards)
    image = np.where(below, boards, image)
    skirting = ((y < edge) & (y >= edge - 0.035 * height))[:, :, None]
    image = np.where(skirting, np.float32(232.0), image)

    # A lamp on the left, and the grain of plaster and camera noise.
    far = np.hypot(x - 0.25 * width, y - 0.2 * height) / np.hypot(width, height)
    image *= (1.08 - 0.38 * far)[:, :, None]
    grain = rng.standard_normal((height, width)).astype(np.float32)
    image += (1.6 * grain + 12.0 * cv2.GaussianBlur(grain, (0, 0), 3.0))[:, :, None]
    return np.clip(image, 0, 255).astype(np.uint8)


def _hang(image: NDArray[np.uint8], rng: np.random.Generator, height: int) -> None:
    """Paint a framed picture of hills, to one side."""
    width = image.shape[1]
    left = rng.random() < 0.5
    x0 = (0.05 if left else 0.78) * width + rng.uniform(0, 0.02) * width
    y0, wide, high = rng.uniform(0.10, 0.18) * height, 0.15 * width, 0.24 * height

    def box(margin: float, colour: tuple[float, float, float]) -> None:
        a = (round(x0 + margin), round(y0 + margin))
        b = (round(x0 + wide - margin), round(y0 + high - margin))
        cv2.rectangle(image, a, b, colour, cv2.FILLED)

    rim = 0.012 * height
    box(-rim / 2, tuple(float(c) for c in 0.86 * image[0, 0]))  # type: ignore[arg-type]
    box(0.0, (88.0, 68.0, 52.0))
    box(rim, (238.0, 234.0, 226.0))
    inner = 3.5 * rim
    box(inner, (176.0, 198.0, 210.0))
    xs = np.linspace(x0 + inner, x0 + wide - inner, 30)
    for share, colour in ((0.45, (136.0, 160.0, 150.0)), (0.68, (104.0, 130.0, 104.0))):
        sway = 0.08 * np.sin((xs - x0) / wide * 9 + 6 * rng.random())
        crest = y0 + inner + (high - 2 * inner) * (share + sway)
        low = y0 + high - inner
        hill = np.array([*zip(xs, crest, strict=True), (xs[-1], low), (xs[0], low)])
        cv2.fillPoly(image, [np.round(16 * hill).astype(np.int32)], colour, cv2.LINE_AA, shift=4)
