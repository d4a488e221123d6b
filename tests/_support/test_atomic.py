from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from mirror._support.atomic import (
    naming_failures,
    privacy_note,
    replace_file,
    write_atomically,
)
from mirror.errors import ExportError


def write_pair(new: Path) -> None:
    new.write_text("new")
    new.with_name("side").write_text("new side")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_replace_file_keeps_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("old")
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["x"]


@pytest.mark.skipif(os.name != "posix", reason="Windows has access lists instead of modes")
def test_note_on_a_file_that_others_may_read(tmp_path: Path) -> None:
    path = tmp_path / "x"
    assert privacy_note(path) == ""
    path.touch()
    path.chmod(0o600)
    assert privacy_note(path) == ""
    path.chmod(0o640)
    assert "others may read it" in privacy_note(path)


def test_writes_all_files_for_their_owner(tmp_path: Path) -> None:
    files = [tmp_path / "main", tmp_path / "side"]
    write_atomically(files, write_pair, replace=False)
    assert [path.read_text() for path in files] == ["new", "new side"]
    assert [stat.S_IMODE(path.stat().st_mode) for path in files] == [0o600, 0o600]
    assert names(tmp_path) == ["main", "side"]


def test_refuses_existing_file_unless_told_to_replace(tmp_path: Path) -> None:
    files = [tmp_path / "main", tmp_path / "side"]
    files[1].write_text("old")
    with pytest.raises(ExportError, match="side exists"):
        write_atomically(files, write_pair, replace=False)
    assert names(tmp_path) == ["side"]
    write_atomically(files, write_pair, replace=True)
    assert files[1].read_text() == "new side"


def test_restores_old_files_after_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [tmp_path / "main", tmp_path / "side"]
    for path in files:
        path.write_text("old")
    move = Path.replace

    def fail_at_new_side(path: Path, target: Path) -> Path:
        if path.name == "side" and path.parent.name == "new":
            raise OSError("disk full")
        return move(path, target)

    monkeypatch.setattr(Path, "replace", fail_at_new_side)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(files, write_pair, replace=True)
    assert [path.read_text() for path in files] == ["old", "old"]
    assert names(tmp_path) == ["main", "side"]


def test_replaces_folder_only_if_no_other_file_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "study"

    def write(new: Path) -> None:
        (new / "sub").mkdir(parents=True)
        (new / "sub" / "x").write_text("new")

    write_atomically([folder], write, replace=False)
    assert stat.S_IMODE((folder / "sub").stat().st_mode) == 0o700
    write_atomically([folder], write, replace=True)
    (folder / "notes").write_text("mine")
    with pytest.raises(ExportError, match="notes in it would be lost"):
        write_atomically([folder], write, replace=True)
    assert (folder / "notes").read_text() == "mine"


@pytest.mark.parametrize("works", range(4))
@pytest.mark.parametrize("is_folder", [False, True])
def test_no_rename_works_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, works: int, is_folder: bool
) -> None:
    main, side = tmp_path / "main", tmp_path / "side"
    rename = Path.replace
    left = iter([True] * works)

    def replace(self: Path, target: Path) -> Path:
        if not next(left, False):
            raise OSError(28, "No space left on device")
        return rename(self, target)

    def write(new: Path) -> None:
        new.mkdir() if is_folder else new.write_text("new")
        new.with_name("side").write_text("new side")

    monkeypatch.setattr(Path, "replace", replace)
    if works < 2:
        with pytest.raises(OSError, match="No space left"):
            write_atomically([main, side], write, replace=False)
        assert names(tmp_path) == []
    else:
        write_atomically([main, side], write, replace=False)
        assert names(tmp_path) == ["main", "side"]


def test_a_file_that_cannot_be_replaced_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.write_text("old")
    calls = []

    def replace(_self: Path, target: Path) -> Path:
        calls.append(target)
        raise OSError(122, "Disk quota exceeded")

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(OSError, match="Disk quota"):
        write_atomically([path], lambda new: new.write_text("new"), replace=True)
    assert calls == [path]
    assert path.read_text() == "old"


def test_a_failure_names_the_path_and_a_way_out() -> None:
    with (
        pytest.raises(ExportError, match=r"cannot write a/b: .*; choose another place"),
        naming_failures(Path("a/b")),
    ):
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")
