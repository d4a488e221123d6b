"""Figures as SVG in a page: text stays text, and every figure can be read aloud."""

from __future__ import annotations

import html
import io
import re
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from mirror.colours import LIGHT
from mirror.report.document import Data, Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

BLUE: Final = LIGHT["in-phase"]
ORANGE: Final = LIGHT["anti-phase"]
INK: Final = LIGHT["ink"]
GREY: Final = LIGHT["outline"]
LINE: Final = LIGHT["line"]

_PATH: Final = re.compile(r'\bd="[^"]*"')
_FINE: Final = re.compile(r"(\.\d\d)\d+")
_STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10.0,
    # What people are called, and what they note, is text and no formula.
    "text.parse_math": False,
    "text.color": INK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "hatch.linewidth": 0.6,
    "xtick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.color": GREY,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
}


def figure(
    title: str,
    meaning: str,
    alternative: str,
    size: tuple[float, float],
    draw: Callable[[Canvas], None],
    *,
    narrow: tuple[float, float] | None = None,
    data: Data | None = None,
    name: str = "",
) -> Figure:
    """Draw a figure.

    Parameters
    ----------
    title, meaning, alternative : str
        As in `Figure`.
    size : (float, float)
        Width and height, inches.
    draw : callable
        Draws on the empty canvas.
    narrow : (float, float), optional
        Width and height of another one for narrow screens, inches: it is drawn twice.
    data : Data, optional
    name : str
        What tells it from the other figures of the page; by default, the title.
    """
    name = re.sub(r"\W+", "-", (name or title).lower()).strip("-")

    def made(suffix: str, size: tuple[float, float]) -> str:
        return _element(_document(size, draw, name + suffix), title, alternative, name + suffix)

    return Figure(
        title,
        meaning,
        alternative,
        made("", size),
        made("-narrow", narrow) if narrow else "",
        data,
    )


def _document(size: tuple[float, float], draw: Callable[[Canvas], None], name: str) -> str:
    # It takes a second to import, and only pages need it.
    import matplotlib as mpl
    from matplotlib.figure import Figure as Canvas

    file = io.StringIO()
    with mpl.rc_context({**_STYLE, "svg.hashsalt": name}), warnings.catch_warnings():
        # It has no letters of other writings to measure text with; the reader's fonts will have.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        canvas = Canvas(figsize=size, layout="constrained")
        draw(canvas)
        # The page's own ground is behind everything.
        for patch in (canvas.patch, *(axes.patch for axes in canvas.axes)):
            patch.set_visible(False)
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        canvas.savefig(file, format="svg", metadata=nothing)
    return file.getvalue()


def _element(document: str, title: str, alternative: str, name: str) -> str:
    """The ``<svg>`` element of a document, with a text alternative and ids of its own."""
    element = document[document.index("<svg") :]
    element = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", element)
    # A hundredth of a point is more than is ever seen, and a third of the file.
    element = _PATH.sub(lambda path: _FINE.sub(r"\1", path[0]).replace("\n", ""), element)
    head, rest = element.split(">", 1)
    return (
        f'{head} role="img" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{html.escape(title)}</title>'
        f'<desc id="{name}-desc">{html.escape(alternative)}</desc>{rest}'
    )
