"""The command that lists the exercises, and an exercise's results as a table."""

from __future__ import annotations

import json
from collections.abc import Iterable

import typer
from rich.markup import escape
from rich.table import Table

from mirror.cli.console import out, print_error, say
from mirror.cli.options import Json
from mirror.practice.library import own_folder, read_library
from mirror.practice.run import RESULT_COLUMNS, Result, result_row
from mirror.wording import duration

app = typer.Typer()


@app.command()
def exercises(as_json: Json = False) -> None:
    """List the exercises: the built-in ones, and your own TOML files.

    Example:  mirror exercises

    Example:  mirror demo --exercise swap
    """
    library = read_library()
    if as_json:
        values = [{"name": each.name, **each.to_dict()} for each in library.exercises]
        out.print_json(json.dumps(values, ensure_ascii=False))
    else:
        table = Table(box=None, padding=(0, 2, 0, 0))
        for column in ("name", "exercise", "rounds", "takes"):
            table.add_column(column, header_style="bold")
        for each in library.exercises:
            length = duration(each.schedule(0.0)[-1][1])
            table.add_row(
                escape(each.name),
                f"[bold]{escape(each.title)}[/bold]\n{escape(each.text)}",
                str(len(each.rounds)),
                length,
            )
        out.print(table)
        say(f"Your own are TOML files in {own_folder()}")
    for fault in library.faults:
        print_error(fault)
    if library.faults:
        raise typer.Exit(1)


def results_table(results: Iterable[Result]) -> Table:
    """Return the results of the rounds of exercises, for the end of a command."""
    table = Table(box=None, padding=(0, 2, 0, 0), title="Exercises", title_justify="left")
    for column in RESULT_COLUMNS:
        table.add_column(column, header_style="bold")
    for each in results:
        table.add_row(*map(escape, result_row(each)))
    return table
