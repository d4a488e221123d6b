"""A page as one HTML file: it loads nothing, needs no script, and can be read aloud."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Final
from urllib.parse import quote

from mirror.colours import LIGHT
from mirror.report.css import STYLE
from mirror.report.document import (
    Data,
    Document,
    Facts,
    Figure,
    Figures,
    Listing,
    Paragraph,
    Part,
    Table,
)

# Nothing is fetched, whatever a recording's texts may try.
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
_NAMES: Final = {colour: name for name, colour in LIGHT.items()}
_COLOUR: Final = re.compile("|".join(map(re.escape, _NAMES)))
_LOOK: Final = re.compile(r'style="[^"<>]*"')
_FILL: Final = re.compile(rf'\bfill="({_COLOUR.pattern})"')


def to_html(document: Document) -> str:
    """The whole file."""
    above = f"<h1>{escape(document.title)}</h1>"
    below = f'<p class="subtitle">{escape(document.subtitle)}</p>'
    sections = (
        section(each.title, "\n".join(map(_part, each.parts))) for each in document.sections
    )
    return shell(document.title, "\n".join((above, below, *sections)))


def shell(title: str, body: str) -> str:
    """A file around what stands in it, which is HTML already."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def section(title: str, content: str) -> str:
    """A heading, and HTML below it."""
    return f"<section>\n<h2>{escape(title)}</h2>\n{content}\n</section>"


def figure(shown: Figure) -> str:
    """A figure with its caption, and with its data to keep."""
    drawn = _coloured(shown.svg)
    if shown.narrow:
        drawn = f"{_classed(drawn, 'broad')}\n{_classed(_coloured(shown.narrow), 'narrow')}"
    data = "" if shown.data is None else f"\n{_download(shown.data)}"
    return (
        f"<figure>\n{drawn}\n<figcaption><b>{escape(shown.title)}</b> "
        f"{escape(shown.meaning)}{data}</figcaption>\n</figure>"
    )


def table(caption: str, head: Iterable[str], rows: Iterable[str], kind: str = "few") -> str:
    """A table; its rows and the cells of its head are HTML already, the caption is text."""
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    lines = "\n".join(rows)
    return (
        f'<div class="wide"><table class="{kind}">{above}\n<thead><tr>{"".join(head)}</tr></thead>'
        f"\n<tbody>\n{lines}\n</tbody></table></div>"
    )


def facts(items: Iterable[tuple[str, str]]) -> str:
    """Names and what they are."""
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in items)
    return f"<dl>{lines}</dl>"


def _part(shown: Part) -> str:
    match shown:
        case Paragraph(text, kind):
            return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"
        case Listing(items):
            return f"<ul>{''.join(f'<li>{escape(each)}</li>' for each in items)}</ul>"
        case Facts(items):
            return facts(items)
        case Figure():
            return figure(shown)
        case Figures(figures):
            inside = "\n".join(map(figure, figures))
            return f'<div class="side">\n{inside}\n</div>'
        case Table():
            return _table(shown)


def _table(shown: Table) -> str:
    def cell(tag: str, scope: str, at: int, text: str) -> str:
        kind = ' class="number"' if at >= shown.words else ""
        return f"<{tag}{scope}{kind}>{escape(text)}</{tag}>"

    head = [cell("th", ' scope="col"', at, text) for at, text in enumerate(shown.head)]
    rows = (
        cell("th", ' scope="row"', 0, row[0])
        + "".join(cell("td", "", at, text) for at, text in enumerate(row[1:], 1))
        for row in shown.rows
    )
    kind = "words" if shown.words == len(shown.head) else "many" if len(shown.head) > 6 else "few"
    return table(shown.caption, head, (f"<tr>{row}</tr>" for row in rows), kind)


def _download(data: Data) -> str:
    address = "data:text/csv;charset=utf-8," + quote(data.csv(), safe=",:;.-+")
    return (
        f'<a class="download" download="{escape(data.name)}" href="{escape(address)}">'
        f"Data of this figure (CSV, {len(data.rows)} rows)</a>"
    )


def _coloured(svg: str) -> str:
    """A drawing whose colours follow the page's, which may be dark."""
    # Variables are for styles; in hatches, matplotlib writes some colours as attributes.
    styled = _FILL.sub(r'style="fill: \1"', svg)
    return _LOOK.sub(
        lambda look: _COLOUR.sub(lambda found: f"var(--{_NAMES[found[0]]})", look[0]), styled
    )


def _classed(svg: str, name: str) -> str:
    return svg.replace("<svg ", f'<svg class="{name}" ', 1)
