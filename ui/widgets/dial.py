"""The phase dial: the normalised cross-spectrum as a needle in the complex plane."""

import itertools
import math
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen
from PyQt6.QtWidgets import QWidget

from mirror import summary
from mirror.colours import NEEDLE
from mirror.timeline import Score, State
from mirror.wording import SHARES, number
from ui.shell.theme import theme
from ui.widgets import painting

TRAIL_S: Final = 3.0  # length of the trail of the needle's tip

_MAX_TRAIL_GAP_S: Final = 0.5
_NOT_TOGETHER: Final = "not together"
_MIN_FONT: Final = 8.0  # pixels; smaller captions are left out


@dataclass(frozen=True, slots=True)
class _Face:
    """The layout of the dial and its captions."""

    centre: QPointF
    radius: float
    caption: QFont
    heading_height: float  # above and below, pixels; 0 without room
    side_width: float  # left and right, pixels; 0 without room
    has_details: bool

    def place(self, c: complex) -> QPointF:
        """Return the position of C: in phase is up, A ahead is right."""
        return self.centre + QPointF(self.radius * c.imag, -self.radius * c.real)


class PhaseDial(painting.PaintedWidget):
    """Coherence and relative phase as a needle in the complex plane.

    Its length is the coherence, its direction the relative phase: up is in phase, down anti-phase,
    right A ahead, left B ahead. The coloured caps are where `in_phase` (`anti_phase`) reaches
    `TOGETHER`: they end at ±60° on the unit circle. The inner ring is a coherence of `TOGETHER`.
    """

    hint, least = QSize(360, 320), QSize(120, 110)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Phase dial", parent)
        self._names = ("A", "B")
        self._score: Score | None = None
        self._trail: deque[tuple[float, complex]] = deque()
        self.animation = painting.ValueAnimation(self, 2)
        self._face = _Face(QPointF(), 0.0, self.font(), 0.0, 0.0, has_details=False)
        self._update_description()

    def set_names(self, a: str, b: str) -> None:
        """Set the names of the two people; empty ones become "A" and "B"."""
        self._names = (a.strip() or "A", b.strip() or "B")
        self._update_description()
        self.update()

    def clear(self) -> None:
        self._trail.clear()
        self.show_score(None)

    def show_score(self, score: Score | None) -> None:
        self._score = score
        c = _c_of(score)
        if score is not None:
            # Of the last seconds; time may go backwards.
            while self._trail and self._trail[0][0] < score.time_s - TRAIL_S:
                self._trail.popleft()
            while self._trail and self._trail[-1][0] >= score.time_s:
                self._trail.pop()
            if c is not None:
                self._trail.append((score.time_s, c))
        self.animation.set_target(*((math.nan, math.nan) if c is None else (c.real, c.imag)))
        self._update_description()
        self.update()

    def _update_description(self) -> None:
        score = self._score
        text = "No score" if score is None else summary.sentence(score, self._names)
        if score is not None and score.state is State.OK:
            text += f"; coherence {number(score.coherence)}, "
            text += f"relative phase {number(score.relative_phase_deg, 0)}°"
        self.describe(text)

    def background_key(self) -> Hashable:
        return (self._names, _c_of(self._score) is None)

    def paint_background(self, painter: QPainter) -> None:
        self._face = face = self._make_layout()
        if _c_of(self._score) is None:
            painter.setOpacity(0.5)
        palette = theme().palette
        circle = QPainterPath()
        circle.addEllipse(face.centre, face.radius, face.radius)
        painter.fillPath(circle, QColor(palette.surface))
        for c, colour in ((1, palette.in_phase), (-1, palette.anti_phase)):
            painter.fillPath(_cap(face, c), painting.with_opacity(colour, 0.22))
        thin = max(1.0, 0.006 * face.radius)
        painter.setPen(QPen(QColor(palette.border), thin))
        for end in (1, 1j):
            painter.drawLine(face.place(end), face.place(-end))
        painter.setBrush(painting.with_opacity(palette.background, 0.6))
        painter.setPen(QPen(QColor(palette.outline), thin, Qt.PenStyle.DashLine))
        painter.drawEllipse(
            face.centre, summary.TOGETHER * face.radius, summary.TOGETHER * face.radius
        )
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(palette.outline), 2 * thin))
        painter.drawPath(circle)
        self._paint_captions(painter)

    def _make_layout(self) -> _Face:
        """Return the layout with the largest circle that leaves room for the captions."""
        width, height = float(self.width()), float(self.height())
        centre = QPointF(width / 2, height / 2)
        shorter = min(width, height)
        pixels = min(0.046 * shorter + 1.8, 26.0)
        if pixels < _MIN_FONT:
            radius = max(1.0, 0.5 * shorter - 2)
            return _Face(centre, radius, self.font(), 0, 0, has_details=False)
        caption = painting.sized_font(self.font(), pixels)
        metrics = QFontMetricsF(caption)
        has_details = shorter >= 250
        heading = metrics.height() * (2.15 if has_details else 1.25)
        bold = QFontMetricsF(painting.sized_font(caption, pixels, bold=True))
        widest = max(bold.horizontalAdvance(each) for each in (*self._names, "ahead"))
        beside = min(widest + 0.9 * pixels, 0.24 * width)
        radius = max(1.0, min(0.5 * height - heading, 0.5 * width - beside) - 2)
        return _Face(centre, radius, caption, heading, 0.5 * width - radius - 2, has_details)

    def _paint_captions(self, painter: QPainter) -> None:
        face, palette = self._face, theme().palette
        if not face.heading_height:
            return
        bold = painting.sized_font(face.caption, face.caption.pixelSize(), bold=True)
        small = painting.sized_font(face.caption, max(_MIN_FONT, 0.82 * face.caption.pixelSize()))
        line = QFontMetricsF(bold).height()
        top = face.centre.y() - face.radius - 2 - face.heading_height
        bottom = face.centre.y() + face.radius + 2
        rest = face.heading_height - line
        for kind, detail, text_y, detail_y in (
            ("in_phase", "the same at the same time", top, top + line),
            ("anti_phase", "the opposite at the same time", bottom + rest, bottom),
        ):
            heading = QRectF(0, text_y, self.width(), line)
            painting.draw_text(painter, bold, getattr(palette, kind), heading, SHARES[kind])
            if face.has_details:
                below = QRectF(0, detail_y, self.width(), rest)
                painting.draw_text(painter, small, palette.dim_text, below, detail)
        self._paint_key(painter, small)
        for left, name in enumerate(self._names):
            self._paint_side(painter, bold, name, left=bool(left))

    def _paint_key(self, painter: QPainter, font: QFont) -> None:
        """Explain the dashed ring beside the circle, where the needle does not cross it."""
        face, palette, line = self._face, theme().palette, QFontMetricsF(font).height()
        ring = 0.3 * line
        # Outside the circle, which is 2 · 0.54 radii wide at this height.
        at = face.centre + QPointF(0.72 * face.radius + ring, 0.84 * face.radius)
        left = at.x() + 2 * ring
        room = QRectF(left, at.y() - line, self.width() - left, 2 * line)
        fitted = painting.fit_font(font, _NOT_TOGETHER, room, font.pixelSize())
        if fitted.pixelSize() >= _MIN_FONT:
            painter.setPen(QPen(QColor(palette.outline), 1.2, Qt.PenStyle.DashLine))
            painter.drawEllipse(at, ring, ring)
            flags = painting.LEFT | Qt.TextFlag.TextWordWrap
            painting.draw_text(painter, fitted, palette.dim_text, room, _NOT_TOGETHER, flags)

    def _paint_side(self, painter: QPainter, bold: QFont, name: str, *, left: bool) -> None:
        """Write "Anna" and "ahead" beside the circle; long names are elided."""
        face, palette = self._face, theme().palette
        metrics = QFontMetricsF(bold)
        line, gap = metrics.height(), 0.35 * metrics.height()
        x = 0.0 if left else face.centre.x() + face.radius + 2 + gap
        room = QRectF(x, face.centre.y() - line, max(0.0, face.side_width - gap), line)
        align = painting.RIGHT if left else painting.LEFT
        elided = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room.width())
        painting.draw_text(painter, bold, palette.text, room, elided, align)
        below = room.translated(0, line)
        painting.draw_text(painter, face.caption, palette.dim_text, below, "ahead", align)

    def paint_foreground(self, painter: QPainter) -> None:
        if _c_of(self._score) is None:
            self._paint_reason(painter)
            return
        tip = complex(*self.animation.values)
        self._paint_trail(painter, tip)
        self._paint_needle(painter, tip)

    def _paint_needle(self, painter: QPainter, tip: complex) -> None:
        face, palette = self._face, theme().palette
        length = abs(tip)
        kind = summary.share_of_scores(tip.real, -tip.real, length)
        colour = getattr(palette, NEEDLE.get(kind, kind))
        weight = summary.needle_weight(length)
        thick = face.radius * (0.02 + 0.035 * weight)
        painter.setPen(
            QPen(painting.with_opacity(colour, weight), thick, cap=Qt.PenCapStyle.RoundCap)
        )
        painter.drawLine(face.centre, face.place(tip))
        painter.setPen(QPen(QColor(palette.surface), max(1.0, 0.015 * face.radius)))
        painter.setBrush(QColor(colour))
        head = face.radius * (0.05 + 0.035 * weight)
        painter.drawEllipse(face.place(tip), head, head)

    def _paint_trail(self, painter: QPainter, tip: complex) -> None:
        now = self._trail[-1][0]
        # The newest point may still be animated.
        points = [*list(self._trail)[:-1], (now, tip)]
        for (before, start), (after, end) in itertools.pairwise(points):
            if after - before > _MAX_TRAIL_GAP_S:
                continue
            freshness = 1 - (now - after) / TRAIL_S
            colour = painting.with_opacity(theme().palette.dim_text, 0.55 * freshness)
            painter.setPen(QPen(colour, 0.03 * self._face.radius, cap=Qt.PenCapStyle.FlatCap))
            painter.drawLine(self._face.place(start), self._face.place(end))

    def _paint_reason(self, painter: QPainter) -> None:
        if self._score is None:
            return
        face, palette = self._face, theme().palette
        text = summary.sentence(self._score, self._names)
        room = QRectF(0, 0, 1.6 * face.radius, 0.9 * face.radius)
        room.moveCenter(face.centre)
        font = painting.fit_font(self.font(), text, room, largest=min(24.0, 0.17 * face.radius))
        painter.setFont(font)
        needed = painter.boundingRect(room, int(painting.WRAPPED), text)
        pad = 0.5 * font.pixelSize()
        painter.setPen(QPen(QColor(palette.border), 1))
        painter.setBrush(QColor(palette.raised))
        painter.drawRoundedRect(needed.adjusted(-pad, -pad, pad, pad), pad, pad)
        painting.draw_text(painter, font, palette.text, room, text, painting.WRAPPED)


def _c_of(score: Score | None) -> complex | None:
    return None if score is None else summary.normalised_cross_spectrum(score)


def _cap(face: _Face, sign: int) -> QPainterPath:
    """Return the part of the unit disc where sign · Re C ≥ `TOGETHER`."""
    disc = QPainterPath()
    disc.addEllipse(face.centre, face.radius, face.radius)
    half = QPainterPath()
    corners = (face.place(complex(sign, -1)), face.place(complex(sign * summary.TOGETHER, 1)))
    half.addRect(QRectF(*corners).normalized())
    return disc.intersected(half)
