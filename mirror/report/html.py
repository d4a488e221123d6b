"""A page as one HTML file, without external files or scripts, and accessible."""

import re
from html import escape
from typing import Final
from urllib.parse import quote

from mirror._support.jsonable import encodable
from mirror.colours import DARK, LIGHT
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


def _variables(colours: dict[str, str]) -> str:
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())


STYLE: Final = f"""
:root {{ color-scheme: light dark; {_variables(LIGHT)} }}
@media screen and (prefers-color-scheme: dark) {{ :root {{ {_variables(DARK)} }} }}
* {{ box-sizing: border-box; }}
body {{ margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 62rem; background: var(--paper);
       color: var(--text);
       font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }}
h1 {{ margin: 0; font-size: 1.8rem; line-height: 1.25; }}
h2 {{ margin: 2.5rem 0 .5rem; font-size: 1.25rem; break-after: avoid; }}
h1, .subtitle, p, li, dd, figcaption, .words td:last-child {{ overflow-wrap: anywhere; }}
.subtitle {{ margin: .2rem 0 0; color: var(--dim_text); }}
.aside {{ font-size: .875rem; color: var(--dim_text); }}
.verdict {{ padding: .6rem 1rem; border-left: .4rem solid var(--in_phase);
           background: var(--raised); font-weight: 600; }}
.verdict.failed {{ border-color: var(--anti_phase); }}
.wide {{ overflow-x: auto;
        background:
          linear-gradient(to right, var(--paper) 40%, transparent) left / 3rem 100% local,
          linear-gradient(to left, var(--paper) 40%, transparent) right / 3rem 100% local,
          linear-gradient(to right, var(--border), transparent) left / .9rem 100% scroll,
          linear-gradient(to left, var(--border), transparent) right / .9rem 100% scroll;
        background-repeat: no-repeat; }}
p, ul, figcaption {{ max-width: 46rem; }}
ul {{ padding-left: 1.2rem; }}
table {{ border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums;
        margin: .5rem 0 1rem; }}
table.many {{ font-size: .8rem; }}
.many th, .many td {{ padding-right: .6rem; }}
.many td:not(.number) {{ min-width: 5rem; }}
tbody th {{ white-space: nowrap; font-weight: 600; }}
caption {{ text-align: left; color: var(--dim_text); padding-bottom: .3rem;
          max-width: min(46rem, 100vw - 2rem); }}
th, td {{ padding: .25rem .9rem .25rem 0; text-align: left; vertical-align: top;
         border-bottom: 1px solid var(--border); }}
thead th {{ border-bottom: 2px solid var(--text); vertical-align: bottom; }}
.number {{ text-align: right; }}
td.number {{ white-space: nowrap; }}
.words td, .words th {{ white-space: normal; min-width: 3.5rem; }}
figure {{ margin: 1.5rem 0; }}
figure svg {{ display: block; max-width: 100%; height: auto; }}
figure svg.narrow {{ display: none; }}
figcaption {{ font-size: .9rem; margin-top: .4rem; }}
figcaption b {{ display: block; }}
a {{ color: var(--in_phase); }}
.side {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr));
        gap: 0 2rem; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; font-size: .9rem; }}
dt {{ font-weight: 600; }}
dd {{ margin: 0; }}
@media screen and (max-width: 40rem) {{
  body {{ padding: 1rem 1rem 3rem; }}
  figure svg.broad {{ display: none; }}
  figure svg.narrow {{ display: block; }}
  table, table.many {{ font-size: .78rem; }}
  th, td, .many th, .many td {{ padding-right: .45rem; }}
  tbody th {{ white-space: normal; }}
  dl {{ display: block; }}
  dd {{ margin: 0 0 .5rem; }}
}}
@media print {{
  @page {{ margin: 16mm 15mm; }}
  body {{ max-width: none; padding: 0; font-size: 10.5pt; }}
  h2 {{ margin-top: 1.5rem; }}
  figure, tr, li, dd {{ break-inside: avoid; }}
  p {{ orphans: 3; widows: 3; }}
  thead {{ display: table-header-group; }}
  .wide {{ overflow: visible; background: none; }}
  .side {{ grid-template-columns: 1fr 1fr; gap: 0 1rem; }}
  .download {{ display: none; }}
}}
"""
