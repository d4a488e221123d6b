"""Keypoints of other trackers, written from known poses, are those poses again."""

from __future__ import annotations

import csv
import json
import pickle
import sys
import zipfile
from os import system
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirror import Landmark, Pose, Recording, analyze
from mirror.capture import open_pair
from mirror.capture.address import parse
from mirror.capture.keypoints import KeypointSource
from mirror.errors import MissingLibraryError, SourceError
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


@pytest.mark.untraced
def test_the_program_s_own_landmarks_are_the_recording_again(tmp_path: Path) -> None:
    made = make_recording(tmp_path / "talk.mirror", seconds=6.0)
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


def test_a_map_names_columns_in_any_spelling(tmp_path: Path) -> None:
    marks = [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER, Landmark.RIGHT_WRIST]
    names = ["shoulderL", "Shoulder.R", "hand (right)"]
    path = tmp_path / "anna.csv"
    with path.open("w", newline="") as file:
        write = csv.writer(file)
        write.writerow([f"{name}_{x}" for name in names for x in ("x", "y", "score")])
        write.writerows(pixels(each)[marks].ravel() for each in poses())
    own = tmp_path / "names.toml"
    own.write_text(
        'shoulderl = "left_shoulder"\nshoulder_r = "rightShoulder"\n'
        '"hand (right)" = "right_wrist"\n'
    )
    check(read(path, *HOW, "map=names.toml"), marks)
    own.write_text(own.read_text() + '"foot (right)" = "right_heel"\n')
    with pytest.raises(SourceError, match=r"it has no foot \(right\), as names.toml says"):
        read(path, *HOW, "map=names.toml")


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
        for only in [["who=anna"]] if several else [["who=anna"], []]:
            check(read(path, "rate=25", "size=640x480", *only), COCO)
    nobody = read(tmp_path / "dlcTrue.csv", "rate=25", "size=640x480", "who=ben")
    assert [each.landmarks for each in nobody] == [None] * 8
    with pytest.raises(SourceError, match="it has anna, ben: add #who=NAME"):
        read(tmp_path / "dlcTrue.csv", "rate=25", "size=640x480")


@pytest.fixture(scope="module")
def h5py() -> Any:
    return pytest.importorskip("h5py", reason="the extra hdf5 is not installed")


@pytest.fixture(scope="module")
def trackers(h5py: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return files of `poses` by the formats' own writers: sleap-io 0.9.5, and pandas 3.1.1.

    Ben stands 50 pixels beside Anna; SLEAP's keypoints are called ``wristL``.
    """
    folder = tmp_path_factory.mktemp("trackers")
    with zipfile.ZipFile(Path(__file__).parent / "data" / "trackers.zip") as archive:
        archive.extractall(folder)
    with h5py.File(folder / "standard.h5") as file:
        nodes = [each.decode() for each in file["node_names"]]
    lines = [f'{each} = "{plain_side(each)}"\n' for each in nodes if each != "nose"]
    (folder / "names.toml").write_text("".join(lines))
    return folder


def plain_side(name: str) -> str:
    return f"{'left' if name[-1] == 'L' else 'right'}_{name[:-1]}"


HOW = "rate=25", "size=640x480"


def test_hdf5_of_deeplabcut(trackers: Path) -> None:
    check(read(trackers / "dlc.h5", *HOW), COCO)
    check(read(trackers / "dlc_two.h5", "who=anna", *HOW), COCO)
    assert [each.landmarks for each in read(trackers / "dlc_two.h5", "who=ben", *HOW)] == [None] * 8
    with pytest.raises(SourceError, match="it has anna, ben: add #who=NAME"):
        read(trackers / "dlc_two.h5", *HOW)


def test_projects_and_analyses_of_sleap(h5py: Any, trackers: Path, tmp_path: Path) -> None:
    how = *HOW, "map=names.toml"
    check(read(trackers / "alone.slp", *how), COCO)
    found = read(trackers / "project.slp", "who=anna", *how)
    placed = found[3].landmarks  # by hand, over what was found 9 pixels beside
    assert placed is not None
    assert (placed[COCO, 3] == 1.0).all()
    check(found, COCO)
    own = tmp_path / "own.h5"  # SLEAP itself writes no dims
    own.write_bytes((trackers / "analysis.h5").read_bytes())
    with h5py.File(own, "a") as file:
        del file["tracks"].attrs["dims"]
    (tmp_path / "names.toml").write_bytes((trackers / "names.toml").read_bytes())
    for path in (own, trackers / "analysis.h5", trackers / "standard.h5", trackers / "project.slp"):
        ben = read(path, "who=ben", *how)
        assert [each.landmarks is None for each in ben] == [k == 5 for k in range(8)]
        last, truth = ben[7].landmarks, poses()[7].landmarks
        assert last is not None
        assert truth is not None
        shifted = truth[COCO][:, [0, 1, 3]] + [50 / SIZE[0], 0, 0]
        assert last[COCO][:, [0, 1, 3]] == pytest.approx(shifted, abs=1e-5)
    with h5py.File(own, "a") as file:  # Ben alone and untracked
        for name in ("tracks", "point_scores"):
            alone = file[name][1:]
            del file[name]
            file[name] = alone
        del file["track_names"]
        file["track_names"] = np.empty(0)
    untracked = read(own, *how)
    assert [each.landmarks is None for each in untracked] == [k == 5 for k in range(8)]
    assert np.array_equal(untracked[7].landmarks, last)  # type: ignore[arg-type]
    before, missing = ben[4].landmarks, ben[6].landmarks
    assert before is not None
    assert missing is not None
    assert missing[Landmark.LEFT_WRIST].tolist() == [*before[Landmark.LEFT_WRIST][:3], 0.0]


@pytest.mark.parametrize(
    ("name", "parts", "said"),
    [
        ("project.slp", "who=zoe", "it has anna, ben: add #who=NAME"),
        ("untracked.slp", "map=names.toml", "people of one track or none: track them in SLEAP"),
        ("analysis.h5", "who=anna", "not known are .*shoulderL, .*wristR"),
        ("analysis.h5", "who=anna&map=lost.toml", "No such file"),
        ("dlc.h5", "map=names.toml", "it has no .*wristL.*, as names.toml says"),
        ("alone.slp", "map=wrong.toml", "wrong.toml names left_paw, 7, no landmark"),
        ("foreign.h5", "", "neither of SLEAP .* nor of DeepLabCut"),
        ("text.h5", "", "no keypoints can be read"),
        ("damaged.h5", "", "no keypoints can be read"),
        ("two.slp", "", "it has several videos"),
        ("code.h5", "", "it holds a .*.system, which is not read"),
    ],
)
def test_hdf5_that_cannot_be_used(
    h5py: Any, trackers: Path, name: str, parts: str, said: str
) -> None:
    (trackers / "wrong.toml").write_text('wristL = "left_paw"\nnose = 7\n')
    (trackers / "text.h5").write_text("x,y\n1,2\n")
    stored = (trackers / "dlc.h5").read_bytes()
    (trackers / "damaged.h5").write_bytes(stored[:701] + b"\x8c" + stored[702:])  # a list of gaps
    with h5py.File(trackers / "foreign.h5", "w") as file:
        file["x"] = [1.0]
    for copy, of in (("two.slp", "alone.slp"), ("code.h5", "dlc.h5")):
        (trackers / copy).write_bytes((trackers / of).read_bytes())
    with h5py.File(trackers / "two.slp", "a") as file:
        frames = file["frames"][()]
        frames["video"][-1] = 1
        file["frames"][...] = frames
    with h5py.File(trackers / "code.h5", "a") as file:
        called = np.bytes_(pickle.dumps(system, protocol=0))
        file["df_with_missing"].attrs["non_index_axes"] = called
    with pytest.raises(SourceError, match=said) as caught:
        read(trackers / name, *HOW, *filter(None, parts.split("&")))
    assert "\n" not in str(caught.value)


def test_hdf5_without_its_library_names_the_extra(
    trackers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingLibraryError, match=r"mirror-synchrony\[hdf5\]"):
        read(trackers / "dlc.h5", *HOW)


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
    assert "no keypoints can be read from it: it is empty" in problem("", "rate=25")
    mixed = f'{shoulders}\n"1,234",200.5,3,4\n'
    assert "'1,234' is no number" in problem(mixed, "rate=25", "size=640x480")
    assert "'1,234.5' is no number" in problem(f'{shoulders}\n"1,234.5",2,3,4\n', "rate=25")
    assert "no keypoints can be read" in problem(f"{shoulders}\n1,2\n", "rate=25")
    assert "line 3: 1 fields" in problem(f"{good}1\n", "rate=25")
    assert "two columns 'left_shoulder_x'" in problem(f"left_shoulder_x,{shoulders}\n1,2,3,4,5\n")
    assert "'0_5' is no number" in problem(f"{shoulders}\n0_5,2,3,4\n", "rate=25")
    for last in ("1", "1e300"):
        stamped = f"t,{shoulders}\n1,1,2,3,4\n{last},1,2,3,4\n"
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
    with pytest.raises(SourceError, match=r"^0#rate=25: #rate, .* are for keypoints"):
        parse("0#rate=25")
    with pytest.raises(SourceError, match="there is no such file"):
        parse(f"{tmp_path}/lost.csv#rate=25")
    one, other = open_pair(*[f"{path}#rate=25&size=640x480"] * 2)
    assert (one.read() is None, one.read(), other.live) == (False, None, False)
    other.close()
    assert other.read() is None
