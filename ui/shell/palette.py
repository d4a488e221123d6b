"""The window's colours, light and dark."""

from dataclasses import dataclass
from typing import Final, Literal

from mirror import colours


@dataclass(frozen=True, slots=True)
class Palette:
    """One set of colours, each "#rrggbb".

    Blue, orange and plum are for the three scores only: they differ in every common kind of colour
    blindness. Position, shape and text carry the same information.
    """

    name: Literal["light", "dark"]
    background: str
    surface: str  # panels and inputs
    raised: str  # buttons and messages
    border: str  # lines that divide
    outline: str  # lines that must be visible, such as outlines of controls
    text: str  # readable on all three surfaces, as `dim_text`
    dim_text: str
    in_phase: str  # the three scores, also as text
    anti_phase: str
    mirroring: str
    posture_match: str
    accent: str  # focus, selection and main button
    on_accent: str
    warning: str  # as text, as `error`
    error: str
    person_a: str  # skeletons; halfway between black and white, as frames may be dark or bright
    person_b: str
    still_shade: str  # backgrounds of intervals without a score
    untracked_shade: str
    chance: str  # the tick of the chance level


def _shared(table: dict[str, str]) -> dict[str, str]:
    """Return the colours that the window shares with pages and the film."""
    people = {f"person_{feed}": colour for feed, colour in colours.PEOPLE.items()}
    return people | {name: table[name] for name in table.keys() - {"paper", "raised"}}


LIGHT: Final = Palette(
    name="light",
    background="#f2f4f7",
    surface="#ffffff",
    raised="#e8ecf1",
    accent="#0b6b66",
    on_accent="#ffffff",
    warning="#7d5200",
    error="#b3211b",
    **_shared(colours.LIGHT),
)

DARK: Final = Palette(
    name="dark",
    background="#12151a",
    surface="#1b1f26",
    raised="#2a303a",
    accent="#57d3c6",
    on_accent="#06201d",
    warning="#f0c75e",
    error="#ff8f85",
    **_shared(colours.DARK),
)
