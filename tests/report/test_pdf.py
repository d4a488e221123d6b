from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from matplotlib import get_data_path
from matplotlib.ft2font import FT2Font

from mirror.errors import ExportError
from mirror.export.film import lettering
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
    clean_text,
)
from mirror.report.pdf import to_pdf
from mirror.report.svg import BLUE, INK, ORANGE, draw_figure
from tests.support.fonts import make_font
from tests.support.pdf import Printed

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

LINES = " ".join(["words"] * 12)
NAME = "ꡀꡁ"  # Phags-pa letters, which no common font has
Print = Callable[..., Printed]


def block(colour: str, height: float = 3.0) -> Figure:
    """A figure that is one coloured block, 8 inches wide."""

    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        axes.axis("off")
        axes.add_patch(
            __import__("matplotlib.patches").patches.Rectangle((0, 0), 1, 1, color=colour)
        )

    return draw_figure(f"Block {colour}", "Its meaning.", f"Alt {colour}", (8.0, height), draw)


def named(name: str) -> Figure:
    """A figure with a text."""

    def draw(canvas: Canvas) -> None:
        canvas.text(0.5, 0.5, name)

    return draw_figure("Name", "", "A name.", (3.0, 1.0), draw)


@pytest.fixture
def printed(tmp_path: Path) -> Print:
    def make(*sections: Section, title: str = "A title", one_page: bool = False) -> Printed:
        content = to_pdf(Document(title, "below it", sections), one_page=one_page)
        (tmp_path / "x.pdf").write_bytes(content)
        return Printed(tmp_path / "x.pdf")

    return make


def section(*parts: Part) -> Section:
    return Section("A heading", parts)


def test_parts_are_searchable_text_with_tags(printed: Print) -> None:
    table = Table("About it", ("who", "share"), (("Anna <b>", "12 %"),))
    parts = (Paragraph("A paragraph & more."), Listing(("a point",)), Facts((("window", "6 s"),)))
    pdf = printed(section(*parts, Paragraph("An aside.", "aside"), table, block(BLUE)))
    assert pdf.pages == 1
    assert pdf.title == "A title"
    for text in (
        "A title below it A heading A paragraph & more.",
        "a point",
        "window: 6 s",
        "About it who share Anna <b> 12 %",
        f"Block {BLUE}. Its meaning.",
        "A title\u200e · 1 of 1",
    ):
        assert text in pdf.text()
    assert pdf.is_accessible
    assert b"/Lang(en)" in pdf.content
    assert f"/Alt(Alt {BLUE})".encode() in pdf.content
    assert [each for each in pdf.tags if each in {"H1", "H2", "L", "TH", "TD", "Figure"}] == (
        ["H1", "H2", "L", "L", "TH", "TH", "TD", "TD", "Figure"]
    )


_ALL = FT2Font(str(Path(get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"))).get_charmap()
# Text that is read from right to left, and marks above others, come out in another order.
_PLAIN = "".join(
    chr(each)
    for each in sorted(_ALL)
    if unicodedata.category(chr(each))[0] in "LNPS"
    and unicodedata.bidirectional(chr(each)) not in {"R", "AL", "AN"}
)
_MARKUP = st.sampled_from(
    ["#", "$x$", "@a", "*", "_", "[", "]", "\\", "`", "<a>", "//", "/*", "~", "---", "= ", '"', "'"]
)
_NAMES = st.lists(st.one_of(st.text(_PLAIN, max_size=3), _MARKUP), min_size=1, max_size=8)


@settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.generate],
)
@given(st.lists(_NAMES.map("".join), min_size=30, max_size=60))
def test_any_name_is_printed_as_typed(printed: Print, names: list[str]) -> None:
    pdf = printed(section(Listing(tuple(f"({name})" for name in names))), title=f"|{names[0]}|")
    text = _without_spaces("".join(map(pdf.text, range(pdf.pages))))
    assert pdf.title == f"|{names[0]}|"
    for name in names:
        assert _without_spaces(f"({name})") in text


def _without_spaces(text: str) -> str:
    """Return a text without what reading a PDF file changes: spaces, and joined letters."""
    return "".join(unicodedata.normalize("NFKC", text).split())


@pytest.mark.parametrize("has_font", [True, False])
def test_a_script_has_its_font_if_there_is_one(
    printed: Print,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    has_font: bool,
) -> None:
    """PDF/UA wants a glyph for each letter; in the figure, these two become one."""
    fonts = tmp_path / ".local" / "share" / "fonts"
    fonts.mkdir(parents=True)
    font = make_font(fonts / "Phags.ttf", NAME, share=1.0, feature="sub uA840 uA841 by uA840;")
    monkeypatch.setenv("HOME", str(tmp_path if has_font else tmp_path / "none"))
    lettering._system_font.cache_clear()  # noqa: SLF001
    monkeypatch.setattr("matplotlib.font_manager.findSystemFonts", lambda: [font] * has_font)
    pdf = printed(section(Paragraph(f"Hello {NAME}."), named(f"{NAME} ahead")), title=NAME)
    lettering._system_font.cache_clear()  # noqa: SLF001
    assert pdf.is_accessible == has_font
    assert pdf.tags[:3] == ["H1", "P", "H2"]
    assert "ahead" in pdf.text()
    said = capsys.readouterr().err.splitlines()
    assert len(said) == (not has_font)
    for each in said:
        assert "tagged, but has a PDF/UA-1 error: the text" in each
        assert NAME[0] in each


def test_characters_that_drawings_cannot_hold_are_left_out_or_refused(printed: Print) -> None:
    assert "Ann" in printed(section(named(clean_text("Ann\ufffe")))).text()
    with pytest.raises(ExportError, match=r"no PDF: .*SVG.*; write HTML instead"):
        printed(section(named("Ann\ufffe"), Paragraph(NAME)))


def test_a_page_without_a_title_is_a_report(printed: Print) -> None:
    pdf = printed(section(Paragraph(LINES)), title="\u202e \ufffe")
    assert pdf.title == "Report"
    assert pdf.is_accessible


def test_paper_is_that_of_the_country(printed: Print, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    for value, width in (("en_US.UTF-8", 612.0), ("fr_CA", 612.0), ("de_DE.UTF-8", 595.28)):
        monkeypatch.setenv("LC_PAPER", value)
        assert printed().size.width() == pytest.approx(width, abs=0.01)


def test_figures_are_not_cut(printed: Print) -> None:
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


def test_heading_stays_with_next_block(printed: Print) -> None:
    lines = [Paragraph(LINES)] * 16
    pdf = printed(section(*lines), Section("The second", (block(BLUE, 6.0),)))
    assert pdf.pages == 2
    assert "The second" not in pdf.text(0)
    assert pdf.text(1).startswith("The second")


def test_figures_are_side_by_side(printed: Print) -> None:
    pdf = printed(section(Figures((block(BLUE), block(ORANGE)))))
    blue, orange = pdf.rows(0, BLUE), pdf.rows(0, ORANGE)
    assert blue == orange
    left, right = pdf.columns(0, BLUE), pdf.columns(0, ORANGE)
    assert right[0] - left[-1] >= 0.03 * (right[-1] - left[0])
    assert right[-1] - right[0] == pytest.approx(left[-1] - left[0], abs=1)
    assert f"Left: Block {BLUE}." in pdf.text(0)
    assert f"Right: Block {ORANGE}." in pdf.text(0)


def test_table_header_repeats_on_every_page(printed: Print) -> None:
    rows = tuple((f"row {number}", f"{number}") for number in range(120))
    pdf = printed(section(Table("", ("which one", "number"), rows)))
    assert pdf.pages > 1
    for page in range(pdf.pages):
        assert "which one number" in pdf.text(page)
    assert "row 119 119" in pdf.text(pdf.pages - 1)
    assert pdf.is_accessible


def test_a_page_is_scaled_to_be_one(printed: Print) -> None:
    words = Section("One", (Paragraph(LINES), block(BLUE)))
    sizes = []
    for more in (1, 60):
        pdf = printed(words, Section("Two", (Paragraph(LINES),) * more), one_page=True)
        assert pdf.pages == 1
        sizes.append(len(pdf.rows(0, BLUE)))
    assert sizes[1] < sizes[0]


def test_long_words_stay_within_the_margins(printed: Print) -> None:
    pdf = printed(section(Paragraph("x" * 500)), title="m" * 100)
    assert "x" * 500 in pdf.text().replace(" ", "")
    assert pdf.columns(0, INK)[-1] <= 595.28 * (210 - 16) / 210
