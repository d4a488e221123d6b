"""Outlines are painted where they reach, as if all of the canvas were."""

from __future__ import annotations

import numpy as np
import pytest

from mirror.capture.synthetic.paint import Canvas, Points, box, oval


@pytest.mark.parametrize(
    "outline",
    [oval(0.1, 0.2, 0.2, 0.1), oval(-0.5, 0.9, 0.3, 0.3), box(-2, 0.3, 2, 0.4), box(0.9, 0, 1, 1)],
    ids=["within", "at a corner", "across", "beyond an edge"],
)
@pytest.mark.parametrize("soft", [0.0, 0.004, 0.06])
def test_what_an_outline_does_not_reach_stays(outline: Points, soft: float) -> None:
    canvas = Canvas((-0.5, -0.3, 0.5, 0.9), 61.0)
    canvas.fill(box(-0.4, -0.2, 0.4, 0.8), (10, 200, 90))
    rgb, alpha, mask = canvas.rgb.copy(), canvas.alpha.copy(), canvas.mask(outline, soft)
    canvas.fill(outline, (250, 0, 120), soft=soft, inside=True)
    mask = mask * alpha
    assert canvas.alpha == pytest.approx(np.maximum(alpha, mask), abs=1e-6)
    expected = rgb + mask[:, :, None] * (np.array([250, 0, 120], np.float32) - rgb)
    assert canvas.rgb == pytest.approx(expected, abs=1e-4)
