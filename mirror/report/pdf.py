"""Write a report page as a tagged PDF, typeset by Typst."""

import json
import locale
import os
import re
import shutil
import sys
from dataclasses import fields, replace
from html import escape, unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from mirror._support.jsonable import encodable
from mirror.colours import LIGHT
from mirror.errors import ExportError
from mirror.report.document import Document, Figure, clean_text

_TEXT: Final = re.compile(r"(<text [^<>]*>)([^<>]*[^\x00-\xff<>][^<>]*)</text>")
_SIZE: Final = re.compile(r'[ "]([\d.]+)(?:px|" font-weight)')  # in elements of matplotlib and Qt
_X: Final = re.compile(r' x="(-?[\d.]+)"')
_MEASURED_AT: Final = 64  # pixels
_EMOJI: Final = "Noto Color Emoji, Apple Color Emoji"  # of pixels, which films cannot use
# Unicode's CLDR: where paper is Letter. The last two are names of Windows.
_LETTER: Final = re.compile("_(BZ|CA|CL|CO|CR|GT|MX|NI|PA|PH|PR|SV|US|VE)|_(Canada|United States)")


def to_pdf(document: Document, *, one_page: bool = False) -> bytes:
    """Return the whole file, as PDF/UA-1 unless no font has some letters of a text: said on stderr.

    With `one_page`, everything is scaled to fill one page. Raise ExportError if there can be none.
    """
    # Slow to load, and only PDF files need them.
    import typst
    from matplotlib import get_data_path

    names = map(os.environ.get, ("LC_ALL", "LC_PAPER", "LC_MEASUREMENT", "LANG"))
    place = next(filter(None, names), None) or locale.getlocale()[0] or ""
    document = replace(document, title=clean_text(document.title) or "Report")
    inputs = {
        "document": encodable(json.dumps(document, default=_plain, ensure_ascii=False)),
        "colours": json.dumps(LIGHT),
        "paper": "letter" if _LETTER.search(place) else "a4",
        "one-page": "yes" if one_page else "no",
    }
    with TemporaryDirectory() as folder:
        # The font that the figures were measured with, without matplotlib's others: one of them
        # has a box for every letter.
        for font in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"):
            shutil.copy(Path(get_data_path(), "fonts", "ttf", font), folder)
        # Nor Typst's: one for formulas has letters of many scripts, unshaped.
        fonts = typst.Fonts(include_embedded_fonts=False, font_paths=[Path(folder)])
        page = Path(__file__).with_suffix(".typ")
        compiler = typst.Compiler(page, font_paths=fonts, sys_inputs=inputs)
        try:
            content = compiler.compile(format="pdf", pdf_standards="ua-1")
        except typst.TypstError as error:
            if not error.message.startswith("PDF/UA-1 error"):
                raise ExportError(f"no PDF: {error.message}; write HTML instead") from error
            # Tagged all the same, but the standard wants a letter for every shape.
            sys.stderr.write(f"mirror: the PDF is tagged, but has a {error.message}\n")
            content = compiler.compile(format="pdf")
    assert isinstance(content, bytes)
    return content


def _plain(part: Any) -> dict[str, Any]:
    """Return the fields of a part of a document, and its type's name as `part`."""
    values = {each.name: getattr(part, each.name) for each in fields(part)}
    if isinstance(part, Figure):
        values |= {"svg": _TEXT.sub(_with_fonts, part.svg), "narrow": "", "data": None}
    return {"part": type(part).__name__, **values}


def _with_fonts(found: re.Match[str]) -> str:
    """Return a text of a drawing in parts with a font each, as Typst takes one for all."""
    from mirror.export.film.lettering import fonts_of

    element, content = found.groups()
    parts = fonts_of(unescape(content), _MEASURED_AT)
    numbers = (pattern.search(element) for pattern in (_SIZE, _X))
    size, x = (float(each[1]) if each else 0.0 for each in numbers)
    anchor = 0.5 if "anchor: middle" in element else float("anchor: end" in element)
    scale = size / _MEASURED_AT
    x -= anchor * scale * sum(width for *_, width in parts)
    for text, family, width in parts:
        element += (
            f'<tspan x="{x:.2f}" text-anchor="start" font-family="{escape(family) or _EMOJI}">'
            f"{escape(text)}</tspan>"
        )
        x += scale * width
    return f"{element}</text>"
