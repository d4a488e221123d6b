"""The command that writes reports."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from mirror._support.atomic import privacy_note
from mirror.cli import options
from mirror.cli.console import err, say

app = typer.Typer()


@app.command()
def report(
    recordings: Annotated[list[Path], typer.Argument(metavar="RECORDING…", help=".mirror files.")],
    output: Annotated[
        Path, options.option("FILE", "The report: .html, or .pdf.", "-o", "--output")
    ],
    pdf: Annotated[
        Path | None, options.option("FILE.pdf", "Also write it as a PDF file.", "--pdf")
    ] = None,
    start: options.From = -math.inf,
    end: options.Until = math.inf,
    force: options.Force = False,
) -> None:
    """Write a report on a recording as one page; on several, a comparison.

    The page needs no other files: it opens offline, prints, and contains the numbers of its
    figures.

    Example:  mirror report talk.mirror -o talk.html

    Example:  mirror report talk.mirror -o talk.html --pdf talk.pdf --from 60 --until 300

    Example:  mirror report monday.mirror tuesday.mirror -o both.html
    """
    from mirror.cli.window import print_to_pdf
    from mirror.report.write import check_places, compose, write, write_file
    from mirror.timeline import Span

    only_pdf = output.suffix.lower() == ".pdf"
    if only_pdf and pdf is not None:
        raise typer.BadParameter("-o names a PDF, too; name an HTML file there, or leave out --pdf")
    files = [output] if pdf is None else [output, pdf]
    check_places(files, recordings, replace=force)
    with err.status("Reading …"):
        document = compose(recordings, Span(start, end))
        if only_pdf:
            write_file(output, partial(print_to_pdf, document), replace=force)
        else:
            write(document, output, pdf=pdf, to_pdf=print_to_pdf, replace=force)
    for file in files:
        say(f"Wrote {file}{privacy_note(file)}")
