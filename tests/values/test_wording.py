from __future__ import annotations

import math

import pytest

from mirror.moments import Run
from mirror.summary import summarize
from mirror.timeline import Score, State, Timeline
from mirror.wording import (
    NO_BREAK,
    duration,
    longest,
    moment,
    number,
    p_value,
    percent,
    signed,
    who_led,
)


@pytest.mark.parametrize(
    ("seconds", "told", "in_tenths"),
    [
        (0.0, "0:00", "0:00.0"),
        (59.96, "1:00", "1:00.0"),
        (-0.04, "0:00", "0:00.0"),
        (-61.24, "−1:01", "−1:01.2"),
        (3723.46, "1:02:03", "1:02:03.5"),
        (math.nan, "–", "–"),
    ],
)
def test_moments(seconds: float, told: str, in_tenths: str) -> None:
    assert moment(seconds) == told
    assert moment(seconds, tenths=True) == in_tenths


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.2, "0 s"), (32.4, "32 s"), (92, "1 min 32 s"), (60, "1 min"), (7512, "2 h 5 min")],
)
def test_durations(seconds: float, told: str) -> None:
    assert duration(seconds).replace(NO_BREAK, " ") == told


def test_numbers_are_never_minus_zero_and_undefined_is_no_number() -> None:
    assert [number(each) for each in (0.416, -0.7, -0.001, math.nan)] == [
        "0.42",
        "−0.70",
        "0.00",
        "–",
    ]
    assert [signed(each) for each in (0.4, -0.4, 0.001, math.nan)] == [
        "+0.40",
        "−0.40",
        "0.00",
        "–",
    ]
    assert percent(0.426) == f"43{NO_BREAK}%"
    assert percent(math.nan) == "–"
    assert [p_value(each) for each in (0.0341, 0.0004, 1.0, math.nan)] == [
        ".034",
        f"<{NO_BREAK}.001",
        "1.000",
        "–",
    ]


def test_the_longest_run_in_a_sentence() -> None:
    assert "Never" in longest(None)
    assert "a moment, at 0:02.0" in longest(Run(2.0, 2.0))
    assert "7.5 s, from 0:02.0 to 0:09.5" in longest(Run(2.0, 9.5)).replace(NO_BREAK, " ")


@pytest.mark.parametrize(
    ("lag", "told"),
    [
        (0.4, "Anna led: Ben followed by 0.40 s"),
        (-0.4, "Ben led: Anna followed by 0.40 s"),
        (0.05, "Mostly nobody led: the median lag is 0.05 s"),
        (math.nan, "Nobody led"),
    ],
)
def test_who_led(lag: float, told: str) -> None:
    scores = [Score(t, State.OK, mirroring=0.9, anti_phase=0.0, lag_s=lag) for t in (1.0, 1.1)]
    if math.isnan(lag):
        scores = [Score(1.0, State.STILL)]
    said = who_led(summarize(Timeline.from_scores(scores)), ("Anna", "Ben"))
    assert told in said.replace(NO_BREAK, " ")
