"""One feed: whose it is, the picture with the skeleton over it, and how the feed is doing."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from mirror.landmarks import Feed, Pose
from mirror.session.feeds import AT_ITS_END, FeedStatus
from ui.shell.theme import theme
from ui.widgets.picture import NO_PICTURE, NOBODY, Picture
from ui.words import percent

_POOR: Final = 0.8
"""Share of pictures with a person in them under which tracking is worth a warning."""


class FeedTile(QWidget):
    """A person's picture and skeleton, the name above and the feed's health around it.

    Parameters
    ----------
    parent : QWidget, optional
    feed : {"a", "b"}
        Whose it is: it decides on the skeleton's colour.
    """

    def __init__(self, parent: QWidget | None = None, *, feed: Feed = "a") -> None:
        super().__init__(parent)
        self._status: FeedStatus | None = None
        self._name = _Elided(self)
        font = self._name.font()
        font.setBold(True)
        self._name.setFont(font)
        self._seen = QLabel(self)
        self._picture = Picture(feed, self)
        self._quality = _Quality(self)
        self._share = QLabel(self)
        self._figures = _Elided(self)
        self._figures.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._share.setToolTip("Share of the pictures in which a person was found")
        self._figures.setToolTip("Pictures followed a second, and pictures passed over")
        for label in (self._share, self._figures):
            label.setProperty("dim", True)

        head, foot = QHBoxLayout(), QHBoxLayout()
        head.addWidget(_Swatch(feed, self))
        head.addWidget(self._name, 1)
        head.addWidget(self._seen)
        foot.addWidget(self._quality)
        foot.addWidget(self._share)
        foot.addWidget(self._figures, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._picture, 1)
        column.addLayout(foot)
        theme().changed.connect(self._tint)
        self.set_name(feed.upper())
        self.clear()

    @property
    def message(self) -> str:
        """The words in place of a picture, or over the last one; empty where there are none."""
        return self._picture.words

    @property
    def has_picture(self) -> bool:
        """Whether a camera's picture is shown, and so kept."""
        return self._picture.has_picture

    @property
    def status_text(self) -> str:
        """How the feed is doing, as it is written around the picture; empty where unknown."""
        if self._status is None:
            return ""
        return ", ".join((self._seen.text(), self._share.text(), self._figures.whole))

    def set_name(self, name: str) -> None:
        """What the person is called."""
        self._name.set_whole(name)
        self.setAccessibleName(f"Picture of {name}")

    def show_picture(self, image: NDArray[np.uint8] | None, pose: Pose | None) -> None:
        """Show a picture and what the tracker saw in it.

        Parameters
        ----------
        image : ndarray, uint8 [height, width, 3], or None
            RGB; it is copied. None where there is none: the skeleton then stands on plain ground.
        pose : Pose or None
            None where nothing is known of this moment.
        """
        self._picture.show_picture(image, pose)
        self._describe()

    def show_status(self, status: FeedStatus | None) -> None:
        """Say how the feed is doing; None where there is nothing to say, as in a replay."""
        self._status = status
        for widget in (self._seen, self._quality, self._share, self._figures):
            widget.setVisible(status is not None)
        fault = ""
        if status is not None:
            share = status.found_frames / status.frames if status.frames else math.nan
            self._seen.setText(_seen(status))
            self._quality.show_share(share)
            self._share.setText(f"{percent(share)} {'measured' if status.series else 'seen'}")
            rate = f"{status.rate:.0f} {'samples/s' if status.series else 'fps'}"
            self._figures.set_whole(f"{rate} · {status.dropped} dropped")
            if status.ended is not None and status.ended != AT_ITS_END:
                fault = status.ended
            elif status.trouble is not None:
                fault = status.trouble[:1].upper() + status.trouble[1:]
        self._picture.set_fault(fault)
        self._tint()
        self._describe()

    def show_message(self, text: str) -> None:
        """Show words in place of the picture: what is awaited, or what went wrong."""
        self._picture.show_words(text or NO_PICTURE)
        self._describe()

    def set_skeleton_only(self, only: bool) -> None:
        """Show the skeleton on plain ground; no picture is kept, not even the last one."""
        self._picture.set_skeleton_only(only)
        self._describe()

    def clear(self) -> None:
        """Show nothing, as before the first picture."""
        self._picture.show_words(NO_PICTURE)
        self.show_status(None)

    def _tint(self) -> None:
        palette, status = theme().palette, self._status
        troubled = status is not None and status.trouble is not None
        well = not troubled and (status is None or status.found or status.ended == AT_ITS_END)
        lost = status is not None and status.ended not in (None, AT_ITS_END)
        colour = palette.error if lost else palette.text if well else palette.warning
        self._seen.setStyleSheet(f"color: {colour}")

    def _describe(self) -> None:
        # Every change of a description is told to screen readers, and pictures come 30 times a
        # second.
        said = ". ".join(part for part in (self.message, self.status_text) if part)
        if said != self.accessibleDescription():
            self.setAccessibleDescription(said)


def _seen(status: FeedStatus) -> str:
    if status.ended is not None:
        return "■ At its end" if status.ended == AT_ITS_END else "✕ Lost"
    if status.trouble is not None:
        silent = "▲ No samples" if status.series else "▲ No picture"
        return silent if status.silent else "▲ Slow"
    if status.series:
        return "● Measured" if status.found else "○ No values"
    return "● Tracked" if status.found else f"○ {NOBODY}"


class _Elided(QLabel):
    """A line of text that gives way where there is no room, and then ends in an ellipsis."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def set_whole(self, text: str) -> None:
        self.whole = text
        self.setAccessibleName(text)
        self._fit()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.whole) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(24, self.fontMetrics().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        elided = Qt.TextElideMode.ElideRight
        self.setText(self.fontMetrics().elidedText(self.whole, elided, self.width()))


class _Swatch(QWidget):
    """A dot in the colour of the person's skeleton."""

    def __init__(self, feed: Feed, parent: QWidget) -> None:
        super().__init__(parent)
        self._feed = feed
        self.setFixedSize(12, 12)
        theme().changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        palette = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.person_a if self._feed == "a" else palette.person_b))
        painter.drawEllipse(QRectF(self.rect()).adjusted(1, 1, -1, -1))


class _Quality(QWidget):
    """A small bar: the share of pictures with a person in them; empty where undefined."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._share = math.nan
        self.setFixedSize(40, 8)
        theme().changed.connect(self.update)

    def show_share(self, share: float) -> None:
        if share != self._share:
            self._share = share
            self.update()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        palette = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(palette.outline), 1))
        painter.setBrush(QColor(palette.surface))
        painter.drawRoundedRect(frame, 3, 3)
        if not math.isnan(self._share):
            full = frame.adjusted(1.5, 1.5, -1.5, -1.5)
            full.setWidth(full.width() * self._share)
            good = self._share >= _POOR
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette.text if good else palette.warning))
            painter.drawRoundedRect(full, 1.5, 1.5)
