from __future__ import annotations

import math
from dataclasses import replace

import pytest

from mirror.moments import Moment, Run
from mirror.summary import Summary
from ui.summary.words import NEVER, SHARES, length, longest, of_moment, who_led

NAN = math.nan
NAMES = ("Anna", "Ben")
SUMMARY = Summary(0.4, 0.1, 0.1, 0.2, 0.1, 0.05, 0.05, 0.43, 0.63, 0.1, 92.0, 920)


def test_shares_are_the_whole() -> None:
    assert sum(getattr(SUMMARY, kind) for kind in SHARES) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("lag", "told"),
    [
        (0.43, "Anna led: Ben followed by 0.43 s in the median."),
        (-0.43, "Ben led: Anna followed by 0.43 s in the median."),
        (0.05, "Mostly nobody: the median lag is 0.05 s."),
        (-0.1, "Mostly nobody: the median lag is −0.10 s."),
    ],
)
def test_who_led_and_by_how_much(lag: float, told: str) -> None:
    text = who_led(replace(SUMMARY, lag_s=lag), NAMES)
    assert text.startswith(told)
    assert "Anna was ahead in 63\u00a0%, Ben in 10\u00a0%" in text


def test_nobody_led_where_there_is_no_lag() -> None:
    text = who_led(replace(SUMMARY, lag_s=NAN, a_led=NAN, b_led=NAN), NAMES)
    assert text.startswith("Nobody")
    assert "–" not in text


def test_longest_run_is_told_with_its_place() -> None:
    assert longest(Run(66.0, 79.4)) == "13.4 s, from 1:06.0 to 1:19.4."
    assert length(Run(66.0, 79.4)) == "13.4 s"


def test_single_row_is_a_moment() -> None:
    assert longest(Run(66.0, 66.0)) == "A moment, at 1:06.0."


def test_never_in_phase_is_no_zero() -> None:
    assert longest(None) == NEVER
    assert length(None) == "–"


def test_moment_says_its_kind_score_and_place() -> None:
    text = of_moment(Moment(8.0, 6.0, 11.9, "anti_phase", 0.956))
    assert text == "Anti-phase  0.96   0:06.0 to 0:11.9"
