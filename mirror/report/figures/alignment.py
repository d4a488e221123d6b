"""The lag between two recordings' sound, window by window, and the line through it."""

import math
from pathlib import Path
from typing import Final

import numpy as np

from mirror.clocks.sound import Alignment
from mirror.errors import ExportError
from mirror.report.document import Data, Document, Facts, Figure, Paragraph, Section
from mirror.report.figures.timeline import label_times, name_times
from mirror.report.html import to_html
from mirror.report.svg import BLUE, GREY, INK, LINE, Canvas, draw_figure, draw_png
from mirror.report.write import write_file

_SIZE: Final = (9.4, 3.0)
_SHOWN_MS: Final = 20.0  # to both sides of the line; lags beyond it are drawn at the edge


def alignment_figure(alignment: Alignment, names: tuple[str, str]) -> Figure:
    """Draw how far each window's lag is from the offset at the beginning, with the line."""
    times, lags, agrees = alignment.times, alignment.lags, alignment.agrees
    return draw_figure(
        "Lag of the sound",
        f"How much later the sound of {names[0]} is in {names[1]}, less the offset, window by "
        "window; the line is the drift. Hollow: windows that do not agree with it.",
        f"{int(agrees.sum())} of {len(times)} windows agree with a drift of "
        f"{alignment.drift_ppm:.1f} ppm.",
        _SIZE,
        lambda canvas: _draw(canvas, alignment),
        data=Data(
            "alignment.csv",
            ("time_a_s", "lag_s", "agrees"),
            list(zip(times.tolist(), lags.tolist(), map(float, agrees), strict=True)),
        ),
    )


def _draw(canvas: Canvas, alignment: Alignment) -> None:
    axes = canvas.subplots()
    times = alignment.times
    line = 1e3 * (alignment.lag_at(times) - alignment.offset_s)
    low, high = line.min() - _SHOWN_MS, line.max() + _SHOWN_MS
    away = np.clip(1e3 * (alignment.lags - alignment.offset_s), low, high)
    axes.plot(times, line, color=INK, linewidth=1.2)
    for agrees, colour, inside in ((True, BLUE, BLUE), (False, GREY, "none")):
        chosen = alignment.agrees == agrees
        axes.plot(times[chosen], away[chosen], "o", color=colour, markerfacecolor=inside)
    axes.set_ylim(low - 1, high + 1)
    axes.set_ylabel("lag − offset (ms)")
    label_times(axes)
    name_times(axes)
    axes.grid(color=LINE)
    axes.set_axisbelow(True)


def alignment_facts(alignment: Alignment, names: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """Return names and values of an alignment, for the terminal and the page."""
    a, b = names
    offset, drift = alignment.offset_s, alignment.drift_ppm
    first = f"{b} began {abs(offset):.4f} s {'before' if offset > 0 else 'after'} {a}"
    speed = f"{'fast' if drift > 0 else 'slow'} by {3.6 * abs(drift):.0f} ms an hour"
    agreeing = f"{int(alignment.agrees.sum())} of {len(alignment.times)} windows agree"
    unsure = "" if alignment.is_sure else ": unsure"
    rival = alignment.rival_s
    return (
        ("offset", f"{first} (± {1e3 * alignment.offset_error_s:.1f} ms)"),
        ("drift", f"{drift:+.1f} ppm (± {alignment.drift_error_ppm:.1f}): {b} is {speed}"),
        ("confidence", f"{math.floor(1e4 * alignment.confidence) / 1e4:.4f} ({agreeing}){unsure}"),
        *((("as likely", f"an offset of {rival:.4f} s"),) if rival is not None else ()),
    )


def write_alignment(
    alignment: Alignment, names: tuple[str, str], path: Path, *, replace: bool
) -> None:
    """Write the figure to an .svg, .png or .html file; raise ExportError if that fails."""
    kind = path.suffix.lower()
    if kind == ".png":
        write_file(
            path, lambda file: draw_png(_SIZE, lambda c: _draw(c, alignment), file), replace=replace
        )
        return
    if kind not in (".svg", ".html"):
        raise ExportError(f"{path} must end in .svg, .png or .html")
    figure = alignment_figure(alignment, names)
    text = figure.svg
    if kind == ".html":
        note = Paragraph(
            "Offset and drift from the sound of both, by generalized cross-correlation with phase "
            "transform (Knapp & Carter 1976) in windows, and a robust line through their lags."
        )
        parts = (Facts(alignment_facts(alignment, names)), figure, note)
        text = to_html(
            Document("Alignment by sound", " and ".join(names), (Section("Result", parts),))
        )
    write_file(path, lambda file: file.write_text(text, "utf-8", newline="\n"), replace=replace)
