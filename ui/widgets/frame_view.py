"""A frame with a skeleton over it."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from mirror._support.opencv import cv2
from mirror.colours import rgb
from mirror.export.film.skeleton import draw_skeleton
from mirror.landmarks import Feed, Pose
from mirror.skeleton import WHOLE_FRAME, Extent, place_frame
from ui.shell.theme import theme
from ui.widgets.painting import WRAPPED, as_image, draw_text, inner_rect, paint_panel, paint_tag

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
        self._image: NDArray[np.uint8] | None = None
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
        return self._image is not None

    def sizeHint(self) -> QSize:
        return QSize(400, 300)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 90)

    def show_frame(self, image: NDArray[np.uint8] | None, pose: Pose | None) -> None:
        """Show a frame (RGB; None for a plain background) and its pose (None: unknown)."""
        self._image = None if self._skeleton_only else image
        self._pose = pose
        self._text = ""
        if pose is not None and pose.found:
            self._no_pose = NO_PERSON if pose.series is None else SERIES
        if self._image is None and (pose is None or pose.landmarks is None):
            self._text = NO_DATA if pose is None else self._no_pose
        self.update()

    def show_text(self, text: str) -> None:
        self._image, self._pose, self._extent = None, None, WHOLE_FRAME
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
        place, box, (width, height) = event.position(), self._box, self._size()
        x, y = (place.x() - box.left()) / box.width(), (place.y() - box.top()) / box.height()
        self.clicked.emit(x * width, y * height)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        is_enter = event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        marks = None if self._pose is None else self._pose.landmarks
        if event is None or not (is_enter and self._tag) or marks is None:
            super().keyPressEvent(event)
            return
        x, y = (marks[0, :2] * self._size()).tolist()
        self.clicked.emit(x, y)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        palette = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_panel(painter, inner_rect(self))
        inside = inner_rect(self).adjusted(1, 1, -1, -1)
        is_plain = self._image is None
        extent = self._extent if is_plain else WHOLE_FRAME
        box = QRectF(*place_frame(extent, self._size(), inside.getRect()))
        marks = None if self._pose is None else self._pose.landmarks
        if marks is not None or not is_plain:
            whole = (inside if is_plain else box).toRect()
            image = as_image(self._draw(whole, box))
            image.setDevicePixelRatio(self.devicePixelRatioF())
            painter.drawImage(whole.topLeft(), image)
        if self._tag and self._pose is not None and marks is not None:
            name = f"{self._tag}?" if self._pose.unsure else self._tag
            _paint_tag(painter, box, marks, name, self._colour())
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

    def _draw(self, room: QRect, box: QRectF) -> NDArray[np.uint8]:
        """Return the frame, or a plain ground, with the skeleton: `room` in the screen's pixels.

        OpenCV does this while other threads go on; Qt's painting keeps them waiting.
        """
        ratio, palette = self.devicePixelRatioF(), theme().palette
        width, height = (max(1, round(side * ratio)) for side in (room.width(), room.height()))
        ground = rgb(palette.surface) if self._image is None else None
        if self._image is None:
            drawn = np.full((height, width, 3), ground, np.uint8)
        else:
            # Linear: means of areas take ten times as long.
            drawn = cv2.resize(self._image, (width, height)).astype(np.uint8, copy=False)
        if self._pose is not None and self._pose.landmarks is not None:
            corner = box.topLeft() - QPointF(room.topLeft())
            draw_skeleton(
                drawn,
                self._pose.landmarks,
                rgb(self._colour()),
                (ratio * corner.x(), ratio * corner.y(), ratio * box.width(), ratio * box.height()),
                on_dark=self._image is None and palette.name == "dark",
                alike=self._alike,
                ground=ground,
                ratio=ratio,
            )
        return drawn

    def _colour(self) -> str:
        return theme().palette.person_a if self._feed == "a" else theme().palette.person_b

    def _size(self) -> tuple[float, float]:
        """Return width and height of the frame."""
        if self._image is not None:
            return self._image.shape[1], self._image.shape[0]
        return (4, 3) if self._pose is None else (self._pose.width, self._pose.height)


def _paint_tag(
    painter: QPainter, box: QRectF, landmarks: NDArray[np.float32], name: str, colour: str
) -> None:
    """Write a name above a person's head, within the tile."""
    x, top = float(landmarks[0, 0]), float(landmarks[:, 1].min())
    room = QRectF(painter.viewport()).adjusted(2, 2, -2, -22)
    # One pixel more, as the advance is rounded: a name that has room is not cut.
    width = min(room.width(), painter.fontMetrics().horizontalAdvance(name) + 13)
    left = min(max(room.left(), box.left() + x * box.width() - width / 2), room.right() - width)
    corner = QPointF(left, max(room.top(), min(box.top() + top * box.height() - 40, room.bottom())))
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
