"""Helpers for tests of reports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mirror.recording.reader import Recording
from mirror.report import svg
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


def draw_nothing(patch: pytest.MonkeyPatch) -> None:
    """Leave figures empty, which take nearly all of a report's time; captions and data stay."""
    patch.setattr(svg, "_document", lambda *_: "<svg></svg>")


def draw_once(patch: pytest.MonkeyPatch) -> None:
    """Draw each figure of reports once; those of further reports are the same."""
    drawn: dict[str, str] = {}
    document = vars(svg)["_document"]

    def once(size: tuple[float, float], draw: Callable[[Any], None], name: str) -> str:
        if name not in drawn:
            drawn[name] = document(size, draw, name)
        return drawn[name]

    patch.setattr(svg, "_document", once)


def column(rows: list[dict[str, str]], name: str) -> list[float]:
    """Return a column of a figure's data; empty cells are NaN."""
    return [float(row[name] or "nan") for row in rows]
