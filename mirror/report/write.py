"""Write the report on recordings to files."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from mirror._support.atomic import naming_failures, write_atomically
from mirror._support.jsonable import encodable
from mirror.errors import ExportError
from mirror.recording.coded_events import select
from mirror.recording.reader import Recording
from mirror.report.comparison import comparison_document
from mirror.report.document import Document
from mirror.report.facts import read_facts
from mirror.report.html import to_html
from mirror.report.pdf import to_pdf
from mirror.report.session_report import session_document
from mirror.timeline import Span


def check_places(files: Sequence[Path], recordings: Sequence[Path], *, replace: bool) -> None:
    """Check files to be written before the work begins; the `recordings` are never replaced.

    Raise ExportError if one cannot be written there, or exists and is not to be replaced.
    """
    if len({file.resolve() for file in files}) < len(files):
        raise ExportError(f"{files[0]} cannot be two files; give the PDF another name")
    for file in files:
        if file.resolve() in {each.resolve() for each in recordings}:
            raise ExportError(f"{file} is the recording itself; choose another name")
        if file.is_dir():
            raise ExportError(f"{file} is a folder; name a file in it")
        if file.exists() and not file.is_file():
            raise ExportError(f"{file} is not a regular file; choose another name")
        if file.exists() and not replace:
            raise ExportError(f"{file} exists; choose another name, or replace it with --force")
        if not file.absolute().parent.is_dir():
            raise ExportError(
                f"there is no folder {file.parent}; create it, or choose another place"
            )


def compose(paths: Sequence[Path], span: Span, only: str | None = None) -> Document:
    """Return the report on one recording, or the comparison of several; raise as `read_facts`."""
    with ExitStack() as opened:
        recordings = [opened.enter_context(Recording.open(path)) for path in paths]
        spans = [select(each, only, span.start, span.end) for each in recordings]
        if len(recordings) == 1:
            return session_document(recordings[0], spans[0])
        return comparison_document(list(map(read_facts, recordings, spans)))


def write(
    document: Document, path: Path, *, pdf: Path | None = None, replace: bool = False
) -> None:
    """Write a page to `path`, as PDF if it is named so and else as HTML, and to the PDF file `pdf`.

    Raise ExportError if a file exists and is not to be replaced, or cannot be written.
    """
    if pdf is None and path.suffix.lower() == ".pdf":
        pdf = path
    if pdf is not None:
        write_file(pdf, lambda file: file.write_bytes(to_pdf(document)), replace=replace)
    if pdf != path:
        html = encodable(to_html(document))
        write_file(path, lambda file: file.write_text(html, "utf-8", newline="\n"), replace=replace)


def write_file(path: Path, make: Callable[[Path], object], *, replace: bool) -> None:
    """Write one file, completely or not at all; a symbolic link is followed.

    `make` writes it at the path that it is given. Raise ExportError if the file exists and is not
    to be replaced, or cannot be written.
    """
    with naming_failures(path):
        write_atomically((path.resolve(),), make, replace=replace)
