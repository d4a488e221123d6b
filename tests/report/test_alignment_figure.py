"""The figure of an alignment by sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mirror.clocks.sound import Alignment
from mirror.errors import ExportError
from mirror.report.figures.alignment import alignment_facts, alignment_figure, write_alignment

FOUND = Alignment(
    offset_s=-2.5,
    drift_ppm=40.0,
    offset_error_s=0.0001,
    drift_error_ppm=1.0,
    confidence=0.49999,
    times=np.array([10.0, 20.0, 30.0]),
    lags=np.array([-2.4996, -2.4992, -1.9]),
    agrees=np.array([True, True, False]),
    rival_s=-6.5,
)
NAMES = ("anna.mp4", "ben.mp4")


def test_facts_say_who_began_and_what_is_unsure() -> None:
    assert dict(alignment_facts(FOUND, NAMES)) == {
        "offset": "ben.mp4 began 2.5000 s after anna.mp4 (± 0.1 ms)",
        "drift": "+40.0 ppm (± 1.0): ben.mp4 is fast by 144 ms an hour",
        "confidence": "0.4999 (2 of 3 windows agree): unsure",
        "as likely": "an offset of -6.5000 s",
    }


def test_figure_has_its_numbers() -> None:
    figure = alignment_figure(FOUND, NAMES)
    assert figure.data is not None
    assert [float(row[1]) for row in figure.data.rows] == FOUND.lags.tolist()
    assert "2 of 3 windows agree" in figure.svg


@pytest.mark.parametrize("kind", ["svg", "png", "html"])
def test_writes_a_file_of_each_kind(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"plot.{kind}"
    write_alignment(FOUND, NAMES, path, replace=False)
    start = path.read_bytes()[:200]
    assert {"svg": b"<svg", "png": b"\x89PNG", "html": b"<!DOCTYPE html>"}[kind] in start
    with pytest.raises(ExportError, match="exists"):
        write_alignment(FOUND, NAMES, path, replace=False)
    write_alignment(FOUND, NAMES, path, replace=True)


def test_refuses_other_kinds(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"must end in \.svg, \.png or \.html"):
        write_alignment(FOUND, NAMES, tmp_path / "plot.pdf", replace=False)
