"""Commands for a corpus of dyads: mirror study check, run, test, report and export."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from mirror._support.process import redirect_native_stderr
from mirror.cli import options
from mirror.cli.console import out, progress_bar, say
from mirror.errors import StudyError
from mirror.settings import Settings
from mirror.wording import UNDEFINED, clock_time, percent

app = typer.Typer(name="study", help="Score, test and report a corpus of dyads from one table.")

TableFile = Annotated[
    Path,
    typer.Argument(
        metavar="TABLE", help="A row a dyad: columns id, a, b, and any others (.csv, .xlsx …)."
    ),
]


@app.command()
@options.takes_settings
def check(*, choose: options.Chosen, table: TableFile) -> None:
    """Check every row: whether it opens, its lengths, people and sound; exit 1 if one is wrong.

    Example:  mirror study check corpus/study.csv
    """
    from mirror.study.check import check as check_study
    from mirror.study.table import read_table

    study = read_table(table)
    redirect_native_stderr()
    with progress_bar("Checking", "dyads/s") as show:
        found = check_study(study, choose(Settings()), lambda done: show(done, len(study.dyads)))
    shown = Table("id", "length A", "length B", "people A", "people B", "problem", box=None)
    for each in found:
        lengths = (
            UNDEFINED if math.isnan(each_s) else clock_time(each_s) for each_s in each.seconds
        )
        people = (UNDEFINED if math.isnan(share) else percent(share) for share in each.people)
        problems = escape("; ".join(each.problems))
        shown.add_row(escape(each.id), *lengths, *people, problems, style="" if problems else "dim")
    out.print(shown)
    wrong = sum(bool(each.problems) for each in found)
    if wrong:
        raise StudyError(f"{wrong} of {len(found)} rows of {table} have a problem (see the table)")
    say(f"All {len(found)} dyads can be scored.")
