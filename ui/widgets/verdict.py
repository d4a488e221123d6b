"""The score in one sentence."""

from typing import Final

from PyQt6.QtCore import QRectF, QSize
from PyQt6.QtGui import QFontInfo, QFontMetrics, QPainter
from PyQt6.QtWidgets import QWidget

from mirror.mimicry import same_posture
from mirror.summary import sentence
from mirror.timeline import Score, State
from ui.shell.theme import theme
from ui.widgets.painting import WRAPPED, PaintedWidget, draw_text, fit_font, sized_font

_MAX_SCALE: Final = 2.6  # largest size of the sentence, in sizes of the widget's font


class Verdict(PaintedWidget):
    """A score in one sentence, which wraps and shrinks to fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("In words", parent)
        self._names = ("A", "B")
        self._score: Score | None = None
        self.text = ""

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(sized_font(self.font(), 1.6 * QFontInfo(self.font()).pixelSize()))
        return QSize(22 * metrics.averageCharWidth(), round(1.6 * metrics.height()))

    def minimumSizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(12 * metrics.averageCharWidth(), round(1.4 * metrics.height()))

    def set_names(self, a: str, b: str) -> None:
        self._names = (a.strip() or "A", b.strip() or "B")
        if self._score is not None:
            self.show_score(self._score)

    def show_score(self, score: Score | None) -> None:
        self._set("" if score is None else sentence(score, self._names), score)

    def show_text(self, text: str) -> None:
        self._set(text, None)

    def _set(self, text: str, score: Score | None) -> None:
        self._score, self.text = score, text
        self.describe(text)
        self.update()

    def paint_foreground(self, painter: QPainter) -> None:
        if not self.text:
            return
        palette = theme().palette
        is_defined = self._score is not None and (
            self._score.state is State.OK or bool(same_posture(self._score))
        )
        room = QRectF(self.rect()).adjusted(2, 1, -2, -1)
        largest = _MAX_SCALE * QFontInfo(self.font()).pixelSize()
        font = fit_font(sized_font(self.font(), 1, bold=True), self.text, room, largest)
        colour = palette.text if is_defined else palette.dim_text
        draw_text(painter, font, colour, room, self.text, WRAPPED)
