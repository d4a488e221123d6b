"""From recordings to files: the page is composed, and written whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from mirror._support.atomic import write_atomically
from mirror.errors import ExportError
from mirror.recording.reader import Recording
from mirror.report.comparison import comparison
from mirror.report.document import Document
from mirror.report.facts import read_facts
from mirror.report.html import to_html
from mirror.report.session_report import report
from mirror.timeline import Span

Print = Callable[[Document, Path], None]
"""Writes a page to a file."""


def check_places(files: Sequence[Path], kept: Sequence[Path], *, replace: bool) -> None:
    """Complain before the work, not after it.

    Parameters
    ----------
    files : sequence of Path
        To be made.
    kept : sequence of Path
        The recordings, which no report takes the place of.
    replace : bool
        Whether files that exist are replaced.

    Raises
    ------
    ExportError
        Where a file cannot be made there.
    """
    if len({file.resolve() for file in files}) < len(files):
        raise ExportError(f"{files[0]} cannot be two files; give the PDF another name")
    for file in files:
        if file.resolve() in {each.resolve() for each in kept}:
            raise ExportError(f"{file} is the recording itself; choose another name")
        if file.is_dir():
            raise ExportError(f"{file} is a folder; name a file in it")
        if file.exists() and not file.is_file():
            raise ExportError(f"{file} is no ordinary file; name another")
        if file.exists() and not replace:
            raise ExportError(f"{file} exists; choose another name, or replace it with --force")
        if not file.absolute().parent.is_dir():
            raise ExportError(f"there is no folder {file.parent}; make it, or choose another place")


def compose(paths: Sequence[Path], span: Span) -> Document:
    """The report on one recording, or the comparison of several.

    Raises
    ------
    ExportError
        Where one has no row to report on.
    RecordingError
        Where one cannot be read.
    """
    with ExitStack() as opened:
        recordings = [opened.enter_context(Recording.open(path)) for path in paths]
        if len(recordings) == 1:
            return report(recordings[0], span)
        return comparison([read_facts(each, span) for each in recordings])


def write(
    document: Document,
    path: Path,
    *,
    pdf: Path | None = None,
    to_pdf: Print | None = None,
    replace: bool = False,
) -> None:
    """Write a page to an HTML file, and to a PDF where one is asked for.

    Parameters
    ----------
    document : Document
    path : Path
        The HTML file to make.
    pdf : Path, optional
        The PDF to make.
    to_pdf : callable, optional
        What makes it.
    replace : bool
        Whether files that exist are replaced.

    Raises
    ------
    ExportError
        Where a file exists or cannot be written.
    """
    if pdf is not None and to_pdf is not None:
        write_file(pdf, partial(to_pdf, document), replace=replace)
    html = to_html(document)
    write_file(path, lambda file: file.write_text(html, "utf-8", newline="\n"), replace=replace)


def write_file(path: Path, make: Callable[[Path], object], *, replace: bool) -> None:
    """Write one file, completely or not at all.

    Parameters
    ----------
    path : Path
        A symbolic link is followed.
    make : callable
        Writes the file at the path that it is given.
    replace : bool
        Whether an existing file is replaced.

    Raises
    ------
    ExportError
        If the file exists or cannot be written.
    """
    try:
        write_atomically((path.resolve(),), make, replace=replace)
    except OSError as error:
        raise ExportError(
            f"cannot write {path}: {error.strerror or error}; choose another place"
        ) from error
