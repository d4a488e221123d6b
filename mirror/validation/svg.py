"""Figures as SVG in the page: text stays text, and every figure can be read aloud."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

BLUE: Final = "#2f6db5"
ORANGE: Final = "#c8641b"
INK: Final = "#1c1c1c"
GREY: Final = "#8a8f98"

_STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10.0,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
}


@dataclass(frozen=True)
class Figure:
    """A figure of the report.

    Attributes
    ----------
    title : str
    meaning : str
        What it shows, in a sentence or two.
    alternative : str
        Its figures in words, for those who cannot see it.
    svg : str
        The ``<svg>`` element, with the title and the alternative in it.
    """

    title: str
    meaning: str
    alternative: str
    svg: str


def figure(
    title: str,
    meaning: str,
    alternative: str,
    size: tuple[float, float],
    draw: Callable[[Canvas], None],
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
    """
    # It takes a second to import, and only the report needs it.
    import matplotlib as mpl
    from matplotlib.figure import Figure as Canvas

    file = io.StringIO()
    with mpl.rc_context({**_STYLE, "svg.hashsalt": title}):
        canvas = Canvas(figsize=size, layout="constrained")
        draw(canvas)
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        canvas.savefig(file, format="svg", metadata=nothing)
    return Figure(title, meaning, alternative, _element(file.getvalue(), title, alternative))


def _element(document: str, title: str, alternative: str) -> str:
    """The ``<svg>`` element of a document, with a text alternative and ids of its own."""
    name = re.sub(r"\W+", "-", title.lower()).strip("-")
    element = document[document.index("<svg") :]
    element = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", element)
    head, rest = element.split(">", 1)
    return (
        f'{head} role="img" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{html.escape(title)}</title>'
        f'<desc id="{name}-desc">{html.escape(alternative)}</desc>{rest}'
    )
