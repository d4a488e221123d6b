"""Commands for a corpus of dyads: mirror study check, run, test, report and export."""

import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

from rich.markup import escape
from rich.table import Column, Table
from typer import Argument, Option, Typer

from mirror._support.atomic import privacy_note
from mirror._support.process import redirect_native_stderr
from mirror.cli import options
from mirror.cli.console import out, progress_bar, progress_bars, say
from mirror.errors import StudyError
from mirror.report.document import Listing, Paragraph
from mirror.report.document import Table as Rows
from mirror.settings import Settings
from mirror.wording import clock_time, percent

app = Typer(name="study", help="Score, test and report a corpus of dyads from one table.")

TableFile = Annotated[
    Path, Argument(metavar="TABLE", help="A row a dyad: id, a, b, and more (.csv, .xlsx …).")
]
Folder = Annotated[Path, Argument(metavar="FOLDER", help="What mirror study run wrote.")]


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
        cells = *map(clock_time, each.seconds), *map(percent, each.people)
        problems = escape("; ".join(each.problems))
        shown.add_row(escape(each.id), *cells, problems, style="" if problems else "dim")
    out.print(shown)
    if wrong := sum(bool(each.problems) for each in found):
        raise StudyError(f"{wrong} of {len(found)} rows of {table} have a problem (see the table)")
    say(f"All {len(found)} dyads can be scored.")


@app.command()
@options.takes_settings
def run(
    *,
    choose: options.Chosen,
    table: TableFile,
    output: Annotated[Path, Option("-o", "--output", metavar="FOLDER", help="For all results.")],
    scheduler: Annotated[
        str | None, Option(metavar="tcp://HOST:PORT", help="A Dask cluster that sees these files.")
    ] = None,
    workers: Annotated[
        int | None, Option(metavar="N", min=0, help="Processes, by default as many as fit; or 0.")
    ] = None,
    model: options.Model = None,
) -> None:
    """Score what is missing or out of date: videos to recordings, and those to scores.

    It goes on where an earlier run ended; other settings cost the scores only.

    Example:  mirror study run corpus/study.csv -o corpus/scored
    """
    from mirror.study.run import run as run_study
    from mirror.study.table import read_table

    study = read_table(table.absolute())
    redirect_native_stderr()
    outcomes = run_study(study, output, choose(Settings()), model, scheduler, workers)
    start, counts, total = time.monotonic(), Counter[str](), len(study.dyads) + len(study.problems)
    failures = Table("id", Column("why it has no scores", overflow="fold"), box=None)
    try:
        with progress_bars() as bars, closing(outcomes):
            task = bars.add_task("Scoring", total=total, speed="")
            for dyad_id, state, why in outcomes:
                counts[state] += 1
                if why:
                    failures.add_row(escape(dyad_id), escape(why))
                rate = 60.0 * counts["scored"] / (time.monotonic() - start)
                speed = f"{rate:.1f} dyads/min, {counts['failed']} failed"
                bars.update(task, completed=counts.total(), speed=speed)
    except (KeyboardInterrupt, SystemExit) as end:
        stopped = f"stopped after {counts.total()} of {total} dyads; run it again to go on"
        if isinstance(end, KeyboardInterrupt):
            raise StudyError(stopped) from None
        say(stopped)
        raise  # with the status of the signal
    finally:
        if counts:
            told = ", ".join(f"{counts[state]} {state}" for state in ("scored", "kept", "failed"))
            say(f"Dyads in {output}: {told}")
        if failures.row_count:
            out.print(failures)
    if failed := counts["failed"]:
        file = output / "failures.csv"
        raise StudyError(f"{failed} of {total} dyads have no scores; see {file}")


@app.command("test")
def compare(
    folder: Folder,
    pairs: Annotated[
        str, Option(metavar="ROLES", help="role, any-role, or within a COLUMN.")
    ] = "role",
    by: Annotated[str | None, Option(metavar="COLUMN", help="Compare its values …")] = None,
    blocks: Annotated[str | None, Option(metavar="COLUMN", help="… within this one's.")] = None,
    outcome: Annotated[str | None, Option(metavar="COLUMN", help="Correlate with it.")] = None,
    formula: Annotated[
        str | None, Option(metavar="FORMULA", help="A model: 'mirroring ~ age' …")
    ] = None,
    group: Annotated[
        str | None, Option(metavar="COLUMN", help="… with random intercepts of it.")
    ] = None,
    fdr: Annotated[bool, Option("--fdr", metavar="", help="Adjust p by FDR, not by Holm.")] = False,
    seed: Annotated[int, Option(metavar="NUMBER", min=0, help="Of random orders.")] = 0,
) -> None:
    """Test all dyads against pseudo-dyads; and conditions, outcomes and a model, if given.

    Example:  mirror study test corpus/scored --by condition --outcome cooperation

    Example:  mirror study test corpus/scored --pairs condition --formula 'mirroring ~ condition'
    """
    from mirror.study.corpus import Corpus
    from mirror.study.report import keep
    from mirror.study.testing import run_tests

    asked: dict[str, Any] = {"pairs": pairs, "by": by, "blocks": blocks, "outcome": outcome}
    asked |= {"formula": formula, "group": group, "correction": "fdr_bh" if fdr else "holm"}
    with progress_bar("Pairing everybody with everybody") as show:
        corpus = Corpus.read(folder)
        sections = run_tests(corpus, **asked, seed=seed, done=show)
    keep(sections, corpus)
    for section in sections:
        out.print(f"\n[bold]{escape(section.title)}[/bold]")
        for part in section.parts:
            if isinstance(part, Paragraph | Listing):
                text = part.text if isinstance(part, Paragraph) else "\n".join(part.items)
                out.print(escape(text), highlight=False)
            elif isinstance(part, Rows):
                shown = Table(*map(escape, part.head), box=None)
                for row in part.rows:
                    shown.add_row(*map(escape, row))
                out.print(shown)


@app.command()
def report(
    folder: Folder,
    output: Annotated[Path, Option("-o", "--output", metavar="FILE.html", help="The page.")],
    force: options.Force = False,
) -> None:
    """Write the corpus on one page, with the tests that were run last.

    Example:  mirror study report corpus/scored -o study.html
    """
    from mirror.report.write import check_places, write
    from mirror.study.corpus import Corpus
    from mirror.study.report import study_document

    check_places([output], [], replace=force)
    write(study_document(Corpus.read(folder)), output, replace=force)
    say(f"Wrote {output}{privacy_note(output)}")


@app.command()
def export(
    folder: Folder,
    to: Annotated[str, Option("--to", metavar="FORMAT", help="parquet or csv.")],
    output: Annotated[Path, Option("-o", "--output", metavar="FOLDER", help="For the tables.")],
    force: options.Force = False,
) -> None:
    """Write tidy tables: dyads, people, windows and exercises.

    Example:  mirror study export corpus/scored --to parquet -o tables
    """
    from mirror.study.corpus import Corpus

    for path in Corpus.read(folder).export(to, output, replace=force):
        say(f"Wrote {path}{privacy_note(path)}")
