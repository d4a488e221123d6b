from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PyQt6.QtGui import QColor, QImage
from PyQt6.QtWidgets import QApplication, QWidget

from mirror.timeline import REGIONS, Score, State
from ui.shell.theme import theme

Pixels = NDArray[np.uint8]


@pytest.fixture(autouse=True)
def light(qapp: QApplication) -> Iterator[None]:
    """Start and end every test in the light theme."""
    theme().choose("light")
    yield
    theme().choose("light")


@pytest.fixture
def grab(qapp: QApplication) -> Callable[[QWidget], Pixels]:
    """Return a function that renders a widget: [y, x, rgb]."""

    def taken(widget: QWidget) -> Pixels:
        image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        bits = image.constBits()
        assert bits is not None
        rows = np.frombuffer(bits.asstring(image.sizeInBytes()), np.uint8).reshape(
            image.height(), image.bytesPerLine()
        )
        return rows[:, : 4 * image.width()].reshape(image.height(), -1, 4)[..., 2::-1].copy()

    return taken


@pytest.fixture
def find_colour() -> Callable[[Pixels, str], NDArray[np.bool_]]:
    """Return a function: mask [y, x] of the pixels that have a colour."""

    def found(image: Pixels, colour: str) -> NDArray[np.bool_]:
        wanted = QColor(colour)
        parts = np.array([wanted.red(), wanted.green(), wanted.blue()], np.int16)
        near = np.abs(image.astype(np.int16) - parts) <= 3
        return np.asarray(near.all(axis=-1))

    return found


@pytest.fixture
def score() -> Callable[..., Score]:
    """Return a function that makes a row with this C, also in every region."""

    def made(
        coherence: float, phase_deg: float = 0.0, time_s: float = 10.0, **more: float
    ) -> Score:
        c = cmath.rect(coherence, math.radians(phase_deg))
        in_phase, anti_phase = max(0.0, c.real), max(0.0, -c.real)
        values: dict[str, Any] = {
            "in_phase": in_phase,
            "anti_phase": anti_phase,
            "coherence": coherence,
            "relative_phase_deg": phase_deg,
            "mirroring": in_phase,
            "lag_s": 0.0,
        }
        for region in REGIONS:
            values[f"in_phase_{region}"] = in_phase
            values[f"anti_phase_{region}"] = anti_phase
            values[f"coherence_{region}"] = coherence
        return Score(time_s, State.OK, **{**values, **more})

    return made
