"""Figures as SVG: text stays text, and every figure has a text alternative."""

import html
import io
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mirror.colours import LIGHT
from mirror.report.document import Data, Figure

if TYPE_CHECKING:
    from matplotlib import axes, figure
    from matplotlib.projections import polar

    Axes = axes.Axes
    Canvas = figure.Figure
    PolarAxes = polar.PolarAxes
else:  # takes a second to import, and only pages need it
    Axes = Canvas = PolarAxes = Any

BLUE: Final = LIGHT["in_phase"]
ORANGE: Final = LIGHT["anti_phase"]
PLUM: Final = LIGHT["mirroring"]
INK: Final = LIGHT["text"]
GREY: Final = LIGHT["outline"]
LINE: Final = LIGHT["border"]

_PATH: Final = re.compile(r' d="[^"]*"')
_FINE: Final = re.compile(r"(?<=\.\d\d)\d+")
_STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10.0,
    # Names and notes may contain $, but are not formulas.
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


def draw_figure(
    title: str,
    meaning: str,
    alternative: str,
    size: tuple[float, float],
    draw: "Callable[[Canvas], None]",
    *,
    narrow: tuple[float, float] | None = None,
    data: Data | None = None,
    name: str = "",
) -> Figure:
    """Draw a figure of some inches with matplotlib; return it as SVG.

    Title, meaning and alternative are as in `Figure`. `draw` draws on the empty canvas, a second
    time if a size for `narrow` screens is given. `name`, by default from the title, is the prefix
    of its ids, unique in the page.
    """
    name = re.sub(r"\W+", "-", (name or title).lower()).strip("-")

    def element(suffix: str, size: tuple[float, float]) -> str:
        return _element(_document(size, draw, name + suffix), title, alternative, name + suffix)

    return Figure(
        title,
        meaning,
        alternative,
        element("", size),
        element("-narrow", narrow) if narrow else "",
        data,
    )


def draw_png(size: tuple[float, float], draw: "Callable[[Canvas], None]", file: Path) -> None:
    """Draw a figure with matplotlib into a PNG file, on white; `size` in inches."""
    with _canvas(size, draw, "") as canvas:
        canvas.savefig(file, format="png", dpi=160, facecolor="white")


@contextmanager
def _canvas(
    size: tuple[float, float], draw: "Callable[[Canvas], None]", name: str
) -> "Iterator[Canvas]":
    """Draw a figure, and yield it while its style is in force."""
    import matplotlib as mpl
    import matplotlib.figure

    with mpl.rc_context({**_STYLE, "svg.hashsalt": name}), warnings.catch_warnings():
        # The font used for measuring text lacks some scripts; the browser's fonts have them.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        canvas = mpl.figure.Figure(figsize=size, layout="constrained")
        draw(canvas)
        yield canvas


def _document(size: tuple[float, float], draw: "Callable[[Canvas], None]", name: str) -> str:
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # `savefig` would draw twice

    file = io.StringIO()
    with _canvas(size, draw, name) as canvas:
        # The background is the page's.
        for patch in (canvas.patch, *(axes.patch for axes in canvas.axes)):
            patch.set_visible(False)
        no_metadata = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        FigureCanvasSVG(canvas).print_svg(file, metadata=no_metadata)  # type: ignore[no-untyped-call]
    return file.getvalue()


def _element(document: str, title: str, alternative: str, name: str) -> str:
    """Return the ``<svg>`` element, with a text alternative and ids that start with `name`."""
    element = document[document.index("<svg") :]
    for before in (' id="', 'href="#', "url(#"):
        element = element.replace(before, f"{before}{name}-")
    # A line of undefined values alone is a path without data, of which Qt's renderer complains.
    element = re.sub(r"<path (?![^>]*?\bd=)[^>]*/>", "", element)
    # Hundredths of a point suffice, and save two thirds of the file.
    element = _PATH.sub(lambda path: _FINE.sub("", path[0]).replace("\n", ""), element)
    head, rest = element.split(">", 1)
    return (
        f'{head} role="img" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{html.escape(title)}</title>'
        f'<desc id="{name}-desc">{html.escape(alternative)}</desc>{rest}'
    )
