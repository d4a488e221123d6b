"""Appearance of a rendered person: skin, hair, clothes, size and place."""

from dataclasses import dataclass
from typing import Final, Literal, TypeVar, get_args

import numpy as np

Colour = tuple[int, int, int]
HairStyle = Literal["short", "parted", "bob", "long", "bun", "curly"]
Garment = Literal["t-shirt", "jumper", "striped", "shirt", "cardigan"]
T = TypeVar("T")

SKINS: Final[tuple[Colour, ...]] = (
    (243, 208, 184), (232, 190, 160), (222, 172, 138), (198, 146, 110), (164, 114, 82),
    (124, 84, 60),
)  # fmt: skip
HAIRS: Final[tuple[Colour, ...]] = (
    (42, 34, 32), (66, 46, 36), (98, 66, 44), (134, 96, 58), (178, 142, 92),
    (128, 62, 38), (150, 148, 146),
)  # fmt: skip
SHIRTS: Final[tuple[Colour, ...]] = (
    (38, 72, 122), (22, 108, 112), (138, 44, 52), (58, 104, 70), (96, 62, 118),
    (52, 58, 68), (186, 94, 44), (70, 118, 170),
)  # fmt: skip
TROUSERS: Final[tuple[Colour, ...]] = (
    (50, 62, 88), (44, 46, 52), (98, 88, 74), (76, 92, 118), (72, 66, 62),
)  # fmt: skip
TRIMS: Final[tuple[Colour, ...]] = ((240, 238, 232), (226, 214, 186), (206, 222, 232))


@dataclass(frozen=True)
class Looks:
    """Appearance and place of a person: everything that no script moves."""

    # RGB colours, 0…255. The trim is the second colour: stripes, collar, soles.
    skin: Colour
    hair: Colour
    shirt: Colour
    trousers: Colour
    trim: Colour
    hair_style: HairStyle
    garment: Garment
    size: float  # shoulder width as a fraction of the image's height
    # The middle of the shoulders at rest, as fractions of the image's width and height.
    centre: tuple[float, float]
    build: float  # width of body and limbs; 1 is average
    room: int  # seed of the background room

    @classmethod
    def random(cls, seed: int) -> "Looks":
        """Return the appearance of a random person, reproducible by its seed."""
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
