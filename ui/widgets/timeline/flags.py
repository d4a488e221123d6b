"""Events as flags above a timeline: where each stands, how much of its text fits, its symbol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from mirror.events import Event
from mirror.wording import clock_time
from ui.shell.palette import Palette
from ui.widgets.timeline.axis import Plot

SYMBOL: Final = 11.0
"""Width and height of a symbol, px."""

_GAP: Final = 4.0
_LEAST_TEXT: Final = 48.0
_REACH: Final = 5.0

_NAMES: Final = {"truth": "Script"}


@dataclass(frozen=True, slots=True)
class Flag:
    """An event in view.

    Attributes
    ----------
    index : int
        Which of the events.
    event : Event
    x : float
        Where its pole stands, px.
    symbol : bool
        Whether there is room for its symbol; its pole is always drawn.
    text : str
        As much of its text as there is room for.
    reach : float
        Where symbol and text end, px.
    """

    index: int
    event: Event
    x: float
    symbol: bool
    text: str
    reach: float


def flags(events: Sequence[Event], plot: Plot, metrics: QFontMetricsF) -> list[Flag]:
    """The events in view as flags, from left to right; no two symbols or texts overlap."""
    seen = sorted(
        (event.time_s, index)
        for index, event in enumerate(events)
        if plot.start_s <= event.time_s <= plot.end_s
    )
    found: list[Flag] = []
    free = plot.left - SYMBOL
    for place, (time_s, index) in enumerate(seen):
        x = plot.x(time_s)
        # Half of the symbol lies to the left of the next pole.
        end = plot.x(seen[place + 1][0]) - SYMBOL / 2 if place + 1 < len(seen) else plot.right
        symbol = x - SYMBOL / 2 >= free
        text = ""
        reach = x + SYMBOL / 2
        room = end - reach - 2 * _GAP
        if symbol and events[index].text and room >= _LEAST_TEXT:
            line = " ".join(events[index].text.split())
            text = metrics.elidedText(line, Qt.TextElideMode.ElideRight, room)
            reach += _GAP + metrics.horizontalAdvance(text)
        if symbol:
            free = reach
        found.append(Flag(index, events[index], x, symbol, text, reach))
    return found


def nearest(found: Sequence[Flag], x: float) -> Flag | None:
    """The flag whose pole, symbol or text is at this pixel; None where there is none."""
    held = [flag for flag in found if flag.x - SYMBOL / 2 - 1 <= x <= flag.reach and flag.symbol]
    near = [flag for flag in found if abs(flag.x - x) <= _REACH]
    return min([*near, *held], key=lambda flag: abs(flag.x - x), default=None)


def words(event: Event) -> str:
    """An event's moment, kind and whole text."""
    kind = _NAMES.get(event.kind, event.kind.capitalize() or "Event")
    said = f"{clock_time(event.time_s, tenths=True)}  {kind}"
    return f"{said}: {event.text}" if event.text else said


def paint_flags(
    painter: QPainter, found: Sequence[Flag], plot: Plot, band: float, palette: Palette
) -> None:
    """Paint the flags into the band of that height above the curves, and their poles through it."""
    pole = QColor(palette.text)
    pole.setAlpha(110)
    middle = plot.top - band / 2
    for flag in found:
        painter.setPen(QPen(pole, 1, Qt.PenStyle.DotLine))
        x = round(flag.x) + 0.5
        painter.drawLine(QPointF(x, middle), QPointF(x, plot.bottom))
    for flag in found:
        if not flag.symbol:
            continue
        painter.setPen(QColor(palette.warning if flag.event.kind == "warning" else palette.text))
        paint_symbol(painter, flag.event.kind, QPointF(flag.x, middle), palette)
        if flag.text:
            x = flag.x + SYMBOL / 2 + _GAP
            painter.drawText(
                QRectF(x, plot.top - band, flag.reach - x + 2, band),
                Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine,
                flag.text,
            )


def paint_symbol(painter: QPainter, kind: str, centre: QPointF, palette: Palette) -> None:
    """Paint the symbol of a kind of event, in a shape of its own.

    A pennant for a mark, a diamond for what the script of a demo truly did, two bars and a
    triangle for pause and resume, a warning's triangle, a slider for settings, else a dot.
    """
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
