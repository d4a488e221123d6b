"""What to do now, for how long, and how long the goal is held; and the results of the rounds."""

import math
from typing import Final

from PyQt6.QtCore import QLineF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPen, QPixmap
from PyQt6.QtWidgets import QFrame, QLabel, QWidget

from mirror.practice.goal import Attempt
from mirror.practice.run import Status
from mirror.timeline import Score, State
from mirror.wording import NO_BREAK, number
from ui.shell.theme import theme
from ui.widgets.build import button, dim, horizontal, vertical
from ui.widgets.labels import ElidedLabel, WrappedLabel
from ui.widgets.painting import PaintedWidget, as_image, draw_text, sized_font

_MOST_RESULTS: Final = 5  # listed
_NOTE: Final = """A goal "above chance" is the pair's own chance level, which moves as they do.
A round counts once a whole window of it is there; so it does after a pause."""
_PICTURE: Final = QSize(160, 84)  # room for it
_FITTED: Final = (Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)


class HoldBar(PaintedWidget):
    """How long the goal is held, as a share of what is asked for; a line is the longest hold."""

    hint = QSize(300, 30)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Goal", parent)
        self.setFixedHeight(30)
        self.setMinimumWidth(120)
        self.show_attempt(None)

    def show_attempt(self, attempt: Attempt | None, row: Score | None = None) -> None:
        """Show an attempt, of which `row` is the newest."""
        self._attempt, self._row = attempt, row
        self.describe(self.text, _NOTE)
        self.update()

    @property
    def text(self) -> str:
        attempt, row = self._attempt, self._row
        if attempt is None:
            return ""
        wait = attempt.start_s + attempt.window_s - attempt.time_s
        if wait > 1e-6:
            return f"Counts in {math.ceil(min(wait, attempt.window_s))}{NO_BREAK}s"
        if attempt.met is None:
            state = row and (row.posture_state if attempt.goal.is_of_posture else row.state)
            level = attempt.goal.level(row) if row and state == State.OK else 0.0
            if level >= 1.0:
                return f"Not judged: chance is {number(level)}"
            return "No chance level yet" if math.isnan(level) else "No score"
        held = f"{number(attempt.held_s, 1)} of {attempt.goal.hold_s:g}{NO_BREAK}s"
        return f"Held {held}{' · held once ✓' if attempt.success else ''}"

    def paint_foreground(self, painter: QPainter) -> None:
        attempt, palette = self._attempt, theme().palette
        if attempt is None:
            return
        whole = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        needed = max(attempt.goal.hold_s, 0.1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.raised))
        painter.drawRoundedRect(whole, 4, 4)
        filled = QRectF(whole)
        filled.setWidth(whole.width() * min(1.0, attempt.held_s / needed))
        painter.setBrush(QColor(palette.accent))
        painter.drawRoundedRect(filled, 4, 4)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        style = Qt.PenStyle.DashLine if attempt.met is None else Qt.PenStyle.SolidLine
        painter.setPen(QPen(QColor(palette.outline), 1.5, style))
        painter.drawRoundedRect(whole, 4, 4)
        longest = whole.left() + whole.width() * min(1.0, attempt.longest_s / needed)
        painter.setPen(QPen(QColor(palette.text), 2))
        painter.drawLine(QLineF(longest, whole.top(), longest, whole.bottom()))
        font = sized_font(self.font(), 14, bold=True)
        for clip, colour in ((whole, palette.text), (filled, palette.on_accent)):
            painter.save()
            painter.setClipRect(clip)
            draw_text(painter, font, colour, whole, self.text, Qt.AlignmentFlag.AlignCenter)
            painter.restore()


class PracticeBar(QFrame):
    """The cue of an exercise in large letters, the time left, the goal, and the last results."""

    end_clicked = pyqtSignal()  # end the exercise, or the goal

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("practice")
        self._names = ("A", "B")
        self.status: Status | None = None
        self.picture = QLabel(self)
        self.picture.setAccessibleName("Pose to copy")
        self.cue = ElidedLabel(parent=self)
        self.time = QLabel(self)
        self.doing = dim(ElidedLabel(parent=self))
        self.hold = HoldBar(self)
        self.results = WrappedLabel(parent=self)
        self.again = button("Again", self, tip="Begin the exercise anew")
        self.summary = button("Summary", self, tip="End the session and show its summary")
        self.end = button("End", self, self._end)
        buttons = (self.again, self.summary, self.end)
        top = horizontal((self.cue, 3), self.time, (self.hold, 2), *buttons, spacing=14)
        texts = vertical(top, self.doing, self.results, spacing=2)
        horizontal(self.picture, (texts, 1), inside=self, margins=(14, 6, 10, 6), spacing=14)
        theme().follow(self._paint)
        self.hide()

    def set_names(self, a: str, b: str) -> None:
        self._names = (a, b)

    def show_status(self, status: Status | None) -> None:
        """Show where the exercise is; hide without one, or if it was closed."""
        before, self.status = self.status, status
        if status is None:
            self.hide()
            return
        is_new = before is None or before.exercise is not status.exercise
        if is_new:
            pixels = status.exercise.image
            self.picture.setHidden(pixels is None)
            if pixels is not None:
                ratio = self.devicePixelRatioF()
                image = as_image(pixels).scaled(_PICTURE * ratio, *_FITTED)
                image.setDevicePixelRatio(ratio)
                self.picture.setPixmap(QPixmap.fromImage(image))
        is_done = status.phase == "done"
        is_closed = self.isHidden() and not is_new
        if before is status or (is_closed and is_done):
            return
        cue = "" if is_done else status.cue or status.exercise.title
        self.cue.setText(cue or _score(status))
        self.time.setText(_time(status))
        goal = status.round.goal.describe(self._names)
        happening = "" if is_done else f" · {status.doing} · Goal: {goal}"
        has_end = math.isfinite(status.left_s)  # unlike a goal alone
        self.doing.setText(status.exercise.title + happening if has_end else goal)
        self.hold.show_attempt(status.attempt, status.score)
        self.hold.setVisible(status.attempt is not None)
        shown = status.results[-_MOST_RESULTS:] if is_done else status.results[-1:]
        is_between = is_done or status.phase in ("rest", "countdown")
        self.results.setText("\n".join(f"{each.round}: {each.describe()}" for each in shown))
        self.results.setVisible(is_between and bool(shown))
        for each in (self.again, self.summary):
            each.setVisible(is_done)
        self.end.setText("Close" if is_done else "End")
        self.end.setAccessibleName("Close the results" if is_done else "End the exercise")
        self.show()

    def _end(self) -> None:
        if self.status is not None and self.status.phase == "done":
            self.hide()
        else:
            self.end_clicked.emit()

    def _paint(self) -> None:
        palette = theme().palette
        self.setStyleSheet(
            f"#practice {{ background: {palette.surface}; border: 1px solid {palette.border};"
            f" border-left: 6px solid {palette.accent}; border-radius: 6px; }}"
        )
        self.cue.setStyleSheet(f"font-size: 24px; font-weight: 600; color: {palette.text};")
        self.time.setStyleSheet(f"font-size: 24px; font-weight: 600; color: {palette.accent};")


def _time(status: Status) -> str:
    if status.phase == "done" or math.isinf(status.left_s):
        return ""
    seconds = math.ceil(status.left_s - 1e-6)
    return str(seconds) if status.phase == "countdown" else f"{seconds}{NO_BREAK}s"


def _score(status: Status) -> str:
    held = sum(each.success is True for each in status.results)
    count = len(status.results)
    return f"Goal held in {held} of {count} rounds" if count > 1 else "Done"
