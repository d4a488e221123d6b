from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from mirror.recording.library import SessionRow
from mirror.report.facts import NAMELESS
from mirror.summary import Level, Summary
from mirror.timeline import Span
from mirror.wording import NO_BREAK
from ui.summary.sessions import SessionsTable

NAN = math.nan
THIS = SessionRow(
    datetime(2026, 11, 23, 10, 15, tzinfo=UTC),
    92.0,
    "breathing",
    Summary(0.4, 0.1, 0.1, 0.05, 0.1, 0.05, 0.05, -0.43, 0.2, 0.7, 92.0, 920, following=0.15),
    Span(6.0, 15.9),
    {kind: Level(0.5, 0.4) for kind in ("in_phase", "anti_phase", "mirroring")},
    ("Anna", "Ben"),
)
EARLIER = SessionRow(
    None,
    61.0,
    "",
    Summary(0, 0, 0, 1, 0, 0, 0, NAN, NAN, NAN, 60.0, 600),
    None,
    {},
    ("Ben", "Anna"),
)


@pytest.fixture
def sessions(qtbot: QtBot) -> SessionsTable:
    sessions = SessionsTable()
    qtbot.addWidget(sessions)
    sessions.resize(1200, 300)
    sessions.show()
    return sessions


def row(sessions: SessionsTable, number: int) -> dict[str, str]:
    found = {}
    for column in range(sessions.table.columnCount()):
        head, item = (
            sessions.table.horizontalHeaderItem(column),
            sessions.table.item(number, column),
        )
        assert head is not None
        assert item is not None
        found[head.text()] = item.text().replace(NO_BREAK, " ")
    return found


def test_same_figures_stand_below_each_other(sessions: SessionsTable) -> None:
    assert sessions.begin(("Anna", "Ben"), THIS)
    sessions.show_found([EARLIER, EARLIER])
    assert sessions.table.rowCount() == 3
    this = row(sessions, 0)
    assert this["Session"].endswith("(this)")
    assert "23 Nov 2026" in this["Session"]
    del this["Session"]
    assert this == {
        "Length": "1:32",
        "Condition": "breathing",
        "Longest in phase": "9.9 s",
        "Mirroring with a lag": "15 %",
        "In phase": "40 %",
        "Anti-phase": "10 %",
        "Anna / Ben ahead": "20 % / 70 %",
    }
    assert "Anna and Ben" in sessions.status.text()


def test_undefined_value_is_not_zero(sessions: SessionsTable) -> None:
    sessions.begin(("Anna", "Ben"), THIS)
    sessions.show_found([EARLIER])
    earlier = row(sessions, 1)
    assert earlier["Session"] == earlier["Condition"] == "–"
    assert earlier["Longest in phase"] == "–"
    assert earlier["Anna / Ben ahead"] == "– / –"


def test_empty_list_is_reported(sessions: SessionsTable) -> None:
    sessions.begin(("Anna", "Ben"), THIS)
    assert sessions.status.text().startswith("Looking for other sessions of Anna and Ben")
    sessions.show_found([])
    assert sessions.status.text() == "There are no other sessions of Anna and Ben in this folder."
    assert sessions.table.rowCount() == 1


def test_levels_are_drawn_over_dates_once_there_are_two(
    qtbot: QtBot, sessions: SessionsTable
) -> None:
    sessions.begin(("Anna", "Ben"), THIS)
    assert sessions.chart.isHidden()
    undated = EARLIER
    assert THIS.started is not None
    first = replace(
        THIS,
        started=THIS.started - timedelta(days=7),
        levels={**THIS.levels, "mirroring": Level(0.7, 0.3)},
    )
    sessions.show_found([first, undated])
    assert sessions.chart.isVisible()
    assert sessions.chart.accessibleDescription() == (
        "Mean mirroring of each session\n16 Nov 2026: 0.70, chance 0.30\n"
        "23 Nov 2026: 0.50, chance 0.40"
    )
    choose(sessions.score, "Mean in phase over dates")
    assert sessions.chart.accessibleDescription().startswith("Mean in phase of each session\n")
    assert "The dashed line, where" in sessions.chart.toolTip()


def test_line_can_be_of_an_exercise_and_of_one_person(sessions: SessionsTable) -> None:
    held = {"Swap": Level(0.6, NAN)}
    this = replace(THIS, levels={**THIS.levels, **held})
    assert THIS.started is not None
    week = timedelta(days=7)
    other = replace(
        THIS,
        started=THIS.started - week,
        labels=("Ben", "Cid"),
        levels={**THIS.levels, "Swap": Level(0.2, NAN)},
    )
    sessions.begin(("Anna", "Ben"), this)
    assert sessions.who.isHidden()
    sessions.show_found([other])
    assert sessions.status.text().startswith("There are no other sessions of Anna and Ben")
    assert sessions.table.rowCount() == 1
    choose(sessions.score, "Swap: share held")
    assert sessions.chart.accessibleDescription().splitlines()[1:] == [
        "23 Nov 2026: 0.60, chance –"
    ]
    choose(sessions.who, "Ben")
    assert sessions.chart.accessibleDescription() == (
        "Share of time held in Swap of each session\n"
        "16 Nov 2026: 0.20, chance –\n23 Nov 2026: 0.60, chance –"
    )
    sessions.chart.grab()
    choose(sessions.who, "Anna")
    assert len(sessions.chart.accessibleDescription().splitlines()) == 2


def choose(box: QComboBox, text: str) -> None:
    box.setCurrentIndex(box.findText(text))
    box.activated.emit(box.currentIndex())


def test_nameless_pair_is_asked_for_names(qtbot: QtBot, sessions: SessionsTable) -> None:
    assert not sessions.begin(NAMELESS, THIS)
    assert sessions.status.text().startswith("Who are the two?")
    assert sessions.form.isVisible()
    assert not sessions.rename.isVisible()
    a, b = sessions.form.fields
    assert not sessions.form.keep.isEnabled()
    qtbot.keyClicks(a, "Anna ")
    assert not sessions.form.keep.isEnabled()
    qtbot.keyClicks(b, "Anna")
    assert not sessions.form.keep.isEnabled()
    b.clear()
    qtbot.keyClicks(b, "Ben")
    with qtbot.waitSignal(sessions.named) as named:
        qtbot.keyClick(b, Qt.Key.Key_Return)
    assert named.args == ["Anna", "Ben"]


def test_names_can_be_changed(qtbot: QtBot, sessions: SessionsTable) -> None:
    sessions.begin(("Ana", "Ben"), THIS)
    assert not sessions.form.isVisible()
    qtbot.mouseClick(sessions.rename, Qt.MouseButton.LeftButton)
    a, _ = sessions.form.fields
    assert a.text() == "Ana"
    a.setText("Anna")
    with qtbot.waitSignal(sessions.named) as named:
        qtbot.mouseClick(sessions.form.keep, Qt.MouseButton.LeftButton)
    assert named.args == ["Anna", "Ben"]


def test_name_is_no_longer_than_a_recording_keeps(qtbot: QtBot, sessions: SessionsTable) -> None:
    sessions.begin(NAMELESS, THIS)
    sessions.form.fields[0].setText("a" * 500)
    assert len(sessions.form.fields[0].text()) == 100


def test_table_is_as_high_as_its_rows(qtbot: QtBot, sessions: SessionsTable) -> None:
    sessions.begin(("Anna", "Ben"), THIS)
    bar = sessions.table.verticalScrollBar()
    assert bar is not None
    for count in (8, 1, 4, 0):
        sessions.show_found([EARLIER] * count)
        height = (count + 1) * sessions.table.rowHeight(0)
        qtbot.waitUntil(lambda: 0 < sessions.table.height() - height < 60)  # noqa: B023
        assert bar.maximum() == 0
