"""Postures of rendered people as MediaPipe found them in frames, kept with their script.

Two people of one size, 200 s at 5 frames a second, of which `taken` has when A and when B began to
take each mirrored posture and when A left it, and `unrelated` when both held different ones, s.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mirror import Pose, Settings, Tick, Timeline
from mirror.capture.synthetic.postures import MOVE_S
from mirror.estimator.estimator import score_ticks
from mirror.mimicry import take_overs

DATA = Path(__file__).parent / "data" / "postures.npz"
RATE = 5.0

Script = dict[str, NDArray[np.float64]]


@pytest.fixture(scope="module")
def stored() -> tuple[Script, Timeline]:
    with np.load(DATA) as data:
        people = [_poses(data[feed], data["marks"]) for feed in "ab"]
        script = {name: data[name] for name in ("taken", "unrelated")}
    ticks = [Tick(k / RATE, *pair) for k, pair in enumerate(zip(*people, strict=True))]
    return script, score_ticks(ticks, Settings(rate=RATE, hop=0.2, band=(0.2, 2.0)))


def _poses(steps: NDArray[np.int16], marks: NDArray[np.uint8]) -> list[Pose]:
    values = (np.cumsum(steps.astype(np.int32), axis=0) - 12_000) / 20_000
    landmarks = np.zeros((len(steps), 33, 4), np.float32)
    landmarks[:, marks[:, None], [0, 1, 3]] = values * (1.0, 1.0, 2.0)
    return [Pose(k / RATE, each, None, 640, 480) for k, each in enumerate(landmarks)]


def above(timeline: Timeline, spans: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether the match is above chance in the scored rows within some spans, s."""
    time = timeline.time_s[:, None]
    rows = ((time >= spans[:, 0]) & (time < spans[:, 1])).any(axis=1)
    rows &= timeline.posture_state == "ok"
    assert rows.sum() > 100
    return np.asarray((timeline.posture_match > timeline.chance_posture_match)[rows])


def test_match_is_above_chance_in_mirrored_postures_only(stored: tuple[Script, Timeline]) -> None:
    """Also in folded arms, of which one hand is hidden, and in hands on the hips."""
    script, timeline = stored
    assert above(timeline, script["taken"][:, 1:] + (2.0, 0.0)).mean() >= 0.95
    assert above(timeline, script["unrelated"]).mean() <= 0.05


def test_postures_taken_over_are_found_with_their_latency(stored: tuple[Script, Timeline]) -> None:
    script, timeline = stored
    begun = timeline.time_s[timeline.posture_state == "ok"][0]
    taken = [each for each in script["taken"] if begun < each[1] < 195.0]
    found = take_overs(timeline)
    errors = [
        event.latency_s - (follows - leads)
        for leads, follows, _ in taken
        for event in found
        if event.by == "b" and abs(event.time_s - follows - MOVE_S / 2) < 1.0
    ]
    assert len(errors) >= 0.7 * len(taken) > 4
    assert len(found) == len(errors)  # and no others
    assert np.abs(errors).max() <= 0.25  # frames are 0.2 s apart
