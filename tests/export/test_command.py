"""The command ``mirror export``."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import pytest

from mirror import Recording
from mirror.export import FORMATS
from tests.support.commands import run, run_here


def refused(folder: Path, *words: object, **how: Any) -> str:
    """Return the one error line of a command that fails."""
    ended = run(*words, folder=folder, **how) if how else run_here(*words, folder=folder)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1)
    return ended.stderr


def test_help_names_every_format(folder: Path) -> None:
    shown = run_here("export", "--help", folder=folder)
    words = shown.stdout.replace(",", " ").split()
    assert [name for name in FORMATS if name not in words] == []


def test_exports_a_part(recording: Recording, folder: Path) -> None:
    words = (
        "export",
        recording.path,
        "--to",
        "tsv",
        "-o",
        "part.tsv",
        "--from",
        0.45,
        "--until",
        2,
    )
    shown = run_here(*words, folder=folder)
    assert (shown.returncode, shown.stdout, shown.stderr) == (0, "Wrote part.tsv\n", "")
    rows = (folder / "part.tsv").read_text(encoding="utf-8").splitlines()
    assert [row.partition("\t")[0] for row in (rows[1], rows[-1])] == ["0.5", "2.0"]
    assert "part.tsv exists" in refused(folder, *words)


def test_rejects_invalid_part(recording: Recording, folder: Path) -> None:
    error = refused(folder, "export", recording.path, "--to", "vtt", "-o", "x.vtt", "--from", 100)
    assert "its rows are from 0 to 6.7 s" in error
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("kind", ["parquet", "tsv-bids"])
def test_a_full_disk_leaves_nothing(recording: Recording, folder: Path, kind: str) -> None:
    """A file, by a library of C++, and a folder; tests/recording/test_faults.py tries them all."""

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))

    error = refused(folder, "export", recording.path, "--to", kind, "-o", "talk.x", preexec_fn=fill)
    assert "talk.x" in error
    assert "another place" in error
    assert list(folder.iterdir()) == []
