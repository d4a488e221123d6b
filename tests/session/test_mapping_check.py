from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from mirror import Landmark, Score, State
from mirror.estimator.scoring import Scoring
from mirror.session.mapping_check import MappingCheck
from mirror.settings import Settings
from mirror.settings_history import SettingsHistory
from tests.support.people import pose

RATE, SECONDS = 15, 24
LEFT, RIGHT = Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST
Offsets = dict[Landmark, tuple[float, float]]


def wander(seed: int) -> NDArray[np.float64]:
    """Return aperiodic movement between 0.3 and 1.2 Hz, in fractions of the frame."""
    noise = np.random.default_rng(seed).standard_normal(RATE * SECONDS)
    band = butter(2, [0.3, 1.2], "bandpass", fs=RATE, output="sos")
    moved: NDArray[np.float64] = sosfiltfilt(band, noise)
    return 0.05 * moved / moved.std()


LX, LY, RX, RY = map(wander, range(4))


def leader(k: int) -> Offsets:
    return {LEFT: (LX[k], LY[k]), RIGHT: (RX[k], RY[k])}


def follower(k: int, how: str) -> Offsets:
    if how == "mirror":
        return {RIGHT: (-LX[k], LY[k]), LEFT: (-RX[k], RY[k])}
    return leader(k) if how == "same-side" else {LEFT: (RY[-k], LX[-k]), RIGHT: (LY[-k], RX[-k])}


def suggestion(how: str, mapping: str, *, lag: int = 0, still_from: int = 10**6) -> list[str]:
    """Return what was suggested, in order, while B moves as A did `lag` frames before."""
    settings = Settings().changed(mapping=mapping, hop=0.5, rate=float(RATE))
    scoring, check, found = Scoring(SettingsHistory(settings)), MappingCheck(settings), [""]
    for k in range(RATE * SECONDS):
        moving = k < still_from
        a = pose(k / RATE, leader(k) if moving else None)
        b = pose(k / RATE, follower(max(0, k - lag), how) if moving else None)
        check.push("a", a, scoring.push("a", a))
        check.push("b", b, scoring.push("b", b))
        found.append(check.better)
    return [each for each, _ in itertools.groupby(found)]


@pytest.mark.parametrize("lag", [0, 9], ids=["at once", "after 0.6 s"])
def test_better_mapping_is_suggested(lag: int) -> None:
    assert suggestion("same-side", "mirror", lag=lag) == ["", "same-side"]
    assert suggestion("mirror", "same-side", lag=lag) == ["", "mirror"]


def test_right_mapping_and_unrelated_movement_suggest_nothing() -> None:
    assert suggestion("mirror", "mirror") == [""]
    assert suggestion("unrelated", "mirror") == [""]


def test_a_mapping_without_scores_is_no_worse() -> None:
    settings = Settings().changed(mapping="same-side", hop=0.5, rate=float(RATE))
    check = MappingCheck(settings)  # the other one fits, and of the chosen one there are gaps
    for k in range(RATE * SECONDS):
        gap = [Score(k / RATE, State.GAP)] if k % 8 == 0 else []
        check.push("a", pose(k / RATE, leader(k)), gap)
        check.push("b", pose(k / RATE, follower(k, "mirror")), [])
    assert check.better == ""


def test_suggestion_needs_twenty_scored_seconds() -> None:
    assert suggestion("same-side", "mirror", still_from=10 * RATE) == [""]
