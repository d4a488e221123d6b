"""What a rendered person looks like: skin, hair, clothes, size, and where the person stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeVar, get_args

import numpy as np

Colour = tuple[int, int, int]
HairStyle = Literal["short", "parted", "bob", "long", "bun", "curly"]
Garment = Literal["t-shirt", "jumper", "striped", "shirt", "cardigan"]
T = TypeVar("T")

SKINS: Final[tuple[Colour, ...]] = (
    (243, 208, 184),
    (232, 190, 160),
    (222, 172, 138),
    (198, 146, 110),
    (164, 114, 82),
    (124, 84, 60),
)
HAIRS: Final[tuple[Colour, ...]] = (
    (42, 34, 32),
    (66, 46, 36),
    (98, 66, 44),
    (134, 96, 58),
    (178, 142, 92),
    (128, 62, 38),
    (150, 148, 146),
)
SHIRTS: Final[tuple[Colour, ...]] = (
    (38, 72, 122),
    (22, 108, 112),
    (138, 44, 52),
    (58, 104, 70),
    (96, 62, 118),
    (52, 58, 68),
    (186, 94, 44),
    (70, 118, 170),
)
TROUSERS: Final[tuple[Colour, ...]] = (
    (50, 62, 88),
    (44, 46, 52),
    (98, 88, 74),
    (76, 92, 118),
    (72, 66, 62),
)
TRIMS: Final[tuple[Colour, ...]] = (
    (240, 238, 232),
    (226, 214, 186),
    (206, 222, 232),
)


@dataclass(frozen=True)
class Looks:
    """What a person wears and where the person stands; everything that no script moves.

    Attributes
    ----------
    skin, hair, shirt, trousers, trim : tuple of int
        RGB colours, 0…255. The trim is what shows of a second garment: stripes, collar, soles.
    hair_style : {"short", "parted", "bob", "long", "bun", "curly"}
        How the hair is worn.
    garment : {"t-shirt", "jumper", "striped", "shirt", "cardigan"}
        What the shirt colour is the colour of; the first has short sleeves.
    size : float
        Shoulder width as a fraction of the picture's height.
    centre : tuple of float
        The middle of the shoulders at rest, as fractions of the picture's width and height.
    build : float
        Breadth of body and limbs; 1 is average.
    room : int
        Seed of the room behind.
    """

    skin: Colour
    hair: Colour
    shirt: Colour
    trousers: Colour
    trim: Colour
    hair_style: HairStyle
    garment: Garment
    size: float
    centre: tuple[float, float]
    build: float
    room: int

    @classmethod
    def random(cls, seed: int) -> Looks:
        """Somebody else for every seed; the same person for the same one."""
        rng = np.random.default_rng(seed)
        size = float(rng.uniform(0.17, 0.22))
        head_room = float(rng.uniform(0.03, 0.08))
        return cls(
            skin=_choose(rng, SKINS),
            hair=_choose(rng, HAIRS),
            shirt=_choose(rng, SHIRTS),
            trousers=_choose(rng, TROUSERS),
            trim=_choose(rng, TRIMS),
            hair_style=_choose(rng, get_args(HairStyle)),
            garment=_choose(rng, get_args(Garment)),
            size=size,
            centre=(float(rng.uniform(0.46, 0.54)), head_room + 1.15 * size),
            build=float(rng.uniform(0.94, 1.08)),
            room=int(rng.integers(2**31)),
        )


def _choose(rng: np.random.Generator, options: tuple[T, ...]) -> T:
    return options[int(rng.integers(len(options)))]
