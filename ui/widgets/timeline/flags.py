"""Events as flags above a timeline: their layout, symbols and painting."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from mirror.events import Event
from mirror.mimicry import MIMICRY
from mirror.wording import EVENTS, clock_time, is_mark
from ui.shell.theme import theme
from ui.widgets.painting import with_opacity
from ui.widgets.timeline.paint import Plot

SYMBOL: Final = 11.0  # width and height of a symbol, px

_GAP: Final = 4.0
_MIN_TEXT_WIDTH: Final = 48.0
_HIT_WIDTH: Final = 5.0


@dataclass(frozen=True, slots=True)
class Flag:
    """An event in view."""

    index: int  # among the events
    event: Event
    x: float  # position of its pole, px
    symbol: bool  # whether its symbol has room; the pole is always drawn
    text: str  # elided to the room available
    right: float  # right end of symbol and text, px


def layout_flags(events: Sequence[Event], plot: Plot, metrics: QFontMetricsF) -> list[Flag]:
    """Return the events in view as flags, from left to right, without overlaps.

    Postures taken over are arcs in a lane of their own. Where there is no room for both, what a
    person has marked is shown, and not the program's.
    """
    in_view = sorted(
        (event.time_s, index)
        for index, event in enumerate(events)
        if plot.start_s <= event.time_s <= plot.end_s and event.kind != MIMICRY
    )
    marks = [plot.x(time_s) for time_s, index in in_view if is_mark(events[index].kind)]
    flags: list[Flag] = []
    free = plot.left - SYMBOL
    for place, (time_s, index) in enumerate(in_view):
        x = plot.x(time_s)
        # Half of the symbol lies to the left of the next pole.
        end = plot.x(in_view[place + 1][0]) - SYMBOL / 2 if place + 1 < len(in_view) else plot.right
        event, after = events[index], marks[bisect_left(marks, x) :]
        own = is_mark(event.kind)
        symbol = x - SYMBOL / 2 >= free and (own or not after or after[0] - x >= SYMBOL)
        label = event.text or (event.kind if event.kind not in EVENTS else "")
        text = ""
        right = x + SYMBOL / 2
        room = end - right - 2 * _GAP
        if symbol and label and room >= _MIN_TEXT_WIDTH:
            text = metrics.elidedText(" ".join(label.split()), Qt.TextElideMode.ElideRight, room)
            right += _GAP + metrics.horizontalAdvance(text)
        if symbol:
            free = right
        flags.append(Flag(index, event, x, symbol, text, right))
    return flags


def flag_at(flags: Sequence[Flag], x: float) -> Flag | None:
    """Return the flag whose pole, symbol or text is at a position; None if there is none."""
    hit = [flag for flag in flags if flag.x - SYMBOL / 2 - 1 <= x <= flag.right and flag.symbol]
    near = [flag for flag in flags if abs(flag.x - x) <= _HIT_WIDTH]
    return min([*near, *hit], key=lambda flag: abs(flag.x - x), default=None)


def describe_event(event: Event) -> str:
    """Return an event's time, kind and full text."""
    kind = EVENTS.get(event.kind, event.kind.capitalize() or "Event")
    text = f"{clock_time(event.time_s, tenths=True)}  {kind}"
    return f"{text}: {event.text}" if event.text else text


def paint_flags(painter: QPainter, flags: Sequence[Flag], plot: Plot, band: float) -> None:
    """Paint flags into a band of height `band` above the curves, and their poles."""
    palette = theme().palette
    pole = with_opacity(palette.text, 0.43)
    middle = plot.top - band / 2
    for flag in flags:
        painter.setPen(QPen(pole, 1, Qt.PenStyle.DotLine))
        x = round(flag.x) + 0.5
        painter.drawLine(QPointF(x, middle), QPointF(x, plot.base))
    for flag in flags:
        if not flag.symbol:
            continue
        painter.setPen(QColor(palette.warning if flag.event.kind == "warning" else palette.text))
        paint_symbol(painter, flag.event.kind, QPointF(flag.x, middle))
        if flag.text:
            x = flag.x + SYMBOL / 2 + _GAP
            painter.drawText(
                QRectF(x, plot.top - band, flag.right - x + 2, band),
                Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine,
                flag.text,
            )


def paint_symbol(painter: QPainter, kind: str, centre: QPointF) -> None:
    """Paint the symbol of a kind of event.

    A pennant for a mark, a diamond for the script of a demo, two bars and a triangle for pause and
    resume, a triangle for a warning, a slider for settings, else a dot.
    """
    palette = theme().palette
    colour = QColor(palette.warning if kind == "warning" else palette.text)
    half = SYMBOL / 2

    def shape(*points: tuple[float, float]) -> QPolygonF:
        return QPolygonF([centre + QPointF(half * x, half * y) for x, y in points])

    painter.save()
    painter.setPen(QPen(colour, 1.3))
    painter.setBrush(colour)
    if kind == "mark":
        painter.drawLine(centre + QPointF(-half * 0.6, -half), centre + QPointF(-half * 0.6, half))
        painter.drawPolygon(shape((-0.6, -1), (0.9, -0.45), (-0.6, 0.1)))
    elif kind == "truth":
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(shape((0, -0.9), (0.9, 0), (0, 0.9), (-0.9, 0)))
    elif kind == "pause":
        for x in (-0.55, 0.15):
            painter.drawPolygon(shape((x, -0.8), (x + 0.4, -0.8), (x + 0.4, 0.8), (x, 0.8)))
    elif kind == "resume":
        painter.drawPolygon(shape((-0.6, -0.8), (0.8, 0), (-0.6, 0.8)))
    elif kind == "warning":
        painter.drawPolygon(shape((0, -0.9), (1, 0.85), (-1, 0.85)))
        painter.setPen(QPen(QColor(palette.surface), 1.4))
        painter.drawLine(centre + QPointF(0, -half * 0.25), centre + QPointF(0, half * 0.25))
        painter.drawPoint(centre + QPointF(0, half * 0.58))
    elif kind == "settings":
        for y, knob in ((-0.55, 0.4), (0.55, -0.4)):
            painter.drawPolyline(shape((-1, y), (1, y)))
            painter.drawEllipse(centre + QPointF(half * knob, half * y), 1.7, 1.7)
    else:
        painter.drawEllipse(centre, half * 0.55, half * 0.55)
    painter.restore()
