"""The table of a study, and its check before the run."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from docs.corpus import landmarks, write_corpus
from mirror import Pose, Settings
from mirror.errors import StudyError
from mirror.estimator.movement import BODY, MIRROR_CHANNELS, MIRROR_SIGNS, from_poses
from mirror.study.check import check
from mirror.study.table import read_table
from tests.support.commands import error_line, run_here

ROWS = {
    "id": ["001", "002"],
    "a": ["anna.mp4", "talk.mirror"],
    "b": ["ben.mp4#flip", ""],
    "condition": ["face to face", "alone"],
    "age": ["31", ""],
    "window": ["4", ""],
    "offset": ["1.5", ""],
}


def write(path: Path, columns: dict[str, list[str]]) -> Path:
    frame = pd.DataFrame(columns)
    writers = {
        ".csv": lambda: frame.to_csv(path, index=False),
        ".tsv": lambda: frame.to_csv(path, sep="\t", index=False),
        ".parquet": lambda: frame.to_parquet(path),
        ".xlsx": lambda: frame.to_excel(path, index=False),
    }
    writers[path.suffix]()
    return path


@pytest.mark.parametrize("kind", [".csv", ".tsv", ".parquet", ".xlsx"])
def test_every_format_gives_the_same_dyads(tmp_path: Path, kind: str) -> None:
    study = read_table(write(tmp_path / f"study{kind}", ROWS))
    first, second = study.dyads
    assert (first.id, first.a, first.b) == (
        "001",
        str(tmp_path / "anna.mp4"),
        str(tmp_path / "ben.mp4#flip"),
    )
    assert first.about == {"condition": "face to face", "age": 31.0}
    assert math.isnan(float(second.about["age"]))
    assert first.settings == {"window": 4.0}
    assert first.sources() == (f"{first.a}", f"{tmp_path / 'ben.mp4'}#flip&t=1.5")
    assert (second.a, second.b, second.settings) == (str(tmp_path / "talk.mirror"), "", {})
    assert study.problems == ()


def test_semicolons_a_byte_order_mark_and_other_sources(tmp_path: Path) -> None:
    path = tmp_path / "study.csv"
    path.write_text("\ufeffid;a;b\n1;demo:a;demo:b\n2;series:x.csv#columns=p;/abs/b.mp4\n", "utf-8")
    first, second = read_table(path).dyads
    assert (first.a, first.b) == ("demo:a", "demo:b")
    assert (second.a, second.b) == (f"series:{tmp_path}/x.csv#columns=p", "/abs/b.mp4")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("sep=;\r\nid;a;b;age;site;offset\r\n1;a.mp4;b.mp4;3,5;1_2;0,5\r\n", "utf-8-sig"),
        ("id\ta\tb\tage\tsite\toffset\n1\ta.mp4\tb.mp4\t3,5\t1_2\t0,5\n", "utf-16"),
        ('id,a,b,age,site,offset\n1,a.mp4,b.mp4,"3,5",1_2,"0,5",,\n', "utf-8"),
        ('"","id","a","b","age","site","offset"\n"7",1,a.mp4,b.mp4,3.5,1_2,.5\n', "utf-8"),
        ('"id" "a" "b" "age" "site" "offset"\n"1" "1" "a.mp4" "b.mp4" 3.5 1_2 .5\n', "utf-8"),
    ],
)
def test_tables_of_other_programs(tmp_path: Path, text: str, encoding: str) -> None:
    for name in ("study.csv", "study.tsv"):
        (tmp_path / name).write_text(text, encoding)
        (dyad,) = read_table(tmp_path / name).dyads
        assert (dyad.id, dyad.a, dyad.offset) == ("1", str(tmp_path / "a.mp4"), 0.5)
        assert dyad.about == {"age": 3.5, "site": "1_2"}  # 1_2 is a code, not 12


def test_a_missing_number_leaves_a_column_of_numbers(tmp_path: Path) -> None:
    path = tmp_path / "study.csv"
    path.write_text("id,a,age,group\n1,x.mirror,31,NA\n2,y.mirror,NA,b\n3,z.mirror,#N/A,b\n")
    ages = [each.about["age"] for each in read_table(path).dyads]
    assert ages == pytest.approx([31, math.nan, math.nan], nan_ok=True)
    assert [each.about["group"] for each in read_table(path).dyads] == ["NA", "b", "b"]


def test_codes_of_people_are_texts(tmp_path: Path) -> None:
    path = tmp_path / "study.csv"
    path.write_text("id,a,person_a,role_b,age\n1,x.mirror,12,1,30\n2,y.mirror,,,\n")
    first, second = read_table(path).dyads
    assert first.about == {"person_a": "12", "role_b": "1", "age": 30.0}
    assert (second.about["person_a"], second.about["role_b"]) == ("", "")


def test_one_video_of_both_people(tmp_path: Path) -> None:
    path = tmp_path / "study.csv"
    path.write_text("id,a,b\n1,room.mp4#people&t=3,\n")
    (dyad,) = read_table(path).dyads
    room = tmp_path / "room.mp4"
    assert (dyad.a, dyad.b) == (f"{room}#t=3&person=1", f"{room}#t=3&person=2")


def test_rows_that_cannot_be_used_are_named_and_the_others_stay(tmp_path: Path) -> None:
    rows = {
        "id": ["1", "", "1", "4", "5", "6", "7", "8"],
        "a": ["x.mirror", "x.mirror", "y.mirror", "", "a.mp4", "x.mirror", "a.mp4", "a.mp4"],
        "b": ["", "", "", "", "", "b.mp4", "b.mp4", "b.mp4"],
        "offset": ["", "", "", "", "", "", "soon", ""],
        "max-lag": ["", "", "", "", "", "", "", "-2"],
    }
    study = read_table(write(tmp_path / "study.csv", rows))
    assert [each.id for each in study.dyads] == ["1"]
    whys = dict(study.problems)
    for row, part in (
        ("row 2", "no id"),
        ("row 3 (1)", "its id is that of row 1"),
        ("row 4 (4)", "no source a"),
        ("row 5 (5)", "no source b, and a is no recording"),
        ("row 6 (6)", "leave b empty"),
        ("row 7 (7)", "offset must be seconds, not 'soon'"),
        ("row 8 (8)", "max-lag must be a positive number"),
    ):
        assert part in whys.pop(row)
    assert not whys


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("study.csv", "id,b\n1,x\n", "no column 'a'"),
        ("study.csv", "id,a,in_phase\n1,x.mirror,2\n", "'in_phase' has the name of one that"),
        ("study.csv", "id,a,scored\n1,x.mirror,yes\n", "'scored' has the name of one that"),
        ("study.csv", "id,a,share_still\n1,x.mirror,2\n", "'share_still' has the name of one"),
        ("study.csv", "id,a\n", "no rows"),
        ("study.csv", "", "no column 'id', but none"),
        ("study.csv", "id,a\n1,x,2,3\n", "no .csv table that can be read: line 2: 4 fields"),
        ("study.csv", "id,a,age,age\n1,x.mirror,2,3\n", "two columns of one name"),
        ("study.xlsx", "id,a\n", "no .xlsx table"),
        ("study.parquet", "id,a\n", "no .parquet table"),
        ("study.doc", "id,a\n", "give a .csv"),
        ("study.csv", None, "cannot be read: No such file"),
    ],
)
def test_a_table_that_cannot_be_read(
    tmp_path: Path, name: str, text: str | None, part: str
) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text)
    with pytest.raises(StudyError, match=part):
        read_table(path)


def test_check_names_what_is_wrong(tmp_path: Path, slow_pair: tuple[Path, Path]) -> None:
    write_corpus(tmp_path, 1, 20)
    damaged = tmp_path / "broken.mp4"
    damaged.write_bytes(b"no video")
    a, b = map(str, slow_pair)
    rows = {
        "id": ["kept", "short", "broken", "gone"],
        "a": ["d01.mirror", a, str(damaged), "gone.mirror"],
        "b": ["", f"{b}#t=15", b, ""],
    }
    study = read_table(write(tmp_path / "rows.csv", rows))
    found = {each.id: each for each in check(study, Settings(), lambda _: None)}
    assert found["kept"].problems == []
    assert found["kept"].seconds == pytest.approx((20, 20), abs=0.2)
    assert found["short"].people == [1.0, 1.0]
    (problem,) = found["short"].problems
    assert problem.endswith("ends 15 s before the other")
    assert "broken.mp4" in found["broken"].problems[0]
    assert "gone.mirror" in found["gone"].problems[0]


def test_check_counts_people_in_keypoint_files(tmp_path: Path) -> None:
    shoulders = ",".join(f"{side}_shoulder_{x}" for side in ("left", "right") for x in "xy")
    (tmp_path / "a.csv").write_text(f"{shoulders}\n" + ".6,.4,.4,.4\n,,,\n" * 2)
    (tmp_path / "b.csv").write_text(f"{shoulders}\n" + "0,,,\n" * 4)
    (tmp_path / "s.csv").write_text("x\n1\n2\n3\n4\n")
    a, b = (f"{each}.csv#rate=2&size=640x480" for each in "ab")
    rows = {"id": ["1", "2"], "a": [a, "series:s.csv#columns=x&rate=2"], "b": [b] * 2}
    keypoints, mixed = check(read_table(write(tmp_path / "rows.csv", rows)), Settings(), print)
    assert keypoints.people == [pytest.approx(2 / 3), 0.0]
    assert keypoints.problems == ["nobody was found in B"]
    assert mixed.people == pytest.approx([math.nan, 0.0], nan_ok=True)


def test_check_on_the_command_line(tmp_path: Path) -> None:
    write_corpus(tmp_path, 2, 10)
    done = run_here("study", "check", "study.csv", folder=tmp_path)
    assert (done.returncode, "All 2 dyads can be scored" in done.stdout) == (0, True)
    (tmp_path / "d02.mirror").unlink()
    done = run_here("study", "check", "study.csv", folder=tmp_path)
    assert "1 of 2 rows of study.csv have a problem" in error_line(done)
    assert "d02.mirror" in done.stdout


def test_simulated_landmarks_move_as_their_channels() -> None:
    channels = np.random.default_rng(0).normal(0, 0.05, (20, len(BODY.needs)))
    both = [channels, channels[:, MIRROR_CHANNELS] * MIRROR_SIGNS]
    seen = [
        from_poses(
            [Pose(k, marks, None, 640, 480) for k, marks in enumerate(landmarks(each))],
            mirrored=bool(number),
        )
        for number, each in enumerate(both)
    ]
    for each in seen:
        moved = each.channels / 0.2
        assert moved - moved.mean(0) == pytest.approx(channels - channels.mean(0), abs=1e-4)
