"""A tiny timeline: in-phase above the axis, anti-phase below, and mirroring in a lane."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QLineF, QRectF
from PyQt6.QtGui import QColor, QPainter, QPen
from PyQt6.QtWidgets import QWidget

from mirror.wording import number, percent
from ui.shell.theme import theme
from ui.widgets.painting import PaintedWidget

_GAP_HEIGHT = 0.16  # height of an undefined value, in halves of the height of the two scores
_LANE = 0.28  # share of the height that the lane of mirroring has
_NAMES = ("In-phase", "anti-phase", "mirroring")


def describe_scores(scores: NDArray[np.float64]) -> str:
    """Return the content of a small timeline, as `Sparkline.set_values` takes it, in words."""
    defined = ~np.isnan(scores[:2]).any(axis=0)
    if not defined.any():
        return "No scores"
    highest = np.fmax.reduce(scores[:, defined], axis=1)
    parts = [f"{name} up to {number(each)}" for name, each in zip(_NAMES, highest, strict=False)]
    return ", ".join((*parts, f"defined {percent(float(defined.mean()))} of the time"))


class Sparkline(PaintedWidget):
    """The scores of a session, in a few dozen values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Small timeline", parent)
        self.set_values(np.empty((2, 0)))

    def set_values(self, scores: NDArray[np.float64]) -> None:
        """Show values [score, time], 0…1 or NaN, equally spaced.

        The scores are in phase, anti-phase and, if there is a third, mirroring.
        """
        self._scores = np.array(scores, dtype=float)
        self.setAccessibleDescription(describe_scores(self._scores))
        self.update()

    def paint_foreground(self, painter: QPainter) -> None:
        palette = theme().palette
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        has_lane, width, base = len(self._scores) > 2, float(self.width()), float(self.height())
        middle = base * (1 - has_lane * _LANE) / 2
        edges = np.linspace(0.0, width, self._scores.shape[1] + 1)
        # Lower edges, heights of 1 and colours of the three.
        bars = (
            (middle, middle, QColor(palette.in_phase)),
            (middle, -middle, QColor(palette.anti_phase)),
            (base, base * _LANE - 2, QColor(palette.mirroring)),
        )
        for k, values in enumerate(self._scores.T):
            left, wide = edges[k], edges[k + 1] - edges[k]
            if np.isnan(values[:2]).any():
                high = _GAP_HEIGHT * middle
                grey = QColor(palette.untracked_shade)
                painter.fillRect(QRectF(left, middle - high, wide, 2 * high), grey)
                continue
            for value, (foot, high, colour) in zip(np.nan_to_num(values), bars, strict=False):
                painter.fillRect(QRectF(left, foot, wide, -min(value, 1) * high), colour)
        painter.setPen(QPen(QColor(palette.outline), 1))
        painter.drawLine(QLineF(0, middle, width, middle))
        if has_lane:
            painter.drawLine(QLineF(0, base - 1, width, base - 1))
