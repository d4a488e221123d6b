"""Recordings for the tests of reports, and pages read back."""

from __future__ import annotations

from pathlib import Path

from mirror.recording.reader import Recording
from mirror.report.facts import SessionFacts, read_facts
from mirror.report.html import to_html
from mirror.report.write import compose
from mirror.timeline import Span
from tests.support.html_pages import Reader, check_whole


def page(*paths: Path, span: Span | None = None) -> Reader:
    """The page on recordings, read back."""
    return check_whole(to_html(compose(paths, span or Span())))


def reading(path: Path) -> SessionFacts:
    """What a recording shows."""
    with Recording.open(path) as recording:
        return read_facts(recording, Span())


def column(rows: list[dict[str, str]], name: str) -> list[float]:
    """A column of a figure's data, as numbers; what is empty is NaN."""
    return [float(row[name] or "nan") for row in rows]
