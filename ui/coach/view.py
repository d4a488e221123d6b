"""The coach view: one meter and a few words, readable across the room."""

import math
from typing import Any, Final

from PyQt6 import QtGui
from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtWidgets import QWidget

from mirror.skeleton import WHOLE_FRAME, place_frame
from mirror.summary import follower, shown_kind
from mirror.timeline import Score, State
from mirror.wording import SHARES
from ui.shell.palette import Palette
from ui.shell.shortcuts import Keys
from ui.shell.theme import theme
from ui.widgets.build import timer
from ui.widgets.meters import Meters
from ui.widgets.painting import WRAPPED, as_image, draw_text, fit_font, sized_font, smooth_painter
from ui.widgets.timeline.paint import state_text

# Lengths in heights of the screen.
_MARGIN: Final = 0.06
_METER_WIDTH: Final = 0.34  # beside the words
_METER_HEIGHT: Final = 0.55  # above the words, on a portrait screen
# Sizes of the words in lengths of the screen's shorter side.
_MAX_MAIN: Final = 0.21
_MAX_DETAIL: Final = 0.11
_MIN_CAPITALS: Final = 1 / 12  # height of capitals in the main words
_NOTE_MS: Final = 1500
_NO_BREAK_HYPHEN: Final = "\N{NON-BREAKING HYPHEN}"
_ELIDED: Final = Qt.TextElideMode.ElideRight

LEAVE: Final = "Esc: close this view"
SCREENS: Final = "  ·  ← →: other screen"


def short_texts(score: Score | None, a: str = "A", b: str = "B") -> tuple[str, str]:
    """Return a score in one or two words, and a detail or ""; `a` and `b` are the names."""
    if score is None:
        return "No score", ""
    if score.state is not State.OK:
        if absent := {State.NO_PERSON_A: a, State.NO_PERSON_B: b}.get(score.state):
            return f"{absent} is not seen", "clearly"
        return state_text(score.state).capitalize(), ""
    behind, kind = follower(score, (a, b)), shown_kind(score)
    if behind is None:
        return SHARES.get(kind, "As by chance"), ""
    name, seconds = behind
    if kind == "in_phase":
        return SHARES[kind], f"{name} follows {seconds:.1f} s"
    return f"{name} follows", f"{seconds:.1f} s"


class CoachView(QWidget):
    """A full-screen window with two bars and a few words.

    The first bar grows from a middle line upwards in phase, solid, and downwards in anti-phase,
    striped; the second, narrower, from below with mirroring, dotted. Escape and the shortcut of the
    coach view close it. It opens on another screen than its parent's, if there is one.
    """

    def __init__(self, keys: Keys, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._score: Score | None = None
        self._text = ""
        self._note_timer = timer(self, _NOTE_MS, lambda: self.show_note(""), once=True)
        self._note = self._cue = self._doing = ""
        self._names = ("A", "B")
        self._image: Any = None  # what to copy, uint8 [height, width, 3]
        self.meters = Meters(self)
        self.meters.show_kinds("mirroring")
        self.setWindowTitle("Coach view")
        self.setAccessibleName("Coach view")
        self.setCursor(Qt.CursorShape.BlankCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        keys.action(self, "coach view", self.close)
        theme().changed.connect(self.update)
        self._describe()

    @property
    def texts(self) -> tuple[str, str]:
        """The main words, and the smaller ones below."""
        main, detail = (self._text, "") if self._text else short_texts(self._score, *self._names)
        if self._doing and not self._text:
            main, detail = self._cue or main, self._doing
        return main, self._note or detail

    def sizeHint(self) -> QSize:
        return QSize(1280, 720)

    def show_score(self, score: Score | None) -> None:
        self._score, self._text = score, ""
        self.meters.show_score(score)
        self._describe()

    def show_text(self, text: str) -> None:
        """Show a text until the next score."""
        self.show_score(None)
        self._text = text
        self._describe()

    def show_note(self, text: str) -> None:
        """Show a note below the main words for a moment."""
        self._note = text
        if text:
            self._note_timer.start()
        self._describe()

    def show_practice(self, cue: str, doing: str, image: Any = None) -> None:
        """Show an exercise's cue, time left and image in place of the score's words, or neither."""
        if (cue, doing) != (self._cue, self._doing):
            self._cue, self._doing, self._image = cue, doing, image
            self._describe()

    def set_names(self, a: str, b: str) -> None:
        self._names = (a, b)
        self.meters.set_names(a, b)
        self._describe()

    def setVisible(self, visible: bool) -> None:
        owner = self.parentWidget()
        if visible and not self.isVisible() and owner is not None:
            self._move_on(owner.screen())
        super().setVisible(visible)

    def _move_on(self, screen: QtGui.QScreen | None) -> None:
        """Fill the screen after a given one, so that the window stays with the trainer."""
        screens = QtGui.QGuiApplication.screens()
        if screen in screens:
            there, states = screens[(screens.index(screen) + 1) % len(screens)], self.windowState()
            self.setWindowState(Qt.WindowState.WindowNoState)  # else it may keep its old place
            self.setScreen(there)
            self.setGeometry(there.geometry())
            self.setWindowState(states)

    def keyPressEvent(self, event: QtGui.QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event is not None and event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Left):
            self._move_on(self.screen())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QtGui.QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.meters.setGeometry(self._rooms()[0].toRect())

    def _rooms(self) -> tuple[QRectF, QRectF]:
        """Return where the meter is, and the words: beside it, or below on a portrait screen."""
        margin = _MARGIN * self.height()
        meter = QRectF(self.rect()).adjusted(margin, margin, -margin, -margin)
        words = QRectF(meter)
        if self.width() > self.height():
            meter.setWidth(_METER_WIDTH * self.height())
            words.setLeft(meter.right() + margin)
        else:
            meter.setHeight(_METER_HEIGHT * self.height())
            words.setTop(meter.bottom() + margin)
        return meter, words

    def paintEvent(self, _event: QtGui.QPaintEvent | None) -> None:
        palette = theme().palette
        painter = smooth_painter(self)
        painter.fillRect(self.rect(), QtGui.QColor(palette.background))
        margin, words = _MARGIN * self.height(), self._rooms()[1]
        if self._image is not None:
            image, above = as_image(self._image), QRectF(words)
            words.setTop(words.center().y())
            above.setBottom(words.top())
            size = (image.width(), image.height())
            painter.drawImage(QRectF(*place_frame(WHOLE_FRAME, size, above.getRect())), image)
        self._paint_texts(painter, words, palette)
        keys = LEAVE + (SCREENS if len(QtGui.QGuiApplication.screens()) > 1 else "")
        room = QRectF(words.left(), self.height() - 0.8 * margin, words.width(), 0.6 * margin)
        font = sized_font(self.font(), 0.4 * margin)
        draw_text(painter, font, palette.dim_text, room, keys, Qt.AlignmentFlag.AlignRight)

    def _paint_texts(self, painter: QtGui.QPainter, room: QRectF, palette: Palette) -> None:
        side = min(self.width(), self.height()) / (1 if self._image is None else 2)
        bold = sized_font(self.font(), 100, bold=True)
        capitals = QtGui.QFontMetricsF(bold).capHeight() / 100
        main_min = _MIN_CAPITALS * side / capitals
        parts = []
        for text, font, share, largest, smallest, colour in (
            (self.texts[0], bold, 0.7, _MAX_MAIN * side, main_min, palette.text),
            (self.texts[1], self.font(), 0.3, _MAX_DETAIL * side, side / 20, palette.dim_text),
        ):
            words = text.replace("-", _NO_BREAK_HYPHEN)
            space = QRectF(0, 0, room.width(), share * room.height())
            fitted = fit_font(font, words, space, largest, math.ceil(smallest))
            metrics = QtGui.QFontMetricsF(fitted)
            # A word that is wider than the room is elided.
            elided = [metrics.elidedText(word, _ELIDED, room.width()) for word in words.split()]
            line = " ".join(elided)
            height = metrics.boundingRect(space, int(WRAPPED), line).height() if line else 0.0
            parts.append((line, fitted, colour, height))
        top = room.center().y() - sum(height for *_, height in parts) / 2
        for line, fitted, colour, height in parts:
            area = QRectF(room.left(), top, room.width(), height)
            draw_text(painter, fitted, colour, area, line, WRAPPED)
            top += height

    def _describe(self) -> None:
        text = ", ".join(part for part in self.texts if part)
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
        self.update()
