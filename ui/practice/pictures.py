"""A small drawing of each exercise: two figures, and what passes between them."""

from typing import Final

from PyQt6.QtCore import QLineF, QPointF
from PyQt6.QtGui import QColor, QPainter, QPen
from PyQt6.QtWidgets import QWidget

from mirror.practice.exercise import Exercise
from ui.shell.theme import theme
from ui.widgets.painting import PaintedWidget

_ARMS: Final = {
    "up": (-0.32, -0.32),
    "down": (0.3, 0.3),
    "out": (-0.02, -0.02),
    "pose": (0.3, -0.32),
    "mirrored pose": (-0.32, 0.3),
}


class ExercisePicture(PaintedWidget):
    """Two line figures, A left and B right, who do what the first goal asks for."""

    def __init__(self, exercise: Exercise, parent: QWidget | None = None) -> None:
        super().__init__(f"Picture of {exercise.title}", parent)
        goals = [each.goal for each in exercise.rounds]
        self._opposed = goals[0].score == "anti_phase"
        self._breaks = any(each.below for each in goals)
        lags = [each.lag for each in goals if each.lag is not None]
        # -1: A follows, 1: B follows; none at the same time
        self._arrows = {(1 if sum(lag) > 0 else -1) for lag in lags if abs(sum(lag)) > 0.2}
        self._is_posed = goals[0].is_of_posture
        self._small = exercise.reach < 1.0
        self.setFixedSize(84, 48)

    def paint_background(self, painter: QPainter) -> None:
        palette = theme().palette
        a = "out" if self._small else "up"
        b = "down" if self._opposed else a
        if self._is_posed:
            a, b = "pose", "mirrored pose"
        self._figure(painter, 22, a, palette.person_a)
        self._figure(painter, 62, b, palette.person_b)
        painter.setPen(QPen(QColor(palette.text), 1.8))
        for k, way in enumerate(sorted(self._arrows)):
            y = 38.0 + 6 * k - 3 * (len(self._arrows) - 1)
            tip = QPointF(42 + 7 * way, y)
            painter.drawLine(QLineF(42 - 7 * way, y, tip.x(), y))
            for side in (-3, 3):
                painter.drawLine(QLineF(tip, QPointF(tip.x() - 4 * way, y + side)))
        if self._breaks:
            painter.drawLine(QLineF(38, 42, 46, 12))
        elif not self._arrows:
            for y in (34, 39):
                painter.drawLine(QLineF(37, y, 47, y))

    def _figure(self, painter: QPainter, x: float, arms: str, colour: str) -> None:
        painter.setPen(QPen(QColor(colour), 2.6))
        painter.setBrush(QColor(colour))
        painter.drawEllipse(QPointF(x, 10), 4.2, 4.2)
        painter.drawLine(QLineF(x, 15, x, 29))
        for side, lift in zip((-1, 1), _ARMS[arms], strict=True):
            painter.drawLine(QLineF(x, 18, x + 11 * side, 18 + 30 * lift))
            painter.drawLine(QLineF(x, 29, x + 6 * side, 44))
