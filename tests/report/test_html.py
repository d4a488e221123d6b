from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from mirror.colours import DARK, LIGHT
from mirror.report.document import (
    Data,
    Document,
    Facts,
    Figure,
    Figures,
    Listing,
    Paragraph,
    Section,
    Table,
)
from mirror.report.html import to_html
from mirror.report.svg import BLUE, draw_figure
from tests.support.contrast import contrast
from tests.support.html_pages import check_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

NASTY = '</title></desc></svg><script>alert("1")</script> & $\\frac{ <img src=x onerror=alert(1)>'


def line_figure(name: str = "One", words: str = "words", *, narrow: bool = False) -> Figure:
    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        axes.plot([0, 1], [0, 1], color=BLUE)
        axes.fill_between([0, 1], 0, 1, facecolor=LIGHT["untracked_shade"], hatch="//")
        axes.set_xlabel(words)

    size = (3.0, 2.0) if narrow else None
    data = Data("one.csv", ("x", "what"), [(0.25, words)])
    return draw_figure(
        name, "How to read it.", f"A line. {words}", (4.0, 2.0), draw, narrow=size, data=data
    )


def page(*parts: object, title: str = "Title") -> str:
    return to_html(Document(title, "sub", (Section("Part", parts),)))  # type: ignore[arg-type]


def test_page_has_every_part_and_loads_nothing() -> None:
    table = Table("About it", ("who", "share"), (("Anna", "12 %"), ("Ben", "–")))
    parts = (
        Paragraph("Some text."),
        Paragraph("Small print.", "aside"),
        Listing(("first", "second")),
        Facts((("window", "6 s"),)),
        table,
        line_figure(),
        Figures((line_figure("Two", narrow=True), line_figure("Three"))),
    )
    reader = check_whole(page(*parts))
    for words in ("Some text.", "Small print.", "first", "second", "window 6 s", "About it"):
        assert words in reader.text
    assert reader.tables == [[["who", "share"], ["Anna", "12 %"], ["Ben", "–"]]]
    assert sum(tag == "svg" for tag, _ in reader.tags) == 4  # one of them also for narrow screens
    assert reader.files["one.csv"] == [{"x": "0.25", "what": "words"}]


def test_texts_are_escaped() -> None:
    table = Table(NASTY, (NASTY, NASTY), ((NASTY, NASTY),))
    parts = (Paragraph(NASTY), Listing((NASTY,)), Facts(((NASTY, NASTY),)), table)
    text = page(*parts, line_figure(NASTY, NASTY, narrow=True), title=NASTY)
    reader = check_whole(text)
    assert reader.tables[0][1] == [" ".join(NASTY.split())] * 2
    assert reader.files["one.csv"][0]["what"] == NASTY
    assert "onerror" not in " ".join(name for _, given in reader.tags for name in given)


def test_other_scripts_are_drawn_as_text() -> None:
    assert ">山田 $x$<" in line_figure(words="山田 $x$").svg


def test_colours_are_css_variables() -> None:
    text = page(line_figure())
    svg = text[text.index("<svg") : text.index("</svg>")]
    assert "var(--in_phase)" in svg
    assert not set(re.findall("#[0-9a-f]{6}", svg)) & set(LIGHT.values())
    for name in ("in_phase", "untracked_shade", "text"):
        assert f"--{name}: {LIGHT[name]};" in text
        assert f"--{name}: {DARK[name]};" in text
    assert set(LIGHT) == set(DARK)


def test_colours_are_those_of_the_window() -> None:
    palette = pytest.importorskip("ui.shell.palette")
    for ours, theirs in ((LIGHT, palette.LIGHT), (DARK, palette.DARK)):
        assert ours["in_phase"] == theirs.in_phase
        assert ours["anti_phase"] == theirs.anti_phase
        assert ours["text"] == theirs.text


@pytest.mark.parametrize("colours", [LIGHT, DARK])
@pytest.mark.parametrize("name", ["text", "dim_text", "in_phase", "anti_phase"])
def test_text_has_contrast(colours: dict[str, str], name: str) -> None:
    assert contrast(colours[name], colours["paper"]) >= 4.5


def test_figures_are_deterministic() -> None:
    assert line_figure() == line_figure()
