"""The demo: its script is exact and repeats seamlessly, and the estimator measures it."""

from __future__ import annotations

from itertools import islice, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.capture.address import parse
from mirror.capture.crop import CroppedSource
from mirror.capture.synthetic.demo import (
    FADE,
    LENGTH,
    LOOKS,
    SCRIPT,
    RenderedSource,
    demo_source,
    performance,
    truth,
)
from mirror.capture.synthetic.joints import Posture, joints
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.motion import (
    Motion,
    aperiodic,
    blend,
    leaving,
    mirrored,
    periodic,
    still,
)
from mirror.estimator.align import Tick
from mirror.estimator.estimator import Estimator
from mirror.landmarks import SWAPPED, Landmark, Pose
from mirror.practice.library import built_in
from mirror.settings import Settings

RATE = 30.0
WIDTH, HEIGHT = 640, 480


def posture_at(motion: Motion, time: float) -> Posture:
    """Return the posture at a time when the person is in view."""
    posture = motion(time)
    assert posture is not None
    return posture


SEEN = sorted(joints(LOOKS["a"], posture_at(still(), 0.0), WIDTH, HEIGHT))


def vectors(motion, times):
    return np.array([motion(float(time)).vector() for time in times])


def tracks(looks, motion, times):
    """Return every joint's path [time, joint, 2] in shoulder widths."""
    paths = [joints(looks, motion(float(time)), WIDTH, HEIGHT) for time in times]
    return np.array([[path[mark] for mark in SEEN] for path in paths]) / (looks.size * HEIGHT)


def moving(paths):
    return paths - paths.mean(axis=0)


def scene(name):
    return next(scene for scene in SCRIPT if scene.name == name)


# --- motions --------------------------------------------------------------------------------------


@given(st.integers(0, 50), st.floats(0.3, 1.0), st.floats(-180, 180))
def test_phase_delays_a_periodic_motion(seed, frequency, phase):
    times = np.linspace(0, 3, 20)
    late = vectors(periodic(frequency, phase, seed), times)
    early = vectors(periodic(frequency, 0.0, seed), times - phase / 360 / frequency)
    np.testing.assert_allclose(late, early, atol=1e-9)


@given(st.integers(0, 50), st.floats(-2, 2))
def test_lag_delays_an_aperiodic_motion(seed, lag):
    times = np.linspace(0, 10, 20)
    late = vectors(aperiodic(seed, lag), times)
    np.testing.assert_allclose(late, vectors(aperiodic(seed), times - lag), atol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_aperiodic_motion_stays_inside_its_band(seed):
    times = np.arange(0, 60, 1 / RATE)
    movement = moving(vectors(aperiodic(seed), times))
    power = (np.abs(np.fft.rfft(movement * np.hanning(len(times))[:, None], axis=0)) ** 2).sum(1)
    frequency = np.fft.rfftfreq(len(times), 1 / RATE)
    inside = (frequency > 0.2) & (frequency < 1.5)
    assert power[inside].sum() > 0.999 * power.sum()


@pytest.mark.parametrize("motion", [periodic(0.6, seed=2), aperiodic(2)], ids=["period", "gesture"])
def test_wrists_move_in_proportion_to_the_script(motion):
    times = np.arange(0, 10, 1 / RATE)
    looks = Looks.random(0)
    paths = tracks(looks, motion, times)
    script = vectors(motion, times)
    for side, column in (("LEFT", 0), ("RIGHT", 2)):
        wrist = paths[:, SEEN.index(Landmark[f"{side}_WRIST"])]
        shoulder = paths[:, SEEN.index(Landmark[f"{side}_SHOULDER"])]
        for axis in (0, 1):
            path, target = (wrist - shoulder)[:, axis], script[:, column + axis]
            assert np.corrcoef(path, target)[0, 1] > 0.9999


def test_anti_phase_negates_all_joints_but_elbows():
    times = np.arange(300) / RATE  # six whole cycles
    looks = Looks.random(0)
    a = moving(tracks(looks, periodic(0.6, 0, 3), times))
    b = moving(tracks(looks, periodic(0.6, 180, 3), times))
    for index, mark in enumerate(SEEN):
        if "ELBOW" not in mark.name and "EAR" not in mark.name and "EYE" not in mark.name:
            assert np.abs(a[:, index] + b[:, index]).max() < 0.01, mark.name
    # An elbow hangs between its neighbours, and mostly turns over with them.
    for side in ("LEFT_ELBOW", "RIGHT_ELBOW"):
        k = SEEN.index(Landmark[side])
        assert np.corrcoef(a[:, k].ravel(), b[:, k].ravel())[0, 1] < -0.85


def test_facing_person_is_mirrored():
    motion = aperiodic(8)
    looks = Looks.random(0)
    times = np.arange(0, 5, 1 / RATE)
    a, b = moving(tracks(looks, motion, times)), moving(tracks(looks, mirrored(motion), times))
    other = [SEEN.index(Landmark(SWAPPED[mark])) for mark in SEEN]
    np.testing.assert_allclose(a, b[:, other] * (-1, 1), atol=1e-9)


def test_blend_interpolates_two_motions():
    first, second = periodic(0.5, seed=1), aperiodic(1)
    for time in (0.0, 1.7):
        got = posture_at(blend(first, second, 0.25), time).vector()
        want = 0.75 * posture_at(first, time).vector() + 0.25 * posture_at(second, time).vector()
        np.testing.assert_allclose(got, want)


def test_person_leaves_to_the_right_and_returns():
    motion = leaving(1.0, 7.0, pace=2.0)
    assert motion(0.5) == motion(9.5)
    assert all(motion(time) is None for time in np.arange(3.0, 7.0, 0.1))
    steps = [posture_at(motion, float(time)).step for time in np.arange(1.0, 3.0, 0.1)]
    assert np.all(np.diff(steps) > 0)
    assert steps[-1] > 7


# --- the script -----------------------------------------------------------------------------------


def test_scenes_are_contiguous_and_take_at_most_100_s():
    ends = [scene.start + scene.duration for scene in SCRIPT]
    assert [scene.start for scene in SCRIPT] == [0.0, *ends[:-1]]
    assert ends[-1] == LENGTH <= 100
    assert len({scene.name for scene in SCRIPT}) == len(SCRIPT) == 7


def test_truth_lists_every_scene_and_repeats():
    once = truth()
    assert once == [(scene.start, scene.text) for scene in SCRIPT]
    twice = truth(until=2 * LENGTH)
    assert twice == once + [(LENGTH + start, text) for start, text in once]
    assert truth(until=20.0) == once[:2]


@pytest.mark.parametrize("feed", ["a", "b"])
def test_script_has_no_jumps(feed):
    motion = performance(feed)
    times = np.arange(0, LENGTH + 2, 1 / RATE)  # the loop's beginning follows its end
    postures = [motion(float(time)) for time in times]
    for before, after in pairwise(postures):
        if before is None or after is None:
            present = before or after
            assert present is None or abs(present.step) > 7.5
        else:
            change = np.abs(after.vector() - before.vector())
            assert change[:-1].max() < 0.15
            assert change[-1] < 0.20
    for time in (2.0, 40.0):
        once, again = (posture_at(motion, at).vector() for at in (time, time + LENGTH))
        np.testing.assert_allclose(once, again, atol=1e-9)


def test_only_b_is_away_for_several_seconds():
    times = np.arange(0, LENGTH, 1 / RATE)
    away = np.array([performance("b")(float(time)) is None for time in times])
    assert 3.0 < away.sum() / RATE < 6.0
    assert np.all(times[away] > scene("leaving").start + FADE)
    assert all(performance("a")(float(time)) is not None for time in times)


@pytest.fixture(scope="module")
def rows():
    """Scores of the script from exact joints, as from a perfect tracker."""
    times = [tick / RATE for tick in range(int(LENGTH * RATE))]
    ticks = [Tick(time, exact_pose("a", time), exact_pose("b", time)) for time in times]
    return Estimator(Settings()).update_all(ticks)


def exact_pose(feed, time):
    posture = performance(feed)(time)
    if posture is None:
        return Pose(time, None, None, WIDTH, HEIGHT)
    landmarks = np.zeros((len(Landmark), 4), np.float32)
    for mark, (x, y) in joints(LOOKS[feed], posture, WIDTH, HEIGHT).items():
        landmarks[mark] = (x / WIDTH, y / HEIGHT, 0.0, 1.0)
    return Pose(time, landmarks, None, WIDTH, HEIGHT)


def column(rows, name, part):
    """Return a score for the windows within one scene, without the cross-fade."""
    start, end = part.start + FADE + Settings().window, part.start + part.duration
    values = [getattr(row, name) for row in rows if start <= row.time_s < end]
    assert len(values) > 10
    return np.array(values)


def test_in_phase_scene(rows):
    part = scene("in phase")
    assert column(rows, "in_phase", part).min() > 0.98
    assert np.abs(column(rows, "relative_phase_deg", part)).max() < 3
    assert np.all(column(rows, "lag_s", part) == 0)


def test_following_scene(rows):
    part = scene("following")
    assert column(rows, "lag_s", part) == pytest.approx(part.lag_s, abs=1 / RATE)
    assert column(rows, "mirroring", part).min() > 0.9


def test_anti_phase_scene(rows):
    part = scene("anti-phase")
    assert column(rows, "anti_phase", part).min() > 0.95
    assert column(rows, "in_phase", part).max() == 0
    assert (180 - np.abs(column(rows, "relative_phase_deg", part))).max() < 3


def test_quarter_cycle_scene(rows):
    part = scene("quarter cycle")
    assert column(rows, "coherence", part).min() > 0.95
    assert column(rows, "relative_phase_deg", part) == pytest.approx(90, abs=3)


def test_unrelated_scene(rows):
    part = scene("unrelated")
    assert column(rows, "in_phase", part).mean() < 0.15
    assert column(rows, "anti_phase", part).mean() < 0.15


def test_still_scene(rows):
    part = scene("still")
    assert {str(state) for state in column(rows, "state", part)} == {"still"}


def test_leaving_scene(rows):
    part = scene("leaving")
    states = {row.state for row in rows if part.start < row.time_s < part.start + part.duration}
    assert "no_person_b" in {str(state) for state in states}


# --- the sources ----------------------------------------------------------------------------------


def test_rendered_source_is_reproducible():
    def read_all():
        source = RenderedSource(
            Looks.random(5), aperiodic(5), rate=12.5, duration=0.8, width=320, height=240
        )
        with source:
            return list(source)

    first, second = read_all(), read_all()
    assert [frame.time for frame in first] == [k / 12.5 for k in range(10)]
    for one, other in zip(first, second, strict=True):
        assert one.image.shape == (240, 320, 3)
        assert np.array_equal(one.image, other.image)
    assert not np.array_equal(first[0].image, first[-1].image)


def test_rendered_source_shows_the_empty_room():
    motion = leaving(-10.0, 10.0)
    assert motion(0.0) is None
    source = RenderedSource(Looks.random(5), motion, duration=0.1)
    images = [frame.image for frame in source]
    assert len(images) == 3
    assert np.array_equal(images[0], images[-1])


def test_closed_source_is_at_its_end():
    source = demo_source("a")
    assert source.read() is not None
    source.close()
    source.close()
    assert source.read() is None


def test_demo_plays_once_or_loops():
    once, looped = demo_source("b"), demo_source("b", loop=True)
    assert (once.text, once.live, once.rate, once.duration) == ("demo:b", False, 30.0, LENGTH)
    assert looped.duration is None
    assert looped.live is False


def test_people_perform_an_exercise_by_its_own_time():
    people = [demo_source("a", exercise=built_in()[0], loop=True) for _ in range(2)]
    usual, late = (CroppedSource(person, parse("demo:a")) for person in people)  # reads a frame
    late.perform(lambda time: (round(RATE * time) - 1) / RATE)
    (_, first, _), (_, _, delayed) = (
        [frame.image for frame in islice(each, 3)] for each in (usual, late)
    )
    np.testing.assert_array_equal(delayed, first)
    plain, script = demo_source("a"), demo_source("a")
    script.perform(lambda _time: 9.0)  # the demo's scenes are by the session's clock
    np.testing.assert_array_equal(next(iter(script)).image, next(iter(plain)).image)
