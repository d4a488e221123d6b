"""The dyads of rMEA and the figures that the packages made of them; their tests skip without."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray


@pytest.fixture
def expected(shared: Path) -> Callable[[str], list[dict[str, str]]]:
    """The rows of a file of expected figures."""

    def rows(name: str) -> list[dict[str, str]]:
        with (shared / "oracles" / "rMEA" / name).open(newline="") as file:
            return list(csv.DictReader(file))

    return rows


@pytest.fixture
def dyad(shared: Path) -> Callable[[str], NDArray[np.float64]]:
    """Patient's and therapist's motion energy, [2, sample] at 25 Hz."""
    return lambda name: np.loadtxt(shared / "oracles" / "rMEA" / f"{name}_01.txt", skiprows=1).T
