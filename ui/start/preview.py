"""Preview a source in a small widget before a session opens it."""

from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import closing
from functools import partial
from typing import Final

from PyQt6.QtCore import QObject, QPointF, QRectF, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from mirror._support.threads import run_in_thread
from mirror.capture import open_source
from mirror.capture.base import Frame, Source
from mirror.errors import SourceError
from mirror.skeleton import WHOLE_FRAME, place_frame
from ui.shell.theme import theme
from ui.widgets.build import timer
from ui.widgets.painting import WRAPPED, as_image, draw_text, inner_rect, paint_panel, paint_tag

Opener = Callable[[str], Source]

RETRY_MS: Final = 3000  # a source that could not be opened may be free after this time

_MIN_SPLIT: Final = 0.1
_SPLIT_STEP: Final = 0.01
_REFRESH_MS: Final = 100
_FREE_POLL_MS: Final = 30
_FREE_TIMEOUT_MS: Final = 3000
_CLOSE_TIMEOUT_S: Final = 3.0  # of a new reader, for the earlier ones to release their devices


class PreviewReader:
    """Reads frames of one source on a thread.

    Attributes cross between the threads without a lock: each is written by one thread only.
    """

    rate: float | None = None  # the source's nominal frames per second, if known

    def __init__(self, text: str, opener: Opener, after: "list[PreviewReader]") -> None:
        self.text = text
        self.newest: Frame | None = None
        self.frames = 0  # how many there were
        self.fault = ""  # why there is no frame; empty while there may be one
        self._opener = opener
        self._is_stopped = False
        self._source: Source | None = None
        self._closing: Future[None] | None = None
        self._work = run_in_thread(lambda: self._run(after), f"preview {text}")

    @property
    def finished(self) -> bool:
        return self._work.done() and (self._closing is None or self._closing.done())

    def stop(self) -> None:
        """Start releasing the device; `finished` tells when it is done."""
        self._is_stopped = True
        source = self._source
        if source is not None and self._closing is None:
            # A silent device blocks its reader until another thread closes it, and closing may
            # block too: not on the main thread.
            self._closing = run_in_thread(source.close, f"closing preview {self.text}")

    def wait(self, seconds: float) -> None:
        """Wait until it is finished, or for some seconds; called on another reader's thread."""
        wait([each for each in (self._work, self._closing) if each is not None], seconds)

    def _run(self, after: "list[PreviewReader]") -> None:
        # Two readers of one camera would find it in use by each other.
        for reader in after:
            reader.wait(_CLOSE_TIMEOUT_S)
        if self._is_stopped:
            return
        try:
            with closing(self._opener(self.text)) as source:
                self._source, self.rate = source, source.rate
                while not self._is_stopped and (frame := source.read()) is not None:
                    self.newest = frame
                    self.frames += 1
                    if not source.live:
                        return  # the first frame of a file is enough
                if not self._is_stopped:
                    self.fault = f"{self.text} sends no more frames."
        except SourceError as error:
            self.fault = error.window_text
        except Exception as error:  # whoever waits for a frame must not wait for ever
            self.fault = f"{self.text} cannot be shown: {error}"
            raise


class PreviewReaders(QObject):
    """All open preview readers, so that a session can wait until every device is free."""

    def __init__(self, opener: Opener = open_source, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._opener = opener
        self._open: list[PreviewReader] = []
        self._stopping: list[PreviewReader] = []

    @property
    def free(self) -> bool:
        """Whether every device has been released."""
        self._stopping = [reader for reader in self._stopping if not reader.finished]
        return not self._open and not self._stopping

    def when_free(self, step: Callable[[], object], waited_ms: int = 0) -> None:
        """Call `step` once every device is free, or after 3 s: opening then reports the problem."""
        if self.free or waited_ms >= _FREE_TIMEOUT_MS:
            step()
        else:
            waited_ms += _FREE_POLL_MS
            QTimer.singleShot(_FREE_POLL_MS, partial(self.when_free, step, waited_ms))

    def open(self, text: str) -> PreviewReader:
        """Read a source, which is opened once the readers that are stopping have finished."""
        reader = PreviewReader(text, self._opener, list(self._stopping))
        self._open.append(reader)
        return reader

    def stop(self, reader: PreviewReader) -> None:
        reader.stop()
        if reader in self._open:
            self._open.remove(reader)
            self._stopping.append(reader)


class Preview(QWidget):
    """Shows a source ten times a second, and a line between two people to drag, or move by keys."""

    split_moved = pyqtSignal()  # the user has moved the line between the two people
    answered = pyqtSignal()  # there is a new frame, or it is known why there is none

    def __init__(self, readers: PreviewReaders, name: str) -> None:
        super().__init__()
        self.split = 0.5  # where the line is, in widths of the frame
        self._readers = readers
        self.message = ""  # the text shown instead of a frame
        self._reader: PreviewReader | None = None
        self._shown: Frame | None = None
        self._image = QImage()
        self._halves: tuple[str, str] | None = None
        self._timer = timer(self, _REFRESH_MS, self._refresh)
        self._retry = timer(self, RETRY_MS, self._reopen, once=True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 100)
        self.setAccessibleName(f"Preview of {name}")
        theme().changed.connect(self.update)
        self._show_message("")

    @property
    def source(self) -> str:
        return "" if self._reader is None else self._reader.text

    @property
    def frame_s(self) -> float:
        """Seconds from one frame to the next; as at 30 frames a second where that is not known."""
        return 1 / ((self._reader and self._reader.rate) or 30.0)

    @property
    def has_frame(self) -> bool:
        return not self._image.isNull()

    @property
    def newest(self) -> tuple[Frame, int] | None:
        """The frame that is shown, and how many there were of this source."""
        if self._shown is None or self._reader is None:
            return None
        return self._shown, self._reader.frames

    def sizeHint(self) -> QSize:
        return QSize(320, 240)

    def open(self, text: str) -> None:
        if self.source != text:
            self.release(f"Opening {text}…")
            self._reader = self._readers.open(text)
            self._timer.start()

    def release(self, message: str = "") -> None:
        """Release the device, and show a message instead of a frame."""
        self._timer.stop()
        self._retry.stop()
        if self._reader is not None:
            self._readers.stop(self._reader)
            self._reader = None
        self._shown, self._image = None, QImage()
        self._show_message(message)

    def hold(self) -> None:
        """Release the device, and go on showing the frame, or why there is none."""
        image = self._image
        self.release(self.message)
        self._image = image

    @property
    def box(self) -> QRectF:
        """Where the frame is shown, in pixels of this widget."""
        size = (self._image.width() or 4, self._image.height() or 3)
        room = inner_rect(self).adjusted(1, 1, -1, -1)
        return QRectF(*place_frame(WHOLE_FRAME, size, room.getRect()))

    def set_halves(self, names: tuple[str, str] | None) -> None:
        """Draw a line between the left and the right person, with their names; None for no line."""
        self._halves = names
        has_line = names is not None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if has_line else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.SplitHCursor if has_line else Qt.CursorShape.ArrowCursor)
        self.setToolTip("Drag the line between the two people" if has_line else "")
        self.update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.buttons() == Qt.MouseButton.LeftButton:
            self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        box = self.box
        if event is not None and self._halves is not None and box.width() > 0:
            self.split = (event.position().x() - box.left()) / box.width()
            self._limit_split()

    def mouseReleaseEvent(self, _event: QMouseEvent | None) -> None:
        if self._halves is not None:
            self.split_moved.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        steps = {Qt.Key.Key_Left: -_SPLIT_STEP, Qt.Key.Key_Right: _SPLIT_STEP}
        if event is None or self._halves is None or event.key() not in steps:
            super().keyPressEvent(event)
            return
        self.split += steps[Qt.Key(event.key())]
        self._limit_split()
        self.split_moved.emit()

    def _limit_split(self) -> None:
        self.split = min(max(self.split, _MIN_SPLIT), 1 - _MIN_SPLIT)
        self.update()

    def _show_message(self, message: str) -> None:
        self.message = message
        self.setAccessibleDescription(message or "Live video")
        self.update()

    def _refresh(self) -> None:
        if (reader := self._reader) is None:
            return
        if reader.fault:
            self._image = QImage()
            self._timer.stop()
            self._retry.start()
            self._show_message(reader.fault)
            self.answered.emit()
        elif reader.newest is not None and reader.newest is not self._shown:
            self._shown = reader.newest
            self._image = as_image(self._shown.image)
            self._show_message("")
            self.answered.emit()

    def _reopen(self) -> None:
        if self._reader is not None:
            self._readers.stop(self._reader)
            self._reader = self._readers.open(self._reader.text)  # the message stays until then
            self._timer.start()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        frame = inner_rect(self)
        paint_panel(painter, frame)
        if self._image.isNull():
            room, colour = frame.adjusted(12, 8, -12, -8), theme().palette.dim_text
            draw_text(painter, self.font(), colour, room, self.message, WRAPPED)
            return
        box = self.box
        painter.drawImage(box, self._image)
        if self._halves is not None:
            self._paint_halves(painter, box, self._halves)

    def _paint_halves(self, painter: QPainter, box: QRectF, names: tuple[str, str]) -> None:
        middle = box.left() + self.split * box.width()
        for colour, width in (("#000000", 4.0), ("#ffffff", 2.0)):  # visible on any frame
            painter.setPen(QPen(QColor(colour), width))
            painter.drawLine(QPointF(middle, box.top()), QPointF(middle, box.bottom()))
        grip = QRectF(middle - 5, box.center().y() - 16, 10, 32)
        painter.setPen(QPen(QColor("#000000"), 2 if self.hasFocus() else 1))
        painter.setBrush(QColor(theme().palette.accent if self.hasFocus() else "#ffffff"))
        painter.drawRoundedRect(grip, 4, 4)
        sides = ((box.left(), middle), (middle, box.right()))
        for name, (left, right) in zip(names, sides, strict=True):
            paint_tag(painter, QPointF(left + 8, box.top() + 8), right - left - 16, name, "#000000")
