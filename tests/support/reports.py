"""Helpers for tests of reports."""

from __future__ import annotations

from pathlib import Path

from mirror.recording.reader import Recording
from mirror.report.facts import SessionFacts, Unrecorded, read_facts
from mirror.report.html import to_html
from mirror.report.write import compose
from mirror.timeline import Span
from tests.support.html_pages import Reader, check_whole


def page(*paths: Path, span: Span | None = None) -> Reader:
    """Return the parsed report on recordings."""
    return check_whole(to_html(compose(paths, span or Span())))


def facts_of(path: Path) -> SessionFacts:
    """Return the facts of a recording."""
    with Recording.open(path) as recording:
        return read_facts(recording, Span())


def as_unrecorded(path: Path) -> Unrecorded:
    """Return what is known of a session, as if it had not been recorded."""
    with Recording.open(path) as recording:
        return Unrecorded(
            recording.session,
            recording.settings_history,
            recording.timeline(),
            tuple(recording.results()),
            tuple(recording.events()),
        )


def column(rows: list[dict[str, str]], name: str) -> list[float]:
    """Return a column of a figure's data; empty cells are NaN."""
    return [float(row[name] or "nan") for row in rows]
