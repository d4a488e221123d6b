"""Colours of the scores, the people and the states, for the window, pages, the film, a terminal."""

from typing import Final

from mirror.landmarks import Feed

LIGHT: Final = {
    "paper": "#ffffff",
    "raised": "#f2f4f7",
    "text": "#171b22",
    "dim_text": "#525b69",
    "border": "#d3d9e1",
    "outline": "#7b8492",
    "in_phase": "#1565c8",
    "anti_phase": "#ad4a00",
    "mirroring": "#5c1550",
    "posture_match": "#6b5900",
    "still_shade": "#e6ebf2",
    "untracked_shade": "#ccd3dd",
    "chance": "#3d4653",
}
"""Colours on light ground and on paper, by use.

The three scores are blue, orange and plum: distinct in every common kind of colour blindness.
Position, shape and text always say the same as colour.
"""

DARK: Final = {  # the same on dark ground
    "paper": "#12151a",
    "raised": "#1b1f26",
    "text": "#eef1f5",
    "dim_text": "#adb6c3",
    "border": "#363d49",
    "outline": "#808998",
    "in_phase": "#62adf8",
    "anti_phase": "#f59b42",
    "mirroring": "#ffd1f0",
    "posture_match": "#ffe14d",
    "still_shade": "#262c36",
    "untracked_shade": "#3a424f",
    "chance": "#d5dbe4",
}

# Colours of the dial's needle that are not called as what is shared.
NEEDLE: Final = {"other_phase": "text", "not_together": "dim_text"}
PEOPLE: Final[dict[Feed, str]] = {"a": "#14a074", "b": "#d64fc0"}
"""Skeletons: as far from black as from white, because a frame may be either."""

ALIKE: Final = "#ffd60a"
"""Limbs of both people whose postures match, thicker than others and with a dark core."""

Rgb = tuple[int, int, int]

BLACK: Final[Rgb] = (0, 0, 0)
WHITE: Final[Rgb] = (255, 255, 255)


def rgb(colour: str) -> Rgb:
    """Return the channels of a colour "#rrggbb"."""
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def mix(colour: Rgb, other: Rgb, share: float) -> Rgb:
    """Return a colour with a share (0…1) of another one in it."""
    red, green, blue = (round(a + share * (b - a)) for a, b in zip(colour, other, strict=True))
    return red, green, blue
