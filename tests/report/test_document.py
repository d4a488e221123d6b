from __future__ import annotations

import csv
import io
import math

import pytest

from mirror.report.document import Data, cleaned


def test_data_keep_every_digit_and_leave_out_what_is_undefined() -> None:
    data = Data("x.csv", ("name", "value"), [('Anna, "A"', 0.1 + 0.2), ("line\nbreak", math.nan)])
    head, first, second = csv.reader(io.StringIO(data.csv()))
    assert head == ["name", "value"]
    assert first[0] == 'Anna, "A"'
    assert float(first[1]) == 0.1 + 0.2
    assert second == ["line\nbreak", ""]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Zoë 日本 👩‍🚀 <b>&", "Zoë 日本 👩‍🚀 <b>&"),
        (" two\nlines\x00 ", "two lines"),
        ("half \ud800", "half ?"),
        ("turned \u202etxt\u2066.", "turned txt."),
    ],
)
def test_texts_are_kept_but_for_what_no_file_can_hold(text: str, kept: str) -> None:
    assert cleaned(text) == kept
