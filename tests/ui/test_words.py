"""Numbers and times in words."""

from __future__ import annotations

import math

import pytest

from ui import words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"),
        (7.9, "0:07"),
        (59.999, "0:59"),
        (60, "1:00"),
        (3599, "59:59"),
        (3723, "1:02:03"),
        (-12.5, "−0:12"),
        (-0.4, "0:00"),
        (math.nan, "–"),
    ],
)
def test_elapsed(seconds: float, text: str) -> None:
    assert words.elapsed(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (24_400, "24 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (3_400_000, "3.4 MB"),
        (9_960_000, "10 MB"),
        (123_456_789, "123 MB"),
        (2_340_000_000, "2.3 GB"),
    ],
)
def test_size(count: int, text: str) -> None:
    assert words.size(count) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.42, "0.42"), (1, "1.00"), (-0.7, "−0.70"), (-0.001, "0.00"), (math.nan, "–")],
)
def test_number(value: float, text: str) -> None:
    assert words.number(value) == text


def test_number_with_other_decimals() -> None:
    assert words.number(-91.6, 0) == "−92"
    assert words.number(-0.4, 0) == "0"


@pytest.mark.parametrize(("share", "text"), [(0, "0 %"), (0.416, "42 %"), (math.nan, "–")])
def test_percent(share: float, text: str) -> None:
    assert words.percent(share) == text
