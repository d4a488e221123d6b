"""The command that makes reports."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from mirror.cli.console import err, out

app = typer.Typer()


@app.command()
def report(
    recordings: Annotated[list[Path], typer.Argument(metavar="RECORDING…", help=".mirror files.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE.html", help="Where the report goes.")
    ],
    pdf: Annotated[
        Path | None, typer.Option("--pdf", metavar="FILE.pdf", help="For paper, too.")
    ] = None,
    start: Annotated[
        float, typer.Option("--from", metavar="SECONDS", help="Start there.", show_default=False)
    ] = -math.inf,
    end: Annotated[
        float, typer.Option("--until", metavar="SECONDS", help="Stop there.", show_default=False)
    ] = math.inf,
    force: Annotated[
        bool, typer.Option("--force", metavar="", help="Replace files that exist.")
    ] = False,
) -> None:
    """What a recording shows, as one page to keep; of several, a comparison.

    The page needs nothing else: it opens offline, prints, and holds the numbers of its figures.

    Example:  mirror report talk.mirror -o talk.html

    Example:  mirror report talk.mirror -o talk.html --pdf talk.pdf --from 60 --until 300

    Example:  mirror report monday.mirror tuesday.mirror -o both.html
    """
    from mirror.cli.window import print_to_pdf
    from mirror.report.write import check_places, compose, write
    from mirror.timeline import Span

    files = [output] if pdf is None else [output, pdf]
    check_places(files, recordings, replace=force)
    with err.status("Reading …"):
        document = compose(recordings, Span(start, end))
        write(document, output, pdf=pdf, to_pdf=print_to_pdf, replace=force)
    for file in files:
        out.print(f"Wrote {escape(str(file))}", highlight=False, soft_wrap=True)
