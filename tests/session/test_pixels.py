"""Drawn people, from frames to states: pixels never make somebody still who moves."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mirror import Aligner, Pose, Recording, Settings, State
from mirror.capture.camera_motion import CameraMotion
from mirror.capture.synthetic.joints import Posture
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.render import render
from mirror.estimator.estimator import score_ticks
from mirror.landmarks import FEEDS, UNMOVED
from mirror.recording.rescore import score_again
from tests.capture.test_camera_motion import marks_of
from tests.support.fakes import recorder

SIZE = (320, 240)
LOOKS = replace(Looks.random(3), size=0.3)


def poses_of(
    motion: Callable[[float], Posture], *, rate: float, seconds: float, light: float, drift: float
) -> list[Pose]:
    """Return poses of somebody drawn in this light; landmarks sway by `drift` shoulder widths."""
    camera, rng, poses = CameraMotion(), np.random.default_rng(4), []
    for number in range(round(seconds * rate)):
        time = number / rate
        image = light * render(LOOKS, motion(time), *SIZE) + rng.normal(0, 2, (*SIZE[::-1], 3))
        marks = marks_of(motion(time), LOOKS, SIZE)
        away = drift * LOOKS.size * math.sin(2 * math.pi * 0.4 * time)
        marks[:, 0] += np.float32(away * SIZE[1] / SIZE[0])
        pose = Pose(time, marks, None, *SIZE)
        poses.append(camera.measure(np.clip(np.round(image), 0, 255).astype(np.uint8), pose))
    return poses


def states(poses: list[Pose]) -> NDArray[np.str_]:
    """Return the states [row] of two people who move alike, once there is a whole window."""
    aligner = Aligner(30.0)
    ticks = [
        tick for pose in poses for feed in FEEDS for tick in aligner.push(feed, pose)
    ] + aligner.finish()
    found = score_ticks(ticks, Settings(mapping="same-side")).state
    return found[found != State.WARMING_UP]


def waves(time: float) -> Posture:
    return Posture(left=(0.13 + 0.3 * math.sin(2 * math.pi * 0.8 * time), 0.9))


def sways_slowly(time: float) -> Posture:
    return Posture(sway=0.0057 * math.sqrt(2) * math.sin(2 * math.pi * 0.2 * time))


def rests(time: float) -> Posture:
    return Posture(sway=0.0 * time)


@pytest.mark.parametrize(
    ("motion", "rate", "light", "drift", "state"),
    [
        (waves, 12.0, 0.2, 0.0, State.OK),
        (waves, 12.0, 1.0, 0.0, State.OK),
        (rests, 12.0, 1.0, 0.01, State.STILL),
        (rests, 12.0, 0.2, 0.01, State.OK),  # nothing is known of the pixels
    ],
)
def test_state_of_drawn_people(
    motion: Callable[[float], Posture], rate: float, light: float, drift: float, state: State
) -> None:
    poses = poses_of(motion, rate=rate, seconds=14.0, light=light, drift=drift)
    assert set(states(poses)) == {state}


@pytest.mark.parametrize("rate", [12.0, 30.0])
def test_movement_at_the_lower_edge_of_the_band_is_not_lost(rate: float) -> None:
    poses = poses_of(sways_slowly, rate=rate, seconds=20.0, light=1.0, drift=0.0)
    unknown = [replace(each, camera=UNMOVED) for each in poses]
    assert np.isfinite([each.camera[4] for each in poses[1:]]).all()
    np.testing.assert_array_equal(states(poses), states(unknown))
    assert (states(poses) == State.OK).mean() > 0.3


def test_recordings_without_pixels_are_scored_by_landmarks_alone(tmp_path: Path) -> None:
    poses = poses_of(rests, rate=12.0, seconds=9.0, light=1.0, drift=0.01)
    settings = Settings(mapping="same-side")
    with recorder(tmp_path, settings) as made:
        for pose in poses:
            made.add_pose("a", pose)
            made.add_pose("b", pose)
    with Recording.open(made.path) as recording:
        newest = score_again(recording, settings, lambda _done, _total: None)
    assert set(newest.state) <= {State.STILL, State.WARMING_UP}
    with closing(sqlite3.connect(made.path)) as db, db:
        db.execute("UPDATE pose SET camera = substr(camera, 1, 32)")
    with Recording.open(made.path) as recording:
        fourth = score_again(recording, settings, lambda _done, _total: None)
    with closing(sqlite3.connect(made.path)) as db, db:
        db.execute("UPDATE pose SET camera = NULL")
    with Recording.open(made.path) as recording:
        first = score_again(recording, settings, lambda _done, _total: None)
    assert State.OK in set(fourth.state)
    np.testing.assert_array_equal(fourth.state, first.state)
    np.testing.assert_array_equal(fourth.in_phase, first.in_phase)
