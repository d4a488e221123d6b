"""Painting parts of a person as textures that can be laid over an image.

A part is drawn at three times its size, lit as if its silhouette were inflated, and reduced. Laying
it over an image is then one affine map, which is fast enough for two people at 30 frames a second.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror._support.opencv import cv2
from mirror.capture.synthetic.looks import Colour

Floats = NDArray[np.float32]
Points = Sequence[tuple[float, float]]

OVERSIZE: Final = 3
LIGHT: Final = (-0.50, -0.45, 0.74)  # towards the lamp: left, above and in front


@dataclass(frozen=True, eq=False)
class Part:
    """A painted part."""

    texture: NDArray[np.uint8]  # [h, w, 4]: rGB premultiplied by alpha, and alpha
    scale: float  # texture pixels per shoulder width
    # [2]: position of the part's origin in the texture, x and y in pixels.
    origin: NDArray[np.float64]


class Canvas:
    """A transparent canvas with coordinates in shoulder widths."""

    def __init__(self, box: tuple[float, float, float, float], unit: float) -> None:
        self._corner = np.array(box[:2])
        self._scale = unit * OVERSIZE
        wide, high = (int(np.ceil((box[k + 2] - box[k]) * unit)) * OVERSIZE for k in (0, 1))
        self.rgb: Floats = np.zeros((high, wide, 3), np.float32)
        self.alpha: Floats = np.zeros((high, wide), np.float32)

    def mask(
        self, outline: Points, soft: float = 0.0, part: tuple[slice, slice] = np.s_[0:, 0:]
    ) -> Floats:
        """Return the share of each pixel of a part within an outline, 0…1, blurred by `soft`."""
        drawn = np.zeros(self.alpha[part].shape, np.uint8)
        where = (np.asarray(outline) - self._corner) * self._scale - (part[1].start, part[0].start)
        cv2.fillPoly(drawn, [np.round(where * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
        mask: Floats = np.divide(drawn, 255, dtype=np.float32)
        return _blur(mask, soft * self._scale) if soft else mask

    def fill(
        self,
        outline: Points,
        colour: Colour | NDArray[np.float64],
        *,
        soft: float = 0.0,
        opacity: float = 1.0,
        inside: bool = False,
    ) -> None:
        """Fill an outline; with `inside`, only where something is painted already."""
        # Only where it reaches, as the blur ends at four of its standard deviations.
        reach = 4 * soft + 3 / self._scale
        ends = np.array([np.min(outline, 0) - reach, np.max(outline, 0) + reach]) - self._corner
        ends = np.clip(ends * self._scale, 0, np.array(self.alpha.shape[::-1]) - 1).astype(int)
        part = np.s_[ends[0, 1] : ends[1, 1] + 1, ends[0, 0] : ends[1, 0] + 1]
        rgb, alpha = self.rgb[part], self.alpha[part]
        mask = opacity * self.mask(outline, soft, part)
        if inside:
            mask = mask * alpha
        rgb += mask[:, :, None] * (np.asarray(colour, np.float32) - rgb)
        np.maximum(alpha, mask, out=alpha)

    def keep(self, outline: Points) -> None:
        """Clear everything outside an outline."""
        self.alpha *= self.mask(outline)

    def cut(self, outline: Points) -> None:
        """Clear everything inside an outline."""
        self.alpha *= 1 - self.mask(outline)

    def inflate(self, depth: float, light: tuple[float, float, float] = LIGHT) -> None:
        """Shade what is painted as if its silhouette bulged, its edge rounded over `depth`."""
        solid = cv2.copyMakeBorder(
            (self.alpha > 0.5).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0
        )
        reach = cv2.distanceTransform(solid, cv2.DIST_L2, 5)[1:-1, 1:-1]
        radius = depth * self._scale
        inward = 1 - np.clip(reach / radius, 0, 1)
        height = _blur(radius * np.sqrt(1 - inward**2).astype(np.float32), 0.35 * radius)
        dx = cv2.Sobel(height, cv2.CV_32F, 1, 0, scale=1 / 8)
        dy = cv2.Sobel(height, cv2.CV_32F, 0, 1, scale=1 / 8)
        slope = (light[2] - light[0] * dx - light[1] * dy) / np.sqrt(1 + dx**2 + dy**2)
        self.rgb *= (0.50 + 0.62 * np.clip(slope, 0, 1))[:, :, None]

    def grain(self, seed: int, size: float, strength: float) -> None:
        """Vary the colour, as in cloth or skin, in blotches of `size`."""
        noise = np.random.default_rng(seed).standard_normal(self.alpha.shape).astype(np.float32)
        noise = _blur(noise, size * self._scale)
        self.rgb *= 1 + strength * (noise / max(float(noise.std()), 1e-6))[:, :, None]

    def part(self) -> Part:
        """Return the painting as a part, reduced to its final size."""
        high, wide = self.alpha.shape
        layers = np.dstack([np.clip(self.rgb, 0, 255), np.full_like(self.alpha, 255)])
        layers *= self.alpha[:, :, None]
        small = cv2.resize(
            layers, (wide // OVERSIZE, high // OVERSIZE), interpolation=cv2.INTER_AREA
        )
        # A transparent margin, so that edges stay smooth when mapped.
        texture = cv2.copyMakeBorder(
            np.round(small).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0
        )
        scale = self._scale / OVERSIZE
        return Part(np.asarray(texture, np.uint8), scale, 1 - self._corner * scale)


def _blur(field: Floats, sigma: float) -> Floats:
    smooth = cv2.GaussianBlur(field, (0, 0), max(sigma, 0.1), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(smooth, np.float32)


def curve(points: Points, steps: int = 10) -> Points:
    """Return a smooth closed outline through points (Catmull-Rom)."""
    p = np.asarray(points)
    before, after, beyond = np.roll(p, 1, 0), np.roll(p, -1, 0), np.roll(p, -2, 0)
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    a, b, c, d = (q[:, None, :] for q in (before, p, after, beyond))
    curve = b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return [(float(x), float(y)) for x, y in curve.reshape(-1, 2)]


def both(half: Points) -> Points:
    """Return a symmetric outline from its right half, listed downwards."""
    return [*half, *((-x, y) for x, y in reversed(half) if x)]


def oval(x: float, y: float, rx: float, ry: float) -> Points:
    """Return the outline of an ellipse around a point."""
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    return [(float(x + rx * np.cos(a)), float(y + ry * np.sin(a))) for a in angles]


def box(left: float, top: float, right: float, bottom: float) -> Points:
    """Return the outline of a rectangle."""
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def tone(colour: Colour, factor: float, towards: Colour = (0, 0, 0)) -> NDArray[np.float64]:
    """Return a colour at a fraction of its distance from another one, by default black."""
    return np.asarray(towards) + factor * (np.asarray(colour, np.float64) - towards)
