"""Mapping labelled channels to landmarks."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from mirror import Landmark
from mirror.capture.address import Up
from mirror.capture.lsl_channels import (
    LABELS,
    VIEW_M,
    ChannelMap,
    find_landmarks,
    missing_labels,
    select_channels,
)
from mirror.errors import SourceError
from mirror.landmarks import Pose
from mirror.recording.reader import Recording
from mirror.recording.writer import Recorder

NAN = math.nan
SHOULDERS = ["left_shoulder_x", "left_shoulder_y", "right_shoulder_x", "right_shoulder_y"]


def test_full_layout_is_that_of_mediapipe() -> None:
    sample = np.random.default_rng(1).uniform(0, 1, len(LABELS))
    assert LABELS[:4] == ("nose_x", "nose_y", "nose_z", "nose_visibility")
    assert LABELS[-1] == "right_foot_index_visibility"
    found = ChannelMap(find_landmarks(LABELS)).landmarks(list(sample), None)
    assert found is not None
    assert np.array_equal(found, sample.reshape(33, 4))


def test_labels_may_have_any_order_and_style() -> None:
    labels = ["Right Shoulder.Y", "frame", "RIGHT_SHOULDER_X", "left-shoulder-x", "LeftShoulder_Y",
              "left_shoulder_y", "left_wrist_x", "left_wrist_y"]  # fmt: skip
    places = find_landmarks(labels)
    assert missing_labels(places, None) == []
    found = ChannelMap(places).landmarks([0.35, 7, 0.4, 0.6, 0.3, 9, 0.7, 0.65], None)
    assert found is not None
    assert found[Landmark.RIGHT_SHOULDER].tolist() == [0.4, 0.35, 0.0, 1.0]
    assert found[Landmark.LEFT_SHOULDER].tolist() == [0.6, 0.3, 0.0, 1.0]
    assert found[Landmark.LEFT_WRIST].tolist() == [0.7, 0.65, 0.0, 1.0]
    # what the stream knows nothing of lies between the shoulders, and counts for nothing
    assert found[Landmark.NOSE] == pytest.approx([0.5, 0.325, 0.0, 0.0])
    assert found[Landmark.LEFT_THUMB].tolist() == [0.7, 0.65, 0.0, 0.0]  # but hands have fingers


def test_pose_needs_both_shoulders() -> None:
    places = find_landmarks(["nose_x", "nose_y", *SHOULDERS[:3]])
    assert missing_labels(places, None) == ["right_shoulder_y"]
    assert missing_labels(find_landmarks(SHOULDERS), "z") == ["left_shoulder_z", "right_shoulder_z"]
    channels = ChannelMap(find_landmarks(SHOULDERS))
    assert channels.landmarks([0.6, 0.3, NAN, 0.3], None) is None


def test_missing_landmark_keeps_its_position() -> None:
    labels = [*SHOULDERS, "nose_x", "nose_y", "nose_visibility"]
    channels = ChannelMap(find_landmarks(labels))
    before = channels.landmarks([0.6, 0.3, 0.4, 0.3, 0.51, 0.21, 0.9], None)
    after = channels.landmarks([0.6, 0.3, 0.4, 0.3, NAN, 0.4, 0.9], before)
    assert before is not None
    assert after is not None
    assert before[Landmark.NOSE].tolist() == [0.51, 0.21, 0.0, 0.9]
    assert after[Landmark.NOSE].tolist() == [0.51, 0.21, 0.0, 0.0]
    assert np.isfinite(after).all()


@pytest.mark.parametrize("far", [-9_999_999.0, 1e300, math.inf])
@pytest.mark.parametrize("up", [None, "y"])
def test_values_that_recordings_refuse_are_missing(
    tmp_path: Path, far: float, up: Up | None
) -> None:
    channels = ChannelMap(find_landmarks(LABELS), up)
    sample = np.full(len(LABELS), 0.5)
    sample[LABELS.index("nose_x")] = far
    sample[LABELS.index("left_wrist_z")] = far
    sample[LABELS.index("right_wrist_visibility")] = far
    found = channels.landmarks(list(sample), None)
    assert found is not None
    assert found[Landmark.NOSE, 3] == 0.0
    assert found[Landmark.LEFT_WRIST, 2] == 0.0
    assert found[Landmark.RIGHT_WRIST, 3] == 1.0
    with Recorder(tmp_path / "s.mirror", {}) as recorder:
        recorder.add_pose("a", Pose(0.0, found.astype(np.float32), None, 1000, 1000))
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert len(list(recording.poses())) == 1
    sample[LABELS.index("left_shoulder_y")] = far
    assert channels.landmarks(list(sample), found) is None


@pytest.mark.parametrize("up", ["y", "z"])
def test_room_positions_are_projected_into_the_frame(up: Up) -> None:
    other = "z" if up == "y" else "y"
    labels = [f"{side}_shoulder_{axis}" for side in ("left", "right") for axis in ("x", up, other)]
    sample = [200.0, 1500.0, 30.0, -200.0, 1400.0, 30.0]  # millimetres; the left one is higher
    channels = ChannelMap(find_landmarks(labels), up, 0.001)
    found = channels.landmarks(sample, None)
    assert found is not None
    left, right = found[Landmark.LEFT_SHOULDER], found[Landmark.RIGHT_SHOULDER]
    assert left[:3] == pytest.approx([0.5 + 0.2 / VIEW_M, 1 - 1.5 / VIEW_M, 0.03 / VIEW_M])
    assert right[:2] == pytest.approx([0.5 - 0.2 / VIEW_M, 1 - 1.4 / VIEW_M])
    flipped = ChannelMap(find_landmarks(labels), up, 0.001, flip=True).landmarks(sample, None)
    assert flipped is not None
    assert flipped[:, 0] == pytest.approx(1 - found[:, 0])
    assert np.array_equal(flipped[:, 1:], found[:, 1:])


def test_selects_channels_by_label_or_number() -> None:
    labels = ["胸", "腹", "Brust, links", "", "x-", "x+", "2"]
    assert select_channels("belt", labels, ()) == (
        ("胸", "腹", "Brust, links", "4", "x-", "x+", "2"),
        [*range(7)],
    )
    assert select_channels("belt", labels, ("腹", "x+")) == (("腹", "x+"), [1, 5])
    # what stands between the words does not matter, so a label with a comma can be named, too
    assert select_channels("belt", labels, ("brust links", "4")) == (("Brust, links", "4"), [2, 3])
    assert select_channels("belt", labels, ("2", "1")) == (("2", "胸"), [6, 0])  # labels come first


@pytest.mark.parametrize("wanted", ["x", "8", "0", "-1", "²", "9" * 5000, "Brust", ""])
def test_rejects_missing_or_ambiguous_channels(wanted: str) -> None:
    with pytest.raises(SourceError, match=r"belt has (no channel|several channels)") as caught:
        select_channels("belt", ["胸", "Brust, links", "x-", "x+"], (wanted,))
    assert len(str(caught.value)) < 300
