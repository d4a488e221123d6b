"""Commands for a corpus of dyads: mirror study check, run, test, report and export."""

from __future__ import annotations

import math
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from mirror._support.process import redirect_native_stderr
from mirror.cli import options
from mirror.cli.console import out, progress_bar, progress_bars, say
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


@app.command()
@options.takes_settings
def run(
    *,
    choose: options.Chosen,
    table: TableFile,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FOLDER", help="Recordings and scores.")
    ],
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler", metavar="tcp://HOST:PORT", help="A Dask cluster that sees these files."
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            metavar="N",
            min=0,
            help="Processes here (default: by cores and memory); 0 needs none.",
        ),
    ] = None,
    model: options.Model = None,
) -> None:
    """Score what is missing or out of date: videos to recordings, and those to scores.

    It goes on where an earlier run ended; other settings cost the scores only.

    Example:  mirror study run corpus/study.csv -o corpus/scored
    """
    from mirror.study.run import run as run_study
    from mirror.study.table import read_table

    study = read_table(table)
    redirect_native_stderr()
    start, counts = time.monotonic(), Counter[str]()
    failures = Table("id", "why it has no scores", box=None)
    total = len(study.dyads) + len(study.problems)
    outcomes = run_study(
        study, output, choose(Settings()), model=model, scheduler=scheduler, workers=workers
    )
    try:
        with progress_bars() as bars, closing(outcomes):
            task = bars.add_task("Scoring", total=total, speed="")
            for each in outcomes:
                counts[each.state] += 1
                if each.state == "failed":
                    failures.add_row(escape(each.id), escape(each.why))
                rate = 60.0 * counts["scored"] / (time.monotonic() - start)
                speed = f"{rate:.1f} dyads/min, {counts['failed']} failed"
                bars.update(task, completed=counts.total(), speed=speed)
    except KeyboardInterrupt:
        raise StudyError(
            f"stopped after {counts.total()} of {total} dyads; run it again to go on"
        ) from None
    told = ", ".join(f"{counts[state]} {state}" for state in ("scored", "kept", "failed"))
    say(f"Dyads in {output}: {told}")
    if counts["failed"]:
        out.print(failures)
        raise StudyError(
            f"{counts['failed']} of {total} dyads have no scores; see {output / 'failures.csv'}"
        )
