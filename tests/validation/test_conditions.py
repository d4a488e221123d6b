from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from mirror import Settings, State
from mirror.capture.synthetic.demo import RENDERED_SIZE, RenderedSource
from mirror.capture.synthetic.joints import joints
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.motion import mirrored, still
from mirror.capture.synthetic.render import render
from mirror.landmarks import Landmark
from mirror.validation.conditions import Camera, CameraSource, Condition, conditions

FULL = conditions(Settings(), 0, quick=False)


def group(name: str) -> list[Condition]:
    return [each for each in FULL if each.group == name]


def test_conditions_cover_every_group() -> None:
    assert [each.phase_deg for each in group("phase")] == [0, 45, 90, 135, 180, 225, 270, 315]
    lags = {each.lag_s for each in group("lag")}
    assert lags == {0.0, 0.3, 0.6, 1.0, 1.5, -0.3, -0.6, -1.0, -1.5}
    rates = {(each.a.camera.rate, each.b.camera.rate) for each in group("rates")}
    assert rates == {(30, 30), (59.94, 23.976), (30, 12.5), (25, 7), (30, 15)}
    assert len({each.a.looks.size for each in group("size")}) == 3
    unequal = group("unequal")
    assert {(each.ratio, each.smaller) for each in unequal} == {
        *[(1, "b"), (3, "a"), (3, "b"), (8, "a"), (8, "b")]
    }
    for ratio in (1, 3, 8):
        for is_periodic in (True, False):
            alike = [each for each in unequal if each.ratio == ratio]
            alike = [each for each in alike if (each.frequency is not None) == is_periodic]
            assert {each.a.looks.size for each in alike} == {0.08, 0.30}
            assert len(alike) >= 6  # a mean of single pairs
    assert len(group("unrelated")) >= 3
    states = {expected.state for each in FULL for expected in each.states}
    assert {State.STILL, State.NO_PERSON_B} <= states
    assert any(each.a.camera.noise > 10 for each in group("pictures"))
    assert any(each.a.camera.light < 0.3 for each in group("pictures"))


def test_seed_determines_the_pairs() -> None:
    again, other = conditions(Settings(), 0, quick=False), conditions(Settings(), 1, quick=False)
    assert [each.a.looks for each in again] == [each.a.looks for each in FULL]
    assert [each.frequency for each in again] == [each.frequency for each in FULL]
    assert [each.a.looks for each in other] != [each.a.looks for each in FULL]


def test_pairs_are_of_different_people() -> None:
    assert all(each.a.looks != each.b.looks for each in FULL)
    assert len({person.looks for each in FULL for person in (each.a, each.b)}) >= 12


@pytest.mark.parametrize("condition", conditions(Settings(window=4), 0, quick=True)[:1])
def test_number_of_frames_is_as_announced(condition: Condition) -> None:
    short = replace(condition, seconds=0.55)
    frames = [frame for person in (short.a, short.b) for frame in person.source(short.seconds)]
    assert len(frames) == short.frames


def test_b_is_mirrored_and_behind_by_the_phase() -> None:
    """B's right wrist does, mirrored, what A's left one did a part of a cycle before."""
    quarter = next(each for each in group("phase") if each.phase_deg == 90)
    looks = quarter.a.looks
    assert quarter.frequency is not None
    late = 0.25 / quarter.frequency
    middle = 640 * looks.centre[0]
    for time in (1.0, 2.3, 4.1):
        a, b = quarter.a.motion(time), quarter.b.motion(time + late)
        assert a is not None
        assert b is not None
        lead = joints(looks, a, 640, 480)[Landmark.LEFT_WRIST]
        follow = joints(looks, b, 640, 480)[Landmark.RIGHT_WRIST]
        assert (2 * middle - lead[0], lead[1]) == pytest.approx(follow, abs=1e-6)


def test_smaller_mover_does_the_same_with_less_reach() -> None:
    pair = next(each for each in group("unequal") if each.ratio == 8 and each.smaller == "a")
    times = np.arange(0.0, 6.0, 0.1)
    left, right = (
        np.array([motion(time).vector() for time in times])  # type: ignore[union-attr]
        for motion in (pair.a.motion, mirrored(pair.b.motion))
    )
    reach = right - right.mean(axis=0)
    assert reach.std(axis=0).max() > 0.1
    np.testing.assert_allclose(8 * (left - left.mean(axis=0)), reach, atol=1e-9)


def test_leaving_person_is_absent_when_expected() -> None:
    (condition,) = (each for each in group("state") if each.name == "B leaves")
    missing = next(each for each in condition.states if each.state == State.NO_PERSON_B)
    window = np.arange(missing.start - 3.0, missing.end, 0.1)  # half of the window of 6 s
    postures = [condition.b.motion(time) for time in window]
    assert {posture and posture.step for posture in postures} == {8.0}
    image = render(condition.b.looks, postures[0], *RENDERED_SIZE)
    assert np.array_equal(image, render(condition.b.looks, None, *RENDERED_SIZE))
    assert all(condition.a.motion(time) is not None for time in window)


def test_poor_camera_is_darker_and_noisier() -> None:
    def filmed(camera: Camera) -> np.ndarray:
        clean = RenderedSource(Looks.random(1), still(), duration=1.0)
        (frame,) = islice(CameraSource(clean, camera, seed=3), 1)
        assert frame.image.dtype == np.uint8
        return frame.image.astype(float)

    clean = filmed(Camera())
    bright = (clean > 60) & (clean < 190)
    assert (filmed(Camera(light=0.2)) - 0.2 * clean)[bright].mean() == pytest.approx(0, abs=0.1)
    noise = (filmed(Camera(noise=10.0)) - clean)[bright]
    assert noise.std() == pytest.approx(10.0, rel=0.02)
    assert noise.mean() == pytest.approx(0.0, abs=0.1)
    rendered = next(iter(RenderedSource(Looks.random(1), still(), duration=1.0)))
    assert np.array_equal(clean, rendered.image)
