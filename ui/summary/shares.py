"""Shares of time as a stacked bar with labels and percentages."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Final

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter, QPen
from PyQt6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from mirror.summary import Summary
from mirror.wording import SHARES, percent
from ui.shell.theme import theme
from ui.widgets.build import horizontal, vertical
from ui.widgets.painting import PaintedWidget, fill_score

_COLUMNS: Final = 4
_STRIPE: Final = 9.0
_SWATCH: Final = QSize(22, 14)

_PATTERNS: Final = {
    "other_phase": Qt.BrushStyle.Dense5Pattern,
    "not_together": Qt.BrushStyle.NoBrush,
    "still": Qt.BrushStyle.HorPattern,
    "untracked": Qt.BrushStyle.BDiagPattern,
    "warming_up": Qt.BrushStyle.VerPattern,
}


def fill(painter: QPainter, room: QRectF, kind: str) -> None:
    """Fill a part of the bar; kinds differ by pattern, not by colour alone."""
    palette = theme().palette
    painter.setPen(Qt.PenStyle.NoPen)
    if kind == "in_phase":
        painter.fillRect(room, QColor(palette.in_phase))
    elif kind == "anti_phase":
        fill_score(painter, room, kind, _STRIPE)
    else:
        shades = {"still": palette.still_shade, "untracked": palette.untracked_shade}
        painter.fillRect(room, QColor(shades.get(kind, palette.surface)))
        painter.fillRect(room, QBrush(QColor(palette.outline), _PATTERNS[kind]))


class ShareBar(QWidget):
    """A stacked bar of a session's shares of time, with a legend."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = _Bar(self)
        self.labels = {kind: QLabel(self) for kind in SHARES}
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        for place, (kind, label) in enumerate(self.labels.items()):
            entry = horizontal(_Swatch(kind, self), (label, 1), spacing=8)
            grid.addLayout(entry, place // _COLUMNS, place % _COLUMNS)
        for place in range(_COLUMNS):
            grid.setColumnStretch(place, 1)
        vertical(self.bar, grid, inside=self, spacing=8)

    def show_summary(self, summary: Summary) -> None:
        """Display the shares of a summary."""
        shares = {kind: float(getattr(summary, kind)) for kind in SHARES}
        for kind, label in self.labels.items():
            label.setText(f"{SHARES[kind]}  {percent(shares[kind])}")
        self.bar.show_shares(shares)


class _Bar(PaintedWidget):
    hint, least = QSize(600, 36), QSize(200, 36)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Share of time", parent)
        self._shares: dict[str, float] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_shares(self, shares: dict[str, float]) -> None:
        self._shares = shares
        parts = (f"{SHARES[kind]} {percent(share)}" for kind, share in shares.items())
        self.describe("; ".join(parts))
        self.update()

    def background_key(self) -> Hashable:
        return tuple(self._shares.values())

    def paint_background(self, painter: QPainter) -> None:
        palette = theme().palette
        whole = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        left = whole.left()
        painter.fillRect(whole, QColor(palette.surface))
        for kind, share in self._shares.items():
            if share > 0 and math.isfinite(share):
                room = QRectF(left, whole.top(), share * whole.width(), whole.height())
                fill(painter, room, kind)
                left = room.right()
                painter.setPen(QPen(QColor(palette.outline), 1))
                painter.drawLine(room.topRight(), room.bottomRight())
        _outline(painter, whole)


class _Swatch(PaintedWidget):
    def __init__(self, kind: str, parent: QWidget) -> None:
        super().__init__("", parent)
        self._kind = kind
        self.setFixedSize(_SWATCH)

    def paint_background(self, painter: QPainter) -> None:
        room = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        fill(painter, room, self._kind)
        _outline(painter, room)


def _outline(painter: QPainter, room: QRectF) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme().palette.outline), 1))
    painter.drawRect(room)
