"""How quickly the scores of exercises follow: the figures in docs/methods.md."""

from __future__ import annotations

import numpy as np
import pytest

from mirror.estimator.estimator import score_movement
from mirror.estimator.movement import BODY
from mirror.practice.exercise import QUICK_WINDOW_S
from mirror.settings import Settings
from mirror.validation.simulated import RATE, gestures, to_movement

JOIN_S, PART_S, END_S = 45.0, 60.0, 66.0
PAIRS = 20


@pytest.mark.parametrize(("name", "lag_s"), [("in_phase", 0.0), ("mirroring", 0.6)])
def test_scores_follow_within_little_more_than_a_second(name: str, lag_s: float) -> None:
    settings = Settings(window=QUICK_WINDOW_S, taper="quick")
    ticks, lag = round(END_S * RATE), round(lag_s * RATE)
    time = np.arange(ticks) / RATE
    together = ((time >= JOIN_S) & (time < PART_S))[:, None]
    means, alarms = [], []
    for seed in range(PAIRS):
        rng = np.random.default_rng(seed)
        leader, own = gestures(ticks + lag, rng), gestures(ticks, rng)
        a = to_movement(leader[lag:], rng)
        b = to_movement(np.where(together, leader[:ticks], own), rng)
        rows = score_movement(time, a, b, BODY, settings)
        means.append(np.where(rows.state == "ok", rows[name], np.nan))
        apart = (rows.time_s > 20.0) & (rows.time_s < JOIN_S)
        alarms.append(np.mean(rows[name][apart] > rows[f"chance_{name}"][apart]))
    at = rows.time_s[rows.time_s > 20.0]
    mean = np.nanmean(np.array(means)[:, rows.time_s > 20.0], axis=0)
    before = mean[(at > 20.0) & (at < JOIN_S)].mean() if name == "mirroring" else 0.0
    middle = 0.5 * (before + mean[(at > JOIN_S + 5.0) & (at < PART_S)].mean())
    assert at[(at > JOIN_S) & (mean > middle)][0] - JOIN_S < 1.35
    assert at[(at > PART_S) & (mean < middle)][0] - PART_S < 1.35
    assert np.mean(alarms) < 0.1
