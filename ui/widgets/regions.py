"""The two scores of each region of the body, as small bars."""

import math
from collections.abc import Hashable
from typing import Final

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PyQt6.QtWidgets import QWidget

from mirror.timeline import REGIONS, Score
from mirror.wording import SHARES, UNDEFINED, number, plain_name
from ui.shell.theme import theme
from ui.widgets import painting

_TITLES: Final = {region: plain_name(region).capitalize() for region in REGIONS}

_KINDS: Final = ("in_phase", "anti_phase")
_LABELS: Final = [SHARES[kind] for kind in _KINDS]
_LABEL_MIN_WIDTH: Final = 280  # width from which on the two directions have labels, pixels


class RegionBars(painting.PaintedWidget):
    """A column per region: in-phase up, anti-phase down, 0…1; dashed, with "–", if undefined."""

    hint, least = QSize(320, 150), QSize(150, 80)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Regions of the body", parent)
        self._values: dict[str, tuple[float, ...]] = {}  # in phase, anti-phase
        self._bars: dict[str, tuple[QRectF, QRectF]] = {}
        self.show_score(None)

    def show_score(self, score: Score | None) -> None:
        self._values = {
            region: tuple(getattr(score, f"{kind}_{region}", math.nan) for kind in _KINDS)
            for region in REGIONS
        }
        parts = []
        for region, (up, down) in self._values.items():
            known = f"in phase {number(up)}, anti-phase {number(down)}"
            parts.append(f"{_TITLES[region]} {UNDEFINED if math.isnan(up) else known}")
        self.describe("; ".join(parts))
        self.update()

    def background_key(self) -> Hashable:
        return tuple(math.isnan(in_phase) for in_phase, _ in self._values.values())

    def paint_background(self, painter: QPainter) -> None:
        palette = theme().palette
        room = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        pixels = min(0.1 * room.height() + 2, 0.042 * room.width() + 1, 22.0)
        small = painting.sized_font(self.font(), max(9.0, pixels))
        line = QFontMetricsF(small).height()
        has_labels = room.width() >= _LABEL_MIN_WIDTH
        wide = QFontMetricsF(small).horizontalAdvance(_LABELS[1]) if has_labels else line
        bars = room.adjusted(wide + 0.6 * line, 0, 0, -2.1 * line)
        step = bars.width() / len(REGIONS)
        middle, half = bars.center().y(), 0.5 * bars.height() - 3
        for opposed, kind in enumerate(_KINDS):
            sign = QRectF(0, 0, wide, min(1.3 * line, half / 2))
            sign.moveCenter(QPointF(1 + wide / 2, middle + (0.5 if opposed else -0.5) * half))
            if has_labels:
                below = sign.translated(0, 0.5 * sign.height())
                painting.draw_text(painter, small, palette.dim_text, below, _LABELS[opposed])
                sign.translate(0, -0.5 * sign.height())
            painting.paint_arrows(painter, sign, kind)
        painter.setPen(QPen(QColor(palette.outline), 1))
        painter.drawLine(QPointF(bars.left(), middle), QPointF(bars.right(), middle))
        for index, region in enumerate(REGIONS):
            thick = min(0.55 * step, 0.8 * half)
            left = bars.left() + (index + 0.5) * step - 0.5 * thick
            self._bars[region] = (
                QRectF(left, middle - half, thick, half - 1),
                QRectF(left, middle + 1, thick, half - 1),
            )
            self._paint_empty_bars(painter, region)
            title = QRectF(bars.left() + index * step + 1, bars.bottom(), step - 2, 2.1 * line)
            font = painting.fit_font(small, _TITLES[region], title, small.pixelSize(), 9)
            top = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
            flags = top | Qt.TextFlag.TextWordWrap
            painting.draw_text(painter, font, palette.dim_text, title, _TITLES[region], flags)

    def _paint_empty_bars(self, painter: QPainter, region: str) -> None:
        palette = theme().palette
        undefined = math.isnan(self._values[region][0])
        style = Qt.PenStyle.DashLine if undefined else Qt.PenStyle.SolidLine
        painter.setPen(QPen(QColor(palette.outline if undefined else palette.border), 1, style))
        painter.setBrush(Qt.BrushStyle.NoBrush if undefined else QColor(palette.surface))
        painter.drawRects(*self._bars[region])
        if undefined:
            for bar in self._bars[region]:
                font = painting.fit_font(self.font(), UNDEFINED, bar, 22)
                painting.draw_text(painter, font, palette.dim_text, bar, UNDEFINED)

    def paint_foreground(self, painter: QPainter) -> None:
        for region, (in_phase, anti_phase) in self._values.items():
            upper, lower = self._bars[region]
            if not math.isnan(in_phase):
                top = upper.bottom() - in_phase * upper.height()
                bar = QRectF(QPointF(upper.left(), top), upper.bottomRight())
                painting.fill_score(painter, bar, "in_phase", bar.width())
            if not math.isnan(anti_phase):
                tall = anti_phase * lower.height()
                bar = QRectF(lower.topLeft(), QPointF(lower.right(), lower.top() + tall))
                painting.fill_score(painter, bar, "anti_phase", max(5.0, 0.4 * bar.width()))
