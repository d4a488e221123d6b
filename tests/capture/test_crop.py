"""Crop and flip, for frames of any size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.capture.address import LEFT, RIGHT, Crop
from mirror.capture.crop import MIN_SIDE_PX, crop_box, cropped
from mirror.errors import SourceError

sides = st.integers(2 * MIN_SIDE_PX, 4096)


@given(sides, sides)
def test_left_and_right_halves_are_adjacent(width: int, height: int) -> None:
    left, right = crop_box(LEFT, width, height), crop_box(RIGHT, width, height)
    assert left[0] == 0
    assert left[2] == right[0]
    assert right[2] == width
    assert left[1::2] == right[1::2] == (0, height)
    assert 0 <= (left[2] - left[0]) - (right[2] - right[0]) <= 1


@given(sides, sides, st.floats(0, 99), st.floats(0, 99), st.floats(0.01, 100), st.floats(0.01, 100))
def test_percent_crop_is_within_half_a_pixel(
    width: int, height: int, x: float, y: float, across: float, down: float
) -> None:
    crop = Crop("percent", x, y, min(across, 100 - x), min(down, 100 - y))
    if min(crop.width * width, crop.height * height) < 100 * (MIN_SIDE_PX + 1):
        crop = Crop("percent", 0, 0, max(crop.width, 55), max(crop.height, 55))
    left, top, right, bottom = crop_box(crop, width, height)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert min(right - left, bottom - top) >= MIN_SIDE_PX
    edges = [crop.x, crop.y, crop.x + crop.width, crop.y + crop.height]
    exact = np.array(edges) * [width, height, width, height] / 100
    assert np.all(np.abs(np.array([left, top, right, bottom]) - exact) <= 0.5 + 1e-6)


def test_pixels_beyond_the_frame_are_cut_off() -> None:
    assert crop_box(Crop("pixel", 600, 400, 500, 500), 640, 480) == (600, 400, 640, 480)


@pytest.mark.parametrize("x", [626, 640, 9000])
def test_rejects_crop_outside_the_frame(x: int) -> None:
    with pytest.raises(SourceError, match=r"of the frame's 640x480 pixels.*choose a larger"):
        crop_box(Crop("pixel", x, 0, 100, 100), 640, 480)


def test_flip_applies_to_the_cropped_part() -> None:
    image = np.random.default_rng(3).integers(0, 256, (48, 65, 3), np.uint8)
    flipped = cropped(image, LEFT, True)
    assert np.array_equal(flipped, image[:, :33][:, ::-1])
    assert flipped.flags.c_contiguous
    assert np.array_equal(cropped(flipped, None, True), image[:, :33])
    assert cropped(image, None, False) is image
