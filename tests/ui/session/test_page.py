from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QComboBox, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from mirror import Recording
from mirror.errors import ModelError, SourceError
from mirror.session.start import SessionRequest
from mirror.settings import Settings
from tests.support.fake_sessions import Opening
from ui.session.page import SessionPage
from ui.session.view import PAUSED
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys

SHORT = Settings(window=1.0, band=(1.0, 3.0))


@pytest.fixture
def opening() -> Opening:
    return Opening()


@pytest.fixture
def page(
    qtbot: QtBot, preferences: Preferences, keys: Keys, opening: Opening
) -> Iterator[SessionPage]:
    made = SessionPage(preferences, keys, opener=opening)
    made.resize(1280, 740)
    made.show()
    made.activateWindow()
    yield made
    # Not left to qtbot, which closes what it was given before a session could come to its end.
    opening.may_open.set()
    made.stop()
    qtbot.waitUntil(lambda: not made.running, timeout=20_000)
    made.close()
    made.deleteLater()


def until(qtbot: QtBot, true: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(true()), timeout=20_000)


def begin(page: SessionPage, path: Path | None = None, **more) -> None:
    about = {"a": "left", "b": "right", "labels": ("Anna", "Ben"), "settings": SHORT}
    page.begin(SessionRequest(output=path, **(about | more)))


def on(qtbot: QtBot, page: SessionPage, path: Path | None = None, **more) -> None:
    """A session that shows pictures."""
    begin(page, path, **more)
    until(qtbot, lambda: page.view.isVisible() and page.view.tiles["a"].has_frame)


def scored(qtbot: QtBot, page: SessionPage) -> None:
    until(qtbot, lambda: page.view.verdict.text.startswith("In phase"))


def test_it_says_what_it_is_doing_before_the_first_picture(
    qtbot: QtBot, page: SessionPage, opening: Opening
) -> None:
    opening.may_open.clear()
    begin(page)
    assert page.running
    assert page.opening.isVisible()
    until(qtbot, lambda: page.opening.words == "Fetching the pose model …")
    opening.may_open.set()
    until(qtbot, page.view.isVisible)
    assert not page.opening.isVisible()


def test_pictures_scores_and_status_are_shown(qtbot: QtBot, page: SessionPage) -> None:
    on(qtbot, page)
    assert "Anna" in page.view.tiles["a"].accessibleName()
    assert "Ben" in page.view.tiles["b"].accessibleName()
    scored(qtbot, page)
    for widget in (page.view.dial, page.view.meters, page.view.regions):
        assert re.search(r"\d\.\d\d", widget.accessibleDescription()), widget
    until(qtbot, lambda: "dropped" in page.view.tiles["a"].status_text)
    start, end = page.view.timeline.visible
    assert end - start == pytest.approx(60.0)


def test_the_end_is_told_with_the_recording(
    qtbot: QtBot, page: SessionPage, tmp_path: Path
) -> None:
    on(qtbot, page, tmp_path / "s.mirror")
    until(qtbot, lambda: page.controls.recording.startswith("● Recording"))
    with qtbot.waitSignal(page.ended, timeout=20_000) as ended:
        page.controls.stop.click()
        assert page.controls.stop.text() == "Stopping …"
    assert ended.args == [tmp_path / "s.mirror"]
    assert not page.running
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.counts()["a"][0] > 0


def test_a_session_that_is_not_recorded_says_so_and_ends_with_nothing(
    qtbot: QtBot, page: SessionPage
) -> None:
    on(qtbot, page)
    until(qtbot, lambda: page.controls.recording.startswith("Not recording"))
    with qtbot.waitSignal(page.ended, timeout=20_000) as ended:
        page.stop()
    assert ended.args == [None]


def test_pause_shows_no_score_and_resume_goes_on(
    qtbot: QtBot, page: SessionPage, tmp_path: Path
) -> None:
    on(qtbot, page, tmp_path / "s.mirror")
    scored(qtbot, page)
    page.setFocus()
    qtbot.keyClick(page, Qt.Key.Key_Space)
    assert page.view.verdict.text == PAUSED
    assert page.view.dial.accessibleDescription() == "No score"
    assert page.controls.pause.text() == "Resume"
    with qtbot.waitSignal(page.watch.picture):  # the pictures go on
        pass
    assert page.view.verdict.text == PAUSED
    qtbot.keyClick(page, Qt.Key.Key_Space)
    assert page.controls.pause.text() == "Pause"
    until(qtbot, lambda: page.view.verdict.text not in (PAUSED, "Going on …"))
    assert [event.kind for event in page.view.events] == ["pause", "resume"]


def test_marks_go_into_timeline_and_recording(
    qtbot: QtBot, page: SessionPage, tmp_path: Path
) -> None:
    on(qtbot, page, tmp_path / "s.mirror")
    page.setFocus()
    qtbot.keyClick(page, Qt.Key.Key_M)
    qtbot.keyClick(page, Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    note = page.controls.note
    assert note.isVisible()
    with qtbot.waitSignal(page.watch.picture):  # it blocks nothing
        pass
    qtbot.keyClicks(note, "they smile")
    qtbot.keyClick(note, Qt.Key.Key_Return)
    until(qtbot, lambda: len(page.view.events) == 2)
    with qtbot.waitSignal(page.ended, timeout=20_000):
        page.stop()
    with Recording.open(tmp_path / "s.mirror") as recording:
        marks = [(event.kind, event.text) for event in recording.events()]
    assert marks == [("mark", ""), ("mark", "they smile")]


def test_after_a_note_or_a_drawer_space_still_means_pause(qtbot: QtBot, page: SessionPage) -> None:
    on(qtbot, page)
    until(qtbot, page.isActiveWindow)
    qtbot.keyClick(page, Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    assert page.controls.note.hasFocus()
    qtbot.keyClick(page.controls.note, Qt.Key.Key_Return)
    assert page.hasFocus()
    page.controls.about.click()
    page.drawer.about.findChild(QLineEdit).setFocus()
    page.controls.about.click()
    assert page.hasFocus()
    qtbot.keyClick(page, Qt.Key.Key_Space)
    assert page.view.verdict.text == PAUSED


def test_settings_change_while_it_runs(
    qtbot: QtBot, page: SessionPage, preferences: Preferences, opening: Opening
) -> None:
    on(qtbot, page)
    page.controls.settings.click()
    assert page.drawer.settings.isVisible()
    page.drawer.settings.changed.emit(SHORT.changed(mapping="same-side"))
    until(qtbot, lambda: opening.session.settings.mapping == "same-side")
    assert preferences.settings.mapping == "same-side"
    until(qtbot, lambda: page.view.events)
    assert page.view.events[0].kind == "settings"


def test_settings_that_cannot_be_taken_up_are_said(
    qtbot: QtBot, page: SessionPage, preferences: Preferences
) -> None:
    on(qtbot, page)
    before = preferences.settings
    with qtbot.waitSignal(page.message) as message:
        page.drawer.settings.changed.emit(SHORT.changed(rate=25.0))
    assert message.args[1] == "error"
    assert "rate" in message.args[0]
    assert preferences.settings == before


def test_labels_and_condition_change_while_it_runs(
    qtbot: QtBot, page: SessionPage, preferences: Preferences, tmp_path: Path
) -> None:
    on(qtbot, page, tmp_path / "s.mirror")
    page.controls.about.click()
    edits = {edit.accessibleName(): edit for edit in page.drawer.about.findChildren(QLineEdit)}
    edits["Label of person A"].setText("Carol")
    edits["Condition"].setText("standing")
    edits["Condition"].editingFinished.emit()
    assert "Carol" in page.view.tiles["a"].accessibleName()
    assert preferences.labels == ("Carol", "Ben")
    with qtbot.waitSignal(page.ended, timeout=20_000):
        page.stop()
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.session["labels"] == {"a": "Carol", "b": "Ben"}
        assert recording.session["condition"] == "standing"


def test_the_recording_can_end_before_the_session(
    qtbot: QtBot, page: SessionPage, tmp_path: Path
) -> None:
    on(qtbot, page, tmp_path / "s.mirror")
    page.controls.about.click()
    page.drawer.about.stop_recording.emit()
    until(qtbot, lambda: page.controls.recording.startswith("Not recording"))
    assert page.running
    with qtbot.waitSignal(page.ended, timeout=20_000) as ended:
        page.stop()
    assert ended.args == [tmp_path / "s.mirror"]


def test_a_feed_that_fails_says_so_and_the_other_goes_on(
    qtbot: QtBot, page: SessionPage, opening: Opening, tmp_path: Path
) -> None:
    on(qtbot, page, tmp_path / "s.mirror")
    with qtbot.waitSignal(page.message, timeout=20_000) as message:
        opening.sources[1].end("camera right has stopped sending pictures")
    assert message.args == ["camera right has stopped sending pictures", "warning"]
    until(qtbot, lambda: "stopped sending" in page.view.tiles["b"].message)
    assert page.running
    with qtbot.waitSignal(page.watch.picture) as goes_on:
        pass
    assert goes_on.args[0] == "a"
    until(qtbot, lambda: [event.kind for event in page.view.events] == ["warning"])


def test_trouble_with_a_feed_is_said_in_its_tile_and_in_the_timeline_and_so_is_its_end(
    qtbot: QtBot, page: SessionPage, opening: Opening, tmp_path: Path
) -> None:
    on(qtbot, page, tmp_path / "s.mirror")
    right = opening.sources[1]
    right.break_down("unplugged; waiting for it")
    until(qtbot, lambda: page.view.tiles["b"].message == "Unplugged; waiting for it")
    assert page.view.tiles["a"].message == ""
    until(qtbot, lambda: len(page.view.events) == 1)
    right.recover()
    until(qtbot, lambda: page.view.tiles["b"].message == "")
    until(qtbot, lambda: len(page.view.events) == 2)
    texts = [event.text for event in page.view.events]
    assert texts[0].endswith(": unplugged; waiting for it")
    assert "pictures come again" in texts[1]


def test_without_a_first_picture_it_is_said_what_keeps_it(
    qtbot: QtBot, page: SessionPage, opening: Opening, tmp_path: Path
) -> None:
    opening.broken = "unplugged; waiting for it"
    page.begin(SessionRequest(a="left", b="right"))
    until(qtbot, lambda: "A (left): unplugged; waiting for it" in page.opening.words)
    assert "B (right): unplugged; waiting for it" in page.opening.words
    for source in opening.sources:
        source.recover()
    with qtbot.waitSignal(page.watch.picture):
        pass


def test_it_ends_by_itself_with_both_feeds(
    qtbot: QtBot, page: SessionPage, opening: Opening, tmp_path: Path
) -> None:
    on(qtbot, page, tmp_path / "s.mirror")
    with qtbot.waitSignal(page.ended, timeout=20_000) as ended:
        for source in opening.sources:
            source.end()
    assert ended.args == [tmp_path / "s.mirror"]


def test_what_keeps_it_from_beginning_is_said_with_a_way_back_and_another_try(
    qtbot: QtBot, page: SessionPage, opening: Opening
) -> None:
    opening.fault = SourceError("camera left is not there, or another program has it")
    begin(page)
    until(qtbot, lambda: page.opening.has_failed)
    assert not page.running
    assert page.opening.words == str(opening.fault)
    buttons = {button.text(): button for button in page.opening.findChildren(QPushButton)}
    with qtbot.waitSignal(page.back):
        qtbot.mouseClick(buttons["Back to the start page"], Qt.MouseButton.LeftButton)
    opening.fault = None
    qtbot.mouseClick(buttons["Try again"], Qt.MouseButton.LeftButton)
    assert page.running
    until(qtbot, page.view.isVisible)


def test_a_failure_after_stop_was_asked_still_ends_the_session(
    qtbot: QtBot, page: SessionPage, opening: Opening
) -> None:
    opening.may_open.clear()
    opening.fault = ModelError("no model")
    begin(page)
    until(qtbot, opening.reached.is_set)
    with qtbot.waitSignals([page.ended, page.message], timeout=20_000):
        page.stop()
        opening.may_open.set()
    assert not page.running


def test_opening_can_be_cancelled_and_the_next_session_waits_for_it(
    qtbot: QtBot, page: SessionPage, opening: Opening
) -> None:
    opening.may_open.clear()
    begin(page)
    until(qtbot, opening.reached.is_set)
    cancel = next(b for b in page.opening.findChildren(QPushButton) if b.text() == "Cancel")
    with qtbot.waitSignal(page.ended) as ended:
        qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    assert ended.args == [None]
    assert not page.running
    begin(page)
    until(qtbot, lambda: page.opening.words.startswith("Waiting for the session before"))
    opening.may_open.set()
    until(qtbot, page.view.isVisible)


def test_a_second_session_shows_nothing_of_the_first(qtbot: QtBot, page: SessionPage) -> None:
    on(qtbot, page)
    scored(qtbot, page)
    page.mark()
    until(qtbot, lambda: page.view.events)
    with qtbot.waitSignal(page.ended, timeout=20_000):
        page.stop()
    begin(page, labels=("Carol", "Dan"))
    assert page.view.events == ()
    assert page.view.verdict.text == ""
    assert not page.view.tiles["a"].has_frame
    assert "Carol" in page.view.tiles["a"].accessibleName()
    assert page.controls.stop.isEnabled()


def test_the_demo_says_what_the_script_says(qtbot: QtBot, page: SessionPage) -> None:
    on(qtbot, page, a="demo:a", b="demo:b")
    until(qtbot, lambda: page.view.caption)
    assert page.view.caption == "The script says: In phase: relative phase 0°, lag 0 s"
    assert [event.kind for event in page.view.events] == ["truth"]
    with qtbot.waitSignal(page.ended, timeout=20_000):
        page.stop()
    begin(page)
    assert page.view.caption == ""


def test_skeletons_alone_are_remembered(
    qtbot: QtBot, page: SessionPage, preferences: Preferences
) -> None:
    on(qtbot, page)
    page.setFocus()
    qtbot.keyClick(page, Qt.Key.Key_S)
    assert preferences.skeleton_only
    assert not page.view.tiles["a"].has_frame
    with qtbot.waitSignal(page.ended, timeout=20_000):
        page.stop()
    begin(page)
    assert page.controls.skeleton.isChecked()


def test_the_coach_view_opens_follows_and_closes(qtbot: QtBot, page: SessionPage) -> None:
    on(qtbot, page)
    page.controls.coach.click()
    assert page.coaching.view.isVisible()
    until(qtbot, lambda: page.coaching.view.words[0] == "In phase")
    page.pause_or_resume()
    assert page.coaching.view.words == ("Paused", "")
    page.pause_or_resume()
    until(qtbot, lambda: page.coaching.view.words != ("Paused", ""))
    page.show_coach()
    assert not page.coaching.view.isVisible()
    page.show_coach()
    with qtbot.waitSignal(page.ended, timeout=20_000):
        page.stop()
    assert not page.coaching.view.isVisible()


def test_the_coach_view_marks_and_pauses_by_the_same_keys(qtbot: QtBot, page: SessionPage) -> None:
    on(qtbot, page)
    with qtbot.waitActive(page.coaching.view):
        page.show_coach()
    qtbot.keyClick(page.coaching.view, Qt.Key.Key_M)
    until(qtbot, lambda: [event.kind for event in page.view.events] == ["mark"])
    assert page.coaching.view.words[1] == "Marked"
    until(qtbot, lambda: page.coaching.view.words[1] != "Marked")
    qtbot.keyClick(page.coaching.view, Qt.Key.Key_Space)
    assert page.controls.pause.text() == "Resume"
    assert page.coaching.view.accessibleDescription() == "Paused"


def test_sound_is_off_at_first_and_says_why_it_cannot_be_on(
    qtbot: QtBot, page: SessionPage, preferences: Preferences, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(page.coaching.tone), "why_not", property(lambda _: "No audio output"))
    preferences.sound = True
    on(qtbot, page)
    assert not page.controls.hear.isEnabled()
    assert page.controls.no_sound == "No audio output"
    assert preferences.sound  # for where there is one again
    monkeypatch.setattr(type(page.coaching.tone), "why_not", property(lambda _: ""))
    preferences.sound = False
    page.coaching.tone.changed.emit()
    assert page.controls.hear.isEnabled()
    assert not page.controls.hear.isChecked()


def test_every_control_is_named_and_reached_by_tab(qtbot: QtBot, page: SessionPage) -> None:
    for kind in (QPushButton, QComboBox, QLineEdit):
        for control in page.findChildren(kind):
            if control.objectName().startswith("qt_"):
                continue  # the inside of one of Qt's own controls
            named = control.accessibleName() or getattr(control, "text", str)()
            assert named, control
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, named
