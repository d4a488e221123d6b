"""A tiny timeline: in-phase above the axis, anti-phase below."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QLineF, QRectF, QSize
from PyQt6.QtGui import QColor, QPainter, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from mirror.wording import number, percent
from ui.shell.theme import theme
from ui.widgets.painting import PaintedWidget

_GAP_HEIGHT = 0.16  # height of an undefined value, in halves of the widget


def describe_scores(in_phase: NDArray[np.float64], anti_phase: NDArray[np.float64]) -> str:
    """Return the content of a small timeline in words."""
    defined = ~(np.isnan(in_phase) | np.isnan(anti_phase))
    if not defined.any():
        return "No scores"
    up, down = (number(each[defined].max()) for each in (in_phase, anti_phase))
    share = percent(float(defined.mean()))
    return f"In-phase up to {up}, anti-phase up to {down}, defined {share} of the time"


class Sparkline(PaintedWidget):
    """Both scores of a session, in a few dozen values."""

    hint, least = QSize(160, 36), QSize(60, 20)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Small timeline", parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_values(np.empty(0), np.empty(0))

    def set_values(self, in_phase: NDArray[np.float64], anti_phase: NDArray[np.float64]) -> None:
        """Show values, 0…1 or NaN, equally spaced; raise ValueError if the two differ in length."""
        if in_phase.shape != anti_phase.shape or in_phase.ndim != 1:
            raise ValueError(
                f"in_phase {in_phase.shape} and anti_phase {anti_phase.shape} differ in shape"
            )
        self._in_phase = np.array(in_phase, dtype=float)
        self._anti_phase = np.array(anti_phase, dtype=float)
        self.setAccessibleDescription(describe_scores(in_phase, anti_phase))
        self.update()

    def paint_foreground(self, painter: QPainter) -> None:
        palette = theme().palette
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        middle, width = self.height() / 2, float(self.width())
        edges = np.linspace(0.0, width, len(self._in_phase) + 1)
        shades = palette.untracked_shade, palette.in_phase, palette.anti_phase
        grey, blue, orange = map(QColor, shades)
        for k, (up, down) in enumerate(zip(self._in_phase, self._anti_phase, strict=True)):
            left, wide = edges[k], edges[k + 1] - edges[k]
            if np.isnan(up) or np.isnan(down):
                high = _GAP_HEIGHT * middle
                painter.fillRect(QRectF(left, middle - high, wide, 2 * high), grey)
                continue
            painter.fillRect(QRectF(left, middle * (1 - min(up, 1)), wide, middle * up), blue)
            painter.fillRect(QRectF(left, middle, wide, middle * min(down, 1)), orange)
        painter.setPen(QPen(QColor(palette.outline), 1))
        painter.drawLine(QLineF(0, middle, width, middle))
