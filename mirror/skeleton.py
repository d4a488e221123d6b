"""The bones and joints of a drawn skeleton, and its shades of a person's colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mirror.colours import BLACK, WHITE, Rgb, mix
from mirror.landmarks import Landmark

_BONES: Final = (
    ("SHOULDER", "ELBOW"),
    ("ELBOW", "WRIST"),
    ("WRIST", "INDEX"),
    ("WRIST", "PINKY"),
    ("INDEX", "PINKY"),
    ("SHOULDER", "HIP"),
    ("HIP", "KNEE"),
    ("KNEE", "ANKLE"),
    ("ANKLE", "HEEL"),
    ("HEEL", "FOOT_INDEX"),
    ("ANKLE", "FOOT_INDEX"),
)
_JOINTS: Final = ("SHOULDER", "ELBOW", "WRIST", "HIP", "KNEE", "ANKLE")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a skeleton: its lines between two landmarks, and its landmarks with a dot."""

    bones: tuple[tuple[Landmark, Landmark], ...]
    joints: tuple[Landmark, ...]


def _side(side: str) -> Part:
    return Part(
        tuple((Landmark[f"{side}_{a}"], Landmark[f"{side}_{b}"]) for a, b in _BONES),
        tuple(Landmark[f"{side}_{name}"] for name in _JOINTS),
    )


MIDDLE: Final = Part(
    (
        (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER),
        (Landmark.LEFT_HIP, Landmark.RIGHT_HIP),
        (Landmark.LEFT_EAR, Landmark.NOSE),
        (Landmark.NOSE, Landmark.RIGHT_EAR),
    ),
    (Landmark.NOSE,),
)
RIGHT: Final = _side("RIGHT")
LEFT: Final = _side("LEFT")
"""The person's own right and left."""


def shaded_parts(colour: Rgb) -> tuple[tuple[Part, Rgb], ...]:
    """Return middle, right and left with their shades of a colour; left is the light side."""
    return (
        (MIDDLE, colour),
        (RIGHT, mix(colour, BLACK, 0.18)),
        (LEFT, mix(colour, WHITE, 0.5)),
    )
