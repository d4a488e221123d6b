"""Painted layers of the head, which slide over each other as it turns."""

from typing import Final

import numpy as np

from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.paint import Canvas, Part, Points, both, curve, oval, tone

_BOX: Final = (-0.48, -0.56, 0.48, 0.72)
_FACE: Final[Points] = curve(both([
    (0.0, -0.335), (0.14, -0.305), (0.215, -0.19), (0.232, -0.04), (0.222, 0.09),
    (0.175, 0.215), (0.095, 0.305), (0.0, 0.330),
]))  # fmt: skip
_HALF_BEHIND: Final = [
    (0.0, -0.38), (0.18, -0.33), (0.235, -0.16), (0.22, 0.05), (0.12, 0.2), (0.0, 0.2),
]  # fmt: skip
_HALVES_BEHIND: Final = {
    "long": [(0.0, -0.40), (0.20, -0.35), (0.30, -0.12), (0.32, 0.20), (0.35, 0.52),
             (0.18, 0.62), (0.0, 0.60)],
    "bob": [(0.0, -0.40), (0.21, -0.35), (0.31, -0.12), (0.33, 0.16), (0.30, 0.30),
            (0.14, 0.32), (0.0, 0.30)],
}  # fmt: skip
"""Right halves of the hair behind the head, in general and by style."""


def layers(looks: Looks, unit: float) -> dict[str, Part]:
    """Paint the head's layers, by name; their origin is the middle of the head."""
    rest = {"ears": _ears, "face": _face, "features": _features, "nose": _nose, "hair": _hair}
    painted = {}
    for name, paint in ({"hair behind": _hair_behind} | rest).items():
        canvas = Canvas(_BOX, unit)
        paint(canvas, looks)
        painted[name] = canvas.part()
    return painted


def _ears(canvas: Canvas, looks: Looks) -> None:
    for side in (1, -1):
        canvas.fill(oval(side * 0.235, 0.01, 0.045, 0.085), looks.skin)
    canvas.inflate(0.05)
    shade = tone(looks.skin, 0.6)
    for side in (1, -1):
        inner = oval(side * 0.240, 0.0, 0.018, 0.045)
        canvas.fill(inner, shade, soft=0.012, opacity=0.8, inside=True)


def _face(canvas: Canvas, looks: Looks) -> None:
    canvas.fill(_FACE, looks.skin)
    blush = tone(looks.skin, 0.80, (215, 80, 70))
    for side in (1, -1):
        cheek = oval(side * 0.13, 0.105, 0.06, 0.05)
        canvas.fill(cheek, blush, soft=0.03, opacity=0.6, inside=True)
    canvas.inflate(0.24)


def _features(canvas: Canvas, looks: Looks) -> None:
    socket, line = tone(looks.skin, 0.72), tone(looks.skin, 0.25)
    iris = (62, 88, 104) if sum(looks.hair) > 300 else (72, 48, 32)
    for side in (1, -1):
        x, y = side * 0.097, -0.03
        canvas.fill(oval(x, y - 0.015, 0.066, 0.048), socket, soft=0.018, opacity=0.55)
        canvas.fill(_almond(x, y, 0.047, 0.024), (238, 236, 230))
        canvas.fill(oval(x, y - 0.001, 0.021, 0.023), iris)
        canvas.fill(oval(x, y - 0.001, 0.010, 0.011), (16, 14, 14))
        canvas.fill(oval(x - 0.008, y - 0.009, 0.006, 0.006), (255, 255, 255))
        below = [(x - 0.047, y + 0.004), (x, y - 0.016), (x + 0.047, y + 0.004)]
        canvas.fill([*_almond(x, y, 0.050, 0.027)[:13], *below], line)
        brow = [
            (-0.058, -0.078), (-0.02, -0.100), (0.045, -0.092), (0.062, -0.074),
            (0.03, -0.080), (-0.02, -0.082),
        ]  # fmt: skip
        outline = curve([(x + side * bx, y + by + 0.008) for bx, by in brow])
        canvas.fill(outline, tone(looks.hair, 0.75), soft=0.004)
    lip = tone(looks.skin, 0.72, (168, 40, 48))
    upper = [
        (-0.085, 0.190), (-0.035, 0.174), (0.0, 0.180), (0.035, 0.174), (0.085, 0.190),
        (0.0, 0.197),
    ]  # fmt: skip
    lower = [
        (-0.080, 0.192), (0.0, 0.200), (0.080, 0.192), (0.042, 0.222), (0.0, 0.228),
        (-0.042, 0.222),
    ]  # fmt: skip
    canvas.fill(oval(0.0, 0.250, 0.045, 0.014), socket, soft=0.012, opacity=0.6)
    canvas.fill(curve(lower), tone((int(lip[0]), int(lip[1]), int(lip[2])), 1.06))
    canvas.fill(curve(upper), 0.84 * lip)
    canvas.fill(curve([(-0.088, 0.188), (0.0, 0.196), (0.088, 0.188), (0.0, 0.204)]), 0.42 * lip)


def _almond(x: float, y: float, rx: float, ry: float) -> Points:
    angles = np.linspace(0, -2 * np.pi, 24, endpoint=False)
    return [
        (float(x + rx * np.cos(a)), float(y + ry * np.sin(a) * (1.0 if np.sin(a) < 0 else 0.75)))
        for a in angles
    ]


def _nose(canvas: Canvas, looks: Looks) -> None:
    shade, glow = tone(looks.skin, 0.66), tone(looks.skin, 0.55, (255, 255, 255))
    canvas.fill([(0.012, -0.03), (0.052, 0.09), (0.018, 0.12)], shade, soft=0.014, opacity=0.75)
    canvas.fill(oval(0.0, 0.115, 0.046, 0.020), shade, soft=0.012, opacity=0.8)
    canvas.fill(oval(-0.006, 0.085, 0.026, 0.026), tone(looks.skin, 1.02), soft=0.012)
    bridge = [(-0.014, -0.02), (0.0, -0.02), (0.002, 0.08), (-0.018, 0.08)]
    canvas.fill(bridge, glow, soft=0.012, opacity=0.45)
    for side in (1, -1):
        canvas.fill(oval(side * 0.022, 0.113, 0.011, 0.007), tone(looks.skin, 0.35), soft=0.004)


def _hair_behind(canvas: Canvas, looks: Looks) -> None:
    half = _HALVES_BEHIND.get(looks.hair_style, _HALF_BEHIND)
    canvas.fill(curve(both(half)), tone(looks.hair, 0.8))
    if looks.hair_style == "bun":
        canvas.fill(oval(0.0, -0.42, 0.115, 0.10), looks.hair)
    canvas.inflate(0.16)
    _strands(canvas, looks)


def _hair(canvas: Canvas, looks: Looks) -> None:
    style = looks.hair_style
    if style == "curly":
        for angle in np.linspace(-0.12 * np.pi, 1.12 * np.pi, 15):
            x, y = 0.225 * np.cos(angle), -0.10 - 0.235 * np.sin(angle)
            canvas.fill(oval(float(x), float(y), 0.082, 0.082), looks.hair)
        top = both([(0.0, -0.39), (0.2, -0.30), (0.13, -0.22), (0.0, -0.21)])
        canvas.fill(curve(top), looks.hair)
        canvas.inflate(0.06)
        return
    crown = [(0.0, -0.395), (0.15, -0.365), (0.235, -0.25), (0.258, -0.09)]
    if style == "short":
        line = [(0.250, 0.00), (0.222, -0.02), (0.205, -0.15), (0.13, -0.215), (0.0, -0.225)]
        outline = both(crown + line)
    elif style == "bun":
        line = [(0.246, -0.02), (0.222, -0.06), (0.200, -0.17), (0.11, -0.265), (0.0, -0.29)]
        outline = both(crown + line)
    else:
        # Parted on one side: two locks of unequal width.
        low = {"parted": 0.0, "bob": 0.20, "long": 0.34}[style]
        side = [*crown, (0.290 if low else 0.252, low), (0.225, low - 0.01)]
        narrow = [*side, (0.222, -0.08), (0.175, -0.20), (0.08, -0.30)]
        outline = [*side, (0.225, -0.06), (0.175, -0.165), (-0.07, -0.30), (-0.10, -0.37)]
        canvas.fill(curve([(-x, y) for x, y in narrow]), looks.hair)
    canvas.fill(curve(outline), looks.hair)
    canvas.inflate(0.10)
    _strands(canvas, looks)


def _strands(canvas: Canvas, looks: Looks) -> None:
    rng = np.random.default_rng(looks.room)
    for _ in range(60):
        x, y = float(rng.uniform(-0.30, 0.30)), float(rng.uniform(-0.40, -0.05))
        length = float(rng.uniform(0.12, 0.30))
        strand = [(x, y), (1.25 * x + 0.004, y + length), (1.25 * x - 0.004, y + length)]
        light = rng.random() < 0.5
        colour = tone(looks.hair, 0.82, (255, 240, 220)) if light else tone(looks.hair, 0.6)
        canvas.fill(strand, colour, soft=0.004, opacity=0.35, inside=True)
