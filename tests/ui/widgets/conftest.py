from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PyQt6.QtGui import QColor, QImage
from PyQt6.QtWidgets import QApplication, QWidget

from mirror.timeline import REGIONS, Score, State
from ui.shell.theme import theme

Picture = NDArray[np.uint8]


@pytest.fixture(autouse=True)
def light(qapp: QApplication) -> Iterator[None]:
    """Every test begins and ends in the light theme."""
    theme().choose("light")
    yield
    theme().choose("light")


@pytest.fixture
def picture(qapp: QApplication) -> Callable[[QWidget], Picture]:
    """What a widget looks like: [y, x, rgb]."""

    def taken(widget: QWidget) -> Picture:
        image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        bits = image.constBits()
        assert bits is not None
        bits.setsize(image.sizeInBytes())
        rows = np.frombuffer(bits, np.uint8).reshape(image.height(), image.bytesPerLine())
        return rows[:, : 4 * image.width()].reshape(image.height(), -1, 4)[..., 2::-1].copy()

    return taken


@pytest.fixture
def painted() -> Callable[[Picture, str], NDArray[np.bool_]]:
    """Where a picture has a colour: [y, x]."""

    def found(image: Picture, colour: str) -> NDArray[np.bool_]:
        wanted = QColor(colour)
        near = np.abs(image.astype(int) - (wanted.red(), wanted.green(), wanted.blue())) <= 3
        return np.asarray(near.all(axis=-1))

    return found


@pytest.fixture
def score() -> Callable[..., Score]:
    """A row whose C has this length and direction, in every region too."""

    def made(
        coherence: float, phase_deg: float = 0.0, time_s: float = 10.0, **more: float
    ) -> Score:
        c = cmath.rect(coherence, math.radians(phase_deg))
        in_phase, anti_phase = max(0.0, c.real), max(0.0, -c.real)
        values = {
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
