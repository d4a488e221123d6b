"""JSON Lines, read back by the standard library."""

from __future__ import annotations

import json
import math
import os
import stat
from pathlib import Path

import pytest

from mirror.errors import StreamError
from mirror.session.outputs import open_stream
from mirror.timeline import COLUMNS, LEVELS
from tests.support.rows import EVENTS, rows


def test_every_value_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    with open_stream(f"jsonl:{path}") as stream:
        stream.send(rows()[:4], [])
        assert len(path.read_text().splitlines()) == 4  # at once, and not at the end
        stream.send(rows()[4:], EVENTS)
    lines = [json.loads(line) for line in path.read_text("ascii").splitlines()]
    kinds = [line.pop("type") for line in lines]
    assert kinds == ["score"] * len(rows()) + ["event"] * 2
    for line, score in zip(lines, rows(), strict=False):
        assert list(line) == list(COLUMNS)
        for name in COLUMNS:
            value = getattr(score, name)
            undefined = name not in LEVELS and math.isnan(value)
            assert line[name] == (None if undefined else value)
    assert lines[len(rows()) :] == [
        {"time_s": each.time_s, "kind": each.kind, "text": each.text} for each in EVENTS
    ]


def test_standard_output_stays_open(capfd: pytest.CaptureFixture[str]) -> None:
    with open_stream("jsonl:-") as stream:
        stream.send(rows(), [])
    os.write(1, b"after\n")
    *lines, last = capfd.readouterr().out.splitlines()
    assert [json.loads(line)["state"] for line in lines] == [score.state for score in rows()]
    assert last == "after"


def test_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("mine")
    with pytest.raises(StreamError, match=r"rows\.jsonl exists and is not replaced"):
        open_stream(f"jsonl:{path}")
    assert path.read_text() == "mine"
    with pytest.raises(StreamError, match=r"cannot write to .*nowhere.*No such file"):
        open_stream(f"jsonl:{tmp_path / 'nowhere' / 'rows.jsonl'}")


@pytest.mark.skipif(os.name == "nt", reason="files have no such modes there")
def test_file_is_readable_by_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    before = os.umask(0)
    try:
        with open_stream(f"jsonl:{path}") as stream:
            stream.send(rows(), [])
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_unused_stream_leaves_no_file(tmp_path: Path) -> None:
    with open_stream(f"jsonl:{tmp_path / 'rows.jsonl'}"):
        assert (tmp_path / "rows.jsonl").exists()
    assert list(tmp_path.iterdir()) == []


def test_full_disk_is_a_one_line_error() -> None:
    stream = open_stream("jsonl:-")
    kept = os.dup(1)
    try:
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, 1)
        os.close(full)
        stream.close()
        stream = open_stream("jsonl:-")
        with pytest.raises(StreamError, match="standard output: No space left on device; nothing"):
            stream.send(rows(), [])
        stream.close()
    finally:
        os.dup2(kept, 1)
        os.close(kept)


@pytest.mark.parametrize("text", ["", "jsonl", "jsonl:", "midi:1", "rows.jsonl"])
def test_unknown_stream_is_refused_with_known_ones(text: str) -> None:
    with pytest.raises(StreamError, match="names no stream; known are lsl:NAME") as caught:
        open_stream(text)
    assert "\n" not in str(caught.value)
