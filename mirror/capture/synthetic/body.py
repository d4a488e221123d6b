"""Painted parts of the body: limbs, hands, torso, shoes."""

from functools import lru_cache
from typing import Final, Literal

import numpy as np

from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.paint import LIGHT, Canvas, Part, Points, both, box, curve, oval, tone

LimbName = Literal["upper arm", "forearm", "left hand", "right hand", "thigh", "shin", "neck"]

LENGTHS: Final[dict[LimbName, float]] = {
    "upper arm": 0.80,
    "forearm": 0.74,
    "left hand": 0.40,
    "right hand": 0.40,
    "thigh": 1.16,
    "shin": 1.14,
    "neck": 0.58,
}
_WIDTHS: Final[dict[str, tuple[float, float, float]]] = {
    # Half widths at the joint, in the middle, and at the end.
    "upper arm": (0.145, 0.135, 0.110),
    "forearm": (0.105, 0.098, 0.064),
    "thigh": (0.255, 0.225, 0.165),
    "shin": (0.165, 0.150, 0.115),
    "neck": (0.130, 0.135, 0.220),
}


@lru_cache(maxsize=2048)
def limb(name: LimbName, looks: Looks, unit: float, heading: float) -> Part:
    """Paint a limb, lit as if it hangs at `heading` radians, anticlockwise from downwards."""
    cos, sin = np.cos(heading), np.sin(heading)
    light = (LIGHT[0] * cos - LIGHT[1] * sin, LIGHT[0] * sin + LIGHT[1] * cos, LIGHT[2])
    if name in ("left hand", "right hand"):
        return _hand(looks, unit, light, thumb=1 if name == "right hand" else -1)
    length = LENGTHS[name]
    r0, r1, r2 = (looks.build * r for r in _WIDTHS[name])
    canvas = Canvas((-0.34, -0.34, 0.34, length + 0.34), unit)
    sides = [(1.0 * r0, 0.0), (r1, length / 2), (r2, length)]
    start, end = [(0.0, -r0), (0.75 * r0, -0.66 * r0)], [(0.75 * r2, length + 0.66 * r2)]
    outline = curve(both([*start, *sides, *end, (0.0, length + r2)]))
    bare = name == "neck" or (looks.garment == "t-shirt" and name == "forearm")
    cloth = looks.trousers if name in ("thigh", "shin") else looks.shirt
    # Rounded across but not at its ends, so that joints show no seam; cut to length below.
    canvas.fill(both([(r0, -0.34), *sides, (r2, length + 0.34)]), looks.skin if bare else cloth)
    if looks.garment == "striped" and not bare and cloth is looks.shirt:
        for y in np.arange(0.06 if name == "upper arm" else 0.10, length, 0.20):
            canvas.fill(_band(y, 0.07), looks.trim, inside=True)
    if not bare:
        canvas.grain(7, 0.05, 0.035)
    if name == "forearm" and not bare:
        canvas.fill(_band(length - 0.02, 0.05), tone(looks.shirt, 0.75), inside=True)
    canvas.inflate(0.8 * r1, light)
    if name == "neck":
        shade = tone(looks.skin, 0.45)
        canvas.fill(oval(0.0, 0.10, 0.26, 0.17), shade, soft=0.06, opacity=0.55, inside=True)
    if name == "upper arm" and looks.garment == "t-shirt":
        _short_sleeve(canvas, looks, unit, outline, light)
    canvas.keep(outline)
    return canvas.part()


def _band(y: float, thick: float) -> Points:
    return box(-1.0, y, 1.0, y + thick)


def _short_sleeve(
    canvas: Canvas, looks: Looks, unit: float, outline: Points, light: tuple[float, float, float]
) -> None:
    arm = Canvas((-0.34, -0.34, 0.34, LENGTHS["upper arm"] + 0.34), unit)
    arm.fill([(0.86 * x, y) for x, y in outline], looks.skin)
    arm.inflate(0.10, light)
    arm.fill(_band(0.50, 0.05), tone(looks.skin, 0.5), soft=0.03, opacity=0.6, inside=True)
    bare = canvas.mask(_band(0.50, 1.0))
    canvas.rgb += bare[:, :, None] * (arm.rgb - canvas.rgb)
    canvas.alpha += bare * (arm.alpha - canvas.alpha)


def _hand(looks: Looks, unit: float, light: tuple[float, float, float], thumb: int) -> Part:
    canvas = Canvas((-0.22, -0.10, 0.22, 0.48), unit)
    palm = curve([
        (-0.06, -0.05), (0.06, -0.05), (0.085, 0.08), (0.085, 0.20), (-0.085, 0.20),
        (-0.085, 0.08),
    ])  # fmt: skip
    canvas.fill(palm, looks.skin)
    for x, lean, tip in (
        (-0.066, -0.018, 0.33),
        (-0.022, -0.004, 0.385),
        (0.022, 0.004, 0.37),
        (0.064, 0.018, 0.31),
    ):
        canvas.fill(_finger((thumb * -x, 0.14), (thumb * -(x + lean), tip), 0.024), looks.skin)
    canvas.fill(_finger((thumb * 0.06, 0.06), (thumb * 0.145, 0.205), 0.028), looks.skin)
    canvas.inflate(0.05, light)
    shade = tone(looks.skin, 0.55)
    for x in (-0.044, 0.0, 0.043):
        gap = _finger((thumb * -x, 0.19), (thumb * -1.1 * x, 0.30), 0.006)
        canvas.fill(gap, shade, soft=0.006, opacity=0.7, inside=True)
    return canvas.part()


def _finger(start: tuple[float, float], end: tuple[float, float], radius: float) -> Points:
    angle = np.arctan2(end[1] - start[1], end[0] - start[0])
    around = np.linspace(-np.pi / 2, np.pi / 2, 9)
    ends = [(end, around + angle), (start, around + angle + np.pi)]
    return [
        (float(x + radius * np.cos(a)), float(y + radius * np.sin(a)))
        for (x, y), angles in ends
        for a in angles
    ]


def torso(looks: Looks, unit: float) -> Part:
    """Paint the torso from the shoulders, whose middle is the origin, to the hips."""
    canvas = Canvas((-0.85, -0.40, 0.85, 1.85), unit)
    b = looks.build
    outline = curve(both([
        (0.15, -0.22), (0.36, -0.165), (0.55 * b, -0.10), (0.60 * b, 0.08),
        (0.53 * b, 0.42), (0.46 * b, 0.85), (0.49 * b, 1.20), (0.54 * b, 1.50),
        (0.50 * b, 1.57), (0.0, 1.60),
    ]))  # fmt: skip
    canvas.fill(outline, looks.shirt)
    if looks.garment == "striped":
        for y in np.arange(-0.02, 1.6, 0.20):
            sag = [(-0.8, y - 0.03), (-0.4, y + 0.01), (0.4, y + 0.01), (0.8, y - 0.03)]
            stripe = [*sag, *((x, y + 0.07) for x, y in reversed(sag))]
            canvas.fill(stripe, looks.trim, inside=True)
    canvas.grain(3, 0.05, 0.035)
    canvas.inflate(0.40)
    _folds(canvas, looks)
    _neckline(canvas, looks)
    hem, shade = box(-0.8, 1.53, 0.8, 1.62), tone(looks.shirt, 0.5)
    canvas.fill(hem, shade, soft=0.02, opacity=0.6, inside=True)
    return canvas.part()


def hips(looks: Looks, unit: float) -> Part:
    """Paint the part between the shirt's hem and the thighs; placed like the torso."""
    canvas = Canvas((-0.85, 1.10, 0.85, 1.95), unit)
    b = looks.build
    half = [(0.40, 1.25), (0.47 * b, 1.50), (0.49 * b, 1.62), (0.26, 1.78), (0.0, 1.74)]
    canvas.fill(curve(both(half)), looks.trousers)
    canvas.inflate(0.3)
    return canvas.part()


def _folds(canvas: Canvas, looks: Looks) -> None:
    dark = tone(looks.shirt, 0.55)
    for side in (1, -1):
        for (x0, y0), (x1, y1) in (
            ((0.47, 0.18), (0.26, 0.40)),
            ((0.44, 0.88), (0.20, 1.02)),
            ((0.46, 1.05), (0.24, 1.22)),
        ):
            fold = [(side * x0, y0), (side * x1, y1), (side * x0, y0 + 0.05)]
            canvas.fill(fold, dark, soft=0.025, opacity=0.55, inside=True)


def _neckline(canvas: Canvas, looks: Looks) -> None:
    """Paint the neck opening and the garment's front."""
    trim, shade = np.asarray(looks.trim, float), tone(looks.shirt, 0.68)
    scoop = both([(0.0, -0.36), (0.19, -0.30), (0.15, -0.13), (0.08, -0.03), (0.0, -0.01)])
    if looks.garment == "cardigan":
        front = both([(0.16, -0.28), (0.17, 0.0), (0.13, 0.5), (0.12, 1.6)])
        canvas.fill(front, 0.9 * trim, inside=True)
        for side in (1, -1):
            edge = [(x * side, y) for x, y in (
                (0.13, -0.28), (0.145, 0.0), (0.105, 0.5), (0.095, 1.6), (0.145, 1.6),
                (0.155, 0.5), (0.20, 0.0), (0.20, -0.28),
            )]  # fmt: skip
            canvas.fill(edge, shade, inside=True)
    if looks.garment == "shirt":
        canvas.fill(box(-0.012, 0.0, 0.012, 1.6), shade, soft=0.006, inside=True)
        for y in np.arange(0.14, 1.5, 0.24):
            canvas.fill(oval(0.035, y, 0.018, 0.018), trim)
        canvas.cut([(-0.14, -0.40), (0.14, -0.40), (0.0, 0.06)])
        for side in (1, -1):
            half = ((0.17, -0.30), (0.08, -0.26), (0.0, 0.05), (0.12, 0.10), (0.21, -0.14))
            flap = [(side * x, y) for x, y in half]
            canvas.fill(flap, shade, soft=0.012)
            canvas.fill(flap, tone(looks.shirt, 1.15))
    else:
        rim = [(1.22 * x, 1.0 * y + 0.045) for x, y in scoop]
        canvas.fill(curve(rim), 0.95 * trim if looks.garment == "striped" else shade, inside=True)
        canvas.cut(curve(scoop))


def shoe(looks: Looks, unit: float) -> Part:
    """Paint the left shoe, from the ankle, seen from the front and above."""
    canvas = Canvas((-0.22, -0.14, 0.26, 0.26), unit)
    leather = tone(looks.trousers, 0.45)
    canvas.fill(curve([
        (-0.11, -0.06), (0.10, -0.06), (0.17, 0.10), (0.15, 0.20), (-0.09, 0.20),
        (-0.13, 0.10),
    ]), leather)  # fmt: skip
    canvas.inflate(0.10)
    canvas.fill(box(-0.20, 0.165, 0.24, 0.24), tone(looks.trim, 0.8), inside=True)
    return canvas.part()


def shadow(unit: float) -> Part:
    """Paint the shadow of a foot on the floor."""
    canvas = Canvas((-0.7, -0.25, 0.7, 0.25), unit)
    canvas.fill(oval(0.06, 0.0, 0.36, 0.08), (16, 14, 12), soft=0.05, opacity=0.5)
    return canvas.part()
