"""A picture with a skeleton over it, as large as there is room for."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, QSize, QSizeF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QPixmap
from PyQt6.QtWidgets import QSizePolicy, QWidget

from mirror.landmarks import Feed, Pose
from ui.shell.theme import theme
from ui.widgets.skeleton import paint_skeleton

NOBODY: Final = "Nobody in the picture"
SERIES: Final = "A plain series, without a picture"
NO_PICTURE: Final = "No picture yet"
NOTHING: Final = "Nothing from this moment"

_MARGIN: Final = 12
_CORNER: Final = 6.0


class Picture(QWidget):
    """The newest picture of a feed, its skeleton, or words where there is neither.

    Parameters
    ----------
    feed : {"a", "b"}
        Whose it is: it decides on the skeleton's colour.
    """

    def __init__(self, feed: Feed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._feed = feed
        self._image = QImage()
        self._scaled = QPixmap()
        self._pose: Pose | None = None
        self._words = NO_PICTURE
        self._absent = NOBODY  # what a moment without a skeleton is called
        self._fault = ""
        self._skeleton_only = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.update)

    @property
    def words(self) -> str:
        """What is written in place of a picture or over the last one; empty for nothing."""
        return self._fault or self._words

    @property
    def has_picture(self) -> bool:
        """Whether a camera's picture is shown, and so kept."""
        return not self._image.isNull()

    def sizeHint(self) -> QSize:
        return QSize(400, 300)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 90)

    def show_picture(self, image: NDArray[np.uint8] | None, pose: Pose | None) -> None:
        """Show a picture (RGB; None for plain ground) and the pose in it (None: not known)."""
        self._keep(None if self._skeleton_only else image)
        self._pose = pose
        self._words = ""
        if pose is not None and pose.found:
            self._absent = NOBODY if pose.series is None else SERIES
        if self._image.isNull():
            if pose is None:
                self._words = NOTHING
            elif pose.landmarks is None:
                self._words = self._absent
        self.update()

    def show_words(self, text: str) -> None:
        """Show words in place of picture and skeleton."""
        self._keep(None)
        self._pose = None
        self._words, self._fault = text, ""
        self.update()

    def set_fault(self, text: str) -> None:
        """Write over the last picture why no more will come; empty where they do."""
        if text != self._fault:
            self._fault = text
            self.update()

    def set_skeleton_only(self, only: bool) -> None:
        """Keep no picture from now on, nor the last one; or show them again as they come."""
        self._skeleton_only = only
        if only and self.has_picture:
            self.show_picture(None, self._pose)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        palette = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(palette.border), 1))
        painter.setBrush(QColor(palette.surface))
        painter.drawRoundedRect(ground, _CORNER, _CORNER)
        inside = ground.adjusted(1, 1, -1, -1)
        box = _fitted(self._size(), inside)
        if not self._image.isNull():
            painter.drawPixmap(box.topLeft(), self._to_scale(box.size()))
        if self._pose is not None and self._pose.landmarks is not None:
            colour = palette.person_a if self._feed == "a" else palette.person_b
            paint_skeleton(painter, self._pose.landmarks, box, colour)
        if self._fault and self._words == "":
            _paint_over(painter, inside, self._fault)
        elif self.words:
            painter.setPen(QColor(palette.error if self._fault else palette.dim_text))
            painter.drawText(
                inside.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN), _CENTRED, self.words
            )

    def _keep(self, image: NDArray[np.uint8] | None) -> None:
        self._scaled = QPixmap()
        if image is None:
            self._image = QImage()
            return
        height, width = image.shape[:2]
        rgb = QImage(image.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
        # QImage only borrows what it is given; converting copies it, to what Qt scales fastest.
        self._image = rgb.convertToFormat(QImage.Format.Format_RGB32)

    def _size(self) -> QSizeF:
        if not self._image.isNull():
            return QSizeF(self._image.size())
        if self._pose is not None:
            return QSizeF(self._pose.width, self._pose.height)
        return QSizeF(4, 3)

    def _to_scale(self, size: QSizeF) -> QPixmap:
        """The picture in the screen's own pixels; made once, however often it is painted."""
        grain = self.devicePixelRatioF()
        pixels = (size * grain).toSize().expandedTo(QSize(1, 1))
        if self._scaled.size() != pixels or self._scaled.devicePixelRatio() != grain:
            self._scaled = QPixmap(pixels)
            painter = QPainter(self._scaled)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(0, 0, pixels.width(), pixels.height()), self._image)
            painter.end()
            self._scaled.setDevicePixelRatio(grain)
        return self._scaled


_CENTRED: Final = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap


def _fitted(size: QSizeF, frame: QRectF) -> QRectF:
    """The largest rectangle of these proportions in the middle of the frame."""
    box = QRectF()
    box.setSize(size.scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio))
    box.moveCenter(frame.center())
    return box


def _paint_over(painter: QPainter, frame: QRectF, text: str) -> None:
    """Write on a dark band along the bottom, readable over any picture."""
    room = frame.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
    needed = painter.boundingRect(room, _CENTRED, text)
    band = QRectF(frame)
    band.setTop(max(frame.top(), frame.bottom() - needed.height() - 2 * _MARGIN))
    painter.fillRect(band, QColor(0, 0, 0, 205))
    painter.setPen(QColor("#ffffff"))
    painter.drawText(band.adjusted(_MARGIN, 0, -_MARGIN, 0), _CENTRED, text)
