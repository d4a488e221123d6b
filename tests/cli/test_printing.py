from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from mirror.cli import printing
from mirror.errors import WindowError
from mirror.report.document import Document

DOCUMENT = Document("Title", "sub", ())


@pytest.fixture(autouse=True)
def nothing_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "missing_packages", lambda libraries: [])


def test_missing_libraries_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(printing, "missing_packages", lambda libraries: ["libegl1", "libgl1"])
    with pytest.raises(WindowError, match="sudo apt-get install libegl1 libgl1; or print the HTML"):
        printing.print_to_pdf(DOCUMENT, tmp_path / "x.pdf")


def test_a_missing_qt_is_named_with_the_fix(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("ui.pdf.writer", "ui.pdf.layout"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "PyQt6.QtCore", None)
    with pytest.raises(WindowError, match="python -m pip install PyQt6; or print the HTML file"):
        printing.print_to_pdf(DOCUMENT, tmp_path / "x.pdf")


def test_a_fault_of_our_own_is_not_hidden(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "ui.pdf.writer", ModuleType("ui.pdf.writer"))
    with pytest.raises(ImportError, match="print_document"):
        printing.print_to_pdf(DOCUMENT, tmp_path / "x.pdf")
