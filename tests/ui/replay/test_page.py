from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFileDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

import ui.replay.page as module
from mirror.events import Event
from mirror.recording import edit
from mirror.recording.database import Database
from mirror.recording.playback import Replay
from mirror.recording.reader import Progress, Recording
from mirror.settings import Settings
from mirror.timeline import Score, State
from tests.support.recordings import (
    EVENTS,
    FRAME_RATE,
    TURN_S,
    make_recording,
    make_scores_recording,
)
from ui.replay.exporting import ExportDialog
from ui.replay.page import UNSAVED_NOTE, ReplayPage
from ui.replay.view import NO_POSES, NO_SCORE, OUTLINE
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import SHORTCUTS, Keys
from ui.widgets.frame_view import NO_DATA

Show = Callable[..., ReplayPage]
Said = list[tuple[str, str, object]]

WAIT = 10_000


def press(page: ReplayPage, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    """A key, wherever the focus is on the page."""
    page.activateWindow()
    target = QApplication.focusWidget() or page
    QTest.keyClick(target, key, modifier or Qt.KeyboardModifier.NoModifier)


def drag(page: ReplayPage, *moments: float) -> None:
    """The mouse, held down over the timeline, from moment to moment."""
    timeline = page.view.timeline
    height = timeline.height() // 2
    first, *others = (QPoint(round(timeline.x_of(moment)), height) for moment in moments)
    QTest.mousePress(timeline, Qt.MouseButton.LeftButton, pos=first)
    for place in others:
        QTest.mouseMove(timeline, place)
    QTest.mouseRelease(timeline, Qt.MouseButton.LeftButton, pos=(first, *others)[-1])


def on_disk(path: Path) -> list[Event]:
    return [event for _, event in edit.events_with_ids(path)]


# Opening and closing.


def test_recording_is_shown_from_its_start(show: Show, recording: Path) -> None:
    page = show(recording)
    assert page.placeholder_text == ""
    assert page.path == recording
    assert page.player.time == 0.0
    assert page.header.title.text() == "Anna and Ben"
    assert page.header.about.text().endswith("0:20")
    assert page.view.verdict.text.startswith("Warming up")
    assert page.event_controls.log.events == list(EVENTS)


def test_recording_is_shown_from_a_moment(show: Show, recording: Path) -> None:
    page = show(recording, 8.0)
    assert page.player.time == 8.0
    assert page.view.score is not None
    assert page.view.score.in_phase > 0.9
    assert page.view.verdict.text.startswith("In phase")


def test_opening_says_so_and_no_key_works_meanwhile(page: ReplayPage, recording: Path) -> None:
    page.open(recording)
    assert page.placeholder_text == "Opening talk.mirror …"
    assert not any(action.isEnabled() for action in page.actions())


def test_file_that_is_no_recording_is_said_with_a_way_back(
    qtbot: QtBot, page: ReplayPage, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("no recording at all, but long enough" * 9)
    page.open(tmp_path / "notes.txt")
    qtbot.waitUntil(lambda: "not a recording" in page.placeholder_text, timeout=WAIT)
    with qtbot.waitSignal(page.back_clicked):
        page.findChild(module.Placeholder).button.click()  # type: ignore[union-attr]


def test_only_the_recording_asked_for_last_is_shown(
    qtbot: QtBot, show: Show, page: ReplayPage, recording: Path, tmp_path: Path
) -> None:
    other = make_recording(tmp_path / "other.mirror", labels=("Cid", "Dora"), seconds=5.0)
    page.open(recording)
    show(other)
    qtbot.wait(50)
    assert page.header.title.text() == "Cid and Dora"


def test_moment_in_another_century_is_only_out_of_sight(show: Show, recording: Path) -> None:
    with sqlite3.connect(recording) as db:
        db.execute("UPDATE pose SET time_s = 9e9 WHERE id = (SELECT max(id) FROM pose)")
    db.close()
    page = show(recording)
    page.player.seek(9e9)
    assert page.player.time == 9e9
    assert page.view.verdict.text == NO_SCORE
    page.player.seek(8.0)
    assert page.view.verdict.text.startswith("In phase")


def test_closing_lets_go_of_everything(show: Show, recording: Path) -> None:
    page = show(recording, 8.0)
    page.player.play()
    page.close_recording()
    assert not page.player.playing
    assert page.path is None
    assert page.event_controls.log.events == []
    assert page.view.score is None
    with sqlite3.connect(recording) as db:  # nobody reads it any more
        assert db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    db.close()


def test_recording_can_be_opened_again(show: Show, recording: Path) -> None:
    show(recording).close_recording()
    assert show(recording, 8.0).view.score is not None


def test_plain_series_are_shown_without_people(show: Show, tmp_path: Path) -> None:
    rows = [Score(6 + k / 10, State.OK, in_phase=0.7, coherence=0.7) for k in range(20)]
    page = show(make_scores_recording(tmp_path / "series.mirror", rows), 6.5)
    assert page.view.tiles["a"].message == NO_POSES
    assert page.view.verdict.text == "In phase"
    assert not page.settings.isEnabled()
    page.step(1)
    assert page.player.time == pytest.approx(6.6)


def test_way_back_and_to_the_summary(qtbot: QtBot, show: Show, recording: Path) -> None:
    page = show(recording)
    with qtbot.waitSignal(page.back_clicked):
        page.header.buttons["Start page"].click()
    with qtbot.waitSignal(page.summary_requested) as summary:
        page.header.buttons["Summary"].click()
    assert summary.args == [recording]


# Moment by moment.


def test_scores_are_those_of_the_moment(show: Show, recording: Path) -> None:
    page = show(recording)
    for moment, text in ((8.0, "In phase"), (18.0, "In anti-phase"), (0.5, "Warming up")):
        page.player.seek(moment)
        assert page.view.verdict.text.startswith(text)
    assert "0:00.5" in page.controls.time.text()


def test_skeletons_are_those_of_the_moment(show: Show, recording: Path) -> None:
    page = show(recording, 3.0)
    tile = page.view.tiles["a"]
    before = tile.grab().toImage()
    page.player.seek(3.3)
    assert tile.grab().toImage() != before
    assert not tile.has_frame
    assert tile.message == ""


def test_stored_pictures_are_shown_and_can_be_hidden(
    qtbot: QtBot, show: Show, preferences: Preferences, tmp_path: Path
) -> None:
    page = show(make_recording(tmp_path / "filmed.mirror", seconds=5.0, with_video=True), 0.5)
    tile = page.view.tiles["a"]
    qtbot.waitUntil(lambda: tile.has_frame, timeout=WAIT)
    assert page.controls.skeleton.isVisible()
    page.controls.skeleton.click()
    assert preferences.skeleton_only
    qtbot.waitUntil(lambda: not tile.has_frame, timeout=WAIT)
    qtbot.keyClick(page, Qt.Key.Key_S)
    assert not page.controls.skeleton.isChecked()
    qtbot.waitUntil(lambda: tile.has_frame, timeout=WAIT)
    page.close_recording()


def test_no_two_threads_ask_one_connection(
    qtbot: QtBot, show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = show(make_recording(tmp_path / "filmed.mirror", seconds=5.0, with_video=True), 0.5)
    asked: dict[Database, set[str]] = {}
    asking = Database.query

    def noted(database: Database) -> AbstractContextManager[sqlite3.Connection]:
        asked.setdefault(database, set()).add(threading.current_thread().name)
        return asking(database)

    monkeypatch.setattr(Database, "query", noted)
    page.step(1)
    qtbot.waitUntil(lambda: {"stored frames"} in asked.values(), timeout=WAIT)
    page.step(1)
    page.close_recording()
    assert sorted(map(sorted, asked.values())) == [["MainThread"], ["stored frames"]]


def test_without_pictures_there_is_no_switch_for_them(show: Show, recording: Path) -> None:
    page = show(recording)
    assert not page.controls.skeleton.isVisible()
    assert not page.controls.actions_by_name["skeletons"].isEnabled()


def test_pictures_that_cannot_be_read_are_said(
    qtbot: QtBot, show: Show, said: Said, tmp_path: Path
) -> None:
    path = make_recording(tmp_path / "filmed.mirror", seconds=5.0, with_video=True)
    path.with_name("filmed.a.mp4").write_bytes(b"no film")
    page = show(path, 0.5)
    qtbot.waitUntil(lambda: page.view.tiles["b"].has_frame, timeout=WAIT)
    ((text, kind, _),) = said
    assert "filmed.a.mp4" in text
    assert kind == "warning"
    page.close_recording()


def test_where_a_feed_was_silent_it_says_so(show: Show, tmp_path: Path) -> None:
    rows = [Score(30.0, State.GAP)]
    path = make_recording(tmp_path / "gap.mirror", seconds=3.0)
    with sqlite3.connect(path) as db:
        db.execute("INSERT INTO score (time_s, state) VALUES (?, ?)", (30.0, str(rows[0].state)))
    db.close()
    page = show(path, 20.0)
    assert page.view.tiles["a"].message == NO_DATA
    assert page.view.verdict.text == NO_SCORE
    assert page.view.score is None
    page.player.seek(1.0)
    assert page.view.tiles["a"].message == ""


def test_damage_further_in_is_said_and_playing_stops(
    show: Show, said: Said, recording: Path
) -> None:
    with sqlite3.connect(recording) as db:
        db.execute("UPDATE pose SET landmarks = x'00' WHERE time_s > 5")
    db.close()
    page = show(recording)
    page.player.play()
    page.player.seek(6.0)
    assert not page.player.playing
    assert "is damaged" in said[0][0]
    assert said[0][1] == "error"


def test_timeline_scrubs_and_selects(qtbot: QtBot, show: Show, recording: Path) -> None:
    page = show(recording)
    moments: list[float] = []
    page.player.moved.connect(moments.append)
    drag(page, 5.0, 8.0, 16.0)
    assert moments == pytest.approx([5.0, 8.0, 16.0], abs=0.1)
    page.view.timeline.selected.emit((4.0, 6.0))
    assert page.player.selection == (4.0, 6.0)
    assert page.controls.selection.text() == "0:04.0 – 0:06.0 (2.0 s)"
    page.view.timeline.selected.emit(None)
    assert page.player.selection is None


def test_event_in_the_timeline_is_gone_to_and_chosen(show: Show, recording: Path) -> None:
    page = show(recording)
    page.view.timeline.event_activated.emit(1)
    assert page.player.time == TURN_S
    assert page.events.selected == page.event_controls.log.entries[1][0]


# Keys.


def test_every_key_of_the_table_has_its_action(page: ReplayPage) -> None:
    texts = {action.text() for action in page.actions()}
    assert {shortcut.text for shortcut in SHORTCUTS if shortcut.group == "Replay"} == texts


def test_keys_play_and_shuttle(qtbot: QtBot, show: Show, recording: Path) -> None:
    page = show(recording, 10.0)
    player = page.player
    press(page, Qt.Key.Key_Space)
    assert player.playing
    press(page, Qt.Key.Key_K)
    assert not player.playing
    press(page, Qt.Key.Key_L)
    press(page, Qt.Key.Key_L)
    assert (player.playing, player.direction, player.speed) == (True, 1, 2.0)
    press(page, Qt.Key.Key_J)
    assert (player.direction, player.speed) == (-1, 1.0)
    press(page, Qt.Key.Key_Plus)
    assert player.speed == 2.0
    press(page, Qt.Key.Key_Minus)
    press(page, Qt.Key.Key_Minus)
    assert player.speed == 0.5
    press(page, Qt.Key.Key_K)
    assert not player.playing


def test_keys_step_and_skip(show: Show, recording: Path) -> None:
    page = show(recording, 10.0)
    shift = Qt.KeyboardModifier.ShiftModifier
    press(page, Qt.Key.Key_Right)
    assert page.player.time == pytest.approx(10 + 1 / FRAME_RATE)
    press(page, Qt.Key.Key_Left)
    press(page, Qt.Key.Key_Left)
    assert page.player.time == pytest.approx(10 - 1 / FRAME_RATE)
    press(page, Qt.Key.Key_Right, shift)
    assert page.player.time == pytest.approx(11 - 1 / FRAME_RATE)
    press(page, Qt.Key.Key_Left, shift)
    press(page, Qt.Key.Key_Home)
    assert page.player.time == 0.0
    press(page, Qt.Key.Key_End)
    assert page.player.time == page.player.duration


def test_keys_select_and_loop(show: Show, recording: Path) -> None:
    page = show(recording, 5.0)
    press(page, Qt.Key.Key_BracketLeft)
    page.player.seek(7.0)
    press(page, Qt.Key.Key_BracketRight)
    assert page.player.selection == (5.0, 7.0)
    press(page, Qt.Key.Key_O)
    assert page.player.looping


def test_keys_go_from_event_to_event(show: Show, recording: Path) -> None:
    page = show(recording)
    first, second = (number for number, _ in page.event_controls.log.entries)
    press(page, Qt.Key.Key_N)
    assert (page.player.time, page.events.selected) == (2.0, first)
    press(page, Qt.Key.Key_N)
    assert (page.player.time, page.events.selected) == (TURN_S, second)
    press(page, Qt.Key.Key_N)
    assert page.player.time == TURN_S
    press(page, Qt.Key.Key_P)
    assert (page.player.time, page.events.selected) == (2.0, first)


def test_mark_is_made_named_undone_and_redone_from_the_keyboard(
    qtbot: QtBot, show: Show, recording: Path
) -> None:
    page = show(recording, 5.0)
    press(page, Qt.Key.Key_M)
    assert Event(5.0, "mark", "") in on_disk(recording)
    field = page.events.table.viewport().findChild(QLineEdit)  # type: ignore[union-attr]
    qtbot.keyClicks(field, "M: laughs")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    named = Event(5.0, "mark", "M: laughs")
    qtbot.waitUntil(lambda: on_disk(recording) == [EVENTS[0], named, EVENTS[1]])
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    press(page, Qt.Key.Key_Z, control)
    assert on_disk(recording) == list(EVENTS)
    press(page, Qt.Key.Key_Z, control | shift)
    assert on_disk(recording) == [EVENTS[0], named, EVENTS[1]]


def test_chosen_event_is_deleted_by_its_key(show: Show, recording: Path) -> None:
    page = show(recording)
    press(page, Qt.Key.Key_Delete)
    assert len(on_disk(recording)) == 2
    press(page, Qt.Key.Key_N)
    press(page, Qt.Key.Key_Delete)
    assert on_disk(recording) == [EVENTS[1]]


def test_undo_is_offered_when_there_is_something_to_undo(
    show: Show, page: ReplayPage, keys: Keys, recording: Path
) -> None:
    show(recording)
    by_text = {action.text(): action for action in page.actions()}
    undo, redo = by_text["Undo"], by_text["Redo"]
    assert not undo.isEnabled()
    page.event_controls.log.add(Event(1.0, "mark", ""))
    assert undo.isEnabled()
    undo.trigger()
    assert not undo.isEnabled()
    assert redo.isEnabled()


# Events on disk.


def test_event_is_shown_in_the_list_and_in_the_timeline(show: Show, recording: Path) -> None:
    page = show(recording)
    before = page.view.timeline.grab().toImage()
    page.event_controls.log.add(Event(15.0, "mark", "later"))
    assert page.events.table.rowCount() == 3
    assert page.view.timeline.grab().toImage() != before


def test_event_that_cannot_be_written_is_said_and_is_as_on_disk(
    show: Show, said: Said, recording: Path
) -> None:
    page = show(recording)
    item = page.events.table.item(0, 2)
    assert item is not None
    edit.delete_event(recording, page.event_controls.log.entries[0][0])
    item.setText("gone")
    assert "no event" in said[0][0]
    assert said[0][1] == "error"
    assert page.event_controls.log.events == [EVENTS[1]]
    assert page.events.table.rowCount() == 1


def test_what_is_no_moment_is_said(show: Show, said: Said, recording: Path) -> None:
    page = show(recording)
    item = page.events.table.item(0, 0)
    assert item is not None
    item.setText("soon")
    assert "'soon' is not a time" in said[0][0]
    assert on_disk(recording) == list(EVENTS)


# Other settings.


def rescored(qtbot: QtBot, page: ReplayPage, settings: Settings) -> None:
    with qtbot.waitSignal(page.rescorer.computed, timeout=WAIT):
        page.settings.changed.emit(settings)


def test_other_settings_are_computed_shown_and_marked_as_not_saved(
    qtbot: QtBot, show: Show, recording: Path
) -> None:
    page = show(recording, 3.0)
    assert page.view.verdict.text.startswith("Warming up")
    page.player.select((2.0, 9.0))
    page.view.timeline.zoom(0.5)
    visible = page.view.timeline.visible
    rescored(qtbot, page, Settings(window=2.0))
    assert page.rescored_bar.text == "Not saved: window 2 s, band 0.5–3 Hz"
    assert page.view.verdict.text.startswith("In phase")
    assert page.settings.settings() == Settings(window=2.0)
    assert (page.player.time, page.player.selection) == (3.0, (2.0, 9.0))
    assert page.view.timeline.visible == pytest.approx(visible, abs=0.5)


def test_back_to_as_recorded(qtbot: QtBot, show: Show, recording: Path) -> None:
    page = show(recording, 3.0)
    recorded = page.settings.settings()
    rescored(qtbot, page, Settings(window=2.0))
    page.rescored_bar.revert_button.click()
    assert page.rescored_bar.text == ""
    assert page.view.verdict.text.startswith("Warming up")
    assert page.settings.settings() == recorded


def test_recorded_settings_need_no_computing(qtbot: QtBot, show: Show, recording: Path) -> None:
    page = show(recording, 3.0)
    recorded = page.settings.settings()
    rescored(qtbot, page, Settings(window=2.0))
    page.settings.changed.emit(recorded)
    assert page.rescored_bar.text == ""
    assert not page.scoring.isVisible()
    assert page.view.verdict.text.startswith("Warming up")


def test_cancelled_settings_are_taken_back(
    qtbot: QtBot, show: Show, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    def endless(_recording: Recording, _settings: Settings, progress: Callable[..., None]) -> None:
        while True:
            progress(1, 100)
            begun.set()

    monkeypatch.setattr("ui.replay.rescoring.score_again", endless)
    page = show(recording)
    recorded = page.settings.settings()
    other = Settings(window=2.0)
    page.settings.set_settings(other)
    page.settings.changed.emit(other)
    assert begun.wait(10)
    assert page.scoring.isVisible()
    with qtbot.waitSignal(page.rescorer.discarded, timeout=WAIT):
        page.scoring.cancel.click()
    assert page.settings.settings() == recorded
    assert page.rescored_bar.text == ""


def test_new_scores_are_saved_as_a_new_recording_and_opened(
    qtbot: QtBot, show: Show, said: Said, recording: Path
) -> None:
    page = show(recording, 3.0)
    rescored(qtbot, page, Settings(window=2.0))
    page.rescored_bar.save_button.click()
    dialog = page.rescored_bar.findChild(QFileDialog)
    assert dialog is not None
    with qtbot.waitSignal(page.rescorer.saved, timeout=WAIT):
        dialog.accept()
    new = recording.with_name("talk window 2 s band 0.5 3 Hz.mirror")
    assert page.rescored_bar.text.startswith(f"Saved as {new.name}")
    assert said[-1] == (f"Saved as {new.name}", "notice", None)
    with qtbot.waitSignal(page.replay_requested) as other:
        page.rescored_bar.open_button.click()
    assert other.args == [new, 3.0]
    with qtbot.waitSignal(page.opened, timeout=WAIT):
        page.open(*other.args)
    assert page.player.time == 3.0
    assert page.settings.settings() == Settings(window=2.0)
    with Replay.open(new) as saved:
        assert saved.settings == Settings(window=2.0)


def test_settings_that_cannot_be_computed_are_said(
    qtbot: QtBot, show: Show, said: Said, recording: Path
) -> None:
    page = show(recording)
    recorded = page.settings.settings()
    recording.rename(recording.with_name("moved.mirror"))
    with qtbot.waitSignal(page.rescorer.discarded, timeout=WAIT):
        page.settings.changed.emit(Settings(window=2.0))
    assert "no recording" in said[0][0]
    assert page.settings.settings() == recorded


# A long recording shows itself before all of its rows are read.


class Slow:
    """Reading that begins when it is told to, in place of one that takes seconds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go_on = threading.Event()
        self.ended = threading.Event()
        read = Replay.read

        def waiting(replay: Replay, progress: Progress) -> None:
            try:
                assert self.go_on.wait(10)
                read(replay, progress)
            finally:
                self.ended.set()

        monkeypatch.setattr("mirror.recording.playback.OUTLINE", 20)
        monkeypatch.setattr(Replay, "read", waiting)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    slow = Slow(monkeypatch)
    yield slow
    slow.go_on.set()


def rows_shown(page: ReplayPage) -> str:
    return page.view.timeline.accessibleDescription()


def numbers(page: ReplayPage) -> tuple[float, float, float]:
    score = page.view.score
    assert score is not None
    return score.time_s, score.in_phase, score.anti_phase


def test_long_recording_can_be_moved_about_in_while_it_is_read(
    qtbot: QtBot, show: Show, slow: Slow, recording: Path
) -> None:
    page = show(recording, 8.0)
    assert OUTLINE in rows_shown(page)
    with Recording.open(recording) as opened:
        rows = {row.time_s: (row.time_s, row.in_phase, row.anti_phase) for row in opened}
    for moment in (8.0, 15.3, 6.2, 19.0):
        page.player.seek(moment)
        assert page.view.score is not None
        assert page.view.score.time_s == pytest.approx(moment, abs=0.1)
        assert numbers(page) == rows[page.view.score.time_s]
    drag(page, 12.0)
    assert page.player.time == pytest.approx(12.0, abs=0.2)
    with qtbot.waitSignal(page.row_loading.finished, timeout=WAIT):
        slow.go_on.set()
    assert OUTLINE not in rows_shown(page)
    assert page.view.score is not None
    assert page.view.score.time_s == pytest.approx(page.player.time, abs=0.1)


def test_reading_stops_where_the_recording_is_closed(
    qtbot: QtBot, show: Show, slow: Slow, recording: Path
) -> None:
    page = show(recording)
    page.close_recording()
    slow.go_on.set()
    assert slow.ended.wait(10)
    show(make_recording(recording.with_name("short.mirror"), seconds=1.0))
    qtbot.wait(50)
    assert OUTLINE not in rows_shown(page)
    with sqlite3.connect(recording) as db:  # nobody reads it any more
        assert db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    db.close()


def test_other_scores_stay_when_all_rows_are_read(
    qtbot: QtBot, show: Show, slow: Slow, recording: Path
) -> None:
    page = show(recording, 12.0)
    rescored(qtbot, page, Settings(window=2.0))
    new = numbers(page)
    with qtbot.waitSignal(page.row_loading.finished, timeout=WAIT):
        slow.go_on.set()
    page.player.seek(13.0)
    page.player.seek(12.0)
    assert numbers(page) == new
    page.rescored_bar.revert_button.click()
    assert numbers(page) != new
    assert OUTLINE not in rows_shown(page)


def test_rows_that_cannot_be_read_are_said_over_the_outline(
    qtbot: QtBot, show: Show, slow: Slow, said: Said, recording: Path
) -> None:
    with sqlite3.connect(recording) as db:
        (count,) = db.execute("SELECT count(*) FROM score").fetchone()
        outlined = {1 + k * (count - 1) // 19 for k in range(20)}
        damaged = next(row for row in range(90, count) if row not in outlined)
        db.execute("UPDATE score SET lag_s = 'late' WHERE rowid = ?", (damaged,))
        (moment,) = db.execute("SELECT time_s FROM score WHERE rowid = ?", (damaged,)).fetchone()
    db.close()
    page = show(recording)
    page.player.seek(moment)
    assert "a score is not a number" in said[-1][0]
    with qtbot.waitSignal(page.row_loading.failed, timeout=WAIT):
        slow.go_on.set()
    assert said[-1][1] == "error"
    assert OUTLINE in rows_shown(page)
    page.player.seek(5.0)
    assert page.view.score is not None


# Export.


def test_export_takes_the_selection(show: Show, recording: Path) -> None:
    page = show(recording)
    page.player.select((5.0, 7.0))
    press(page, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    dialog = page.findChild(ExportDialog)
    assert dialog is not None
    assert dialog.part.isChecked()
    assert dialog.note.isHidden()


def test_export_says_that_unsaved_scores_are_not_in_it(
    qtbot: QtBot, show: Show, recording: Path
) -> None:
    page = show(recording)
    rescored(qtbot, page, Settings(window=2.0))
    page.header.buttons["Export …"].click()
    dialog = page.findChild(ExportDialog)
    assert dialog is not None
    assert dialog.note.text() == UNSAVED_NOTE


def test_export_is_said_in_the_window(
    qtbot: QtBot, show: Show, said: Said, recording: Path, tmp_path: Path
) -> None:
    page = show(recording)
    page.exporter.export(recording, "csv", tmp_path / "out.csv")
    qtbot.waitUntil(lambda: bool(said), timeout=WAIT)
    assert said[0][:2] == (f"Exported to {tmp_path / 'out.csv'}", "notice")


# Without a mouse, and without seeing it.


def by_tab(page: ReplayPage) -> list[QWidget]:
    """Every control that Tab comes to, in that order, from the first button on."""
    first = page.header.buttons["Summary"]
    found, each = [first], first.nextInFocusChain()
    while each is not None and each is not first:
        if (
            page.isAncestorOf(each)
            and each.isVisible()
            and each.isEnabled()
            and each.focusPolicy() & Qt.FocusPolicy.TabFocus
        ):
            found.append(each)
        each = each.nextInFocusChain()
    return found


def test_tab_goes_through_the_page_as_one_reads_it(show: Show, recording: Path) -> None:
    page = show(recording)
    page.player.select((5.0, 7.0))
    order = by_tab(page)
    places = [
        [order.index(each) for each in order if part.isAncestorOf(each)]
        for part in (page.header, page.view, page.events, page.controls)
    ]
    assert all(places)
    flat = [place for part in places for place in part]
    assert flat == sorted(flat)
    controls = [each for each in order if page.controls.isAncestorOf(each)]
    assert [each.x() for each in controls] == sorted(each.x() for each in controls)
    assert len(controls) == 12


def test_every_control_is_named_for_a_screen_reader(show: Show, recording: Path) -> None:
    page = show(recording)
    for each in by_tab(page):
        text = getattr(each, "text", str)()
        assert each.accessibleName() or text, each
