"""The colours of pages, light and dark: those of the window, for paper and for other programs."""

from __future__ import annotations

from typing import Final

LIGHT: Final = {
    "paper": "#ffffff",
    "raised": "#f2f4f7",
    "ink": "#171b22",
    "dim": "#525b69",
    "line": "#d3d9e1",
    "outline": "#7b8492",
    "in-phase": "#1565c8",
    "anti-phase": "#ad4a00",
    "still": "#e6ebf2",
    "untracked": "#ccd3dd",
    "chance": "#3d4653",
}
"""By what they are for. Blue and orange belong to the two scores: two colours in every common kind
of colour blindness, and also told apart by place and words. On paper these are used too."""

DARK: Final = {
    "paper": "#12151a",
    "raised": "#1b1f26",
    "ink": "#eef1f5",
    "dim": "#adb6c3",
    "line": "#363d49",
    "outline": "#808998",
    "in-phase": "#62adf8",
    "anti-phase": "#f59b42",
    "still": "#262c36",
    "untracked": "#3a424f",
    "chance": "#d5dbe4",
}
"""The same for a screen that is set to dark."""
