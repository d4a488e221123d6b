from __future__ import annotations

import ast
import math
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

import mirror
from mirror.identity.assignment import Kind
from mirror.moments import Moment
from mirror.summary import Summary, summarize
from mirror.timeline import Score, Span, State, Timeline
from mirror.wording import (
    EVENTS,
    NO_BREAK,
    SHARES,
    clock_time,
    describe_camera,
    describe_lag,
    describe_moment,
    describe_run,
    duration,
    elapsed,
    file_size,
    is_mark,
    list_shares,
    number,
    p_statement,
    p_value,
    percent,
    plain_name,
    run_length,
    share_texts,
    signed,
)

SUMMARY = Summary(0.4, 0.1, 0.1, 0.2, 0.1, 0.05, 0.05, 0.43, 0.63, 0.1, 92.0, 920)


@pytest.mark.parametrize(
    ("seconds", "text", "in_tenths"),
    [
        (0.0, "0:00", "0:00.0"),
        (59.96, "1:00", "1:00.0"),
        (-0.04, "0:00", "0:00.0"),
        (-61.24, "−1:01", "−1:01.2"),
        (-0.26, "0:00", "−0:00.3"),
        (-5, "−0:05", "−0:05.0"),
        (3723.46, "1:02:03", "1:02:03.5"),
        (math.nan, "–", "–"),
    ],
)
def test_clock_time(seconds: float, text: str, in_tenths: str) -> None:
    assert clock_time(seconds) == text
    assert clock_time(seconds, tenths=True) == in_tenths


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "0 s"), (32.4, "32 s"), (92, "1 min 32 s"), (60, "1 min"), (7512, "2 h 5 min")],
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds).replace(NO_BREAK, " ") == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"),
        (7.9, "0:07"),
        (59.999, "0:59"),
        (60, "1:00"),
        (3599, "59:59"),
        (3723, "1:02:03"),
        (90_061, "25:01:01"),
        (-12.5, "−0:12"),
        (-0.4, "0:00"),
        (math.nan, "–"),
    ],
)
def test_elapsed(seconds: float, text: str) -> None:
    assert elapsed(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (24_400, "24 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (3_400_000, "3.4 MB"),
        (9_960_000, "10 MB"),
        (123_456_789, "123 MB"),
        (2_340_000_000, "2.3 GB"),
    ],
)
def test_file_size(count: int, text: str) -> None:
    assert file_size(count) == text


def test_number_is_never_minus_zero_and_nan_is_a_dash() -> None:
    assert [number(each) for each in (0.416, 1, -0.7, -0.001, math.nan)] == [
        "0.42",
        "1.00",
        "−0.70",
        "0.00",
        "–",
    ]
    assert [number(each, 0) for each in (-91.6, -0.4)] == ["−92", "0"]
    assert [signed(each) for each in (0.4, -0.4, 0.001, math.nan)] == [
        "+0.40",
        "−0.40",
        "0.00",
        "–",
    ]
    assert percent(0.426) == f"43{NO_BREAK}%"
    assert percent(math.nan) == "–"


def test_shares_in_words_add_up_to_100() -> None:
    shares: dict[str, Any] = dict.fromkeys(SHARES, 0.0)
    shares |= dict.fromkeys(("in_phase", "anti_phase", "still"), 1 / 3)
    third = replace(SUMMARY, **shares)
    assert list_shares(third) == (
        f"in phase 34{NO_BREAK}%, anti-phase 33{NO_BREAK}%, still 33{NO_BREAK}%"
    )
    eighths = replace(third, in_phase=0.625, anti_phase=0.125, still=0.25)
    for summary in (eighths, SUMMARY, summarize(Timeline.from_scores([]))):
        texts = [each.removesuffix(f"{NO_BREAK}%") for each in share_texts(summary).values()]
        assert sum(map(int, texts)) == (100 if summary.rows else 0)
        for kind, text in zip(SHARES, texts, strict=True):
            assert abs(int(text) - 100 * getattr(summary, kind)) < 1


def test_p_values() -> None:
    assert [p_value(each) for each in (0.0341, 0.0004, 1.0, math.nan)] == [
        ".034",
        f"<{NO_BREAK}.001",
        "1.000",
        "–",
    ]
    assert [p_statement(each).replace(NO_BREAK, " ") for each in (0.0341, 0.0004)] == [
        "p = .034",
        "p < .001",
    ]


def test_shares_add_up_to_the_whole() -> None:
    assert sum(getattr(SUMMARY, kind) for kind in SHARES) == pytest.approx(1.0)


def test_plain_name() -> None:
    assert [plain_name(each) for each in ("anti_phase", "other_phase", "left_arm")] == [
        "anti-phase",
        "at another phase",
        "left arm",
    ]


def test_longest_run_is_described_with_its_place() -> None:
    assert describe_run(Span(66.0, 79.4)).replace(NO_BREAK, " ") == "13.4 s, from 1:06.0 to 1:19.4"
    assert describe_run(Span(66.0, 66.0)) == "a single row, at 1:06.0"
    assert run_length(Span(66.0, 79.4)).replace(NO_BREAK, " ") == "13.4 s"


def test_no_run_is_not_zero() -> None:
    assert describe_run(None) == "none"
    assert run_length(None) == "–"


def test_moment_has_kind_score_and_place() -> None:
    text = describe_moment(Moment(8.0, 6.0, 11.9, "anti_phase", 0.956))
    assert text == "Anti-phase, mean score 0.96: 0:06.0 to 0:11.9"


@pytest.mark.parametrize(
    ("lag", "start"),
    [
        (0.43, "Anna led: Ben followed by 0.43 s (median lag)."),
        (-0.43, "Ben led: Anna followed by 0.43 s (median lag)."),
        (0.05, "Mostly nobody led: the median lag is 0.05 s."),
        (-0.1, "Mostly nobody led: the median lag is −0.10 s."),
    ],
)
def test_lag_says_who_led_and_by_how_much(lag: float, start: str) -> None:
    text = describe_lag(replace(SUMMARY, lag_s=lag), ("Anna", "Ben")).replace(NO_BREAK, " ")
    assert text.startswith(start)
    assert "Anna was ahead in 63 %, Ben in 10 %" in text


@pytest.mark.parametrize(
    ("a", "says"), [(0.55, "Nobody led for clearly longer"), (0.61, "Anna led")]
)
def test_who_led_by_little_did_not_lead(a: float, says: str) -> None:
    summary = replace(SUMMARY, lag_s=0.43, a_led=a, b_led=1 - a)
    assert describe_lag(summary, ("Anna", "Ben")).startswith(says)


def test_every_kind_of_event_of_the_program_has_a_label() -> None:
    written = set(get_args(Kind))
    for path in Path(mirror.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Event":
                kinds = [each.value for each in call.args[1:2] if isinstance(each, ast.Constant)]
                written.update(str(kind) for kind in kinds)
    assert {"lost", "pause", "repaired", "warning"} <= written
    assert written - set(EVENTS) == set()
    assert not any(map(is_mark, written - {"mark"}))


def test_small_share_is_not_said_to_be_none() -> None:
    shares: dict[str, Any] = dict.fromkeys(SHARES, 0.0) | {"in_phase": 0.003, "still": 0.997}
    summary = replace(SUMMARY, **shares)
    assert share_texts(summary)["in_phase"] == f"<1{NO_BREAK}%"
    assert share_texts(summary)["anti_phase"] == f"0{NO_BREAK}%"
    assert list_shares(summary) == f"in phase <1{NO_BREAK}%, still 100{NO_BREAK}%"


def test_does_not_say_that_nobody_led_where_little_was_measured() -> None:
    scored = Score(1.0, State.OK, in_phase=0.6, anti_phase=0.0, coherence=0.6)
    rows = [scored, *(Score(1.0 + each, State.GAP) for each in range(1, 5))]
    text = describe_lag(summarize(Timeline.from_scores(rows)))
    assert text == "Too little of the session could be measured to tell who led."


def test_nobody_led_if_there_is_no_lag() -> None:
    text = describe_lag(summarize(Timeline.from_scores([Score(1.0, State.STILL)])), ("Anna", "Ben"))
    assert text == "Nothing could be measured."
    row = Score(1.0, State.OK, in_phase=0.6, anti_phase=0.0, coherence=0.6)
    text = describe_lag(summarize(Timeline.from_scores([row])), ("Anna", "Ben"))
    assert text.startswith("Nobody led")
    assert "–" not in text


def test_camera_is_described_where_it_moved_or_could_not_be_told() -> None:
    assert describe_camera({"frames": 1000}) == ""
    assert describe_camera({"frames": 1000, "camera_moved": 5, "camera_unknown": 9}) == ""
    counts = {"frames": 900, "paused": 100, "camera_moved": 250, "camera_unknown": 1200}
    assert describe_camera(counts).replace(NO_BREAK, " ") == (
        "camera moved in 25 % of the frames, "
        "motion of the camera unknown in 100 % (background too plain)"
    )
