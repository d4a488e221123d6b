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


def power(channel: str, moving: np.ndarray, ticks: int = 150) -> np.ndarray:
    """Power of a channel in stretches of so many ticks."""
    series = moving[: len(moving) // ticks * ticks, CHANNELS.index(channel)]
    return (series * series).reshape(-1, ticks).mean(axis=1)


@pytest.mark.parametrize(
    ("kind", "channel", "together"),
    [
        ("common changes of axis", "left_wrist_x", True),
        ("common changes of amount", "left_wrist_y", True),
        ("stationary", "left_wrist_y", False),
    ],
)
def test_what_is_common_is_not_the_movement(kind: str, channel: str, together: bool) -> None:
    a, b = unrelated(kind, 600.0, np.random.default_rng(2))
    energy = np.corrcoef(power(channel, a.channels), power(channel, b.channels))[0, 1]
    assert (energy > 0.6) == together
    at = CHANNELS.index(channel)
    assert abs(np.corrcoef(a.channels[:, at], b.channels[:, at])[0, 1]) < 0.15


def test_in_turns_one_moves_while_the_other_is_nearly_still() -> None:
    a, b = unrelated("turns of 1 to 4 s", 600.0, np.random.default_rng(2))
    of_a, of_b = (power("left_wrist_y", each.channels, 15) for each in (a, b))
    assert np.corrcoef(of_a, of_b)[0, 1] < -0.2


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
