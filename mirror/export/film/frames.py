"""The film's frames, one after the other: what has changed is drawn anew, all else stays."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror._support.opencv import cv2
from mirror.export.film import lettering
from mirror.export.film.background import Frame, ground, write_clock
from mirror.export.film.layout import (
    BLACK,
    CENTRE,
    CLOCK,
    COLOURS,
    DIAL,
    PERSON_COLOURS,
    PICTURES,
    RADIUS,
    SENTENCE,
    TRACK,
    WHITE,
    Box,
    Span,
    needle,
)
from mirror.export.film.skeleton import draw_skeleton
from mirror.landmarks import FEEDS, Feed, Pose
from mirror.recording.playback import Replay
from mirror.summary import TOGETHER, sentence
from mirror.timeline import Score, State

_SHIFT: Final = 4  # OpenCV takes sixteenths of a pixel
_NOTHING: Final = 0.1  # a needle shorter than this is a dot: its direction means nothing
_NOBODY: Final = "Nobody in the picture"
_SERIES: Final = "A plain series"
_NO_DATA: Final = "Nothing from this moment"


class Frames:
    """Draws a session's frames.

    Parameters
    ----------
    replay : Replay
        Open as long as frames are drawn.
    span : Span
        What the film shows.
    """

    def __init__(self, replay: Replay, span: Span) -> None:
        labels = replay.session.get("labels", {})
        names: dict[Feed, str] = {feed: str(labels.get(feed) or feed.upper()) for feed in FEEDS}
        whole = Span(0.0, replay.duration)
        marks = [each.time_s for each in replay.events if span.start <= each.time_s <= span.end]
        shown = replay.timeline.between(span.start, span.end)
        self._replay, self._span, self._names = replay, span, (names["a"], names["b"])
        self._ground = ground(shown, marks, span, whole, names)
        self._frame = self._ground.copy()
        signals = replay.recording.signals
        self._absent = {feed: _NOBODY if signals.of(feed) is None else _SERIES for feed in FEEDS}
        self._shown: dict[str, object] = {}
        self._picture: dict[Feed, NDArray[np.uint8] | None] = {}
        self._cursor = TRACK.x

    def at(self, time_s: float) -> Frame:
        """The frame of a moment; it is drawn into again by the next call.

        Parameters
        ----------
        time_s : float
            On the session's clock.

        Returns
        -------
        ndarray, uint8 [HEIGHT, WIDTH, 3]
            RGB.
        """
        for feed in FEEDS:
            self._draw_person(feed, time_s)
        score = self._replay.score(time_s)
        if self._is_new("score", None if score is None else score.time_s):
            self._draw_dial(score)
            self._write_sentence(score)
        if self._is_new("clock", math.floor(time_s)):
            self._clear(CLOCK)
            write_clock(self._frame, time_s, self._span.end)
        self._move_cursor(time_s)
        return self._frame

    def _is_new(self, what: str, value: object) -> bool:
        """Whether something is not what was drawn last."""
        if what in self._shown and self._shown[what] == value:
            return False
        self._shown[what] = value
        return True

    def _clear(self, box: Box) -> None:
        self._frame[box.part] = self._ground[box.part]

    def _draw_person(self, feed: Feed, time_s: float) -> None:
        pose = self._replay.pose(feed, time_s)
        picture = self._replay.frame(feed, time_s)
        # A picture that is shown longer than a frame is the same array.
        known = picture is self._picture.get(feed) and feed in self._picture
        self._picture[feed] = picture
        if not self._is_new(feed, None if pose is None else pose.time) and known:
            return
        box = PICTURES[feed]
        self._clear(box)
        place = box.fitted(*_size(pose, picture))
        if picture is not None:
            # The mean of an area is four times the work, and shows where much is made small.
            much = picture.shape[0] > 1.5 * place.height
            how = cv2.INTER_AREA if much else cv2.INTER_LINEAR
            size = (place.width, place.height)
            self._frame[place.part] = cv2.resize(picture, size, interpolation=how)
        if pose is not None and pose.landmarks is not None:
            inside = np.ascontiguousarray(self._frame[place.part])
            draw_skeleton(inside, pose.landmarks, PERSON_COLOURS[feed])
            self._frame[place.part] = inside
        elif picture is None:
            text = _NO_DATA if pose is None else self._absent[feed]
            lettering.write(self._frame, box, text, 18, COLOURS["dim"], align=0.5)

    def _draw_dial(self, score: Score | None) -> None:
        self._clear(DIAL)
        tip = None if score is None else needle(score)
        if score is None or tip is None:
            return
        colour = COLOURS["dim"]
        if score.in_phase >= TOGETHER:
            colour = COLOURS["in-phase"]
        elif score.anti_phase >= TOGETHER:
            colour = COLOURS["anti-phase"]
        elif score.coherence >= TOGETHER:
            colour = COLOURS["ink"]
        # The less there is to its direction, the less there is of the needle.
        weight = min(1.0, max(0.0, (score.coherence - _NOTHING) / (TOGETHER - _NOTHING)))
        start, end = _fine(CENTRE), _fine(tip)
        if weight:
            thick = round(RADIUS * (0.02 + 0.04 * weight))
            cv2.line(self._frame, start, end, colour, max(1, thick), cv2.LINE_AA, _SHIFT)
        head = RADIUS * (0.05 + 0.035 * weight)
        for shade, radius in ((COLOURS["raised"], head + 1.5), (colour, head)):
            size = round(radius * (1 << _SHIFT))
            cv2.circle(self._frame, end, size, shade, cv2.FILLED, cv2.LINE_AA, _SHIFT)

    def _write_sentence(self, score: Score | None) -> None:
        self._clear(SENTENCE)
        if score is None:
            return
        colour = COLOURS["ink"] if score.state is State.OK else COLOURS["dim"]
        text = sentence(score, self._names)
        lettering.write(self._frame, SENTENCE, text, 28, colour, bold=True)

    def _move_cursor(self, time_s: float) -> None:
        """Draw a line three pixels wide, its edges dark, and take away the last one."""
        column = round(self._span.x(time_s))
        if not self._is_new("cursor", column):
            return
        last = Box(self._cursor - 2, TRACK.y - 4, 5, TRACK.height + 8)
        self._clear(last)
        rows = slice(last.y, last.bottom)
        self._frame[rows, column - 2 : column + 3] = BLACK
        self._frame[rows, column - 1 : column + 2] = WHITE
        self._cursor = column


def _size(pose: Pose | None, picture: NDArray[np.uint8] | None) -> tuple[float, float]:
    """Width and height of what the camera saw, in any unit."""
    if picture is not None:
        return picture.shape[1], picture.shape[0]
    return (4, 3) if pose is None else (pose.width, pose.height)


def _fine(point: tuple[float, float]) -> tuple[int, int]:
    """A point as OpenCV takes it."""
    return round(point[0] * (1 << _SHIFT)), round(point[1] * (1 << _SHIFT))
