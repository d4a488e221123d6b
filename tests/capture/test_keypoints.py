"""Keypoints of other trackers, written from known poses, are those poses again."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from mirror import Landmark, Pose, Recording, analyze
from mirror.capture import open_pair
from mirror.capture.address import parse
from mirror.capture.keypoints import KeypointSource
from mirror.errors import SourceError
from mirror.export import export
from mirror.recording.rescore import rescore
from tests.support.people import pose
from tests.support.recordings import make_recording

SIZE = (640, 480)
COCO = [
    mark
    for mark in Landmark
    if mark.name.lower().split("_")[-1] in ("nose", "eye", "ear", "shoulder", "elbow", "wrist")
    or mark.name.lower().split("_")[-1] in ("hip", "knee", "ankle")
]
ARM = "shoulder", "elbow", "wrist"
LEG = "hip", "knee", "ankle"
OPENPOSE = [
    *("nose", "."),
    *(f"{side}_{part}" for side in ("right", "left") for part in ARM),
    ".",
    *(f"{side}_{part}" for side in ("right", "left") for part in LEG),
    *(f"{side}_{part}" for part in ("eye", "ear") for side in ("right", "left")),
    *(f"{side}{part}" for side in ("left", "right") for part in ("_foot_index", ".", "_heel")),
]


def poses(count: int = 8) -> list[Pose]:
    return [
        pose(k / 25, {Landmark.LEFT_WRIST: (0.0, 0.05 * np.sin(k))}, size=SIZE)
        for k in range(count)
    ]


def pixels(one: Pose) -> np.ndarray:
    assert one.landmarks is not None
    return one.landmarks[:, [0, 1, 3]] * [*SIZE, 1.0]


def read(path: Path, *parts: str) -> list[Pose]:
    text = f"{path}#{'&'.join(parts)}" if parts else str(path)
    return list(KeypointSource(parse(text)))


def check(found: list[Pose], marks: list[Landmark]) -> None:
    assert [each.time for each in found] == pytest.approx([k / 25 for k in range(len(found))])
    for one, truth in zip(found, poses(), strict=True):
        assert (one.width, one.height) == SIZE
        assert one.landmarks is not None
        assert truth.landmarks is not None
        columns = [0, 1, 3]
        assert one.landmarks[marks][:, columns] == pytest.approx(
            truth.landmarks[marks][:, columns], abs=1e-5
        )
        others = [mark for mark in Landmark if mark not in marks]
        assert (one.landmarks[others, 3] == 0).all()


def test_the_program_s_own_landmarks_are_the_recording_again(tmp_path: Path) -> None:
    made = make_recording(tmp_path / "talk.mirror", seconds=12.0)
    with Recording.open(made) as recording:
        expected = recording.timeline()
        settings = recording.settings
        for kind in ("csv", "parquet"):
            export(recording, f"landmarks-{kind}", tmp_path / f"marks.{kind}")
    for kind in ("csv", "parquet"):
        a, b = (f"{tmp_path}/marks.{kind}#who={who}" for who in "ab")
        result = analyze(a, b, tmp_path / f"{kind}.mirror", settings=settings)
        assert result.path is not None
        assert result.faults == ()
        with Recording.open(result.path) as recording:
            assert recording.timeline().equals(expected)
            again, _ = rescore(recording, tmp_path / "again.mirror", settings)
            assert again.equals(expected)
    with pytest.raises(SourceError, match="add #who=a or #who=b"):
        read(tmp_path / "marks.csv")


@pytest.mark.parametrize("form", ["{side}_{part}_{x}", "{Side}{Part}.{x}", "{S}{Part} {x}"])
def test_wide_tables_in_pixels(form: str, tmp_path: Path) -> None:
    def name(mark: Landmark, value: str) -> str:
        side, _, part = mark.name.lower().partition("_")
        if not part:
            return f"Nose_{value}"
        names = {"side": side, "part": part, "Side": side.title(), "Part": part.title()}
        return form.format(**names, S=side[0].upper(), x=value)

    path = tmp_path / "coco.csv"
    with path.open("w", newline="") as file:
        write = csv.writer(file, delimiter=";")
        write.writerow(["t", *(name(mark, x) for mark in COCO for x in ("x", "y", "score"))])
        for each in poses():
            write.writerow([each.time, *pixels(each)[COCO].ravel()])
    check(read(path, "time=t", "size=640x480"), COCO)
    check(read(path, "rate=25", "size=640x480"), COCO)
    # As Excel in German writes it, with the names of R's rows, and in UTF-16
    head, *rows = path.read_text().splitlines()
    rows = [f"{number};{row.replace('.', ',')}" for number, row in enumerate(rows, 1)]
    path.write_text("\n".join(["sep=;", head, *rows]), "utf-16")
    check(read(path, "time=t", "size=640x480"), COCO)


def openpose(folder: Path, people: list[list[float] | None]) -> Path:
    folder.mkdir()
    for number, points in enumerate(people):
        worse = [0.3 * value for value in points or []]
        both = [] if points is None else [{"pose_keypoints_2d": each} for each in (worse, points)]
        (folder / f"clip_{number:012d}_keypoints.json").write_text(json.dumps({"people": both}))
    return folder


def test_openpose_folders_with_nobody_and_a_missing_wrist(tmp_path: Path) -> None:
    marks = [None if name.endswith(".") else Landmark[name.upper()] for name in OPENPOSE]
    points = [
        [v for mark in marks for v in ([0, 0, 0] if mark is None else pixels(each)[mark])]
        for each in poses()
    ]
    check(
        read(openpose(tmp_path / "all", list(points)), "rate=25", "size=640x480"),
        [mark for mark in marks if mark is not None],
    )
    wrist = 3 * OPENPOSE.index("left_wrist")
    points[3][wrist : wrist + 3] = [0, 0, 0]
    found = read(
        openpose(tmp_path / "some", [*points[:5], None, *points[6:]]), "rate=25", "size=640x480"
    )
    assert [each.landmarks is None for each in found] == [k == 5 for k in range(8)]
    before, missing = found[2].landmarks, found[3].landmarks
    assert before is not None
    assert missing is not None
    assert missing[Landmark.LEFT_WRIST].tolist() == [*before[Landmark.LEFT_WRIST][:3], 0.0]


def test_deeplabcut_with_one_person_and_several(tmp_path: Path) -> None:
    names = [mark.name.lower() for mark in COCO]
    heads: list[list[object]] = [["scorer"], ["individuals"], ["bodyparts"], ["coords"]]
    for who in ("anna", "ben"):
        for name in names:
            for value in ("x", "y", "likelihood"):
                for row, cell in zip(heads, ("net", who, name, value), strict=True):
                    row.append(cell)
    rows: list[list[object]] = [
        [k, *pixels(each)[COCO].ravel(), *([""] * 3 * len(COCO))] for k, each in enumerate(poses())
    ]
    for several in (True, False):
        path = tmp_path / f"dlc{several}.csv"
        width = None if several else 3 * len(COCO) + 1
        with path.open("w", newline="") as file:
            own = heads if several else [heads[0], *heads[2:]]
            table = [*own, *rows]
            csv.writer(file).writerows(cells[:width] for cells in table)
        only = ["who=anna"] if several else []
        check(read(path, "rate=25", "size=640x480", *only), COCO)
    nobody = read(tmp_path / "dlcTrue.csv", "rate=25", "size=640x480", "who=ben")
    assert [each.landmarks for each in nobody] == [None] * 8
    with pytest.raises(SourceError, match="add #who=anna"):
        read(tmp_path / "dlcTrue.csv", "rate=25", "size=640x480")


def test_what_cannot_be_used_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"

    def problem(text: str, *parts: str) -> str:
        path.write_text(text)
        with pytest.raises(SourceError) as caught:
            read(path, *parts)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    shoulders = ",".join(f"{side}_shoulder_{x}" for side in ("left", "right") for x in "xy")
    good = f"{shoulders}\n1,2,3,4\n"
    assert "has no left_shoulder_x, left_shoulder_y, right" in problem("nose_x,nose_y\n1,2\n")
    assert "add #rate=25" in problem(good, "size=640x480")
    assert "add the size of its frames" in problem(good, "rate=25")
    assert "no keypoints can be read" in problem(f"{shoulders}\na,b,c,d\n", "rate=25")
    assert "no keypoints can be read" in problem("", "rate=25")
    assert "no keypoints can be read" in problem(f"{shoulders}\n1,2\n", "rate=25")
    assert "line 3: 1 fields" in problem(f"{good}1\n", "rate=25")
    assert "two columns 'left_shoulder_x'" in problem(f"left_shoulder_x,{shoulders}\n1,2,3,4,5\n")
    assert "'0_5' is no number" in problem(f"{shoulders}\n0_5,2,3,4\n", "rate=25")
    stamped = f"t,{shoulders}\n1,1,2,3,4\n1,1,2,3,4\n"
    assert "times do not increase" in problem(stamped, "time=t", "size=640x480")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "0_keypoints.json").write_text('{"people": []}')
    with pytest.raises(SourceError, match="25 or 18 keypoints of OpenPose"):
        read(tmp_path / "empty", "rate=25", "size=640x480")
    (tmp_path / "empty" / "0_keypoints.json").write_text("[" * 100_000)
    with pytest.raises(SourceError, match="no keypoints can be read"):
        read(tmp_path / "empty", "rate=25", "size=640x480")
    path.write_text(good)
    for wrong in ("t=3", "left", "person=1", "size=0x4", "rate=-1", "fps=3"):
        with pytest.raises(SourceError):
            parse(f"{path}#{wrong}")
    with pytest.raises(SourceError, match="are for keypoints"):
        parse("0#rate=25")
    one, other = open_pair(*[f"{path}#rate=25&size=640x480"] * 2)
    assert (one.read() is None, one.read(), other.live) == (False, None, False)
    other.close()
    assert other.read() is None
