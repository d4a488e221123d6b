from __future__ import annotations

import json
from pathlib import Path

import platformdirs
import pytest

from mirror import Recording
from mirror.practice.library import built_in
from tests.support.commands import error_line, run_here

BRIEF = """
title = "Brief"
text = "For a test."
window = 1
[[rounds]]
seconds = 2
say = "Move"
goal = { score = "in-phase", threshold = 0.2, hold = 0.5 }
"""


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Replace the user's configuration by an empty one."""
    folder = tmp_path / "configuration"
    monkeypatch.setattr(platformdirs, "user_config_path", lambda *_, **__: folder)
    (folder / "exercises").mkdir(parents=True)
    return folder / "exercises"


def test_exercises_are_listed(tmp_path: Path, own: Path) -> None:
    (own / "brief.toml").write_text(BRIEF)
    listed = run_here("exercises", folder=tmp_path)
    assert listed.returncode == 0
    for each in built_in():
        assert each.name in listed.stdout
        assert each.title in listed.stdout
    assert "brief" in listed.stdout
    assert str(own) in listed.stdout.replace("\n", "")
    values = json.loads(run_here("exercises", "--json", folder=tmp_path).stdout)
    assert [each["name"] for each in values] == [*(each.name for each in built_in()), "brief"]


def test_wrong_file_is_named_beside_the_list(tmp_path: Path, own: Path) -> None:
    (own / "mine.toml").write_text(BRIEF.replace(", hold", ", holds"))
    listed = run_here("exercises", folder=tmp_path)
    assert "swap" in listed.stdout
    assert "mine.toml: round 1, goal, holds: is not known" in error_line(listed)
    failed = run_here("live", "demo:a", "demo:b", "--exercise", "mine", folder=tmp_path)
    assert "holds: is not known" in error_line(failed)


def test_unknown_exercise_is_refused_before_anything_is_opened(tmp_path: Path) -> None:
    for words in (["demo"], ["live", "demo:a", "demo:b"]):
        failed = run_here(*words, "--exercise", "swop", folder=tmp_path)
        assert "did you mean swap?" in error_line(failed)
    failed = run_here("live", "demo:a#exercise=swop", "demo:b", folder=tmp_path)
    assert "did you mean swap?" in error_line(failed)


def test_exercise_runs_and_its_result_is_printed(
    tmp_path: Path, own: Path, slow_pair: tuple[Path, Path]
) -> None:
    (own / "brief & more.toml").write_text(BRIEF)
    words = ("live", *slow_pair, "--exercise", "brief & more", "--no-window", "-o", "s.mirror")
    done = run_here(*words, "--jsonl", "s.jsonl", folder=tmp_path, mediapipe=False)
    assert "Brief, Round 1" in done.stdout
    assert "in phase above" in done.stdout
    with Recording.open(tmp_path / "s.mirror") as recording:
        (result,) = recording.results()
        assert (result.start_s, result.end_s) == (3.0, 5.0)
        kinds = [event.kind for event in recording.events() if event.kind != "warning"]
        assert kinds == ["cue", "result"]
        assert recording.duration < 7.0
    lines = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text().splitlines()]
    assert [each["kind"] for each in lines if each.get("kind") in ("cue", "result")] == kinds
    assert result.describe() in run_here("info", "s.mirror", folder=tmp_path).stdout.replace(
        "\n", ""
    )
    facts = json.loads(run_here("info", "s.mirror", "--json", folder=tmp_path).stdout)
    assert facts["exercise_results"][0]["round"] == "Round 1 of 1"
    run_here("export", "s.mirror", "--to", "json", "-o", "s.json", folder=tmp_path)
    about = json.loads((tmp_path / "s.json").read_text())["about"]
    assert about["exercise_results"] == facts["exercise_results"]
    assert about["exercises"][0]["title"] == "Brief"
