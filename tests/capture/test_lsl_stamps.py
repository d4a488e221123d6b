"""Wrong stamps of live streams: one sample lost each; a clock that jumps and stays is a gap."""

from __future__ import annotations

import contextlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.capture.lsl_stamps import StampFilter

RATE = 60.0


def filtered(
    stamps: list[float],
    delay: float = 0.01,
    rate: float = RATE,
    arrivals: list[float] | None = None,
) -> list[float | None]:
    """Return the times of samples that arrive at a steady pace."""
    each = StampFilter(rate)
    arrivals = arrivals or [1000 + n / rate + delay for n in range(len(stamps))]
    return [each.time(stamp, came) for stamp, came in zip(stamps, arrivals, strict=True)]


def regular(count: int, rate: float = RATE) -> list[float]:
    return [1000 + n / rate for n in range(count)]


@pytest.mark.parametrize("rate", [1.0, 60.0, 1000.0])
@pytest.mark.parametrize("delay", [0.0, 5.0])
@pytest.mark.parametrize("off", [2e5, -2e5, 20.0, -20.0, 3.0, 1e300, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("wrong", [[0], [1], [20], [20, 30], [99]])
def test_one_wrong_stamp_is_one_sample_lost(
    rate: float, delay: float, off: float, wrong: list[int]
) -> None:
    right = regular(100, rate)
    stamps = list(right)
    for place in wrong:
        stamps[place] += off
    expected = [None if n in wrong else time for n, time in enumerate(right)]
    times = filtered(stamps, delay, rate)
    if wrong[0] < 5 and -60 < off <= delay:
        # Nothing before says that a first stamp is wrong: it might be an old one, or less old.
        assert times[5:] == expected[5:] or off > 0
    else:
        assert times == expected


@pytest.mark.parametrize("jump", [2e5, -2e5, 20.0, -20.0, -1.0])
@pytest.mark.parametrize("rate", [10.0, 60.0, 1000.0])
def test_goes_on_after_a_clock_jumped(jump: float, rate: float) -> None:
    right = regular(round(4 * rate), rate)
    middle = len(right) // 2
    times = filtered([time + jump * (n >= middle) for n, time in enumerate(right)], 0.02, rate)
    assert times[:middle] == right[:middle]
    lost = sum(time is None for time in times)
    assert 0 < lost / rate <= 0.35
    assert times[middle + lost :] == pytest.approx(right[middle + lost :], abs=1e-6)


def test_returns_to_the_stamps_themselves_when_the_clock_is_right_again() -> None:
    right = regular(300)
    rng = np.random.default_rng(5)
    arrivals = [
        time + 0.01 + late for time, late in zip(right, rng.exponential(0.02, 300), strict=True)
    ]
    stamps = [time + 40 * (100 <= n < 200) for n, time in enumerate(right)]
    times = filtered(stamps, arrivals=list(np.maximum.accumulate(arrivals)))
    assert times[150:199] == pytest.approx(right[150:199], abs=0.05)
    assert times[220:] == right[220:]


@given(st.lists(st.floats(0, 3), min_size=2, max_size=40), st.floats(1, 500))
def test_bursts_and_silences_lose_nothing(holds: list[float], rate: float) -> None:
    right = regular(len(holds), rate)
    arrivals = np.maximum.accumulate([time + late for time, late in zip(right, holds, strict=True)])
    assert filtered(right, rate=rate, arrivals=arrivals.tolist()) == right


@given(st.lists(st.one_of(st.floats(allow_nan=True), st.floats(900, 1100)), max_size=60))
def test_times_rise_whatever_the_stamps_are(stamps: list[float]) -> None:
    arrivals = regular(len(stamps))
    each, last = StampFilter(RATE), -math.inf
    for stamp, came in zip(stamps, arrivals, strict=True):
        with contextlib.suppress(ValueError):
            time = each.time(stamp, came)
            assert time is None or last < time < math.inf
            last = last if time is None else time


def test_names_the_offset_of_another_clock_and_takes_a_clock_ahead() -> None:
    with pytest.raises(ValueError, match="999999"):
        filtered([time + 1e6 for time in regular(60)])
    times = filtered([time + 5 for time in regular(60)])
    assert times[20:] == pytest.approx([time + 0.01 for time in regular(60)[20:]])


def test_chunks_of_one_stamp_are_one_sample() -> None:
    right = regular(200)
    stamps = [right[n - n % 20] for n in range(200)]
    times = filtered(stamps, arrivals=[right[n - n % 20] + 0.4 for n in range(200)])
    assert [time for time in times if time is not None] == right[::20]
