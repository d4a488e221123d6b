"""A frame with a skeleton over it."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from mirror.landmarks import Feed, Pose
from mirror.skeleton import WHOLE_FRAME, Extent, place_frame
from ui.shell.theme import theme
from ui.widgets.painting import WRAPPED, as_image, draw_text, inner_rect, paint_panel, paint_tag
from ui.widgets.skeleton import paint_skeleton

NO_PERSON: Final = "No person in view"
SERIES: Final = "Plain series, no video"
NO_FRAME: Final = "No frame yet"
NO_DATA: Final = "No data at this time"

_MARGIN: Final = 12


class FrameView(QWidget):
    """Shows the newest frame of a feed and its skeleton, or a text."""

    clicked = pyqtSignal(float, float)  # a place in a frame of two people, x and y in its pixels

    def __init__(self, feed: Feed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._feed = feed
        self._image = QImage()
        self._pose: Pose | None = None
        self._text = NO_FRAME
        self._no_pose = NO_PERSON  # text where a pose has no landmarks
        self._fault = ""
        self._skeleton_only = False
        self._alike: frozenset[str] = frozenset()
        self._extent = WHOLE_FRAME
        self._tag = ""
        self._box = QRectF()  # of the whole frame
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.update)

    @property
    def text(self) -> str:
        """The text shown in place of a frame or over the last one."""
        return self._fault or self._text

    @property
    def has_frame(self) -> bool:
        return not self._image.isNull()

    def sizeHint(self) -> QSize:
        return QSize(400, 300)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 90)

    def show_frame(self, image: NDArray[np.uint8] | None, pose: Pose | None) -> None:
        """Show a frame (RGB; None for a plain background) and its pose (None: unknown)."""
        self._image = QImage() if image is None or self._skeleton_only else as_image(image)
        self._pose = pose
        self._text = ""
        if pose is not None and pose.found:
            self._no_pose = NO_PERSON if pose.series is None else SERIES
        if self._image.isNull():
            if pose is None:
                self._text = NO_DATA
            elif pose.landmarks is None:
                self._text = self._no_pose
        self.update()

    def show_text(self, text: str) -> None:
        self._image = QImage()
        self._pose, self._extent = None, WHOLE_FRAME
        self._text, self._fault = text, ""
        self.update()

    def show_alike(self, regions: frozenset[str]) -> None:
        """Mark the person's regions whose posture matches the other's."""
        if regions != self._alike:
            self._alike = regions
            self.update()

    def set_fault(self, text: str) -> None:
        """Show over the last frame why there are no more; with an empty text, remove that."""
        if text != self._fault:
            self._fault = text
            self.update()

    def set_extent(self, extent: Extent) -> None:
        """Let this part of the frame fill the view wherever no frame is shown."""
        self._extent = extent
        self.update()

    def set_skeleton_only(self, only: bool) -> None:
        """Show no frames and drop the last one, or show frames again from the next one on."""
        self._skeleton_only = only
        if only and self.has_frame:
            self.show_frame(None, self._pose)

    def set_tag(self, name: str) -> None:
        """Write a name at the person, and take clicks, as two people are in the frame."""
        self._tag = name
        is_shared = bool(name)
        shape = Qt.CursorShape.PointingHandCursor if is_shared else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)
        tip = "Click on a person, or press Enter for this one, to say who it is"
        self.setToolTip(tip if is_shared else "")
        policy = Qt.FocusPolicy
        self.setFocusPolicy(policy.TabFocus if is_shared else policy.NoFocus)
        self.update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        is_left = event is not None and event.button() == Qt.MouseButton.LeftButton
        if event is None or not (is_left and self._tag and self._box.contains(event.position())):
            super().mousePressEvent(event)
            return
        place, box, size = event.position(), self._box, self._size()
        x, y = (place.x() - box.left()) / box.width(), (place.y() - box.top()) / box.height()
        self.clicked.emit(x * size.width(), y * size.height())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        is_enter = event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        marks = None if self._pose is None else self._pose.landmarks
        if event is None or not (is_enter and self._tag) or marks is None:
            super().keyPressEvent(event)
            return
        x, y = marks[0, :2].tolist()
        self.clicked.emit(x * self._size().width(), y * self._size().height())

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        palette = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_panel(painter, inner_rect(self))
        inside = inner_rect(self).adjusted(1, 1, -1, -1)
        is_plain = self._image.isNull()
        extent, size = self._extent if is_plain else WHOLE_FRAME, self._size()
        area = (inside.left(), inside.top(), inside.width(), inside.height())
        box = QRectF(*place_frame(extent, (size.width(), size.height()), area))
        if not is_plain:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(box.toRect(), self._image)
        if self._pose is not None and self._pose.landmarks is not None:
            colour = palette.person_a if self._feed == "a" else palette.person_b
            on_dark = is_plain and palette.name == "dark"
            room = inside if is_plain else box
            paint_skeleton(
                *(painter, self._pose.landmarks, box, colour),
                room=room,
                on_dark=on_dark,
                alike=self._alike,
            )
            if self._tag:
                name = f"{self._tag}?" if self._pose.unsure else self._tag
                _paint_tag(painter, box, self._pose.landmarks, name, colour)
        self._box = box
        if self.hasFocus():
            painter.setPen(QPen(QColor(palette.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(inside)
        if self._fault and not self._text:
            _paint_over(painter, inside, self._fault)
        elif self.text:
            colour = palette.error if self._fault else palette.dim_text
            room = inside.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
            draw_text(painter, self.font(), colour, room, self.text, WRAPPED)

    def _size(self) -> QSizeF:
        if not self._image.isNull():
            return QSizeF(self._image.size())
        if self._pose is not None:
            return QSizeF(self._pose.width, self._pose.height)
        return QSizeF(4, 3)


def _paint_tag(
    painter: QPainter, box: QRectF, landmarks: NDArray[np.float32], name: str, colour: str
) -> None:
    """Write a name above a person's head."""
    x, top = float(landmarks[0, 0]), float(landmarks[:, 1].min())
    width = min(box.width(), painter.fontMetrics().horizontalAdvance(name) + 12)
    left = min(max(box.left(), box.left() + x * box.width() - width / 2), box.right() - width)
    corner = QPointF(left, max(box.top(), box.top() + top * box.height() - 40))
    paint_tag(painter, corner, width, name, colour)


def _paint_over(painter: QPainter, area: QRectF, text: str) -> None:
    """Write on a dark band along the bottom, readable over any frame."""
    room = area.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
    needed = painter.boundingRect(room, int(WRAPPED), text)
    band = QRectF(area)
    band.setTop(max(area.top(), area.bottom() - needed.height() - 2 * _MARGIN))
    painter.fillRect(band, QColor(0, 0, 0, 205))
    draw_text(
        painter, painter.font(), "#ffffff", band.adjusted(_MARGIN, 0, -_MARGIN, 0), text, WRAPPED
    )
