"""The film's frames: what moves, drawn over the background."""

import numpy as np

from mirror._support.opencv import cv2
from mirror.colours import BLACK, NEEDLE, WHITE
from mirror.export.film import layout, lettering
from mirror.export.film.background import Frame, draw_background, write_clock
from mirror.export.film.layout import COLOURS
from mirror.export.film.skeleton import draw_circle, draw_line, draw_skeleton, to_fixed
from mirror.landmarks import FEEDS, Feed
from mirror.mimicry import MIMICRY, regions_of, same_posture
from mirror.recording.playback import Replay
from mirror.recording.provenance import person_names
from mirror.skeleton import WHOLE_FRAME, place_frame
from mirror.summary import needle_weight, sentence, share_of_scores
from mirror.timeline import Score, State


class Frames:
    """Draws the frames of a part of a session, whose replay stays open."""

    def __init__(self, replay: Replay, axis: layout.TimeAxis) -> None:
        names = person_names(replay.session)
        whole = layout.TimeAxis(0.0, replay.duration)
        events = [each for each in replay.recording.events() if each.kind != MIMICRY]
        marks = [each.time_s for each in events if axis.start <= each.time_s <= axis.end]
        timeline = replay.timeline.between(axis.start, axis.end)
        self._replay, self._axis, self._names = replay, axis, names
        self._background = draw_background(timeline, marks, axis, whole, names)
        self._extents, self._mapping = replay.extents, replay.settings.mapping

    def draw(self, time_s: float) -> Frame:
        """Return the frame of a time, s on the session's clock: RGB uint8 [HEIGHT, WIDTH, 3]."""
        frame = self._background.copy()
        score = self._replay.score(time_s)
        alike = () if score is None else same_posture(score)
        for feed in FEEDS:
            self._draw_person(frame, feed, time_s, regions_of(alike, feed, self._mapping))
        if score is not None:
            _draw_needle(frame, score)
            colour = COLOURS["text" if score.state is State.OK or alike else "dim_text"]
            text = sentence(score, self._names)
            lettering.write(frame, layout.SENTENCE, text, 28, colour, bold=True)
        write_clock(frame, time_s, self._axis.end)
        # The cursor: a line three pixels wide with dark edges.
        rows, column = (
            slice(layout.TRACK.y - 4, layout.ARCS.bottom + 4),
            round(self._axis.x(time_s)),
        )
        frame[rows, column - 2 : column + 3] = BLACK
        frame[rows, column - 1 : column + 2] = WHITE
        return frame

    def _draw_person(self, frame: Frame, feed: Feed, time_s: float, alike: frozenset[str]) -> None:
        pose = self._replay.pose(feed, time_s)
        video_frame = self._replay.frame(feed, time_s)
        box = layout.PERSON_BOXES[feed]
        size = (4, 3) if pose is None else (pose.width, pose.height)
        room, extent = box, self._extents[feed]
        if video_frame is not None:
            size = video_frame.shape[1], video_frame.shape[0]
            room, extent = box.fit(*size), WHOLE_FRAME
            # The mean of an area is four times the work; it shows only in large reductions.
            is_much_larger = video_frame.shape[0] > 1.5 * room.height
            method = cv2.INTER_AREA if is_much_larger else cv2.INTER_LINEAR
            frame[room.slices] = cv2.resize(
                video_frame, (room.width, room.height), interpolation=method
            )
        if pose is not None and pose.landmarks is not None:
            image = np.ascontiguousarray(frame[room.slices])
            draw_skeleton(
                image,
                pose.landmarks,
                layout.PERSON_COLOURS[feed],
                place_frame(extent, size, (0, 0, room.width, room.height)),
                on_dark=video_frame is None,
                alike=alike,
                ground=BLACK if video_frame is None else None,
            )
            frame[room.slices] = image
        elif video_frame is None:
            is_series = self._replay.recording.signals.of(feed) is not None
            text = "A plain series" if is_series else "Nobody in the frame"
            text = "Nothing from this moment" if pose is None else text
            lettering.write(frame, box, text, 18, COLOURS["dim_text"], align=0.5)


def _draw_needle(frame: Frame, score: Score) -> None:
    tip = layout.needle_tip(score)
    if tip is None:
        return
    kind = share_of_scores(score.in_phase, score.anti_phase, score.coherence)
    colour = COLOURS[NEEDLE.get(kind, kind)]
    weight = needle_weight(score.coherence)
    start, end = to_fixed(layout.CENTRE), to_fixed(tip)
    if weight:
        draw_line(frame, start, end, colour, max(1, round(layout.RADIUS * (0.02 + 0.035 * weight))))
    head = layout.RADIUS * (0.05 + 0.035 * weight)
    draw_circle(frame, end, COLOURS["raised"], head + 1.5)
    draw_circle(frame, end, colour, head)
