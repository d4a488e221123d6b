from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from mirror import Recording
from mirror.errors import ModelError, PracticeError, RecordingError, SourceError
from mirror.events import Event
from mirror.mimicry import same_posture
from mirror.practice.exercise import Cue, Exercise, Round
from mirror.practice.goal import Attempt, Goal
from mirror.practice.run import Practice, Status
from mirror.session.live import LiveSession
from mirror.session.start import SessionRequest
from mirror.settings import Settings
from mirror.summary import sentence
from mirror.timeline import COLUMNS, Score, State
from tests.support.fake_sessions import FakeOpener
from ui.session.page import RESUMING, SessionPage
from ui.session.view import PAUSED, SessionView
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys
from ui.widgets.build import known

SHORT = Settings(window=1.0, band=(1.0, 3.0))


@pytest.fixture
def opener() -> FakeOpener:
    return FakeOpener()


@pytest.fixture
def page(
    qtbot: QtBot, preferences: Preferences, keys: Keys, opener: FakeOpener
) -> Iterator[SessionPage]:
    preferences.full_view = True
    page = SessionPage(preferences, keys, opener=opener)
    page.resize(1280, 740)
    page.show()
    page.activateWindow()
    yield page
    # qtbot would close the page before the session has ended.
    opener.may_open.set()
    page.stop()
    qtbot.waitUntil(lambda: not page.running, timeout=20_000)
    page.close()
    page.deleteLater()


def until(qtbot: QtBot, true: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(true()), timeout=20_000)


def begin(page: SessionPage, path: Path | None = None, **more) -> None:
    defaults: dict[str, Any] = {
        "a": "left",
        "b": "right",
        "labels": ("Anna", "Ben"),
        "settings": SHORT,
    }
    page.begin(SessionRequest(output=path, **(defaults | more)))


def begin_live(qtbot: QtBot, page: SessionPage, path: Path | None = None, **more) -> None:
    """Start a session and wait for frames."""
    begin(page, path, **more)
    until(qtbot, lambda: page.view.isVisible() and page.view.tiles["a"].frame_view.has_frame)


def wait_scored(qtbot: QtBot, page: SessionPage) -> None:
    until(qtbot, lambda: page.view.verdict.text.startswith("In phase"))


def test_computer_too_slow_is_said_with_what_helps(
    qtbot: QtBot, page: SessionPage, opener: FakeOpener, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_live(qtbot, page)
    session = opener.session
    assert session is not None
    newest = page.again.newest  # not after it: the session's own next rows must follow this one
    gap = Score(0.0 if newest is None else newest.time_s, State.GAP)
    page.poller.scores.emit([gap])
    assert page.view.verdict.text == sentence(gap)
    slow = {feed: replace(status, slow=True) for feed, status in session.status().items()}
    monkeypatch.setattr(session, "status", lambda: slow)
    page.poller.scores.emit([gap])
    assert page.view.verdict.text == "The computer is too slow: fewer programs help"


def test_window_paints_less_while_the_session_is_behind(
    qtbot: QtBot, page: SessionPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_live(qtbot, page)
    wait_scored(qtbot, page)
    assert page.poller.timer.interval() == 20
    monkeypatch.setattr(LiveSession, "behind", True)
    until(qtbot, lambda: page.poller.timer.interval() == 150 and page.view.timeline.sparing)
    assert not page.view.meters.animation.enabled
    page.poller.timer.stop()  # the rows below are the test's own
    newest = page.again.newest
    assert newest is not None
    before = page.view.timeline.background_key()
    for _ in range(4):
        page.poller.scores.emit([newest])
    assert page.view.timeline.background_key() == before
    page.view.set_sparing(sparing=False)
    before = page.view.timeline.background_key()
    page.poller.scores.emit([newest])
    assert page.view.timeline.background_key() == before + 1
    page.poller.timer.start()


def test_steps_are_shown_before_first_frame(
    qtbot: QtBot, page: SessionPage, opener: FakeOpener
) -> None:
    opener.may_open.clear()
    begin(page)
    assert page.running
    assert page.opening.isVisible()
    until(qtbot, lambda: page.opening.text.text() == "Fetching the pose model…")
    opener.may_open.set()
    until(qtbot, page.view.isVisible)
    assert not page.opening.isVisible()


def test_commands_before_opening_do_nothing(
    qtbot: QtBot, page: SessionPage, opener: FakeOpener, tmp_path: Path
) -> None:
    opener.may_open.clear()
    begin(page, tmp_path / "s.mirror")
    for command in (page.mark, page.mark_with_note, page.pause_or_resume, page.show_again):
        command()
    page.tag(1)
    changed = replace(SHORT, mapping="same-side")
    page.drawer.settings.changed.emit(changed)
    opener.may_open.set()
    wait_scored(qtbot, page)
    session = opener.session
    assert session is not None
    assert not session.paused
    assert session.settings == SHORT
    with qtbot.waitSignal(page.ended, timeout=20_000):
        page.stop()
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.events() == []


def test_frames_scores_and_status_are_shown(qtbot: QtBot, page: SessionPage) -> None:
    begin_live(qtbot, page)
    assert "Anna" in page.view.tiles["a"].accessibleName()
    assert "Ben" in page.view.tiles["b"].accessibleName()
    wait_scored(qtbot, page)
    for widget in (page.view.dial, page.view.meters, page.view.regions):
        assert re.search(r"\d\.\d\d", widget.accessibleDescription()), widget
    until(qtbot, lambda: "dropped" in page.view.tiles["a"].status_text)
    start, end = page.view.timeline.visible
    assert end - start == pytest.approx(60.0)


def test_ended_signal_has_recording(qtbot: QtBot, page: SessionPage, tmp_path: Path) -> None:
    begin_live(qtbot, page, tmp_path / "s.mirror")
    until(qtbot, lambda: page.controls.recording.text().startswith("● Recording"))
    with qtbot.waitSignal(page.ended, timeout=20_000) as ended:
        page.controls.stop.click()
        assert page.controls.stop.text() == "Stopping…"
    assert ended.args == [tmp_path / "s.mirror"]
    assert not page.running
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert recording.counts()["a"][0] > 0


def test_unrecorded_session_ends_with_what_is_known(
    qtbot: QtBot, page: SessionPage, opener: FakeOpener
) -> None:
    begin_live(qtbot, page, condition="seated")
    wait_scored(qtbot, page)
    page.mark()
    page.drawer.details.described.emit({"labels": ("Cleo", "Ben"), "notes": "well done"})
    with qtbot.waitSignal(page.ended, timeout=20_000) as ended:
        page.stop()
    assert ended.args is not None
    facts = ended.args[0].facts()
    assert facts.path is None
    assert facts.names == ("Cleo", "Ben")
    assert facts.started is not None
    assert (facts.session["condition"], facts.session["notes"]) == ("seated", "well done")
    assert [event.kind for event in facts.events] == ["mark"]
    assert facts.settings == SHORT
    assert opener.session is not None
    assert facts.summary == opener.session.summary()
    assert facts.summary.in_phase > 0


def test_pause_and_resume(
    qtbot: QtBot, page: SessionPage, opener: FakeOpener, tmp_path: Path
) -> None:
    begin_live(qtbot, page, tmp_path / "s.mirror")
    wait_scored(qtbot, page)
    page.setFocus()
    qtbot.keyClick(page, Qt.Key.Key_Space)
    assert page.view.verdict.text == PAUSED
    assert page.view.dial.accessibleDescription() == "No score"
    assert page.controls.pause.text() == "Resume"
    with qtbot.waitSignal(page.poller.frame):  # frames are still shown
        pass
    assert page.view.verdict.text == PAUSED
    qtbot.keyClick(page, Qt.Key.Key_Space)
    assert page.controls.pause.text() == "Pause"
    until(qtbot, lambda: page.view.verdict.text not in (PAUSED, RESUMING))
    until(qtbot, lambda: [event.kind for event in page.view.events] == ["pause", "resume"])
    newest, session = page.again.newest, known(opener.session)
    assert newest is not None
    for ago_s, said in ((0.5, "Warming up"), (1.5, "Too few frames")):
        session.resumed_s = newest.time_s - ago_s
        page.poller.scores.emit([Score(newest.time_s, State.GAP)])
        assert page.view.verdict.text.startswith(said)
    rounds = (Round("1", 99.0, Goal("in_phase", threshold=0.5)),)
    exercise = Exercise("x", "X", "", rounds, window_s=SHORT.window + 2.0)
    practice = Practice(exercise, exercise.settings(SHORT), newest.time_s - 9.0)
    practice.add([Score(newest.time_s, State.GAP)])
    session.practice = practice.status(newest.time_s)
    page.poller.scores.emit([Score(newest.time_s, State.OK)])
    assert page.view.verdict.text.startswith("Warming up")  # in its own, longer window


def test_marks_are_shown_and_recorded(qtbot: QtBot, page: SessionPage, tmp_path: Path) -> None:
    begin_live(qtbot, page, tmp_path / "s.mirror")
    page.setFocus()
    qtbot.keyClick(page, Qt.Key.Key_M)
    qtbot.keyClick(page, Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    note = page.controls.note
    assert note.isVisible()
    with qtbot.waitSignal(page.poller.frame):  # the note does not block
        pass
    qtbot.keyClicks(note, "they smile")
    qtbot.keyClick(note, Qt.Key.Key_Return)
    until(qtbot, lambda: len(page.view.events) == 2)
    with qtbot.waitSignal(page.ended, timeout=20_000):
        page.stop()
    with Recording.open(tmp_path / "s.mirror") as recording:
        marks = [(event.kind, event.text) for event in recording.events()]
    assert marks == [("mark", ""), ("mark", "they smile")]


def test_space_pauses_after_note_and_drawer(qtbot: QtBot, page: SessionPage) -> None:
    begin_live(qtbot, page)
    until(qtbot, page.isActiveWindow)
    qtbot.keyClick(page, Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    assert page.controls.note.hasFocus()
    qtbot.keyClick(page.controls.note, Qt.Key.Key_Return)
    assert page.hasFocus()
    page.controls.details.click()
    page.drawer.details.findChild(QLineEdit).setFocus()
    page.controls.details.click()
    assert page.hasFocus()
    qtbot.keyClick(page, Qt.Key.Key_Space)
    assert page.view.verdict.text == PAUSED


def test_unwritable_folder_is_mended_in_the_window(
    qtbot: QtBot,
    page: SessionPage,
    opener: FakeOpener,
    preferences: Preferences,
    tmp_path: Path,
) -> None:
    opener.fault = RecordingError("cannot write /nowhere/s.mirror: Permission denied")
    begin(page, Path("/nowhere/s.mirror"))
    until(qtbot, page.opening.back.isVisible)
    shown = {each.text(): each for each in page.findChildren(QPushButton) if each.isVisible()}
    opener.fault = None
    shown["Choose folder…"].click()
    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path))
    dialog.reject()
    until(qtbot, page.view.isVisible)
    assert preferences.recordings_folder == tmp_path
    with qtbot.waitSignal(page.ended, timeout=20_000) as ended:
        page.stop()
    assert ended.args == [tmp_path / "s.mirror"]
    opener.fault = RecordingError("cannot write /nowhere/s.mirror: Permission denied")
    begin(page, Path("/nowhere/s.mirror"))
    until(qtbot, page.opening.back.isVisible)
    opener.fault = None
    shown["Go on without recording"].click()
    until(qtbot, page.view.isVisible)
    assert opener.session is not None
    assert opener.session.recorder is None


def test_settings_change_during_session(
    qtbot: QtBot, page: SessionPage, preferences: Preferences, opener: FakeOpener
) -> None:
    begin_live(qtbot, page)
    session = opener.session
    assert session is not None
    page.controls.settings.click()
    assert page.drawer.settings.isVisible()
    page.drawer.settings.changed.emit(SHORT.changed(mapping="same-side"))
    until(qtbot, lambda: session.settings.mapping == "same-side")
    assert preferences.settings == Settings()  # tried here, not chosen for the next session
    until(qtbot, lambda: page.view.events)
    assert page.view.events[0].kind == "settings"


def test_mapping_that_fits_better_is_one_click_away(
    qtbot: QtBot, page: SessionPage, opener: FakeOpener, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_live(qtbot, page)
    session = opener.session
    assert session is not None
    assert page.standing.text.text() == "How do they stand?"
    assert page.standing.buttons["mirror"].isChecked()
    monkeypatch.setattr(type(session), "better_mapping", "same-side")
    until(qtbot, lambda: page.standing.text.text() == "Fits better:")
    monkeypatch.undo()
    page.standing.buttons["same-side"].click()
    until(qtbot, lambda: session.settings.mapping == "same-side")
    until(qtbot, lambda: page.standing.text.text() == "How do they stand?")
    assert page.standing.buttons["same-side"].isChecked()
    assert page.drawer.settings.settings().mapping == "same-side"


def test_unsupported_settings_are_reported(
    qtbot: QtBot, page: SessionPage, preferences: Preferences
) -> None:
    begin_live(qtbot, page)
    before = preferences.settings
    with qtbot.waitSignal(page.message) as message:
        page.drawer.settings.changed.emit(SHORT.changed(rate=25.0))
    assert message.args[1] == "error"
    assert "rate" in message.args[0]
    assert preferences.settings == before


def test_labels_and_condition_change_during_session(
    qtbot: QtBot, page: SessionPage, preferences: Preferences, tmp_path: Path
) -> None:
    begin_live(qtbot, page, tmp_path / "s.mirror")
    page.controls.details.click()
    edits = {edit.accessibleName(): edit for edit in page.drawer.details.findChildren(QLineEdit)}
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


def test_recording_can_stop_before_session(qtbot: QtBot, page: SessionPage, tmp_path: Path) -> None:
    begin_live(qtbot, page, tmp_path / "s.mirror")
    page.controls.details.click()
    page.drawer.details.stop_clicked.emit()
    until(qtbot, lambda: page.controls.recording.text().startswith("Not recording"))
    assert page.running
    with qtbot.waitSignal(page.ended, timeout=20_000) as ended:
        page.stop()
    assert ended.args == [tmp_path / "s.mirror"]


def test_failed_feed_is_reported_and_other_continues(
    qtbot: QtBot, page: SessionPage, opener: FakeOpener, tmp_path: Path
) -> None:
    begin_live(qtbot, page, tmp_path / "s.mirror")
    with qtbot.waitSignal(page.message, timeout=20_000) as message:
        opener.sources[1].end("camera right has stopped sending frames")
    assert message.args == ["camera right has stopped sending frames", "warning"]
    until(qtbot, lambda: "stopped sending" in page.view.tiles["b"].message)
    assert page.running
    with qtbot.waitSignal(page.poller.frame) as signal:
        pass
    assert signal.args[0] == "a"
    until(qtbot, lambda: [event.kind for event in page.view.events] == ["warning"])
    until(qtbot, lambda: page.view.verdict.text.startswith("No more frames of Ben come"))


def test_feed_trouble_and_recovery_are_shown(
    qtbot: QtBot, page: SessionPage, opener: FakeOpener, tmp_path: Path
) -> None:
    begin_live(qtbot, page, tmp_path / "s.mirror")
    right = opener.sources[1]
    right.break_down("unplugged; waiting for it")
    until(qtbot, lambda: page.view.tiles["b"].message == "Unplugged; waiting for it")
    assert page.view.tiles["a"].message == ""
    until(qtbot, lambda: len(page.view.events) == 1)
    right.recover()
    until(qtbot, lambda: page.view.tiles["b"].message == "")
    until(qtbot, lambda: len(page.view.events) == 2)
    texts = [event.text for event in page.view.events]
    assert texts[0].endswith(": unplugged; waiting for it")
    assert "frames arrive again" in texts[1]


def test_feed_trouble_is_shown_before_first_frame(
    qtbot: QtBot, page: SessionPage, opener: FakeOpener, tmp_path: Path
) -> None:
    opener.broken = "unplugged; waiting for it"
    page.begin(SessionRequest(a="left", b="right"))
    until(qtbot, lambda: "A (left): unplugged; waiting for it" in page.opening.text.text())
    assert "B (right): unplugged; waiting for it" in page.opening.text.text()
    for source in opener.sources:
        source.recover()
    with qtbot.waitSignal(page.poller.frame):
        pass


def test_session_ends_with_both_feeds(
    qtbot: QtBot, page: SessionPage, opener: FakeOpener, tmp_path: Path
) -> None:
    begin_live(qtbot, page, tmp_path / "s.mirror")
    with qtbot.waitSignal(page.ended, timeout=20_000) as ended:
        for source in opener.sources:
            source.end()
    assert ended.args == [tmp_path / "s.mirror"]


def test_failed_start_can_be_retried_or_left(
    qtbot: QtBot, page: SessionPage, opener: FakeOpener
) -> None:
    opener.fault = SourceError("camera left is not there, or another program has it")
    begin(page)
    until(qtbot, page.opening.back.isVisible)
    assert not page.running
    assert page.opening.text.text() == str(opener.fault)
    buttons = {button.text(): button for button in page.opening.findChildren(QPushButton)}
    with qtbot.waitSignal(page.back_clicked):
        qtbot.mouseClick(buttons["Back to the start page"], Qt.MouseButton.LeftButton)
    opener.fault = None
    qtbot.mouseClick(buttons["Try again"], Qt.MouseButton.LeftButton)
    assert page.running
    until(qtbot, page.view.isVisible)


def test_failure_after_stop_ends_session(
    qtbot: QtBot, page: SessionPage, opener: FakeOpener
) -> None:
    opener.may_open.clear()
    opener.fault = ModelError("no model")
    begin(page)
    until(qtbot, opener.reached.is_set)
    with qtbot.waitSignals([page.ended, page.message], timeout=20_000):
        page.stop()
        opener.may_open.set()
    assert not page.running


def test_next_session_waits_for_cancelled_one(
    qtbot: QtBot, page: SessionPage, opener: FakeOpener
) -> None:
    opener.may_open.clear()
    begin(page)
    until(qtbot, opener.reached.is_set)
    cancel = next(b for b in page.opening.findChildren(QPushButton) if b.text() == "Cancel")
    with qtbot.waitSignal(page.ended) as ended:
        qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    assert ended.args == [None]
    assert not page.running
    begin(page)
    until(qtbot, lambda: page.opening.text.text().startswith("Waiting for the previous session"))
    opener.may_open.set()
    until(qtbot, page.view.isVisible)


def test_second_session_starts_empty(qtbot: QtBot, page: SessionPage) -> None:
    begin_live(qtbot, page)
    wait_scored(qtbot, page)
    page.mark()
    until(qtbot, lambda: page.view.events)
    with qtbot.waitSignal(page.ended, timeout=20_000):
        page.stop()
    begin(page, labels=("Carol", "Dan"))
    assert page.view.events == []
    assert page.view.verdict.text == ""
    assert not page.view.tiles["a"].frame_view.has_frame
    assert "Carol" in page.view.tiles["a"].accessibleName()
    assert page.controls.stop.isEnabled()


def test_demo_shows_scene(qtbot: QtBot, page: SessionPage) -> None:
    begin_live(qtbot, page, a="demo:a", b="demo:b")
    until(qtbot, page.view.caption.text)
    assert page.view.caption.text() == "Demo scene: In phase: the same at the same time"
    assert [event.kind for event in page.view.events] == ["truth"]
    with qtbot.waitSignal(page.ended, timeout=20_000):
        page.stop()
    begin(page)
    assert page.view.caption.text() == ""


def test_skeleton_only_is_remembered(
    qtbot: QtBot, page: SessionPage, preferences: Preferences
) -> None:
    begin_live(qtbot, page)
    page.setFocus()
    qtbot.keyClick(page, Qt.Key.Key_S)
    assert preferences.skeleton_only
    assert not page.view.tiles["a"].frame_view.has_frame
    with qtbot.waitSignal(page.ended, timeout=20_000):
        page.stop()
    begin(page)
    assert page.controls.skeleton.isChecked()


def test_coach_view_follows_session(qtbot: QtBot, page: SessionPage) -> None:
    begin_live(qtbot, page)
    page.controls.coach.click()
    assert page.coaching.view.isVisible()
    until(qtbot, lambda: page.coaching.view.texts[0] == "In phase")
    page.pause_or_resume()
    assert page.coaching.view.texts == ("Paused", "")
    page.pause_or_resume()
    until(qtbot, lambda: page.coaching.view.texts != ("Paused", ""))
    page.show_coach()
    assert not page.coaching.view.isVisible()
    page.show_coach()
    with qtbot.waitSignal(page.ended, timeout=20_000):
        page.stop()
    assert not page.coaching.view.isVisible()


def test_coach_view_shares_keys(qtbot: QtBot, page: SessionPage) -> None:
    begin_live(qtbot, page)
    with qtbot.waitActive(page.coaching.view):
        page.show_coach()
    qtbot.keyClick(page.coaching.view, Qt.Key.Key_M)
    until(qtbot, lambda: [event.kind for event in page.view.events] == ["mark"])
    assert page.coaching.view.texts[1] == "Marked"
    until(qtbot, lambda: page.coaching.view.texts[1] != "Marked")
    qtbot.keyClick(page.coaching.view, Qt.Key.Key_Space)
    assert page.controls.pause.text() == "Resume"
    assert page.coaching.view.accessibleDescription() == "Paused"


def test_missing_sound_is_explained(
    qtbot: QtBot, page: SessionPage, preferences: Preferences, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(page.coaching.tone), "problem", property(lambda _: "No audio output"))
    preferences.sound = True
    begin_live(qtbot, page)
    assert not page.controls.sound.isEnabled()
    assert page.controls.sound.toolTip() == "No audio output"
    assert preferences.sound  # kept for when there is an output again
    monkeypatch.setattr(type(page.coaching.tone), "problem", property(lambda _: ""))
    preferences.sound = False
    page.coaching.tone.changed.emit()
    assert page.controls.sound.isEnabled()
    assert not page.controls.sound.isChecked()


def test_controls_have_names_and_tab_focus(qtbot: QtBot, page: SessionPage) -> None:
    for kind in (QPushButton, QComboBox, QLineEdit):
        for control in page.findChildren(kind):
            if control.objectName().startswith("qt_"):
                continue  # part of a Qt control
            named = control.accessibleName() or getattr(control, "text", str)()
            assert named, control
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, named


BRIEF = Exercise(
    "brief",
    "Brief",
    "For a test.",
    (
        Round("Try", 3.0, Goal("in_phase", threshold=0.5, hold_s=0.5), (Cue(0.0, "{a} leads"),)),
        Round("Again", 60.0, Goal("anti_phase", threshold=0.5, hold_s=5.0)),
    ),
    rest_s=0.0,
    window_s=1.0,
)


class Listener:
    """Remembers what would be said and played."""

    def __init__(self, page: SessionPage, monkeypatch: pytest.MonkeyPatch) -> None:
        self.heard: list[str] = []
        monkeypatch.setattr(page.speaker, "say", self.heard.append)
        monkeypatch.setattr(page.speaker, "chime", lambda: self.heard.append("chime"))


def test_exercise_is_shown_said_and_judged(
    qtbot: QtBot, page: SessionPage, opener: FakeOpener, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener(page, monkeypatch)
    begin_live(qtbot, page)
    rows: list[Score] = []  # of the session's own window
    page.poller.scores.connect(rows.extend)
    assert page.practice.isHidden()
    page.drawer.practice.exercise_begun.emit(BRIEF)
    until(qtbot, page.practice.isVisible)
    assert page.practice.cue.text() == "Anna leads"
    until(qtbot, lambda: "chime" in listener.heard)
    assert listener.heard == ["Anna leads", "chime"]
    newest = rows[-1]
    alike: dict[str, Any] = {name: 0.9 for name in COLUMNS if name.startswith("posture_match")}
    still = replace(newest, state=State.STILL, **alike)
    still = replace(still, chance_posture_match=0.5, chance_posture_match_head=0.5)
    page.poller.scores.emit([still])
    for said in (page.view.verdict.text, page.view.dial.accessibleDescription()):
        assert said.startswith("In phase")
    # Postures are the session's: an exercise knows none of before.
    kept = page.again.newest
    assert kept is not None
    assert (kept.state, kept.posture_match, same_posture(kept)) == (State.OK, 0.9, ("head",))
    assert page.coaching.view.meters.accessibleDescription().startswith("In phase")
    assert page.practice.hold.text.startswith("Held")
    # A round whose first window is not full yet says nothing of its own.
    goal, warming_up = BRIEF.rounds[0].goal, replace(kept, state=State.WARMING_UP)
    status = Status(BRIEF, "round", 0, 1.0, "", Attempt(goal, 0.0, 1.0, 0.1), (), warming_up)
    with monkeypatch.context() as patch:
        fixed = property(lambda _: status, lambda *_: None)
        patch.setattr(LiveSession, "practice", fixed, raising=False)
        page.poller.scores.emit([newest])
    assert page.again.newest is newest
    assert page.view.dial.accessibleDescription().startswith("In phase")
    until(qtbot, lambda: page.practice.doing.text().startswith("Brief · Again"))
    page.practice.end.click()
    until(qtbot, lambda: page.practice.end.text() == "Close")
    assert "Try: goal held" in page.practice.results.text()
    assert "Again: " in page.practice.results.text()
    until(qtbot, lambda: sum(event.kind == "result" for event in page.view.events) == 2)
    page.practice.again.click()
    until(qtbot, page.practice.again.isHidden)
    page.practice.end.click()
    until(qtbot, page.practice.summary.isVisible)
    page.practice.end.click()
    assert page.practice.isHidden()
    with qtbot.waitSignal(page.ended, timeout=20_000):
        page.practice.summary.click()


def test_goal_is_set_by_key_and_drawer(
    qtbot: QtBot, page: SessionPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    listener = Listener(page, monkeypatch)
    begin_live(qtbot, page, tmp_path / "s.mirror")
    page.setFocus()
    qtbot.keyClick(page, Qt.Key.Key_G)
    form = page.drawer.practice
    assert form.isVisible()
    assert form.score.itemText(0) == "Ben follows Anna"
    form.score.setCurrentIndex(3)
    form.by_chance.setChecked(False)
    form.chimes.setChecked(False)
    form.hold.setValue(1.0)
    form.set_goal.click()
    assert not page.drawer.isVisible()
    until(qtbot, lambda: page.practice.hold.text.endswith("✓"))
    assert listener.heard == []
    qtbot.keyClick(page, Qt.Key.Key_G)
    assert form.isVisible()
    with qtbot.waitSignal(page.ended, timeout=20_000):
        page.stop()
    with Recording.open(tmp_path / "s.mirror") as recording:
        (result,) = recording.results()
    assert result.success is True


def test_goal_and_tags_of_a_person_are_offered_again(
    qtbot: QtBot, page: SessionPage, preferences: Preferences
) -> None:
    preferences.people = ["Anna", "Ben"]
    form, goal = page.drawer.practice, Goal("mirroring", 0.4, hold_s=3.0, lag=(-2.0, 0.0))
    begin_live(qtbot, page)
    form.goal_set.emit(goal)
    page.drawer.details.tags.setText("smile, laughs")
    page.drawer.details.tags.editingFinished.emit()
    page.drawer.settings.choose_mapping("same-side")
    assert preferences.habits["Anna"] == {
        "goal": goal.to_dict(),
        "tags": ["smile", "laughs"],
        "mapping": "same-side",
    }
    with qtbot.waitSignal(page.ended, timeout=20_000):
        page.stop()
    form.show_goal(Goal("in_phase"))
    begin_live(qtbot, page, labels=("Cid", "Ben"))
    assert form.goal() == goal


def test_stored_goal_of_another_version_is_left_out(
    qtbot: QtBot, page: SessionPage, preferences: Preferences
) -> None:
    preferences.people = ["Anna"]
    preferences.keep_habits(["Anna"], goal={"score": "rapport"})
    begin_live(qtbot, page)
    assert page.drawer.practice.goal() == Goal(lag=(0.0, 1.0), hold_s=8.0)


def test_partner_is_large_if_a_person_practises_alone(qtbot: QtBot, page: SessionPage) -> None:
    begin_live(qtbot, page, a="demo:a#exercise=swap", b="0")
    until(qtbot, lambda: page.view.tiles["a"].width() > 1.8 * page.view.tiles["b"].width())
    dial = page.view.dial
    assert not dial.isHidden()
    assert min(dial.width(), dial.height()) > 150


@pytest.mark.parametrize("how", [{"alone": True}, {"a": "demo:a", "b": "demo:b"}])
def test_partner_names_nobody_of_later_sessions(
    qtbot: QtBot, page: SessionPage, preferences: Preferences, how: dict[str, Any]
) -> None:
    preferences.labels, preferences.tour_seen = ("Anna", "Ben"), True
    begin_live(qtbot, page, labels=("Partner", "Ben"), **how)
    page.drawer.details.described.emit({"labels": ("Partner", "Carol")})
    assert preferences.labels == ("Anna", "Ben")
    assert page.drawer.practice.score.itemText(0) == "Carol follows Partner"


def test_goal_has_the_settings_in_force(
    qtbot: QtBot, page: SessionPage, opener: FakeOpener, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_live(qtbot, page)
    session = opener.session
    assert session is not None
    page.drawer.settings.changed.emit(SHORT.changed(max_lag=0.4))
    until(qtbot, lambda: session.settings.max_lag == 0.4)
    begun: list[Exercise] = []
    monkeypatch.setattr(session, "practise", begun.append)
    page.drawer.practice.goal_set.emit(Goal("mirroring", threshold=0.5))
    until(qtbot, lambda: begun)
    assert [each.max_lag_s for each in begun] == [0.4]


def test_posture_to_copy_is_found_beside_the_window(
    qtbot: QtBot, page: SessionPage, opener: FakeOpener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exercise that was ended, or replaced by another, meanwhile is not begun."""
    threads, may_end = [], threading.Event()

    def find(exercise: Exercise, a: str) -> Exercise:
        threads.append(threading.current_thread())
        assert may_end.wait(20.0)
        if exercise.name == "unfit":
            raise PracticeError("nobody is found in it")
        return replace(exercise, picture=a)

    monkeypatch.setattr("ui.session.page.with_target", find)
    begin_live(qtbot, page, a="pose.png#left")
    begun: list[Exercise | None] = []
    monkeypatch.setattr(opener.session, "practise", begun.append)
    for name in ("first", "second"):
        page.drawer.practice.exercise_begun.emit(replace(BRIEF, name=name))
    until(qtbot, lambda: len(threads) == 2)
    assert threading.main_thread() not in threads
    may_end.set()
    until(qtbot, lambda: begun)
    assert [(each.name, each.picture) for each in begun if each] == [("second", "pose.png#left")]
    may_end.clear()
    page.drawer.practice.exercise_begun.emit(BRIEF)
    until(qtbot, lambda: len(threads) == 3)
    page.practice.end_clicked.emit()
    may_end.set()
    with qtbot.waitSignal(page.message) as message:
        page.drawer.practice.exercise_begun.emit(replace(BRIEF, name="unfit"))
    assert message.args == ["nobody is found in it", "error"]
    assert [each and each.name for each in begun] == ["second", None]


def test_unfit_exercise_is_a_message(qtbot: QtBot, page: SessionPage) -> None:
    begin_live(qtbot, page)
    with qtbot.waitSignal(page.message) as message:
        page.drawer.practice.exercise_begun.emit(replace(BRIEF, window_s=0.2))
    assert message.args is not None
    assert "window" in message.args[0]


def test_simple_view_is_the_default_and_one_key_shows_everything(
    qtbot: QtBot, page: SessionPage, preferences: Preferences
) -> None:
    preferences.full_view = False
    begin_live(qtbot, page)
    view = page.view
    full = (view.dial, view.regions, view.timeline)
    always = (*view.tiles.values(), view.meters, view.verdict)
    assert not any(widget.isVisible() for widget in full)
    assert all(widget.isVisible() for widget in (*always, view.meter))
    until(qtbot, lambda: view.meters.accessibleDescription().startswith("Mirroring "))
    assert "In phase" not in view.meters.accessibleDescription()
    qtbot.keyClick(page, Qt.Key.Key_V)
    assert all(widget.isVisible() for widget in (*full, *always))
    assert not view.meter.isVisible()
    assert view.meters.accessibleDescription().startswith("In phase ")
    assert preferences.full_view
    qtbot.keyClick(page, Qt.Key.Key_V)
    assert not view.dial.isVisible()
    assert not preferences.full_view


def test_simple_view_shows_the_meter_of_the_goal(
    qtbot: QtBot, page: SessionPage, preferences: Preferences
) -> None:
    preferences.full_view = False
    begin_live(qtbot, page)
    goal = Goal("anti_phase", threshold=0.5, hold_s=5.0)
    page.drawer.practice.exercise_begun.emit(
        replace(BRIEF, rounds=(Round("Opposites", 60.0, goal),))
    )
    until(qtbot, lambda: page.view.meters.accessibleDescription().startswith("Anti-phase "))
    assert not page.view.meter.isVisible()
    coach = page.coaching.view
    until(qtbot, lambda: coach.meters.accessibleDescription().startswith("Anti-phase "))
    assert coach.texts[1].startswith("Opposites")
    page.practice.end.click()
    until(qtbot, page.view.meter.isVisible)
    assert page.view.meters.accessibleDescription().startswith("Mirroring ")


def test_chosen_meter_is_remembered(
    qtbot: QtBot, page: SessionPage, preferences: Preferences
) -> None:
    preferences.full_view = False
    begin_live(qtbot, page)
    page.view.meter.setCurrentIndex(page.view.meter.findData("anti_phase"))
    page.view.meter.activated.emit(page.view.meter.currentIndex())
    until(qtbot, lambda: page.view.meters.accessibleDescription().startswith("Anti-phase "))
    assert preferences.meter == "anti_phase"
    preferences.meter = "of another version"
    with qtbot.waitSignal(page.ended, timeout=20_000):
        page.stop()
    begin_live(qtbot, page)
    assert page.view.meter.chosen == "mirroring"


def test_keys_mark_with_the_trainers_tags(
    qtbot: QtBot, page: SessionPage, preferences: Preferences, tmp_path: Path
) -> None:
    begin_live(qtbot, page, tmp_path / "s.mirror")
    assert page.drawer.details.tags.placeholderText().startswith("for example")
    qtbot.keyClick(page, Qt.Key.Key_2)  # the moment is kept before the key has a name
    until(qtbot, lambda: page.view.caption.text().endswith("Tag 2"))
    page.controls.details.click()
    page.drawer.details.tags.setText("smile, laughs ")
    page.drawer.details.tags.editingFinished.emit()
    assert preferences.tags == ["smile", "laughs"]
    page.controls.details.click()
    preferences.tags = ["pause", "laughs"]
    with qtbot.waitSignal(page.message) as signal:
        qtbot.keyClick(page, Qt.Key.Key_1)  # nor as an event of the program's own
    assert signal.args[0] == "pause is an event of mirror's own: rename tag 1 in Details"
    until(qtbot, lambda: page.view.caption.text().endswith("Tag 1"))
    preferences.tags = ["smile", "laughs"]
    qtbot.keyClick(page, Qt.Key.Key_2)
    until(qtbot, lambda: [event.kind for event in page.view.events] == ["Tag 2", "Tag 1", "laughs"])
    assert page.view.caption.isVisible()  # the simple view has no timeline
    assert page.view.caption.text().endswith("laughs")
    with qtbot.waitSignal(page.ended, timeout=20_000):
        page.stop()
    with Recording.open(tmp_path / "s.mirror") as recording:
        assert [event.kind for event in recording.events()] == ["Tag 2", "Tag 1", "laughs"]
    page.begin(SessionRequest(a="left", b="right"))
    assert page.drawer.details.tags.text() == "smile, laughs"


def test_mark_is_confirmed_for_a_while_and_never_widens_the_window(qtbot: QtBot) -> None:
    view = SessionView()
    qtbot.addWidget(view)
    view.show()
    width = view.minimumSizeHint().width()
    note = Event(2.0, "note", "so funny " * 26)
    for scene in ("", "Demo scene: In phase"):
        if scene:
            view.add_events([Event(1.0, "truth", "In phase")])
        assert view.caption.text() == scene
        idle = running_timers(view)
        view.add_events([note])
        assert view.caption.text().endswith(note.text)
        assert view.caption.isVisible()
        assert view.minimumSizeHint().width() == width
        (timer,) = running_timers(view) - idle
        timer.stop()
        timer.timeout.emit()
        assert view.caption.text() == scene
        assert view.caption.isVisible() == bool(scene)
    view.add_events([note])
    view.clear()
    assert view.caption.text() == ""


def running_timers(view: SessionView) -> set[QTimer]:
    return {each for each in view.findChildren(QTimer) if each.isActive()}


def test_timeline_is_scrolled_back_and_returns_to_now(qtbot: QtBot, page: SessionPage) -> None:
    begin_live(qtbot, page)
    timeline, now = page.view.timeline, page.controls.now
    assert timeline.following
    assert not now.isVisible()
    timeline.held.emit()
    timeline.follow(None)
    page.pause_or_resume()
    page.controls.skeleton_toggled.emit(True)
    assert not timeline.following
    assert now.isVisible()
    qtbot.keyClick(page, Qt.Key.Key_N)
    assert timeline.following
    assert not now.isVisible()


def test_key_shows_last_seconds_again_and_the_session_goes_on(
    qtbot: QtBot, page: SessionPage, opener: FakeOpener
) -> None:
    begin_live(qtbot, page)
    wait_scored(qtbot, page)
    page.setFocus()
    qtbot.keyClick(page, Qt.Key.Key_R)
    assert page.again.running
    assert page.view.again_note.isVisible()
    assert page.controls.again.text() == "Back"
    until(qtbot, lambda: page.view.tiles["a"].status_text == "")
    page.view.add_events([Event(1.0, "truth", "opposite")])
    assert page.view.caption.isHidden()
    before = page.again.newest
    until(qtbot, lambda: page.again.newest is not before)
    qtbot.keyClick(page, Qt.Key.Key_R)
    assert not page.again.running
    assert page.controls.again.text() == "Last 15 s"
    assert page.view.again_note.isHidden()
    assert page.view.caption.isVisible()
    until(qtbot, lambda: page.view.tiles["a"].status_text != "")
    assert page.view.timeline.following
    qtbot.keyClick(page, Qt.Key.Key_R)
    qtbot.keyClick(page, Qt.Key.Key_N)
    assert not page.again.running
    qtbot.keyClick(page, Qt.Key.Key_R)
    page.controls.skeleton.setChecked(True)
    assert not page.again.running
    until(qtbot, lambda: page.again.newest is not None)
    assert all(image is None for kept in page.again.moments.values() for _, image, _ in kept)
    qtbot.keyClick(page, Qt.Key.Key_R)
    assert page.controls.again.text() == "Back"
    with qtbot.waitSignal(page.ended, timeout=20_000):
        page.stop()
    assert page.controls.again.text() == "Last 15 s"


def test_window_is_left_out_of_what_is_read_of_the_screen(
    qtbot: QtBot, page: SessionPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden: list[set[object]] = []
    monkeypatch.setattr(
        "mirror.capture.screen.hide_own_windows", lambda *boxes: hidden.append(set(boxes))
    )
    begin_live(qtbot, page, a="screen:1#left", b="screen:1#right")
    assert hidden[0]  # before a frame is read
    page.show_coach()

    def both() -> set[object]:
        return {each.frameGeometry().getCoords() for each in (page, page.coaching.view)}

    assert len(both()) == 2
    until(qtbot, lambda: hidden[-1] >= both())


def test_click_on_a_person_of_one_picture_says_who_it_is(
    qtbot: QtBot, page: SessionPage, opener: FakeOpener, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[tuple[float, float], str | None]] = []
    begin_live(qtbot, page, a="0#person=1", b="0#person=2")
    session = opener.session
    assert session is not None
    monkeypatch.setattr(session, "show_person", lambda place, feed: told.append((place, feed)))
    monkeypatch.setattr(session, "exchange_people", lambda: told.append(((0, 0), "exchanged")))
    page.grab()  # a frame has been painted
    qtbot.mouseClick(page.view.tiles["a"].frame_view, Qt.MouseButton.LeftButton)
    menu = page.view.menu
    assert [action.text() for action in menu.actions()] == [
        "This is Anna",
        "This is Ben",
        "Not one of us",
    ]
    menu.actions()[1].trigger()
    menu.close()
    ((place, feed),) = told
    assert feed == "b"
    assert place == pytest.approx((32, 24), abs=2)
    qtbot.keyClick(page, Qt.Key.Key_X)
    assert told[-1][1] == "exchanged"
    tile = page.view.tiles["b"].frame_view
    tile.setFocus(Qt.FocusReason.TabFocusReason)
    until(qtbot, tile.hasFocus)
    qtbot.keyClick(tile, Qt.Key.Key_Return)
    menu.actions()[2].trigger()
    menu.close()
    place, feed = told[-1]
    assert feed is None
    assert 0 < place[0] < 64
    assert 0 < place[1] < 48
