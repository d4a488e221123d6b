"""What stays the same in every frame of the film: names, the dial's face, the timeline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mirror.colours import mix
from mirror.export.film import lettering
from mirror.export.film.layout import (
    AXIS,
    BLACK,
    CENTRE,
    CLOCK,
    COLOURS,
    DIAL,
    HEIGHT,
    LEGEND,
    NAMES,
    PERSON_COLOURS,
    PICTURES,
    RADIUS,
    TRACK,
    WHOLE,
    WIDTH,
    Box,
    Span,
)
from mirror.landmarks import Feed
from mirror.summary import TOGETHER
from mirror.timeline import State, Timeline
from mirror.timeline_bins import axis_step, axis_ticks, runs
from mirror.wording import SHARES, clock_time, elapsed, plain_name

Frame = NDArray[np.uint8]

_FINER: Final = 4  # times: drawn large and made small, edges come out smooth
_MOST_LABELS: Final = 10
_DASHES: Final = 48  # in the dial's inner ring


def ground(
    timeline: Timeline,
    marks: Sequence[float],
    span: Span,
    whole: Span,
    names: dict[Feed, str],
) -> Frame:
    """The film's frame before anything that moves is drawn.

    Parameters
    ----------
    timeline : Timeline
    marks : sequence of float
        Times of events, s.
    span, whole : Span
        What the film shows, and what there is.
    names : dict of feed to str
        What to call the two people.

    Returns
    -------
    ndarray, uint8 [HEIGHT, WIDTH, 3]
        RGB.
    """
    frame = np.full((HEIGHT, WIDTH, 3), COLOURS["paper"], np.uint8)
    for feed, box in PICTURES.items():
        frame[box.part] = BLACK
        shade = mix(PERSON_COLOURS[feed], COLOURS["ink"], 0.35)
        lettering.write(frame, NAMES[feed], names[feed], 22, shade, bold=True)
    _draw_dial(frame, names)
    frame[TRACK.part] = _track(timeline, marks, span)
    _write_legend(frame)
    _write_axis(frame, span)
    if (span.start, span.end) != (whole.start, whole.end):
        frame[WHOLE.part] = COLOURS["raised"]
        left, right = (round(whole.x(each)) for each in (span.start, span.end))
        frame[WHOLE.y : WHOLE.bottom, left : max(right, left + 2)] = COLOURS["outline"]
    return frame


def write_clock(frame: Frame, time_s: float, end: float) -> None:
    """Write the second that runs, and the film's last one, on the session's clock."""
    text = " / ".join(elapsed(each) for each in (time_s, end))
    lettering.write(frame, CLOCK, text, 18, COLOURS["dim"], align=1.0)


def _draw_dial(frame: Frame, names: dict[Feed, str]) -> None:
    x, y = CENTRE
    box = Box(x - RADIUS - 2, y - RADIUS - 2, 2 * RADIUS + 5, 2 * RADIUS + 5)
    large = Image.new("RGB", (box.width * _FINER, box.height * _FINER), COLOURS["paper"])
    draw = ImageDraw.Draw(large)
    middle, radius = (RADIUS + 2.5) * _FINER, RADIUS * _FINER

    def ring(size: float) -> tuple[float, float, float, float]:
        return middle - size, middle - size, middle + size, middle + size

    draw.ellipse(ring(radius), COLOURS["raised"])
    reach = math.degrees(math.acos(TOGETHER))
    for up, colour in ((-90, COLOURS["in-phase"]), (90, COLOURS["anti-phase"])):
        draw.chord(ring(radius), up - reach, up + reach, mix(COLOURS["raised"], colour, 0.3))
    for end in ((0, radius), (radius, 0)):
        ends = (middle - end[0], middle - end[1], middle + end[0], middle + end[1])
        draw.line(ends, COLOURS["line"], _FINER)
    for dash in range(_DASHES):
        start = dash * 360 / _DASHES
        inner = ring(TOGETHER * radius)
        draw.arc(inner, start, start + 180 / _DASHES, COLOURS["outline"], _FINER)
    draw.ellipse(ring(radius), outline=COLOURS["outline"], width=2 * _FINER)
    frame[box.part] = np.asarray(large.reduce(_FINER))
    top = Box(DIAL.x, DIAL.y + 2, DIAL.width, 24)
    bottom = Box(DIAL.x, DIAL.bottom - 26, DIAL.width, 24)
    lettering.write(frame, top, SHARES["in_phase"], 16, COLOURS["in-phase"], bold=True, align=0.5)
    lettering.write(
        frame, bottom, SHARES["anti_phase"], 16, COLOURS["anti-phase"], bold=True, align=0.5
    )
    side = x - RADIUS - 8 - DIAL.x
    sides: tuple[tuple[Feed, int, float], ...] = (
        ("b", DIAL.x, 1.0),
        ("a", DIAL.right - side, 0.0),
    )
    for feed, left, align in sides:
        over, under = Box(left, y - 20, side, 20), Box(left, y, side, 20)
        lettering.write(frame, over, names[feed], 15, COLOURS["ink"], bold=True, align=align)
        lettering.write(frame, under, "ahead", 14, COLOURS["dim"], align=align)


def _track(timeline: Timeline, marks: Sequence[float], span: Span) -> Frame:
    """The timeline's picture."""
    size = (TRACK.width * _FINER, TRACK.height * _FINER)
    large = Image.new("RGB", size, COLOURS["raised"])
    draw = ImageDraw.Draw(large)
    middle = size[1] / 2

    def x(time_s: float) -> float:
        return (span.x(time_s) - TRACK.x + 0.5) * _FINER

    hop = timeline.hop_s
    scored = timeline.state == State.OK
    for first, last in runs(timeline, ~scored):
        # From the row before to the row after, which is drawn over it.
        ends = x(timeline.time_s[first] - hop), x(timeline.time_s[last] + hop)
        draw.rectangle((ends[0], 0, ends[1], size[1]), COLOURS["untracked"])
    for first, last in runs(timeline, scored):
        rows = slice(first, last + 1)
        across = [x(each) for each in timeline.time_s[rows].tolist()]
        for name, sign, colour in (
            ("in_phase", -1, COLOURS["in-phase"]),
            ("anti_phase", 1, COLOURS["anti-phase"]),
        ):
            heights = middle + sign * middle * timeline[name][rows]
            curve = list(zip(across, heights.tolist(), strict=True))
            draw.polygon([*curve, (across[-1], middle), (across[0], middle)], colour)
            _draw_chance(draw, across, middle + sign * middle * timeline[f"chance_{name}"][rows])
    draw.line((0, middle, size[0], middle), COLOURS["outline"], _FINER)
    for mark in marks:
        draw.line((x(mark), 0, x(mark), size[1]), COLOURS["dim"], _FINER)
    return np.asarray(large.reduce(_FINER))


def _draw_chance(
    draw: ImageDraw.ImageDraw, across: list[float], heights: NDArray[np.float64]
) -> None:
    known = np.isfinite(heights)
    points = [
        (place, height)
        for place, height, is_known in zip(across, heights.tolist(), known.tolist(), strict=True)
        if is_known
    ]
    if len(points) > 1:
        draw.line(points, COLOURS["chance"], _FINER)


def _write_legend(frame: Frame) -> None:
    left = LEGEND.x
    for text, colour in (
        (plain_name("in_phase"), COLOURS["in-phase"]),
        (plain_name("anti_phase"), COLOURS["anti-phase"]),
        ("no score", COLOURS["untracked"]),
        ("chance", COLOURS["chance"]),
    ):
        thin = text == "chance"
        swatch = Box(left, LEGEND.y + (10 if thin else 5), 14, 2 if thin else 12)
        frame[swatch.part] = colour
        wide = math.ceil(lettering.font(text, 14).getlength(text))
        room = Box(left + 20, LEGEND.y, wide + 1, LEGEND.height)
        lettering.write(frame, room, text, 14, COLOURS["dim"])
        left += wide + 44


def _write_axis(frame: Frame, span: Span) -> None:
    step = axis_step(span.end - span.start, _MOST_LABELS)
    for time_s in axis_ticks(span.start, span.end, step):
        at = round(span.x(time_s))
        frame[AXIS.y : AXIS.y + 4, at : at + 1] = COLOURS["outline"]
        text = clock_time(time_s, tenths=step < 1)
        wide = math.ceil(lettering.font(text, 13).getlength(text)) + 2
        left = min(max(at - wide // 2, AXIS.x), AXIS.right - wide)
        lettering.write(frame, Box(left, AXIS.y + 5, wide, 18), text, 13, COLOURS["dim"])
