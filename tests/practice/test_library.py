from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from mirror.errors import PracticeError
from mirror.practice import library
from mirror.practice.exercise import COPIED, Exercise
from mirror.practice.library import built_in, find_exercise, own_folder, read_exercise, read_library
from tests.support.examples import blocks

GOOD = """
title = "Slow"
text = "Slowly."
[[rounds]]
seconds = 20
say = "Begin"
cues = [{ at = 10, text = "Slower" }]
repeat = 2
goal = { score = "in-phase", hold = 5 }
"""


def test_built_in_exercises_say_what_to_do() -> None:
    titles = [each.title for each in built_in()]
    assert titles == [
        "Be my mirror",
        "Swap",
        "In step",
        "Opposites",
        "Break and rejoin",
        "Subtle",
        "Together without a leader",
        "Copy the pose",
        "Take over",
    ]
    for each in built_in():
        assert each.text.endswith(".")
        assert all(part.cues and part.cues[0].at_s == 0.0 for part in each.rounds)


@pytest.mark.parametrize("exercise", built_in(), ids=lambda each: each.name)
def test_exercises_are_read_as_written(exercise: Exercise) -> None:
    assert Exercise.from_dict(exercise.name, exercise.to_dict()) == exercise


def test_own_exercises_stand_beside_the_built_in_ones(tmp_path: Path) -> None:
    (tmp_path / "slow.toml").write_text(GOOD)
    (tmp_path / "notes.txt").write_text("none")
    found = read_library(tmp_path)
    assert found.exercises[:-1] == built_in()
    assert found.faults == ()
    own = found.find("Slow")
    assert [each.title for each in own.rounds] == ["Round 1 of 2", "Round 2 of 2"]
    assert [cue.text for cue in own.rounds[0].cues] == ["Begin", "Slower"]
    # Of five windows of 4 s and a hop, a countdown of 3 s, and 4 s of rest.
    assert own.schedule(0.0) == ((23.5, 43.5), (50.5, 70.5))
    assert own.schedule(60.0)[0] == (83.5, 103.5)


def test_one_of_the_same_name_replaces_a_built_in_one(tmp_path: Path) -> None:
    (tmp_path / "swap.toml").write_text(GOOD)
    assert read_library(tmp_path).find("swap").title == "Slow"


def test_picture_stands_beside_the_exercise(tmp_path: Path) -> None:
    (tmp_path / "pose.png").write_bytes(b"")
    (tmp_path / "pose.toml").write_text(
        'picture = "pose.png"' + GOOD.replace("in-phase", "posture-match")
    )
    found = read_exercise(tmp_path / "pose.toml")
    assert found.picture == str(tmp_path / "pose.png")
    assert found.to_dict()["picture"] == "pose.png"  # no folder of this machine
    assert {each.goal.threshold for each in found.rounds} == {COPIED}
    assert found.schedule(0.0)[0] == (3.0, 23.0)  # without a warm-up


def test_unknown_name_is_refused_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(PracticeError, match="'swop'; did you mean swap"):
        read_library(tmp_path).find("swop")
    with pytest.raises(PracticeError, match=r"choose one of be-my-mirror, "):
        read_library(tmp_path).find("tango")


def test_own_folder_is_that_of_the_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(platformdirs, "user_config_path", lambda *_, **__: tmp_path)
    assert own_folder() == tmp_path / "exercises"
    assert read_library().exercises == built_in()
    (tmp_path / "exercises").write_text("a file in the place of the folder")
    assert "cannot be read" in read_library().faults[0]


def test_exercise_is_found_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "slow.toml").write_text(GOOD)
    assert find_exercise(str(tmp_path / "slow.toml")).name == "slow"
    with pytest.raises(PracticeError, match=r"gone\.toml cannot be read: No such file"):
        find_exercise(str(tmp_path / "gone.toml"))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ('title = "x"', "rounds: is missing"),
        (GOOD.replace("text =", "words ="), "words: is not known; known are title, text"),
        (GOOD.replace("seconds = 20", ""), "round 1, seconds: is missing"),
        (GOOD.replace("seconds = 20", "seconds = 0"), "round 1, seconds: must be from 1"),
        (GOOD.replace('"in-phase"', '"love"'), "round 1, goal, score: must be one of"),
        (GOOD.replace("goal =", "aim ="), "round 1, aim: is not known"),
        (GOOD.replace("repeat = 2\ngoal", "x").replace("x =", "say2 ="), "round 1, say2:"),
        (GOOD.replace("hold = 5", "hold = 18"), "hold: 18 s does not fit 'Round 1 of 2'"),
        (GOOD.replace('"Begin"', '"a\\nb"'), "round 1, say: must be one line of text"),
        (GOOD.replace("at = 10", "at = 99"), "round 1, at: must be from 0 to 20"),
        (GOOD.replace("[{ at", "{ at").replace("}]", "}"), "round 1, cues: must be tables"),
        (GOOD.replace("repeat = 2", "repeat = 51"), "round 1, repeat: must be from 1 to 50"),
        (GOOD.replace("repeat = 2", "repeat = 2.5"), "round 1, repeat: must be a whole number"),
        (GOOD.replace("repeat = 2", "repeat = 30") * 1 + GOOD[GOOD.index("[[") :].replace(
            "repeat = 2", "repeat = 30"), "rounds: are 60; 50 is the most"),
        (GOOD.replace("[[rounds]]", "window = 0.1\n[[rounds]]"), "window: must be from 1 to 60"),
        ('picture = "x.png"' + GOOD, 'picture: is for goals whose score is "posture-match"'),
        (
            'picture = "x.png"' + GOOD.replace("in-phase", "posture-match"),
            "picture: there is no file",
        ),
        ("rounds = [1]", "round 1, rounds: must be tables"),
        ("[[rounds]]\nseconds = 9", "round 1, goal: is missing"),
        (
            GOOD.replace('score = "in-phase"', 'score = "mirroring", lag = [2, 4]'),
            "max-lag: 1.5 s does not reach the lag of 'Round 1 of 2'; write max-lag = 4",
        ),
        (GOOD.replace("[[rounds]]", "window = 2\n[[rounds]]").replace(
            "[[rounds]]", "max-lag = 1e9\n[[rounds]]"), "max-lag: must be from 0 to 30"),
    ],
)  # fmt: skip
def test_wrong_exercise_is_refused_in_one_line(tmp_path: Path, wrong: str, message: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(wrong)
    with pytest.raises(PracticeError) as caught:
        read_exercise(path)
    text = str(caught.value)
    assert text.startswith(f"exercise {path}: {message}"), text
    assert "\n" not in text
    found = read_library(tmp_path)
    assert found.faults == (text,)
    with pytest.raises(PracticeError, match="mine"):
        found.find("mine")


def test_no_toml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("title =")
    with pytest.raises(PracticeError, match=rf"exercise {path} is not valid TOML"):
        read_exercise(path)
    path.write_bytes(b"#" * 20_000)
    with pytest.raises(PracticeError, match="is longer than 16 KB"):
        read_exercise(path)


def test_example_of_the_documents_is_read(tmp_path: Path) -> None:
    (text,) = (text for kind, text in blocks("docs/exercises.md") if kind == "toml")
    (tmp_path / "slow.toml").write_text(text)
    exercise = read_exercise(tmp_path / "slow.toml")
    assert exercise.title == "Slow mirror"
    assert len(exercise.rounds) == 3


def test_order_names_every_built_in_file() -> None:
    folder = Path(library.__file__).parent / "built_in"
    assert {each.name for each in built_in()} == {path.stem for path in folder.glob("*.toml")}
