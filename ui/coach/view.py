"""The coach view: one meter and a word or two, readable across the room."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QRectF, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import (
    QCloseEvent,
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PyQt6.QtWidgets import QWidget

from mirror.summary import NO_LAG, TOGETHER, has_lag, share_of
from mirror.timeline import Score, State
from mirror.wording import SHARES
from ui.shell.palette import Palette
from ui.shell.theme import theme
from ui.widgets.painting import ValueAnimation, fill_anti_phase, fit_font, sized_font

if TYPE_CHECKING:
    from ui.shell.shortcuts import Keys

_MARGIN: Final = 0.06  # lengths in heights of the screen
_METER: Final = 0.34  # width of the meter beside the words
_UPRIGHT: Final = 0.55  # height of the meter above them, on a screen that stands upright
_STRIPE: Final = 0.06
_LARGEST: Final = 0.21  # sizes of the words, in lengths of the screen's shorter side
_SMALLER: Final = 0.11
_SMALLEST: Final = 1 / 12  # of the giant words' capitals
_WRAPPED: Final = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
_ADDED_MS: Final = 1500
_UNBROKEN: Final = "\N{NON-BREAKING HYPHEN}"
_ELIDED: Final = Qt.TextElideMode.ElideRight

_WHY: Final = {
    State.WARMING_UP: "Warming up",
    State.GAP: "Feed stopped",
    State.STILL: "Too still",
}


def in_short(score: Score | None, a: str = "A", b: str = "B") -> tuple[str, str]:
    """A score in a word or two, and what there is to add.

    `mirror.summary.sentence` says the same at length.

    Parameters
    ----------
    score : Score or None
    a, b : str
        The two people's names.

    Returns
    -------
    (str, str)
        The second is empty where the first says it all.
    """
    if score is None:
        return "No score", ""
    if score.state is not State.OK:
        lost = {State.NO_PERSON_A: a, State.NO_PERSON_B: b}.get(score.state)
        return (f"{lost} is out", "of the picture") if lost else (_WHY[score.state], "")
    follower = b if score.lag_s > 0 else a
    if not has_lag(score) or abs(score.lag_s) <= NO_LAG:
        return SHARES[share_of(score)], ""
    seconds = f"{abs(score.lag_s):.1f} s"
    if score.in_phase >= TOGETHER:
        return SHARES[share_of(score)], f"{follower} follows {seconds}"
    return f"{follower} follows", seconds


class CoachView(QWidget):
    """A window of its own that fills the screen: a bar from a middle line, and a word or two.

    The bar grows upwards in phase, whole, and downwards in anti-phase, striped. Escape and the
    coach view's own key close it. It opens on the screen of the window that it belongs to.

    Parameters
    ----------
    keys : Keys
    parent : QWidget, optional
        The page that it belongs to.
    """

    closed = pyqtSignal()

    def __init__(self, keys: Keys, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._score: Score | None = None
        self._text = ""
        self._added = QTimer(self)
        self._added.setSingleShot(True)
        self._added.setInterval(_ADDED_MS)
        self._added.timeout.connect(lambda: self.add(""))
        self._addition = ""
        self._names = ("A", "B")
        self._animation = ValueAnimation(self, 1)
        self.setWindowTitle("Coach view")
        self.setAccessibleName("Coach view")
        self.setCursor(Qt.CursorShape.BlankCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        keys.action(self, "coach view", self.close)
        theme().changed.connect(self.update)
        self._describe()

    @property
    def words(self) -> tuple[str, str]:
        """The giant word or two, and the smaller ones below."""
        word, more = (self._text, "") if self._text else in_short(self._score, *self._names)
        return word, self._addition or more

    def sizeHint(self) -> QSize:
        return QSize(1280, 720)

    def show_score(self, score: Score | None) -> None:
        """Show a row of the timeline, or that there is none."""
        self._score, self._text = score, ""
        level = math.nan
        if score is not None and score.state is State.OK:
            level = score.in_phase - score.anti_phase  # one of the two is 0
        self._animation.set_target(level)
        self._describe()
        self.update()

    def show_text(self, text: str) -> None:
        """Say something in place of a score, until there is one again."""
        self.show_score(None)
        self._text = text
        self._describe()

    def add(self, text: str) -> None:
        """Say a word below the giant ones for a moment, such as that this moment is marked."""
        self._addition = text
        if text:
            self._added.start()
        self._describe()
        self.update()

    def set_names(self, a: str, b: str) -> None:
        """What the two people are called."""
        self._names = (a, b)
        self._describe()
        self.update()

    def setVisible(self, visible: bool) -> None:
        owner = self.parentWidget()
        screen = None if owner is None else owner.screen()
        if visible and not self.isVisible() and screen is not None:
            self.setScreen(screen)
            self.setGeometry(screen.geometry())
        super().setVisible(visible)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        super().closeEvent(event)
        self.closed.emit()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        palette = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(palette.background))
        margin = _MARGIN * self.height()
        meter = QRectF(self.rect()).adjusted(margin, margin, -margin, -margin)
        words = QRectF(meter)
        if self.width() > self.height():
            meter.setWidth(_METER * self.height())
            words.setLeft(meter.right() + margin)
        else:
            meter.setHeight(_UPRIGHT * self.height())
            words.setTop(meter.bottom() + margin)
        self._paint_meter(painter, meter, palette)
        self._paint_words(painter, words, palette)

    def _paint_meter(self, painter: QPainter, meter: QRectF, palette: Palette) -> None:
        (level,) = self._animation.values
        half, middle = meter.height() / 2, meter.center().y()
        line = max(2.0, 0.008 * self.height())
        known = not math.isnan(level)
        painter.fillRect(meter, QColor(palette.surface if known else palette.untracked_shade))
        if level > 0:
            bar = QRectF(meter.left(), middle - half * level, meter.width(), half * level)
            painter.fillRect(bar, QColor(palette.in_phase))
        elif level < 0:
            bar = QRectF(meter.left(), middle, meter.width(), -half * level)
            fill_anti_phase(painter, bar, _STRIPE * self.height())
        painter.setPen(QPen(QColor(palette.outline), line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(meter)
        over = 0.02 * self.height()
        axis = QRectF(meter.left() - over, middle - line / 2, meter.width() + 2 * over, line)
        painter.fillRect(axis, QColor(palette.text))

    def _paint_words(self, painter: QPainter, room: QRectF, palette: Palette) -> None:
        side = min(self.width(), self.height())
        bold = QFont(self.font())
        bold.setBold(True)
        smallest = _SMALLEST * side / _capitals(bold)
        parts = []
        for said, font, share, most, least, colour in (
            (self.words[0], bold, 0.7, _LARGEST * side, smallest, palette.text),
            (self.words[1], self.font(), 0.3, _SMALLER * side, side / 20, palette.dim_text),
        ):
            text = said.replace("-", _UNBROKEN)
            space = QRectF(0, 0, room.width(), share * room.height())
            fitted = fit_font(font, text, space, most, math.ceil(least))
            metrics = QFontMetricsF(fitted)
            # A name that is too long even alone on its line loses its end.
            words = [metrics.elidedText(word, _ELIDED, room.width()) for word in text.split()]
            whole = " ".join(words)
            needed = metrics.boundingRect(space, _WRAPPED, whole).height() if whole else 0.0
            parts.append((whole, fitted, QColor(colour), needed))
        top = room.center().y() - sum(needed for *_, needed in parts) / 2
        for whole, fitted, shade, needed in parts:
            painter.setFont(fitted)
            painter.setPen(shade)
            painter.drawText(QRectF(room.left(), top, room.width(), needed), _WRAPPED, whole)
            top += needed

    def _describe(self) -> None:
        said = ", ".join(part for part in self.words if part)
        if said != self.accessibleDescription():
            self.setAccessibleDescription(said)


def _capitals(font: QFont) -> float:
    """Height of the font's capitals, as a share of its size."""
    return QFontMetricsF(sized_font(font, 100, bold=font.bold())).capHeight() / 100
