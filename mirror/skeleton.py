"""Which landmarks a drawn skeleton joins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mirror.landmarks import Landmark

SEEN: Final = 0.5
"""Visibility from which a joint counts, for the eye as for the scores."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a skeleton.

    Attributes
    ----------
    bones : tuple of (Landmark, Landmark)
        Lines between two landmarks.
    joints : tuple of Landmark
        Landmarks with a dot.
    """

    bones: tuple[tuple[Landmark, Landmark], ...]
    joints: tuple[Landmark, ...]


def _side(side: str) -> Part:
    bones = (
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
    joints = ("SHOULDER", "ELBOW", "WRIST", "HIP", "KNEE", "ANKLE")
    return Part(
        tuple((Landmark[f"{side}_{a}"], Landmark[f"{side}_{b}"]) for a, b in bones),
        tuple(Landmark[f"{side}_{name}"] for name in joints),
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
