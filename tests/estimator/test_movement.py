"""Movement channels: what moves which channel, in which units, on which side."""

from __future__ import annotations

import numpy as np
import pytest

from mirror import Landmark
from mirror.estimator.movement import (
    BODY,
    MIRROR_CHANNELS,
    MIRROR_SIGNS,
    from_poses,
    from_series,
    series_layout,
)
from mirror.timeline import REGIONS
from tests.support.people import STANDING, empty_pose, filmed, landmarks, pose

WIDTH = 0.2 * 640 / 480  # shoulders 0.6 and 0.4 across a frame of 640 by 480, in its heights


def shift(mark: Landmark, x: float, y: float, *, mirrored: bool = False) -> np.ndarray:
    """How the channels change when one landmark moves by fractions of the frame."""
    movement = from_poses([pose(0.0), pose(0.0, {mark: (x, y)})], mirrored=mirrored)
    return movement.channels[1] - movement.channels[0]


def changed(difference: np.ndarray) -> set[str]:
    return {name for name, at in BODY.regions.items() if np.abs(difference[at]).max() > 1e-3}


def test_there_are_25_channels_in_five_regions() -> None:
    assert BODY.needs.shape[0] == 25
    assert tuple(BODY.regions) == REGIONS
    taken = np.concatenate([np.arange(25)[at] for at in BODY.regions.values()])
    assert sorted(taken) == list(range(25))


@pytest.mark.parametrize(
    ("mark", "region"),
    [
        (Landmark.NOSE, "head"),
        (Landmark.LEFT_EAR, "head"),
        (Landmark.LEFT_WRIST, "left_arm"),
        (Landmark.RIGHT_ELBOW, "right_arm"),
        (Landmark.RIGHT_ANKLE, "legs"),
    ],
)
def test_joint_moves_only_its_region_in_frame_heights(mark: Landmark, region: str) -> None:
    difference = shift(mark, 0.1, 0.05)
    assert changed(difference) == {region}
    moved = difference[np.abs(difference) > 1e-3]
    assert np.allclose(moved, [0.1 * 640 / 480, 0.05], atol=1e-5)


def test_mirroring_swaps_the_sides_and_negates_x() -> None:
    difference = shift(Landmark.LEFT_WRIST, 0.1, 0.05, mirrored=True)
    assert changed(difference) == {"right_arm"}
    assert np.allclose(difference[np.abs(difference) > 1e-3], [-0.1 * 640 / 480, 0.05], atol=1e-5)


def test_unused_joints_move_no_channel() -> None:
    for mark in set(Landmark) - set(STANDING):
        assert changed(shift(mark, 0.2, 0.2)) == set()


def test_moving_the_whole_body_moves_only_the_torso() -> None:
    away = dict.fromkeys(Landmark, (0.1, 0.0))
    movement = from_poses([pose(0.0), pose(0.0, away)], mirrored=False)
    assert changed(movement.channels[1] - movement.channels[0]) == {"torso"}


def test_tilting_the_shoulders_is_mirrored_by_tilting_the_other_way() -> None:
    up, down = (0.0, -0.03), (0.0, 0.03)
    a = {Landmark.LEFT_SHOULDER: up, Landmark.RIGHT_SHOULDER: down}
    b = {Landmark.RIGHT_SHOULDER: up, Landmark.LEFT_SHOULDER: down}
    tilt = BODY.regions["torso"].start + 2
    one = from_poses([pose(0.0, a)], mirrored=False).channels[0, tilt]
    other = from_poses([pose(0.0, b)], mirrored=True).channels[0, tilt]
    assert one == pytest.approx(-0.06, abs=1e-5)
    assert other == pytest.approx(one, abs=1e-6)


def test_scale_is_the_shoulder_width() -> None:
    movement = from_poses([pose(0.0), empty_pose(0.1), None], mirrored=False)
    assert movement.scale[0] == pytest.approx(WIDTH, abs=1e-5)
    assert np.isnan(movement.scale[1:]).all()
    assert movement.present.tolist() == [True, False, False]
    assert movement.delivered.tolist() == [True, True, False]


def test_plain_series_is_its_own_movement() -> None:
    series = np.array([[1.0, 2.0], [np.nan, 3.0], [4.0, 5.0]])
    movement, layout = from_series(series), series_layout(2)
    assert movement.present.tolist() == [True, False, True]
    assert movement.channels.tolist() == [[1.0, 2.0], [0.0, 0.0], [4.0, 5.0]]
    assert layout.regions == {}


def test_channels_can_be_mirrored_after_the_fact() -> None:
    rng = np.random.default_rng(2)
    poses = [
        pose(0.0, {mark: tuple(rng.normal(0, 0.05, 2)) for mark in STANDING}) for _ in range(5)
    ]
    plain = from_poses(poses, mirrored=False).channels
    mirrored = from_poses(poses, mirrored=True).channels
    assert np.allclose(plain[:, MIRROR_CHANNELS] * MIRROR_SIGNS, mirrored)


def test_channels_depend_on_the_shape_of_the_frame_not_its_size() -> None:
    offsets = {Landmark.LEFT_WRIST: (0.1, 0.1)}
    small, large, wide = (
        from_poses([pose(0.0, offsets, size=size)], mirrored=False)
        for size in ((640, 480), (1280, 960), (1280, 720))
    )
    assert np.allclose(small.channels, large.channels)
    assert small.scale == pytest.approx(large.scale)
    assert wide.scale == pytest.approx(0.2 * 1280 / 720, abs=1e-5)


def test_scale_in_profile_is_half_the_trunk() -> None:
    profile = {Landmark.LEFT_SHOULDER: (-0.09, 0.0), Landmark.RIGHT_SHOULDER: (0.09, 0.0)}
    seen = from_poses([pose(0.0, profile)], mirrored=False).scale[0]
    assert seen == pytest.approx(0.5 * 0.3, abs=1e-5)  # half of shoulders to hips
    hidden = {Landmark.LEFT_HIP: 0.1, Landmark.RIGHT_HIP: 0.1}
    unseen = from_poses([pose(0.0, profile, visibility=hidden)], mirrored=False).scale[0]
    assert unseen == pytest.approx(0.02 * 640 / 480, abs=1e-5)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("camera", [(1.0, 0.0, 0.05, -0.02), (0.8, 0.1, -0.1, 0.3)])
def test_motion_of_the_camera_is_taken_out(
    camera: tuple[float, float, float, float], mirrored: bool
) -> None:
    still = [pose(0.0), pose(0.1, {Landmark.LEFT_WRIST: (0.1, 0.2)})]
    moved = [still[0], filmed(still[1], camera)]
    expected, found = (from_poses(each, mirrored=mirrored) for each in (still, moved))
    assert np.abs(landmarks(moved[1]) - landmarks(still[1])).max() > 0.01
    for name in ("channels", "hips", "scale", "across"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), atol=1e-6)


def test_pose_with_nan_is_no_person() -> None:
    broken = pose(0.0)
    landmarks(broken)[Landmark.NOSE, 0] = np.nan
    assert not from_poses([broken], mirrored=False).present[0]
