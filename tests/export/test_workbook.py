"""XLSX, read with openpyxl and with pandas."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from openpyxl import Workbook
from openpyxl.utils.escape import unescape

from mirror import Recording
from mirror.errors import ExportError
from mirror.events import Event
from mirror.export import export
from mirror.timeline import COLUMNS, LEVELS
from tests.support.talk import MakeRecording

DIGITS = 1e-15
"""XlsxWriter keeps 16 digits of a number."""


@pytest.fixture
def book(recording: Recording, folder: Path) -> Iterator[Workbook]:
    export(recording, "xlsx", folder / "talk.xlsx")
    opened = openpyxl.load_workbook(folder / "talk.xlsx")
    yield opened
    opened.close()


def test_scores_are_numbers_or_empty_cells(recording: Recording, book: Workbook) -> None:
    header, *rows = book["timeline"].iter_rows(values_only=True)
    timeline = recording.timeline()
    assert header == COLUMNS
    assert len(rows) == len(timeline)
    for name, column in zip(COLUMNS, zip(*rows, strict=True), strict=True):
        if name in LEVELS:
            assert list(column) == list(timeline[name])
        else:
            read = np.array([math.nan if value is None else value for value in column], float)
            assert read == pytest.approx(timeline[name], rel=DIGITS, abs=0, nan_ok=True), name


def test_pandas_reads_the_scores(recording: Recording, folder: Path) -> None:
    export(recording, "xlsx", folder / "talk.xlsx", start=1.0, end=2.0)
    table = pd.read_excel(folder / "talk.xlsx", sheet_name="timeline")
    part = recording.timeline().between(1.0, 2.0)
    assert table["coherence"].to_numpy() == pytest.approx(part.coherence, rel=DIGITS)


def test_events_are_texts_and_not_formulas(recording: Recording, book: Workbook) -> None:
    header, *rows = book["events"].iter_rows()
    assert [cell.value for cell in header] == ["time_s", "kind", "text"]
    found = [Event(row[0].value, row[1].value, row[2].value or "") for row in rows]
    assert found == [
        Event(each.time_s, each.kind, each.text.replace("\r\n", "\n"))  # as a sheet has them
        for each in recording.events()
    ]
    for row in rows:
        for cell in row[1:]:
            text = cell.value or ""
            assert cell.data_type == "s"
            # Quoted, it stays a text also after the cell is edited.
            assert bool(cell.quotePrefix) == text.startswith(("=", "+", "-", "@")), text


def test_about_sheet_holds_the_metadata(book: Workbook) -> None:
    header, *rows = book["about"].iter_rows(values_only=True)
    assert header == ("of", "name", "value", "units")
    about = {(of, name or ""): (value, units) for of, name, value, units in rows}
    assert about["settings", "window"][0] == "6.0"
    assert about["notes", ""][0] == "=notes"
    assert about["labels", "a"][0] == "Änna"
    assert about["timeline", "lag_s"][1] == "s"
    assert "positive: B follows A" in about["timeline", "lag_s"][0]
    assert {name for of, name in about if of == "timeline"} == set(COLUMNS)
    cells = [cell for row in book["about"].iter_rows() for cell in row if cell.value == "=notes"]
    assert [(cell.data_type, bool(cell.quotePrefix)) for cell in cells] == [("s", True)]


def test_rejects_text_longer_than_a_cell(make: MakeRecording, folder: Path) -> None:
    recording = make(events=[Event(1.0, "mark", "x" * 40_000)])
    with pytest.raises(ExportError, match=r"40000 characters .* \(32767\); export to csv"):
        export(recording, "xlsx", folder / "talk.xlsx")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("text", ["a\0b\x1b", "_x0041_", "\tindented", "-1\r2"])
def test_reads_back_any_text(make: MakeRecording, folder: Path, text: str) -> None:
    export(make(events=[Event(1.0, "mark", text)]), "xlsx", folder / "talk.xlsx")
    with closing(openpyxl.load_workbook(folder / "talk.xlsx")) as book:
        assert unescape(book["events"]["C2"].value) == text.replace("\r", "\n")
