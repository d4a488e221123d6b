"""Contrast of the colours, also in colour blindness."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QColor, QImage, QPainter
from PyQt6.QtWidgets import QApplication

from tests.support.contrast import contrast
from ui.shell.palette import DARK, LIGHT, Palette
from ui.widgets.painting import paint_tag

both = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
SURFACES = ("background", "surface", "raised")


def test_contrast_is_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#123456", "#123456") == 1
    # The lightest grey with 4.5:1 on white, as the WCAG's own examples have it.
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


@both
def test_colours_are_valid(palette: Palette) -> None:
    colours = [getattr(palette, each.name) for each in fields(palette) if each.name != "name"]
    assert all(len(each) == 7 and QColor(each).isValid() for each in colours)


@both
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize(
    "text",
    [
        "text",
        "dim_text",
        "warning",
        "error",
        "accent",
        "in_phase",
        "anti_phase",
        "mirroring",
        "chance",
    ],
)
def test_text_is_readable_on_surfaces(palette: Palette, text: str, surface: str) -> None:
    assert contrast(getattr(palette, text), getattr(palette, surface)) >= 4.5


@both
def test_text_is_readable_on_accent(palette: Palette) -> None:
    assert contrast(palette.on_accent, palette.accent) >= 4.5


@both
@pytest.mark.parametrize("shade", ["still_shade", "untracked_shade"])
def test_curves_are_visible_on_shades(palette: Palette, shade: str) -> None:
    ground = getattr(palette, shade)
    assert contrast(palette.text, ground) >= 4.5
    assert contrast(palette.dim_text, ground) >= 4.5
    for each in ("in_phase", "anti_phase", "mirroring", "accent"):
        assert contrast(getattr(palette, each), ground) >= 3


@both
def test_shades_differ(palette: Palette) -> None:
    grounds = (palette.surface, palette.still_shade, palette.untracked_shade)
    levels = [contrast(palette.surface, each) for each in grounds]
    assert levels[1] / levels[0] >= 1.15
    assert levels[2] / levels[1] >= 1.15


@both
@pytest.mark.parametrize("surface", SURFACES)
def test_outlines_are_visible(palette: Palette, surface: str) -> None:
    assert contrast(palette.outline, getattr(palette, surface)) >= 3


@both
@pytest.mark.parametrize("image", ["#000000", "#ffffff"])
def test_skeletons_are_visible_on_any_frame(palette: Palette, image: str) -> None:
    assert contrast(palette.person_a, image) >= 3
    assert contrast(palette.person_b, image) >= 3


@both
@pytest.mark.parametrize("image", ["#000000", "#ffffff"])
def test_name_tags_are_readable_on_any_frame(
    qapp: QApplication, palette: Palette, image: str
) -> None:
    for colour in (palette.person_a, palette.person_b):
        frame = QImage(200, 60, QImage.Format.Format_RGB32)
        frame.fill(QColor(image))
        painter = QPainter(frame)
        paint_tag(painter, QPointF(10, 10), 80, 9 * "Bartholomew ", colour)
        painter.end()
        assert contrast("#ffffff", frame.pixelColor(13, 20).name()) >= 4.5
        assert frame.pixelColor(10, 20).name() == colour
        changed = [x for x in range(200) if frame.pixelColor(x, 20) != QColor(image)]
        assert changed[-1] <= 10 + 80  # the edge is two pixels wide


# Machado, Oliveira & Fernandes (2009), at full severity, for linear RGB.
_SIGHT = {
    "common": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def seen(colour: str, sight: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIE Lab of a colour as someone sees it."""
    rgb = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    x, y, z = np.cbrt(_XYZ @ np.clip(sight @ linear, 0.0, 1.0) / (_XYZ @ np.ones(3)))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@both
@pytest.mark.parametrize("sight", _SIGHT)
@pytest.mark.parametrize(
    "pair",
    [
        ("in_phase", "anti_phase"),
        ("in_phase", "mirroring"),
        ("anti_phase", "mirroring"),
        ("person_a", "person_b"),
    ],
)
def test_pairs_differ_in_colour_blindness(
    palette: Palette, sight: str, pair: tuple[str, str]
) -> None:
    first, second = (seen(getattr(palette, each), np.array(_SIGHT[sight])) for each in pair)
    assert np.linalg.norm(first - second) >= 30
