"""Tables of measurements, for the terminal and as Markdown."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table as RichTable


@dataclass(frozen=True)
class Table:
    """Results of one measurement.

    Attributes
    ----------
    title : str
        What was measured.
    columns : tuple of str
    rows : tuple of tuple of str
    note : str
        How it was measured, and what the figures mean.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def spread(values: Iterable[float], digits: int = 1) -> str:
    """Format the median, lowest and highest of some values."""
    known = sorted(values)
    if not known:
        return "–"
    low, middle, high = (
        f"{each:.{digits}f}" for each in (known[0], statistics.median(known), known[-1])
    )
    return middle if len(known) == 1 else f"{middle} ({low}–{high})"


def ratios(over: Sequence[float], under: Sequence[float]) -> list[float]:
    """Return the ratio in each round."""
    return [a / b for a, b in zip(over, under, strict=True)]


def load() -> str:
    """Describe the load of the machine."""
    if not hasattr(os, "getloadavg"):
        return "unknown load"
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def show(console: Console, table: Table) -> None:
    """Print a table."""
    shown = RichTable(title=table.title, title_justify="left", title_style="bold")
    for number, name in enumerate(table.columns):
        shown.add_column(name, justify="left" if number == 0 else "right")
    for row in table.rows:
        shown.add_row(*row)
    console.print()
    console.print(shown)
    if table.note:
        console.print(table.note, style="dim", highlight=False)


def markdown(table: Table) -> str:
    """Format a table as Markdown, with its title."""
    return "\n".join([f"## {table.title}", "", *lines(table)])


def lines(table: Table) -> list[str]:
    """Return the lines of a table in Markdown."""
    rule = ["---", *["---:"] * (len(table.columns) - 1)]
    rows = [_line(row) for row in (table.columns, rule, *table.rows)]
    return [*rows, "", *([table.note, ""] if table.note else [])]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
