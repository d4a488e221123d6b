"""The parts of a frame that stay the same throughout the film: names, dial face, timeline."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mirror.colours import BLACK, mix
from mirror.export.film import layout, lettering
from mirror.export.film.layout import COLOURS
from mirror.landmarks import FEEDS, Feed
from mirror.mimicry import take_overs
from mirror.summary import TOGETHER
from mirror.timeline import State, Timeline
from mirror.timeline_bins import axis_step, axis_ticks, drawn_hop_s, runs
from mirror.wording import SHARES, clock_time, elapsed, plain_name

Frame = NDArray[np.uint8]

_SCALE: Final = 4  # shapes are drawn larger and reduced, for smooth edges
_MAX_LABELS: Final = 10
_ABOUT_MIDDLE: Final = {"in_phase": -1, "anti_phase": 1}
_DASHES: Final = 48  # in the dial's inner ring


def draw_background(
    timeline: Timeline,
    marks: Sequence[float],
    axis: layout.TimeAxis,
    whole: layout.TimeAxis,
    names: tuple[str, str],
) -> Frame:
    """Return the film's frame without its moving parts, RGB uint8 [HEIGHT, WIDTH, 3].

    `marks` are times of events, s; `axis` is the film's part of the `whole` session.
    """
    frame = np.full((layout.HEIGHT, layout.WIDTH, 3), COLOURS["paper"], np.uint8)
    for feed, name in zip(FEEDS, names, strict=True):
        frame[layout.PERSON_BOXES[feed].slices] = BLACK
        shade = mix(layout.PERSON_COLOURS[feed], COLOURS["text"], 0.35)
        lettering.write(frame, layout.NAME_BOXES[feed], name, 22, shade, bold=True)
    _draw_dial_face(frame)
    _write_dial_labels(frame, names)
    frame[layout.TRACK.slices] = _draw_scores(layout.TRACK, _ABOUT_MIDDLE, timeline, marks, axis)
    frame[layout.LANE.slices] = _draw_scores(layout.LANE, {"mirroring": -1}, timeline, marks, axis)
    frame[layout.ARCS.slices] = _draw_arcs(timeline, axis)
    _draw_legend(frame)
    _draw_axis(frame, axis)
    if axis != whole:
        frame[layout.WHOLE.slices] = COLOURS["raised"]
        left, right = (round(whole.x(each)) for each in (axis.start, axis.end))
        frame[layout.WHOLE.y : layout.WHOLE.bottom, left : max(right, left + 2)] = COLOURS[
            "outline"
        ]
    return frame


def write_clock(frame: Frame, time_s: float, end: float) -> None:
    """Write a time and the film's last one, in seconds on the session's clock."""
    text = " / ".join(elapsed(each) for each in (time_s, end))
    lettering.write(frame, layout.CLOCK, text, 18, COLOURS["dim_text"], align=1.0)


def _draw_dial_face(frame: Frame) -> None:
    x, y = layout.CENTRE
    box = layout.Box(
        x - layout.RADIUS - 2, y - layout.RADIUS - 2, 2 * layout.RADIUS + 5, 2 * layout.RADIUS + 5
    )
    large = Image.new("RGB", (box.width * _SCALE, box.height * _SCALE), COLOURS["paper"])
    draw = ImageDraw.Draw(large)
    middle, radius = (layout.RADIUS + 2.5) * _SCALE, layout.RADIUS * _SCALE

    def ring(size: float) -> tuple[float, float, float, float]:
        return middle - size, middle - size, middle + size, middle + size

    draw.ellipse(ring(radius), COLOURS["raised"])
    reach = math.degrees(math.acos(TOGETHER))
    for up, colour in ((-90, COLOURS["in_phase"]), (90, COLOURS["anti_phase"])):
        draw.chord(ring(radius), up - reach, up + reach, mix(COLOURS["raised"], colour, 0.3))
    draw.line((middle, middle - radius, middle, middle + radius), COLOURS["border"], _SCALE)
    draw.line((middle - radius, middle, middle + radius, middle), COLOURS["border"], _SCALE)
    for dash in range(_DASHES):
        start = dash * 360 / _DASHES
        draw.arc(ring(TOGETHER * radius), start, start + 180 / _DASHES, COLOURS["outline"], _SCALE)
    draw.ellipse(ring(radius), outline=COLOURS["outline"], width=2 * _SCALE)
    frame[box.slices] = np.asarray(large.reduce(_SCALE))


def _write_dial_labels(frame: Frame, names: tuple[str, str]) -> None:
    for name, y in (("in_phase", layout.DIAL.y + 2), ("anti_phase", layout.DIAL.bottom - 26)):
        box = layout.Box(layout.DIAL.x, y, layout.DIAL.width, 24)
        lettering.write(frame, box, SHARES[name], 16, COLOURS[name], bold=True, align=0.5)
    x, y = layout.CENTRE
    width = x - layout.RADIUS - 8 - layout.DIAL.x
    a, b = names
    for name, left, align in ((b, layout.DIAL.x, 1.0), (a, layout.DIAL.right - width, 0.0)):
        upper, lower = layout.Box(left, y - 20, width, 20), layout.Box(left, y, width, 20)
        lettering.write(frame, upper, name, 15, COLOURS["text"], bold=True, align=align)
        lettering.write(frame, lower, "ahead", 14, COLOURS["dim_text"], align=align)


def _draw_scores(
    box: layout.Box,
    signs: Mapping[str, int],
    timeline: Timeline,
    marks: Sequence[float],
    axis: layout.TimeAxis,
) -> Frame:
    """Return the image of one or two scores; the sign of each is −1 upwards, 1 downwards."""
    width, height = box.width * _SCALE, box.height * _SCALE
    large = Image.new("RGB", (width, height), COLOURS["raised"])
    draw = ImageDraw.Draw(large)
    middle = height / len(signs)  # of two scores; of one the lower edge

    def x(time_s: float) -> float:
        return (axis.x(time_s) - layout.TRACK.x + 0.5) * _SCALE

    hop = drawn_hop_s(timeline.hop_s)
    scored = timeline.state == State.OK
    for first, last in runs(timeline, ~scored):
        # Up to the neighbouring scored rows, which are drawn over it.
        left, right = x(timeline.time_s[first] - hop), x(timeline.time_s[last] + hop)
        draw.rectangle((left, 0, right, height), COLOURS["untracked_shade"])
    for name, sign in signs.items():
        values, colour = timeline[name], COLOURS[name]
        for first, last in runs(timeline, scored & np.isfinite(values)):
            rows = slice(first, last + 1)
            across = [x(each) for each in timeline.time_s[rows].tolist()]
            heights = (middle + sign * middle * values[rows]).tolist()
            curve = list(zip(across, heights, strict=True))
            draw.polygon([*curve, (across[-1], middle), (across[0], middle)], colour)
            chance = (middle + sign * middle * timeline[f"chance_{name}"][rows]).tolist()
            points = [
                point for point in zip(across, chance, strict=True) if math.isfinite(point[1])
            ]
            if len(points) > 1:
                draw.line(points, COLOURS["chance"], _SCALE)
    draw.line((0, middle, width, middle), COLOURS["outline"], _SCALE)
    for mark in marks:
        draw.line((x(mark), 0, x(mark), height), COLOURS["dim_text"], _SCALE)
    return np.asarray(large.reduce(_SCALE))


def _draw_arcs(timeline: Timeline, axis: layout.TimeAxis) -> Frame:
    """Return the image of a line for each person, and the postures taken over."""
    width, height = layout.ARCS.width * _SCALE, layout.ARCS.height * _SCALE
    large = Image.new("RGB", (width, height), COLOURS["raised"])
    draw = ImageDraw.Draw(large)
    ys: dict[Feed, float] = {"a": 4.0 * _SCALE, "b": height - 4.0 * _SCALE}
    for feed, y in ys.items():
        draw.line((0, y, width, y), layout.PERSON_COLOURS[feed], _SCALE)
    share = np.linspace(0.0, 1.0, 24)[:, None]
    for found in take_overs(timeline):
        controls = found.arc(lambda time_s: (axis.x(time_s) - layout.ARCS.x + 0.5) * _SCALE, ys)
        terms = zip((1, 3, 3, 1), range(4), controls, strict=True)
        curve = sum(n * (1 - share) ** (3 - k) * share**k * np.array(at) for n, k, at in terms)
        draw.line([tuple(point) for point in curve.tolist()], COLOURS["posture_match"], 2 * _SCALE)
        (x, y), radius = controls[-1], 3 * _SCALE
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), COLOURS["posture_match"])
    return np.asarray(large.reduce(_SCALE))


def _draw_legend(frame: Frame) -> None:
    left = layout.LEGEND.x
    for text, colour in (
        (plain_name("in_phase"), COLOURS["in_phase"]),
        (plain_name("anti_phase"), COLOURS["anti_phase"]),
        (plain_name("mirroring"), COLOURS["mirroring"]),
        ("posture taken over", COLOURS["posture_match"]),
        ("no score", COLOURS["untracked_shade"]),
        ("chance", COLOURS["chance"]),
    ):
        thin = text == "chance"
        swatch = layout.Box(left, layout.LEGEND.y + (10 if thin else 5), 14, 2 if thin else 12)
        frame[swatch.slices] = colour
        width = math.ceil(lettering.font(text, 14).getlength(text))
        box = layout.Box(left + 20, layout.LEGEND.y, width + 1, layout.LEGEND.height)
        lettering.write(frame, box, text, 14, COLOURS["dim_text"])
        left += width + 44


def _draw_axis(frame: Frame, axis: layout.TimeAxis) -> None:
    step = axis_step(axis.end - axis.start, _MAX_LABELS)
    for time_s in axis_ticks(axis.start, axis.end, step):
        x = round(axis.x(time_s))
        frame[layout.AXIS.y : layout.AXIS.y + 4, x : x + 1] = COLOURS["outline"]
        text = clock_time(time_s, tenths=step < 1)
        width = math.ceil(lettering.font(text, 13).getlength(text)) + 2
        left = min(max(x - width // 2, layout.AXIS.x), layout.AXIS.right - width)
        lettering.write(
            frame, layout.Box(left, layout.AXIS.y + 5, width, 18), text, 13, COLOURS["dim_text"]
        )
