from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QSize
from PyQt6.QtGui import QColor
from PyQt6.QtPdf import QPdfDocument, QPdfSelection
from PyQt6.QtWidgets import QApplication

from mirror.report.document import (
    Document,
    Facts,
    Figure,
    Figures,
    Listing,
    Paragraph,
    Part,
    Section,
    Table,
)
from mirror.report.svg import BLUE, ORANGE, draw_figure
from ui.pdf.writer import print_document

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

SIZE = QSize(595, 842)
LINES = " ".join(["words"] * 12)


def block(colour: str, height: float = 3.0) -> Figure:
    """A figure that is one coloured block, 8 inches wide."""

    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        axes.axis("off")
        axes.add_patch(
            __import__("matplotlib.patches").patches.Rectangle((0, 0), 1, 1, color=colour)
        )

    return draw_figure(f"Block {colour}", "Its meaning.", "A block.", (8.0, height), draw)


class Printed:
    """A PDF file, read back."""

    def __init__(self, path: Path) -> None:
        self._pdf = QPdfDocument(None)
        self._pdf.load(str(path))
        self.pages = self._pdf.pageCount()
        self.title = self._pdf.metaData(QPdfDocument.MetaDataField.Title)

    def text(self, page: int) -> str:
        pdf = self._pdf.getAllText(page)
        assert isinstance(pdf, QPdfSelection)
        return " ".join(pdf.text().replace("\xa0", " ").split())

    def rows(self, page: int, colour: str) -> list[int]:
        """The lines of pixels in which a colour is."""
        return sorted({y for _, y in self._places(page, colour, 5)})

    def columns(self, page: int, colour: str) -> list[int]:
        """The same from left to right."""
        return sorted({x for x, _ in self._places(page, colour, 1)})

    def _places(self, page: int, colour: str, step: int) -> Iterator[tuple[int, int]]:
        image = self._pdf.render(page, SIZE)
        wanted = QColor(colour)
        for y in range(image.height()):
            for x in range(0, image.width(), step):
                each = image.pixelColor(x, y)
                apart = abs(each.red() - wanted.red()) + abs(each.blue() - wanted.blue())
                if each.alpha() == 255 and apart < 12:
                    yield x, y


@pytest.fixture
def printed(qapp: QApplication, tmp_path: Path) -> object:
    def make(*sections: Section) -> Printed:
        print_document(Document("A title", "below it", sections), tmp_path / "x.pdf")
        return Printed(tmp_path / "x.pdf")

    return make


def section(*parts: Part) -> Section:
    return Section("A heading", parts)


def test_parts_are_searchable_text(printed) -> None:
    table = Table("About it", ("who", "share"), (("Anna <b>", "12 %"),))
    parts = (Paragraph("A paragraph & more."), Listing(("a point",)), Facts((("window", "6 s"),)))
    pdf = printed(section(*parts, table, block(BLUE)))
    assert pdf.pages == 1
    assert pdf.title == "A title"
    for text in (
        "A title below it A heading A paragraph & more.",
        "a point",
        "window: 6 s",
        "About it who share Anna <b> 12 %",
        f"Block {BLUE}. Its meaning.",
        "A title · 1 of 1",
    ):
        assert text in pdf.text(0)


def test_figures_are_not_cut(printed) -> None:
    parts = [Paragraph(LINES)] * 14
    pdf = printed(section(*parts, block(BLUE, 7.0), block(ORANGE, 5.0)))
    assert pdf.pages == 3
    assert not pdf.rows(0, BLUE)
    blue, orange = pdf.rows(1, BLUE), pdf.rows(2, ORANGE)
    assert not pdf.rows(2, BLUE)
    assert not pdf.rows(1, ORANGE)
    # 8 inches are wider than the page: both are scaled down
    scale = (210 - 32) / 25.4 / 8.0
    assert len(blue) == pytest.approx(72 * 7.0 * scale, rel=0.05)
    assert len(orange) == pytest.approx(72 * 5.0 * scale, rel=0.05)
    assert f"Block {BLUE}" in pdf.text(1)
    assert f"Block {ORANGE}" in pdf.text(2)


def test_heading_stays_with_next_block(printed) -> None:
    lines = [Paragraph(LINES)] * 16
    pdf = printed(section(*lines), Section("The second", (block(BLUE, 6.0),)))
    assert pdf.pages == 2
    assert "The second" not in pdf.text(0)
    assert pdf.text(1).startswith("The second")


def test_figures_are_side_by_side(printed) -> None:
    pdf = printed(section(Figures((block(BLUE), block(ORANGE)))))
    blue, orange = pdf.rows(0, BLUE), pdf.rows(0, ORANGE)
    assert blue == orange
    left, right = pdf.columns(0, BLUE), pdf.columns(0, ORANGE)
    assert right[0] - left[-1] >= 0.03 * (right[-1] - left[0])
    assert right[-1] - right[0] == pytest.approx(left[-1] - left[0], abs=1)
    assert f"Left: Block {BLUE}." in pdf.text(0)
    assert f"Right: Block {ORANGE}." in pdf.text(0)


def test_table_header_repeats_on_every_page(printed) -> None:
    rows = tuple((f"row {number}", f"{number}") for number in range(120))
    pdf = printed(section(Table("", ("which one", "number"), rows)))
    assert pdf.pages > 1
    for page in range(pdf.pages):
        assert "which one number" in pdf.text(page)
    assert "row 119 119" in pdf.text(pdf.pages - 1)


def test_unwritable_path_is_an_error(qapp: QApplication, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        print_document(Document("A", "b", ()), tmp_path / "none" / "x.pdf")
