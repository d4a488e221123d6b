"""Painting a timeline: shaded stretches, the two filled curves, chance and the axes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from mirror.landmarks import Feed
from mirror.mimicry import TakeOver
from mirror.timeline import State
from mirror.timeline_bins import Floats, Stretch, axis_step, axis_ticks
from mirror.wording import clock_time, plain_name
from ui.shell.theme import theme
from ui.widgets.painting import RIGHT, with_opacity
from ui.widgets.timeline.data import Curve, RowBuffer, Value

LEVELS: Final = (  # labels of the axis, and their heights
    (1.0, "1"),
    (0.5, plain_name("in_phase")),
    (0.0, "0"),
    (-0.5, plain_name("anti_phase")),
    (-1.0, "1"),
)

CHANCE: Final = "chance"  # label of the level of chance

_PATTERNS: Final = {
    State.NO_PERSON_A: Qt.BrushStyle.BDiagPattern,
    State.NO_PERSON_B: Qt.BrushStyle.FDiagPattern,
    State.GAP: Qt.BrushStyle.DiagCrossPattern,
    State.STILL: Qt.BrushStyle.HorPattern,
}
_MAX_COLUMNS: Final = 16  # of a polygon: Qt's time to fill it grows faster than its corners
_TICK: Final = 4.0
_LABEL_SPACING: Final = 2.2  # distance of time labels, in label widths
_LANE: Final = 0.2  # share of the height that the lane of mirroring has
_GAP: Final = 6.0  # between the two scores and the lane, pixels
_SCORES: Final[tuple[tuple[Value, Value, Literal[-1, 1]], ...]] = (
    ("in_phase", "chance_in_phase", 1),
    ("anti_phase", "chance_anti_phase", -1),
)
_MIRRORING: Final[tuple[Value, Value, Literal[-1, 1]]] = ("mirroring", "chance_mirroring", 1)


@dataclass(frozen=True, slots=True)
class Plot:
    """The rectangle of the curves, and its time range."""

    # Edges of the two scores about an axis, pixels.
    left: float
    right: float
    top: float
    bottom: float
    # Times at the left and right edge, s.
    start_s: float
    end_s: float
    floor: float | None = None  # lower edge of a lane for mirroring, pixels; None for no lane

    @classmethod
    def with_lane(
        cls, left: float, right: float, top: float, base: float, start_s: float, end_s: float
    ) -> "Plot":
        """Return a plot with a lane for mirroring along its lower edge."""
        bottom = base - _LANE * (base - top) - _GAP
        return cls(left, right, top, max(bottom, top + 1), start_s, end_s, max(base, top + 2))

    @property
    def base(self) -> float:
        """Lower edge of everything, pixels."""
        return self.bottom if self.floor is None else self.floor

    @property
    def lane(self) -> "Plot | None":
        """The lane, as a plot of which only the upper half is seen; None without one."""
        if self.floor is None:
            return None
        top = min(self.bottom + _GAP, self.floor - 1)
        return Plot(self.left, self.right, top, 2 * self.floor - top, self.start_s, self.end_s)

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def middle(self) -> float:
        """Position of the axis between the two scores, pixels from the top."""
        return (self.top + self.bottom) / 2

    @property
    def scale(self) -> float:
        return self.width / (self.end_s - self.start_s)

    def x(self, time_s: float) -> float:
        """Return the position of a time, pixels."""
        return self.left + (time_s - self.start_s) * self.scale

    def time(self, x: float) -> float:
        """Return the time at a position, s."""
        return self.start_s + (x - self.left) / self.scale

    def y(self, value: float) -> float:
        """Return the position of a score, pixels: 1 at the top, −1 (anti-phase 1) at the bottom."""
        return self.middle - value * (self.bottom - self.top) / 2


def state_text(state: State, names: tuple[str, str] = ("A", "B")) -> str:
    """Return why a stretch has no score, in two or three words."""
    return {
        State.OK: "",
        State.WARMING_UP: "warming up",
        State.NO_PERSON_A: f"{names[0]} not seen",
        State.NO_PERSON_B: f"{names[1]} not seen",
        State.GAP: "too few frames",
        State.STILL: "too still",
        State.UNSURE: "who is who?",
    }[state]


def polygons(
    curve: Curve, values: Floats, plot: Plot, sign: Literal[-1, 1], piece: int | None = None
) -> list[QPolygonF]:
    """Return the filled shapes, of at most `piece` points, of a curve: one for each unbroken run.

    `values` [point] are the curve's `highest` or `mean`, above (1) or below (−1) the axis.
    """
    # A single point is as wide as its column.
    finite = np.concatenate([[False], np.isfinite(values), [False]])
    edges = np.flatnonzero(finite[1:] != finite[:-1]).reshape(-1, 2)
    x = plot.left + (curve.time_s - plot.start_s) * plot.scale
    y = plot.middle - sign * values * (plot.bottom - plot.top) / 2
    half = curve.step_s * plot.scale / 2
    shapes = []
    for start, end in edges.tolist():
        points = np.column_stack((x[start:end], y[start:end]))[[0, *range(end - start), -1]]
        points[[0, -1], 0] += -half, half
        step = piece or len(points)
        for at in range(0, len(points) - 1, step):
            part = points[at : at + step + 1]
            feet = part[[0, -1]]
            feet[:, 1] = plot.middle
            shapes.append(_polygon(np.vstack((feet[:1], part, feet[1:]))))
    return shapes


def _polygon(points: Floats) -> QPolygonF:
    """Return points [point, 2] in Qt's form: a tenth of the time that one `QPointF` each takes."""
    shape = QPolygonF()
    shape.fill(QPointF(), len(points))
    if (memory := shape.data()) is not None:
        memory.setsize(points.nbytes)
        memory[:] = points.tobytes()
    return shape


def paint_scores(painter: QPainter, rows: RowBuffer, plot: Plot, count: int) -> None:
    """Paint in-phase above the axis, anti-phase below it, and mirroring in the lane.

    Columns of several rows (about `count`) are filled up to the mean, paler up to the highest.
    """
    palette = theme().palette
    painter.setPen(Qt.PenStyle.NoPen)
    for (name, _, sign), area in _areas(plot):
        curve = rows.curve(name, plot.start_s, plot.end_s, count)
        colour = QColor(getattr(palette, name))
        dense = curve.highest is not curve.mean
        piece = _MAX_COLUMNS if dense else None
        # Smooth edges would be visible between polygons; columns are a pixel wide anyway.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=not dense)
        if dense:
            painter.setBrush(_between(colour, QColor(palette.surface)))
            for shape in polygons(curve, curve.highest, area, sign, piece):
                painter.drawPolygon(shape)
        painter.setBrush(colour)
        for shape in polygons(curve, curve.mean, area, sign, piece):
            painter.drawPolygon(shape)


def _areas(plot: Plot) -> list[tuple[tuple[Value, Value, Literal[-1, 1]], Plot]]:
    """Return each score with the plot that it is painted in."""
    areas = [(score, plot) for score in _SCORES]
    return areas if plot.lane is None else [*areas, (_MIRRORING, plot.lane)]


def _between(first: QColor, second: QColor) -> QColor:
    """Return the colour half way between: ten times faster to paint than transparency."""
    pairs = zip(first.getRgb()[:3], second.getRgb()[:3], strict=True)
    return QColor(*((one + other) // 2 for one, other in pairs))


def paint_chance(painter: QPainter, rows: RowBuffer, plot: Plot, count: int) -> list[float]:
    """Paint chance as a thin line over the scores; return the heights of its right ends, px."""
    ends = []
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme().palette.chance), 1))
    for (_, chance, sign), area in _areas(plot):
        level = rows.curve(chance, plot.start_s, plot.end_s, count)
        lines = polygons(level, level.mean, area, sign)
        for line in lines:
            painter.drawPolyline(line.mid(1, line.count() - 2))
        if lines:
            ends.append(lines[-1].at(lines[-1].count() - 2).y())
    return ends


def paint_stretches(
    painter: QPainter, stretches: list[Stretch], plot: Plot, names: tuple[str, str] | None
) -> None:
    """Shade stretches without a score; with `names`, the reason is written where there is room."""
    palette, metrics = theme().palette, QFontMetricsF(painter.font())
    lines = with_opacity(palette.outline, 0.35)
    for stretch in stretches:
        left = max(plot.x(stretch.start_s), plot.left)
        right = min(plot.x(stretch.end_s), plot.right)
        if right <= left:
            continue
        area = QRectF(left, plot.top, max(right - left, 1.0), plot.base - plot.top)
        tracked = stretch.state in (State.STILL, State.WARMING_UP)
        shade = QColor(palette.still_shade if tracked else palette.untracked_shade)
        painter.fillRect(area, shade)
        if stretch.state in _PATTERNS:
            painter.fillRect(area, QBrush(lines, _PATTERNS[stretch.state]))
        text = state_text(stretch.state, names) if names else ""
        room = metrics.size(Qt.TextFlag.TextSingleLine, text)
        if text and room.width() + 10 <= area.width():
            under = QRectF(0, 0, room.width() + 8, room.height() + 2)
            under.moveCenter(QPointF(area.center().x(), plot.y(0.5)))
            painter.fillRect(under, shade)
            painter.setPen(QColor(palette.text))
            painter.drawText(under, Qt.AlignmentFlag.AlignCenter, text)


def paint_axes(painter: QPainter, plot: Plot) -> None:
    """Paint the labels at the left, the time axis below, and the axis between the two scores."""
    palette, metrics = theme().palette, QFontMetricsF(painter.font())
    painter.setPen(QColor(palette.dim_text))
    height = metrics.height()
    labels = [(plot.y(value), text) for value, text in LEVELS]
    if plot.lane is not None:
        labels[-1:] = [(plot.lane.y(0.5), plain_name("mirroring"))]
    for y, text in labels:
        painter.drawText(QRectF(0, y - height / 2, plot.left - 7, height), RIGHT, text)
    wide = metrics.horizontalAdvance(clock_time(plot.end_s))
    labels_fit = int(plot.width / (_LABEL_SPACING * max(wide, 24.0)))
    step = axis_step(plot.end_s - plot.start_s, labels_fit)
    for time_s in axis_ticks(plot.start_s, plot.end_s, step):
        x = plot.x(time_s)
        painter.drawLine(QPointF(x, plot.base), QPointF(x, plot.base + _TICK))
        text = clock_time(time_s, tenths=step < 1)
        half = metrics.horizontalAdvance(text) / 2
        # Labels at the very edges would be cut off.
        left = min(max(x, plot.left + half - 6), plot.right - half + 6) - half
        painter.drawText(QPointF(left, plot.base + _TICK + metrics.ascent()), text)
    painter.setPen(QPen(QColor(palette.outline), 1))
    for area in (plot, plot.lane):
        if area is not None:
            painter.drawLine(QPointF(plot.left, area.middle), QPointF(plot.right, area.middle))


def paint_chance_labels(painter: QPainter, ends: list[float], plot: Plot) -> None:
    """Label the thin lines at the right."""
    height = QFontMetricsF(painter.font()).height()
    painter.setPen(QColor(theme().palette.dim_text))
    for k, y in enumerate(ends):
        if any(abs(y - other) < height for other in ends[:k]):
            continue  # one label for both
        area = QRectF(plot.right + 5, y - height / 2, 1000, height)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, CHANCE)


def paint_arcs(
    painter: QPainter, arcs: Sequence[TakeOver], plot: Plot, height: float, names: tuple[str, str]
) -> None:
    """Paint a lane for each person, and arcs from who took a posture to who took it over."""
    palette, metrics = theme().palette, QFontMetricsF(painter.font())
    line = metrics.height()
    lower = plot.base + _TICK + line + height - 0.6 * line
    ys: dict[Feed, float] = {"a": lower - height + 1.2 * line, "b": lower}
    for y, name in zip(ys.values(), names, strict=True):
        painter.setPen(QColor(palette.dim_text))
        text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, plot.left - 9)
        painter.drawText(QRectF(0, y - line / 2, plot.left - 7, line), RIGHT, text)
        painter.setPen(QPen(QColor(palette.outline), 1))
        painter.drawLine(QPointF(plot.left, y), QPointF(plot.right, y))
    painter.save()
    painter.setClipRect(QRectF(plot.left - 4, ys["a"] - line, plot.width + 8, height + line))
    colour = QColor(palette.posture_match)
    for arc in arcs:
        start, first, second, end = (QPointF(*each) for each in arc.arc(plot.x, ys))
        if end.x() < plot.left or start.x() > plot.right:
            continue
        path = QPainterPath(start)
        path.cubicTo(first, second, end)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 2))
        painter.drawPath(path)
        painter.setBrush(colour)
        painter.drawEllipse(end, 3, 3)
    painter.restore()


def paint_grid(painter: QPainter, plot: Plot) -> None:
    """Paint faint lines at the levels of the axis."""
    painter.setPen(QPen(QColor(theme().palette.border), 1))
    for value, _ in LEVELS:
        y = round(plot.y(value)) + 0.5
        painter.drawLine(QPointF(plot.left, y), QPointF(plot.right, y))
