"""All formats: atomic writing, parts of a recording, and error texts."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from mirror import Recording, Score, State
from mirror.errors import ExportError, MirrorError, RecordingError
from mirror.export import FORMATS, export
from tests.support.talk import MakeRecording

# The film has tests of its own.
TABLES = [kind for kind in FORMATS if kind != "video"]
EVERY = pytest.mark.parametrize("kind", TABLES)


def contents(folder: Path) -> dict[str, bytes]:
    """Return the content of all files in a folder."""
    return {
        str(each.relative_to(folder)): each.read_bytes()
        for each in folder.rglob("*")
        if each.is_file()
    }


def test_formats_are_found_by_name() -> None:
    assert set(TABLES) == {
        *("csv", "tsv", "json", "parquet", "tsv-bids", "xlsx", "eaf", "vtt"),
        *("landmarks-csv", "landmarks-parquet"),
    }
    assert all(name == each.name and each.description for name, each in FORMATS.items())
    assert [name for name, each in FORMATS.items() if each.is_folder] == ["tsv-bids"]
    assert all(each.suffix.startswith(".") != each.is_folder for each in FORMATS.values())


@EVERY
def test_writes_exactly_the_named_files(recording: Recording, folder: Path, kind: str) -> None:
    path = folder / "talk.x"
    export(recording, kind, path)
    assert set(folder.iterdir()) == {path, *FORMATS[kind].side_files(path)}
    for each in folder.rglob("*"):
        assert each.stat().st_mode & 0o077 == 0  # as the recording: for its owner only


@EVERY
def test_names_and_texts_that_are_not_utf_8(make: MakeRecording, folder: Path, kind: str) -> None:
    bad = os.fsdecode(b"caf\xe9")
    made = make(labels={"a": "Anna", "b": "\ud800"}, notes=bad, condition="\udcff")
    path = made.path.with_name(f"{bad}.mirror")
    made.path.rename(path)
    with Recording.open(path) as recording:
        export(recording, kind, folder / f"{bad}.x")
    names = {each.name for each in folder.iterdir()}
    assert f"{bad}.x" in names
    for content in contents(folder).values():
        if kind not in ("xlsx", "parquet", "landmarks-parquet"):
            content.decode("utf-8")


@EVERY
def test_replaces_existing_files_only_if_asked(
    recording: Recording, folder: Path, kind: str
) -> None:
    path = folder / "talk.x"
    export(recording, kind, path)
    before = contents(folder)
    with pytest.raises(ExportError, match=r"exists; .*--force"):
        export(recording, kind, path, start=1.0)
    assert contents(folder) == before
    export(recording, kind, path, replace=True, start=1.0)
    assert before.keys() == contents(folder).keys()
    assert contents(folder) != before


@pytest.mark.parametrize("kind", [kind for kind in TABLES if FORMATS[kind].side_files(Path("x"))])
def test_does_not_overwrite_side_files(recording: Recording, folder: Path, kind: str) -> None:
    for each in FORMATS[kind].side_files(folder / "talk.x"):
        each.write_text("precious")
        with pytest.raises(ExportError, match=f"{each.name} exists"):
            export(recording, kind, folder / "talk.x")
        assert list(contents(folder).values()) == [b"precious"]
        each.unlink()


class Enough(Exception):  # noqa: N818 - nothing is wrong
    """The export was cancelled."""


@EVERY
def test_cancelled_export_changes_nothing(recording: Recording, folder: Path, kind: str) -> None:
    export(recording, kind, folder / "talk.x")
    before = contents(folder)
    calls: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        calls.append((done, total))
        if done > 20:
            raise Enough

    with pytest.raises(Enough):
        export(recording, kind, folder / "talk.x", replace=True, start=1.0, progress=stop)
    assert contents(folder) == before
    assert [done for done, _ in calls] == sorted(done for done, _ in calls)
    assert {total > 20 for _, total in calls} == {True}


@EVERY
def test_progress_reaches_its_total(recording: Recording, folder: Path, kind: str) -> None:
    calls: list[tuple[int, int]] = []
    export(recording, kind, folder / "t", progress=lambda done, total: calls.append((done, total)))
    assert calls[0][0] == 0
    assert calls[-1][0] == calls[-1][1] > 0


def test_replaces_all_files_or_none(
    recording: Recording, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(recording, "csv", folder / "talk.csv")
    before = contents(folder)
    really = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if self.parent.name == "new" and self.suffix == ".json":
            raise PermissionError(13, "Permission denied")  # as Windows says of an open file
        return really(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(ExportError, match=r"cannot write .*talk\.csv: Permission denied; choose"):
        export(recording, "csv", folder / "talk.csv", replace=True, start=1.0)
    assert contents(folder) == before


def test_follows_symbolic_link(recording: Recording, folder: Path) -> None:
    (folder / "link.json").symlink_to(folder / "real.json")
    export(recording, "json", folder / "link.json")
    assert (folder / "link.json").is_symlink()
    assert (folder / "real.json").stat().st_size > 1000


@EVERY
def test_rejects_part_without_rows(recording: Recording, folder: Path, kind: str) -> None:
    parts: list[dict[str, Any]] = [{"start": 9.0}, {"end": -1.0}, {"start": 1.0, "end": 0.5}]
    for part in parts:
        with pytest.raises(ExportError, match=r"its rows are from 0 to 6\.7 s"):
            export(recording, kind, folder / "talk.x", **part)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("part", "rows"),
    [
        ({}, 48),
        ({"start": 0.05}, 47),
        ({"end": 0.0}, 1),
        ({"start": 0.0, "end": 0.1}, 2),
        ({"start": 0.1, "end": 0.1}, 1),
    ],
)
def test_part_includes_both_ends(
    recording: Recording, folder: Path, part: dict[str, Any], rows: int
) -> None:
    export(recording, "csv", folder / "talk.csv", **part)
    assert len((folder / "talk.csv").read_text(encoding="utf-8").splitlines()) == 1 + rows


def test_error_names_unwritable_file(recording: Recording, folder: Path) -> None:
    with pytest.raises(ExportError, match="known are csv, tsv, json"):
        export(recording, "docx", folder / "s.docx")
    with pytest.raises(ExportError, match="No such file or directory; choose another place"):
        export(recording, "csv", folder / "nowhere" / "s.csv")
    with pytest.raises(ExportError, match="is a folder; name a file in it"):
        export(recording, "csv", folder)
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe")
        with pytest.raises(ExportError, match="no ordinary file"):
            export(recording, "csv", folder / "pipe", replace=True)


@pytest.mark.parametrize(
    ("kind", "library", "extra"),
    [
        ("parquet", "pyarrow", "parquet"),
        ("landmarks-parquet", "pyarrow", "parquet"),
        ("eaf", "pympi", "elan"),
        ("xlsx", "xlsxwriter", "xlsx"),
    ],
)
def test_error_names_missing_library_and_install_command(
    recording: Recording,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    library: str,
    extra: str,
) -> None:
    for module in [each for each in sys.modules if each.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, library, None)
    assert FORMATS[kind].extra == extra
    with pytest.raises(
        MirrorError, match=rf"{library}.*pip install 'mirror-synchrony\[{extra}\]'$"
    ):
        export(recording, kind, folder / "talk.x")
    assert list(folder.iterdir()) == []


@EVERY
def test_rejects_infinite_score(make: MakeRecording, folder: Path, kind: str) -> None:
    rows = [Score(0.0, State.OK, in_phase=math.inf)]
    with pytest.raises(RecordingError, match="infinite"):
        export(make(rows=rows), kind, folder / "talk.x")
