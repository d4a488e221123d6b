from __future__ import annotations

import numpy as np
import pytest

from mirror.estimator.movement import CHANNELS
from mirror.validation.simulated import (
    RATE,
    follower,
    gestures,
    to_movement,
    unrelated,
)


def power(channel: str, moving: np.ndarray) -> np.ndarray:
    """Power of a channel in stretches of one second."""
    series = moving[: len(moving) // 30 * 30, CHANNELS.index(channel)]
    return (series * series).reshape(-1, 30).mean(axis=1)


@pytest.mark.parametrize(
    ("kind", "channel", "least", "most"),
    [
        ("common changes of axis", "left_wrist_x", 0.25, 1.0),
        ("common changes of amount", "left_wrist_y", 0.25, 1.0),
        ("turns of 1 to 4 s", "left_wrist_y", -1.0, -0.2),
        ("stationary", "left_wrist_y", -0.15, 0.15),
    ],
)
def test_what_is_common_is_not_the_movement(
    kind: str, channel: str, least: float, most: float
) -> None:
    a, b = unrelated(kind, 600.0, np.random.default_rng(2))
    energy = np.corrcoef(power(channel, a.channels), power(channel, b.channels))[0, 1]
    assert least < energy < most, energy
    at = CHANNELS.index(channel)
    assert abs(np.corrcoef(a.channels[:, at], b.channels[:, at])[0, 1]) < 0.15


def test_follower_repeats_a_share_after_the_lag() -> None:
    rng = np.random.default_rng(0)
    leader = gestures(round(600 * RATE), rng)
    for sign in (1.0, -1.0):
        b = follower(leader, 12, 0.5, rng, sign)
        x, y = leader[:-12], b
        shared = (x * y).sum() / np.sqrt((x * x).sum() * (y * y).sum())
        assert shared == pytest.approx(0.5 * sign, abs=0.05)


def test_missing_sources_are_missing_ticks() -> None:
    sources = gestures(60, np.random.default_rng(0))
    sources[10:20] = np.nan
    movement = to_movement(sources, np.random.default_rng(1))
    assert np.flatnonzero(~movement.present).tolist() == list(range(10, 20))
    assert not movement.channels[10:20].any()
