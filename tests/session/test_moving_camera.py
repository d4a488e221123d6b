"""Sessions whose camera moves: the same scores as before a still one, live as in a replay."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror import Landmark, Pose, Recording, Settings, Timeline
from mirror.capture.base import Frame, Source
from mirror.capture.camera_motion import CameraMotion
from mirror.estimator.scoring import Scoring
from mirror.landmarks import UNMOVED
from mirror.recording.rescore import score_again
from mirror.session.feeds import FeedState
from mirror.session.offline import OfflineSession
from mirror.wording import describe_camera
from tests.support.fakes import recorder
from tests.support.people import STANDING, empty_pose, landmarks, noise, pose

SECONDS, RATE = 14.0, 30.0
WIDTH, HEIGHT, MARGIN = 160, 120, 16
ROOM: NDArray[np.uint8] = (
    np.random.default_rng(5)
    .integers(0, 255, ((HEIGHT + 2 * MARGIN) // 4, (WIDTH + 2 * MARGIN) // 4, 3), np.uint8)
    .repeat(4, axis=0)
    .repeat(4, axis=1)
)
HAND = ROOM[-24:, -24:]


class Room(Source):
    """A room by a camera that is shaken up and down by so many pixels, and a person's hand."""

    def __init__(self, seed: int, pixels: float) -> None:
        self.text, self.live, self.rate, self.duration = "room", False, RATE, SECONDS
        self._moves, self._pixels, self._next = moves(seed), pixels, 0

    def read(self) -> Frame | None:
        time = self._next / RATE
        self._next += 1
        if time >= SECONDS:
            return None
        down = shift(time, self._pixels)
        image = ROOM[MARGIN - down : MARGIN - down + HEIGHT, MARGIN : MARGIN + WIDTH].copy()
        place = (STANDING[Landmark.LEFT_WRIST] + self._moves[self._next - 1]) * (WIDTH, HEIGHT)
        x, y = np.round(place + np.array([0, down])).astype(int)
        image[y - 12 : y + 12, x - 12 : x + 12] = HAND
        return Frame(time, image)

    def close(self) -> None: ...


def moves(seed: int) -> NDArray[np.float64]:
    return 0.045 * noise(seed, round(SECONDS * RATE), 2)


def shift(time: float, pixels: float) -> int:
    return round(pixels * math.sin(2 * math.pi * 0.7 * time))


class Person:
    """A tracker of a person who moves at random, where the shaken camera shows them."""

    def __init__(self, seed: int, pixels: float) -> None:
        self._moves = moves(seed)
        self._pixels = pixels

    def track(self, frame: Frame) -> Pose:
        x, y = self._moves[round(frame.time * RATE)]
        seen = pose(frame.time, dict.fromkeys(Landmark, (0.0, 0.0)) | {Landmark.LEFT_WRIST: (x, y)})
        seen = replace(seen, width=WIDTH, height=HEIGHT)
        landmarks(seen)[:, 1] += shift(frame.time, self._pixels) / HEIGHT
        return seen

    def close(self) -> None: ...


def run(folder: Path, pixels: float) -> Path:
    people = iter([Person(1, pixels), Person(2, pixels)])
    session = OfflineSession(
        Room(1, pixels),
        Room(2, pixels),
        Settings(mapping="same-side"),
        tracker=lambda: next(people),
        recorder=recorder(folder, Settings(mapping="same-side")),
    )
    list(session.run())
    return folder / "s.mirror"


def test_shaken_camera_leaves_the_scores_and_replays_bit_for_bit(tmp_path: Path) -> None:
    with Recording.open(run(tmp_path / "still", 0.0)) as recording:
        still = recording.timeline()
        assert all((each.camera[:4] == UNMOVED[:4]).all() for _, each in recording.poses())
        assert "camera_moved" not in recording.session["quality"]["feeds"]["a"]
        assert recording.session["quality"]["warnings"] == []
    with Recording.open(run(tmp_path / "shaken", 14.0)) as recording:
        shaken = recording.timeline()
        again = score_again(recording, recording.settings, lambda _done, _total: None)
        assert recording.session["quality"]["warnings"] == [
            "room: camera moves more than can be taken out"
        ]
        quality = recording.session["quality"]["feeds"]["b"]
        scoring = Scoring(recording.settings_history, ticks_at_once=300)
        rows = [
            row
            for feed, each in recording.poses()
            for row in scoring.push(feed, replace(each, camera=UNMOVED))
        ]
    assert again.equals(shaken)
    assert quality["camera_moved"] > 300
    assert "camera moved in 9" in describe_camera(quality)
    late = slice(75, None)  # the first moments, until the camera is trusted, have left the window
    assert (shaken.state[late] == "ok").all()
    for name in ("in_phase", "anti_phase", "coherence"):
        assert np.abs(shaken[name] - still[name])[late].max() < 0.05, name
    assert np.nanmedian(Timeline.from_scores(rows).in_phase) > 0.4  # what the shaking alone gives


def test_motion_is_noted_by_its_share_of_all_frames_tracked() -> None:
    """It is measured while paused, too."""
    camera = CameraMotion()
    state = FeedState(Room(1, 0.0), camera)
    camera.troubles = 6
    for _ in range(50):
        state.count(empty_pose(0.0), 0.0)
        state.count(empty_pose(0.0), 0.0, paused=True)
    assert state.notes() == ("room: camera moves more than can be taken out",)
    for _ in range(50):
        state.count(empty_pose(0.0), 0.0, paused=True)
    assert state.notes() == ()
