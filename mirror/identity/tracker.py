"""Tracking two people in one picture: a landmarker each, on a square of its own.

The square rests as long as it can, as landmarks in a square that moves with every frame jitter
more; what the other person takes of it is painted grey. A finder looks at the whole frame, now
and then and whenever somebody is lost.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Final

import numpy as np

from mirror._support.closing import Closeable
from mirror._support.opencv import cv2
from mirror.capture.base import Frame
from mirror.capture.crop import MIN_SIDE_PX
from mirror.capture.thinning import FrozenFilter
from mirror.capture.tracker import Landmarker
from mirror.identity.assignment import ON_ONE, IdentityEvent, IdentityTracker, Outcome, Track
from mirror.identity.body import Body, Image, Look, look_of
from mirror.landmarks import Pose

_SIDE: Final = 1.7  # of a square, in longer sides of the body
_RIM: Final = 0.08  # of the square's side, that must be left around the body
_TOO_LARGE: Final = 1.5  # a square, before it is replaced
_PAINT, _KEEP = 1.15, 1.3  # size of what is painted of the other, and kept of one's own
_GREY: Final = (128, 128, 128)
_FINDER_POSES: Final = 4
_FINDER_CONFIDENCE: Final = 0.35
_FINDER_ROUNDS: Final = 2
_LOOK_EVERY: Final = 5  # frames, while somebody is lost
_SWEEP_EVERY: Final = 30  # frames, while both are followed
_FINDER_FRAMES: Final = 2  # until what it saw is taken; always as many, so that a replay is equal

Found = list[tuple[Body, Look | None]]


class PeopleTracker(Closeable):
    """Tracks two people through one feed, frame by frame; A is the right one at first if `right`.

    `model` is as for `mirror.capture.tracker.PoseTracker`; `identities` decides who is who.
    """

    def __init__(self, model: Path | None = None, *, right: bool = False) -> None:
        self.identities = IdentityTracker(1 if right else 0)
        self._hints: SimpleQueue[Callable[[IdentityTracker], None]] = SimpleQueue()
        with ExitStack() as undo:
            self._landmarkers = [undo.enter_context(_PersonLandmarker(model)) for _ in (0, 1)]
            self._finder = undo.enter_context(
                Landmarker(model, people=_FINDER_POSES, confidence=_FINDER_CONFIDENCE)
            )
            self._worker = undo.enter_context(ThreadPoolExecutor(1, "second person"))
            self._searcher = undo.enter_context(ThreadPoolExecutor(1, "finder"))
            self._undo = undo.pop_all()
        self._search: Future[Found] | None = None
        self._repeats = FrozenFilter()
        self._number, self._due = 0, -_LOOK_EVERY
        self._outcome = Outcome((None, None), ())

    def track(self, frame: Frame) -> tuple[tuple[Pose, Pose], tuple[IdentityEvent, ...]]:
        """Return both poses in the next frame, in the whole frame, and what was decided.

        A pose is without landmarks while its person is not followed.
        """
        while not self._hints.empty():
            self._hints.get()(self.identities)
        is_new = self._repeats.is_new(frame.image, frame.time)
        if is_new:
            self._outcome = self._follow(frame.image, frame.time)
        height, width = frame.image.shape[:2]
        events = self._outcome.events if is_new else ()
        unsure, exchanged = self.identities.unsure, "exchanged" in [each.kind for each in events]
        empty = Pose(frame.time, None, None, width, height, unsure=unsure, exchanged=exchanged)
        one, other = (
            empty if body is None else replace(empty, **body.in_frame(width, height))
            for body in self._outcome.bodies
        )
        return (one, other), events

    def hint(self, hint: Callable[[IdentityTracker], None]) -> None:
        """Let a person say who is who, before the next frame; may be called from any thread."""
        self._hints.put(hint)

    def _follow(self, image: Image, time: float) -> Outcome:
        self._number += 1
        if self._number == 1:  # whoever is there is followed from the first frame on
            self._begin_search(image)
            self._due = 1
        self._take_search()
        a, b = self.identities.tracks
        second = self._worker.submit(self._find_person, image, b, a)
        bodies = self._find_person(image, a, b), second.result()
        one, other = (None if body is None else look_of(image, body) for body in bodies)
        outcome = self.identities.update(time, bodies, (one, other))
        self._begin_search(image)
        return outcome

    def _find_person(self, image: Image, track: Track, other: Track) -> Body | None:
        landmarker, body = self._landmarkers[track.landmarker], track.body
        return None if body is None else landmarker.find(image, body, other.body)

    def _take_search(self) -> None:
        """Take what the finder saw, once it is due."""
        if self._search is None or self._number < self._due:
            return
        found, self._search = self._search.result(), None
        for who in self.identities.offer([body for body, _ in found], [look for _, look in found]):
            self._landmarkers[self.identities.tracks[who].landmarker].forget()

    def _begin_search(self, image: Image) -> None:
        every = _LOOK_EVERY if self.identities.searching else _SWEEP_EVERY
        if self._search is None and self._number >= self._due - _FINDER_FRAMES + every:
            self._due = self._number + _FINDER_FRAMES
            followed = [track.body for track in self.identities.tracks if track.body is not None]
            self._search = self._searcher.submit(self._find, image, followed)

    def _find(self, image: Image, followed: Sequence[Body]) -> Found:
        """Return who is in an image beside those who are followed."""
        canvas, found, painted = image.copy(), list(followed), 0
        height, width = image.shape[:2]
        for _ in range(_FINDER_ROUNDS):
            for body in found[painted:]:  # whoever is painted over hides nobody
                cv2.fillConvexPoly(canvas, body.hull(_PAINT), _GREY)
            painted = len(found)
            for landmarks, world in self._finder.find(canvas):
                body = Body(landmarks * np.array([width, height, width, 1], np.float32), world)
                if all(body.distance(each) >= ON_ONE for each in found):
                    found.append(body)
            if len(found) == painted:
                break
        return [(body, look_of(image, body)) for body in found[len(followed) :]]

    def close(self) -> None:
        """Free the networks."""
        self._undo.close()


class _PersonLandmarker(Closeable):
    """A landmarker on a square that rests around one person."""

    def __init__(self, model: Path | None) -> None:
        self._landmarker = Landmarker(model)
        self._square: tuple[int, ...] | None = None
        self._is_new = True

    def close(self) -> None:
        self._landmarker.close()

    def forget(self) -> None:
        """Begin anew with whoever is followed next."""
        self._square, self._is_new = None, True

    def find(self, image: Image, body: Body, other: Body | None) -> Body | None:
        """Return the person whose body was `body` in the frame before; `other` is painted over."""
        has_moved = self._move(body, image.shape[1], image.shape[0])
        assert self._square is not None
        left, top, right, bottom = self._square
        part = _painted(image[top:bottom, left:right], body, other, (left, top))
        if self._is_new:
            # A landmarker that sees nobody forgets whom it followed.
            self._landmarker.find(np.full((64, 64, 3), 128, np.uint8))
        elif has_moved:
            self._landmarker.find(part)  # brings its region along
        self._is_new = False
        found = self._landmarker.find(part)
        if not found:
            return None
        landmarks, world = found[0]
        landmarks = landmarks * np.array([right - left, bottom - top, right - left, 1], np.float32)
        landmarks[:, :2] += (left, top)
        return Body(landmarks, world)

    def _move(self, body: Body, width: int, height: int) -> bool:
        """Move the square if it has too little rim, or is too large; return whether it moved."""
        size, low, high = np.array([width, height]), np.array(body.box[:2]), np.array(body.box[2:])
        longer, before = float((high - low).max()), self._square
        if before is not None:
            near, far = np.array(before[:2]), np.array(before[2:])
            side = (far - near).max()
            rests = ((near == 0) | (low - near >= _RIM * side)).all()
            rests &= ((far == size) | (far - high >= _RIM * side)).all()
            if rests and side <= _TOO_LARGE * _SIDE * longer:
                return False
        middle, half = (low + high) / 2, _SIDE * longer / 2
        near = np.maximum(0, np.round(middle - half)).astype(int)
        far = np.minimum(size, np.round(middle + half)).astype(int)
        is_in_sight = bool((far - near).min() >= MIN_SIDE_PX)
        if is_in_sight or before is None:
            self._square = (*near.tolist(), *far.tolist()) if is_in_sight else (0, 0, width, height)
        return is_in_sight and before is not None


def _painted(part: Image, body: Body, other: Body | None, corner: tuple[int, int]) -> Image:
    """Return a copy with the other person grey, but for what lies within one's own outline."""
    painted = part.copy()
    if other is None:
        return painted
    cv2.fillConvexPoly(painted, other.hull(_PAINT) - np.array(corner, np.int32), _GREY)
    own = np.zeros(part.shape[:2], np.uint8)
    cv2.fillConvexPoly(own, body.hull(_KEEP) - np.array(corner, np.int32), 255)
    cv2.copyTo(part, own, painted)
    return painted
