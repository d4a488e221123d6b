from __future__ import annotations

import csv
import io
import math

import pytest

from mirror.report.document import Data, clean_text


def test_csv_has_full_precision_and_empty_cells_for_nan() -> None:
    data = Data("x.csv", ("name", "value"), [('Anna, "A"', 0.1 + 0.2), ("line\nbreak", math.nan)])
    head, first, second = csv.reader(io.StringIO(data.csv()))
    assert head == ["name", "value"]
    assert first[0] == 'Anna, "A"'
    assert float(first[1]) == 0.1 + 0.2
    assert second == ["line\nbreak", ""]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zoë 日本 👩‍🚀 <b>&", "Zoë 日本 👩‍🚀 <b>&"),
        (" two\nlines\x00 ", "two lines"),
        ("half \ud800", "half ?"),
        ("turned \u202etxt\u2066.", "turned txt."),
        ("no \ufdd0\ufffe\uffff\U0001ffffletters\U0010fffe", "no letters"),
    ],
)
def test_clean_text(text: str, expected: str) -> None:
    assert clean_text(text) == expected
