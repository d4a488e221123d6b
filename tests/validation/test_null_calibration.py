from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from mirror import Settings
from mirror.estimator.movement import CHANNELS
from mirror.validation.null_calibration import (
    MINUTES,
    SCORES,
    TestRates,
    calibrate_null,
    number_of_sessions,
)
from mirror.validation.simulated import (
    RATE,
    UNRELATED,
    follower,
    gestures,
    to_movement,
    unrelated,
)


@pytest.fixture(scope="module")
def rates() -> tuple[TestRates, ...]:
    seen = []
    found = calibrate_null(Settings(), 1, 3, lambda: seen.append(1))
    assert len(seen) == number_of_sessions(1) == len(found)
    return found


def test_every_kind_and_length_is_tested(rates: tuple[TestRates, ...]) -> None:
    apart = [(each.kind, each.minutes) for each in rates if not each.related]
    assert apart == [(kind, minutes) for kind in UNRELATED for minutes in MINUTES]


def test_unrelated_people_are_rarely_significant(rates: tuple[TestRates, ...]) -> None:
    apart = [each.hits for each in rates if not each.related]
    assert (np.sum(apart, axis=0) <= binom.ppf(0.999, len(apart), 0.05)).all()


def test_mirroring_finds_people_who_share_a_third(rates: tuple[TestRates, ...]) -> None:
    together = [each.rates[SCORES.index("mirroring")] for each in rates if each.related]
    assert together == [1.0] * 6


def power(channel: str, moving: np.ndarray) -> np.ndarray:
    """Energy of a channel in stretches of five seconds."""
    series = moving[: len(moving) // 150 * 150, CHANNELS.index(channel)]
    return series.reshape(-1, 150).var(axis=1)


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
