"""From pixels to scores: `mirror validate --quick` against the phases and lags it renders."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from mirror.validation.calibration import MINUTES, SCORES
from mirror.validation.simulated import UNRELATED
from tests.support.commands import start
from tests.support.once import make_once

TIMEOUT_S = 280.0  # MediaPipe tracks about 940 frames


@dataclass(frozen=True)
class Run:
    """What the command printed and wrote."""

    status: int
    out: str
    err: str
    files: dict[str, str]

    @property
    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads(self.files["facts.json"])
        return facts

    def group(self, name: str) -> list[dict[str, Any]]:
        return [each for each in self.facts["conditions"] if each["group"] == name]


@pytest.fixture(scope="module")
def validation(tmp_path_factory: pytest.TempPathFactory) -> Run:
    def validate() -> Run:
        folder = tmp_path_factory.mktemp("validation")
        words = ("validate", "-o", "report.html", "--quick", "--json", "facts.json")
        with start(*words, folder=folder) as process:
            out, err = process.communicate(timeout=TIMEOUT_S)
        files = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
        return Run(process.returncode, out, err, files)

    return make_once(tmp_path_factory, "validation", validate)


def test_all_criteria_hold(validation: Run) -> None:
    assert (validation.status, validation.err) == (0, ""), validation.out
    assert "no_person_b" in validation.out
    assert sorted(validation.files) == ["facts.json", "report.html"]
    assert "criteria hold" in validation.files["report.html"]
    assert validation.facts["passed"]


def test_relative_phase(validation: Run) -> None:
    for group, phases in (("phase", [0, 90, 180]), ("pictures", [60])):
        pairs = validation.group(group)
        found = np.radians([each["phase_deg"] for each in pairs])
        errors = np.abs(np.angle(np.exp(1j * (found - np.radians(phases))), deg=True))
        assert errors.max() < 6
        assert np.median(errors) <= 4
        assert min(each["coherence"] for each in pairs) > 0.8


def test_lag_of_either_sign(validation: Run) -> None:
    (ahead,), (behind, *_) = validation.group("lag"), validation.group("rates")
    assert ahead["lag_s"] == pytest.approx(-0.6, abs=1 / 30)
    assert behind["frames_per_second"] == [15, 9]
    assert behind["lag_s"] == pytest.approx(0.5, abs=1 / 9)
    assert min(ahead["mirroring"], behind["mirroring"]) > 0.8


def test_unrelated_people_score_low(validation: Run) -> None:
    pairs = validation.group("unrelated")
    assert len(pairs) == 2
    for score in ("in_phase", "anti_phase"):
        assert np.mean([each[score] for each in pairs]) <= 0.15


def test_unrelated_people_are_rarely_significant(validation: Run) -> None:
    apart = [each for each in validation.facts["tests_against_chance"] if not each["related"]]
    assert [(each["kind"], each["minutes"]) for each in apart] == [
        *((kind, minutes) for kind in UNRELATED for minutes in MINUTES[:2]),
        *((f"gestures, {share} % missing", 5.0) for share in (0, 5, 20, 40)),
    ]
    most = binom.ppf(0.999, sum(each["sessions"] for each in apart), 0.05)
    for score in SCORES:
        assert sum(each["significant"][score] * each["sessions"] for each in apart) <= most


def test_people_who_share_a_third_are_found(validation: Run) -> None:
    together = [each for each in validation.facts["tests_against_chance"] if each["related"]]
    assert [each["significant"]["mirroring"] for each in together] == [1.0] * 6


def test_states(validation: Run) -> None:
    for each in validation.group("state"):
        assert each["rows_in_certain_state"] == each["rows_where_certain"] > 0
