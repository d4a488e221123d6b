"""Each share has one label, in the window, the terminal, reports and the film."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from rich.console import Console

from mirror.cli.tables import summary_table
from mirror.export.film import background, lettering
from mirror.export.film.layout import TimeAxis
from mirror.recording.library import SessionRow
from mirror.summary import summarize
from mirror.timeline import Score, State, Timeline
from mirror.wording import NO_BREAK
from tests.support.recordings import make_scores_recording
from tests.support.reports import page
from ui.coach.view import CoachView
from ui.shell.shortcuts import Keys
from ui.summary.overview import ShareBar
from ui.summary.sessions import SessionsTable

SCORES = [
    Score(0.1, State.WARMING_UP),
    Score(0.2, State.OK, in_phase=0.9, anti_phase=0.0, coherence=0.9),
    Score(0.25, State.OK, in_phase=0.1, anti_phase=0.0, coherence=0.9, mirroring=0.9, lag_s=0.6),
    Score(0.3, State.OK, in_phase=0.0, anti_phase=0.9, coherence=0.9),
    Score(0.4, State.OK, in_phase=0.1, anti_phase=0.0, coherence=0.9),
    Score(0.5, State.OK, in_phase=0.1, anti_phase=0.0, coherence=0.2),
    Score(0.6, State.STILL),
    Score(0.7, State.NO_PERSON_A),
]
TIMELINE = Timeline.from_scores(SCORES)
SUMMARY = summarize(TIMELINE)

LABELS = (
    "In phase",
    "Mirroring with a lag",
    "Anti-phase",
    "At another phase",
    "Not together",
    "Still",
    "Not seen or few frames",
    "Warming up",
)


def test_window_summary(qtbot: QtBot) -> None:
    shares, sessions = ShareBar(), SessionsTable()
    qtbot.addWidget(shares)
    qtbot.addWidget(sessions)
    shares.show_summary(SUMMARY)
    assert tuple(label.text().split("  ")[0] for label in shares.labels.values()) == LABELS
    sessions.begin(("Anna", "Ben"), SessionRow(None, 0.7, "", SUMMARY, None, {}))
    heads = [
        head.text()
        for column in range(sessions.table.columnCount())
        if (head := sessions.table.horizontalHeaderItem(column)) is not None
    ]
    assert {head for head in heads if head in LABELS} == {
        "In phase",
        "Mirroring with a lag",
        "Anti-phase",
    }


def test_coach_view(qtbot: QtBot, keys: Keys) -> None:
    view = CoachView(keys)
    qtbot.addWidget(view)
    words = []
    for score in (SCORES[1], *SCORES[3:6]):
        view.show_score(score)
        words.append(view.texts[0])
    assert tuple(words) == (LABELS[0], *LABELS[2:5])  # with a lag, it says who follows


def test_terminal_table() -> None:
    output = io.StringIO()
    Console(file=output, width=100).print(summary_table(SUMMARY))
    rows = output.getvalue().splitlines()[1:9]
    labels = tuple(re.split(r"\s{2,}|\s*█", row)[0] for row in rows)
    assert labels == tuple(label.lower() for label in LABELS)


def test_report(tmp_path: Path) -> None:
    one = make_scores_recording(tmp_path / "one.mirror", SCORES)
    eighths = zip(LABELS, [13] * 4 + [12] * 4, strict=True)  # together 100 %
    shares = ", ".join(f"{label.lower()} {share}{NO_BREAK}%" for label, share in eighths)
    assert " ".join(shares.split()) in page(one).text
    several = page(one, make_scores_recording(tmp_path / "two.mirror", SCORES))
    head = next(table[0] for table in several.tables if "not together" in table[0])
    assert tuple(head[2:7]) == tuple(label.lower() for label in LABELS[:5])


def test_film(monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []
    monkeypatch.setattr(lettering, "write", lambda *args, **_more: texts.append(args[2]))
    whole = TimeAxis(0.0, 1.0)
    background.draw_background(TIMELINE, (), whole, whole, ("Anna", "Ben"))
    assert {"In phase", "Anti-phase", "in phase", "anti-phase"} <= set(texts)
