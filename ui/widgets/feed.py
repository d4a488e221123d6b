"""One feed: the name, the frame with the skeleton, and the feed's status."""

import math
import re
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QLabel, QWidget

from mirror._support import steady_clock
from mirror.landmarks import Feed, Pose
from mirror.session.feeds import AT_ITS_END, FeedStatus
from mirror.session.placement import PlacementCheck
from mirror.wording import CAMERA_MOVES, percent
from ui.shell.theme import theme
from ui.widgets.body_figure import BodyFigure
from ui.widgets.build import bold, dim, horizontal, vertical
from ui.widgets.frame_view import NO_FRAME, NO_PERSON, FrameView
from ui.widgets.labels import ElidedLabel

_ADVICE_AFTER_S: Final = 3.0
_NUMBER: Final = re.compile(r"\d+")


class FeedTile(QWidget):
    """A feed's frame and skeleton, with name and status."""

    clicked = pyqtSignal(float, float)  # as of `FrameView`

    def __init__(self, parent: QWidget | None = None, *, feed: Feed = "a") -> None:
        super().__init__(parent)
        self._status: FeedStatus | None = None
        self._feed = feed
        self._name = bold(ElidedLabel(parent=self))
        self._dot, self._state = QLabel("●", self), QLabel(self)  # in the skeleton's colour
        self.frame_view = FrameView(feed, self)
        self.frame_view.clicked.connect(self.clicked)
        self.figure = BodyFigure(self.frame_view)
        self.figure.move(8, 8)
        self._check, self._advice = PlacementCheck(), ("", math.nan)
        self._share_label = dim(QLabel(self))
        self._rate = dim(ElidedLabel(parent=self))
        self._rate.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._rate.setToolTip(
            "Frames in which the person is looked for, per second, and frames left out"
        )
        head = horizontal(self._dot, (self._name, 1), self._state)
        foot = horizontal(self._share_label, (self._rate, 1))
        vertical(head, (self.frame_view, 1), foot, inside=self, spacing=4)
        theme().changed.connect(self._tint)
        self.set_name(feed.upper())
        self.clear()

    @property
    def message(self) -> str:
        """The text shown in place of a frame or over the last one."""
        return self.frame_view.text

    @property
    def status_text(self) -> str:
        """The status as shown around the frame; empty if unknown."""
        if self._status is None:
            return ""
        return ", ".join((self._state.text(), self._share_label.text(), self._rate.text()))

    def set_name(self, name: str) -> None:
        self._name.setText(name)
        self.setAccessibleName(f"Video of {name}")

    def show_frame(
        self, image: NDArray[np.uint8] | None, pose: Pose | None, *, check: bool = True
    ) -> None:
        """Show a frame (RGB; None: plain) and pose; `check` counts it for the placement check."""
        self.frame_view.show_frame(image, pose)
        if pose is not None and check:
            self._check.add(pose, image)
        self._describe()

    def show_status(self, status: FeedStatus | None) -> None:
        """Show the feed's status; None hides it, as in a replay."""
        self._status = status
        for widget in (self._state, self._share_label, self._rate):
            widget.setVisible(status is not None)
        fault = ""
        if status is not None:
            share = found = status.found_frames / status.frames if status.frames else math.nan
            self._state.setText(_state_text(status))
            what = "measured" if status.series else "of the body"
            if not status.series:
                placement = self._check.check(status.rate, repeats=status.repeats)
                self.figure.show_placement(placement)
                share = placement.share if status.frames else math.nan
                fault = self._lasting(placement.advice) if status.found else ""
            self._share_label.setText(f"{percent(share)} {what}")
            self._share_label.setToolTip(f"A person was found in {percent(found)} of the frames")
            rate = f"{status.rate:.0f} {'samples/s' if status.series else 'fps'}"
            left_out = f" · {status.repeated} repeats left out" if status.repeated else ""
            self._rate.setText(f"{rate} · {status.dropped} dropped{left_out}")
            if status.ended is not None and status.ended != AT_ITS_END:
                fault = status.ended
            elif status.trouble is not None:
                fault = status.trouble[:1].upper() + status.trouble[1:]
        self.figure.setVisible(status is not None and not status.series and status.ended is None)
        self.frame_view.set_fault(fault)
        self._tint()
        self._describe()

    def _lasting(self, advice: str) -> str:
        """Return an advice that has held for some seconds: people turn, and hide their hands."""
        now, kind = steady_clock.now(), _NUMBER.sub("", advice)
        if kind != self._advice[0]:
            self._advice = kind, now
        return advice if now - self._advice[1] >= _ADVICE_AFTER_S else ""

    def show_message(self, text: str) -> None:
        self.frame_view.show_text(text or NO_FRAME)
        self._describe()

    def set_skeleton_only(self, only: bool) -> None:
        """Show the skeleton on a plain background; no frame is held in memory."""
        self.frame_view.set_skeleton_only(only)
        self._describe()

    def clear(self) -> None:
        self._check, self._advice = PlacementCheck(), ("", math.nan)
        self.frame_view.show_text(NO_FRAME)
        self.show_status(None)

    def _tint(self) -> None:
        palette, status = theme().palette, self._status
        has_trouble = status is not None and status.trouble is not None
        well = not has_trouble and (status is None or status.found or status.ended == AT_ITS_END)
        lost = status is not None and status.ended not in (None, AT_ITS_END)
        colour = palette.error if lost else palette.text if well else palette.warning
        self._state.setStyleSheet(f"color: {colour}")
        person = palette.person_a if self._feed == "a" else palette.person_b
        self._dot.setStyleSheet(f"color: {person}")

    def _describe(self) -> None:
        # Screen readers announce every change, and frames arrive 30 times a second.
        text = ". ".join(part for part in (self.message, self.status_text) if part)
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)


def _state_text(status: FeedStatus) -> str:
    if status.ended is not None:
        return "■ At its end" if status.ended == AT_ITS_END else "✕ Lost"
    if status.trouble is not None:
        no_input = "▲ No samples" if status.series else "▲ No frames"
        if status.silent:
            return no_input
        if status.trouble == CAMERA_MOVES:
            return f"▲ {CAMERA_MOVES.capitalize()}"
        return "▲ Problem" if status.disturbed else "▲ Slow"
    if status.series:
        return "● Measured" if status.found else "○ No values"
    return "● Seen" if status.found else f"○ {NO_PERSON}"
