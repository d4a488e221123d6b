"""What a camera sees, small and slowly, before a session takes it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QObject, QPointF, QRectF, QSize, Qt, QTimer
from PyQt6.QtGui import QColor, QFont, QImage, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from mirror._support.threads import run_in_thread
from mirror.errors import SourceError
from ui.shell.theme import theme

if TYPE_CHECKING:
    from mirror.capture.base import Frame, Source

Opener = Callable[[str], "Source"]

_PICTURE_MS: Final = 100  # ten pictures a second show who is in front of which camera
RETRY_MS: Final = 3000
"""After so long a source that could not be opened is tried again: it may be free by then."""

_FREE_MS: Final = 30
_PATIENCE_MS: Final = 3000

_FREED_WITHIN: Final = 3.0
"""How long a new look waits for the devices of the earlier ones, s."""


def opened(text: str) -> Source:
    """Open a source; slow, so never on the window's own thread."""
    from mirror.capture import open_source

    return open_source(text)


class Look:
    """One source that is open to be looked at, on a thread of its own.

    Single values, each written by one side only, cross between the threads.

    Attributes
    ----------
    newest : Frame or None
        The picture that came last.
    fault : str
        Why there is none, in words; empty while there may be.
    """

    def __init__(self, text: str, opener: Opener, after: list[Look]) -> None:
        self.text = text
        self.newest: Frame | None = None
        self.fault = ""
        self._opener = opener
        self._unwanted = False
        self._source: Source | None = None
        self._closing: Future[None] | None = None
        self._work = run_in_thread(lambda: self._run(after), f"preview {text}")

    @property
    def over(self) -> bool:
        """Whether the device is free again."""
        return self._work.done() and (self._closing is None or self._closing.done())

    def end(self) -> None:
        """Let go of the device, soon; `over` says when."""
        self._unwanted = True
        source = self._source
        if source is not None and self._closing is None:
            # A device that sends nothing keeps its reader waiting until somebody else closes it,
            # and closing waits for the device: that is nothing for the window's own thread.
            self._closing = run_in_thread(source.close, f"closing preview {self.text}")

    def wait(self, seconds: float) -> None:
        """On another look's thread: wait until it is over, but not for ever."""
        wait([each for each in (self._work, self._closing) if each is not None], seconds)

    def _run(self, after: list[Look]) -> None:
        # Two looks at one camera would find it taken by each other.
        for look in after:
            look.wait(_FREED_WITHIN)
        if self._unwanted:
            return
        try:
            with closing(self._opener(self.text)) as source:
                self._source = source
                while not self._unwanted and (frame := source.read()) is not None:
                    self.newest = frame
                    if not source.live:
                        return  # of a file, the first picture says what it is
                if not self._unwanted:
                    self.fault = f"{self.text} sends no more pictures."
        except SourceError as error:
            self.fault = str(error)


class Looks(QObject):
    """All that is being looked at, so that a session can wait until every device is free."""

    def __init__(self, opener: Opener = opened, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._opener = opener
        self._open: list[Look] = []
        self._ending: list[Look] = []

    @property
    def free(self) -> bool:
        """Whether every device has been let go of."""
        self._ending = [look for look in self._ending if not look.over]
        return not self._open and not self._ending

    def when_free(self, step: Callable[[], object], waited_ms: int = 0) -> None:
        """Do that once every device is free; after 3 s all the same: opening says what is wrong."""
        if self.free or waited_ms >= _PATIENCE_MS:
            step()
        else:
            QTimer.singleShot(_FREE_MS, partial(self.when_free, step, waited_ms + _FREE_MS))

    def at(self, text: str) -> Look:
        """Look at a source; it is opened once what was looked at before is free."""
        look = Look(text, self._opener, list(self._ending))
        self._open.append(look)
        return look

    def end(self, look: Look) -> None:
        """Look at it no longer."""
        look.end()
        if look in self._open:
            self._open.remove(look)
            self._ending.append(look)


class Preview(QWidget):
    """A small picture of a source, ten times a second.

    Parameters
    ----------
    looks : Looks
        Where its source is opened.
    name : str
        Whose picture it is, for screen readers.
    """

    def __init__(self, looks: Looks, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._looks = looks
        self._name = name
        self._look: Look | None = None
        self._words = ""
        self._shown: Frame | None = None
        self._image = QImage()
        self._halves: tuple[str, str] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_PICTURE_MS)
        self._timer.timeout.connect(self._refresh)
        self._retry = QTimer(self)
        self._retry.setSingleShot(True)
        self._retry.setInterval(RETRY_MS)
        self._retry.timeout.connect(self._look_again)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setSizePolicy(policy)
        self.setMinimumSize(160, 120)
        theme().changed.connect(self.update)
        self._say("")

    @property
    def text(self) -> str:
        """The source that is looked at; empty for none."""
        return "" if self._look is None else self._look.text

    @property
    def words(self) -> str:
        """What stands in place of a picture."""
        return self._words

    @property
    def has_picture(self) -> bool:
        """Whether a picture is shown."""
        return not self._image.isNull()

    def sizeHint(self) -> QSize:
        return QSize(320, 240)

    def look_at(self, text: str) -> None:
        """Show a source from now on."""
        if self.text == text:
            return
        self.release(f"Opening {text} …")
        self._look = self._looks.at(text)
        self._timer.start()

    def release(self, words: str = "") -> None:
        """Show words and no picture, and let go of the device."""
        self._timer.stop()
        self._retry.stop()
        if self._look is not None:
            self._looks.end(self._look)
            self._look = None
        self._shown, self._image = None, QImage()
        self._say(words)

    def set_halves(self, names: tuple[str, str] | None) -> None:
        """Draw a line down the middle, with the names of the left and the right person."""
        self._halves = names
        self.update()

    def _say(self, words: str) -> None:
        self._words = words
        self.setAccessibleName(f"Preview of {self._name}")
        self.setAccessibleDescription(words or "A live picture")
        self.update()

    def _refresh(self) -> None:
        look = self._look
        if look is None:
            return
        if look.fault:
            self._image = QImage()
            self._timer.stop()
            self._retry.start()
            self._say(look.fault)
        elif look.newest is not None and look.newest is not self._shown:
            self._shown = look.newest
            height, width = self._shown.image.shape[:2]
            self._image = QImage(
                self._shown.image.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888
            ).copy()
            self._say("")

    def _look_again(self) -> None:
        if self._look is not None:
            self._looks.end(self._look)
            self._look = self._looks.at(self._look.text)  # the words stay until it has succeeded
            self._timer.start()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        palette = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(palette.border)))
        painter.setBrush(QColor(palette.surface))
        painter.drawRoundedRect(frame, 6, 6)
        if self._image.isNull():
            painter.setPen(QColor(palette.dim_text))
            painter.drawText(
                frame.adjusted(12, 8, -12, -8),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                self._words,
            )
            return
        box = self._fitted(frame.adjusted(1, 1, -1, -1))
        painter.drawImage(box, self._image)
        if self._halves is not None:
            self._paint_halves(painter, box, self._halves)

    def _fitted(self, frame: QRectF) -> QRectF:
        scale = min(frame.width() / self._image.width(), frame.height() / self._image.height())
        size = self._image.width() * scale, self._image.height() * scale
        box = QRectF(0, 0, *size)
        box.moveCenter(frame.center())
        return box

    def _paint_halves(self, painter: QPainter, box: QRectF, names: tuple[str, str]) -> None:
        middle = box.center().x()
        for colour, width in (("#000000", 4.0), ("#ffffff", 2.0)):  # seen over any picture
            painter.setPen(QPen(QColor(colour), width))
            painter.drawLine(QPointF(middle, box.top()), QPointF(middle, box.bottom()))
        font = QFont(self.font())
        font.setBold(True)
        painter.setFont(font)
        for name, left in zip(names, (box.left(), middle), strict=True):
            wide = painter.fontMetrics().horizontalAdvance(name) + 16
            tag = QRectF(left + 8, box.top() + 8, min(wide, box.width() / 2 - 16), 24)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(0, 0, 0, 190))
            painter.drawRoundedRect(tag, 4, 4)
            painter.setPen(QColor("#ffffff"))
            painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, name)
