from __future__ import annotations

import math
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPushButton, QSlider, QWidget
from pytestqt.qtbot import QtBot

from mirror.capture.synthetic.postures import hold, take_over
from mirror.events import Event
from mirror.landmarks import FEEDS
from mirror.recording import edit
from mirror.recording.database import Database
from mirror.recording.playback import Replay, row_at
from mirror.recording.reader import Progress, Recording
from mirror.recording.repair import Repair
from mirror.recording.rescore import RecordedMovement, rescore, score_again
from mirror.recording.writer import Recorder
from mirror.report.facts import read_facts
from mirror.settings import Settings
from mirror.timeline import PostureState, Score, Span, State, Timeline
from tests.support.people import landmarks
from tests.support.postures import RATE as POSTURE_RATE
from tests.support.postures import people
from tests.support.recordings import (
    EVENTS,
    FRAME_RATE,
    TURN_S,
    make_recording,
    make_scores_recording,
)
from ui.replay.exporting import ExportDialog
from ui.replay.page import UNSAVED_NOTE, ReplayPage
from ui.replay.view import NO_POSES, NO_SCORE, OUTLINE, SCORING
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import SHORTCUTS, Keys
from ui.widgets.frame_view import NO_DATA

Show = Callable[..., ReplayPage]
Messages = list[tuple[str, str, object]]

WAIT = 10_000


def press(page: ReplayPage, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    """Press a key at the widget with the focus."""
    page.activateWindow()
    target = QApplication.focusWidget() or page
    QtBot.keyClick(target, key, modifier or Qt.KeyboardModifier.NoModifier)


def drag(page: ReplayPage, *moments: float) -> None:
    """Drag the mouse over the timeline from time to time."""
    timeline = page.view.timeline
    height = timeline.height() // 2
    first, *others = (QPoint(round(timeline.x_of(moment)), height) for moment in moments)
    QtBot.mousePress(timeline, Qt.MouseButton.LeftButton, pos=first)
    for place in others:
        QtBot.mouseMove(timeline, place)
    QtBot.mouseRelease(timeline, Qt.MouseButton.LeftButton, pos=(first, *others)[-1])


def on_disk(path: Path) -> list[Event]:
    return [event for _, event in edit.events_with_ids(path)]


# Opening and closing.


def test_opens_recording_at_its_first_score(show: Show, recording: Path) -> None:
    page = show(recording)
    assert page.player.time == pytest.approx(4.0, abs=0.11)  # the window is 4 s long
    assert page.view.verdict.text == "In phase"
    page = show(recording, 0.0)
    assert page.stack.text == ""
    assert page.path == recording
    assert page.player.time == 0.0
    assert page.header.title.text() == "Anna and Ben"
    assert page.header.about.text().endswith("0:20")
    assert page.view.verdict.text.startswith("Warming up")
    assert page.event_controls.log.events == list(EVENTS)


def test_opens_recording_at_a_time(show: Show, recording: Path) -> None:
    page = show(recording, 8.0)
    assert page.player.time == 8.0
    assert page.view.score is not None
    assert page.view.score.in_phase > 0.9
    assert page.view.verdict.text.startswith("In phase")


def test_actions_are_disabled_while_opening(page: ReplayPage, recording: Path) -> None:
    page.open(recording)
    assert page.stack.text == "Opening talk.mirror…"
    assert not any(action.isEnabled() for action in page.actions())


def test_invalid_file_shows_error_and_way_back(
    qtbot: QtBot, page: ReplayPage, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("no recording at all, but long enough" * 9)
    page.open(tmp_path / "notes.txt")
    qtbot.waitUntil(lambda: "not a recording" in page.stack.text, timeout=WAIT)
    with qtbot.waitSignal(page.back_clicked):
        next(b for b in page.findChildren(QPushButton) if b.isVisible()).click()


def test_shows_only_the_last_recording_opened(
    qtbot: QtBot, show: Show, page: ReplayPage, recording: Path, tmp_path: Path
) -> None:
    other = make_recording(tmp_path / "other.mirror", labels=("Cid", "Dora"), seconds=5.0)
    page.open(recording)
    show(other)
    qtbot.wait(50)
    assert page.header.title.text() == "Cid and Dora"


def test_far_future_pose_does_not_break_the_view(show: Show, recording: Path) -> None:
    with sqlite3.connect(recording) as db:
        db.execute("UPDATE pose SET time_s = 9e9 WHERE id = (SELECT max(id) FROM pose)")
    db.close()
    page = show(recording)
    page.player.seek(9e9)
    assert page.player.time == 9e9
    assert page.view.verdict.text == NO_SCORE
    page.player.seek(8.0)
    assert page.view.verdict.text.startswith("In phase")


def test_closing_releases_everything(show: Show, recording: Path) -> None:
    page = show(recording, 8.0)
    page.player.play()
    page.close_recording()
    assert not page.player.playing
    assert page.path is None
    assert page.event_controls.log.events == []
    assert page.view.score is None
    with sqlite3.connect(recording) as db:  # no reader is left
        assert db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    db.close()


def test_reopens_recording(show: Show, recording: Path) -> None:
    show(recording).close_recording()
    assert show(recording, 8.0).view.score is not None


def test_shows_plain_series_without_people(show: Show, tmp_path: Path) -> None:
    rows = [Score(6 + k / 10, State.OK, in_phase=0.7, coherence=0.7) for k in range(20)]
    page = show(make_scores_recording(tmp_path / "series.mirror", rows), 6.5)
    assert page.view.tiles["a"].message == NO_POSES
    assert page.view.verdict.text == "In phase"
    assert not page.settings.isEnabled()
    page.step(1)
    assert page.player.time == pytest.approx(6.6)


def test_buttons_lead_back_and_to_summary(qtbot: QtBot, show: Show, recording: Path) -> None:
    page = show(recording)
    with qtbot.waitSignal(page.back_clicked):
        page.header.buttons["Back"].click()
    with qtbot.waitSignal(page.summary_requested) as summary:
        page.header.buttons["Summary"].click()
    assert summary.args == [recording]


# Moment by moment.


def test_shows_scores_at_current_time(show: Show, recording: Path) -> None:
    page = show(recording)
    for moment, text in ((8.0, "In phase"), (18.0, "In anti-phase"), (0.5, "Warming up")):
        page.player.seek(moment)
        assert page.view.verdict.text.startswith(text)
    assert "0:00.5" in page.controls.time.text()


def test_shows_skeletons_at_current_time(show: Show, recording: Path) -> None:
    page = show(recording, 3.0)
    tile = page.view.tiles["a"]
    before = tile.grab().toImage()
    page.player.seek(3.3)
    assert tile.grab().toImage() != before
    assert not tile.frame_view.has_frame
    assert tile.message == ""


def test_shows_and_hides_stored_frames(
    qtbot: QtBot, show: Show, preferences: Preferences, tmp_path: Path
) -> None:
    page = show(make_recording(tmp_path / "filmed.mirror", seconds=5.0, with_video=True), 0.5)
    tile = page.view.tiles["a"]
    qtbot.waitUntil(lambda: tile.frame_view.has_frame, timeout=WAIT)
    assert page.controls.skeleton.isVisible()
    page.controls.skeleton.click()
    assert preferences.skeleton_only
    qtbot.waitUntil(lambda: not tile.frame_view.has_frame, timeout=WAIT)
    qtbot.keyClick(page, Qt.Key.Key_S)
    assert not page.controls.skeleton.isChecked()
    qtbot.waitUntil(lambda: tile.frame_view.has_frame, timeout=WAIT)
    page.close_recording()


def test_threads_do_not_share_connections(
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


def test_no_skeleton_switch_without_frames(show: Show, recording: Path) -> None:
    page = show(recording)
    assert not page.controls.skeleton.isVisible()
    assert not page.controls.actions_by_name["skeletons"].isEnabled()


def test_reports_unreadable_video(
    qtbot: QtBot, show: Show, messages: Messages, tmp_path: Path
) -> None:
    path = make_recording(tmp_path / "filmed.mirror", seconds=5.0, with_video=True)
    path.with_name("filmed.a.mp4").write_bytes(b"no film")
    page = show(path, 0.5)
    qtbot.waitUntil(lambda: page.view.tiles["b"].frame_view.has_frame, timeout=WAIT)
    ((text, kind, _),) = messages
    assert "filmed.a.mp4" in text
    assert kind == "warning"
    page.close_recording()


def test_feed_without_data_shows_so(show: Show, tmp_path: Path) -> None:
    path = make_recording(tmp_path / "gap.mirror", seconds=3.0)
    with sqlite3.connect(path) as db:
        query = "INSERT INTO score (time_s, state, posture_state) VALUES (?, ?, ?)"
        db.execute(query, (30.0, str(State.GAP), str(PostureState.GAP)))
    db.close()
    page = show(path, 20.0)
    assert page.view.tiles["a"].message == NO_DATA
    assert page.view.verdict.text == NO_SCORE
    assert page.view.score is None
    page.player.seek(1.0)
    assert page.view.tiles["a"].message == ""


def test_damage_is_reported_and_stops_playback(
    show: Show, messages: Messages, recording: Path
) -> None:
    with sqlite3.connect(recording) as db:
        db.execute("UPDATE pose SET landmarks = x'00' WHERE time_s > 5")
    db.close()
    page = show(recording)
    page.player.play()
    page.player.seek(6.0)
    assert not page.player.playing
    assert "is damaged" in messages[0][0]
    assert messages[0][1] == "error"


def test_timeline_moves_cursor_and_selects(qtbot: QtBot, show: Show, recording: Path) -> None:
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


def test_timeline_event_is_sought_and_selected(show: Show, recording: Path) -> None:
    page = show(recording)
    page.view.timeline.event_activated.emit(1)
    assert page.player.time == TURN_S
    assert page.events.selected == page.event_controls.log.entries[1][0]


# Keys.


def test_every_replay_shortcut_has_an_action(page: ReplayPage) -> None:
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
    page = show(recording, 0.0)
    first, second = (number for number, _ in page.event_controls.log.entries)
    press(page, Qt.Key.Key_N)
    assert (page.player.time, page.events.selected) == (2.0, first)
    press(page, Qt.Key.Key_N)
    assert (page.player.time, page.events.selected) == (TURN_S, second)
    press(page, Qt.Key.Key_N)
    assert page.player.time == TURN_S
    press(page, Qt.Key.Key_P)
    assert (page.player.time, page.events.selected) == (2.0, first)


def test_keys_go_to_the_best_moments_of_the_summary(show: Show, recording: Path) -> None:
    page, shift = show(recording, 0.0), Qt.KeyboardModifier.ShiftModifier
    with Recording.open(recording) as stored:
        starts = sorted({each.start_s for each in read_facts(stored, Span()).moments})
    assert len(starts) >= 2
    for start in (*starts, starts[-1]):  # there is none after the last
        press(page, Qt.Key.Key_B)
        assert page.player.time == start
    press(page, Qt.Key.Key_B, shift)
    assert page.player.time == starts[-2]


def test_keys_add_name_undo_and_redo_a_mark(qtbot: QtBot, show: Show, recording: Path) -> None:
    page = show(recording, 5.0)
    press(page, Qt.Key.Key_M)
    assert Event(5.0, "mark", "") in on_disk(recording)
    field = page.events.table.findChild(QLineEdit)
    qtbot.keyClicks(field, "M: laughs")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    named = Event(5.0, "mark", "M: laughs")
    qtbot.waitUntil(lambda: on_disk(recording) == [EVENTS[0], named, EVENTS[1]])
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    press(page, Qt.Key.Key_Z, control)
    assert on_disk(recording) == list(EVENTS)
    press(page, Qt.Key.Key_Z, control | shift)
    assert on_disk(recording) == [EVENTS[0], named, EVENTS[1]]


def test_key_deletes_selected_event(show: Show, recording: Path) -> None:
    page = show(recording, 0.0)
    press(page, Qt.Key.Key_Delete)
    assert len(on_disk(recording)) == 2
    press(page, Qt.Key.Key_N)
    press(page, Qt.Key.Key_Delete)
    assert on_disk(recording) == [EVENTS[1]]


def test_undo_is_enabled_with_history(
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


def test_event_appears_in_list_and_timeline(show: Show, recording: Path) -> None:
    page = show(recording)
    before = page.view.timeline.grab().toImage()
    page.event_controls.log.add(Event(15.0, "mark", "later"))
    assert page.events.table.rowCount() == 3
    assert page.view.timeline.grab().toImage() != before


def test_failed_edit_is_reported_and_reverted(
    show: Show, messages: Messages, recording: Path
) -> None:
    page = show(recording)
    item = page.events.table.item(0, 2)
    assert item is not None
    edit.delete_event(recording, page.event_controls.log.entries[0][0])
    item.setText("gone")
    assert "no event" in messages[0][0]
    assert messages[0][1] == "error"
    assert page.event_controls.log.events == [EVENTS[1]]
    assert page.events.table.rowCount() == 1


def test_reports_invalid_time(show: Show, messages: Messages, recording: Path) -> None:
    page = show(recording)
    item = page.events.table.item(0, 0)
    assert item is not None
    item.setText("soon")
    assert "'soon' is not a time" in messages[0][0]
    assert on_disk(recording) == list(EVENTS)


# Other settings.


def rescored(qtbot: QtBot, page: ReplayPage, settings: Settings) -> None:
    page.settings.set_settings(settings)
    with qtbot.waitSignal(page.rescorer.computed, timeout=WAIT):
        page.settings.changed.emit(settings)


def test_new_settings_are_scored_and_shown_as_unsaved(
    qtbot: QtBot, show: Show, recording: Path
) -> None:
    page = show(recording, 3.0)
    assert page.view.verdict.text.startswith("Warming up")
    page.player.select((2.0, 9.0))
    page.view.timeline.zoom(0.5)
    visible = page.view.timeline.visible
    rescored(qtbot, page, Settings(window=2.0))
    assert page.rescored_bar.text == "Not saved: window 2 s, band 0.5–3 Hz"
    assert page.unsaved == "window 2 s, band 0.5–3 Hz"
    assert page.view.verdict.text.startswith("In phase")
    assert page.settings.settings() == Settings(window=2.0)
    assert (page.player.time, page.player.selection) == (3.0, (2.0, 9.0))
    assert page.view.timeline.visible == pytest.approx(visible, abs=0.5)


def test_reverts_to_recorded_scores(qtbot: QtBot, show: Show, recording: Path) -> None:
    page = show(recording, 3.0)
    recorded = page.settings.settings()
    rescored(qtbot, page, Settings(window=2.0))
    page.rescored_bar.revert_button.click()
    assert page.rescored_bar.text == page.unsaved == ""
    assert page.view.verdict.text.startswith("Warming up")
    assert page.settings.settings() == recorded


def test_recorded_settings_need_no_rescoring(qtbot: QtBot, show: Show, recording: Path) -> None:
    page = show(recording, 3.0)
    recorded = page.settings.settings()
    rescored(qtbot, page, Settings(window=2.0))
    page.settings.changed.emit(recorded)
    assert page.rescored_bar.text == ""
    assert not page.scoring.isVisible()
    assert page.view.verdict.text.startswith("Warming up")


def test_cancelled_settings_are_reverted(
    qtbot: QtBot, show: Show, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    score = RecordedMovement.score

    def endless(movement: RecordedMovement, settings: Settings, progress: Progress) -> Timeline:
        while settings.window == 3.0:
            progress(1, 100)
        return score(movement, settings, progress)

    monkeypatch.setattr(RecordedMovement, "score", endless)
    page = show(recording)
    recorded = page.settings.settings()
    for before in (recorded, Settings(window=2.0)):
        if before != recorded:
            rescored(qtbot, page, before)
        note = page.rescored_bar.text
        page.settings.window_length.setValue(3.0)
        qtbot.waitUntil(page.scoring.isVisible, timeout=WAIT)
        assert SCORING in rows_shown(page)
        assert "window 3 s" in page.rescored_bar.text
        with qtbot.waitSignal(page.rescorer.discarded, timeout=WAIT):
            page.scoring.cancel.click()
        assert page.settings.settings() == before
        assert page.rescored_bar.text == note
        assert SCORING not in rows_shown(page)


def test_sliders_rescore_while_they_move(
    qtbot: QtBot, show: Show, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only scores with the newest settings are shown, those in view first; nothing is written."""
    go_on = threading.Event()
    score, threads = RecordedMovement.score, []

    def slowly(movement: RecordedMovement, settings: Settings, progress: Progress) -> Timeline:
        threads.append(threading.current_thread())
        while not go_on.wait(0.01):
            progress(0, 100)
        return score(movement, settings, progress)

    monkeypatch.setattr(RecordedMovement, "score", slowly)
    before = {path: path.read_bytes() for path in recording.parent.iterdir()}
    page = show(recording, 15.0)
    outlines: list[Settings] = []
    page.rescorer.outlined.connect(lambda settings, *_: outlines.append(settings))
    slider = next(
        each
        for each in page.settings.findChildren(QSlider)
        if each.accessibleName().startswith("Window")
    )
    sought = [3.5, 3.0, 2.5, 2.0]
    for window in sought[:3]:
        slider.setValue(slider.value() - 1)
        assert page.settings.settings().window == window
    with qtbot.waitSignal(page.rescorer.outlined, timeout=WAIT):
        slider.setValue(slider.value() - 1)
    last = Settings(window=2.0)
    assert outlines[-1] == page.settings.settings() == last
    assert "window 2 s" in page.rescored_bar.text
    assert SCORING in rows_shown(page)
    with Recording.open(recording) as opened:
        whole = score_again(opened, last, lambda *_: None)
    for moment in (15.0, 3.0):
        page.player.seek(moment)  # also where no row of the outline is
        found, expected = page.view.score, row_at(whole, moment, last.hop)
        assert found is not None
        assert expected is not None
        assert math.isnan(found.chance_in_phase)
        nan = math.nan
        bare = replace(
            expected,
            chance_in_phase=nan,
            chance_anti_phase=nan,
            chance_mirroring=nan,
            posture_state=PostureState.NOT_SCORED,
        )
        assert Timeline.from_scores([found]).equals(Timeline.from_scores([bare]))
    with qtbot.waitSignal(page.rescorer.computed, timeout=WAIT) as computed:
        go_on.set()
    settings, timeline = computed.args
    assert settings == last
    assert timeline.equals(whole)
    assert SCORING not in rows_shown(page)
    assert threading.main_thread() not in threads
    page.close_recording()
    assert {path: path.read_bytes() for path in recording.parent.iterdir()} == before


def test_settings_that_changed_in_the_session_are_not_unsaved(show: Show, tmp_path: Path) -> None:
    changed = [{"time_s": 9.0, "settings": Settings(window=2.0).to_dict()}]
    page = show(make_recording(tmp_path / "changed.mirror", changes=changed))
    assert page.unsaved == ""


def test_new_recording_is_named_after_what_is_changed_now(
    qtbot: QtBot, show: Show, recording: Path, room: Path, tmp_path: Path
) -> None:
    def suggested(by: Callable[[], object]) -> str:
        by()
        dialog = page.findChildren(QFileDialog)[-1]
        (name,) = dialog.selectedFiles()
        return name

    page = show(recording)
    rescored(qtbot, page, Settings(window=4.0, band=(0.3, 2.0)))
    button = page.rescored_bar.save_button
    assert suggested(button.click) == str(tmp_path / "talk band 0.3 2 Hz.mirror")
    dialog = page.findChildren(QFileDialog)[-1]
    with qtbot.waitSignal(page.rescorer.saved, timeout=WAIT) as saved:
        dialog.accept()
    assert saved.args[1] == tmp_path / "talk band 0.3 2 Hz.mirror"
    page = show(room, 5.0)
    page.exchange_here()  # nothing is scored yet
    assert page.unsaved == "who is who corrected once"
    assert page.rescored_bar.text == ""
    assert suggested(page.ask_to_save) == str(tmp_path / "room who is who corrected once.mirror")


def test_report_is_written_from_replay(
    qtbot: QtBot, show: Show, recording: Path, messages: Messages
) -> None:
    page = show(recording)
    page.header.buttons["Report…"].click()
    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.selectedFiles() == [str(recording.with_name("talk report.pdf"))]
    dialog.fileSelected.emit(str(recording.with_name("report.html")))
    qtbot.waitUntil(lambda: bool(messages), timeout=WAIT)
    assert messages[0][1] == "notice"
    assert "Anna and Ben" in recording.with_name("report.html").read_text()
    dialog.reject()


def listed(page: ReplayPage) -> list[tuple[str, ...]]:
    """Return the texts of the list of events, row by row."""
    table = page.events.table
    rows = range(table.rowCount())
    cells = [[table.item(row, column) for column in range(3)] for row in rows]
    return [tuple(each.text() for each in row if each is not None) for row in cells]


def test_events_are_those_of_the_scores_that_are_shown(
    qtbot: QtBot, show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Postures taken over with one mapping are not with the other one; a mark stays."""
    settings = Settings(rate=POSTURE_RATE)
    leader = hold(1, 100.0)
    both = people(leader, 100.0), people(take_over(leader, 2, (0.5, 3.0)), 100.0, feed="b")
    with Recorder(tmp_path / "raw.mirror", {"settings": settings.to_dict()}) as recorder:
        for pair in zip(*both, strict=True):
            for feed, each in zip(FEEDS, pair, strict=True):
                recorder.add_pose(feed, each)
    with Recording.open(tmp_path / "raw.mirror") as opened:
        _, path = rescore(opened, tmp_path / "held.mirror", settings)
    edit.add_event(path, Event(40.0, "mark", "hello"))
    page = show(path)
    recorded = listed(page)
    assert len(recorded) > 4
    assert {kind for _, kind, _ in recorded} == {"Mark", "Mirrored posture"}

    during: list[set[str]] = []
    page.rescorer.outlined.connect(lambda *_: during.append({kind for _, kind, _ in listed(page)}))
    rescored(qtbot, page, settings.changed(mapping="same-side", window=2.0))
    assert during == [{"Mark"}]  # not yet found in the outline of new rows
    shown = listed(page)
    assert shown != recorded
    with qtbot.waitSignal(page.rescorer.saved, timeout=WAIT) as saved:
        page.save(tmp_path / "new.mirror")
    with Recording.open(saved.args[1]) as written:
        assert [text for *_, text in shown] == [each.text for each in written.events()]
    assert ("0:40.0", "Mark", "hello") in shown

    rescored(qtbot, page, settings.changed(window=2.0))
    for number, event in page.event_controls.log.entries:  # only the mark is in the file
        page.events.select(number)
        is_mark = event.kind == "mark"
        assert page.events.delete_button.isEnabled() is is_mark
        item = page.events.table.currentItem()
        assert item is not None
        assert bool(item.flags() & Qt.ItemFlag.ItemIsEditable) is is_mark
    shown = listed(page)
    assert len(shown) > 4

    def endless(_movement: object, _settings: object, progress: Progress) -> None:
        while True:
            progress(1, 100)

    monkeypatch.setattr(RecordedMovement, "score", endless)
    with qtbot.waitSignal(page.rescorer.outlined, timeout=WAIT):
        page.settings.changed.emit(settings.changed(window=3.0))
    with qtbot.waitSignal(page.rescorer.discarded, timeout=WAIT):
        page.scoring.cancel.click()
    assert during[-1] == {"Mark"}
    assert listed(page) == shown
    page.rescored_bar.revert_button.click()
    assert listed(page) == recorded


def test_saves_and_opens_new_recording(
    qtbot: QtBot, show: Show, messages: Messages, recording: Path
) -> None:
    page = show(recording, 3.0)
    rescored(qtbot, page, Settings(window=2.0))
    page.rescored_bar.save_button.click()
    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    with qtbot.waitSignal(page.rescorer.saved, timeout=WAIT):
        dialog.accept()
    new = recording.with_name("talk window 2 s band 0.5 3 Hz.mirror")
    assert page.rescored_bar.text.startswith(f"Saved as {new.name}")
    assert page.unsaved == ""
    assert messages[-1] == (f"Saved as {new.name}", "notice", None)
    with qtbot.waitSignal(page.replay_requested) as other:
        page.rescored_bar.open_button.click()
    assert other.args == [new, 3.0]
    with qtbot.waitSignal(page.opened, timeout=WAIT):
        page.open(*other.args)
    assert page.player.time == 3.0
    assert page.settings.settings() == Settings(window=2.0)
    with Replay.open(new) as saved:
        assert saved.settings == Settings(window=2.0)


def test_moving_b_frame_by_frame_scores_again_and_saves_only_when_asked(
    qtbot: QtBot, show: Show, recording: Path, tmp_path: Path
) -> None:
    page = show(recording, 6.0)
    field = page.shift
    unmoved = page.view.feeds["b"].pose
    assert unmoved is not None
    for _ in range(3):
        with qtbot.waitSignal(page.rescorer.computed, timeout=WAIT):
            field.stepBy(1)
    assert field.value() == pytest.approx(0.1, abs=0.002)
    assert page.rescored_bar.text == f"Not saved: B {field.value():.3f} s later"
    assert sorted(tmp_path.glob("*.mirror")) == [recording]
    with Recording.open(recording) as stored:
        stored.shift_b = field.value()
        expected = score_again(stored, stored.settings, lambda *_: None)
        moved = stored.pose_at("b", 6.0)
        assert moved is not None
        shown = page.view.feeds["b"].pose
        assert shown is not None
        assert shown.time == moved.time
    path = tmp_path / "moved.mirror"
    with qtbot.waitSignal(page.rescorer.saved, timeout=WAIT):
        page.save(path)
    with Recording.open(path) as saved:
        assert saved.timeline().equals(expected)
        assert saved.session["alignment"]["shift_b_s"] == field.value()
    page.rescored_bar.revert_button.click()
    assert field.value() == 0.0
    assert page.rescored_bar.text == ""
    shown = page.view.feeds["b"].pose
    assert shown is not None
    assert shown.time == unmoved.time


def test_reports_failed_rescoring(
    qtbot: QtBot, show: Show, messages: Messages, recording: Path
) -> None:
    page = show(recording)
    recorded = page.settings.settings()
    recording.rename(recording.with_name("moved.mirror"))
    with qtbot.waitSignal(page.rescorer.discarded, timeout=WAIT):
        page.settings.changed.emit(Settings(window=2.0))
    assert "no recording" in messages[0][0]
    assert page.settings.settings() == recorded


# A long recording shows itself before all of its rows are read.


class Slow:
    """Replaces reading by one that waits for `go_on`."""

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


def test_seeks_in_long_recording_while_loading(
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


def test_closing_stops_loading(qtbot: QtBot, show: Show, slow: Slow, recording: Path) -> None:
    page = show(recording)
    page.close_recording()
    slow.go_on.set()
    assert slow.ended.wait(10)
    show(make_recording(recording.with_name("short.mirror"), seconds=1.0))
    qtbot.wait(50)
    assert OUTLINE not in rows_shown(page)
    with sqlite3.connect(recording) as db:  # no reader is left
        assert db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    db.close()


def test_new_scores_stay_when_loading_ends(
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


def test_unreadable_rows_are_reported_and_outline_stays(
    qtbot: QtBot, show: Show, slow: Slow, messages: Messages, recording: Path
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
    assert "a score is not a number" in messages[-1][0]
    with qtbot.waitSignal(page.row_loading.failed, timeout=WAIT):
        slow.go_on.set()
    assert messages[-1][1] == "error"
    assert OUTLINE in rows_shown(page)
    page.player.seek(5.0)
    assert page.view.score is not None


# Export.


def test_export_offers_the_selection(show: Show, recording: Path) -> None:
    page = show(recording)
    page.player.select((5.0, 7.0))
    press(page, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    dialog = page.findChild(ExportDialog)
    assert dialog is not None
    assert dialog.part.isChecked()
    assert dialog.note.isHidden()


def test_export_dialog_notes_unsaved_scores(qtbot: QtBot, show: Show, recording: Path) -> None:
    page = show(recording)
    rescored(qtbot, page, Settings(window=2.0))
    page.header.buttons["Export…"].click()
    dialog = page.findChild(ExportDialog)
    assert dialog is not None
    assert dialog.note.text() == UNSAVED_NOTE


def test_report_notes_unsaved_scores(
    qtbot: QtBot, show: Show, recording: Path, room: Path, messages: Messages
) -> None:
    page = show(recording)
    page.header.buttons["Report…"].click()
    assert not messages
    rescored(qtbot, page, Settings(window=2.0))
    page.header.buttons["Report…"].click()
    assert messages == [(UNSAVED_NOTE, "warning", None)]
    page = show(room, 5.0)
    page.exchange_here()  # not scored yet
    page.export()
    dialog = page.findChild(ExportDialog)
    assert dialog is not None
    assert dialog.note.text() == UNSAVED_NOTE


def test_reports_export(
    qtbot: QtBot, show: Show, messages: Messages, recording: Path, tmp_path: Path
) -> None:
    page = show(recording)
    page.exporter.export(recording, "csv", tmp_path / "out.csv")
    qtbot.waitUntil(lambda: bool(messages), timeout=WAIT)
    assert messages[0][:2] == (f"Exported to {tmp_path / 'out.csv'}", "notice")


# Without a mouse, and without seeing it.


def by_tab(page: ReplayPage) -> list[QWidget]:
    """Controls in tab order, from the first button on."""
    first = page.header.buttons["Summary"]
    order: list[QWidget] = [first]
    each = first.nextInFocusChain()
    while each is not None and each is not first:
        if (
            page.isAncestorOf(each)
            and each.isVisible()
            and each.isEnabled()
            and each.focusPolicy() & Qt.FocusPolicy.TabFocus
        ):
            order.append(each)
        each = each.nextInFocusChain()
    return order


def test_tab_order_follows_layout(show: Show, recording: Path) -> None:
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
    assert len(controls) == 14


def test_controls_have_accessible_names(show: Show, recording: Path) -> None:
    page = show(recording)
    for each in by_tab(page):
        text = getattr(each, "text", str)()
        assert each.accessibleName() or text, each


def test_who_is_who_is_said_by_a_click_and_undone(qtbot: QtBot, show: Show, tmp_path: Path) -> None:
    sources = {"a": "0#person=1", "b": "0#person=2"}
    path = make_recording(tmp_path / "room.mirror", sources=sources, unsure=[[10.5, 13.0]])
    page = show(path, 11.0)
    assert page.view.reach() == ", while it is not sure"
    with Recording.open(path) as recording:
        stored = recording.pose_at("b", 11.0)
    assert stored is not None
    place = landmarks(stored)[15, :2] * (stored.width, stored.height)  # B's wrist
    with qtbot.waitSignal(page.rescorer.computed, timeout=WAIT):
        page.view.person_shown.emit((float(place[0]), float(place[1])), "a")
    assert page.rescorer.repairs == (Repair("exchange", 10.5, 13.0),)
    assert page.rescored_bar.text == "Not saved: who is who corrected once"
    with qtbot.waitSignal(page.rescorer.computed, timeout=WAIT):
        page.player.select((14.0, 16.0))
        press(page, Qt.Key.Key_X)
    assert page.rescorer.repairs[-1] == Repair("exchange", 14.0, 16.0)
    saved = tmp_path / "said.mirror"
    with qtbot.waitSignal(page.rescorer.saved, timeout=WAIT):
        page.save(saved)
    with Recording.open(saved) as recording:
        assert len(recording.session["repairs"]) == 2
        assert recording.unsure.spans == [(10.5, 10.5), (14.0, 14.0), (16.0, 16.0)]
    assert page.unsaved == ""
    page.event_controls.log.history.undo()
    assert page.unsaved == "who is who corrected once"
    page.event_controls.log.history.undo()
    assert not page.rescorer.repairs
    assert page.rescored_bar.text == ""


@pytest.fixture
def room(tmp_path: Path) -> Path:
    sources = {"a": "0#person=1", "b": "0#person=2"}
    return make_recording(tmp_path / "room.mirror", sources=sources)


def test_correction_is_shown_at_once_from_the_shown_frame_on(
    show: Show, room: Path, messages: Messages
) -> None:
    page = show(room, 12.31)  # between two frames
    frame = page.view.tiles["a"].frame_view
    recorded = frame.grab().toImage()
    press(page, Qt.Key.Key_X)
    (repair,) = page.rescorer.repairs
    assert repair.what == "exchange"
    assert repair.start == pytest.approx(184 / FRAME_RATE)
    assert frame.grab().toImage() != recorded
    press(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert frame.grab().toImage() == recorded
    page.view.person_shown.emit((20.0, 40.0), None)  # on the wall
    assert not page.rescorer.repairs
    assert messages[-1][0].startswith("nobody is followed there")
    page.view.person_shown.emit((320.0, 240.0), None)
    (repair,) = page.rescorer.repairs
    assert repair.what == "not_a"
    assert repair.start == pytest.approx(184 / FRAME_RATE)
    assert frame.grab().toImage() != recorded


def test_enter_in_a_tile_says_who_it_is_and_for_how_long(
    qtbot: QtBot, show: Show, room: Path
) -> None:
    page = show(room, 5.0)
    frame = page.view.tiles["b"].frame_view
    frame.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(frame.hasFocus)
    for selection, reach in ((None, "from here on"), ((4.0, 6.0), "in the selection")):
        page.player.select(selection)
        qtbot.keyClick(frame, Qt.Key.Key_Return)
        actions = page.view.menu.actions()
        assert [action.text().partition(", ")[2] for action in actions] == [reach] * 3
        page.view.menu.close()
    actions[2].trigger()
    (repair,) = page.rescorer.repairs
    assert repair.what.startswith("not_")  # the two are at one place here
    assert (repair.start, repair.end) == (4.0, 6.0)


def test_corrections_outlive_a_cancelled_scoring_and_a_revert(
    qtbot: QtBot, show: Show, room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = show(room, 5.0)
    with qtbot.waitSignal(page.rescorer.computed, timeout=WAIT):
        press(page, Qt.Key.Key_X)
    first = page.rescorer.repairs
    score = RecordedMovement.score

    def endless(movement: RecordedMovement, settings: Settings, progress: Progress) -> Timeline:
        while len(page.rescorer.repairs) == 2:
            progress(1, 100)
        return score(movement, settings, progress)

    monkeypatch.setattr(RecordedMovement, "score", endless)
    page.player.seek(7.0)
    press(page, Qt.Key.Key_X)
    both = page.rescorer.repairs
    assert both[:-1] == first
    qtbot.waitUntil(page.scoring.isVisible, timeout=WAIT)
    with qtbot.waitSignal(page.rescorer.discarded, timeout=WAIT):
        page.scoring.cancel.click()
    assert page.rescorer.repairs == both
    assert page.rescored_bar.text == "Not saved, not scored yet: who is who corrected 2 times"
    assert SCORING not in rows_shown(page)
    page.rescored_bar.score_button.click()
    qtbot.waitUntil(page.scoring.isVisible, timeout=WAIT)
    with qtbot.waitSignal(page.rescorer.discarded, timeout=WAIT):
        page.scoring.cancel.click()
    page.rescored_bar.revert_button.click()
    assert not page.rescorer.repairs
    assert page.rescored_bar.text == ""
    page.event_controls.log.history.undo()
    assert page.rescorer.repairs == both
    with qtbot.waitSignal(page.rescorer.computed, timeout=WAIT):
        page.event_controls.log.history.undo()
    assert page.rescorer.repairs == first
    assert page.rescored_bar.text == "Not saved: who is who corrected once"
