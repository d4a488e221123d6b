from __future__ import annotations

from math import comb

import pytest

from mirror import Settings
from mirror.validation.calibration import MISSING, FalseAlarms, false_alarms


def alarms(number: int, pairs: int) -> FalseAlarms:
    return FalseAlarms("in_phase", number, pairs, number, pairs)


@pytest.mark.parametrize("pairs", [12, 100, 300, 1000])
def test_interval_contains_99_9_percent_of_true_rates_of_5_percent(pairs: int) -> None:
    low, high = (round(bound * pairs) for bound in alarms(0, pairs).interval)

    def likely(counts: range) -> float:
        return sum(comb(pairs, k) * 0.05**k * 0.95 ** (pairs - k) for k in counts)

    assert likely(range(low, high + 1)) >= 0.999
    # half of the rest on either side: with one count less it would hold too little
    assert likely(range(low)) <= 0.0005
    assert likely(range(high + 1, pairs + 1)) <= 0.0005
    assert likely(range(high, pairs + 1)) > 0.0005
    assert alarms(high, pairs).within
    assert not alarms(high + 1, pairs).within


def test_no_pairs_do_not_pass() -> None:
    assert not alarms(0, 0).within


def test_false_alarm_rate_of_unrelated_pairs_is_near_5_percent() -> None:
    """With no, few and many missing ticks; the level is there in spite of them."""
    seen = []
    found = false_alarms(Settings(window=3), 4, 5, lambda: seen.append(1))
    assert len(seen) == 4 * len(MISSING)
    assert [(each.missing, each.score) for each in found] == [
        (missing, score) for missing in MISSING for score in ("in_phase", "anti_phase", "mirroring")
    ]
    for each in found:
        assert each.pairs == 4
        assert each.within, each
        assert each.rows > 6 * each.pairs


def test_seed_is_reproducible() -> None:
    first, again, other = (
        false_alarms(Settings(window=3), 1, seed, lambda: None) for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other
