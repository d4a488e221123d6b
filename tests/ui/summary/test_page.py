from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, Qt, QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QLabel, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from mirror.errors import RecordingError
from mirror.practice.goal import Goal
from mirror.practice.run import Result
from mirror.recording import library
from mirror.recording.reader import Recording
from mirror.recording.writer import Recorder
from mirror.settings import Settings
from mirror.timeline import Score, State
from mirror.wording import NO_BREAK, NOT_MEASURED, UNDEFINED
from tests.support.recordings import make_recording, make_scores_recording
from tests.support.reports import as_unrecorded
from ui.replay.exporting import ExportDialog
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys
from ui.summary.overview import NO_MOMENTS
from ui.summary.page import EMPTY, SummaryPage

WAIT = 10_000


@pytest.fixture
def page(qtbot: QtBot, preferences: Preferences, keys: Keys) -> SummaryPage:
    page = SummaryPage(preferences, keys)
    qtbot.addWidget(page)
    page.resize(1280, 800)
    page.show()
    return page


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return make_recording(tmp_path / "talk.mirror")


def show(qtbot: QtBot, page: SummaryPage, path: Path) -> None:
    with qtbot.waitSignal(page.shown, timeout=WAIT):
        page.show_session(path)


def cell(page: SummaryPage, row: int, column: int) -> str:
    """Return a text of the table of sessions."""
    item = page.sessions.table.item(row, column)
    assert item is not None
    return item.text()


def test_session_is_summed_up(qtbot: QtBot, page: SummaryPage, recording: Path) -> None:
    page.show_session(recording)
    assert page.stack.text == "Summing up talk.mirror…"
    qtbot.waitUntil(lambda: page.stack.text == "", timeout=WAIT)
    assert page.header.title.text() == "Anna and Ben"
    overview = page.overview
    assert overview.shares.labels["in_phase"].text() == f"In phase  36{NO_BREAK}%"
    assert overview.longest.text() == f"7.0{NO_BREAK}s, from 0:04.0 to 0:11.0."
    assert overview.led.text().startswith(f"Mostly nobody led: the median lag is 0.00{NO_BREAK}s.")
    assert 3 <= len(overview.moments) <= 6
    kinds = [button.accessibleName().split(",")[0] for button in overview.moments[:3]]
    assert kinds[0] == "Mirroring"  # that of the client's page
    assert set(kinds[1:]) == {"In phase", "Anti-phase"}


def test_moment_is_replayed_from_its_start(
    qtbot: QtBot, page: SummaryPage, recording: Path
) -> None:
    show(qtbot, page, recording)
    button = page.overview.moments[0]
    with qtbot.waitSignal(page.replay_requested) as replay:
        qtbot.keyClick(button, Qt.Key.Key_Space)
    assert replay.args is not None
    path, at = replay.args
    assert path == recording
    assert f"{int(at) // 60}:{at % 60:04.1f} to" in button.text()


def test_replay_starts_at_clicked_time(qtbot: QtBot, page: SummaryPage, recording: Path) -> None:
    show(qtbot, page, recording)
    button, timeline = page.header.buttons["Replay"], page.overview.timeline
    assert button.text() == "Replay"
    with qtbot.waitSignal(page.replay_requested) as replay:
        button.click()
    assert replay.args == [recording, None]  # from its first score
    place = QPoint(round(timeline.x_of(12.0)), timeline.height() // 2)
    qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=place)
    assert button.text().startswith("Replay from 0:1")
    with qtbot.waitSignal(page.replay_requested) as replay:
        button.click()
    assert replay.args is not None
    assert replay.args[1] == pytest.approx(12.0, abs=0.1)


def test_marks_are_listed_and_replayed(
    qtbot: QtBot, page: SummaryPage, recording: Path, tmp_path: Path
) -> None:
    show(qtbot, page, recording)
    (mark,) = page.overview.marks  # not what the script says
    assert mark.accessibleName() == "0:02.0  Mark: hello"
    with qtbot.waitSignal(page.replay_requested) as replay:
        qtbot.mouseClick(mark, Qt.MouseButton.LeftButton)
    assert replay.args == [recording, 2.0]
    show(qtbot, page, make_recording(tmp_path / "none.mirror", events=(), seconds=6.0))
    assert page.overview.marks == []


def test_event_is_replayed(qtbot: QtBot, page: SummaryPage, recording: Path) -> None:
    show(qtbot, page, recording)
    with qtbot.waitSignal(page.replay_requested) as replay:
        page.overview.timeline.event_activated.emit(1)
    assert replay.args == [recording, 10.0]


def test_next_recording_is_shown_from_its_beginning(
    qtbot: QtBot, page: SummaryPage, recording: Path, tmp_path: Path
) -> None:
    page.resize(900, 400)
    show(qtbot, page, recording)
    (area,) = page.findChildren(QScrollArea)
    bar = area.verticalScrollBar()
    assert bar is not None
    qtbot.waitUntil(lambda: bar.maximum() > 100, timeout=WAIT)
    bar.setValue(bar.maximum())
    with qtbot.waitSignal(page.shown, timeout=WAIT):
        page.sessions.named.emit("Anna", "Cleo")
    assert bar.value() > 100  # the names are there
    show(qtbot, page, make_recording(tmp_path / "next.mirror"))
    assert bar.value() == 0


def test_failed_search_says_why(
    qtbot: QtBot, page: SummaryPage, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_more: object) -> None:
        raise RecordingError("the folder cannot be read; choose another")

    monkeypatch.setattr(library, "other_sessions", fail)
    show(qtbot, page, recording)
    qtbot.waitUntil(lambda: "folder cannot be read" in page.sessions.status.text(), timeout=WAIT)


def test_other_sessions_of_the_pair_are_shown(
    qtbot: QtBot, page: SummaryPage, recording: Path, tmp_path: Path
) -> None:
    swapped = ("Ben", "Anna")
    make_recording(tmp_path / "first.mirror", started="2026-11-01T09:00:00+00:00", seconds=12.0)
    make_recording(
        tmp_path / "second.mirror",
        started="2026-11-02T09:00:00+00:00",
        labels=swapped,
        condition="breathing",
    )
    make_recording(tmp_path / "later.mirror", started="2026-12-01T09:00:00+00:00")
    make_recording(
        tmp_path / "others.mirror", started="2026-11-03T09:00:00+00:00", labels=("Cid", "Dora")
    )
    show(qtbot, page, recording)
    table = page.sessions.table
    qtbot.waitUntil(lambda: table.rowCount() == 4, timeout=WAIT)
    assert [cell(page, row, 7) for row in range(4)] == ["–", "–", "breathing", "–"]
    assert [cell(page, row, 2) for row in range(4)] == ["7.0\u00a0s"] * 4
    days = [cell(page, row, 0)[:6] for row in range(4)]
    assert days == ["23 Nov", "01 Dec", "02 Nov", "01 Nov"]
    points = page.sessions.chart.accessibleDescription().splitlines()[1:]
    assert [each[:6] for each in points] == ["01 Nov", "02 Nov", "23 Nov", "01 Dec"]


def test_pair_is_named_and_then_found_again(
    qtbot: QtBot, page: SummaryPage, tmp_path: Path
) -> None:
    path = make_recording(tmp_path / "talk.mirror", labels=("A", "B"))
    make_recording(tmp_path / "first.mirror", started="2026-11-01T09:00:00+00:00")
    show(qtbot, page, path)
    assert page.sessions.table.rowCount() == 1
    for field, name in zip(page.sessions.form.fields, ("Anna", "Ben"), strict=True):
        field.setText(name)
    with qtbot.waitSignal(page.shown, timeout=WAIT):
        page.sessions.form.keep.click()
    assert page.header.title.text() == "Anna and Ben"
    qtbot.waitUntil(lambda: page.sessions.table.rowCount() == 2, timeout=WAIT)
    with Recording.open(path) as renamed:
        assert renamed.session["labels"] == {"a": "Anna", "b": "Ben"}


def test_unrecorded_session_has_its_figures_but_no_file(
    qtbot: QtBot, page: SummaryPage, preferences: Preferences, recording: Path
) -> None:
    preferences.recordings_folder = recording.parent
    make_recording(recording.with_name("first.mirror"), started="2026-11-01T09:00:00+00:00")
    shown = as_unrecorded(recording)
    recording.unlink()
    with qtbot.waitSignal(page.shown, timeout=WAIT):
        page.show_session(shown)
    qtbot.waitUntil(lambda: page.sessions.table.rowCount() == 2, timeout=WAIT)
    visible = [text for text, button in page.header.buttons.items() if button.isVisible()]
    assert visible == ["Client's page…", "New session"]
    assert page.header.about.text().endswith("not recorded")
    assert page.overview.shares.labels["in_phase"].text() == f"In phase  36{NO_BREAK}%"
    assert page.overview.marks[0].text() == "0:02.0  Mark: hello"
    assert not page.overview.findChildren(QPushButton)  # nothing to replay
    with qtbot.waitSignal(page.shown, timeout=WAIT):
        page.sessions.named.emit("Cleo", "Dan")
    assert page.header.title.text() == "Cleo and Dan"


def test_unwritable_names_are_reported(qtbot: QtBot, page: SummaryPage, recording: Path) -> None:
    show(qtbot, page, recording)
    recording.unlink()
    with qtbot.waitSignal(page.message) as said:
        page.sessions.named.emit("Anna", "Bea")
    assert said.args is not None
    assert "no recording" in said.args[0]
    assert said.args[1] == "error"


def test_invalid_file_is_reported_with_a_way_back(
    qtbot: QtBot, page: SummaryPage, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("no recording at all, but long enough" * 9)
    page.show_session(tmp_path / "notes.txt")
    qtbot.waitUntil(lambda: "not a recording" in page.stack.text, timeout=WAIT)


def test_recording_without_scores_says_so(qtbot: QtBot, page: SummaryPage, tmp_path: Path) -> None:
    page.show_session(make_recording(tmp_path / "empty.mirror", seconds=0.0))
    qtbot.waitUntil(lambda: page.stack.text == EMPTY, timeout=WAIT)


def test_session_without_a_score_has_no_moments(
    qtbot: QtBot, page: SummaryPage, tmp_path: Path
) -> None:
    rows = [Score(k / 10, State.STILL) for k in range(90)]
    show(qtbot, page, make_scores_recording(tmp_path / "still.mirror", rows))
    assert page.overview.moments == []
    labels = [label for label in page.overview.findChildren(QLabel) if label.text() == NO_MOMENTS]
    assert len(labels) == 1
    assert not labels[0].isHidden()
    assert page.overview.longest.text() == page.overview.led.text().strip() == NOT_MEASURED
    cells = [page.sessions.table.item(0, column) for column in range(2, 6)]
    assert [cell.text() for cell in cells if cell is not None] == [UNDEFINED] * 4


def test_recording_that_does_not_say_when_it_was_is_shown(
    qtbot: QtBot, page: SummaryPage, recording: Path
) -> None:
    with sqlite3.connect(recording) as db:
        db.execute("DELETE FROM session WHERE key IN ('started', 'labels')")
    db.close()
    show(qtbot, page, recording)
    assert page.header.title.text() == "A and B"
    assert page.header.about.text().startswith("talk")
    assert cell(page, 0, 0) == "– (this)"


def test_only_the_recording_asked_for_last_is_shown(
    qtbot: QtBot, page: SummaryPage, recording: Path, tmp_path: Path
) -> None:
    page.show_session(recording)
    show(
        qtbot, page, make_recording(tmp_path / "other.mirror", labels=("Cid", "Dora"), seconds=8.0)
    )
    qtbot.wait(50)
    assert page.header.title.text() == "Cid and Dora"


def test_export_and_new_session(qtbot: QtBot, page: SummaryPage, recording: Path) -> None:
    show(qtbot, page, recording)
    page.header.buttons["Export…"].click()
    assert page.findChild(ExportDialog) is not None
    with qtbot.waitSignal(page.back_clicked):
        page.header.buttons["New session"].click()


def test_export_key_waits_for_the_figures(qtbot: QtBot, page: SummaryPage, recording: Path) -> None:
    (export,) = page.actions()
    page.show_session(recording)
    export.trigger()
    assert page.findChild(ExportDialog) is None
    qtbot.waitUntil(lambda: page.stack.text == "", timeout=WAIT)
    export.trigger()
    assert page.findChild(ExportDialog) is not None


def test_file_is_shown_in_its_folder(
    qtbot: QtBot, page: SummaryPage, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    show(qtbot, page, recording)
    page.header.buttons["Show file"].click()
    assert [Path(url.toLocalFile()) for url in opened] == [recording.parent]


def test_nothing_claims_rapport_or_calls_a_score_better(
    qtbot: QtBot, page: SummaryPage, recording: Path
) -> None:
    show(qtbot, page, recording)
    texts = [label.text() for label in page.findChildren(QLabel)]
    texts += [button.text() for button in page.findChildren(QPushButton)]
    said = " ".join(texts).lower()
    assert "in phase" in said
    assert not any(word in said for word in ("rapport", "better", "worse", "good", "bad"))


def test_every_control_is_named_for_a_screen_reader(
    qtbot: QtBot, page: SummaryPage, recording: Path
) -> None:
    show(qtbot, page, recording)
    reached = [
        each
        for each in page.findChildren(QWidget)
        if each.isVisible() and each.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    assert len(reached) > 8
    for each in reached:
        assert each.accessibleName() or getattr(each, "text", str)(), each


def test_rounds_of_exercises_are_listed_and_replayed(
    qtbot: QtBot, page: SummaryPage, tmp_path: Path
) -> None:
    path = tmp_path / "s.mirror"
    result = Result("Swap", "B leads", 4.0, 9.0, 3.0, Goal(hold_s=2.0), 1.5, 0.5, 0.0, 1.5)
    with Recorder(path, {"settings": Settings().to_dict(), "series": True}) as recorder:
        recorder.add_scores([Score(0.5, State.STILL), Score(9.0, State.STILL)])
        recorder.add_result(result)
        recorder.add_result(replace(result, round="long name " * 20, met_s=0.0, missed_s=0.0))
    show(qtbot, page, path)
    assert page.sessions.score.findText("Swap: share held") > 0
    assert page.overview.rounds[-1].geometry().bottom() < page.overview.shares.y()  # come first
    texts = [button.accessibleName() for button in page.overview.rounds]
    assert texts[0] == f"Swap, B leads: goal not held, longest 1.5{NO_BREAK}s of 2{NO_BREAK}s"
    assert texts[1].endswith("…: no score")
    with qtbot.waitSignal(page.replay_requested) as signal:
        qtbot.mouseClick(page.overview.rounds[0], Qt.MouseButton.LeftButton)
    assert signal.args == [path, 4.0]
    show(qtbot, page, make_recording(tmp_path / "t.mirror", seconds=8.0))
    assert page.overview.rounds == []
