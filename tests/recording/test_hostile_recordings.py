"""Malicious and damaged recordings: refused or read in part, in bounded time and memory."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import mirror
from mirror import Recording
from mirror.errors import MirrorError, RecordingError
from mirror.estimator.signals import Signals
from mirror.recording.database import APPLICATION_ID, FORMAT
from mirror.settings import Settings
from tests.support import hostile
from tests.support.effort import ALL, cases
from tests.support.recordings import breathing_poses, make_recording, make_series_recording

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits memory as on Linux")

FLIPS = cases(20, 40)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_recording(tmp_path_factory.mktemp("whole") / "s.mirror", seconds=2).read_bytes()


@pytest.fixture(scope="module")
def of_series(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("series") / "s.mirror"
    signals = Signals(("x", "y"), ("1", "2"))
    poses = breathing_poses(25.0, seconds=3, channels=2)
    return make_series_recording(path, signals, poses, Settings(window=2.0)).read_bytes()


def read_all(paths: Sequence[Path], seconds: float = 200) -> dict[Path, list[str]]:
    """Return the errors of each recording, from a process with limited memory."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.support.hostile", *map(str, paths)],
        env=os.environ | {"PYTHONPATH": str(Path(mirror.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-500:]
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert len(lines) == len(paths), done.stdout
    return {Path(name): errors for name, *errors in lines}


KINDS = ["whole", "of_series"]


def test_intact_recordings_raise_no_error(whole: bytes, of_series: bytes, tmp_path: Path) -> None:
    paths = [tmp_path / "whole" / "s.mirror", tmp_path / "of_series" / "s.mirror"]
    for path, data in zip(paths, (whole, of_series), strict=True):
        path.parent.mkdir()
        path.write_bytes(data)
    assert read_all(paths) == {path: [] for path in paths}


@pytest.mark.parametrize("kind", KINDS)
def test_survives_flipped_bytes_and_truncation(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    whole = request.getfixturevalue(kind)
    rng = random.Random(20261124)
    paths = []
    for number in range(FLIPS):
        data = bytearray(whole)
        if number % 3 == 0:
            del data[rng.randrange(len(data)) :]
        for _ in range((1, 8, 200)[number // 3 % 3]):  # each with and without a truncation
            if data:
                # Half of the changes hit the first pages, which point to all others.
                end = len(data) if rng.random() < 0.5 else min(len(data), 12_000)
                data[rng.randrange(end)] = rng.randrange(256)
        data[:16] = whole[:16]
        data[60:64], data[68:72] = whole[60:64], whole[68:72]
        # Each in its own folder, as listing a folder reads all recordings in it.
        path = tmp_path / str(number) / "s.mirror"
        path.parent.mkdir()
        path.write_bytes(data)
        paths.append(path)
    errors = read_all(paths)
    assert sum(bool(each) for each in errors.values()) > FLIPS // 2


def write_changed(path: Path, whole: bytes, *statements: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(whole)
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = DELETE")
    db.execute("PRAGMA ignore_check_constraints = ON")
    for each in statements:
        db.execute(each)
    db.commit()
    db.close()
    return path


ODD = ["NULL", "'text'", "x'00ff'", "1e308", "-9e99", "9223372036854775807", "zeroblob(600)", "0"]


@pytest.mark.parametrize(
    ("kind", "tables"),
    [
        ("whole", ("session", "pose", "event", "score")),
        ("of_series", ("pose", "series")),
    ],
)
def test_survives_wrong_types_in_every_column(
    kind: str, tables: tuple[str, ...], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    whole, paths = request.getfixturevalue(kind), []
    db = sqlite3.connect(":memory:")
    db.deserialize(whole.replace(b"\x02\x02", b"\x01\x01", 1))  # out of write-ahead mode
    columns = {
        table: [row[1] for row in db.execute(f"PRAGMA table_info({table})")] for table in tables
    }
    db.close()
    for table, names in columns.items():
        for column, name in enumerate(names[:4] if table == "score" else names):  # others are alike
            # Columns try every third of the values in turn.
            for number, value in enumerate(ODD if ALL else ODD[column % 3 :: 3]):
                path = tmp_path / f"{table}-{name}-{number}" / "s.mirror"
                # Without the column types and checks of the original.
                paths.append(
                    write_changed(
                        path,
                        whole,
                        f"CREATE TABLE other AS SELECT * FROM {table} LIMIT 40",
                        f"UPDATE other SET {name} = {value} WHERE rowid > 1",
                        f"DROP TABLE {table}",
                        f"ALTER TABLE other RENAME TO {table}",
                    )
                )
    errors = read_all(paths)
    assert sum(bool(each) for each in errors.values()) > len(paths) // 2


NESTED = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("notes", NESTED, "nested too deeply"),
        ("notes", "[" * 40 + "]" * 40, "nested too deeply"),
        ("notes", "1" * 5000, "not JSON"),
        ("settings", '{"window": 1e999}', "window"),
        ("settings", '{"rate": 1e300}', "rate"),
        ("settings", "[]", "settings is not a table"),
        ("quality", '{"feeds": []}', "feeds is not a table"),
        ("quality", '{"feeds": {"a": {"dropped": "x"}}}', "other than a number"),
        ("quality", '{"duration_s": NaN}', "other than a number"),
        ("quality", '{"warnings": "x"}', "warnings are not a list"),
        ("video", '{"a": {"b": 1}}', "other than text"),
        ("changes", '{"a": 1}', "not a list"),
        ("labels", '"x"', "labels is not a table"),
    ],
)
def test_refuses_malicious_session_values(
    whole: bytes, tmp_path: Path, key: str, value: str, message: str
) -> None:
    path = tmp_path / "s.mirror"
    write_changed(path, whole)
    db = sqlite3.connect(path)
    db.execute("INSERT OR REPLACE INTO session VALUES (?, ?)", (key, value))
    db.commit()
    db.close()
    assert any(message in each for each in hostile.run_everything(path))


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("CREATE VIEW score2 AS SELECT * FROM score", "a view that mirror never makes"),
        (
            "CREATE TRIGGER t AFTER INSERT ON event BEGIN DELETE FROM pose; END",
            "a trigger that mirror never makes",
        ),
        ("CREATE VIRTUAL TABLE v USING fts5(x)", "a table that mirror never makes"),
        ("ALTER TABLE score ADD COLUMN z AS (zeroblob(1000000000))", "a generated column"),
    ],
)
def test_refuses_views_triggers_and_generated_columns(
    whole: bytes, tmp_path: Path, statement: str, message: str
) -> None:
    path = write_changed(tmp_path / "s.mirror", whole, statement)
    before = path.read_bytes()
    with pytest.raises(RecordingError, match=message):
        Recording.open(path)
    assert path.read_bytes() == before


def make_endless(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {FORMAT}")
    db.execute("CREATE TABLE session (key, value)")
    db.execute("CREATE TABLE event (time_s, kind, text)")
    db.execute("CREATE TABLE pose (id, feed, time_s, landmarks, world, width, height)")
    db.execute(
        "CREATE VIEW score AS WITH RECURSIVE n(x) AS (SELECT 0.0 UNION ALL SELECT x + 1 FROM n) "
        "SELECT x AS time_s, 'ok' AS state FROM n"
    )
    db.commit()
    db.close()


def make_huge_value(path: Path) -> None:
    make_recording(path, seconds=2)
    db = sqlite3.connect(path)
    db.execute("INSERT INTO event VALUES (1.0, 'mark', zeroblob(50000000))")
    db.execute("INSERT INTO session VALUES ('big', CAST(zeroblob(50000000) AS TEXT))")
    db.commit()
    db.close()


def make_cycles(path: Path) -> None:
    """A table whose pages are each other's children: more rows than atoms in the universe."""
    make_recording(path, seconds=8)
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = DELETE")
    (size,) = db.execute("PRAGMA page_size").fetchone()
    (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'score'").fetchone()
    db.close()
    data = bytearray(path.read_bytes())
    at = (root - 1) * size
    assert data[at] == 5, "the inner node of a table"
    cells = int.from_bytes(data[at + 3 : at + 5], "big")
    pointers = range(at + 12, at + 12 + 2 * cells, 2)
    places = [at + int.from_bytes(data[each : each + 2], "big") for each in pointers]
    leaf = data[places[0] : places[0] + 4]
    # Eight levels, each with as many links to the next as fit on a page.
    inner = bytearray(size)
    inner[:12] = data[at : at + 12]
    new_pages = len(data) // size
    for level in range(8):
        child = leaf if level == 0 else (new_pages + level).to_bytes(4, "big")
        page = bytearray(size)
        count = (size - 12) // 7
        first = size - 5 * count
        page[0], page[3:5] = 5, count.to_bytes(2, "big")
        page[5:7], page[8:12] = first.to_bytes(2, "big"), child
        for k in range(count):
            place = first + 5 * k
            page[12 + 2 * k : 14 + 2 * k] = place.to_bytes(2, "big")
            page[place : place + 4], page[place + 4] = child, 1
        data += page
    top = (new_pages + 8).to_bytes(4, "big")
    for place in places:
        data[place : place + 4] = top
    data[28:32] = (len(data) // size).to_bytes(4, "big")
    path.write_bytes(data)


def test_huge_content_ends_with_an_error(tmp_path: Path) -> None:
    paths = []
    for make in (make_endless, make_huge_value, make_cycles):
        paths.append(tmp_path / make.__name__ / "s.mirror")
        paths[-1].parent.mkdir()
        make(paths[-1])
    assert all(read_all(paths).values())


def test_texts_are_not_run_as_sql(tmp_path: Path) -> None:
    labels = ("'; DROP TABLE pose; --", '"); DELETE FROM score; --')
    path = make_recording(tmp_path / "s.mirror", labels=labels, seconds=3)
    assert hostile.run_everything(path) == []
    with Recording.open(path) as recording:
        assert tuple(recording.session["labels"].values()) == labels
        assert recording.counts()["a"][0] == 45


def test_file_names_are_not_interpreted(tmp_path: Path) -> None:
    for name in ("s\0.mirror", "x" * 300, "/dev/zero", "/proc/self/mem", "?mode=memory"):
        with pytest.raises(MirrorError):
            Recording.open(tmp_path / name)
    odd = make_recording(tmp_path / "a?mode=memory&x=%2e#.mirror", seconds=2)
    with Recording.open(odd) as recording:
        assert recording.counts()["a"][0] == 30
    assert [each.name for each in tmp_path.iterdir()] == [odd.name]


def test_invalid_utf8_is_read_with_replacement(whole: bytes, tmp_path: Path) -> None:
    path = write_changed(
        tmp_path / "s.mirror",
        whole,
        "UPDATE event SET text = CAST(x'68e46c6c6f00' AS TEXT)",
    )
    with Recording.open(path) as recording:
        assert recording.events()[0].text == "h\N{REPLACEMENT CHARACTER}llo\0"
    assert json.dumps(hostile.run_everything(path)) == "[]"
