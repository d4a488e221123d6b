"""A page as one HTML file, without external files or scripts, and accessible."""

from __future__ import annotations

import re
from html import escape
from typing import Final
from urllib.parse import quote

from mirror._support.jsonable import encodable
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
    Section,
    Table,
)

# Prevents fetching anything, whatever a recording's texts contain.
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
_NAMES: Final = {colour: name for name, colour in LIGHT.items()}
_COLOUR: Final = re.compile("|".join(map(re.escape, _NAMES)))
_STYLE_ATTRIBUTE: Final = re.compile(r'style="[^"<>]*"')
_FILL: Final = re.compile(rf'\bfill="({_COLOUR.pattern})"')


def to_html(document: Document) -> str:
    """Return the whole file."""
    sections = "\n".join(map(_section, document.sections))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(document.title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{escape(document.title)}</h1>\n"
        f'<p class="subtitle">{escape(document.subtitle)}</p>\n'
        f"{sections}\n</main>\n</body>\n</html>\n"
    )


def _section(section: Section) -> str:
    parts = "\n".join(map(_part, section.parts))
    return f"<section>\n<h2>{escape(section.title)}</h2>\n{parts}\n</section>"


def _part(part: Part) -> str:
    match part:
        case Paragraph(text, kind):
            return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"
        case Listing(items):
            return f"<ul>{''.join(f'<li>{escape(each)}</li>' for each in items)}</ul>"
        case Facts(items):
            pairs = (f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in items)
            return f"<dl>{''.join(pairs)}</dl>"
        case Figure():
            return _figure(part)
        case Figures(figures):
            inside = "\n".join(map(_figure, figures))
            return f'<div class="side">\n{inside}\n</div>'
        case Table():
            return _table(part)


def _figure(figure: Figure) -> str:
    """Return a figure with its caption and a link to its data."""
    svg = _with_variables(figure.svg)
    if figure.narrow:
        svg = f"{_classed(svg, 'broad')}\n{_classed(_with_variables(figure.narrow), 'narrow')}"
    data = "" if figure.data is None else f"\n{_download(figure.data)}"
    return (
        f"<figure>\n{svg}\n<figcaption><b>{escape(figure.title)}</b> "
        f"{escape(figure.meaning)}{data}</figcaption>\n</figure>"
    )


def _table(table: Table) -> str:
    def cell(tag: str, scope: str, column: int, text: str) -> str:
        kind = ' class="number"' if column >= table.words else ""
        return f"<{tag}{scope}{kind}>{escape(text)}</{tag}>"

    scope = ' scope="row"'
    caption = f"<caption>{escape(table.caption)}</caption>" if table.caption else ""
    head = "".join(cell("th", ' scope="col"', at, text) for at, text in enumerate(table.head))
    rows = "\n".join(
        f"<tr>{cell('th', scope, 0, row[0])}"
        f"{''.join(cell('td', '', at, text) for at, text in enumerate(row[1:], 1))}</tr>"
        for row in table.rows
    )
    kind = "words" if table.words == len(table.head) else "many" if len(table.head) > 6 else "few"
    return (
        f'<div class="wide"><table class="{kind}">{caption}\n<thead><tr>{head}</tr></thead>'
        f"\n<tbody>\n{rows}\n</tbody></table></div>"
    )


def _download(data: Data) -> str:
    address = "data:text/csv;charset=utf-8," + quote(encodable(data.csv()), safe=",:;.-+")
    return (
        f'<a class="download" download="{escape(data.name)}" href="{escape(address)}">'
        f"Data of this figure (CSV, {len(data.rows)} rows)</a>"
    )


def _with_variables(svg: str) -> str:
    """Return a drawing with CSS variables for colours, so that it follows a dark page."""
    # CSS variables work in styles only; in hatches, matplotlib writes some colours as attributes.
    styled = _FILL.sub(r'style="fill: \1"', svg)
    return _STYLE_ATTRIBUTE.sub(
        lambda style: _COLOUR.sub(lambda colour: f"var(--{_NAMES[colour[0]]})", style[0]), styled
    )


def _classed(svg: str, name: str) -> str:
    return svg.replace("<svg ", f'<svg class="{name}" ', 1)
