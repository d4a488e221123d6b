from __future__ import annotations

import math
import os
import re
from pathlib import Path
from typing import Any

import pytest

from mirror.report.session_report import MEANING
from mirror.report.write import compose, write
from mirror.timeline import Score, Span, State
from tests.support.html_pages import Reader
from tests.support.recordings import make_recording, make_scores_recording
from tests.support.reports import column, page

NASTY = "<script>alert(1)</script> & co"


def led(path: Path, lag: float, **session: Any) -> Path:
    """Ten seconds, in half of which (a quarter for a negative lag) one follows the other."""
    share = 50 if lag > 0 else 25
    scores = [
        Score(
            0.1 * k,
            State.OK,
            in_phase=0.9 if k < share else 0.0,
            anti_phase=0.0 if k < share else 0.3,
            coherence=0.9,
            mirroring=0.9,
            lag_s=lag,
            chance_in_phase=0.4,
            chance_mirroring=0.7,
        )
        for k in range(100)
    ]
    return make_scores_recording(path, scores, **session)


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    folder = tmp_path_factory.mktemp("compared")
    meetings = (
        ("Anna", "Ben", 0.4, "calm"),
        ("Ben", "Anna", 0.6, "lively"),
        ("Cy", "Anna", -0.2, "calm"),
        ("A", "B", 0.2, ""),
    )
    paths = [
        led(
            folder / f"{number}.mirror",
            lag,
            labels={"a": a, "b": b},
            condition=condition,
            started=f"2026-11-2{number}T10:00:00+00:00",
        )
        for number, (a, b, lag, condition) in enumerate(meetings, 1)
    ]
    return page(*paths)


def test_every_recording_has_a_timeline_and_rows(four: Reader) -> None:
    assert "4 recordings" in four.text
    assert "Anna and Ben · Anna and Cy · calm · lively" in four.text
    timelines = [name for name in four.files if re.fullmatch(r"timeline-\d\.csv", name)]
    assert len(timelines) == 4
    assert sum(column(four.files["timeline-1.csv"], "in_phase")) == pytest.approx(50 * 0.9)
    shares, levels, lags = ({row[0]: row[1:] for row in each} for each in four.tables[:3])
    assert shares["2"] == ["Ben and Anna", "50 %", "50 %", "0 %", "0 %", "0 %", "0 %"]
    assert shares["3"][1] == "25 %"
    assert levels["no."][5:] == ["mirroring", "chance"]
    assert levels["2"] == ["Ben and Anna", "0.45", "0.40", "0.15", "–", "0.90", "0.70"]
    assert lags["2"][:4] == ["Ben and Anna", "lively", "22 November 2026, 10:00", "0:10"]
    assert lags["2"][4:] == ["+0.60 s", "100 %", "0 %", "– / –", "4.9 s"]
    assert lags["3"][4:7] == ["−0.20 s", "0 %", "100 %"]
    assert MEANING in four.text


def test_warns_of_different_settings_only(four: Reader, tmp_path: Path) -> None:
    assert "not all scored with the same settings" not in four.text
    paths = (make_recording(tmp_path / "one.mirror"), led(tmp_path / "two.mirror", 0.4))
    other = page(*paths)
    assert "not all scored with the same settings" in other.text
    assert "one.mirror: window 4 s" in other.text
    assert "two.mirror: window 6 s" in other.text


def test_names_are_escaped(tmp_path: Path) -> None:
    paths = [
        led(tmp_path / f"{k}.mirror", 0.4, labels={"a": NASTY, "b": "Ben"}, condition=NASTY)
        for k in range(2)
    ]
    found = page(*paths)
    assert [row[1] for row in found.tables[0][1:]] == [f"{NASTY} and Ben"] * 2
    assert [row[2] for row in found.tables[2][1:]] == [NASTY] * 2


def test_names_that_are_not_utf_8(tmp_path: Path) -> None:
    paths = [led(tmp_path / os.fsdecode(name), 0.4) for name in (b"\xe9.mirror", b"\xff.mirror")]
    output = tmp_path / os.fsdecode(b"\xfe.html")
    write(compose(paths, Span(0.0, math.inf)), output)
    assert "?.mirror" in output.read_text("utf-8")
