"""The last seconds of a session again, at half speed and from memory, while the session goes on."""

import math
import time
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject

from mirror.landmarks import FEEDS, Feed, Pose
from mirror.session.base import Update
from mirror.timeline import Score
from ui.session.view import VISIBLE_S, SessionView
from ui.widgets.build import timer

KEPT_S: Final = 15.0  # how much can be seen again

_SPEED: Final = 0.5
_TICK_MS: Final = 40

# Of the images that are kept, never stored: 80 MB for two feeds, and as much while shown.
_LARGEST_WIDTH: Final = 320  # px
_SPACING_S: Final = 1 / 12


class InstantReplay(QObject):
    """Keeps the last frames, poses and rows, and shows them in the session's view."""

    def __init__(self, view: SessionView) -> None:
        super().__init__(view)
        self._view = view
        self.moments: dict[Feed, deque[_Moment]] = {feed: deque() for feed in FEEDS}
        """What is kept: time, s, image and pose."""
        self._rows: deque[Score] = deque()
        self._shown: dict[Feed, tuple[_Moment, ...]] = {}
        self._shown_rows: tuple[Score, ...] = ()
        self._timer = timer(self, _TICK_MS, self._tick)

    @property
    def running(self) -> bool:
        return self._timer.isActive()

    @property
    def newest(self) -> Score | None:
        """The newest row; None before the first."""
        return self._rows[-1] if self._rows else None

    def forget(self) -> None:
        """Keep no frames, poses and rows from before."""
        for kept in self.moments.values():
            kept.clear()
        self._rows.clear()

    def add_frame(self, feed: Feed, update: Update, *, with_image: bool) -> None:
        """Keep a pose and, if allowed, its frame made small, for `KEPT_S`."""
        kept = self.moments[feed]
        if update.pose is None or (kept and update.pose.time < kept[-1][0] + _SPACING_S):
            return
        image = None
        if with_image and update.frame is not None:
            step = math.ceil(update.frame.image.shape[1] / _LARGEST_WIDTH)
            image = update.frame.image[::step, ::step].copy()
        kept.append((update.pose.time, image, update.pose))
        while kept[0][0] < kept[-1][0] - KEPT_S:
            kept.popleft()

    def add_scores(self, scores: Sequence[Score]) -> None:
        self._rows.extend(scores)
        while self._rows[0].time_s < self._rows[-1].time_s - KEPT_S:
            self._rows.popleft()

    def begin(self, key: str) -> bool:
        """Show what is kept, over and over; return False if there is nothing yet."""
        if not (times := [moment[0] for kept in self.moments.values() for moment in kept]):
            return False
        self._end_s = max(times)
        self._start_s = max(min(times), self._end_s - KEPT_S)
        self._begun = time.monotonic()
        self._shown = {feed: tuple(kept) for feed, kept in self.moments.items()}
        self._shown_rows = tuple(self._rows)
        text = f"The last {self._end_s - self._start_s:.0f} s again, at half speed."
        self._view.show_again(f"{text} The session goes on; {key} returns to it.")
        self._view.timeline.hold_last(KEPT_S)
        self._timer.start()
        self._tick()
        return True

    def end(self) -> None:
        """Show the session as it is now."""
        self._timer.stop()
        self._shown, self._shown_rows = {}, ()
        self._view.timeline.set_cursor(None)
        self._view.timeline.follow(VISIBLE_S)
        self._view.show_again("")

    def _tick(self) -> None:
        length = max(self._end_s - self._start_s, _SPACING_S)
        at = self._start_s + (time.monotonic() - self._begun) * _SPEED % length
        for feed, kept in self._shown.items():
            if (place := bisect_right(kept, at, key=lambda moment: moment[0])) > 0:
                self._view.tiles[feed].show_frame(*kept[place - 1][1:], check=False)
        place = bisect_right(self._shown_rows, at, key=lambda row: row.time_s)
        self._view.show_score(self._shown_rows[place - 1] if place else None)
        self._view.timeline.set_cursor(at)


_Moment = tuple[float, NDArray[np.uint8] | None, Pose]
