"""A posture, and the positions of its joints in the image.

Everything moves *linearly* in the image: an arm is given by the position of its wrist, not by joint
angles, because an arc would add a second harmonic to a sinusoid, which does not change sign in
anti-phase.

Lengths are in shoulder widths, x to the right and y down in the image. The person faces the camera,
so the person's left is on the image's right.
"""

from dataclasses import dataclass
from math import cos, sin, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror.capture.synthetic.body import LENGTHS
from mirror.capture.synthetic.looks import Looks
from mirror.landmarks import Landmark

Point = tuple[float, float]

SHOULDER: Final = 0.5
HIP: Final[Point] = (0.27, 1.42)
FOOT: Final[Point] = (0.30, 3.72)
HEAD: Final[Point] = (0.0, -0.70)
NECK: Final[Point] = (0.0, -0.30)
HEAD_SIZE: Final = 1.12
UPPER_ARM: Final = LENGTHS["upper arm"]
FOREARM: Final = LENGTHS["forearm"]
WRIST_DEPTH: Final = 0.28  # before the shoulders: lets the elbows hang

_FACE: Final[dict[str, tuple[Point, float]]] = {
    # Position relative to the middle of the head, and shift per unit of turn.
    "NOSE": ((0.0, 0.05), 0.30),
    "LEFT_EYE_INNER": ((0.055, -0.03), 0.22),
    "LEFT_EYE": ((0.095, -0.03), 0.22),
    "LEFT_EYE_OUTER": ((0.135, -0.03), 0.22),
    "RIGHT_EYE_INNER": ((-0.055, -0.03), 0.22),
    "RIGHT_EYE": ((-0.095, -0.03), 0.22),
    "RIGHT_EYE_OUTER": ((-0.135, -0.03), 0.22),
    "MOUTH_LEFT": ((0.08, 0.19), 0.22),
    "MOUTH_RIGHT": ((-0.08, 0.19), 0.22),
    "LEFT_EAR": ((0.180, 0.02), -0.06),
    "RIGHT_EAR": ((-0.180, 0.02), -0.06),
}


# In a mirror image: sign of each number of a posture's vector, and whose place it takes.
_TURNED: Final = np.array([-1, 1, -1, 1, -1, 1, -1, -1, -1, 1, 1, 1, -1])
_OTHER_SIDE: Final = [2, 3, 0, 1, 4, 5, 6, 7, 8, 9, 11, 10, 12]


@dataclass(frozen=True)
class Posture:
    """A person's posture; all lengths in shoulder widths, along the image's axes."""

    # Position of the person's own left and right wrist, relative to the shoulder of that side.
    left: Point = (0.13, 1.41)
    right: Point = (-0.13, 1.41)
    # Rotation of the head to the image's right, and down; realistic from -0.3 to 0.3.
    turn: float = 0.0
    nod: float = 0.0
    tilt: float = 0.0  # tilt of the head, in radians, clockwise in the image
    sway: float = 0.0  # shift of the shoulders to the right; the hips follow a little
    lean: float = 0.0  # height of the shoulder on the image's left above the other
    rise: float = 0.0  # shift of the shoulders downwards
    # Lift of the left and the right knee, from 0; the foot follows half way.
    knees: Point = (0.0, 0.0)
    step: float = 0.0  # shift of the whole person to the image's right

    def vector(self) -> NDArray[np.float64]:
        """Return the posture as float64 [13], in the order of the attributes."""
        trunk = self.turn, self.nod, self.tilt, self.sway, self.lean, self.rise
        return np.array([*self.left, *self.right, *trunk, *self.knees, self.step])

    @classmethod
    def of(cls, vector: NDArray[np.float64]) -> "Posture":
        """Return the posture of a vector."""
        lx, ly, rx, ry, turn, nod, tilt, sway, lean, rise, left, right, step = vector.tolist()
        return cls((lx, ly), (rx, ry), turn, nod, tilt, sway, lean, rise, (left, right), step)

    def mirrored(self) -> "Posture":
        """Return the mirror image of the posture: sides swapped, x negated."""
        return Posture.of((self.vector() * _TURNED)[_OTHER_SIDE])


@dataclass(frozen=True)
class Skeleton:
    """Joints in pixels; those that come in pairs as (left, right)."""

    unit: float
    head: NDArray[np.float64]  # [2, 3]: shoulder widths about its middle to pixels
    middle: Point
    shoulders: tuple[Point, Point]
    elbows: tuple[Point, Point]
    wrists: tuple[Point, Point]
    hips: tuple[Point, Point]
    knees: tuple[Point, Point]
    ankles: tuple[Point, Point]


def unit_of(looks: Looks, width: int, height: int) -> float:
    """Return the shoulder width in pixels."""
    return looks.size * min(float(height), 0.75 * width)


def _elbow(wrist: Point, outward: float) -> tuple[Point, Point]:
    """Return elbow and wrist relative to the shoulder; the elbow hangs down and outwards."""
    reach = sqrt(wrist[0] ** 2 + wrist[1] ** 2 + WRIST_DEPTH**2)
    near = min(1.0, 0.999 * (UPPER_ARM + FOREARM) / reach)
    x, y, z = wrist[0] * near, wrist[1] * near, WRIST_DEPTH * near
    reach *= near
    along = (UPPER_ARM**2 - FOREARM**2 + reach**2) / (2 * reach)
    off = sqrt(max(0.0, UPPER_ARM**2 - along**2))
    x, y, z = x / reach, y / reach, z / reach
    pole = (0.75 * outward, 0.8, -0.4)
    dot = pole[0] * x + pole[1] * y + pole[2] * z
    px, py, pz = pole[0] - dot * x, pole[1] - dot * y, pole[2] - dot * z
    norm = sqrt(px * px + py * py + pz * pz)
    elbow = (along * x + off * px / norm, along * y + off * py / norm)
    return elbow, (x * reach, y * reach)


def skeleton(looks: Looks, posture: Posture, width: int, height: int) -> Skeleton:
    """Return the positions of the joints, in pixels."""
    unit = unit_of(looks, width, height)
    left, top = looks.centre[0] * width, looks.centre[1] * height

    def pixel(x: float, y: float) -> Point:
        return left + unit * (x + posture.step), top + unit * y

    def side(outward: float, wrist: Point, lift: float) -> tuple[Point, ...]:
        x = posture.sway + outward * SHOULDER
        y = posture.rise + outward * posture.lean / 2
        elbow, hand = _elbow(wrist, outward)
        return (
            pixel(x, y),
            pixel(x + elbow[0], y + elbow[1]),
            pixel(x + hand[0], y + hand[1]),
            pixel(0.25 * posture.sway + outward * HIP[0], HIP[1] + 0.4 * posture.rise),
            pixel(outward * (0.29 + 0.2 * lift) + 0.1 * posture.sway, 2.64 - lift),
            pixel(outward * FOOT[0], FOOT[1] - 0.5 * lift),
        )

    lefts = side(1.0, posture.left, posture.knees[0])
    rights = side(-1.0, posture.right, posture.knees[1])
    across = cos(posture.tilt), sin(posture.tilt)
    dx, dy = HEAD[0] - NECK[0], HEAD[1] - NECK[1]
    head = pixel(
        posture.sway + NECK[0] + across[0] * dx - across[1] * dy,
        posture.rise + NECK[1] + across[1] * dx + across[0] * dy,
    )
    turned = np.array([[across[0], -across[1], 0.0], [across[1], across[0], 0.0]])
    shift = np.array([[0.0, 0.0, head[0]], [0.0, 0.0, head[1]]])
    return Skeleton(
        unit,
        HEAD_SIZE * unit * turned + shift,
        pixel(posture.sway, posture.rise),
        *zip(lefts, rights, strict=True),
    )


def joints(
    looks: Looks, posture: Posture, width: int, height: int
) -> dict[Landmark, tuple[float, float]]:
    """Return x and y of a rendered person's landmarks, in pixels, also outside of the image."""
    body = skeleton(looks, posture, width, height)
    places: dict[str, Point] = {}
    for name in ("SHOULDER", "ELBOW", "WRIST", "HIP", "KNEE", "ANKLE"):
        places[f"LEFT_{name}"], places[f"RIGHT_{name}"] = getattr(body, f"{name.lower()}s")
    for name, ((x, y), parallax) in _FACE.items():
        place = body.head @ (x + parallax * posture.turn, y + parallax * posture.nod, 1.0)
        places[name] = (float(place[0]), float(place[1]))
    return {Landmark[name]: place for name, place in places.items()}
