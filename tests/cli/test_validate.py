"""Errors of `mirror validate`; tests/validation/test_quick.py runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console

from mirror.cli import validate
from mirror.landmarks import Model
from tests.support.commands import error_line, run_here
from tests.support.measurements import ALARMS


def test_report_is_not_overwritten_without_force(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("mine")
    line = error_line(run_here("validate", "-o", "report.html", "--quick", folder=tmp_path))
    assert "report.html exists" in line
    assert "--force" in line
    assert (tmp_path / "report.html").read_text() == "mine"


def test_invalid_output_path_fails_early(tmp_path: Path) -> None:
    line = error_line(run_here("validate", "-o", "no/where/report.html", folder=tmp_path))
    assert "there is no folder no/where" in line
    (tmp_path / "folder").mkdir()
    assert "is a folder" in error_line(run_here("validate", "-o", "folder", folder=tmp_path))


def test_failed_criterion_is_one_line_and_status_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = (ALARMS[0], type(ALARMS[1])("anti_phase", 60, 300, 60, 300), ALARMS[2])
    errors: list[str] = []
    stand_ins: dict[str, Any] = {
        "conditions": lambda *_, **__: (),
        "_follow_people": lambda *_, **__: None,
        "false_alarms": lambda *_: bad,
        "calibrate_null": lambda *_: (),
        "provide_model": lambda *_, **__: Model(Path("x.task"), "00", "x"),
        "redirect_native_stderr": lambda: None,
        "print_error": errors.append,
    }
    for name, stand_in in stand_ins.items():
        monkeypatch.setattr(validate, name, stand_in)
    report = tmp_path / "report.html"
    with pytest.raises(typer.Exit) as ended, (tmp_path / "out").open("w") as out:
        validate.validate(
            Console(file=out),
            report,
            quick=True,
            detection=False,
            seed=0,
            facts=None,
            model=None,
            force=False,
        )
    assert ended.value.exit_code == 1
    assert errors == [f"1 of 3 criteria failed (false alarms: anti-phase); see {report}"]
    assert "1 of 3 criteria failed" in report.read_text(encoding="utf-8")
