"""Landmarks of the two rendered people who perform an exercise, without rendering them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mirror.capture.synthetic.demo import LOOKS
from mirror.capture.synthetic.joints import joints
from mirror.capture.synthetic.motion import Motion
from mirror.capture.synthetic.trainee import performance
from mirror.estimator.scoring import Scoring
from mirror.landmarks import FEEDS, Feed, Pose
from mirror.practice.exercise import Exercise
from mirror.practice.run import Practice, Result
from mirror.settings import Settings
from mirror.settings_history import SettingsHistory
from mirror.timeline import Score

SIZE = (640, 480)
JITTER = 0.0007
"""Standard deviation of a landmark's noise, frame heights: half a hundredth of the shoulders."""


def performed_pose(feed: Feed, motion: Motion, time: float, rng: np.random.Generator) -> Pose:
    """Return the pose of a person at a time, s."""
    posture = motion(time)
    if posture is None:
        return Pose(time, None, None, *SIZE)
    landmarks = np.zeros((33, 4), np.float32)
    landmarks[:, :2] = 0.5
    for mark, place in joints(LOOKS[feed], posture, *SIZE).items():
        landmarks[mark, :2] = np.divide(place, SIZE) + rng.normal(0.0, JITTER, 2)
        landmarks[mark, 3] = 1.0
    return Pose(time, landmarks, None, *SIZE)


def performed_poses(
    exercise: Exercise, seconds: float, *, rate: float = 15.0
) -> Iterator[tuple[Feed, Pose]]:
    """Yield both people's poses through an exercise."""
    rng = np.random.default_rng(5)
    motions = {feed: performance(exercise, feed) for feed in FEEDS}
    for tick in range(round(seconds * rate)):
        for feed in FEEDS:
            yield feed, performed_pose(feed, motions[feed], tick / rate, rng)


def practise(exercise: Exercise) -> tuple[list[Score], list[Result]]:
    """Return the rows and the results of two people who perform an exercise."""
    settings = exercise.settings(Settings())
    scoring = Scoring(SettingsHistory(settings), ticks_at_once=300)
    practice = Practice(exercise, settings, 0.0)
    end = exercise.schedule(0.0)[-1][1]
    rows: list[Score] = []
    rate = 8.0 if exercise.rounds[0].goal.is_of_posture else 15.0  # held for long: to save time
    for feed, pose in performed_poses(exercise, end + 0.5, rate=rate):
        rows += scoring.push(feed, pose)
    rows += scoring.finish()
    practice.add(rows)
    return rows, list(practice.results) + practice.finish(end)
