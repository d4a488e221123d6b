from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mirror import Settings
from mirror.landmarks import Model
from mirror.report.document import Figure
from mirror.report.html import to_html
from mirror.validation.figures import figures
from mirror.validation.measurement import Measurement
from mirror.validation.outcome import Outcome, origins
from mirror.validation.page import page
from tests.support.html_pages import Reader, check_whole
from tests.support.measurements import ALARMS, DETECTIONS, TESTS, all_perfect

NASTY = '<script>alert("1")</script> & co'


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    measurements = all_perfect()
    named = replace(measurements[0].condition, name=NASTY)
    measurements[0] = Measurement(named, measurements[0].timeline)
    model = Model(Path("x.task"), "0123abcd" * 8, "x")
    about = origins(Settings(), model, seed=7, quick=False, took=12.3)
    return Outcome(
        measurements, ALARMS, about, (replace(TESTS[0], sessions=240), *TESTS[1:]), DETECTIONS
    )


@pytest.fixture(scope="module")
def drawn(outcome: Outcome) -> tuple[Figure, ...]:
    return tuple(figures(outcome.measurements, outcome.tests, outcome.detections))


@pytest.fixture(scope="module")
def text(outcome: Outcome, drawn: tuple[Figure, ...]) -> str:
    return to_html(page(outcome, drawn))


def test_page_is_well_formed_and_loads_nothing(text: str) -> None:
    check_whole(text)


def test_names_are_escaped(text: str) -> None:
    assert NASTY not in text
    assert "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; co" in text


def test_every_figure_has_a_text_alternative(text: str, drawn: tuple[Figure, ...]) -> None:
    drawings = [given for tag, given in Reader(text).tags if tag == "svg"]
    assert len(drawings) == len(drawn) == 6
    for given in drawings:
        assert given["role"] == "img"
        for name in (given["aria-labelledby"] or "").split():
            assert f'id="{name}"' in text
    for each in drawn:
        assert each.meaning
        assert "error" in each.alternative or len(each.alternative) > 40
    assert text.count("<desc") == 6


def test_settings_and_versions_are_given(text: str) -> None:
    for fact in ("0123abcd" * 8, "mediapipe 0.10.33", "window 6", "band 0.2–3", "<dd>7</dd>"):
        assert fact in text


def test_verdict_names_failed_criteria(outcome: Outcome) -> None:
    bad = replace(outcome, alarms=(replace(ALARMS[0], alarms=60), *ALARMS[1:]))
    text = to_html(page(bad, ()))
    assert "1 of 26 criteria failed" in text
    assert "false alarms: in phase" in text
    drawn = replace(outcome, detections=(*DETECTIONS, replace(DETECTIONS[0], pairs=24)))
    assert "60 simulated pairs of each kind (24 of the last one) " in to_html(page(drawn, ()))
    assert "60 simulated pairs of each kind against" in to_html(page(outcome, ()))
    assert "All 26 criteria hold" in to_html(page(outcome, ()))


def test_facts_are_json_with_the_same_numbers(outcome: Outcome) -> None:
    facts = json.loads(json.dumps(outcome.facts(), allow_nan=False))
    assert facts["passed"] is True
    assert len(facts["criteria"]) == 26
    assert len(facts["conditions"]) == len(outcome.measurements)
    late = next(each for each in facts["conditions"] if each["true_lag_s"] == 1.5)
    assert late["lag_s"] == pytest.approx(1.5)
    assert late["true_phase_deg"] is None
    assert facts["false_alarms"][0]["rate"] == 0.05
    assert facts["detection"][0]["area_under_curve"]["SUSY"] == pytest.approx(0.6)
    assert facts["tests_against_chance"][1]["significant"]["in_phase"] == pytest.approx(1 / 30)
    assert facts["about"]["model"]["sha256"] == "0123abcd" * 8


def test_tables_have_every_criterion_pair_and_score(text: str, outcome: Outcome) -> None:
    criteria, pairs, alarms, tests, detections = Reader(text).tables
    assert [row[0] for row in criteria[1:]] == [each.name for each in outcome.criteria]
    assert {row[-1] for row in criteria[1:]} == {"✓ holds"}
    assert [row[1] for row in pairs[1:]] == [each.condition.group for each in outcome.measurements]
    assert pairs[1][:2] == [NASTY, "phase"]
    assert pairs[3][5:7] == ["90°", "90.0°"]
    assert detections[1][:4] == ["coupling 0.5, lag 4 s", "3 min", "1.00", "0.90"]
    assert tests[3] == [
        *("coordinated", "coupling 0.3", "5 min", "120"),
        *("100.0 %", "0.0 %", "75.0 %", "91.7 %"),
    ]
    assert alarms[1][:3] == ["in phase", "15 of 300", "5.0 %"]
