"""The array form of aligning and scoring: equal to the streaming one to the last bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror import Aligner, Pose, Settings, Timeline
from mirror.estimator.align_arrays import PoseArrays, align
from mirror.estimator.estimator import movement_from_ticks, score_movement, score_rows
from mirror.estimator.movement import BODY, JOINTS
from mirror.estimator.scoring import Scoring, score_arrays
from mirror.landmarks import FEEDS, UNMOVED, Feed
from mirror.settings_history import Change, SettingsHistory
from mirror.timeline import COLUMNS, LEVELS
from tests.support.effort import cases
from tests.support.people import STANDING

Pushes = list[tuple[Feed, Pose]]


def as_arrays(pushes: Pushes) -> PoseArrays:
    poses = [pose for _, pose in pushes]
    nobody = np.zeros((33, 4), np.float32)
    joints = [nobody if each.landmarks is None else each.landmarks for each in poses]
    cameras = [each.camera for each in poses]
    return PoseArrays(
        np.array([feed == "b" for feed, _ in pushes], bool),
        np.array([each.time for each in poses], float),
        np.array([each.found for each in poses], bool),
        np.array(joints, np.float32).reshape(-1, 33, 4)[:, JOINTS],
        np.array([each.width for each in poses], int),
        np.array([each.height for each in poses], int),
        np.array(cameras).reshape(-1, 5),
    )


def feed_of(
    rng: np.random.Generator, feed: Feed, count: int, *, breaks: bool, odds: float = 1.0
) -> Pushes:
    """A feed with everything that happens: gaps, lost people, repeated times, turned cameras."""
    time, size, there = float(rng.choice([0.0, rng.uniform(0, 2)])), (640, 480), True
    step = 1 / rng.choice([30.0, 59.94, 25.0, 7.0, 3.9][: 2 if odds < 1.0 else 5])
    offset = np.zeros((33, 2))
    pushes: Pushes = []
    for _ in range(count):
        what = rng.random() / odds
        time += step
        if what < 0.02:
            time += rng.uniform(0, 1.5)
        elif what < 0.03:
            time += rng.choice([598.0, 601.0, 1300.0]) if breaks else 0.0
        elif what < 0.05:
            time -= rng.uniform(0, 3 * step)
        elif what < 0.10:
            time = float(np.round(time * 30) / 30) + rng.uniform(-2e-8, 2e-8)
        if rng.random() < (0.1 * odds if there else 0.3):
            there = not there
        if rng.random() < 0.01 * odds:
            size = ((640, 480), (480, 640), (1280, 960), (642, 480))[rng.integers(4)]
        offset = 0.95 * offset + rng.normal(0, 0.01, offset.shape)
        landmarks = np.ones((33, 4), np.float32)
        for mark, place in STANDING.items():
            landmarks[mark, :2] = place + offset[mark]
        camera = rng.normal(0, 0.01, 5) + UNMOVED if rng.random() < 0.2 else UNMOVED
        if rng.random() < 0.8:
            camera = np.append(camera[:4], rng.uniform(0, 0.01))
        pushes.append((feed, Pose(time, landmarks if there else None, None, *size, None, camera)))
    return pushes


def interleaved(rng: np.random.Generator, count: int, *, breaks: bool, odds: float = 1.0) -> Pushes:
    """Poses in an order that only roughly follows their times, as trackers finish."""
    feeds = [feed_of(rng, feed, count, breaks=breaks, odds=odds) for feed in FEEDS]
    late = [rng.choice([0.0, 0.02, 0.4]) for _ in FEEDS]
    order = [
        (np.maximum.accumulate([pose.time for _, pose in feed]) + rng.uniform(0, delay, count))
        for feed, delay in zip(feeds, late, strict=True)
    ]
    keyed = [
        (key, number, push)
        for feed, keys in zip(feeds, order, strict=True)
        for number, (key, push) in enumerate(zip(np.maximum.accumulate(keys), feed, strict=True))
    ]
    return [push for *_, push in sorted(keyed, key=lambda item: item[:2])]


@given(
    seed=st.integers(0, 2**32 - 1),
    rate=st.sampled_from([30.0, 25.0, 61.7, 10.0]),
    breaks=st.booleans(),
)
@settings(max_examples=cases(6, 12), deadline=None)
def test_movement_equals_that_of_aligned_poses(seed: int, rate: float, breaks: bool) -> None:
    rng = np.random.default_rng(seed)
    pushes = interleaved(rng, int(rng.integers(1, 90)), breaks=breaks)
    aligner = Aligner(rate)
    ticks = [tick for push in pushes for tick in aligner.push(*push)] + aligner.finish()
    times, *expected = movement_from_ticks(ticks, Settings(rate=rate))
    found_times, *found = align(as_arrays(pushes), rate, mirrored=True)
    assert np.array_equal(found_times, times)
    for person, other in zip(found, expected, strict=True):
        for one, two in zip(person.cut(slice(None)), other, strict=True):
            assert np.array_equal(one, two, equal_nan=True)


def test_one_feed_or_none_is_aligned() -> None:
    rng = np.random.default_rng(0)
    times, a, b = align(as_arrays([]), 30.0)
    assert len(times) == len(a.cut(slice(None)).present) == 0
    times, a, b = align(as_arrays(feed_of(rng, "b", 40, breaks=False)), 30.0)
    assert len(times)
    assert not a.cut(slice(None)).delivered.any()
    assert b.cut(slice(None)).present.any()


@pytest.mark.parametrize("seed", [1, 2])  # without and with breaks in time
def test_rows_equal_those_of_scoring_pose_by_pose(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pushes = interleaved(rng, 900, breaks=seed == 2, odds=0.1)
    middle = pushes[len(pushes) // 2][1].time
    first = Settings(window=2.0, hop=0.2)
    history = SettingsHistory(
        first,
        (
            Change(round(middle * 30) / 30, replace(first, mapping="same-side")),
            Change(round(middle * 30) / 30, replace(first, window=3.0, floor=0.01)),
            Change(middle + 3.0, first),
        ),
    )
    scoring = Scoring(history)
    scores = [score for push in pushes for score in scoring.push(*push)] + scoring.finish()
    done: list[tuple[int, int]] = []
    timeline = score_arrays(as_arrays(pushes), history, lambda *each: done.append(each))
    assert timeline.equals(Timeline.from_scores(scores))
    assert (timeline.state == "ok").any()
    assert done == sorted(done)


@given(
    seed=st.integers(0, 2**32 - 1),
    hop=st.sampled_from([0.1, 0.07, 1 / 30, 0.5]),
    every=st.sampled_from([1, 2, 7, 40]),
)
@settings(max_examples=cases(6, 12), deadline=None)
def test_some_rows_equal_those_of_the_whole_timeline(seed: int, hop: float, every: int) -> None:
    rng = np.random.default_rng(seed)
    pushes = interleaved(rng, int(rng.integers(1, 600)), breaks=bool(seed % 2), odds=0.1)
    people = align(as_arrays(pushes), 30.0, mirrored=True)
    used = Settings(window=2.0, hop=hop)
    whole = score_movement(*people, BODY, used)
    rows = np.flatnonzero(rng.random(len(whole)) < 1 / every)
    done: list[int] = []
    some = score_rows(*people, BODY, used, rows, done.append)
    for name in COLUMNS:
        if "posture" in name:  # follows from all rows before, as chance levels do
            continue
        expected = whole[name][rows] if "chance" not in name else np.full(len(rows), np.nan)
        assert np.array_equal(some[name], expected, equal_nan=name not in LEVELS), name
    assert done == sorted(set(done))
