"""The film's frames: parts that have changed are drawn again, all else stays."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror._support.opencv import cv2
from mirror.colours import BLACK, WHITE
from mirror.export.film import lettering
from mirror.export.film.background import Frame, draw_background, write_clock
from mirror.export.film.layout import (
    CENTRE,
    CLOCK,
    COLOURS,
    DIAL,
    LANE,
    PERSON_BOXES,
    PERSON_COLOURS,
    RADIUS,
    SENTENCE,
    TRACK,
    Box,
    TimeAxis,
    needle_tip,
)
from mirror.export.film.skeleton import draw_dot, draw_line, draw_skeleton, to_fixed
from mirror.landmarks import FEEDS, Feed, Pose
from mirror.recording.playback import Replay
from mirror.recording.provenance import person_names
from mirror.skeleton import WHOLE_FRAME, place_frame
from mirror.summary import needle_weight, sentence, share_of_scores
from mirror.timeline import Score, State

_NEEDLE_COLOURS: Final = {
    "in_phase": "in-phase",
    "anti_phase": "anti-phase",
    "other_phase": "ink",
    "not_together": "dim",
}


class Frames:
    """Draws the frames of a part of a session, whose replay stays open."""

    def __init__(self, replay: Replay, axis: TimeAxis) -> None:
        names = person_names(replay.session)
        whole = TimeAxis(0.0, replay.duration)
        marks = [each.time_s for each in replay.events if axis.start <= each.time_s <= axis.end]
        timeline = replay.timeline.between(axis.start, axis.end)
        self._replay, self._axis, self._names = replay, axis, names
        self._background = draw_background(timeline, marks, axis, whole, names)
        self._frame = self._background.copy()
        self._drawn: dict[str, object] = {}
        self._video_frames: dict[Feed, NDArray[np.uint8] | None] = {}
        self._extents = replay.extents
        self._cursor = TRACK.x

    def draw(self, time_s: float) -> Frame:
        """Return the frame of a time, s on the session's clock: RGB uint8 [HEIGHT, WIDTH, 3].

        The next call draws into the same array.
        """
        for feed in FEEDS:
            self._draw_person(feed, time_s)
        score = self._replay.score(time_s)
        if self._has_changed("score", None if score is None else score.time_s):
            self._draw_needle(score)
            self._write_sentence(score)
        if self._has_changed("clock", math.floor(time_s)):
            self._clear(CLOCK)
            write_clock(self._frame, time_s, self._axis.end)
        self._move_cursor(time_s)
        return self._frame

    def _has_changed(self, part: str, value: object) -> bool:
        if part in self._drawn and self._drawn[part] == value:
            return False
        self._drawn[part] = value
        return True

    def _clear(self, box: Box) -> None:
        self._frame[box.slices] = self._background[box.slices]

    def _draw_person(self, feed: Feed, time_s: float) -> None:
        pose = self._replay.pose(feed, time_s)
        video_frame = self._replay.frame(feed, time_s)
        # While a video frame stays, it is the same array.
        is_same = feed in self._video_frames and video_frame is self._video_frames[feed]
        self._video_frames[feed] = video_frame
        if not self._has_changed(feed, None if pose is None else pose.time) and is_same:
            return
        box = PERSON_BOXES[feed]
        self._clear(box)
        size = _size(pose, video_frame)
        room, extent = box, self._extents[feed]
        if video_frame is not None:
            room, extent = box.fit(*size), WHOLE_FRAME
            # The mean of an area is four times the work; it shows only in large reductions.
            is_much_larger = video_frame.shape[0] > 1.5 * room.height
            method = cv2.INTER_AREA if is_much_larger else cv2.INTER_LINEAR
            self._frame[room.slices] = cv2.resize(
                video_frame, (room.width, room.height), interpolation=method
            )
        if pose is not None and pose.landmarks is not None:
            image = np.ascontiguousarray(self._frame[room.slices])
            draw_skeleton(
                image,
                pose.landmarks,
                PERSON_COLOURS[feed],
                place_frame(extent, size, (0, 0, room.width, room.height)),
                on_dark=video_frame is None,
            )
            self._frame[room.slices] = image
        elif video_frame is None:
            text = self._reason(feed, pose)
            lettering.write(self._frame, box, text, 18, COLOURS["dim"], align=0.5)

    def _reason(self, feed: Feed, pose: Pose | None) -> str:
        """Return why there is neither a skeleton nor a video frame."""
        if pose is None:
            return "Nothing from this moment"
        is_series = self._replay.recording.signals.of(feed) is not None
        return "A plain series" if is_series else "Nobody in the frame"

    def _draw_needle(self, score: Score | None) -> None:
        self._clear(DIAL)
        tip = None if score is None else needle_tip(score)
        if score is None or tip is None:
            return
        kind = share_of_scores(score.in_phase, score.anti_phase, score.coherence)
        colour = COLOURS[_NEEDLE_COLOURS[kind]]
        weight = needle_weight(score.coherence)
        start, end = to_fixed(np.array([CENTRE, tip]))
        if weight:
            thick = round(RADIUS * (0.02 + 0.035 * weight))
            draw_line(self._frame, start, end, colour, max(1, thick))
        head = RADIUS * (0.05 + 0.035 * weight)
        draw_dot(self._frame, end, COLOURS["raised"], head + 1.5)
        draw_dot(self._frame, end, colour, head)

    def _write_sentence(self, score: Score | None) -> None:
        self._clear(SENTENCE)
        if score is None:
            return
        colour = COLOURS["ink"] if score.state is State.OK else COLOURS["dim"]
        text = sentence(score, self._names)
        lettering.write(self._frame, SENTENCE, text, 28, colour, bold=True)

    def _move_cursor(self, time_s: float) -> None:
        """Draw a line three pixels wide with dark edges, and clear the last one."""
        column = round(self._axis.x(time_s))
        if not self._has_changed("cursor", column):
            return
        last = Box(self._cursor - 2, TRACK.y - 4, 5, LANE.bottom - TRACK.y + 8)
        self._clear(last)
        rows = slice(last.y, last.bottom)
        self._frame[rows, column - 2 : column + 3] = BLACK
        self._frame[rows, column - 1 : column + 2] = WHITE
        self._cursor = column


def _size(pose: Pose | None, video_frame: NDArray[np.uint8] | None) -> tuple[float, float]:
    """Return width and height of the feed's frames, in any unit."""
    if video_frame is not None:
        return video_frame.shape[1], video_frame.shape[0]
    return (4, 3) if pose is None else (pose.width, pose.height)
