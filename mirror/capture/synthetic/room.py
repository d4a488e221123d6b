"""The background room: a plain wall with a framed image, a skirting board, a wooden floor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror._support.opencv import cv2

_WALLS = ((214, 208, 196), (198, 208, 212), (206, 212, 198), (216, 204, 202), (205, 203, 214))
_FLOORS = ((150, 116, 84), (128, 104, 82), (168, 138, 104), (120, 112, 104))


def room(seed: int, width: int, height: int, edge: float) -> NDArray[np.uint8]:
    """Return an empty room, uint8 RGB [height, width, 3]; the floor begins at row `edge`."""
    rng = np.random.default_rng(seed)
    wall = np.array(_WALLS[rng.integers(len(_WALLS))], np.float32)
    floor = np.array(_FLOORS[rng.integers(len(_FLOORS))], np.float32)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    papered = np.broadcast_to(wall.astype(np.uint8), (height, width, 3)).copy()
    _hang(papered, rng, height)
    image = papered.astype(np.float32)

    below = (y >= edge)[:, :, None]
    depth = np.maximum(y - edge, 0.0) + 0.12 * height
    across = (x - width / 2) / depth
    seam = np.abs(np.mod(across * 2.2, 1.0) - 0.5) > 0.47
    boards = floor * (0.94 + 0.08 * np.sin(np.floor(across * 2.2 + 0.5) * 12.9))[:, :, None]
    boards = np.where(seam[:, :, None], boards * 0.82, boards)
    image = np.where(below, boards, image)
    skirting = ((y < edge) & (y >= edge - 0.035 * height))[:, :, None]
    image = np.where(skirting, np.float32(232.0), image)

    # A lamp on the left, and the grain of plaster and camera noise.
    far = np.hypot(x - 0.25 * width, y - 0.2 * height) / np.hypot(width, height)
    image *= (1.08 - 0.38 * far)[:, :, None]
    grain = rng.standard_normal((height, width)).astype(np.float32)
    image += (1.6 * grain + 12.0 * cv2.GaussianBlur(grain, (0, 0), 3.0))[:, :, None]
    return np.clip(image, 0, 255).astype(np.uint8)


def _hang(image: NDArray[np.uint8], rng: np.random.Generator, height: int) -> None:
    """Paint a framed picture of hills, to one side."""
    width = image.shape[1]
    left = rng.random() < 0.5
    x0 = (0.05 if left else 0.78) * width + rng.uniform(0, 0.02) * width
    y0, wide, high = rng.uniform(0.10, 0.18) * height, 0.15 * width, 0.24 * height

    def box(margin: float, colour: tuple[float, float, float]) -> None:
        a = (round(x0 + margin), round(y0 + margin))
        b = (round(x0 + wide - margin), round(y0 + high - margin))
        cv2.rectangle(image, a, b, colour, cv2.FILLED)

    rim = 0.012 * height
    box(-rim / 2, tuple(float(c) for c in 0.86 * image[0, 0]))  # type: ignore[arg-type]
    box(0.0, (88.0, 68.0, 52.0))
    box(rim, (238.0, 234.0, 226.0))
    inner = 3.5 * rim
    box(inner, (176.0, 198.0, 210.0))
    xs = np.linspace(x0 + inner, x0 + wide - inner, 30)
    for share, colour in ((0.45, (136.0, 160.0, 150.0)), (0.68, (104.0, 130.0, 104.0))):
        crest = (
            y0
            + inner
            + (high - 2 * inner) * (share + 0.08 * np.sin((xs - x0) / wide * 9 + 6 * rng.random()))
        )
        low = y0 + high - inner
        hill = np.array([*zip(xs, crest, strict=True), (xs[-1], low), (xs[0], low)])
        outline = np.round(16 * hill).astype(np.int32)
        cv2.fillPoly(image, [outline], colour, cv2.LINE_AA, shift=4)
